/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/interrupt.h"

#include "cli/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

/* A signal handler has no other way to its data. */
static struct
{
  KhInterruptFunc func;
  gpointer data;
  int pipe[2];
  guint pipe_source;
  guint output_source;
  volatile sig_atomic_t n_signals;
  volatile sig_atomic_t has_status;
  volatile sig_atomic_t status;
} watch;

static void
on_signal (int number)
{
  int error = errno;

  if (watch.n_signals++ > 0 || write (watch.pipe[1], "!", 1) < 0)
    _exit (watch.has_status ? watch.status : 128 + number);
  errno = error;
}

static gboolean
on_pipe (int fd, G_GNUC_UNUSED GIOCondition condition, G_GNUC_UNUSED gpointer data)
{
  char byte;

  if (read (fd, &byte, 1) == 1)
    watch.func (FALSE, watch.data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_output_closed (G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition,
                  G_GNUC_UNUSED gpointer data)
{
  watch.output_source = 0;
  watch.func (TRUE, watch.data);
  return G_SOURCE_REMOVE;
}

/* Only a pipe says that its reader has gone. */
static gboolean
output_is_pipe (void)
{
  struct stat info;

  return fstat (KH_TERMINAL_OUTPUT, &info) == 0
         && (S_ISFIFO (info.st_mode) || S_ISSOCK (info.st_mode));
}

static void
catch_signal (int number)
{
  struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
  struct sigaction inherited;

  if (number != SIGTERM && sigaction (number, NULL, &inherited) == 0
      && inherited.sa_handler == SIG_IGN)
    return;
  sigaction (number, &action, NULL);
}

void
kh_interrupt_watch (KhInterruptFunc func, gpointer data)
{
  g_return_if_fail (watch.func == NULL);
  watch.func = func;
  watch.data = data;
  if (g_unix_open_pipe (watch.pipe, FD_CLOEXEC, NULL))
    {
      watch.pipe_source = g_unix_fd_add (watch.pipe[0], G_IO_IN, on_pipe, NULL);
      catch_signal (SIGINT);
      catch_signal (SIGTERM);
      catch_signal (SIGHUP);
    }
  if (output_is_pipe ())
    watch.output_source
        = g_unix_fd_add (KH_TERMINAL_OUTPUT, G_IO_ERR, on_output_closed, NULL);
}

void
kh_interrupt_unwatch (void)
{
  g_clear_handle_id (&watch.pipe_source, g_source_remove);
  g_clear_handle_id (&watch.output_source, g_source_remove);
}

void
kh_interrupt_set_status (int status)
{
  watch.status = status;
  watch.has_status = TRUE;
}

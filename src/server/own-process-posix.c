/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/own-process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

void
kh_own_process_prepare (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDWR) != fd)
      _exit (EXIT_FAILURE);
}

char **
kh_own_process_arguments (int argc, char **argv)
{
  char *nameless[] = { "knothole-server", NULL };

  return g_strdupv (argc > 0 ? argv : nameless);
}

guint
kh_own_process_raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return 1024;
  if (limit.rlim_cur < limit.rlim_max)
    {
      struct rlimit raised = { limit.rlim_max, limit.rlim_max };

      if (setrlimit (RLIMIT_NOFILE, &raised) == 0)
        limit = raised;
    }
  return (guint)MIN (limit.rlim_cur, (rlim_t)G_MAXINT);
}

static void
on_signal (uv_signal_t *handle, int number)
{
  KhService *self = handle->loop->data;

  if (number == SIGUSR1)
    kh_service_say_statistics (self);
  else if (number != SIGHUP) /* a terminal that closes ends nothing */
    kh_service_end (self);
}

void
kh_own_process_watch_ends (KhService *service)
{
  static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1 };

  G_STATIC_ASSERT (G_N_ELEMENTS (numbers) <= G_N_ELEMENTS (service->signals));
  signal (SIGPIPE, SIG_IGN);
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      uv_signal_init (&service->loop, &service->signals[i]);
      uv_signal_start (&service->signals[i], on_signal, numbers[i]);
      uv_unref ((uv_handle_t *)&service->signals[i]);
    }
}

void
kh_own_process_ignore_ends (void)
{
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGHUP);
  sigaddset (&set, SIGUSR1);
  sigprocmask (SIG_BLOCK, &set, NULL);
}

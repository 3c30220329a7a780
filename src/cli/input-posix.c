/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/input.h"

#include <errno.h>
#include <glib-unix.h>
#include <unistd.h>

struct _KhInput
{
  int fd;
  KhInputFunc func;
  gpointer data;
  guint source; /* Owned */
  gboolean ended;
};

static gboolean
on_readable (int fd, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  KhInput *self = data;
  char bytes[KH_INPUT_PIECE_LEN];
  ssize_t len = read (fd, bytes, sizeof bytes);

  if (len < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  /* An error is the end as well: EIO when the terminal is gone. */
  if (len <= 0)
    {
      self->ended = TRUE;
      self->source = 0;
    }
  self->func (bytes, len > 0 ? (gsize)len : 0, self->data);
  return self->source != 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

KhInput *
kh_input_new (int fd, KhInputFunc func, gpointer data)
{
  KhInput *self = g_new0 (KhInput, 1);

  self->fd = fd;
  self->func = func;
  self->data = data;
  return self;
}

void
kh_input_free (KhInput *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  g_free (self);
}

void
kh_input_pause (KhInput *self, gboolean paused)
{
  if (paused)
    g_clear_handle_id (&self->source, g_source_remove);
  else if (self->source == 0 && !self->ended)
    self->source
        = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);
}

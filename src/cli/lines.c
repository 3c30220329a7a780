/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/lines.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#define READ_LEN 4096

struct _KhLines
{
  int fd;
  gsize max;
  KhLinesFunc func;
  gpointer data;
  /* Owned */
  GString *line; /* read so far */
  GString *rest; /* read, but paused before it was looked at */
  guint source;
  /* State */
  gboolean paused;
  gboolean ended;
  gboolean busy; /* in hand_out() */
};

static void
take_line (KhLines *self)
{
  g_autoptr (GString) line = g_steal_pointer (&self->line);

  self->line = g_string_new (NULL);
  if (line->len > 0 && line->str[line->len - 1] == '\r')
    g_string_truncate (line, line->len - 1);
  self->func (line->str, self->data);
}

/* Hands out what has been read, until it is used up or paused. */
static void
hand_out (KhLines *self)
{
  gsize at = 0;

  if (self->busy)
    return;
  self->busy = TRUE;
  for (; at < self->rest->len && !self->paused; at++)
    {
      char byte = self->rest->str[at];

      if (byte == '\n')
        take_line (self);
      else if (self->line->len <= self->max)
        g_string_append_c (self->line, byte != '\0' ? byte : '\xff');
    }
  g_string_erase (self->rest, 0, at);
  if (self->ended && !self->paused && self->rest->len == 0 && self->func != NULL)
    {
      KhLinesFunc func = self->func;

      if (self->line->len > 0)
        take_line (self);
      self->func = NULL;
      func (NULL, self->data);
    }
  self->busy = FALSE;
}

static gboolean
on_readable (int fd, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  KhLines *self = data;
  char bytes[READ_LEN];
  ssize_t len = read (fd, bytes, sizeof bytes);

  if (len < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;
  /* An error is the end as well: EIO when the terminal is gone. */
  if (len <= 0)
    {
      self->ended = TRUE;
      self->source = 0;
    }
  else
    g_string_append_len (self->rest, bytes, len);
  hand_out (self);
  return self->source != 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

KhLines *
kh_lines_new (int fd, gsize max, KhLinesFunc func, gpointer data)
{
  KhLines *self = g_new0 (KhLines, 1);

  self->fd = fd;
  self->max = max;
  self->func = func;
  self->data = data;
  self->line = g_string_new (NULL);
  self->rest = g_string_new (NULL);
  self->paused = TRUE;
  return self;
}

void
kh_lines_free (KhLines *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  g_string_free (self->line, TRUE);
  g_string_free (self->rest, TRUE);
  g_free (self);
}

void
kh_lines_pause (KhLines *self, gboolean paused)
{
  if (self->paused == paused)
    return;
  self->paused = paused;
  if (paused)
    {
      g_clear_handle_id (&self->source, g_source_remove);
      return;
    }
  hand_out (self);
  if (!self->paused && !self->ended && self->source == 0)
    self->source
        = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self);
}

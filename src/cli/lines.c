/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/lines.h"

#include "cli/input.h"

struct _KhLines
{
  gsize max;
  KhLinesFunc func;
  gpointer data;
  /* Owned */
  GString *line; /* read so far */
  GString *rest; /* read, but paused before it was looked at */
  KhInput *input;
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

static void
on_input (const char *bytes, gsize len, gpointer data)
{
  KhLines *self = data;

  if (len == 0)
    self->ended = TRUE;
  else
    g_string_append_len (self->rest, bytes, len);
  hand_out (self);
}

KhLines *
kh_lines_new (int fd, gsize max, KhLinesFunc func, gpointer data)
{
  KhLines *self = g_new0 (KhLines, 1);

  self->max = max;
  self->func = func;
  self->data = data;
  self->line = g_string_new (NULL);
  self->rest = g_string_new (NULL);
  self->input = kh_input_new (fd, on_input, self);
  self->paused = TRUE;
  return self;
}

void
kh_lines_free (KhLines *self)
{
  kh_input_free (self->input);
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
  if (!paused)
    hand_out (self);
  kh_input_pause (self->input, self->paused || self->ended);
}

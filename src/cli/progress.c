/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress.h"

#include "cli/text.h"

#define NAME_CELLS 24
#define LEAST_BAR_CELLS 6
#define MOST_BAR_CELLS 40
#define LONGEST_LEFT_S (99 * 3600) /* beyond that a number says nothing */

static guint
cells_of (gunichar character)
{
  if (g_unichar_iszerowidth (character))
    return 0;
  return g_unichar_iswide (character) ? 2 : 1;
}

static guint
width_of (const char *text)
{
  guint width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    width += cells_of (g_utf8_get_char (text));
  return width;
}

/* @text in at most @width cells, its end cut off where it is longer. */
static char *
fit (const char *text, guint width)
{
  GString *out = g_string_new (NULL);
  guint used = 0;

  if (width_of (text) <= width)
    return g_string_free (g_string_assign (out, text), FALSE);
  for (; width > 0 && *text != '\0'; text = g_utf8_next_char (text))
    {
      guint cells = cells_of (g_utf8_get_char (text));

      if (used + cells > width - 1)
        break;
      g_string_append_unichar (out, g_utf8_get_char (text));
      used += cells;
    }
  if (width > 0)
    g_string_append (out, "\342\200\246"); /* … */
  return g_string_free (out, FALSE);
}

static char *
time_left (const KhProgress *self)
{
  double left_s = (double)(self->total - self->bytes) / self->speed;
  g_autofree char *text = NULL;

  if (left_s > LONGEST_LEFT_S)
    return g_strdup ("");
  text = kh_text_duration ((gint64)(left_s + 0.5));
  return g_strdup_printf (", %s left", text);
}

/* "5.1 MB/s, 10 s left", or nothing. */
static char *
pace (const KhProgress *self)
{
  g_autofree char *speed = NULL;
  g_autofree char *left = NULL;

  if (self->speed < 1)
    return g_strdup ("");
  speed = kh_text_size ((guint64)self->speed);
  left = time_left (self);
  return g_strdup_printf ("%s/s%s", speed, left);
}

static char *
draw (guint percent, guint cells)
{
  guint full = cells * percent / 100;
  GString *out = g_string_new ("[");

  for (guint cell = 0; cell < cells; cell++)
    g_string_append_c (out, cell < full ? '#' : '.');
  return g_string_free (g_string_append_c (out, ']'), FALSE);
}

void
kh_progress_start (KhProgress *self, gint64 now_us, guint64 total)
{
  *self = (KhProgress){ .total = total, .sampled_at_us = now_us };
}

void
kh_progress_advance (KhProgress *self, gint64 now_us, guint64 bytes)
{
  gint64 passed_us = now_us - self->sampled_at_us;
  double speed;

  self->bytes = MIN (bytes, self->total);
  if (passed_us < KH_PROGRESS_SAMPLE_US)
    return;
  speed = self->bytes > self->sampled_bytes
              ? (double)(self->bytes - self->sampled_bytes) * 1e6 / (double)passed_us
              : 0;
  self->speed = self->speed < 1
                    ? speed
                    : self->speed * (1 - KH_PROGRESS_WEIGHT) + speed * KH_PROGRESS_WEIGHT;
  self->sampled_at_us = now_us;
  self->sampled_bytes = self->bytes;
}

guint
kh_progress_percent (const KhProgress *self)
{
  if (self->bytes >= self->total)
    return 100;
  return (guint)((double)self->bytes * 100 / (double)self->total);
}

char *
kh_progress_bar (const KhProgress *self, const char *name, guint width)
{
  g_autofree char *shown = fit (name, MIN (NAME_CELLS, width));
  g_autofree char *bytes = kh_text_size (self->bytes);
  g_autofree char *total = kh_text_size (self->total);
  g_autofree char *speed = pace (self);
  g_autofree char *numbers
      = g_strdup_printf ("%3u%%  %s of %s%s%s", kh_progress_percent (self), bytes, total,
                         *speed != '\0' ? "  " : "", speed);
  g_autofree char *bar = NULL;
  g_autofree char *line = NULL;
  guint used = width_of (shown) + 2 + width_of (numbers);

  if (used + 2 + LEAST_BAR_CELLS + 2 <= width)
    {
      bar = draw (kh_progress_percent (self), MIN (width - used - 4, MOST_BAR_CELLS));
      return g_strdup_printf ("%s  %s  %s", shown, bar, numbers);
    }
  line = g_strdup_printf ("%s  %s", shown, numbers);
  return fit (line, width);
}

char *
kh_progress_line (const KhProgress *self, const char *name)
{
  g_autofree char *total = kh_text_size (self->total);
  g_autofree char *speed = pace (self);

  return g_strdup_printf ("%s: %u%% of %s%s%s", name, kh_progress_percent (self), total,
                          *speed != '\0' ? ", " : "", speed);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/progress.h"

#include "cli/cells.h"
#include "cli/text.h"

#define NAME_CELLS 24
#define LEAST_NAME_CELLS 12
#define LEAST_BAR_CELLS 6
#define MOST_BAR_CELLS 40
#define LONGEST_LEFT_S (99 * 3600) /* beyond that a number says nothing */

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

/* "3 of 120 files", or nothing where there is but one. */
static char *
files (const KhProgress *self)
{
  g_autofree char *done = kh_text_number (self->n_done);
  g_autofree char *all = kh_text_count (self->n_files, "file", "files");

  return self->n_files > 1 ? g_strdup_printf ("%s of %s", done, all) : g_strdup ("");
}

static guint
percent_of (guint64 bytes, guint64 total)
{
  if (bytes >= total)
    return 100;
  return (guint)((double)bytes * 100 / (double)total);
}

/* " (37%)" of the file on its way, or nothing. */
static char *
own_percent (const KhProgress *self)
{
  if (self->n_files <= 1 || self->file_total <= KH_PROGRESS_LARGE_FILE)
    return g_strdup ("");
  return g_strdup_printf (" (%2u%%)", percent_of (self->file_bytes, self->file_total));
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

/* Everything but name and bar. */
static char *
numbers (const KhProgress *self)
{
  g_autofree char *bytes = kh_text_size (self->bytes);
  g_autofree char *total = kh_text_size (self->total);
  g_autofree char *count = files (self);
  g_autofree char *speed = pace (self);

  return g_strdup_printf ("%3u%%  %s of %s%s%s%s%s", kh_progress_percent (self), bytes,
                          total, *count != '\0' ? "  " : "", count,
                          *speed != '\0' ? "  " : "", speed);
}

/* "photo.jpg (37%)" in @free_cells, without the percent where it does not fit. */
static char *
describe_file (const KhProgress *self, const char *name, guint width, guint free_cells)
{
  g_autofree char *percent = own_percent (self);
  guint percent_cells = kh_cells_width (percent);
  guint least = MIN (kh_cells_width (name), LEAST_NAME_CELLS);
  g_autofree char *shown = NULL;

  if (least + percent_cells > free_cells)
    percent_cells = 0;
  shown = kh_cells_fit (
      name,
      MIN (CLAMP (free_cells - percent_cells, LEAST_NAME_CELLS, NAME_CELLS), width));
  return g_strconcat (shown, percent_cells > 0 ? percent : "", NULL);
}

void
kh_progress_start (KhProgress *self, gint64 now_us, guint64 bytes, guint64 total)
{
  *self = (KhProgress){ .bytes = MIN (bytes, total),
                        .total = total,
                        .sampled_at_us = now_us,
                        .sampled_bytes = MIN (bytes, total) };
}

void
kh_progress_advance (KhProgress *self, gint64 now_us, guint64 bytes, guint64 total)
{
  gint64 passed_us = now_us - self->sampled_at_us;
  double speed;

  self->total = total;
  self->bytes = MIN (bytes, total);
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

void
kh_progress_count (KhProgress *self, guint n_done, guint n_files)
{
  self->n_done = MIN (n_done, n_files);
  self->n_files = n_files;
}

void
kh_progress_file (KhProgress *self, guint64 bytes, guint64 total)
{
  self->file_bytes = MIN (bytes, total);
  self->file_total = total;
}

guint
kh_progress_percent (const KhProgress *self)
{
  return percent_of (self->bytes, self->total);
}

char *
kh_progress_bar (const KhProgress *self, const char *name, guint width)
{
  g_autofree char *rest = numbers (self);
  guint rest_cells = kh_cells_width (rest) + 2;
  guint free_cells = width > rest_cells ? width - rest_cells : 0;
  g_autofree char *shown = describe_file (self, name, width, free_cells);
  guint used = kh_cells_width (shown) + rest_cells;
  g_autofree char *line = NULL;

  if (used + 2 + LEAST_BAR_CELLS + 2 <= width)
    {
      g_autofree char *bar
          = draw (kh_progress_percent (self), MIN (width - used - 4, MOST_BAR_CELLS));

      return g_strdup_printf ("%s  %s  %s", shown, bar, rest);
    }
  line = g_strdup_printf ("%s  %s", shown, rest);
  return kh_cells_fit (line, width);
}

char *
kh_progress_line (const KhProgress *self, const char *name)
{
  g_autofree char *total = kh_text_size (self->total);
  g_autofree char *count = files (self);
  g_autofree char *speed = pace (self);

  return g_strdup_printf ("%s: %u%% of %s%s%s%s%s", name, kh_progress_percent (self),
                          total, *count != '\0' ? ", " : "", count,
                          *speed != '\0' ? ", " : "", speed);
}

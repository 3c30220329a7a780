/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * progress.h - how far a file is, how fast, and a line that shows it.
 *
 * start(), then advance() with every report; bar() and line() at any time. Neither
 * prints. Times are microseconds on the caller's monotonic clock, widths are cells
 * of a terminal.
 */
#pragma once

#include <glib.h>

/* The speed is measured over at least so long: shorter and it jumps. */
#define KH_PROGRESS_SAMPLE_US G_GINT64_CONSTANT (500000)

/* How much a new sample counts against the speed so far. */
#define KH_PROGRESS_WEIGHT 0.3

/* Read any field; change them only through the functions below. */
typedef struct
{
  guint64 bytes;
  guint64 total;
  double speed; /* bytes a second; 0 while unknown */
  gint64 sampled_at_us;
  guint64 sampled_bytes;
} KhProgress;

void kh_progress_start (KhProgress *self, gint64 now_us, guint64 total);
void kh_progress_advance (KhProgress *self, gint64 now_us, guint64 bytes);

/* 0 to 100; an empty file is whole. 100 only when all of it is there. */
guint kh_progress_percent (const KhProgress *self);

/* For a terminal, at most @width cells: name, bar, size, speed, time left, as many of
 * them as fit. @name must be clean. */
char *kh_progress_bar (const KhProgress *self, const char *name, guint width);

/* For a log: the same in words. */
char *kh_progress_line (const KhProgress *self, const char *name);

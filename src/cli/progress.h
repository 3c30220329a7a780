/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * progress.h - how far a transfer is, how fast, and a line that shows it.
 *
 * start() where it begins or goes on, then advance() and file() with every report, and
 * count() where the number of files is known; bar() and line() at any time. Neither
 * prints. Times are microseconds on the caller's monotonic clock, widths are cells of a
 * terminal.
 */
#pragma once

#include <glib.h>

/* The speed is measured over at least so long: shorter and it jumps. */
#define KH_PROGRESS_SAMPLE_US G_GINT64_CONSTANT (500000)

/* How much a new sample counts against the speed so far. */
#define KH_PROGRESS_WEIGHT 0.3

/* Of several files those above it show their own percent: a small one is there before
 * anybody has read it. Bytes. */
#define KH_PROGRESS_LARGE_FILE 10000000

/* Read any field; change them only through the functions below. */
typedef struct
{
  guint64 bytes;
  guint64 total;
  guint n_done;
  guint n_files;      /* 0 while unknown */
  guint64 file_bytes; /* of the file on its way */
  guint64 file_total;
  double speed; /* bytes a second; 0 while unknown */
  gint64 sampled_at_us;
  guint64 sampled_bytes;
} KhProgress;

/* @bytes: what was there before. @total may change on the way. */
void kh_progress_start (KhProgress *self, gint64 now_us, guint64 bytes, guint64 total);
void kh_progress_advance (KhProgress *self, gint64 now_us, guint64 bytes, guint64 total);
void kh_progress_count (KhProgress *self, guint n_done, guint n_files);
void kh_progress_file (KhProgress *self, guint64 bytes, guint64 total);

/* 0 to 100; an empty transfer is whole. 100 only when all of it is there. */
guint kh_progress_percent (const KhProgress *self);

/* For a terminal, at most @width cells: name and percent of the file, bar, size, files,
 * speed, time left, as many of them as fit. @name, of the file on its way, must be clean.
 */
char *kh_progress_bar (const KhProgress *self, const char *name, guint width);

/* For a log: the same in words. @name is that of the transfer. */
char *kh_progress_line (const KhProgress *self, const char *name);

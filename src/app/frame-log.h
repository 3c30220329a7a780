/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * frame-log.h - when each frame was painted, for benchmarks.
 *
 * Where the environment has KNOTHOLE_FRAME_LOG=FILE: the first line is "first-paint" and
 * the CPU time of the process after the first frame, in microseconds; then one line per
 * frame with its time on the monotonic clock, in microseconds.
 */
#pragma once

#include <gtk/gtk.h>

void kh_frame_log_watch (GtkWidget *window);

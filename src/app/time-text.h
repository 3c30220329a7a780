/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * time-text.h - points in time as people read them.
 *
 * All times are Unix milliseconds; @now_ms is the present, so that a test can choose it.
 * The results are translated, in the local time zone, and the caller's to free.
 */
#pragma once

#include <glib.h>

/* "14:05", or "2:05 PM" where the locale counts to twelve. */
char *kh_time_text_clock (gint64 at_ms);

/* As g_date_time_format(); "%H:%M" in @format becomes what kh_time_text_clock() shows. */
char *kh_time_text_format (GDateTime *at, const char *format);

/* "Today", "Yesterday", "Monday", "Monday, 3 March", "Monday, 3 March 2024". */
char *kh_time_text_day (gint64 at_ms, gint64 now_ms);

/* Both are on the same day of the calendar here. */
gboolean kh_time_text_same_day (gint64 one_ms, gint64 other_ms);

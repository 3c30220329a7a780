/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/time-text.h"

#include <glib/gi18n.h>
#include <string.h>

static GDateTime *
from_ms (gint64 at_ms)
{
  GDateTime *time = g_date_time_new_from_unix_local (at_ms / 1000);

  return time != NULL ? time : g_date_time_new_from_unix_local (0);
}

/* Days since the year 1, by the calendar here. */
static int
day_number (GDateTime *time)
{
  GDate date;

  g_date_clear (&date, 1);
  g_date_set_dmy (&date, (GDateDay)g_date_time_get_day_of_month (time),
                  (GDateMonth)g_date_time_get_month (time),
                  (GDateYear)g_date_time_get_year (time));
  return (int)g_date_get_julian (&date);
}

static int
days_between (gint64 at_ms, gint64 now_ms)
{
  g_autoptr (GDateTime) at = from_ms (at_ms);
  g_autoptr (GDateTime) now = from_ms (now_ms);

  return day_number (now) - day_number (at);
}

/* By the locale's own way to write the time, and its words for the halves of a day. */
static gboolean
has_halves_of_days (void)
{
  g_autoptr (GDateTime) one_pm = g_date_time_new_utc (2000, 1, 1, 13, 0, 0);
  g_autofree char *time = g_date_time_format (one_pm, "%X");
  g_autofree char *half = g_date_time_format (one_pm, "%p");

  return time != NULL && half != NULL && *half != '\0' && strstr (time, half) != NULL;
}

char *
kh_time_text_format (GDateTime *at, const char *format)
{
  g_autoptr (GString) text = g_string_new (format);

  if (has_halves_of_days ())
    /* Translators: the time of day where people count to twelve, for
     * g_date_time_format(): 2:05 PM. */
    g_string_replace (text, "%H:%M", C_ ("time of day", "%-I:%M %p"), 0);
  return g_date_time_format (at, text->str);
}

char *
kh_time_text_clock (gint64 at_ms)
{
  g_autoptr (GDateTime) at = from_ms (at_ms);

  /* Translators: the time of day where people count to twenty-four, for
   * g_date_time_format(): 14:05. */
  return kh_time_text_format (at, C_ ("time of day", "%H:%M"));
}

char *
kh_time_text_day (gint64 at_ms, gint64 now_ms)
{
  g_autoptr (GDateTime) at = from_ms (at_ms);
  g_autoptr (GDateTime) now = from_ms (now_ms);
  int days = day_number (now) - day_number (at);

  if (days == 0)
    return g_strdup (_ ("Today"));
  if (days == 1)
    return g_strdup (_ ("Yesterday"));
  if (days > 1 && days < 7)
    return g_date_time_format (at, "%A");
  if (g_date_time_get_year (at) == g_date_time_get_year (now))
    /* Translators: a day of this year, for g_date_time_format(): Monday, 3 March. */
    return g_date_time_format (at, C_ ("day", "%A, %-d %B"));
  /* Translators: a day of another year, for g_date_time_format(): Monday, 3 March 2025.
   */
  return g_date_time_format (at, C_ ("day", "%A, %-d %B %Y"));
}

gboolean
kh_time_text_same_day (gint64 one_ms, gint64 other_ms)
{
  return days_between (one_ms, other_ms) == 0;
}

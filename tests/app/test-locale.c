/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers, sizes and times as people of a country write them. The locales are made here.
 */
#include "app/call-text.h"
#include "app/time-text.h"
#include "app/transfer-text.h"
#include "cli/json.h"

#include <glib/gstdio.h>
#include <locale.h>

static const char *const LOCALES[] = { "de_DE", "en_US", "ja_JP" };

static void
run (const char *const *command)
{
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_spawn_sync (NULL, (char **)command, NULL,
                G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static char *
make_locales (void)
{
  char *folder = g_dir_make_tmp ("knothole-locales-XXXXXX", NULL);

  g_assert_nonnull (folder);
  for (gsize i = 0; i < G_N_ELEMENTS (LOCALES); i++)
    {
      g_autofree char *name = g_strconcat (LOCALES[i], ".UTF-8", NULL);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      run ((const char *[]){ "localedef", "-i", LOCALES[i], "-f", "UTF-8", path, NULL });
    }
  return folder;
}

static void
use (const char *locale)
{
  g_assert_nonnull (setlocale (LC_ALL, locale));
}

static void
assert_clock (const char *locale, const char *wanted)
{
  g_autoptr (GDateTime) at = g_date_time_new_local (2025, 3, 12, 14, 5, 0);
  g_autofree char *text = NULL;

  use (locale);
  text = kh_time_text_clock (g_date_time_to_unix (at) * 1000);
  g_assert_cmpstr (text, ==, wanted);
}

static void
test_hours_are_those_of_the_locale (void)
{
  assert_clock ("de_DE.UTF-8", "14:05");
  assert_clock ("ja_JP.UTF-8", "14:05");
  assert_clock ("en_US.UTF-8", "2:05 PM");
  assert_clock ("C", "14:05");
}

static void
test_a_sentence_with_a_time (void)
{
  g_autoptr (GDateTime) at = g_date_time_new_local (2025, 3, 12, 0, 30, 0);
  g_autofree char *text = NULL;

  use ("en_US.UTF-8");
  text = kh_time_text_format (at, "Seen at %H:%M on %A");
  g_assert_cmpstr (text, ==, "Seen at 12:30 AM on Wednesday");
}

static void
test_days_have_names_of_the_locale (void)
{
  g_autoptr (GDateTime) at = g_date_time_new_local (2024, 3, 12, 9, 0, 0);
  g_autofree char *text = NULL;

  use ("de_DE.UTF-8");
  text = kh_time_text_day (g_date_time_to_unix (at) * 1000,
                           (g_date_time_to_unix (at) + 30 * 24 * 3600) * 1000);
  g_assert_cmpstr (text, ==, "Dienstag, 12 M\303\244rz");
}

static void
assert_counts (const char *locale, const char *wanted)
{
  KhTransferInfo info = { .phase = KH_PHASE_RUNNING,
                          .n_files = 12345,
                          .wanted_files = 12345,
                          .wanted_bytes = 3400000000 };
  KhTransferView view = { .info = &info, .n_roots = 1, .folder = TRUE };
  g_autofree char *text = NULL;

  use (locale);
  text = kh_transfer_text_counts (&view);
  g_assert_cmpstr (text, ==, wanted);
}

/* What GLib has no translation of here it says in English, with the numbers of the
 * locale. */
static void
test_numbers_have_the_marks_of_the_locale (void)
{
  g_autofree char *duration = NULL;

  assert_counts ("de_DE.UTF-8", "12.345 files, 3,4\302\240GB");
  assert_counts ("ja_JP.UTF-8", "12,345 files, 3.4\302\240GB");
  assert_counts ("C", "12345 files, 3.4\302\240GB");
  use ("de_DE.UTF-8");
  duration = kh_call_text_duration (2400);
  g_assert_cmpstr (duration, ==, "2,4 s");
}

/* Programs read it, and their comma ends a number. */
static void
test_json_is_the_same_everywhere (void)
{
  KhEvent event = { .kind = KH_EVENT_PONG, .round_trip_us = 1234567 };
  KhPeerId own_id = { { 1 } };
  g_autofree char *line = NULL;

  use ("de_DE.UTF-8");
  line = kh_json_event (&event, &own_id);
  g_assert_cmpstr (line, ==, "{\"event\":\"pong\",\"ms\":1234.567}");
}

int
main (int argc, char *argv[])
{
  g_autofree char *folder = NULL;
  int status;

  g_setenv ("TZ", "Europe/Berlin", TRUE);
  g_setenv ("LANGUAGE", "C", TRUE);
  g_test_init (&argc, &argv, NULL);
  folder = make_locales ();
  g_setenv ("LOCPATH", folder, TRUE);

  g_test_add_func ("/locale/hours-are-those-of-the-locale",
                   test_hours_are_those_of_the_locale);
  g_test_add_func ("/locale/a-sentence-with-a-time", test_a_sentence_with_a_time);
  g_test_add_func ("/locale/days-have-names-of-the-locale",
                   test_days_have_names_of_the_locale);
  g_test_add_func ("/locale/numbers-have-the-marks-of-the-locale",
                   test_numbers_have_the_marks_of_the_locale);
  g_test_add_func ("/locale/json-is-the-same-everywhere",
                   test_json_is_the_same_everywhere);
  status = g_test_run ();
  run ((const char *[]){ "rm", "-r", folder, NULL });
  return status;
}

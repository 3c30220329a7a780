/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/attempts.h"
#include "scratch.h"

#include <string.h>

static void
add (Scratch *self, guint peer, gint64 at_ms, const char *text, guint n_kept)
{
  g_autoptr (GBytes) report = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  kh_attempts_add (self->store, scratch_peer (peer), at_ms, report, n_kept, &error);
  g_assert_no_error (error);
}

/* Reports joined by "|", newest first. */
static void
assert_reports (Scratch *self, guint peer, guint limit, const char *expected)
{
  g_autoptr (GPtrArray) attempts
      = kh_attempts_list (self->store, scratch_peer (peer), limit, NULL);
  g_autoptr (GString) texts = g_string_new (NULL);

  g_assert_nonnull (attempts);
  for (guint i = 0; i < attempts->len; i++)
    {
      const KhStoredAttempt *attempt = g_ptr_array_index (attempts, i);
      gsize len;
      const char *bytes = g_bytes_get_data (attempt->report, &len);

      g_string_append_printf (texts, "%s%" G_GINT64_FORMAT ":%.*s", i > 0 ? "|" : "",
                              attempt->at_ms, (int)len, len > 0 ? bytes : "");
    }
  g_assert_cmpstr (texts->str, ==, expected);
}

static void
test_only_the_newest_of_each_peer_stay (Scratch *self, gconstpointer unused)
{
  (void)unused;
  assert_reports (self, 1, 9, "");
  add (self, 2, 1, "other", 3);
  for (guint i = 1; i <= 5; i++)
    {
      g_autofree char *text = g_strdup_printf ("r%u", i);

      add (self, 1, i, text, 3);
    }
  add (self, 1, 6, "", 3);
  assert_reports (self, 1, 9, "6:|5:r5|4:r4");
  assert_reports (self, 1, 2, "6:|5:r5");
  assert_reports (self, 2, 9, "1:other");
  scratch_reopen (self);
  assert_reports (self, 1, 9, "6:|5:r5|4:r4");
}

static void
test_long_report_is_refused (Scratch *self, gconstpointer unused)
{
  g_autofree char *zeroes = g_malloc0 (KH_ATTEMPTS_REPORT_MAX + 1);
  g_autoptr (GBytes) fits = g_bytes_new (zeroes, KH_ATTEMPTS_REPORT_MAX);
  g_autoptr (GBytes) longer = g_bytes_new (zeroes, KH_ATTEMPTS_REPORT_MAX + 1);
  g_autoptr (GError) error = NULL;

  (void)unused;
  g_assert_true (kh_attempts_add (self->store, scratch_peer (1), 1, fits, 9, NULL));
  g_assert_false (kh_attempts_add (self->store, scratch_peer (1), 1, longer, 9, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/attempts/only-the-newest-of-each-peer-stay",
               test_only_the_newest_of_each_peer_stay);
  SCRATCH_ADD ("/attempts/long-report-is-refused", test_long_report_is_refused);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/trouble-text.h"

#include <gio/gio.h>
#include <string.h>

static const KhStoreError CODES[] = {
  KH_STORE_ERROR_FOLDER_IN_USE, KH_STORE_ERROR_CANNOT_OPEN, KH_STORE_ERROR_NEWER_SCHEMA,
  KH_STORE_ERROR_DAMAGED,       KH_STORE_ERROR_DISK_FULL,   KH_STORE_ERROR_READ_ONLY,
};

static void
test_every_cause_has_its_own_advice_and_names_the_folder (void)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (CODES); i++)
    {
      g_autoptr (GError) error
          = g_error_new_literal (KH_STORE_ERROR, (gint)CODES[i], "in /a/folder");
      char *text = kh_trouble_text_opening (error, "/a/folder");

      g_assert_true (g_str_has_suffix (text, "/a/folder"));
      g_assert_true (g_hash_table_add (seen, text));
    }
}

static void
test_other_errors_have_advice_too (void)
{
  g_autoptr (GError) error
      = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, "what it was");
  g_autofree char *text = kh_trouble_text_opening (error, "/a/folder");

  g_assert_false (g_str_has_prefix (text, "\n"));
  g_assert_true (g_str_has_suffix (text, "\n\nwhat it was"));
}

static void
test_who_holds_the_folder_is_said (void)
{
  g_autoptr (GError) error = g_error_new_literal (
      KH_STORE_ERROR, KH_STORE_ERROR_FOLDER_IN_USE, "in use by somebody");
  g_autofree char *text = kh_trouble_text_opening (error, "/a/folder");

  g_assert_true (g_str_has_suffix (text, "\n\nin use by somebody"));
}

static void
test_a_full_disk_is_told_from_the_rest (void)
{
  const char *full = kh_trouble_text_keeping (KH_STORE_ERROR_DISK_FULL);

  g_assert_nonnull (strstr (full, "full"));
  for (int code = 0; code <= KH_STORE_ERROR_FAILED; code++)
    if (code != KH_STORE_ERROR_DISK_FULL)
      g_assert_cmpstr (kh_trouble_text_keeping (code), !=, full);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func ("/trouble-text/" path, function)
  TEST ("every-cause-has-its-own-advice-and-names-the-folder",
        test_every_cause_has_its_own_advice_and_names_the_folder);
  TEST ("other-errors-have-advice-too", test_other_errors_have_advice_too);
  TEST ("who-holds-the-folder-is-said", test_who_holds_the_folder_is_said);
  TEST ("a-full-disk-is-told-from-the-rest", test_a_full_disk_is_told_from_the_rest);
#undef TEST
  return g_test_run ();
}

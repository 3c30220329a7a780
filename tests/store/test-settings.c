/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/settings.h"
#include "scratch.h"

static void
assert_setting (Scratch *self, KhSetting setting, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *value = NULL;

  g_assert_true (kh_settings_get (self->store, setting, &value, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (value, ==, expected);
}

static void
test_unset_is_null (Scratch *self, gconstpointer unused)
{
  (void)unused;
  for (guint setting = 0; setting < KH_N_SETTINGS; setting++)
    assert_setting (self, (KhSetting)setting, NULL);
}

static void
test_each_is_remembered_on_its_own (Scratch *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  (void)unused;
  kh_settings_set (self->store, KH_SETTING_NAME, "O'Hara \U0001F600", &error);
  g_assert_no_error (error);
  kh_settings_set (self->store, KH_SETTING_ROOM, "first", &error);
  kh_settings_set (self->store, KH_SETTING_ROOM, "second", &error);
  g_assert_no_error (error);
  for (guint round = 0; round < 2; round++)
    {
      assert_setting (self, KH_SETTING_NAME, "O'Hara \U0001F600");
      assert_setting (self, KH_SETTING_ROOM, "second");
      assert_setting (self, KH_SETTING_SERVER, NULL);
      scratch_reopen (self);
    }
}

/* Each has a key of its own. */
static void
test_all_are_remembered_together (Scratch *self, gconstpointer unused)
{
  (void)unused;
  for (guint setting = 0; setting < KH_N_SETTINGS; setting++)
    {
      g_autofree char *value = g_strdup_printf ("%u", setting);

      g_assert_true (kh_settings_set (self->store, (KhSetting)setting, value, NULL));
    }
  assert_setting (self, KH_SETTING_NAME, "0");
  assert_setting (self, KH_SETTING_SERVER, "1");
  assert_setting (self, KH_SETTING_ROOM, "2");
  assert_setting (self, KH_SETTING_LIMIT_UP, "3");
  assert_setting (self, KH_SETTING_LIMIT_DOWN, "4");
  assert_setting (self, KH_SETTING_SAVE_TO, "5");
  assert_setting (self, KH_SETTING_HISTORY, "6");
}

static void
test_null_forgets (Scratch *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  (void)unused;
  kh_settings_set (self->store, KH_SETTING_ROOM, "", &error);
  assert_setting (self, KH_SETTING_ROOM, "");
  kh_settings_set (self->store, KH_SETTING_ROOM, NULL, &error);
  kh_settings_set (self->store, KH_SETTING_ROOM, NULL, &error);
  g_assert_no_error (error);
  assert_setting (self, KH_SETTING_ROOM, NULL);
}

static void
test_words_are_beside_the_settings (Scratch *self, gconstpointer unused)
{
  g_autoptr (GHashTable) words = NULL;

  (void)unused;
  g_assert_true (kh_settings_set (self->store, KH_SETTING_NAME, "Al", NULL));
  g_assert_true (kh_settings_set_word (self->store, "app-window", "9x9", NULL));
  g_assert_true (kh_settings_set_word (self->store, "app-relay", "no", NULL));
  g_assert_true (kh_settings_set_word (self->store, "app-window", "8x8", NULL));
  g_assert_true (kh_settings_set_word (self->store, "app-relay", NULL, NULL));
  scratch_reopen (self);
  words = kh_settings_list_words (self->store, NULL);
  g_assert_cmpuint (g_hash_table_size (words), ==, 1);
  g_assert_cmpstr (g_hash_table_lookup (words, "app-window"), ==, "8x8");
}

static void
test_word_of_others_is_refused (Scratch *self, gconstpointer unused)
{
  g_autofree char *longer = g_strdup_printf ("app-%061d", 0);
  const char *const bad[] = { "name", "", "APP-x", longer };

  (void)unused;
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (kh_settings_set_word (self->store, bad[i], "x", &error));
      g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/settings/unset-is-null", test_unset_is_null);
  SCRATCH_ADD ("/settings/each-is-remembered-on-its-own",
               test_each_is_remembered_on_its_own);
  SCRATCH_ADD ("/settings/all-are-remembered-together", test_all_are_remembered_together);
  SCRATCH_ADD ("/settings/null-forgets", test_null_forgets);
  SCRATCH_ADD ("/settings/words-are-beside-the-settings",
               test_words_are_beside_the_settings);
  SCRATCH_ADD ("/settings/word-of-others-is-refused", test_word_of_others_is_refused);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/folder-text.h"

static void
assert_text (const char *folder, const char *expected)
{
  g_autofree char *text = kh_folder_text (folder);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_a_place_of_the_portal_is_its_name_alone (void)
{
  g_autofree char *chosen
      = g_build_filename (g_get_user_runtime_dir (), "doc", "4f2a", "My Files", NULL);
  g_autofree char *other = g_build_filename (g_get_user_runtime_dir (), "docs", NULL);

  g_assert_true (kh_folder_text_is_document (chosen));
  assert_text (chosen, "My Files");
  assert_text ("/run/flatpak/doc/4f2a/My Files", "My Files");
  g_assert_false (kh_folder_text_is_document (other));
  assert_text (other, other);
}

static void
test_any_other_is_all_of_its_path (void)
{
  assert_text ("/home/alice/Downloads/Knothole", "/home/alice/Downloads/Knothole");
}

static void
test_none_says_when_one_is_chosen (void)
{
  assert_text (NULL, "Not chosen yet: the first file asks for it");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define TEST(path, function) g_test_add_func ("/folder-text/" path, function)
  TEST ("a-place-of-the-portal-is-its-name-alone",
        test_a_place_of_the_portal_is_its_name_alone);
  TEST ("any-other-is-all-of-its-path", test_any_other_is_all_of_its_path);
  TEST ("none-says-when-one-is-chosen", test_none_says_when_one_is_chosen);
  return g_test_run ();
}

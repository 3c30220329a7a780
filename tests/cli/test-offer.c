/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/offer.h"

#include <string.h>

/* Borrows what it points to. */
static GPtrArray *
entries_of (KhEntryInfo *entries, guint n)
{
  GPtrArray *array = g_ptr_array_new ();

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (array, &entries[i]);
  return array;
}

static void
assert_question (const KhEvent *event, KhEntryInfo *entries, guint n,
                 const char *expected)
{
  g_autoptr (GPtrArray) array = entries_of (entries, n);
  g_autofree char *question = kh_offer_question (event, array, NULL);

  g_assert_cmpstr (question, ==, expected);
}

static void
test_one_file_is_one_line (void)
{
  KhEvent event = { .name = "Anna", .text = "photo.jpg", .n_files = 1, .total = 3200000 };
  KhEntryInfo entry = { KH_TREE_FILE, "photo.jpg", "photo.jpg", 3200000 };

  assert_question (&event, &entry, 1, "Take photo.jpg (3.2 MB) from Anna?");
}

static void
test_another_name_is_told (void)
{
  KhEvent event = { .name = "Anna", .text = "CON", .n_files = 1, .total = 1000 };
  KhEntryInfo entry = { KH_TREE_FILE, "CON", "_CON", 1000 };

  assert_question (&event, &entry, 1, "Take CON (1.0 kB) from Anna, here called _CON?");
}

static void
test_a_tree_is_listed (void)
{
  KhEvent event = { .name = "Anna",
                    .text = "photos",
                    .n_files = 1234,
                    .n_folders = 2,
                    .total = G_GUINT64_CONSTANT (5000000000) };
  KhEntryInfo entries[] = {
    { KH_TREE_FOLDER, "photos", "photos", 0 },
    { KH_TREE_FILE, "photos/a:b.jpg", "photos/a_b.jpg", 3200000 },
    { KH_TREE_LINK, "photos/last", "photos/last", 0 },
  };

  assert_question (&event, entries, G_N_ELEMENTS (entries),
                   "Anna offers:\n"
                   "  photos/\n"
                   "  photos/a:b.jpg  3.2 MB, here called photos/a_b.jpg\n"
                   "  photos/last  (link, not sent)\n"
                   "  and 1,234 more\n"
                   "Take photos (1,234 files, 2 folders, 5.0 GB) from Anna?");
}

static void
test_all_shown_is_no_more (void)
{
  KhEvent event = { .name = "Anna", .text = "a", .n_files = 2, .total = 2 };
  KhEntryInfo entries[]
      = { { KH_TREE_FILE, "a", "a", 1 }, { KH_TREE_FILE, "b", "b", 1 } };

  assert_question (&event, entries, G_N_ELEMENTS (entries),
                   "Anna offers:\n  a  1 B\n  b  1 B\nTake a (2 files, 2 B) from Anna?");
}

static void
test_patterns_are_told (void)
{
  static const char *const only[] = { "*.jpg", "*.\033png", NULL };
  KhEvent event = { .name = "Anna", .text = "photos", .n_files = 3, .n_folders = 1 };
  g_autofree char *question = kh_offer_question (&event, NULL, only);

  g_assert_cmpstr (question, ==,
                   "Take photos (3 files, 1 folder, 0 B) from Anna, but only what is "
                   "called '*.jpg' or '*.\357\277\275png'?");
}

static void
test_the_quota_is_a_reason_to_ask (void)
{
  KhEvent event = { .name = "Anna",
                    .text = "a",
                    .n_files = 1,
                    .total = 1000,
                    .status = KH_FRAME_STATUS_OVER_QUOTA };
  KhEntryInfo entry = { KH_TREE_FILE, "a", "a", 1000 };

  assert_question (&event, &entry, 1,
                   "This is more than what is taken unasked from somebody not verified "
                   "today.\nTake a (1.0 kB) from Anna?");
  event.n_files = 2;
  assert_question (&event, &entry, 1,
                   "Anna offers:\n  a  1.0 kB\n  and 1 more\n"
                   "This is more than what is taken unasked from somebody not verified "
                   "today.\nTake a (2 files, 1.0 kB) from Anna?");
}

static void
test_what_nobody_was_asked_about_is_told (void)
{
  KhEvent event = { .name = "Anna", .text = "a", .n_files = 1, .total = 1000 };
  g_autofree char *nobody = kh_offer_declined (&event);
  g_autofree char *over = NULL;

  g_assert_cmpstr (
      nobody, ==, "declined a (1.0 kB) from Anna: there is nobody to ask (see --accept)");
  g_assert_cmpstr (kh_offer_reason (&event), ==, "nobody to ask");
  event.status = KH_FRAME_STATUS_OVER_QUOTA;
  over = kh_offer_declined (&event);
  g_assert_cmpstr (over, ==,
                   "declined a (1.0 kB) from Anna: it is more than what is taken unasked "
                   "from somebody not verified today (see --quota)");
  g_assert_cmpstr (kh_offer_reason (&event), ==, "quota");
}

static void
test_names_control_nothing (void)
{
  KhEvent event = { .name = "A\rnna", .text = "\033[2J", .n_files = 2, .total = 1 };
  KhEntryInfo entries[] = { { KH_TREE_FILE, "\033[2J\nTake it?", "\033safe", 1 },
                            { KH_TREE_LINK, "l\n", "l\n", 0 } };
  g_autoptr (GPtrArray) array = entries_of (entries, G_N_ELEMENTS (entries));
  g_autofree char *question = kh_offer_question (&event, array, NULL);

  g_assert_null (strchr (question, '\033'));
  g_assert_null (strchr (question, '\r'));
  /* Four lines: who offers, both entries, one more that was not shown; and the question.
   */
  g_auto (GStrv) lines = g_strsplit (question, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 5);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/offer/one-file-is-one-line", test_one_file_is_one_line);
  g_test_add_func ("/offer/another-name-is-told", test_another_name_is_told);
  g_test_add_func ("/offer/a-tree-is-listed", test_a_tree_is_listed);
  g_test_add_func ("/offer/all-shown-is-no-more", test_all_shown_is_no_more);
  g_test_add_func ("/offer/patterns-are-told", test_patterns_are_told);
  g_test_add_func ("/offer/the-quota-is-a-reason-to-ask",
                   test_the_quota_is_a_reason_to_ask);
  g_test_add_func ("/offer/what-nobody-was-asked-about-is-told",
                   test_what_nobody_was_asked_about_is_told);
  g_test_add_func ("/offer/names-control-nothing", test_names_control_nothing);
  return g_test_run ();
}

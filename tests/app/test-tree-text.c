/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/tree-text.h"

#include <locale.h>

static void
assert_text (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static KhEntryInfo
make_entry (KhTreeKind kind)
{
  return (KhEntryInfo){
    .kind = kind,
    .path = (char *)"holiday/day 1/a.jpg",
    .safe_path = (char *)"holiday/day 1/a.jpg",
    .size = 1200,
  };
}

static void
test_a_name_is_what_it_is_called_here (void)
{
  KhEntryInfo entry = make_entry (KH_TREE_FILE);

  assert_text (kh_tree_text_name (&entry, FALSE), "a.jpg");
  g_assert_null (kh_tree_text_other_name (&entry, FALSE));

  entry.path = (char *)"holiday/day 1/a\342\200\256gpj.exe";
  entry.safe_path = (char *)"holiday/day 1/a_gpj.exe";
  assert_text (kh_tree_text_name (&entry, FALSE), "a_gpj.exe");
  /* What turns the direction of writing is not passed on. */
  assert_text (kh_tree_text_other_name (&entry, FALSE), "sent as “a\357\277\275gpj.exe”");
  g_assert_null (kh_tree_text_other_name (&entry, TRUE));

  entry.path = (char *)"top.txt";
  assert_text (kh_tree_text_name (&entry, TRUE), "top.txt");
}

static void
test_only_files_have_sizes (void)
{
  KhEntryInfo file = make_entry (KH_TREE_FILE);
  KhEntryInfo folder = make_entry (KH_TREE_FOLDER);
  KhEntryInfo symlink = make_entry (KH_TREE_LINK);

  assert_text (kh_tree_text_size (&file), "1.2\302\240kB");
  assert_text (kh_tree_text_size (&folder), "");
  assert_text (kh_tree_text_size (&symlink), "link, not sent");
}

static void
test_states_are_told (void)
{
  KhEntryInfo entry = make_entry (KH_TREE_FILE);

  assert_text (kh_tree_text_state (&entry, FALSE), "");
  assert_text (kh_tree_text_whole (&entry, FALSE), "a.jpg, 1.2\302\240kB");
  entry.state = KH_ENTRY_IS_DONE;
  assert_text (kh_tree_text_state (&entry, FALSE), "received");
  assert_text (kh_tree_text_state (&entry, TRUE), "sent");
  assert_text (kh_tree_text_whole (&entry, TRUE), "a.jpg, 1.2\302\240kB, sent");
  entry.state = KH_ENTRY_WAS_THERE;
  assert_text (kh_tree_text_state (&entry, FALSE), "was there already");
  entry.state = KH_ENTRY_WAS_LEFT_OUT;
  assert_text (kh_tree_text_state (&entry, FALSE), "left out");
  entry.state = KH_ENTRY_HAS_FAILED;
  entry.status = KH_FRAME_STATUS_GONE;
  assert_text (kh_tree_text_state (&entry, FALSE),
               "failed: not there any more at the sender");
  g_assert_cmpstr (kh_tree_text_class (&entry), ==, "error");
}

static void
test_the_first_names_are_indented_and_counted (void)
{
  KhEntryInfo folder = { .kind = KH_TREE_FOLDER, .path = (char *)"a" };
  KhEntryInfo inner
      = { .kind = KH_TREE_FILE, .path = (char *)"a/b", .size = 1200, .depth = 1 };
  KhEntryInfo last = { .kind = KH_TREE_FILE, .path = (char *)"c", .size = 5 };
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();

  g_ptr_array_add (entries, &folder);
  g_ptr_array_add (entries, &inner);
  assert_text (kh_tree_text_names (entries, 4, 1), "a/\n    b, 1.2\302\240kB");
  g_ptr_array_add (entries, &last);
  assert_text (kh_tree_text_names (entries, 2, 1203),
               "a/\n    b, 1.2\302\240kB\nand 1202 more files");
}

int
main (int argc, char *argv[])
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tree-text/a-name-is-what-it-is-called-here",
                   test_a_name_is_what_it_is_called_here);
  g_test_add_func ("/tree-text/only-files-have-sizes", test_only_files_have_sizes);
  g_test_add_func ("/tree-text/states-are-told", test_states_are_told);
  g_test_add_func ("/tree-text/the-first-names-are-indented-and-counted",
                   test_the_first_names_are_indented_and_counted);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/send-text.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <sys/stat.h>

static void
assert_text (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_problems_say_which_and_why (void)
{
  assert_text (kh_send_text_problem (KH_SEND_GONE, "a b.txt", 1),
               "“a b.txt” can't be sent: it is not there");
  assert_text (kh_send_text_problem (KH_SEND_UNREADABLE, "a", 3),
               "“a” can't be sent: you may not read it (and 2 more)");
  assert_text (kh_send_text_problem (KH_SEND_REMOTE, "a", 1),
               "“a” is not on this computer: copy it here first, then send it");
  assert_text (kh_send_text_problem (KH_SEND_STRANGE, "a", 1),
               "“a” can't be sent: it is neither a file nor a folder");
  g_assert_cmpstr (kh_send_text_unread (), ==,
                   "This can't be read from here: attach it with the paper clip");
}

static void
test_whom_it_is_for_is_said (void)
{
  assert_text (kh_send_text_hover ("Bob"), "Send to Bob");
  assert_text (kh_send_text_hover (""), "Send");
  assert_text (kh_send_text_taken ("Bob", TRUE), "Offered to Bob");
  assert_text (kh_send_text_taken ("Bob", FALSE),
               "Kept, and offered when Bob is connected");
}

static void
test_only_files_and_folders_are_sent (void)
{
  g_autofree char *folder = g_dir_make_tmp ("knothole-send-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "file", NULL);
  g_autofree char *pipe = g_build_filename (folder, "pipe", NULL);

  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_cmpint (kh_send_text_check (file), ==, KH_SEND_FINE);
  g_assert_cmpint (kh_send_text_check (folder), ==, KH_SEND_FINE);
  g_assert_cmpint (kh_send_text_check (pipe), ==, KH_SEND_STRANGE);
  g_unlink (pipe);
  g_assert_cmpint (kh_send_text_check (pipe), ==, KH_SEND_GONE);
  g_unlink (file);
  g_rmdir (folder);
}

int
main (int argc, char *argv[])
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/send-text/problems-say-which-and-why",
                   test_problems_say_which_and_why);
  g_test_add_func ("/send-text/whom-it-is-for-is-said", test_whom_it_is_for_is_said);
  g_test_add_func ("/send-text/only-files-and-folders-are-sent",
                   test_only_files_and_folders_are_sent);
  return g_test_run ();
}

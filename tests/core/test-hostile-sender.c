/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sender that lies, at a victim who takes everything: names, and what comes of files.
 */
#include "hostile.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE KH_TREE_FILE
#define FOLDER KH_TREE_FOLDER

static const Entry one_file[] = { { FILE, 0, 5, "note.txt" } };

/* --- Names ------------------------------------------------------------------------- */

/* An offer of this one entry as no honest program would write it. */
static void
lie_about_entry (Hostile *hostile, const KhTreeEntry *entry)
{
  uint8_t bytes[512];
  uint8_t page[KH_TREE_PAGE_MAX];
  size_t page_len = kh_tree_write (entry, page, 0);
  KhFrame frame = offer_of (hostile, 1, 1, one_file, 1);
  size_t len = kh_frame_write (&frame, bytes, sizeof bytes) - frame.offer.page.len;

  memcpy (bytes + len, page, page_len);
  lie_raw (hostile, bytes, len + page_len);
}

static void
test_paths_that_lead_elsewhere_end_the_channel (Hostile *hostile,
                                                G_GNUC_UNUSED gconstpointer data)
{
  static const KhTreeEntry entries[] = {
    { FILE, 0, 0, 5, 0, { "/tmp/x", 6 } },
    { FILE, 0, 0, 5, 0, { "..", 2 } },
    { FILE, 0, 0, 5, 0, { ".", 1 } },
    { FILE, 0, 0, 5, 0, { "../x", 4 } },
    { FILE, 0, 0, 5, 0, { "a/b", 3 } },
    { FILE, 0, 0, 5, 0, { "", 0 } },
    { FILE, 0, 0, 5, 0, { "a\0b", 3 } },
    { FILE, 0, 0, 5, 0, { "\xff\xfe", 2 } },
    { FILE, 1, 0, 5, 0, { "in no folder", 12 } },
    { FILE, 255, 0, 5, 0, { "far down", 8 } },
    { FOLDER, 0, 0, 5, 0, { "with a size", 11 } },
    { 0, 0, 0, 5, 0, { "nothing", 7 } },
    { 4, 0, 0, 5, 0, { "a device", 8 } },
    { FILE, 0, 0, UINT64_MAX, 0, { "endless", 7 } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      hostile_connect (hostile);
      lie_about_entry (hostile, &entries[i]);
      expect_closed (hostile);
      expect_unharmed (hostile, "");
    }
  g_assert_cmpuint (count_seen (&hostile->victim, KH_EVENT_OFFER), ==, 0);
}

/* What can do harm on some disk or screen, and what meets in one name. */
static const Entry odd_names[] = {
  { FILE, 0, 1, "CON" },
  { FILE, 0, 1, "a:b" },
  { FILE, 0, 1, "a?b" },
  { FILE, 0, 1, "dot." },
  { FILE, 0, 1, "dot" },
  { FILE, 0, 1, "new\nline" },
  { FILE, 0, 1, "ann\xe2\x80\xaegpj.exe" },
  { FILE, 0, 1, ".bashrc" },
  { FILE, 0, 1, ".own.txt.0123456789abcdef.part" },
  { FILE, 0, 1, "Case" },
  { FILE, 0, 1, "case" },
  { FILE, 0, 1, "same" },
  { FILE, 0, 1, "same" },
  { FILE, 0, 1, "own.txt" },
  { FILE, 0, 1, "own" },
  { FILE, 0, 1, "evil" },
  { FOLDER, 0, 0, "same" },
  { FILE, 1, 1, "own.txt" },
  { FOLDER, 1, 0, "x:" },
  { FILE, 2, 1, "y" },
  { FOLDER, 1, 0, "x?" },
  { FILE, 2, 1, "y" },
  { FOLDER, 0, 0, "evil" },
  { FILE, 1, 1, "secret.txt" },
  { FOLDER, 0, 0, "own" },
  { FILE, 1, 1, "kept.txt" },
};

static void
on_entries (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  *(GPtrArray **)data
      = kh_client_list_entries_finish (KH_CLIENT (source), result, &error);
  g_assert_no_error (error);
}

/* A person sees what the sender calls them. */
static void
expect_original_names (Hostile *hostile, const KhItemId *id)
{
  g_autoptr (GPtrArray) infos = NULL;

  kh_client_list_entries_async (hostile->victim.client, &hostile->liar.id, id, 0, 100,
                                on_entries, &infos);
  WAIT_UNTIL (infos != NULL);
  g_assert_cmpuint (infos->len, ==, G_N_ELEMENTS (odd_names));
  for (guint i = 0; i < infos->len; i++)
    {
      const KhEntryInfo *info = g_ptr_array_index (infos, i);

      g_assert_true (g_str_has_suffix (info->path, odd_names[i].name));
    }
}

static void
test_odd_names_arrive_under_safe_ones (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (Seen) offer = NULL;

  hostile_connect (hostile);
  offer_and_hear_want (hostile, 1, 1, odd_names, G_N_ELEMENTS (odd_names));
  offer = wait_for (&hostile->victim, KH_EVENT_OFFER);
  expect_original_names (hostile, &offer->item);
  for (guint i = 0; i < G_N_ELEMENTS (odd_names); i++)
    if (odd_names[i].kind == FILE)
      lie_file (hostile, 1, i, "x");
  wait_past (&hostile->victim, KH_EVENT_DONE);
  expect_unharmed (hostile, "Case\n"
                            "_CON\n"
                            "_bashrc\n"
                            "_own.txt.0123456789abcdef.part\n"
                            "a_b\n"
                            "a_b (2)\n"
                            "ann_gpj.exe\n"
                            "case\n"
                            "dot\n"
                            "dot (2)\n"
                            "evil (2)/\n"
                            "evil (2)/secret.txt\n"
                            "evil (3)\n"
                            "new_line\n"
                            "own (2).txt\n"
                            "own (2)/\n"
                            "own (2)/kept.txt\n"
                            "own (3)\n"
                            "same (2)\n"
                            "same (3)\n"
                            "same/\n"
                            "same/own.txt\n"
                            "same/x_/\n"
                            "same/x_/y\n"
                            "same/x_/y (2)");
  expect_talking (hostile);
}

static void
test_the_longest_names_arrive (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *name = g_strnfill (KH_TREE_NAME_MAX, 'n');
  g_autofree char *safe = g_strnfill (200, 'n');
  g_autofree char *path = g_strconcat (safe, "/\n", safe, "/", safe, NULL);
  Entry entries[] = { { FOLDER, 0, 0, name }, { FILE, 1, 5, name } };

  hostile_connect (hostile);
  offer_and_hear_want (hostile, 1, 1, entries, G_N_ELEMENTS (entries));
  lie_file (hostile, 1, 1, "hello");
  wait_past (&hostile->victim, KH_EVENT_DONE);
  expect_unharmed (hostile, path);
}

/* --- Links ------------------------------------------------------------------------- */

static const Entry tree[] = {
  { FOLDER, 0, 0, "tree" }, { FILE, 1, 5, "first" },      { FOLDER, 1, 0, "in" },
  { FILE, 2, 5, "second" }, { FILE, 2, 7, "secret.txt" },
};

/* Somebody puts a link to the guarded files in the place of a folder. */
static void
swap_for_link (Hostile *hostile, const char *below)
{
  g_autofree char *path = g_build_filename (hostile->save, below, NULL);
  g_autofree char *away = g_build_filename (hostile->save, "away", NULL);
  g_autofree char *outside = g_build_filename (hostile->guarded, "outside", NULL);

  g_assert_cmpint (g_rename (path, away), ==, 0);
  g_assert_cmpint (symlink (outside, path), ==, 0);
}

static void
wait_for_file (Hostile *hostile, const char *below)
{
  g_autofree char *path = g_build_filename (hostile->save, below, NULL);
  g_autoptr (Seen) seen = wait_for (&hostile->victim, KH_EVENT_FILE);

  g_assert_cmpstr (seen->text, ==, path);
}

static void
test_a_link_in_place_of_a_folder_is_not_followed (Hostile *hostile,
                                                  G_GNUC_UNUSED gconstpointer data)
{
  hostile_connect (hostile);
  offer_and_hear_want (hostile, 1, 1, tree, G_N_ELEMENTS (tree));
  lie_file (hostile, 1, 1, "hello");
  wait_for_file (hostile, "tree/first");
  swap_for_link (hostile, "tree/in");
  lie_file (hostile, 1, 3, "hello");
  lie_file (hostile, 1, 4, "another");
  wait_for_file (hostile, "tree/in (2)/second");
  wait_past (&hostile->victim, KH_EVENT_DONE);
  expect_unharmed (hostile, "away/\n"
                            "tree/\n"
                            "tree/first\n"
                            "tree/in\n"
                            "tree/in (2)/\n"
                            "tree/in (2)/second\n"
                            "tree/in (2)/secret.txt");
}

/* Half a file is in the folder when it happens. */
static void
test_a_link_put_there_between_channels_is_not_followed (Hostile *hostile,
                                                        G_GNUC_UNUSED gconstpointer data)
{
  hostile_connect (hostile);
  offer_and_hear_want (hostile, 1, 1, tree, G_N_ELEMENTS (tree));
  lie_file (hostile, 1, 1, "hello");
  lie_piece (hostile, 1, 3, 0, "he");
  wait_for_file (hostile, "tree/first");
  kh_client_hang_up (hostile->liar.client, &hostile->victim.id);
  wait_past (&hostile->victim, KH_EVENT_DISCONNECTED);
  wait_past (&hostile->liar, KH_EVENT_DISCONNECTED);
  swap_for_link (hostile, "tree");
  hostile_connect (hostile);
  offer_and_hear_want (hostile, 1, 1, tree, G_N_ELEMENTS (tree));
  lie_file (hostile, 1, 3, "hello");
  lie_file (hostile, 1, 4, "another");
  wait_for_file (hostile, "tree (2)/in/second");
  wait_past (&hostile->victim, KH_EVENT_DONE);
  expect_unharmed (hostile, "away/\n"
                            "away/first\n"
                            "away/in/\n"
                            "tree\n"
                            "tree (2)/\n"
                            "tree (2)/in/\n"
                            "tree (2)/in/second\n"
                            "tree (2)/in/secret.txt");
}

/* The liar knows what the partial file will be called, and so may a friend of his. */
static void
test_a_link_in_place_of_the_partial_file_is_not_followed (
    Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *secret = g_build_filename (hostile->guarded, "secret.txt", NULL);

  hostile_connect (hostile);
  for (guint8 id = 1; id <= 2; id++)
    {
      KhFrame offer = offer_of (hostile, id, id, one_file, 1);
      char name[KH_INCOMING_FILE_NAME_MAX + 1];
      g_autofree char *partial = NULL;
      g_autoptr (Seen) failed = NULL;

      kh_incoming_file_partial_name ("note.txt", 0, offer.offer.transfer, name);
      partial = g_build_filename (hostile->save, name, NULL);
      g_assert_cmpint (id == 1 ? symlink (secret, partial) : link (secret, partial), ==,
                       0);
      offer_and_hear_want (hostile, id, id, one_file, 1);
      lie_file (hostile, id, 0, "hello");
      failed = wait_for (&hostile->victim, KH_EVENT_FILE_FAILED);
      g_assert_cmpint (failed->event.status, !=, KH_FRAME_STATUS_COMPLETE);
      wait_past (&hostile->victim, KH_EVENT_TRANSFER_ENDED);
    }
  expect_unharmed (hostile, "");
  expect_talking (hostile);
}

/* A file of the same name, size and time is where the link leads. */
static void
test_discarding_follows_no_link (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *secret
      = g_build_filename (hostile->guarded, "outside", "secret.txt", NULL);
  const struct timespec times[2]
      = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = HOSTILE_TIME_MS / 1000 } };
  static const Entry entries[] = { { FOLDER, 0, 0, "tree" },
                                   { FILE, 1, 7, "secret.txt" },
                                   { FILE, 1, 1, "more" } };
  g_autoptr (Seen) file = NULL;

  g_assert_cmpint (utimensat (AT_FDCWD, secret, times, 0), ==, 0);
  hostile_look_again (hostile);
  hostile_connect (hostile);
  offer_and_hear_want (hostile, 1, 1, entries, G_N_ELEMENTS (entries));
  lie_file (hostile, 1, 1, "another");
  file = wait_for (&hostile->victim, KH_EVENT_FILE);
  swap_for_link (hostile, "tree");
  g_assert_true (kh_client_cancel_transfer (hostile->victim.client, &hostile->liar.id,
                                            &file->item, TRUE, NULL));
  expect_talking (hostile);
  expect_unharmed (hostile, "away/\naway/secret.txt\ntree");
}

/* What came goes, what a person has put beside it stays. */
static void
test_discarding_removes_what_came (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *mine = g_build_filename (hostile->save, "tree", "mine", NULL);
  g_autoptr (Seen) file = NULL;

  hostile_connect (hostile);
  offer_and_hear_want (hostile, 1, 1, tree, G_N_ELEMENTS (tree));
  lie_file (hostile, 1, 1, "hello");
  wait_past (&hostile->victim, KH_EVENT_FILE);
  lie_file (hostile, 1, 3, "hello");
  file = wait_for (&hostile->victim, KH_EVENT_FILE);
  g_assert_true (g_file_set_contents (mine, "hello", -1, NULL));
  g_assert_true (kh_client_cancel_transfer (hostile->victim.client, &hostile->liar.id,
                                            &file->item, TRUE, NULL));
  expect_talking (hostile);
  expect_unharmed (hostile, "tree/\ntree/mine");
}

/* What was put there is not the peer's, whatever of the same name came from it before. */
static void
test_a_folder_of_the_victim_is_not_taken_for_one_that_came (
    Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  static const Entry file[] = { { FILE, 0, 0, "x" } };
  static const Entry folder[] = { { FOLDER, 0, 0, "x" }, { FILE, 1, 5, "hello" } };
  g_autofree char *path = g_build_filename (hostile->save, "x", NULL);

  hostile_connect (hostile);
  offer_and_hear_want (hostile, 1, 1, file, 1);
  lie (hostile, &(KhFrame){ .type = KH_FRAME_FILE_BEGIN, .file = { .stream = 1 } });
  lie_file (hostile, 1, 0, "");
  wait_past (&hostile->victim, KH_EVENT_DONE);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  offer_and_hear_want (hostile, 2, 2, folder, 2);
  lie_file (hostile, 2, 1, "hello");
  wait_past (&hostile->victim, KH_EVENT_DONE);
  expect_unharmed (hostile, "x (2)/\nx (2)/hello\nx/");
}

/* --- Files that are not what was offered ---------------------------------------------
 */

typedef void (*Lie) (Hostile *hostile, uint32_t stream);

static void
send_more_than_offered (Hostile *hostile, uint32_t stream)
{
  lie_piece (hostile, stream, 0, 0, "hello, world");
}

static void
send_more_in_a_second_piece (Hostile *hostile, uint32_t stream)
{
  lie_piece (hostile, stream, 0, 0, "hello");
  lie_piece (hostile, stream, 0, 5, "!");
}

static void
send_less_than_offered (Hostile *hostile, uint32_t stream)
{
  lie_piece (hostile, stream, 0, 0, "hell");
  lie_end (hostile, stream, 0, 5, KH_FRAME_STATUS_COMPLETE);
}

static void
end_with_another_size (Hostile *hostile, uint32_t stream)
{
  lie_piece (hostile, stream, 0, 0, "hello");
  lie_end (hostile, stream, 0, 4, KH_FRAME_STATUS_COMPLETE);
}

static void
end_without_a_piece (Hostile *hostile, uint32_t stream)
{
  lie_end (hostile, stream, 0, 5, KH_FRAME_STATUS_COMPLETE);
}

static void
send_a_piece_twice (Hostile *hostile, uint32_t stream)
{
  lie_piece (hostile, stream, 0, 0, "he");
  lie_piece (hostile, stream, 0, 0, "he");
}

static void
leave_a_gap (Hostile *hostile, uint32_t stream)
{
  lie_piece (hostile, stream, 0, 0, "h");
  lie_piece (hostile, stream, 0, 2, "llo");
}

static void
send_a_file_that_was_not_offered (Hostile *hostile, uint32_t stream)
{
  lie_file (hostile, stream, 1, "hello");
}

static void
send_a_file_twice (Hostile *hostile, uint32_t stream)
{
  lie_piece (hostile, stream, 0, 0, "hello");
  lie_piece (hostile, stream, 77, 0, "hello");
}

static void
begin_a_file_that_was_not_offered (Hostile *hostile, uint32_t stream)
{
  lie (hostile, &(KhFrame){ .type = KH_FRAME_FILE_BEGIN,
                            .file = { .stream = stream, .file = 9, .size = 1 } });
}

/* Whatever of this it is: all of the transfer ends, both hear why, nothing has a name. */
static void
test_what_was_not_offered_ends_the_transfer (Hostile *hostile, gconstpointer data)
{
  static const Lie lies[] = {
    send_more_than_offered,
    send_more_in_a_second_piece,
    send_less_than_offered,
    end_with_another_size,
    end_without_a_piece,
    send_a_piece_twice,
    leave_a_gap,
    send_a_file_that_was_not_offered,
    send_a_file_twice,
    begin_a_file_that_was_not_offered,
  };

  hostile_connect (hostile);
  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      offer_and_hear_want (hostile, (guint8)(i + 1), i + 1, one_file, 1);
      lies[i](hostile, i + 1);
      expect_failed (hostile, KH_FRAME_STATUS_SIZE_DIFFERS);
      expect_unharmed (hostile, "");
      expect_talking (hostile);
    }
}

int
main (int argc, char *argv[])
{
  gconstpointer all = GUINT_TO_POINTER (KH_CONSENT_ALL);

#define ADD(path, test)                                                                  \
  g_test_add ("/hostile-sender/" path, Hostile, all, hostile_set_up, test,               \
              hostile_tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("paths-that-lead-elsewhere-end-the-channel",
       test_paths_that_lead_elsewhere_end_the_channel);
  ADD ("odd-names-arrive-under-safe-ones", test_odd_names_arrive_under_safe_ones);
  ADD ("the-longest-names-arrive", test_the_longest_names_arrive);
  ADD ("a-link-in-place-of-a-folder-is-not-followed",
       test_a_link_in_place_of_a_folder_is_not_followed);
  ADD ("a-link-put-there-between-channels-is-not-followed",
       test_a_link_put_there_between_channels_is_not_followed);
  ADD ("a-link-in-place-of-the-partial-file-is-not-followed",
       test_a_link_in_place_of_the_partial_file_is_not_followed);
  ADD ("discarding-follows-no-link", test_discarding_follows_no_link);
  ADD ("discarding-removes-what-came", test_discarding_removes_what_came);
  ADD ("a-folder-of-the-victim-is-not-taken-for-one-that-came",
       test_a_folder_of_the_victim_is_not_taken_for_one_that_came);
  ADD ("what-was-not-offered-ends-the-transfer",
       test_what_was_not_offered_ends_the_transfer);
#undef ADD
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/outcome.h"

#include <string.h>

static void
assert_ended (const KhEvent *event, const char *expected)
{
  g_autofree char *text = kh_outcome_ended (event);

  g_assert_cmpstr (text, ==, expected);
}

static void
assert_done (const KhEvent *event, const char *expected)
{
  g_autofree char *text = kh_outcome_done (event, "photos");

  g_assert_cmpstr (text, ==, expected);
}

static void
assert_state (const KhTransferInfo *info, const char *expected)
{
  g_autofree char *text = kh_outcome_state (info, "Bob");

  g_assert_cmpstr (text, ==, expected);
}

static void
test_one_file_says_why (void)
{
  KhEvent event = { .kind = KH_EVENT_TRANSFER_ENDED,
                    .text = "a\033b",
                    .bytes = 3200000,
                    .n_failed = 1,
                    .transfer_end = KH_TRANSFER_END_FAILED,
                    .status = KH_FRAME_STATUS_DISK_FULL };

  assert_ended (&event, "a\357\277\275b: the receiver's disk is full (after 3.2 MB)");
}

static void
test_nothing_that_came_is_not_told (void)
{
  KhEvent event = { .kind = KH_EVENT_TRANSFER_ENDED,
                    .name = "Bob",
                    .text = "a",
                    .transfer_end = KH_TRANSFER_END_FAILED,
                    .status = KH_FRAME_STATUS_DISK_FULL };

  assert_ended (&event, "a: the receiver's disk is full");
  event.transfer_end = KH_TRANSFER_END_CANCELLED;
  assert_ended (&event, "a: cancelled by Bob");
}

static void
test_nobody_is_called_by_an_id (void)
{
  KhEvent event = { .kind = KH_EVENT_TRANSFER_ENDED,
                    .text = "a",
                    .transfer_end = KH_TRANSFER_END_CANCELLED };
  g_autofree char *known = kh_outcome_peer ("B\033ob");
  g_autofree char *unknown = kh_outcome_peer ("");

  assert_ended (&event, "a: cancelled by the other side");
  g_assert_cmpstr (known, ==, "B\357\277\275ob");
  g_assert_cmpstr (unknown, ==, "the other side");
}

static void
test_several_files_say_how_many (void)
{
  KhEvent event = { .kind = KH_EVENT_TRANSFER_ENDED,
                    .text = "photos",
                    .n_files = 1231,
                    .n_failed = 3,
                    .transfer_end = KH_TRANSFER_END_FAILED };

  assert_ended (&event, "photos: 3 of 1,234 files failed");
}

static void
test_who_ended_it_is_told (void)
{
  KhEvent event = { .kind = KH_EVENT_TRANSFER_ENDED,
                    .name = "B\033ob",
                    .text = "photos",
                    .bytes = 1500,
                    .transfer_end = KH_TRANSFER_END_CANCELLED };

  assert_ended (&event, "photos: cancelled by B\357\277\275ob (after 1.5 kB)");
  event.here = TRUE;
  assert_ended (&event, "photos: cancelled here (after 1.5 kB)");
  event.transfer_end = KH_TRANSFER_END_DECLINED;
  assert_ended (&event, "photos: the other side declined it");
  g_assert_cmpint (kh_outcome_status (KH_TRANSFER_END_DECLINED), ==, 6);
  g_assert_cmpint (kh_outcome_status (KH_TRANSFER_END_CANCELLED), ==, 7);
  g_assert_cmpint (kh_outcome_status (KH_TRANSFER_END_FAILED), ==, 7);
}

/* Each says what it is about, and none looks like another. */
static void
test_what_can_not_be_listed_has_its_sentence (void)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int code = KH_TREE_BAD_NAME; code <= KH_TREE_TOO_LARGE; code++)
    {
      KhEvent event = { .kind = KH_EVENT_TRANSFER_ENDED,
                        .text = "photos",
                        .code = code,
                        .transfer_end = KH_TRANSFER_END_FAILED };
      char *text = kh_outcome_ended (&event);

      g_assert_true (g_str_has_prefix (text, "photos can't be sent: "));
      g_assert_true (g_hash_table_add (seen, text));
    }
}

static void
test_every_status_has_its_reason (void)
{
  const char *unknown = kh_outcome_reason (99);

  for (int status = KH_FRAME_STATUS_SHRANK; status <= KH_FRAME_STATUS_CANCELLED; status++)
    if (status <= KH_FRAME_STATUS_GONE
        || (status >= KH_FRAME_STATUS_DISK_FULL && status <= KH_FRAME_STATUS_OVER_QUOTA)
        || status == KH_FRAME_STATUS_CANCELLED)
      g_assert_cmpstr (kh_outcome_reason (status), !=, unknown);
}

static void
test_what_has_arrived_is_summed_up (void)
{
  KhEvent one = { .n_files = 1, .bytes = 20000000, .ms = 1000 };
  KhEvent many
      = { .n_files = 1234, .bytes = G_GUINT64_CONSTANT (5000000000), .ms = 12000 };
  KhEvent parts
      = { .n_files = 2, .bytes = 2000, .ms = 1500, .n_there = 1, .n_left_out = 3 };
  KhEvent empty = { .n_files = 0, .ms = 5 };

  assert_done (&one, "photos (20.0 MB in 1.0 s, 20.0 MB/s)");
  assert_done (&many, "photos (1,234 files, 5.0 GB in 12 s, 416.7 MB/s)");
  assert_done (&parts,
               "photos (2 files, 2.0 kB in 1.5 s; 1 file there already; 3 files left "
               "out)");
  assert_done (&empty, "photos (0 files, 0 B)");
}

static void
test_nothing_taken_is_known (void)
{
  KhEvent nothing = { .n_left_out = 3 };
  KhEvent some = { .n_left_out = 3, .n_files = 1 };
  KhEvent there = { .n_left_out = 3, .n_there = 1 };
  KhEvent empty = { 0 };

  g_assert_true (kh_outcome_is_nothing (&nothing));
  g_assert_false (kh_outcome_is_nothing (&some));
  g_assert_false (kh_outcome_is_nothing (&there));
  g_assert_false (kh_outcome_is_nothing (&empty));
}

static void
test_states_are_plain_words (void)
{
  KhTransferInfo info = { .phase = KH_PHASE_RUNNING, .n_files = 120 };

  info.wanted_files = info.n_files;
  assert_state (&info, "unfinished, goes on when both are online");
  info.paused_here = TRUE;
  assert_state (&info, "paused here");
  info.paused_there = TRUE;
  assert_state (&info, "paused by both");
  info.paused_here = FALSE;
  assert_state (&info, "paused by Bob");
  info.paused_there = FALSE;
  info.phase = KH_PHASE_LISTING;
  assert_state (&info, "its files are being listed");
  info.phase = KH_PHASE_OFFERED;
  assert_state (&info, "not answered yet");
  info.outgoing = TRUE;
  assert_state (&info, "waiting for Bob to answer");
  info.phase = KH_PHASE_DECLINED;
  assert_state (&info, "declined by Bob");
}

static void
test_ends_are_plain_words (void)
{
  KhTransferInfo info
      = { .phase = KH_PHASE_DONE, .n_files = 120, .wanted_files = 120, .paused_here = 1 };

  assert_state (&info, "done");
  info.wanted_files = 100;
  assert_state (&info, "done, 20 left out");
  info.phase = KH_PHASE_CANCELLED;
  assert_state (&info, "cancelled");
  info.phase = KH_PHASE_DECLINED;
  assert_state (&info, "declined here");
  info.phase = KH_PHASE_FAILED;
  info.status = KH_FRAME_STATUS_DISK_FULL;
  assert_state (&info, "failed: the receiver's disk is full");
  info.failed_files = 3;
  assert_state (&info, "failed: 3 of 100 files");
}

static void
assert_why (KhTransferPhase phase, KhFrameStatus status, guint n_failed,
            const char *expected)
{
  KhTransferInfo info = {
    .phase = phase, .status = status, .failed_files = n_failed, .wanted_files = 100
  };
  g_autofree char *why = kh_outcome_why (&info);

  g_assert_cmpstr (why, ==, expected);
}

static void
test_only_a_bad_end_has_a_reason (void)
{
  assert_why (KH_PHASE_FAILED, KH_FRAME_STATUS_DISK_FULL, 0,
              "the receiver's disk is full");
  assert_why (KH_PHASE_FAILED, KH_FRAME_STATUS_COMPLETE, 3, "3 of 100 files failed");
  assert_why (KH_PHASE_CANCELLED, KH_FRAME_STATUS_CANCELLED, 3, "it was cancelled");
  assert_why (KH_PHASE_RUNNING, KH_FRAME_STATUS_COMPLETE, 3, NULL);
  assert_why (KH_PHASE_DONE, KH_FRAME_STATUS_COMPLETE, 0, NULL);
}

static void
test_the_words_of_the_contract (void)
{
  static const char *const words[]
      = { "listing", "offered", "running", "done", "declined", "cancelled", "failed" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    g_assert_cmpstr (kh_outcome_phase ((KhTransferPhase)i), ==, words[i]);
  g_assert_cmpstr (kh_outcome_paused (FALSE, FALSE), ==, "none");
  g_assert_cmpstr (kh_outcome_paused (TRUE, FALSE), ==, "here");
  g_assert_cmpstr (kh_outcome_paused (FALSE, TRUE), ==, "there");
  g_assert_cmpstr (kh_outcome_paused (TRUE, TRUE), ==, "both");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/outcome/one-file-says-why", test_one_file_says_why);
  g_test_add_func ("/outcome/nothing-that-came-is-not-told",
                   test_nothing_that_came_is_not_told);
  g_test_add_func ("/outcome/nobody-is-called-by-an-id", test_nobody_is_called_by_an_id);
  g_test_add_func ("/outcome/several-files-say-how-many",
                   test_several_files_say_how_many);
  g_test_add_func ("/outcome/who-ended-it-is-told", test_who_ended_it_is_told);
  g_test_add_func ("/outcome/what-can-not-be-listed-has-its-sentence",
                   test_what_can_not_be_listed_has_its_sentence);
  g_test_add_func ("/outcome/every-status-has-its-reason",
                   test_every_status_has_its_reason);
  g_test_add_func ("/outcome/what-has-arrived-is-summed-up",
                   test_what_has_arrived_is_summed_up);
  g_test_add_func ("/outcome/nothing-taken-is-known", test_nothing_taken_is_known);
  g_test_add_func ("/outcome/states-are-plain-words", test_states_are_plain_words);
  g_test_add_func ("/outcome/ends-are-plain-words", test_ends_are_plain_words);
  g_test_add_func ("/outcome/only-a-bad-end-has-a-reason",
                   test_only_a_bad_end_has_a_reason);
  g_test_add_func ("/outcome/the-words-of-the-contract", test_the_words_of_the_contract);
  return g_test_run ();
}

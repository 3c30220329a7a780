/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A receiver that lies, at a victim that sends: what it wants, and what it says it has.
 */
#include "core/profile.h"
#include "hostile.h"

#include <glib/gstdio.h>
#include <string.h>

#define FLOOD 50000
#define N_FILES 3
#define LARGE (4u << 20)

typedef void (*Lie) (Hostile *hostile, const KhFrame *offer);

/* A folder with some small files and a large one. */
static KhFrame
send_tree (Hostile *hostile)
{
  g_autofree char *tree = g_build_filename (hostile->source, "tree", NULL);
  const char *paths[] = { tree, NULL };
  g_autofree char *large = g_malloc0 (LARGE);
  g_autoptr (GError) error = NULL;
  KhItemId id;

  g_assert_cmpint (g_mkdir (tree, 0700), ==, 0);
  for (guint i = 0; i < N_FILES; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);
      g_autofree char *path = g_build_filename (tree, name, NULL);

      g_assert_true (g_file_set_contents (path, large, i == 0 ? (gssize)LARGE : 5, NULL));
    }
  g_assert_true (
      kh_client_send (hostile->victim.client, &hostile->liar.id, paths, &id, &error));
  g_assert_no_error (error);
  return hear (hostile, KH_FRAME_OFFER);
}

static void
lie_reply (Hostile *hostile, const KhFrame *offer, KhFrameReply verdict)
{
  KhFrame frame = { .type = KH_FRAME_REPLY };

  memcpy (frame.reply.transfer, offer->offer.transfer, KH_FRAME_ID_LEN);
  frame.reply.verdict = (uint8_t)verdict;
  frame.reply.n_files = UINT32_MAX;
  frame.reply.total = KH_FRAME_SIZE_MAX;
  lie (hostile, &frame);
}

static void
lie_run (Hostile *hostile, KhFrameType type, const KhFrame *offer, uint32_t first,
         uint32_t n, uint64_t offset)
{
  lie (hostile, &(KhFrame){ .type = (uint8_t)type,
                            .run = { .stream = offer->offer.stream,
                                     .first = first,
                                     .n = n,
                                     .offset = offset } });
}

/* --- What ends the channel ------------------------------------------------------------
 */

static void
greet_again (Hostile *hostile, G_GNUC_UNUSED const KhFrame *offer)
{
  lie (hostile, &(KhFrame){ .type = KH_FRAME_HELLO,
                            .hello = { .version = 1, .name = { "another", 7 } } });
}

static void
want_before_the_reply (Hostile *hostile, const KhFrame *offer)
{
  lie_run (hostile, KH_FRAME_WANT, offer, 1, 1, 0);
}

static void
have_before_the_reply (Hostile *hostile, const KhFrame *offer)
{
  lie_run (hostile, KH_FRAME_FILE_DONE, offer, 1, 1, 0);
}

static void
want_a_folder (Hostile *hostile, const KhFrame *offer)
{
  lie_reply (hostile, offer, KH_FRAME_ACCEPT);
  lie_run (hostile, KH_FRAME_WANT, offer, 0, 1, 0);
}

static void
want_what_was_not_offered (Hostile *hostile, const KhFrame *offer)
{
  lie_reply (hostile, offer, KH_FRAME_ACCEPT);
  lie_run (hostile, KH_FRAME_WANT, offer, N_FILES + 1, 1, 0);
}

static void
want_beyond_what_was_offered (Hostile *hostile, const KhFrame *offer)
{
  lie_reply (hostile, offer, KH_FRAME_ACCEPT);
  lie_run (hostile, KH_FRAME_WANT, offer, 1, KH_FRAME_RUN_MAX, 0);
}

static void
want_far_too_much (Hostile *hostile, const KhFrame *offer)
{
  lie_reply (hostile, offer, KH_FRAME_ACCEPT);
  hostile_hold_disk (hostile);
  for (guint i = 0; i < 2 * 4 * KH_FRAME_RUN_MAX; i++)
    lie_run (hostile, KH_FRAME_WANT, offer, 1, 1, 0);
}

static void
want_the_same_again (Hostile *hostile, const KhFrame *offer)
{
  lie_reply (hostile, offer, KH_FRAME_ACCEPT);
  lie_run (hostile, KH_FRAME_WANT, offer, 1, 1, 0);
  lie_run (hostile, KH_FRAME_WANT, offer, 1, 1, 0);
}

static void
send_hashes_without_end (Hostile *hostile, const KhFrame *offer)
{
  lie_reply (hostile, offer, KH_FRAME_ACCEPT);
  for (guint32 i = 0; i < FLOOD; i++)
    lie (hostile, &(KhFrame){ .type = KH_FRAME_HASH,
                              .hash = { .stream = offer->offer.stream, .file = i } });
}

static void
test_breaks_a_rule (Hostile *hostile, gconstpointer data, Lie break_it)
{
  gsize before;
  KhFrame offer;

  hostile_connect (hostile);
  offer = send_tree (hostile);
  before = resident_bytes ();
  break_it (hostile, &offer);
  expect_closed (hostile);
  g_assert_cmpuint (resident_bytes (), <, before + HOSTILE_MEMORY_MAX);
  g_assert_cmpuint (count_seen (&hostile->victim, KH_EVENT_DONE), ==, 0);
  g_assert_cmpuint (count_seen (&hostile->victim, KH_EVENT_FILE), ==, 0);
}

#define BREAKS(lie)                                                                      \
  static void test_##lie (Hostile *hostile, gconstpointer data)                          \
  {                                                                                      \
    test_breaks_a_rule (hostile, data, lie);                                             \
  }

BREAKS (greet_again)
BREAKS (want_before_the_reply)
BREAKS (have_before_the_reply)
BREAKS (want_a_folder)
BREAKS (want_what_was_not_offered)
BREAKS (want_beyond_what_was_offered)
BREAKS (want_far_too_much)
BREAKS (want_the_same_again)
BREAKS (send_hashes_without_end)

/* --- What does not ---------------------------------------------------------------------
 */

/* It gets all of the file: what it has beyond the end is of no use. */
static void
test_an_offset_beyond_the_end_begins_at_0 (Hostile *hostile,
                                           G_GNUC_UNUSED gconstpointer data)
{
  KhFrame offer;

  hostile_connect (hostile);
  offer = send_tree (hostile);
  lie_reply (hostile, &offer, KH_FRAME_ACCEPT);
  lie_run (hostile, KH_FRAME_WANT, &offer, 2, 1, KH_FRAME_SIZE_MAX);
  wait_past (&hostile->victim, KH_EVENT_FILE_RESTARTED);
  lie_run (hostile, KH_FRAME_FILE_DONE, &offer, 2, 1, 0);
  wait_past (&hostile->victim, KH_EVENT_FILE);
  expect_talking (hostile);
}

/* Of what was never sent, of what is no entry, and twice: it is not the victim's loss. */
static void
test_results_that_can_not_be_are_no_trouble (Hostile *hostile,
                                             G_GNUC_UNUSED gconstpointer data)
{
  KhFrame finished = { .type = KH_FRAME_FINISHED,
                       .finished = { .n_done = UINT32_MAX,
                                     .n_there = UINT32_MAX,
                                     .n_failed = UINT32_MAX,
                                     .n_left_out = UINT32_MAX } };
  g_autoptr (Seen) ended = NULL;
  KhFrame offer;

  hostile_connect (hostile);
  offer = send_tree (hostile);
  lie_reply (hostile, &offer, KH_FRAME_ACCEPT);
  for (guint i = 0; i < 2; i++)
    {
      lie_run (hostile, KH_FRAME_FILE_DONE, &offer, 0, KH_FRAME_RUN_MAX, 0);
      lie (hostile, &(KhFrame){ .type = KH_FRAME_FILE_FAILED,
                                .file = { .stream = offer.offer.stream,
                                          .file = i == 0 ? 1 : 7777,
                                          .status = 99 } });
    }
  expect_talking (hostile);
  g_assert_cmpuint (count_seen (&hostile->victim, KH_EVENT_FILE), ==, 0);
  memcpy (finished.finished.transfer, offer.offer.transfer, KH_FRAME_ID_LEN);
  lie (hostile, &finished);
  lie (hostile, &finished);
  ended = wait_for (&hostile->victim, KH_EVENT_TRANSFER_ENDED);
  g_assert_cmpint (ended->event.transfer_end, ==, KH_TRANSFER_END_FAILED);
  g_assert_cmpuint (ended->event.n_failed, ==, N_FILES);
  g_assert_cmpuint (ended->event.n_there, <=, N_FILES);
  expect_talking (hostile);
}

/* One way and the other: the first word that ends it is the last. */
static void
test_replies_that_contradict_end_it_once (Hostile *hostile,
                                          G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (Seen) ended = NULL;
  KhFrame offer;

  hostile_connect (hostile);
  offer = send_tree (hostile);
  lie_reply (hostile, &offer, KH_FRAME_ACCEPT);
  lie_reply (hostile, &offer, KH_FRAME_ACCEPT);
  lie_reply (hostile, &offer, KH_FRAME_DECLINE);
  lie_reply (hostile, &offer, KH_FRAME_ACCEPT);
  ended = wait_for (&hostile->victim, KH_EVENT_TRANSFER_ENDED);
  g_assert_cmpint (ended->event.transfer_end, ==, KH_TRANSFER_END_DECLINED);
  expect_talking (hostile);
  g_assert_cmpuint (count_seen (&hostile->victim, KH_EVENT_TRANSFER_ENDED), ==, 0);
}

/* The total that was accepted can't be more than what was offered. */
static void
test_more_than_was_offered_is_not_shown (Hostile *hostile,
                                         G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GPtrArray) infos = NULL;
  const KhTransferInfo *info;
  KhFrame offer;

  hostile_connect (hostile);
  offer = send_tree (hostile);
  lie_reply (hostile, &offer, KH_FRAME_ACCEPT);
  expect_talking (hostile);
  infos = kh_client_list_transfers (hostile->victim.client);
  g_assert_cmpuint (infos->len, ==, 1);
  info = g_ptr_array_index (infos, 0);
  g_assert_cmpuint (info->wanted_files, ==, N_FILES);
  g_assert_cmpuint (info->wanted_bytes, ==, offer.offer.total);
}

/* Pages are made one at a time, however often they are asked for. */
static void
test_trees_wanted_without_end (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  KhFrame want = { .type = KH_FRAME_TREE_WANT };
  gsize before;
  KhFrame offer;

  hostile_connect (hostile);
  offer = send_tree (hostile);
  memcpy (want.tree.transfer, offer.offer.transfer, KH_FRAME_ID_LEN);
  before = resident_bytes ();
  for (guint i = 0; i < FLOOD && lie (hostile, &want); i++)
    continue;
  want.tree.first = UINT32_MAX;
  lie (hostile, &want);
  g_assert_cmpuint (resident_bytes (), <, before + HOSTILE_MEMORY_MAX);
  expect_talking (hostile);
}

/* Results without end are work without end: at some point the channel is over. */
static void
test_results_without_end (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  KhFrame done = { .type = KH_FRAME_FILE_DONE, .run = { .first = 1, .n = 1 } };
  gsize before;
  gsize most = 0;
  KhFrame offer;

  hostile_connect (hostile);
  offer = send_tree (hostile);
  lie_reply (hostile, &offer, KH_FRAME_ACCEPT);
  done.run.stream = offer.offer.stream;
  hostile_hold_disk (hostile);
  before = resident_bytes ();
  for (guint i = 0; i < 4 * FLOOD && lie (hostile, &done); i++)
    if (i % 1024 == 0)
      most = MAX (most, resident_bytes ());
  expect_closed (hostile);
  g_assert_cmpuint (most, <, before + HOSTILE_MEMORY_MAX);
}

/* Two at once: the second must not end what the first has brought back. */
static void
test_a_retry_twice_brings_it_back_once (Hostile *hostile,
                                        G_GNUC_UNUSED gconstpointer data)
{
  KhFrame retry = { .type = KH_FRAME_RETRY };
  KhFrame offer;

  hostile_connect (hostile);
  offer = send_tree (hostile);
  memcpy (retry.retry, offer.offer.transfer, KH_FRAME_ID_LEN);
  for (guint i = 0; i < 20; i++)
    {
      KhFrame cancel = { .type = KH_FRAME_CANCEL, .cancel.status = KH_FRAME_STATUS_GREW };
      g_autoptr (Seen) ended = NULL;

      memcpy (cancel.cancel.transfer, retry.retry, KH_FRAME_ID_LEN);
      lie (hostile, &cancel);
      ended = wait_for (&hostile->victim, KH_EVENT_TRANSFER_ENDED);
      g_assert_cmpint (ended->event.status, ==, KH_FRAME_STATUS_GREW);
      lie (hostile, &retry);
      lie (hostile, &retry);
      offer = hear (hostile, KH_FRAME_OFFER);
      expect_talking (hostile);
      g_assert_cmpuint (count_heard (KH_FRAME_CANCEL), ==, 0);
      g_assert_cmpuint (count_heard (KH_FRAME_OFFER), ==, 0);
    }
}

/* The channel is gone before the store has answered. */
static void
test_a_retry_on_a_channel_that_ends_is_not_lost (Hostile *hostile,
                                                 G_GNUC_UNUSED gconstpointer data)
{
  KhFrame retry = { .type = KH_FRAME_RETRY };
  KhFrame cancel = { .type = KH_FRAME_CANCEL, .cancel.status = KH_FRAME_STATUS_GREW };
  KhFrame offer;

  hostile_connect (hostile);
  offer = send_tree (hostile);
  memcpy (retry.retry, offer.offer.transfer, KH_FRAME_ID_LEN);
  memcpy (cancel.cancel.transfer, offer.offer.transfer, KH_FRAME_ID_LEN);
  lie (hostile, &cancel);
  wait_past (&hostile->victim, KH_EVENT_TRANSFER_ENDED);
  kh_outgoing_receive_retry (hostile_victims_link (hostile), &retry);
  g_hash_table_remove (hostile->victim.client->links, &hostile->liar.id);
  wait_past (&hostile->liar, KH_EVENT_DISCONNECTED);
  WAIT_UNTIL (hostile->victim.client->transfers->len == 1);
}

/* --- In the wrong state
 * ----------------------------------------------------------------- */

/* Sends something and changes it at once: before the store has heard of it. */
static KhTransferInfo *
change_at_once (Hostile *hostile, bool cancel)
{
  g_autofree char *path = g_build_filename (hostile->save, "own.txt", NULL);
  const char *paths[] = { path, NULL };
  g_autofree char *folder = g_strdup (hostile->victim.folder);
  g_autoptr (KhProfile) profile = NULL;
  KhClient *client = hostile->victim.client;
  const KhPeerId *liar = &hostile->liar.id;
  g_autofree char *text = NULL;
  g_autofree char *problem = NULL;
  KhTransferInfo *info;
  KhItemId id;

  hostile_connect (hostile);
  g_assert_true (kh_client_send (client, liar, paths, &id, NULL));
  g_assert_true (cancel ? kh_client_cancel_transfer (client, liar, &id, TRUE, NULL)
                        : kh_client_pause_transfer (client, liar, &id, TRUE, NULL));
  expect_talking (hostile);
  g_assert_cmpuint (count_heard (KH_FRAME_OFFER), ==, cancel ? 0 : 1);
  client_close (&hostile->victim);
  profile = kh_profile_open (folder, "the test", NULL);
  g_assert_nonnull (profile);
  text = kh_item_id_to_text (&id);
  info = kh_profile_find_transfer (profile, text, &problem);
  g_assert_nonnull (info);
  g_clear_pointer (&profile, kh_profile_free);
  remove_folder (folder);
  return info;
}

static void
test_what_is_cancelled_at_once_is_over (Hostile *hostile,
                                        G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (KhTransferInfo) info = change_at_once (hostile, true);

  g_assert_cmpint (info->phase, ==, KH_PHASE_CANCELLED);
}

static void
test_what_is_paused_at_once_stays_so (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (KhTransferInfo) info = change_at_once (hostile, false);

  g_assert_cmpint (info->phase, ==, KH_PHASE_OFFERED);
  g_assert_true (info->paused_here);
}

/* What can't be done now is refused, or does nothing. */
static void
test_nothing_is_done_in_the_wrong_state (Hostile *hostile,
                                         G_GNUC_UNUSED gconstpointer data)
{
  KhClient *client = hostile->victim.client;
  const KhPeerId *liar = &hostile->liar.id;
  KhFrame offer;
  KhItemId id;

  hostile_connect (hostile);
  offer = send_tree (hostile);
  memcpy (id.bytes, offer.offer.transfer, sizeof id.bytes);
  g_assert_false (kh_client_retry_transfer (client, liar, &id, NULL));
  kh_client_answer_offer (client, liar, &id, TRUE, NULL, NULL);
  g_assert_true (kh_client_pause_transfer (client, liar, &id, TRUE, NULL));
  g_assert_true (kh_client_pause_transfer (client, liar, &id, TRUE, NULL));
  lie_reply (hostile, &offer, KH_FRAME_DECLINE);
  wait_past (&hostile->victim, KH_EVENT_TRANSFER_ENDED);
  g_assert_false (kh_client_pause_transfer (client, liar, &id, FALSE, NULL));
  g_assert_false (kh_client_cancel_transfer (client, liar, &id, TRUE, NULL));
  g_assert_false (kh_client_put_first (client, liar, &id, NULL));
  g_assert_true (kh_client_retry_transfer (client, liar, &id, NULL));
  expect_talking (hostile);
  g_assert_cmpuint (count_heard (KH_FRAME_OFFER), ==, 0);
  g_assert_cmpuint (client->transfers->len, ==, 0);
}

int
main (int argc, char *argv[])
{
#define ADD(path, test)                                                                  \
  g_test_add ("/hostile-receiver/" path, Hostile, GUINT_TO_POINTER (KH_CONSENT_ALL),     \
              hostile_set_up, test, hostile_tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("a-second-hello-ends-the-channel", test_greet_again);
  ADD ("want-before-the-reply-ends-the-channel", test_want_before_the_reply);
  ADD ("done-before-the-reply-ends-the-channel", test_have_before_the_reply);
  ADD ("want-of-a-folder-ends-the-channel", test_want_a_folder);
  ADD ("want-of-what-was-not-offered-ends-the-channel", test_want_what_was_not_offered);
  ADD ("want-beyond-the-end-ends-the-channel", test_want_beyond_what_was_offered);
  ADD ("want-of-too-much-ends-the-channel", test_want_far_too_much);
  ADD ("want-of-the-same-ends-the-channel", test_want_the_same_again);
  ADD ("hashes-without-end-end-the-channel", test_send_hashes_without_end);
  ADD ("an-offset-beyond-the-end-begins-at-0", test_an_offset_beyond_the_end_begins_at_0);
  ADD ("results-that-can-not-be-are-no-trouble",
       test_results_that_can_not_be_are_no_trouble);
  ADD ("replies-that-contradict-end-it-once", test_replies_that_contradict_end_it_once);
  ADD ("more-than-was-offered-is-not-shown", test_more_than_was_offered_is_not_shown);
  ADD ("trees-wanted-without-end", test_trees_wanted_without_end);
  ADD ("results-without-end", test_results_without_end);
  ADD ("a-retry-twice-brings-it-back-once", test_a_retry_twice_brings_it_back_once);
  ADD ("a-retry-on-a-channel-that-ends-is-not-lost",
       test_a_retry_on_a_channel_that_ends_is_not_lost);
  ADD ("what-is-cancelled-at-once-is-over", test_what_is_cancelled_at_once_is_over);
  ADD ("what-is-paused-at-once-stays-so", test_what_is_paused_at_once_stays_so);
  ADD ("nothing-is-done-in-the-wrong-state", test_nothing_is_done_in_the_wrong_state);
#undef ADD
  return g_test_run ();
}

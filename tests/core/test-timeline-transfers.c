/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Transfers in conversations that are open: what their cards would show.
 */
#include "timeline-fixture.h"

#include "core/resume.h"
#include "core/client-private.h"
#include "core/link.h"

#include <glib/gstdio.h>
#include <string.h>

#define LARGE (24u << 20)
/* What alice sends a second of it, so that there is time to look: 6 s. */
#define SLOW (4u << 20)

typedef struct
{
  Watch alices;
  Watch bobs;
} Both;

static gboolean
waits (const Watch *watch)
{
  return watch->copy->len > 0
         && kh_timeline_item_waits_for_answer (watch_last (watch), NULL);
}

static void
both_open (Both *both, Pair *pair)
{
  watch_load (&both->alices, &pair->alice, &pair->bob);
  watch_load (&both->bobs, &pair->bob, &pair->alice);
  pair_connect (pair);
}

/* Opens both; alice has offered what is at @path. */
static KhItemId
offer (Both *both, Pair *pair, const char *path)
{
  KhItemId id;

  both_open (both, pair);
  id = send_path (&pair->alice, &pair->bob, path);
  WAIT_UNTIL (waits (&both->bobs));
  return id;
}

static void
both_close (Both *both, Pair *pair)
{
  watch_assert_reopens (&both->alices, &pair->alice, &pair->bob);
  watch_assert_reopens (&both->bobs, &pair->bob, &pair->alice);
  watch_close (&both->alices);
  watch_close (&both->bobs);
}

static gboolean
is_at (const Watch *watch, KhTransferPhase phase)
{
  return watch->copy->len > 0
         && kh_timeline_item_get_transfer (watch_last (watch))->phase == phase;
}

/* Also what the store has made of its end. */
static gboolean
has_ended (const Watch *watch, KhTransferPhase phase)
{
  return is_at (watch, phase) && kh_timeline_item_get_position (watch_last (watch)) > 0
         && kh_timeline_item_get_transfer (watch_last (watch))->ended_at_ms > 0;
}

static guint64
rate (const Watch *watch)
{
  return kh_timeline_item_get_speed (watch_last (watch)).rate;
}

static void
answer (Pair *pair, const KhItemId *id, gboolean accept)
{
  kh_client_answer_offer (pair->bob.client, &pair->alice.id, id, accept, NULL, NULL);
}

static void
test_an_offer_waits_and_is_taken (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_file (pair, "note ä.txt", 5);
  const KhTransferInfo *info;
  KhItemId id;
  Both both;

  both_open (&both, pair);
  id = send_path (&pair->alice, &pair->bob, path);
  WAIT_UNTIL (is_at (&both.alices, KH_PHASE_LISTING));
  g_assert_cmpstr (kh_timeline_item_get_transfer (watch_last (&both.alices))->name, ==,
                   "note ä.txt");
  WAIT_UNTIL (waits (&both.bobs));
  g_assert_true (is_at (&both.bobs, KH_PHASE_OFFERED));
  g_assert_false (waits (&both.alices));
  WAIT_UNTIL (is_at (&both.alices, KH_PHASE_OFFERED));
  g_assert_true (kh_timeline_item_is_connected (watch_last (&both.bobs)));
  info = kh_timeline_item_get_transfer (watch_last (&both.bobs));
  g_assert_cmpuint (info->n_files, ==, 1);
  g_assert_cmpuint (info->wanted_bytes, ==, 5);

  answer (pair, &id, TRUE);
  g_assert_false (waits (&both.bobs)); /* at once: nobody answers twice */
  WAIT_UNTIL (has_ended (&both.alices, KH_PHASE_DONE));
  WAIT_UNTIL (has_ended (&both.bobs, KH_PHASE_DONE));
  info = kh_timeline_item_get_transfer (watch_last (&both.bobs));
  g_assert_cmpuint (info->done_files, ==, 1);
  g_assert_cmpuint (info->done_bytes, ==, 5);
  g_assert_nonnull (info->folder);
  g_assert_cmpuint (both.bobs.copy->len, ==, 1);
  WAIT_UNTIL (!waits (&both.bobs));
  run_what_is_ready ();
  both_close (&both, pair);
}

static void
test_an_offer_is_declined (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_file (pair, "a", 5);
  KhItemId id;
  Both both;

  id = offer (&both, pair, path);
  answer (pair, &id, FALSE);
  g_assert_false (waits (&both.bobs));
  WAIT_UNTIL (has_ended (&both.bobs, KH_PHASE_DECLINED));
  WAIT_UNTIL (has_ended (&both.alices, KH_PHASE_DECLINED));
  /* What else they have to say to each other of it has come when this has. */
  say (&pair->bob, &pair->alice, "no, thanks");
  WAIT_UNTIL (both.bobs.copy->len == 2
              && kh_timeline_item_get_message_state (watch_last (&both.bobs))
                     == KH_MESSAGE_DELIVERED);
  WAIT_UNTIL (both.alices.copy->len == 2);
  both_close (&both, pair);
}

static void
test_an_offer_is_withdrawn (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_file (pair, "a", 5);
  KhItemId id;
  Both both;

  id = offer (&both, pair, path);
  kh_client_cancel_transfer (pair->alice.client, &pair->bob.id, &id, FALSE, NULL);
  WAIT_UNTIL (is_at (&both.bobs, KH_PHASE_CANCELLED));
  g_assert_false (waits (&both.bobs));
  WAIT_UNTIL (has_ended (&both.alices, KH_PHASE_CANCELLED));
  watch_close (&both.alices);
  watch_close (&both.bobs);
}

/* And the answer may come before the other is back. */
static void
test_an_offer_waits_over_a_restart (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_file (pair, "a", 5);
  KhItemId id;
  Both both;

  id = offer (&both, pair, path);
  watch_close (&both.bobs);
  person_restart (&pair->bob, &pair->server, "bob", KH_CONSENT_ASK);
  watch_load (&both.bobs, &pair->bob, &pair->alice);
  g_assert_true (waits (&both.bobs));
  g_assert_false (kh_timeline_item_is_connected (watch_last (&both.bobs)));
  answer (pair, &id, TRUE);
  g_assert_false (waits (&both.bobs));
  WAIT_UNTIL (is_at (&both.bobs, KH_PHASE_RUNNING));
  WAIT_UNTIL (has_ended (&both.bobs, KH_PHASE_DONE));
  WAIT_UNTIL (has_ended (&both.alices, KH_PHASE_DONE));
  watch_close (&both.alices);
  watch_close (&both.bobs);
}

/* Whoever comes back all the time is no news. */
static void
test_an_offer_is_unread_once (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_file (pair, "a", 5);
  g_autoptr (Seen) first = NULL;
  g_autoptr (Seen) again = NULL;

  pair_connect (pair);
  send_path (&pair->alice, &pair->bob, path);
  first = wait_for (&pair->bob, KH_EVENT_OFFER);
  g_assert_true (first->event.waiting && !first->event.repeated);
  pair_cut (pair);
  pair_connect (pair);
  again = wait_for (&pair->bob, KH_EVENT_OFFER);
  g_assert_true (again->event.waiting && again->event.repeated);
  g_assert_cmpuint (
      kh_client_get_conversation (pair->bob.client, &pair->alice.id)->n_unread, ==, 1);
}

static void
count (G_GNUC_UNUSED KhTimelineItem *item, gpointer data)
{
  ++*(guint *)data;
}

/* About what it is, however busy the machine is at times. */
static gboolean
shows_its_speed (const Watch *watch)
{
  KhTransferSpeed speed = kh_timeline_item_get_speed (watch_last (watch));

  return speed.rate > SLOW / 2 && speed.rate < SLOW / 8 * 13 && speed.left_ms > 0
         && speed.left_ms < 10000 && speed.file != NULL;
}

static void
test_a_large_one_shows_how_fast_it_goes (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_file (pair, "large", LARGE);
  guint n_changed = 0;
  gint64 began_us;
  KhItemId id;
  Both both;

  kh_client_set_limits (pair->alice.client, SLOW, 0);
  id = offer (&both, pair, path);
  answer (pair, &id, TRUE);
  WAIT_UNTIL (is_at (&both.alices, KH_PHASE_RUNNING)
              && is_at (&both.bobs, KH_PHASE_RUNNING));
  g_signal_connect (watch_last (&both.bobs), "changed", G_CALLBACK (count), &n_changed);
  began_us = g_get_monotonic_time ();
  WAIT_UNTIL (rate (&both.alices) > 0 && rate (&both.bobs) > 0);
  WAIT_UNTIL (g_get_monotonic_time () - began_us > 1500000 && n_changed >= 3
              && shows_its_speed (&both.bobs));
  g_assert_cmpuint (n_changed, <=,
                    2 + (guint)((g_get_monotonic_time () - began_us) / 100000));

  kh_client_pause_transfer (pair->bob.client, &pair->alice.id, &id, TRUE, NULL);
  WAIT_UNTIL (rate (&both.bobs) == 0 && rate (&both.alices) == 0);
  WAIT_UNTIL (kh_timeline_item_get_transfer (watch_last (&both.bobs))->paused_here);
  WAIT_UNTIL (kh_timeline_item_get_transfer (watch_last (&both.alices))->paused_there);
  g_assert_cmpint (kh_timeline_item_get_speed (watch_last (&both.bobs)).left_ms, ==, -1);
  kh_client_pause_transfer (pair->bob.client, &pair->alice.id, &id, FALSE, NULL);
  WAIT_UNTIL (rate (&both.bobs) > 0);
  kh_client_set_limits (pair->alice.client, 0, 0);
  WAIT_UNTIL (has_ended (&both.alices, KH_PHASE_DONE));
  WAIT_UNTIL (has_ended (&both.bobs, KH_PHASE_DONE));
  g_assert_cmpuint (rate (&both.bobs), ==, 0);
  run_what_is_ready ();
  both_close (&both, pair);
}

/* The timeline has heard of it before. It may go on by itself soon. */
static void
on_interrupted (G_GNUC_UNUSED KhClient *client, const KhEvent *event, Both *both)
{
  if (event->kind == KH_EVENT_INTERRUPTED)
    {
      g_assert_cmpuint (rate (&both->bobs), ==, 0);
      g_assert_null (kh_timeline_item_get_speed (watch_last (&both->bobs)).file);
    }
}

static void
test_what_is_cut_off_goes_on (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_file (pair, "large", LARGE);
  guint64 had;
  KhItemId id;
  Both both;

  kh_client_set_limits (pair->alice.client, SLOW, 0);
  id = offer (&both, pair, path);
  answer (pair, &id, TRUE);
  WAIT_UNTIL (is_at (&both.bobs, KH_PHASE_RUNNING) && rate (&both.bobs) > 0);
  g_signal_connect (pair->bob.client, "event", G_CALLBACK (on_interrupted), &both);
  /* By the sender: who closes is the last to see the end, and when the other calls ahead
   * of that, nothing was cut off. */
  kh_link_close (g_hash_table_lookup (pair->alice.client->links, &pair->bob.id),
                 KH_FRAME_BYE_CLOSING);
  WAIT_UNTIL (!kh_timeline_item_is_connected (watch_last (&both.bobs)));
  WAIT_UNTIL (count_seen (&pair->bob, KH_EVENT_INTERRUPTED) == 1);
  g_assert_true (is_at (&both.alices, KH_PHASE_RUNNING));
  had = kh_timeline_item_get_transfer (watch_last (&both.bobs))->done_bytes;
  g_assert_cmpuint (had, >, 0);

  kh_client_set_limits (pair->alice.client, 0, 0);
  /* By itself. */
  WAIT_UNTIL (kh_timeline_item_is_connected (watch_last (&both.bobs)));
  WAIT_UNTIL (has_ended (&both.alices, KH_PHASE_DONE));
  WAIT_UNTIL (has_ended (&both.bobs, KH_PHASE_DONE));
  g_assert_cmpuint (both.bobs.copy->len, ==, 1);
  run_what_is_ready ();
  g_signal_handlers_disconnect_by_data (pair->bob.client, &both);
  both_close (&both, pair);
}

static void
on_listed (GObject *client, GAsyncResult *result, gpointer entries)
{
  *(GPtrArray **)entries
      = kh_client_list_entries_finish (KH_CLIENT (client), result, NULL);
}

/* The paths of what failed, with spaces between. */
static void
assert_failed (Person *person, const Person *peer, const KhItemId *id,
               const char *expected)
{
  g_autoptr (GString) paths = g_string_new (NULL);
  g_autoptr (GPtrArray) entries = NULL;

  kh_client_list_entries_async (person->client, &peer->id, id, 0, 100, on_listed,
                                &entries);
  WAIT_UNTIL (entries != NULL);
  for (guint i = 0; i < entries->len; i++)
    {
      const KhEntryInfo *entry = g_ptr_array_index (entries, i);

      if (entry->state == KH_ENTRY_HAS_FAILED)
        g_string_append_printf (paths, "%s%s", paths->len > 0 ? " " : "", entry->path);
    }
  g_assert_cmpstr (paths->str, ==, expected);
}

/* What the sender has lost is named at both ends, and forgotten as it is tried again. */
static void
test_what_failed_is_named (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *tree = g_build_filename (pair->source, "tree", NULL);
  g_autofree char *lost = write_file (pair, "tree/lost", 100);
  g_autofree char *kept = write_file (pair, "tree/kept", 100);
  KhItemId id;
  Both both;

  id = offer (&both, pair, tree);
  g_assert_cmpint (g_unlink (lost), ==, 0);
  answer (pair, &id, TRUE);
  WAIT_UNTIL (has_ended (&both.alices, KH_PHASE_FAILED));
  WAIT_UNTIL (has_ended (&both.bobs, KH_PHASE_FAILED));
  assert_failed (&pair->alice, &pair->bob, &id, "tree/lost");
  assert_failed (&pair->bob, &pair->alice, &id, "tree/lost");
  WAIT_UNTIL (kh_timeline_item_get_transfer (watch_last (&both.bobs))->can_retry);

  g_free (write_file (pair, "tree/lost", 100));
  g_assert_true (kh_client_retry_transfer (pair->alice.client, &pair->bob.id, &id, NULL));
  WAIT_UNTIL (has_ended (&both.alices, KH_PHASE_DONE));
  WAIT_UNTIL (has_ended (&both.bobs, KH_PHASE_DONE));
  assert_failed (&pair->alice, &pair->bob, &id, "");
  assert_failed (&pair->bob, &pair->alice, &id, "");
  g_assert_cmpuint (both.alices.copy->len, ==, 1);
  g_assert_cmpuint (both.bobs.copy->len, ==, 1);
  run_what_is_ready ();
  both_close (&both, pair);
}

static void
test_what_can_not_be_listed_has_failed (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *tree = g_build_filename (pair->source, "tree", NULL);
  g_autoptr (GString) deepest = g_string_new (tree);
  Both both;

  for (guint depth = 0; depth <= KH_TREE_DEPTH_MAX; depth++)
    g_string_append (deepest, "/d");
  g_assert_cmpint (g_mkdir_with_parents (deepest->str, 0700), ==, 0);
  both_open (&both, pair);
  send_path (&pair->alice, &pair->bob, tree);
  WAIT_UNTIL (has_ended (&both.alices, KH_PHASE_FAILED));
  g_assert_cmpuint (both.bobs.copy->len, ==, 0);
  both_close (&both, pair);
}

/* Messages and files are in the order in which they were stored, at both ends. */
static void
test_files_stand_between_messages (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_file (pair, "a", 5);
  Both both;

  both_open (&both, pair);
  say (&pair->alice, &pair->bob, "before");
  send_path (&pair->alice, &pair->bob, path);
  say (&pair->alice, &pair->bob, "after");
  g_assert_cmpuint (both.alices.copy->len, >=, 2);
  WAIT_UNTIL (both.alices.copy->len == 3 && both.bobs.copy->len == 3);
  g_assert_cmpint (kh_timeline_item_get_kind (watch_get (&both.alices, 1)), ==,
                   KH_ITEM_TRANSFER);
  WAIT_UNTIL (kh_timeline_item_get_position (watch_get (&both.alices, 2)) > 0);
  WAIT_UNTIL (kh_timeline_item_get_message_state (watch_get (&both.alices, 2))
              == KH_MESSAGE_DELIVERED);
  both_close (&both, pair);
}

/* Nor does a file that was on its way let them in without a question. */
static void
test_who_is_forgotten_is_not_called_for_a_file (Pair *pair,
                                                G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = write_file (pair, "large", LARGE);
  KhItemId id;
  Both both;

  kh_client_set_limits (pair->alice.client, SLOW, 0);
  id = offer (&both, pair, path);
  answer (pair, &id, TRUE);
  WAIT_UNTIL (is_at (&both.bobs, KH_PHASE_RUNNING));
  kh_client_forget_contact (pair->bob.client, &pair->alice.id, FALSE);
  WAIT_UNTIL (kh_timeline_item_get_transfer (watch_last (&both.bobs))->paused_here);
  g_assert_false (kh_resume_expects (pair->bob.client, &pair->alice.id));
  WAIT_UNTIL (!kh_client_is_connected (pair->bob.client, &pair->alice.id));
  both_close (&both, pair);
}

#define ADD(path, test)                                                                  \
  g_test_add ("/timeline-transfers/" path, Pair, "ask", pair_set_up, test, pair_tear_down)

/* A channel that broke is made anew, but not against a person, here or there; nor when
 * the other has been away meanwhile. */
static void
test_who_was_hung_up_on_is_not_expected (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  KhClient *client = pair->alice.client;
  const KhPeerId *bob = &pair->bob.id;

  g_assert_false (kh_resume_expects (client, bob));
  kh_resume_lost (client, bob, TRUE);
  g_assert_true (kh_resume_expects (client, bob));
  kh_client_hang_up (client, bob);
  g_assert_false (kh_resume_expects (client, bob));
  kh_resume_gone (client, bob);
  g_assert_false (kh_resume_expects (client, bob));

  kh_resume_lost (client, bob, TRUE);
  kh_resume_gone (client, bob);
  g_assert_true (kh_resume_expects (client, bob));
  kh_resume_given_up (client, bob);
  g_assert_false (kh_resume_expects (client, bob));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("an-offer-waits-and-is-taken", test_an_offer_waits_and_is_taken);
  ADD ("an-offer-is-declined", test_an_offer_is_declined);
  ADD ("an-offer-is-withdrawn", test_an_offer_is_withdrawn);
  ADD ("an-offer-is-unread-once", test_an_offer_is_unread_once);
  ADD ("an-offer-waits-over-a-restart", test_an_offer_waits_over_a_restart);
  ADD ("a-large-one-shows-how-fast-it-goes", test_a_large_one_shows_how_fast_it_goes);
  ADD ("what-is-cut-off-goes-on", test_what_is_cut_off_goes_on);
  ADD ("who-is-forgotten-is-not-called-for-a-file",
       test_who_is_forgotten_is_not_called_for_a_file);
  ADD ("who-was-hung-up-on-is-not-expected", test_who_was_hung_up_on_is_not_expected);
  ADD ("what-failed-is-named", test_what_failed_is_named);
  ADD ("what-can-not-be-listed-has-failed", test_what_can_not_be_listed_has_failed);
  ADD ("files-stand-between-messages", test_files_stand_between_messages);
  return g_test_run ();
}

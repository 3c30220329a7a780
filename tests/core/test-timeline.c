/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Messages in conversations that are open while they come and go.
 */
#include "timeline-fixture.h"

#include "core/timeline-private.h"
#include "store/conversations.h"
#include "store/messages.h"

#include <string.h>

static KhMessageState
state_of (const Watch *watch, guint index)
{
  return kh_timeline_item_get_message_state (watch_get (watch, index));
}

static const char *
text_of (const Watch *watch, guint index)
{
  return kh_timeline_item_get_text (watch_get (watch, index));
}

/* --- Messages -------------------------------------------------------------------- */

static void
on_state (KhTimelineItem *item, gpointer data)
{
  GString *states = data;

  g_string_append_c (states, "wsdr"[kh_timeline_item_get_message_state (item)]);
}

static void
test_a_message_waits_then_goes_then_arrives (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GString) states = g_string_new (NULL);
  Watch alices;
  Watch bobs;

  watch_load (&alices, &pair->alice, &pair->bob);
  watch_load (&bobs, &pair->bob, &pair->alice);
  say (&pair->alice, &pair->bob, "hello");
  /* At once: the store has had no time. */
  g_assert_cmpuint (alices.copy->len, ==, 1);
  g_assert_cmpint (state_of (&alices, 0), ==, KH_MESSAGE_WAITING);
  g_assert_cmpint (kh_timeline_item_get_position (watch_get (&alices, 0)), ==, 0);
  WAIT_UNTIL (kh_timeline_item_get_position (watch_get (&alices, 0)) > 0);
  g_signal_connect (watch_get (&alices, 0), "changed", G_CALLBACK (on_state), states);

  pair_connect (pair);
  WAIT_UNTIL (state_of (&alices, 0) == KH_MESSAGE_DELIVERED && bobs.copy->len == 1);
  WAIT_UNTIL (g_str_has_suffix (states->str, "d"));
  g_assert_cmpstr (states->str, ==, "sd");
  g_assert_cmpstr (text_of (&bobs, 0), ==, "hello");
  g_assert_cmpint (state_of (&bobs, 0), ==, KH_MESSAGE_RECEIVED);
  g_assert_false (kh_timeline_item_is_outgoing (watch_get (&bobs, 0)));

  say (&pair->bob, &pair->alice, "hello yourself");
  WAIT_UNTIL (alices.copy->len == 2 && state_of (&bobs, 1) == KH_MESSAGE_DELIVERED);
  g_assert_cmpstr (text_of (&alices, 1), ==, "hello yourself");
  watch_assert_reopens (&alices, &pair->alice, &pair->bob);
  watch_assert_reopens (&bobs, &pair->bob, &pair->alice);
  watch_close (&alices);
  watch_close (&bobs);
}

static void
test_what_was_sent_waits_again_without_a_channel (Pair *pair,
                                                  G_GNUC_UNUSED gconstpointer data)
{
  Watch alices;
  Watch bobs;

  watch_load (&alices, &pair->alice, &pair->bob);
  watch_load (&bobs, &pair->bob, &pair->alice);
  pair_connect (pair);
  say (&pair->alice, &pair->bob, "into the void");
  wait_past (&pair->alice, KH_EVENT_SENT);
  pair_cut (pair); /* bob reads nothing any more */
  WAIT_UNTIL (state_of (&alices, 0) == KH_MESSAGE_WAITING);
  g_assert_cmpuint (bobs.copy->len, ==, 0);
  watch_assert_reopens (&alices, &pair->alice, &pair->bob);

  pair_connect (pair);
  WAIT_UNTIL (state_of (&alices, 0) == KH_MESSAGE_DELIVERED);
  g_assert_cmpuint (bobs.copy->len, ==, 1);
  watch_close (&alices);
  watch_close (&bobs);
}

static void
test_a_restart_shows_the_same (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  Watch before;
  Watch after;

  watch_load (&before, &pair->alice, &pair->bob);
  pair_connect (pair);
  say (&pair->alice, &pair->bob, "one");
  wait_past (&pair->alice, KH_EVENT_DELIVERED);
  pair_cut (pair);
  say (&pair->alice, &pair->bob, "two");
  WAIT_UNTIL (kh_timeline_item_get_position (watch_last (&before)) > 0);
  watch_close (&before);
  person_restart (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL);
  watch_load (&after, &pair->alice, &pair->bob);
  g_assert_cmpuint (after.copy->len, ==, 2);
  g_assert_cmpstr (text_of (&after, 0), ==, "one");
  g_assert_cmpint (state_of (&after, 0), ==, KH_MESSAGE_DELIVERED);
  g_assert_cmpstr (text_of (&after, 1), ==, "two");
  g_assert_cmpint (state_of (&after, 1), ==, KH_MESSAGE_WAITING);
  watch_close (&after);
}

/* Whenever a conversation is opened while both talk, nothing is missing or twice, and it
 * is what the one that was open all the time shows. Replay with --seed. */
static void
test_opened_at_any_moment_it_is_the_same (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  Watch all;
  guint n = 0;

  watch_load (&all, &pair->alice, &pair->bob);
  pair_connect (pair);
  for (guint round = 0; round < 12; round++)
    {
      guint before = (guint)g_test_rand_int_range (0, 4);
      guint after = (guint)g_test_rand_int_range (0, 4);
      Watch late;

      for (guint i = 0; i < before + after; i++)
        {
          g_autofree char *text = g_strdup_printf ("%u", n++);

          if (i == before)
            watch_open (&late, &pair->alice, &pair->bob);
          if (g_test_rand_bit ())
            say (&pair->alice, &pair->bob, text);
          else
            say (&pair->bob, &pair->alice, text);
          for (gint turn = g_test_rand_int_range (0, 3); turn > 0; turn--)
            g_main_context_iteration (NULL, FALSE);
        }
      if (after == 0)
        watch_open (&late, &pair->alice, &pair->bob);
      WAIT_UNTIL (all.copy->len == n && late.copy->len == n);
      for (guint i = 0; i < n; i++)
        WAIT_UNTIL (!kh_timeline_item_is_outgoing (watch_get (&late, i))
                    || state_of (&late, i) == KH_MESSAGE_DELIVERED);
      for (guint i = 0; i < n; i++)
        g_assert_cmpstr (text_of (&late, i), ==, text_of (&all, i));
      watch_close (&late);
    }
  watch_assert_reopens (&all, &pair->alice, &pair->bob);
  watch_close (&all);
}

/* The store of a client stands still while @gate is locked. */
static gboolean
run_gate (G_GNUC_UNUSED KhStore *store, gpointer gate, G_GNUC_UNUSED GError **error)
{
  g_mutex_lock (gate);
  g_mutex_unlock (gate);
  return TRUE;
}

static void
hold_store (Person *person, GMutex *gate)
{
  g_mutex_init (gate);
  g_mutex_lock (gate);
  kh_store_thread_push (person->client->store, run_gate, NULL, gate, NULL);
}

/* bob's message is with alice, and not on her disk. */
static void
bring_message (Pair *pair, const char *text)
{
  const KhLink *link;
  guint n_storing;

  link = g_hash_table_lookup (pair->alice.client->links, &pair->bob.id);
  n_storing = link->n_storing;
  say (&pair->bob, &pair->alice, text);
  WAIT_UNTIL (link->n_storing == n_storing + 1);
}

static void
test_what_comes_with_its_page_is_there_once (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  GMutex gate;
  Watch watch;

  pair_connect (pair);
  hold_store (&pair->alice, &gate);
  say (&pair->alice, &pair->bob, "ours");
  bring_message (pair, "theirs");
  /* Both are stored before the page is read, and told of before it is here. */
  watch_open (&watch, &pair->alice, &pair->bob);
  say (&pair->alice, &pair->bob, "after");
  g_assert_cmpuint (watch.copy->len, ==, 0);
  g_mutex_unlock (&gate);
  WAIT_UNTIL (watch.copy->len == 3);
  g_assert_cmpstr (text_of (&watch, 0), ==, "ours");
  g_assert_cmpstr (text_of (&watch, 1), ==, "theirs");
  g_assert_cmpstr (text_of (&watch, 2), ==, "after");
  WAIT_UNTIL (state_of (&watch, 0) == KH_MESSAGE_DELIVERED
              && state_of (&watch, 2) == KH_MESSAGE_DELIVERED);
  watch_assert_reopens (&watch, &pair->alice, &pair->bob);
  watch_close (&watch);
  g_mutex_clear (&gate);
}

static void
test_what_is_stored_first_stands_first (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  GMutex gate;
  Watch watch;

  watch_load (&watch, &pair->alice, &pair->bob);
  pair_connect (pair);
  hold_store (&pair->alice, &gate);
  bring_message (pair, "theirs");
  say (&pair->alice, &pair->bob, "ours");
  g_assert_cmpuint (watch.copy->len, ==, 1);
  g_mutex_unlock (&gate);
  WAIT_UNTIL (watch.copy->len == 2);
  g_assert_cmpstr (text_of (&watch, 0), ==, "theirs");
  g_assert_cmpstr (text_of (&watch, 1), ==, "ours");
  WAIT_UNTIL (state_of (&watch, 1) == KH_MESSAGE_DELIVERED);
  watch_assert_reopens (&watch, &pair->alice, &pair->bob);
  watch_close (&watch);
  g_mutex_clear (&gate);
}

/* However much comes in one turn of the main loop, it is one change. */
static void
test_what_comes_together_is_one_change (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  GMutex gate;
  Watch watch;
  guint before;

  watch_load (&watch, &pair->alice, &pair->bob);
  pair_connect (pair);
  hold_store (&pair->alice, &gate);
  for (guint i = 0; i < 20; i++)
    bring_message (pair, "one of many");
  before = watch.n_changes;
  g_mutex_unlock (&gate);
  WAIT_UNTIL (watch.copy->len == 20);
  g_assert_cmpuint (watch.n_changes - before, <=, 3);
  watch_close (&watch);
  g_mutex_clear (&gate);
}

/* --- Long ones ------------------------------------------------------------------- */

static void
add_message (KhStore *store, const KhPeerId *peer, guint number, GError **error)
{
  g_autofree char *text = g_strdup_printf ("message %u", number);
  guint8 id[16] = { 0 };
  KhNewMessage message = { .peer = peer->bytes,
                           .id = id,
                           .text = text,
                           .sent_at_ms = number + 1,
                           .stored_at_ms = number + 1,
                           .keep = TRUE };
  gboolean is_new;

  memcpy (id, &number, sizeof number);
  if (number % 2 == 0)
    kh_messages_add_incoming (store, &message, &is_new, error);
  else if (kh_messages_add_outgoing (store, &message, error))
    kh_messages_mark_delivered (store, peer->bytes, id, NULL, error);
}

/* alice has said and heard messages of these numbers before. */
static void
fill_from (Pair *pair, guint first, guint n)
{
  g_autofree char *folder = g_strdup (pair->alice.folder);
  g_autoptr (GError) error = NULL;
  KhFolderLock *lock;
  KhStore *store;

  client_close (&pair->alice);
  store = store_open_in (folder, &lock);
  kh_store_batch_begin (store, &error);
  g_assert_no_error (error);
  for (guint i = first; i < n; i++)
    {
      add_message (store, &pair->bob.id, i, &error);
      g_assert_no_error (error);
    }
  kh_store_batch_commit (store, &error);
  g_assert_no_error (error);
  store_close_in (store, lock);
  client_start (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL, folder);
}

static void
fill (Pair *pair, guint n)
{
  fill_from (pair, 0, n);
}

static void
on_notify (G_GNUC_UNUSED GObject *object, G_GNUC_UNUSED GParamSpec *spec, gpointer data)
{
  ++*(guint *)data;
}

static void
test_older_pages_come_one_by_one (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  guint n = KH_TIMELINE_PAGE * 5 / 2;
  guint n_notified = 0;
  Watch watch;

  fill (pair, n);
  watch_open (&watch, &pair->alice, &pair->bob);
  g_signal_connect (watch.timeline, "notify::has-older", G_CALLBACK (on_notify),
                    &n_notified);
  WAIT_UNTIL (kh_timeline_is_loaded (watch.timeline));
  for (guint page = 1; page <= 3; page++)
    {
      guint have = MIN (page * KH_TIMELINE_PAGE, n);

      WAIT_UNTIL (watch.copy->len == have);
      g_assert_cmpuint (watch.n_changes, ==, page);
      g_assert_cmpint (kh_timeline_has_older (watch.timeline), ==, page < 3);
      g_assert_cmpuint (n_notified, ==, page < 3 ? 1 : 2);
      kh_timeline_load_older (watch.timeline);
      kh_timeline_load_older (watch.timeline);
    }
  run_what_is_ready ();
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = g_strdup_printf ("message %u", i);

      g_assert_cmpstr (text_of (&watch, i), ==, text);
    }
  watch_close (&watch);
}

typedef struct
{
  gboolean done;
  gboolean found;
  guint index;
  GError *error;
} Went;

static void
on_went (GObject *source, GAsyncResult *result, gpointer data)
{
  Went *went = data;

  went->index = G_MAXUINT;
  went->found = kh_timeline_load_to_finish (KH_TIMELINE (source), result, &went->index,
                                            &went->error);
  went->done = TRUE;
}

static void
test_what_was_found_is_gone_to (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  guint n = KH_TIMELINE_STRIDE + 50;
  gint64 first;
  Went went = { 0 };
  Went missed = { 0 };
  Went cancelled = { 0 };
  Watch watch;

  fill (pair, n);
  watch_load (&watch, &pair->alice, &pair->bob);
  /* Nobody else has said anything: positions are in a row. */
  first = kh_timeline_item_get_position (watch_last (&watch)) - n + 1;
  kh_timeline_load_to_async (watch.timeline, first + 7, NULL, on_went, &went);
  kh_timeline_load_to_async (watch.timeline, first + n + 5, NULL, on_went, &missed);
  kh_timeline_load_to_async (watch.timeline, first, cancellable, on_went, &cancelled);
  g_cancellable_cancel (cancellable);
  WAIT_UNTIL (went.done && missed.done && cancelled.done);
  g_assert_no_error (went.error);
  g_assert_true (went.found);
  g_assert_cmpstr (text_of (&watch, went.index), ==, "message 7");
  g_assert_cmpuint (watch.n_changes, ==, 2); /* the page and the rest */
  g_assert_false (missed.found);
  g_assert_no_error (missed.error);
  g_assert_error (cancelled.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&cancelled.error);
  watch_close (&watch);
}

static void
test_going_far_ends_with_the_client (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  Went went = { 0 };
  Watch watch;

  fill (pair, KH_TIMELINE_STRIDE * 2);
  watch_load (&watch, &pair->alice, &pair->bob);
  kh_timeline_load_to_async (watch.timeline, 1, NULL, on_went, &went);
  watch_close (&watch); /* it lives until it has been answered */
  g_assert_true (went.done);
}

/* The first time the store has read nothing yet. */
static void
tell_opening (Pair *pair, const char *what)
{
  for (guint i = 0; i < 3; i++)
    {
      gint64 began_us = g_get_monotonic_time ();
      Watch watch;

      watch_load (&watch, &pair->alice, &pair->bob);
      g_test_message ("opened with %s after %" G_GINT64_FORMAT " us", what,
                      g_get_monotonic_time () - began_us);
      watch_close (&watch);
    }
}

static void
test_a_hundred_thousand_open_like_a_page (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  gint64 began_us;
  gint64 first;
  Went went = { 0 };
  Watch watch;

  fill (pair, KH_TIMELINE_PAGE);
  tell_opening (pair, "a page");
  fill_from (pair, KH_TIMELINE_PAGE, 100000);
  tell_opening (pair, "all");
  watch_load (&watch, &pair->alice, &pair->bob);
  g_assert_cmpuint (watch.timeline->n_read, ==, KH_TIMELINE_PAGE);
  g_assert_cmpuint (watch.copy->len, ==, KH_TIMELINE_PAGE);
  g_assert_cmpuint (watch.n_changes, ==, 1);

  first = kh_timeline_item_get_position (watch_last (&watch)) - 100000 + 1;
  began_us = g_get_monotonic_time ();
  kh_timeline_load_to_async (watch.timeline, first, NULL, on_went, &went);
  WAIT_UNTIL (went.done);
  g_test_message ("went to the first after %" G_GINT64_FORMAT " us",
                  g_get_monotonic_time () - began_us);
  g_assert_cmpuint (went.index, ==, 0);
  g_assert_cmpuint (watch.copy->len, ==, 100000);
  g_assert_cmpuint (watch.timeline->n_read, ==, 100000);
  g_assert_cmpuint (watch.n_changes, <=, 1 + 100000 / KH_TIMELINE_STRIDE);
  watch_close (&watch);
}

/* Counted from when it was opened, also as more comes. */
static void
test_the_first_unread_is_known (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *folder = g_strdup (pair->alice.folder);
  g_autoptr (GError) error = NULL;
  KhFolderLock *lock;
  KhStore *store;
  gint64 last;
  Watch watch;

  fill (pair, KH_TIMELINE_PAGE + 50);
  watch_load (&watch, &pair->alice, &pair->bob);
  /* All are unread: the first of them is further up. */
  g_assert_cmpuint (kh_timeline_get_first_unread (watch.timeline), ==, G_MAXUINT);
  kh_timeline_load_older (watch.timeline);
  WAIT_UNTIL (watch.copy->len == KH_TIMELINE_PAGE + 50);
  g_assert_cmpuint (kh_timeline_get_first_unread (watch.timeline), ==, 0);
  last = kh_timeline_item_get_position (watch_last (&watch));
  watch_close (&watch);

  client_close (&pair->alice);
  store = store_open_in (folder, &lock);
  kh_conversations_mark_read (store, pair->bob.id.bytes, last - 4, &error);
  g_assert_no_error (error);
  store_close_in (store, lock);
  client_start (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL, folder);
  watch_load (&watch, &pair->alice, &pair->bob);
  /* The last is ours, the one before theirs. */
  g_assert_cmpuint (kh_timeline_get_first_unread (watch.timeline), ==,
                    KH_TIMELINE_PAGE - 4);
  say (&pair->alice, &pair->bob, "one more");
  g_assert_cmpuint (kh_timeline_get_first_unread (watch.timeline), ==,
                    KH_TIMELINE_PAGE - 4);
  watch_close (&watch);
}

static void
on_client_closed (GObject *source, GAsyncResult *result, gpointer data)
{
  kh_client_close_finish (KH_CLIENT (source), result);
  *(gboolean *)data = TRUE;
}

/* Whatever is asked of it then. */
static void
test_it_outlives_the_client (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *folder = make_folder ();
  KhClient *client = kh_client_new (&(KhClientOptions){ .data_dir = folder,
                                                        .holder = "the test",
                                                        .server = pair->server.address,
                                                        .name = "carol" },
                                    NULL);
  KhTimeline *timeline = kh_timeline_new (client, &pair->bob.id);
  gboolean closed = FALSE;
  Went early = { 0 };
  Went late = { 0 };

  kh_timeline_load_to_async (timeline, 5, NULL, on_went, &early);
  kh_client_close_async (client, on_client_closed, &closed);
  WAIT_UNTIL (closed && early.done);
  kh_timeline_load_to_async (timeline, 5, NULL, on_went, &late);
  kh_timeline_load_older (timeline);
  WAIT_UNTIL (late.done);
  g_assert_false (late.found);
  g_clear_error (&early.error);
  g_clear_error (&late.error);
  g_assert_finalize_object (timeline);
  g_assert_finalize_object (client);
  remove_folder (folder);
}

#define ADD(path, test)                                                                  \
  g_test_add ("/timeline/" path, Pair, NULL, pair_set_up, test, pair_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("a-message-waits-then-goes-then-arrives",
       test_a_message_waits_then_goes_then_arrives);
  ADD ("what-was-sent-waits-again-without-a-channel",
       test_what_was_sent_waits_again_without_a_channel);
  ADD ("a-restart-shows-the-same", test_a_restart_shows_the_same);
  ADD ("opened-at-any-moment-it-is-the-same", test_opened_at_any_moment_it_is_the_same);
  ADD ("what-comes-with-its-page-is-there-once",
       test_what_comes_with_its_page_is_there_once);
  ADD ("what-is-stored-first-stands-first", test_what_is_stored_first_stands_first);
  ADD ("what-comes-together-is-one-change", test_what_comes_together_is_one_change);
  ADD ("older-pages-come-one-by-one", test_older_pages_come_one_by_one);
  ADD ("what-was-found-is-gone-to", test_what_was_found_is_gone_to);
  ADD ("going-far-ends-with-the-client", test_going_far_ends_with_the_client);
  ADD ("a-hundred-thousand-open-like-a-page", test_a_hundred_thousand_open_like_a_page);
  ADD ("the-first-unread-is-known", test_the_first_unread_is_known);
  ADD ("it-outlives-the-client", test_it_outlives_the_client);
  return g_test_run ();
}

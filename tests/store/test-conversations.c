/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/conversations.h"
#include "scratch-tree.h"
#include "store/notes.h"
#include "store/things.h"

#include <string.h>

/* "DRAFT unread N queued N at N", or NULL for none. */
static void
assert_conversation (Scratch *self, guint peer, const char *expected)
{
  g_autoptr (KhStoredConversation) found = scratch_conversation (self->store, peer);
  g_autofree char *text = NULL;

  if (found != NULL)
    text = g_strdup_printf ("%s unread %u queued %u at %" G_GINT64_FORMAT, found->draft,
                            found->n_unread, found->n_queued, found->active_at_ms);
  g_assert_cmpstr (text, ==, expected);
}

static void
read_all (Scratch *self, guint peer)
{
  g_assert_true (kh_conversations_mark_read (self->store, scratch_peer (peer), 0, NULL));
}

static void
test_what_comes_in_is_unread_until_it_is_read (Scratch *self, gconstpointer unused)
{
  (void)unused;
  assert_conversation (self, 1, NULL);
  read_all (self, 1);
  assert_conversation (self, 1, NULL);
  scratch_receive (self, 1, 1, "a");
  scratch_send (self, 1, 2, "b");
  scratch_transfer (self, 3, KH_STORE_INCOMING);
  scratch_transfer (self, 4, KH_STORE_OUTGOING);
  g_assert_true (kh_notes_add (self->store, scratch_peer (1), KH_STORED_NOTE_VERIFIED, "",
                               9999, NULL, NULL));
  assert_conversation (self, 1, " unread 2 queued 1 at 104");
  read_all (self, 1);
  assert_conversation (self, 1, " unread 0 queued 1 at 104");
  scratch_receive (self, 1, 5, "c");
  scratch_receive (self, 2, 1, "another's");
  assert_conversation (self, 1, " unread 1 queued 1 at 1005");
  assert_conversation (self, 2, " unread 1 queued 0 at 1001");
  scratch_reopen (self);
  assert_conversation (self, 1, " unread 1 queued 1 at 1005");
}

static void
test_reading_goes_up_to_a_place_and_never_back (Scratch *self, gconstpointer unused)
{
  gint64 places[5];
  gint64 read_seq = -1;

  (void)unused;
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (GPtrArray) newest = NULL;

      scratch_receive (self, 1, i + 1, "x");
      newest = kh_things_page (self->store, scratch_peer (1), 0, 1, NULL);
      places[i] = ((const KhStoredThing *)newest->pdata[0])->seq;
    }
  g_assert_true (
      kh_conversations_get_read (self->store, scratch_peer (1), &read_seq, NULL));
  g_assert_cmpint (read_seq, ==, 0);
  g_assert_true (
      kh_conversations_mark_read (self->store, scratch_peer (1), places[3], NULL));
  g_assert_true (
      kh_conversations_get_read (self->store, scratch_peer (1), &read_seq, NULL));
  g_assert_cmpint (read_seq, ==, places[3]);
  g_assert_true (
      kh_conversations_get_read (self->store, scratch_peer (9), &read_seq, NULL));
  g_assert_cmpint (read_seq, ==, 0);
  assert_conversation (self, 1, " unread 1 queued 0 at 1005");
  g_assert_true (
      kh_conversations_mark_read (self->store, scratch_peer (1), places[1], NULL));
  assert_conversation (self, 1, " unread 1 queued 0 at 1005");
  /* What has not come yet can't have been read. */
  g_assert_true (
      kh_conversations_mark_read (self->store, scratch_peer (1), places[4] + 100, NULL));
  scratch_receive (self, 1, 9, "x");
  assert_conversation (self, 1, " unread 1 queued 0 at 1009");
}

static void
test_draft_is_kept_until_it_is_empty (Scratch *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  (void)unused;
  g_assert_true (
      kh_conversations_set_draft (self->store, scratch_peer (1), "don't \n", NULL));
  assert_conversation (self, 1, "don't \n unread 0 queued 0 at 0");
  scratch_receive (self, 1, 1, "a");
  scratch_reopen (self);
  assert_conversation (self, 1, "don't \n unread 1 queued 0 at 1001");
  g_assert_true (kh_conversations_set_draft (self->store, scratch_peer (1), NULL, NULL));
  assert_conversation (self, 1, " unread 1 queued 0 at 1001");
  g_assert_false (
      kh_conversations_set_draft (self->store, scratch_peer (1), "\xff", &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID);
}

/* Where no history is kept, what waits is all that is known of somebody. */
static void
test_who_has_only_what_waits_is_listed (Scratch *self, gconstpointer unused)
{
  KhNewMessage message = { .peer = scratch_peer (1), .id = scratch_id (1), .text = "x" };

  (void)unused;
  g_assert_true (kh_messages_add_outgoing (self->store, &message, NULL));
  assert_conversation (self, 1, " unread 0 queued 1 at 0");
  g_assert_true (kh_messages_mark_delivered (self->store, scratch_peer (1),
                                             scratch_id (1), NULL, NULL));
  assert_conversation (self, 1, NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/conversations/what-comes-in-is-unread-until-it-is-read",
               test_what_comes_in_is_unread_until_it_is_read);
  SCRATCH_ADD ("/conversations/reading-goes-up-to-a-place-and-never-back",
               test_reading_goes_up_to_a_place_and_never_back);
  SCRATCH_ADD ("/conversations/draft-is-kept-until-it-is-empty",
               test_draft_is_kept_until_it_is_empty);
  SCRATCH_ADD ("/conversations/who-has-only-what-waits-is-listed",
               test_who_has_only_what_waits_is_listed);
  return g_test_run ();
}

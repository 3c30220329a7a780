/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/things.h"
#include "scratch-tree.h"
#include "store/forget.h"

#include <string.h>

/* "m" and the text of a message, "t" and the id's last byte of a transfer, "n" and the
 * kind of a note; newest first with spaces between. Takes @page. */
static void
assert_page (GPtrArray *page, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gint64 last = G_MAXINT64;

  g_assert_nonnull (page);
  for (guint i = 0; i < page->len; i++)
    {
      const KhStoredThing *thing = g_ptr_array_index (page, i);

      g_assert_cmpint (thing->seq, <, last);
      last = thing->seq;
      g_string_append (text, i > 0 ? " " : "");
      if (thing->kind == KH_STORED_THING_MESSAGE)
        g_string_append_printf (text, "m%s", thing->message->text);
      else if (thing->kind == KH_STORED_THING_TRANSFER)
        g_string_append_printf (text, "t%u", thing->transfer->id[KH_FRAME_ID_LEN - 1]);
      else
        g_string_append_printf (text, "n%d", (int)thing->note->kind);
    }
  g_assert_cmpstr (text->str, ==, expected);
  g_ptr_array_unref (page);
}

static void
note (Scratch *self, guint peer, KhStoredNoteKind kind)
{
  g_assert_true (
      kh_notes_add (self->store, scratch_peer (peer), kind, "", 3, NULL, NULL));
}

static GPtrArray *
page (Scratch *self, guint peer, gint64 before, guint limit)
{
  return kh_things_page (self->store, scratch_peer (peer), before, limit, NULL);
}

static void
test_all_kinds_are_in_one_order (Scratch *self, gconstpointer unused)
{
  (void)unused;
  assert_page (page (self, 1, 0, 9), "");
  scratch_receive (self, 1, 1, "a");
  scratch_transfer (self, 2, KH_STORE_INCOMING);
  scratch_send (self, 1, 3, "b");
  scratch_send (self, 2, 3, "of another");
  note (self, 1, KH_STORED_NOTE_VERIFIED);
  scratch_transfer (self, 4, KH_STORE_OUTGOING);
  scratch_receive (self, 1, 5, "c");
  assert_page (page (self, 1, 0, 9), "mc t4 n1 mb t2 ma");
  assert_page (page (self, 2, 0, 9), "mof another");
  scratch_reopen (self);
  assert_page (page (self, 1, 0, 9), "mc t4 n1 mb t2 ma");
}

static void
test_pages_join (Scratch *self, gconstpointer unused)
{
  gint64 before = 0;
  guint n = 0;

  (void)unused;
  for (guint i = 1; i <= 100; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      scratch_receive (self, 1, i, text);
      scratch_receive (self, 2, i, text);
    }
  for (guint round = 0; round < 15; round++)
    {
      g_autoptr (GPtrArray) things = page (self, 1, before, 7);
      gboolean older = FALSE;

      for (guint i = 0; i < things->len; i++, n++)
        {
          const KhStoredThing *thing = g_ptr_array_index (things, i);

          g_assert_cmpuint (g_ascii_strtoull (thing->message->text, NULL, 10), ==,
                            100 - n);
          g_assert_cmpint (thing->at_ms, ==, 1100 - n);
          before = thing->seq;
        }
      g_assert_true (
          kh_things_has_older (self->store, scratch_peer (1), before, &older, NULL));
      g_assert_cmpint (older, ==, n < 100);
    }
  g_assert_cmpuint (n, ==, 100);
}

static void
test_place_of_a_message_is_found (Scratch *self, gconstpointer unused)
{
  g_autoptr (KhStoredMessage) message = NULL;
  gint64 seq = 0;
  gint64 transfer;

  (void)unused;
  for (guint i = 1; i <= 5; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      scratch_receive (self, 2, i, "other");
      scratch_receive (self, 1, i, text);
    }
  transfer = scratch_transfer (self, 6, KH_STORE_INCOMING);
  g_assert_true (kh_messages_find (self->store, scratch_peer (1), KH_STORE_INCOMING,
                                   scratch_id (3), &message, NULL));
  g_assert_true (
      kh_things_find (self->store, KH_STORED_THING_MESSAGE, message->seq, &seq, NULL));
  assert_page (page (self, 1, seq, 9), "m2 m1");
  assert_page (page (self, 1, seq + 1, 1), "m3");
  g_assert_true (
      kh_things_find (self->store, KH_STORED_THING_TRANSFER, transfer, &seq, NULL));
  assert_page (page (self, 1, seq, 9), "m5 m4 m3 m2 m1");
  g_assert_true (kh_things_find (self->store, KH_STORED_THING_NOTE, 1, &seq, NULL));
  g_assert_cmpint (seq, ==, 0);
}

static void
test_what_is_not_kept_has_no_place (Scratch *self, gconstpointer unused)
{
  KhNewMessage message = {
    .peer = scratch_peer (1), .id = scratch_id (1), .text = "x", .stored_at_ms = 1
  };
  gboolean is_new;

  (void)unused;
  g_assert_true (kh_messages_add_outgoing (self->store, &message, NULL));
  g_assert_true (kh_messages_add_incoming (self->store, &message, &is_new, NULL));
  g_assert_true (kh_messages_mark_delivered (self->store, scratch_peer (1),
                                             scratch_id (1), NULL, NULL));
  assert_page (page (self, 1, 0, 9), "");
}

/* A copy that comes again, a delivery and a transfer that ends make no second place. */
static void
test_each_has_one_place (Scratch *self, gconstpointer unused)
{
  KhNewMessage copy
      = { .peer = scratch_peer (1), .id = scratch_id (1), .text = "copy", .keep = TRUE };
  gboolean is_new = TRUE;
  gint64 transfer;

  (void)unused;
  scratch_receive (self, 1, 1, "a");
  g_assert_true (kh_messages_add_incoming (self->store, &copy, &is_new, NULL));
  g_assert_false (is_new);
  scratch_send (self, 1, 2, "b");
  g_assert_true (kh_messages_mark_delivered (self->store, scratch_peer (1),
                                             scratch_id (2), NULL, NULL));
  transfer = scratch_transfer (self, 3, KH_STORE_OUTGOING);
  g_assert_true (kh_transfers_finish (self->store, transfer, KH_STORED_TRANSFER_CANCELLED,
                                      0, 9, NULL));
  assert_page (page (self, 1, 0, 9), "t3 mb ma");
  g_assert_true (kh_transfers_forget (self->store, transfer, NULL));
  assert_page (page (self, 1, 0, 9), "mb ma");
}

/* A place is not used twice, so that what was read stays what was read. */
static void
test_places_only_grow (Scratch *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;

  (void)unused;
  scratch_send (self, 1, 1, "a");
  before = page (self, 1, 0, 9);
  g_assert_true (kh_forget_queued_message (self->store, scratch_peer (1), scratch_id (1),
                                           NULL, NULL));
  scratch_reopen (self);
  scratch_send (self, 1, 1, "b");
  after = page (self, 1, 0, 9);
  g_assert_cmpuint (after->len, ==, 1);
  g_assert_cmpint (((KhStoredThing *)after->pdata[0])->seq, >,
                   ((KhStoredThing *)before->pdata[0])->seq);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/things/all-kinds-are-in-one-order", test_all_kinds_are_in_one_order);
  SCRATCH_ADD ("/things/pages-join", test_pages_join);
  SCRATCH_ADD ("/things/place-of-a-message-is-found", test_place_of_a_message_is_found);
  SCRATCH_ADD ("/things/what-is-not-kept-has-no-place",
               test_what_is_not_kept_has_no_place);
  SCRATCH_ADD ("/things/each-has-one-place", test_each_has_one_place);
  SCRATCH_ADD ("/things/places-only-grow", test_places_only_grow);
  return g_test_run ();
}

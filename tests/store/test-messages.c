/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/messages.h"
#include "scratch.h"
#include "store/forget.h"

#include <stdlib.h>
#include <string.h>

static KhNewMessage
message_of (guint peer, guint id, const char *text, gboolean keep)
{
  return (KhNewMessage){ .peer = scratch_peer (peer),
                         .id = scratch_id (id),
                         .text = text,
                         .sent_at_ms = id,
                         .stored_at_ms = 1000 + id,
                         .keep = keep };
}

static void
send (Scratch *self, guint peer, guint id, const char *text, gboolean keep)
{
  KhNewMessage message = message_of (peer, id, text, keep);
  g_autoptr (GError) error = NULL;

  g_assert_true (kh_messages_add_outgoing (self->store, &message, &error));
  g_assert_no_error (error);
}

static gboolean
receive (Scratch *self, guint peer, guint id, const char *text, gboolean keep)
{
  KhNewMessage message = message_of (peer, id, text, keep);
  g_autoptr (GError) error = NULL;
  gboolean is_new = FALSE;

  g_assert_true (kh_messages_add_incoming (self->store, &message, &is_new, &error));
  g_assert_no_error (error);
  return is_new;
}

static gboolean
deliver (Scratch *self, guint peer, guint id)
{
  g_autoptr (GError) error = NULL;
  gboolean was_queued = FALSE;

  g_assert_true (kh_messages_mark_delivered (self->store, scratch_peer (peer),
                                             scratch_id (id), &was_queued, &error));
  g_assert_no_error (error);
  return was_queued;
}

/* Texts joined by "|". Takes @messages. */
static void
assert_texts (GPtrArray *messages, const char *expected)
{
  g_autoptr (GString) texts = g_string_new (NULL);

  g_assert_nonnull (messages);
  for (guint i = 0; i < messages->len; i++)
    {
      const KhStoredMessage *message = g_ptr_array_index (messages, i);

      g_string_append_printf (texts, "%s%s", i > 0 ? "|" : "", message->text);
    }
  g_assert_cmpstr (texts->str, ==, expected);
  g_ptr_array_unref (messages);
}

static GPtrArray *
pending (Scratch *self, guint peer)
{
  return kh_messages_pending (self->store, scratch_peer (peer), 0, 100, NULL);
}

static void
test_outbox_in_order_until_delivered (Scratch *self, gconstpointer unused)
{
  (void)unused;
  send (self, 1, 3, "a", TRUE);
  send (self, 1, 1, "b", TRUE);
  send (self, 2, 3, "other", TRUE);
  send (self, 1, 2, "c", TRUE);
  assert_texts (pending (self, 1), "a|b|c");
  g_assert_true (deliver (self, 1, 1));
  scratch_reopen (self);
  assert_texts (pending (self, 1), "a|c");
  assert_texts (pending (self, 2), "other");
  assert_texts (pending (self, 3), "");
  assert_texts (scratch_history (self->store, 1), "c|b|a");
}

static void
test_only_its_peer_acknowledges_a_message (Scratch *self, gconstpointer unused)
{
  (void)unused;
  send (self, 1, 1, "a", TRUE);
  g_assert_true (receive (self, 1, 1, "in", TRUE));
  g_assert_false (deliver (self, 2, 1));
  g_assert_false (deliver (self, 1, 2));
  assert_texts (pending (self, 1), "a");
  g_assert_true (deliver (self, 1, 1));
  g_assert_false (deliver (self, 1, 1));
  assert_texts (pending (self, 1), "");
}

static void
test_copy_is_known_by_peer_and_id (Scratch *self, gconstpointer unused)
{
  (void)unused;
  g_assert_true (receive (self, 1, 1, "first", TRUE));
  g_assert_false (receive (self, 1, 1, "changed", TRUE));
  g_assert_true (receive (self, 2, 1, "of another", TRUE));
  scratch_reopen (self);
  g_assert_false (receive (self, 1, 1, "first", FALSE));
  assert_texts (scratch_history (self->store, 1), "first");
  assert_texts (scratch_history (self->store, 2), "of another");
}

static void
test_own_id_is_used_once (Scratch *self, gconstpointer unused)
{
  KhNewMessage message = message_of (1, 1, "again", TRUE);
  g_autoptr (GError) error = NULL;

  (void)unused;
  send (self, 1, 1, "once", TRUE);
  g_assert_false (kh_messages_add_outgoing (self->store, &message, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS);
  assert_texts (pending (self, 1), "once");
}

static void
test_pages_meet_without_gap_or_overlap (Scratch *self, gconstpointer unused)
{
  g_autoptr (GPtrArray) page = NULL;
  gint64 after = 0;

  (void)unused;
  for (guint i = 0; i < 25; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      send (self, 1, i, text, TRUE);
      receive (self, 2, i, text, TRUE);
    }
  for (guint n_seen = 0; n_seen < 25;)
    {
      page = kh_messages_pending (self->store, scratch_peer (1), after, 10, NULL);
      g_assert_cmpuint (page->len, ==, n_seen < 20 ? 10 : 5);
      for (guint i = 0; i < page->len; i++)
        {
          const KhStoredMessage *message = g_ptr_array_index (page, i);

          g_assert_cmpuint ((guint)atoi (message->text), ==, n_seen++);
          after = message->seq;
        }
      g_clear_pointer (&page, g_ptr_array_unref);
    }
  page = kh_messages_pending (self->store, scratch_peer (1), after, 10, NULL);
  g_assert_cmpuint (page->len, ==, 0);
}

static KhStoredMessage *
find (Scratch *self, guint peer, KhStoreDirection direction, guint id)
{
  g_autoptr (GError) error = NULL;
  KhStoredMessage *message = NULL;

  g_assert_true (kh_messages_find (self->store, scratch_peer (peer), direction,
                                   scratch_id (id), &message, &error));
  g_assert_no_error (error);
  return message;
}

static void
test_every_field_comes_back (Scratch *self, gconstpointer unused)
{
  g_autoptr (KhStoredMessage) out = NULL;
  g_autoptr (KhStoredMessage) in = NULL;

  (void)unused;
  send (self, 1, 300, "'out' \U0001F600", TRUE);
  receive (self, 1, 300, "in", TRUE);
  scratch_reopen (self);
  out = find (self, 1, KH_STORE_OUTGOING, 300);
  in = find (self, 1, KH_STORE_INCOMING, 300);
  g_assert_null (find (self, 1, KH_STORE_INCOMING, 301));
  g_assert_cmpstr (out->text, ==, "'out' \U0001F600");
  g_assert_cmpint (out->direction, ==, KH_STORE_OUTGOING);
  g_assert_cmpint (out->state, ==, KH_STORED_MESSAGE_QUEUED);
  g_assert_cmpmem (out->id, sizeof out->id, scratch_id (300), KH_FRAME_ID_LEN);
  g_assert_cmpmem (out->peer, sizeof out->peer, scratch_peer (1), KH_ID_LEN);
  g_assert_cmpint (out->sent_at_ms, ==, 300);
  g_assert_cmpint (out->stored_at_ms, ==, 1300);
  g_assert_true (out->keep);
  g_assert_cmpstr (in->text, ==, "in");
  g_assert_cmpint (in->direction, ==, KH_STORE_INCOMING);
  g_assert_cmpint (in->state, ==, KH_STORED_MESSAGE_DELIVERED);
  g_assert_cmpint (in->seq, >, out->seq);
}

static void
test_history_off_keeps_only_ids (Scratch *self, gconstpointer unused)
{
  g_autoptr (KhStoredMessage) out = NULL;
  g_autoptr (KhStoredMessage) in = NULL;

  (void)unused;
  g_assert_true (receive (self, 1, 1, "in", FALSE));
  send (self, 1, 2, "out", FALSE);
  assert_texts (scratch_history (self->store, 1), "");
  assert_texts (pending (self, 1), "out");
  in = find (self, 1, KH_STORE_INCOMING, 1);
  g_assert_null (in->text);

  g_assert_true (deliver (self, 1, 2));
  out = find (self, 1, KH_STORE_OUTGOING, 2);
  g_assert_null (out->text);
  g_assert_false (receive (self, 1, 1, "in", FALSE));
  assert_texts (scratch_history (self->store, 1), "");
}

static void
test_old_ids_go_and_texts_stay (Scratch *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  (void)unused;
  receive (self, 1, 1, "kept", TRUE);
  receive (self, 1, 2, "id", FALSE);
  receive (self, 1, 3, "young id", FALSE);
  send (self, 1, 1, "waiting", FALSE);
  g_assert_true (kh_forget_older_ids (self->store, 1003 + KH_MESSAGES_IDS_MS, &error));
  g_assert_no_error (error);
  assert_texts (scratch_history (self->store, 1), "kept");
  assert_texts (pending (self, 1), "waiting");
  g_assert_true (receive (self, 1, 2, "id", FALSE));
  g_assert_false (receive (self, 1, 3, "young id", FALSE));
}

static void
test_texts_up_to_the_limit (Scratch *self, gconstpointer unused)
{
  g_autofree char *longest = g_strnfill (KH_FRAME_TEXT_MAX, 'x');
  g_autofree char *longer = g_strnfill (KH_FRAME_TEXT_MAX + 1, 'x');
  const char *bad[] = { "", "\xff", longer };

  (void)unused;
  memcpy (longest + KH_FRAME_TEXT_MAX - 4, "\U0001F600", 4);
  send (self, 1, 1, longest, TRUE);
  scratch_reopen (self);
  assert_texts (scratch_history (self->store, 1), longest);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      KhNewMessage message = message_of (1, 10, bad[i], TRUE);
      g_autoptr (GError) error = NULL;
      gboolean is_new = TRUE;

      g_assert_false (kh_messages_add_outgoing (self->store, &message, &error));
      g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID);
      g_clear_error (&error);
      g_assert_false (kh_messages_add_incoming (self->store, &message, &is_new, &error));
      g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID);
      g_assert_false (is_new);
    }
}

/* What a model of the conversation holds of one message. */
typedef struct
{
  guint peer;
  guint id;
  gboolean outgoing;
  gboolean keep;
  gboolean queued;
  char *text; /* Owned */
} Model;

static void
clear_model (gpointer data)
{
  g_free (((Model *)data)->text);
}

enum
{
  N_PEERS = 3,
  N_IDS = 40
};

static Model *
look_up (GArray *models, guint peer, guint id, gboolean outgoing)
{
  for (guint i = 0; i < models->len; i++)
    {
      Model *model = &g_array_index (models, Model, i);

      if (model->peer == peer && model->id == id && model->outgoing == outgoing)
        return model;
    }
  return NULL;
}

/* Walks the model backwards for history(), forwards for pending(). */
static void
assert_as_model (Scratch *self, GArray *models, guint peer)
{
  g_autoptr (GPtrArray) kept = scratch_history (self->store, peer);
  g_autoptr (GPtrArray) queued = pending (self, peer);
  guint n_kept = kept->len;
  guint n_queued = 0;

  for (guint i = 0; i < models->len; i++)
    {
      const Model *model = &g_array_index (models, Model, i);

      if (model->peer != peer)
        continue;
      if (model->keep)
        {
          const KhStoredMessage *message = g_ptr_array_index (kept, --n_kept);

          g_assert_cmpstr (message->text, ==, model->text);
          g_assert_cmpint (message->direction == KH_STORE_OUTGOING, ==, model->outgoing);
        }
      if (model->queued)
        {
          const KhStoredMessage *message = g_ptr_array_index (queued, n_queued++);

          g_assert_cmpstr (message->text, ==, model->text);
        }
    }
  g_assert_cmpuint (n_kept, ==, 0);
  g_assert_cmpuint (n_queued, ==, queued->len);
}

static void
do_anything (Scratch *self, GArray *models)
{
  guint peer = (guint)g_test_rand_int_range (0, N_PEERS);
  guint id = (guint)g_test_rand_int_range (0, N_IDS);
  int what = g_test_rand_int_range (0, 3);
  Model *known = look_up (models, peer, id, what != 0);
  Model model = { peer, id, what != 0, g_test_rand_bit (), what != 0, NULL };

  if (what == 2)
    {
      g_assert_cmpint (deliver (self, peer, id), ==, known != NULL && known->queued);
      if (known != NULL)
        known->queued = FALSE;
      return;
    }
  if (known != NULL && what == 1)
    return;
  model.text = scratch_random_text (g_test_rand_int_range (0, 20) == 0 ? 32768 : 50);
  if (what == 0)
    g_assert_cmpint (receive (self, peer, id, model.text, model.keep), ==, known == NULL);
  else
    send (self, peer, id, model.text, model.keep);
  if (known == NULL)
    g_array_append_val (models, model);
  else
    g_free (model.text);
}

/* Whatever comes in whatever order, in batches or not, history and outbox are what a
 * plain list holds. Replay with --seed. */
static void
test_any_order_of_events (Scratch *self, gconstpointer unused)
{
  g_autoptr (GArray) models = g_array_new (FALSE, FALSE, sizeof (Model));

  (void)unused;
  g_array_set_clear_func (models, clear_model);
  for (guint round = 0; round < 60; round++)
    {
      gboolean batch = g_test_rand_bit ();

      if (batch)
        g_assert_true (kh_store_batch_begin (self->store, NULL));
      for (guint step = 0; step < 5; step++)
        do_anything (self, models);
      if (batch)
        g_assert_true (kh_store_batch_commit (self->store, NULL));
      if (g_test_rand_int_range (0, 8) == 0)
        scratch_reopen (self);
      for (guint peer = 0; peer < N_PEERS; peer++)
        assert_as_model (self, models, peer);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/messages/outbox-in-order-until-delivered",
               test_outbox_in_order_until_delivered);
  SCRATCH_ADD ("/messages/only-its-peer-acknowledges-a-message",
               test_only_its_peer_acknowledges_a_message);
  SCRATCH_ADD ("/messages/copy-is-known-by-peer-and-id",
               test_copy_is_known_by_peer_and_id);
  SCRATCH_ADD ("/messages/own-id-is-used-once", test_own_id_is_used_once);
  SCRATCH_ADD ("/messages/pages-meet-without-gap-or-overlap",
               test_pages_meet_without_gap_or_overlap);
  SCRATCH_ADD ("/messages/every-field-comes-back", test_every_field_comes_back);
  SCRATCH_ADD ("/messages/history-off-keeps-only-ids", test_history_off_keeps_only_ids);
  SCRATCH_ADD ("/messages/old-ids-go-and-texts-stay", test_old_ids_go_and_texts_stay);
  SCRATCH_ADD ("/messages/texts-up-to-the-limit", test_texts_up_to_the_limit);
  SCRATCH_ADD ("/messages/any-order-of-events", test_any_order_of_events);
  return g_test_run ();
}

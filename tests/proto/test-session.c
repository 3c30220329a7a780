/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/session.h"

#include <glib.h>
#include <string.h>

#define N_MESSAGES 150

static KhMessageId
message (guint number)
{
  KhMessageId id = { { 0 } };

  memcpy (id.bytes, &number, sizeof number);
  return id;
}

static guint
number_of (const KhMessageId *id)
{
  guint number;

  memcpy (&number, id->bytes, sizeof number);
  return number;
}

static void
add (KhSession *session, guint first, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      KhMessageId id = message (first + i);

      g_assert_true (kh_session_add (session, &id));
    }
}

/* The session asks for exactly these messages, in this order. */
static void
assert_sends (KhSession *session, guint first, guint n)
{
  KhMessageId id;

  for (guint i = 0; i < n; i++)
    {
      g_assert_true (kh_session_next_send (session, &id));
      g_assert_cmpuint (number_of (&id), ==, first + i);
    }
  g_assert_false (kh_session_next_send (session, &id));
}

static gboolean
deliver (KhSession *session, guint number)
{
  KhMessageId id = message (number);

  return kh_session_delivered (session, &id);
}

static gboolean
store (KhSession *session, guint number)
{
  KhMessageId id = message (number);

  return kh_session_stored (session, &id);
}

static void
test_nothing_is_sent_without_a_channel (void)
{
  KhSession session;
  KhMessageId id;

  kh_session_init (&session);
  add (&session, 0, 3);
  g_assert_false (kh_session_next_send (&session, &id));
  g_assert_true (store (&session, 9));
  g_assert_false (kh_session_next_ack (&session, &id));
}

static void
test_each_message_is_sent_once_a_channel_in_order (void)
{
  KhSession session;

  kh_session_init (&session);
  add (&session, 0, 3);
  kh_session_channel_up (&session);
  assert_sends (&session, 0, 3);
  add (&session, 3, 2);
  assert_sends (&session, 3, 2);
}

static void
test_a_new_channel_repeats_what_is_unacknowledged (void)
{
  KhSession session;

  kh_session_init (&session);
  add (&session, 0, 4);
  kh_session_channel_up (&session);
  assert_sends (&session, 0, 4);
  g_assert_true (deliver (&session, 0));
  kh_session_channel_down (&session);
  assert_sends (&session, 0, 0);
  kh_session_channel_up (&session);
  assert_sends (&session, 1, 3);
}

/* A newer channel may take over before the old one is known to be lost. */
static void
test_a_channel_in_place_of_another_repeats_too (void)
{
  KhSession session;

  kh_session_init (&session);
  add (&session, 0, 2);
  kh_session_channel_up (&session);
  assert_sends (&session, 0, 2);
  kh_session_channel_up (&session);
  assert_sends (&session, 0, 2);
}

static void
test_a_full_window_takes_no_more_until_a_delivery (void)
{
  KhMessageId next = message (KH_SESSION_WINDOW);
  KhMessageId first = message (0);
  KhSession session;

  kh_session_init (&session);
  kh_session_channel_up (&session);
  add (&session, 0, KH_SESSION_WINDOW);
  g_assert_false (kh_session_add (&session, &next));
  assert_sends (&session, 0, KH_SESSION_WINDOW);
  g_assert_true (deliver (&session, 7));
  g_assert_true (kh_session_add (&session, &next));
  g_assert_false (kh_session_add (&session, &first));
  assert_sends (&session, KH_SESSION_WINDOW, 1);
}

static void
test_an_id_is_in_the_window_once (void)
{
  KhMessageId id = message (1);
  KhSession session;

  kh_session_init (&session);
  g_assert_true (kh_session_add (&session, &id));
  g_assert_false (kh_session_add (&session, &id));
  kh_session_channel_up (&session);
  assert_sends (&session, 1, 1);
  g_assert_false (kh_session_add (&session, &id));
}

static void
test_a_delivery_of_nothing_that_waits_is_refused (void)
{
  KhSession session;

  kh_session_init (&session);
  kh_session_channel_up (&session);
  g_assert_false (deliver (&session, 0));
  add (&session, 0, 2);
  assert_sends (&session, 0, 2);
  g_assert_false (deliver (&session, 2));
  g_assert_true (deliver (&session, 1));
  g_assert_false (deliver (&session, 1));
  g_assert_cmpuint (session.n_waiting, ==, 1);
}

/* The peer was still writing to disk when the channel changed. */
static void
test_a_delivery_that_comes_before_the_repeat_saves_it (void)
{
  KhSession session;

  kh_session_init (&session);
  add (&session, 0, 3);
  kh_session_channel_up (&session);
  assert_sends (&session, 0, 3);
  kh_session_channel_down (&session);
  kh_session_channel_up (&session);
  g_assert_true (deliver (&session, 0));
  assert_sends (&session, 1, 2);
}

static void
test_every_stored_message_is_acknowledged_once (void)
{
  KhSession session;
  KhMessageId id;

  kh_session_init (&session);
  kh_session_channel_up (&session);
  g_assert_true (store (&session, 5));
  g_assert_true (store (&session, 5));
  g_assert_true (store (&session, 6));
  g_assert_true (kh_session_next_ack (&session, &id));
  g_assert_cmpuint (number_of (&id), ==, 5);
  g_assert_true (kh_session_next_ack (&session, &id));
  g_assert_cmpuint (number_of (&id), ==, 6);
  g_assert_false (kh_session_next_ack (&session, &id));

  /* It came again: the first acknowledgement was lost. */
  g_assert_true (store (&session, 5));
  g_assert_true (kh_session_next_ack (&session, &id));
  g_assert_cmpuint (number_of (&id), ==, 5);
}

/* The peer sends again what it has none for. */
static void
test_a_lost_channel_takes_its_acknowledgements_along (void)
{
  KhSession session;
  KhMessageId id;

  kh_session_init (&session);
  kh_session_channel_up (&session);
  g_assert_true (store (&session, 5));
  kh_session_channel_down (&session);
  g_assert_true (store (&session, 6));
  kh_session_channel_up (&session);
  g_assert_false (kh_session_next_ack (&session, &id));
}

static void
test_a_flood_of_messages_is_noticed (void)
{
  KhSession session;

  kh_session_init (&session);
  kh_session_channel_up (&session);
  for (guint i = 0; i < KH_SESSION_ACKS; i++)
    g_assert_true (store (&session, i));
  g_assert_true (store (&session, 0));
  g_assert_false (store (&session, KH_SESSION_ACKS));
  g_assert_cmpuint (session.n_acks, ==, KH_SESSION_ACKS);
}

/* One conversation in one direction: what is on the wire, on disk and known. */
typedef struct
{
  KhSession sender;
  KhSession receiver;
  GQueue messages; /* of numbers, on their way */
  GQueue acks;
  GQueue commits; /* taken from the channel, not yet on disk */
  gboolean on_disk[N_MESSAGES];
  gboolean known[N_MESSAGES]; /* at the sender: delivered */
  guint n_on_disk;
  guint n_known;
  guint n_added;
} Conversation;

static void
lose_channel (Conversation *self)
{
  g_queue_clear (&self->messages);
  g_queue_clear (&self->acks);
  kh_session_channel_down (&self->sender);
  kh_session_channel_down (&self->receiver);
}

static void
send_some (Conversation *self)
{
  KhMessageId id;

  if (self->n_added < N_MESSAGES)
    {
      id = message (self->n_added);
      self->n_added += kh_session_add (&self->sender, &id);
    }
  if (kh_session_next_send (&self->sender, &id))
    g_queue_push_tail (&self->messages, GUINT_TO_POINTER (number_of (&id)));
  if (kh_session_next_ack (&self->receiver, &id))
    g_queue_push_tail (&self->acks, GUINT_TO_POINTER (number_of (&id)));
}

static void
commit (Conversation *self)
{
  guint number = GPOINTER_TO_UINT (g_queue_pop_head (&self->commits));

  if (!self->on_disk[number])
    g_assert_cmpuint (number, ==, self->n_on_disk++);
  self->on_disk[number] = TRUE;
  g_assert_true (store (&self->receiver, number));
}

static void
hear_ack (Conversation *self)
{
  guint number = GPOINTER_TO_UINT (g_queue_pop_head (&self->acks));

  g_assert_true (self->on_disk[number]);
  if (deliver (&self->sender, number))
    {
      g_assert_false (self->known[number]);
      self->known[number] = TRUE;
      self->n_known++;
    }
}

static void
step (Conversation *self, gint32 luck)
{
  if (luck == 0)
    lose_channel (self);
  else if (!self->sender.has_channel)
    {
      kh_session_channel_up (&self->sender);
      kh_session_channel_up (&self->receiver);
    }
  else if (luck < 20)
    send_some (self);
  else if (luck < 35 && !g_queue_is_empty (&self->messages))
    g_queue_push_tail (&self->commits, g_queue_pop_head (&self->messages));
  else if (luck < 50 && !g_queue_is_empty (&self->acks))
    hear_ack (self);
  else if (!g_queue_is_empty (&self->commits))
    commit (self);
}

/* However channels come and go, and however long the disk takes: every message
 * reaches the disk, in order, and is known to have, once. Replay with --seed. */
static void
test_every_message_arrives_whatever_becomes_of_channels (void)
{
  for (guint round = 0; round < 50; round++)
    {
      Conversation self = { 0 };

      kh_session_init (&self.sender);
      kh_session_init (&self.receiver);
      for (guint i = 0; self.n_known < N_MESSAGES; i++)
        {
          g_assert_cmpuint (i, <, 100000);
          step (&self, g_test_rand_int_range (0, 65));
          g_assert_cmpuint (self.sender.n_sent, <=, self.sender.n_waiting);
          g_assert_cmpuint (self.n_known + self.sender.n_waiting, ==, self.n_added);
        }
      g_assert_cmpuint (self.n_on_disk, ==, N_MESSAGES);
      lose_channel (&self);
      g_queue_clear (&self.commits);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/nothing-is-sent-without-a-channel",
                   test_nothing_is_sent_without_a_channel);
  g_test_add_func ("/session/each-message-is-sent-once-a-channel-in-order",
                   test_each_message_is_sent_once_a_channel_in_order);
  g_test_add_func ("/session/a-new-channel-repeats-what-is-unacknowledged",
                   test_a_new_channel_repeats_what_is_unacknowledged);
  g_test_add_func ("/session/a-channel-in-place-of-another-repeats-too",
                   test_a_channel_in_place_of_another_repeats_too);
  g_test_add_func ("/session/a-full-window-takes-no-more-until-a-delivery",
                   test_a_full_window_takes_no_more_until_a_delivery);
  g_test_add_func ("/session/an-id-is-in-the-window-once",
                   test_an_id_is_in_the_window_once);
  g_test_add_func ("/session/a-delivery-of-nothing-that-waits-is-refused",
                   test_a_delivery_of_nothing_that_waits_is_refused);
  g_test_add_func ("/session/a-delivery-that-comes-before-the-repeat-saves-it",
                   test_a_delivery_that_comes_before_the_repeat_saves_it);
  g_test_add_func ("/session/every-stored-message-is-acknowledged-once",
                   test_every_stored_message_is_acknowledged_once);
  g_test_add_func ("/session/a-lost-channel-takes-its-acknowledgements-along",
                   test_a_lost_channel_takes_its_acknowledgements_along);
  g_test_add_func ("/session/a-flood-of-messages-is-noticed",
                   test_a_flood_of_messages_is_noticed);
  g_test_add_func ("/session/every-message-arrives-whatever-becomes-of-channels",
                   test_every_message_arrives_whatever_becomes_of_channels);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/channel-events.h"
#include "net/socket.h"

#include <string.h>

typedef struct
{
  KhChannelEvents *events;
  KhWaker waker;
  guint n_events;
  guint n_batches; /* turns of the main context in which something came */
  gboolean destroy_on_event;
} Fixture;

static void
on_event (const KhChannelEvent *event, gpointer data)
{
  Fixture *fixture = data;

  g_assert_cmpuint (event->stream, ==, fixture->n_events++);
  if (event->frame_len > 0)
    g_assert_cmpmem (event->frame, 5, "frame", 5);
  if (event->results != NULL)
    g_assert_cmpuint (g_array_index (event->results, KhChannelResult, 0).n, ==, 7);
  if (fixture->destroy_on_event)
    g_clear_pointer (&fixture->events, kh_channel_events_destroy);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_assert_true (kh_waker_init (&fixture->waker));
  fixture->events = kh_channel_events_new (NULL, &fixture->waker, on_event, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->events, kh_channel_events_destroy);
  kh_waker_clear (&fixture->waker);
}

static void
push (Fixture *fixture, guint number, gsize frame_len)
{
  const KhChannelResult result = { .n = 7 };
  g_autofree guint8 *frame = g_malloc0 (frame_len + 8);
  g_autoptr (GArray) results = g_array_new (FALSE, FALSE, sizeof (KhChannelResult));

  g_array_append_val (results, result);
  memcpy (frame, "frame", 5);
  kh_channel_events_push (fixture->events, &(KhChannelEvent){ .kind = KH_CHANNEL_FRAME,
                                                              .stream = number,
                                                              .results = results,
                                                              .frame = frame,
                                                              .frame_len = frame_len });
  memset (frame, 0, 5); /* it was copied */
}

static gpointer
push_many (gpointer data)
{
  for (guint i = 0; i < 10000; i++)
    push (data, i, 8);
  return NULL;
}

static void
test_events_of_another_thread_come_in_order (Fixture *fixture, gconstpointer data)
{
  GThread *thread = g_thread_new ("push", push_many, fixture);

  while (fixture->n_events < 10000)
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  /* One turn in which nothing comes may follow: the last was taken with those before
   * it, ahead of its own wake. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (fixture->n_events, ==, 10000);
}

/* Other sources get their turn while many events wait. */
static void
test_a_batch_is_bounded (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 200; i++)
    push (fixture, i, 8);
  for (; fixture->n_events < 200; fixture->n_batches++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (fixture->n_batches, >=, 3);
}

static gboolean
is_woken_within (Fixture *fixture, gint64 timeout_us)
{
  gint64 begin_us = g_get_monotonic_time ();

  kh_waker_wait (&fixture->waker, KH_SOCKET_NONE, 0, timeout_us);
  return g_get_monotonic_time () - begin_us < timeout_us;
}

static void
test_full_by_number_until_half_is_gone (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < KH_CHANNEL_EVENTS_MAX; i++)
    {
      g_assert_false (kh_channel_events_is_full (fixture->events));
      push (fixture, i, 8);
    }
  g_assert_true (kh_channel_events_is_full (fixture->events));
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (fixture->n_events, <, KH_CHANNEL_EVENTS_MAX / 2);
  g_assert_true (kh_channel_events_is_full (fixture->events));
  g_assert_false (is_woken_within (fixture, 20000));
  while (fixture->n_events <= KH_CHANNEL_EVENTS_MAX / 2)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (kh_channel_events_is_full (fixture->events));
  g_assert_true (is_woken_within (fixture, 10 * G_USEC_PER_SEC));
}

static void
test_full_by_bytes (Fixture *fixture, gconstpointer data)
{
  const gsize len = 60000;
  guint n = 0;

  while (!kh_channel_events_is_full (fixture->events))
    push (fixture, n++, len);
  g_assert_cmpuint (n, ==, (KH_CHANNEL_EVENT_BYTES_MAX + len - 1) / len);
}

static void
test_it_may_end_in_an_event (Fixture *fixture, gconstpointer data)
{
  fixture->destroy_on_event = TRUE;
  push (fixture, 0, 8);
  push (fixture, 1, 8);
  while (fixture->events != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fixture->n_events, ==, 1);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/channel-events/events-of-another-thread-come-in-order",
       test_events_of_another_thread_come_in_order);
  ADD ("/channel-events/a-batch-is-bounded", test_a_batch_is_bounded);
  ADD ("/channel-events/full-by-number-until-half-is-gone",
       test_full_by_number_until_half_is_gone);
  ADD ("/channel-events/full-by-bytes", test_full_by_bytes);
  ADD ("/channel-events/it-may-end-in-an-event", test_it_may_end_in_an_event);
  return g_test_run ();
}

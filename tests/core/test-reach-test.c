/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/reach-test.h"

#include <sodium.h>
#include <string.h>

#define PORT 4321

typedef struct
{
  KhReachTest *test;
  guint8 secret[KH_TOKEN_SECRET_LEN];
  guint n_probes;
  guint n_dials;
  KhMsgDial dial; /* the last one asked for */
  guint n_told;
  KhTristate told;
} Fixture;

static void
on_send (gpointer data, const KhMessage *message)
{
  Fixture *f = data;

  if (message->type == KH_MESSAGE_PROBE)
    {
      g_assert_cmpuint (f->n_probes, ==, f->n_dials);
      memcpy (f->dial.probe_id, message->probe.probe_id, KH_CALL_ID_LEN);
      f->n_probes++;
      return;
    }
  g_assert_cmpint (message->type, ==, KH_MESSAGE_DIAL);
  g_assert_cmpmem (message->dial.probe_id, KH_CALL_ID_LEN, f->dial.probe_id,
                   KH_CALL_ID_LEN);
  f->dial = message->dial;
  f->n_dials++;
}

static void
on_done (gpointer data, KhTristate reachable)
{
  Fixture *f = data;

  f->n_told++;
  f->told = reachable;
}

static const KhReachTestListener listener = { .send = on_send, .done = on_done };

static void
wait_for_dial (Fixture *f, guint n)
{
  while (f->n_dials < n)
    g_main_context_iteration (NULL, TRUE);
}

static void
set_up (Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
  randombytes_buf (f->secret, sizeof f->secret);
  f->test = kh_reach_test_start (PORT, f->secret, &listener, f);
  g_assert_cmpuint (f->n_probes, ==, 0);
  wait_for_dial (f, 1);
  g_assert_cmpuint (f->n_probes, ==, 1);
  g_assert_cmpint (f->dial.from, ==, KH_DIAL_TO_NAMED_PORT);
  g_assert_cmpuint (f->dial.port, ==, PORT);
}

static void
tear_down (Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
  kh_reach_test_free (f->test);
}

static void
answer (Fixture *f, KhProbeResult result, guint16 wait_s)
{
  KhMessage message = { .type = KH_MESSAGE_DIALLED, .dial = f->dial };

  message.dial.result = (guint8)result;
  message.dial.wait_s = wait_s;
  kh_reach_test_message (f->test, &message);
}

/* What the server writes for a dial, with a bit of it changed unless @bit is -1. */
static bool
dial_back (Fixture *f, int bit)
{
  guint8 token[KH_TOKEN_LEN];

  kh_token_compute (token, f->secret, f->dial.probe_id, f->dial.from, f->dial.index,
                    KH_TOKEN_DIAL_BACK);
  if (bit >= 0)
    token[bit / 8] ^= (guint8)(1u << bit % 8);
  return kh_reach_test_heard (f->test, token);
}

static void
test_only_the_server_makes_it_reachable (Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
  answer (f, KH_DIALLED_NOTHING, 0);
  for (int bit = 0; bit < 8 * KH_TOKEN_LEN; bit++)
    g_assert_false (dial_back (f, bit));
  g_assert_cmpuint (f->n_told, ==, 0);
  g_assert_false (kh_reach_test_is_done (f->test));
  g_assert_true (dial_back (f, -1));
  g_assert_cmpuint (f->n_told, ==, 1);
  g_assert_cmpint (f->told, ==, KH_TRISTATE_YES);
  g_assert_true (kh_reach_test_is_done (f->test));
  g_assert_true (dial_back (f, -1)); /* it is the server's, and no news */
  g_assert_cmpuint (f->n_told, ==, 1);
}

/* The dial may be quicker than what is said about it. */
static void
test_the_answer_may_come_after_the_dial (Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
  g_assert_true (dial_back (f, -1));
  answer (f, KH_DIALLED_NOTHING, 0);
  answer (f, KH_DIALLED_IMPOSSIBLE, 0);
  g_assert_cmpuint (f->n_told, ==, 1);
  g_assert_cmpint (f->told, ==, KH_TRISTATE_YES);
}

static void
test_nobody_comes (Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
  answer (f, KH_DIALLED_NOTHING, 0);
  while (f->n_told == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (f->told, ==, KH_TRISTATE_NO);
  /* Later than it should, but it came. */
  g_assert_true (dial_back (f, -1));
  g_assert_cmpuint (f->n_told, ==, 2);
  g_assert_cmpint (f->told, ==, KH_TRISTATE_YES);
}

static void
test_a_server_that_can_not_try (Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
  KhMessage other = { .type = KH_MESSAGE_DIALLED, .dial = f->dial };

  other.dial.result = KH_DIALLED_IMPOSSIBLE;
  other.dial.probe_id[0] ^= 1;
  kh_reach_test_message (f->test, &other); /* of another probe */
  other.dial = f->dial;
  other.dial.from = KH_DIAL_FROM_OTHER_PORT;
  other.dial.result = KH_DIALLED_IMPOSSIBLE;
  kh_reach_test_message (f->test, &other);
  g_assert_cmpuint (f->n_told, ==, 0);
  answer (f, KH_DIALLED_IMPOSSIBLE, 0);
  g_assert_cmpuint (f->n_told, ==, 1);
  g_assert_cmpint (f->told, ==, KH_TRISTATE_UNKNOWN);
}

/* Another probe each time, so that a token of an earlier one does not count. */
static void
test_too_many_of_late (Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
  guint8 first[KH_CALL_ID_LEN];

  memcpy (first, f->dial.probe_id, sizeof first);
  answer (f, KH_DIALLED_LATER, 1);
  g_assert_cmpuint (f->n_told, ==, 0);
  wait_for_dial (f, 2);
  g_assert_cmpint (memcmp (first, f->dial.probe_id, sizeof first), !=, 0);
  answer (f, KH_DIALLED_LATER, 0);
  wait_for_dial (f, KH_REACH_TEST_TRIES);
  answer (f, KH_DIALLED_LATER, 1);
  g_assert_cmpuint (f->n_told, ==, 1);
  g_assert_cmpint (f->told, ==, KH_TRISTATE_UNKNOWN);
}

static void
free_inside (gpointer data, G_GNUC_UNUSED KhTristate reachable)
{
  Fixture *f = data;

  g_clear_pointer (&f->test, kh_reach_test_free);
}

static void
test_may_be_freed_inside_done (void)
{
  static const KhReachTestListener freeing = { .send = on_send, .done = free_inside };
  Fixture f = { 0 };

  f.test = kh_reach_test_start (PORT, f.secret, &freeing, &f);
  wait_for_dial (&f, 1);
  g_assert_true (dial_back (&f, -1));
  g_assert_null (f.test);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
#define TEST(path, function)                                                             \
  g_test_add ("/reach-test/" path, Fixture, NULL, set_up, function, tear_down)
  TEST ("only-the-server-makes-it-reachable", test_only_the_server_makes_it_reachable);
  TEST ("the-answer-may-come-after-the-dial", test_the_answer_may_come_after_the_dial);
  TEST ("nobody-comes", test_nobody_comes);
  TEST ("a-server-that-can-not-try", test_a_server_that_can_not_try);
  TEST ("too-many-of-late", test_too_many_of_late);
  g_test_add_func ("/reach-test/may-be-freed-inside-done", test_may_be_freed_inside_done);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/message-look.h"

#include <locale.h>
#include <string.h>

#define NOON INT64_C (1741780800000) /* 12 March 2025, 12:00 UTC */

static KhMessageNeighbour
message (gboolean outgoing, gint64 at_ms)
{
  return (KhMessageNeighbour){ .exists = TRUE,
                               .kind = KH_ITEM_MESSAGE,
                               .outgoing = outgoing,
                               .at_ms = at_ms,
                               .state
                               = outgoing ? KH_MESSAGE_DELIVERED : KH_MESSAGE_RECEIVED };
}

static gboolean
joins (KhMessageNeighbour first, KhMessageNeighbour second)
{
  return kh_message_look_joins (&first, &second);
}

static void
test_groups_are_of_one_sender_and_five_minutes (void)
{
  KhMessageNeighbour none = { 0 };
  KhMessageNeighbour file = message (TRUE, NOON);

  file.kind = KH_ITEM_TRANSFER;
  g_assert_true (joins (message (TRUE, NOON), message (TRUE, NOON + 1000)));
  g_assert_true (joins (message (TRUE, NOON), message (TRUE, NOON + 300000)));
  g_assert_false (joins (message (TRUE, NOON), message (TRUE, NOON + 300001)));
  g_assert_false (joins (message (TRUE, NOON), message (FALSE, NOON + 1)));
  g_assert_false (joins (file, message (TRUE, NOON)));
  g_assert_false (joins (message (TRUE, NOON), file));
  g_assert_false (joins (none, message (TRUE, NOON)));
  g_assert_false (joins (message (TRUE, NOON), none));
  /* Across midnight stands a separator. */
  g_assert_false (joins (message (TRUE, NOON + 12 * 3600000 - 1000),
                         message (TRUE, NOON + 12 * 3600000 + 1000)));
}

static void
test_days_begin_once (void)
{
  KhMessageNeighbour none = { 0 };
  KhMessageNeighbour before = message (TRUE, NOON);

  g_assert_true (kh_message_look_begins_day (&none, NOON));
  g_assert_false (kh_message_look_begins_day (&before, NOON + 3600000));
  g_assert_true (kh_message_look_begins_day (&before, NOON + 13 * 3600000));
}

static void
test_only_the_last_that_waits_tells_why (void)
{
  KhMessageNeighbour none = { 0 };
  KhMessageNeighbour waiting = message (TRUE, NOON);

  waiting.state = KH_MESSAGE_WAITING;
  g_assert_true (kh_message_look_tells_waiting (KH_MESSAGE_WAITING, &none));
  g_assert_false (kh_message_look_tells_waiting (KH_MESSAGE_WAITING, &waiting));
  g_assert_true (kh_message_look_tells_waiting (KH_MESSAGE_FAILED, &waiting));
  g_assert_false (kh_message_look_tells_waiting (KH_MESSAGE_SENT, &none));
  g_assert_false (kh_message_look_tells_waiting (KH_MESSAGE_RECEIVED, &waiting));
}

static void
assert_mark (KhMessageState state, KhMessageReach reach, const char *wanted)
{
  g_autofree char *mark = kh_message_look_mark (state, reach, "Berta");

  g_assert_cmpstr (mark, ==, wanted);
}

static void
test_marks_tell_the_truth (void)
{
  assert_mark (KH_MESSAGE_WAITING, KH_REACH_AWAY, "Waiting until Berta is back");
  assert_mark (KH_MESSAGE_WAITING, KH_REACH_ONLINE, "Waiting for a connection to Berta");
  assert_mark (KH_MESSAGE_SENT, KH_REACH_CONNECTED, "Sent, not yet confirmed");
  assert_mark (KH_MESSAGE_DELIVERED, KH_REACH_AWAY,
               "Delivered: saved on Berta’s computer");
  assert_mark (KH_MESSAGE_RECEIVED, KH_REACH_AWAY, "");
  assert_mark (KH_MESSAGE_FAILED, KH_REACH_CONNECTED,
               "Not sent: it could not be saved on this computer");
  g_assert_null (kh_message_look_icon (KH_MESSAGE_RECEIVED));
  g_assert_cmpstr (kh_message_look_icon (KH_MESSAGE_SENT), !=,
                   kh_message_look_icon (KH_MESSAGE_DELIVERED));
}

static void
test_what_is_read_aloud (void)
{
  g_autofree char *in = kh_message_look_spoken (KH_MESSAGE_RECEIVED, KH_REACH_CONNECTED,
                                                "Berta", "14:05", "Hello");
  g_autofree char *out = kh_message_look_spoken (KH_MESSAGE_DELIVERED, KH_REACH_AWAY,
                                                 "Berta", "14:06", "100 %s");

  g_assert_cmpstr (in, ==, "Berta, 14:05: Hello");
  g_assert_cmpstr (out, ==, "You, 14:06: 100 %s. Delivered");
}

static void
test_notes (void)
{
  g_autofree char *renamed = kh_message_look_note (KH_NOTE_RENAMED, "Bert\nBerta", "Bea");
  g_autofree char *odd = kh_message_look_note (KH_NOTE_RENAMED, NULL, "Bea");
  g_autofree char *verified = kh_message_look_note (KH_NOTE_VERIFIED, NULL, "Bea");

  g_assert_cmpstr (renamed, ==, "Bert is now called Berta");
  g_assert_cmpstr (odd, ==, "Bea has changed their name");
  g_assert_cmpstr (verified, ==, "You have verified Bea");
}

int
main (int argc, char *argv[])
{
  g_setenv ("TZ", "UTC", TRUE);
  setlocale (LC_ALL, "C");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/message-look/groups-are-of-one-sender-and-five-minutes",
                   test_groups_are_of_one_sender_and_five_minutes);
  g_test_add_func ("/message-look/days-begin-once", test_days_begin_once);
  g_test_add_func ("/message-look/only-the-last-that-waits-tells-why",
                   test_only_the_last_that_waits_tells_why);
  g_test_add_func ("/message-look/marks-tell-the-truth", test_marks_tell_the_truth);
  g_test_add_func ("/message-look/what-is-read-aloud", test_what_is_read_aloud);
  g_test_add_func ("/message-look/notes", test_notes);
  return g_test_run ();
}

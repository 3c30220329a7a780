/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/transfer-look.h"
#include "app/transfer-reason.h"
#include "app/transfer-text.h"

#include <locale.h>
#include <string.h>

typedef struct
{
  KhTransferInfo info;
  KhTransferView view;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->info = (KhTransferInfo){
    .peer_name = (char *)"Bob",
    .name = (char *)"photo.jpg",
    .n_files = 1,
    .wanted_files = 1,
    .wanted_bytes = 3400000,
    .phase = KH_PHASE_RUNNING,
  };
  self->view = (KhTransferView){
    .info = &self->info,
    .speed = { .left_ms = -1 },
    .connected = TRUE,
    .n_roots = 1,
  };
}

static void
assert_text (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

/* @infos in their order; whether number @asked waits for others. */
static gboolean
is_queued (KhTransferInfo *const *infos, guint n, guint asked, gboolean others_move)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (guint i = 0; i < n; i++)
    {
      infos[i]->item.bytes[0] = (guint8)i;
      g_ptr_array_add (all, infos[i]);
    }
  return kh_transfer_text_is_queued (all, infos[asked], others_move);
}

static void
test_what_came_first_waits_for_nothing (Fixture *self, gconstpointer data)
{
  KhTransferInfo small = self->info;
  KhTransferInfo *const both[] = { &self->info, &small };

  for (guint outgoing = 0; outgoing < 2; outgoing++)
    {
      self->info.outgoing = small.outgoing = outgoing != 0;
      g_assert_false (is_queued (both, 1, 0, FALSE));
      g_assert_false (is_queued (both, 2, 0, FALSE));
      g_assert_true (is_queued (both, 2, 1, FALSE));
      self->info.paused_there = TRUE;
      g_assert_false (is_queued (both, 2, 1, FALSE));
      self->info.paused_there = FALSE;
      g_assert_true (is_queued (both, 2, 1, TRUE));
    }
}

/* The sender may have put the other one first, which only its moving tells. */
static void
test_what_is_received_waits_for_what_moves (Fixture *self, gconstpointer data)
{
  KhTransferInfo small = self->info;
  KhTransferInfo *const both[] = { &self->info, &small };

  g_assert_true (is_queued (both, 2, 0, TRUE));
  g_assert_false (is_queued (both, 1, 0, TRUE));
  small.paused_here = TRUE;
  g_assert_false (is_queued (both, 2, 0, TRUE));
  small.paused_here = FALSE;
  small.peer.bytes[0] = 1;
  g_assert_false (is_queued (both, 2, 0, TRUE));
  small.peer.bytes[0] = 0;
  small.outgoing = TRUE;
  g_assert_false (is_queued (both, 2, 0, TRUE));
  self->info.outgoing = TRUE;
  g_assert_false (is_queued (both, 2, 0, TRUE));
}

static void
test_titles (Fixture *self, gconstpointer data)
{
  assert_text (kh_transfer_text_title (&self->view), "photo.jpg");
  self->view.n_roots = 0;
  assert_text (kh_transfer_text_title (&self->view), "photo.jpg");

  self->info.name = (char *)"holiday";
  self->info.n_files = 12;
  self->view.n_roots = 1;
  self->view.folder = TRUE;
  assert_text (kh_transfer_text_title (&self->view), "holiday (folder)");

  self->view.n_roots = 3;
  assert_text (kh_transfer_text_title (&self->view), "holiday and 2 more");
  self->view.folder = FALSE;
  self->info.n_files = 3;
  assert_text (kh_transfer_text_title (&self->view), "3 files");
}

static void
test_counts (Fixture *self, gconstpointer data)
{
  assert_text (kh_transfer_text_counts (&self->view), "3.4\302\240MB");
  self->info.n_files = self->info.wanted_files = 12;
  assert_text (kh_transfer_text_counts (&self->view), "12 files, 3.4\302\240MB");
  self->info.wanted_files = 8;
  assert_text (kh_transfer_text_counts (&self->view), "8 of 12 files, 3.4\302\240MB");
  self->info.n_files = 0;
  assert_text (kh_transfer_text_counts (&self->view), "no files");
  self->info.phase = KH_PHASE_LISTING;
  assert_text (kh_transfer_text_counts (&self->view), "");
}

static void
test_time_left (void)
{
  g_assert_null (kh_transfer_text_left (-1));
  assert_text (kh_transfer_text_left (0), "a few seconds left");
  assert_text (kh_transfer_text_left (31000), "about 35 seconds left");
  assert_text (kh_transfer_text_left (60000), "about 1 minute left");
  assert_text (kh_transfer_text_left (125000), "about 2 minutes left");
  assert_text (kh_transfer_text_left (3 * 3600000), "about 3 hours left");
  assert_text (kh_transfer_text_left (G_GINT64_CONSTANT (5) * 86400000),
               "about 5 days left");
  assert_text (kh_transfer_text_left (G_MAXINT64 / 2), "about 9999 days left");
}

static void
test_fractions_stay_inside (Fixture *self, gconstpointer data)
{
  self->info.done_bytes = 1700000;
  g_assert_cmpfloat (kh_transfer_text_fraction (&self->view), ==, 0.5);
  self->info.done_bytes = 9900000;
  g_assert_cmpfloat (kh_transfer_text_fraction (&self->view), ==, 1);
  self->info.wanted_bytes = 0;
  g_assert_cmpfloat (kh_transfer_text_fraction (&self->view), ==, 0);
  self->info.phase = KH_PHASE_OFFERED;
  g_assert_cmpfloat (kh_transfer_text_fraction (&self->view), <, 0);
  g_assert_null (kh_transfer_text_amount (&self->view));
}

static void
test_amounts (Fixture *self, gconstpointer data)
{
  self->info.done_bytes = 1200000;
  assert_text (kh_transfer_text_amount (&self->view), "1.2\302\240MB of 3.4\302\240MB");
  self->view.speed.rate = 2100000;
  assert_text (kh_transfer_text_amount (&self->view),
               "1.2\302\240MB of 3.4\302\240MB, 2.1\302\240MB/s");
  /* Who pauses it sees no speed, whatever was measured last. */
  self->info.paused_here = TRUE;
  assert_text (kh_transfer_text_amount (&self->view), "1.2\302\240MB of 3.4\302\240MB");
}

static void
test_running_says_who_waits_for_what (Fixture *self, gconstpointer data)
{
  assert_text (kh_transfer_text_status (&self->view), "Starting…");
  self->view.speed.rate = 1000;
  assert_text (kh_transfer_text_status (&self->view), "Receiving");
  self->info.outgoing = TRUE;
  assert_text (kh_transfer_text_status (&self->view), "Sending");
  self->info.n_files = self->info.wanted_files = 10;
  self->info.done_files = 2;
  self->info.there_files = 1;
  assert_text (kh_transfer_text_status (&self->view), "Sending: 3 of 10");

  self->view.speed.rate = 0;
  self->info.done_bytes = 10;
  assert_text (kh_transfer_text_status (&self->view), "Nothing moves at the moment");
  self->view.queued = TRUE;
  assert_text (kh_transfer_text_status (&self->view),
               "Waiting for other files to finish");
  self->view.queued = FALSE;
  self->info.done_bytes = self->info.wanted_bytes;
  assert_text (kh_transfer_text_status (&self->view), "Finishing…");

  self->view.connected = FALSE;
  assert_text (kh_transfer_text_status (&self->view), "Bob is not connected");
  assert_text (kh_transfer_text_advice (&self->view),
               "It goes on by itself when you are connected again.");
}

static void
test_pauses_say_whose (Fixture *self, gconstpointer data)
{
  self->info.paused_here = TRUE;
  assert_text (kh_transfer_text_status (&self->view), "Paused by you");
  self->info.paused_there = TRUE;
  assert_text (kh_transfer_text_status (&self->view), "Paused by you and by Bob");
  self->info.paused_here = FALSE;
  assert_text (kh_transfer_text_status (&self->view), "Paused by Bob");
  assert_text (kh_transfer_text_advice (&self->view), "Bob can resume it.");
}

static void
test_offers_say_who_is_asked (Fixture *self, gconstpointer data)
{
  self->info.phase = KH_PHASE_OFFERED;
  self->view.waits = TRUE;
  assert_text (kh_transfer_text_status (&self->view), "Bob wants to send you this");
  g_assert_null (kh_transfer_text_advice (&self->view));
  self->view.over_quota = TRUE;
  assert_text (kh_transfer_text_advice (&self->view),
               "It is more than is taken from Bob in a day without a question.");
  self->view.waits = FALSE;
  assert_text (kh_transfer_text_status (&self->view), "Getting ready…");

  self->info.outgoing = TRUE;
  assert_text (kh_transfer_text_status (&self->view), "Waiting for Bob to accept");
  self->view.connected = FALSE;
  assert_text (kh_transfer_text_status (&self->view), "Bob is not connected");
  assert_text (kh_transfer_text_advice (&self->view),
               "It is kept, and offered when you are connected again.");

  self->info.phase = KH_PHASE_LISTING;
  assert_text (kh_transfer_text_status (&self->view), "Looking up the files…");
  self->info.outgoing = FALSE;
  assert_text (kh_transfer_text_status (&self->view),
               "Getting the list of files from Bob…");
}

static void
test_ends_say_by_whom (Fixture *self, gconstpointer data)
{
  self->info.phase = KH_PHASE_DECLINED;
  assert_text (kh_transfer_text_status (&self->view), "You declined it");
  self->info.outgoing = TRUE;
  assert_text (kh_transfer_text_status (&self->view), "Declined by Bob");
  self->info.phase = KH_PHASE_CANCELLED;
  assert_text (kh_transfer_text_status (&self->view), "Cancelled");
  self->view.by = KH_CANCELLED_HERE;
  assert_text (kh_transfer_text_status (&self->view), "You cancelled it");
  self->view.by = KH_CANCELLED_THERE;
  assert_text (kh_transfer_text_status (&self->view), "Cancelled by Bob");
  self->info.peer_name = (char *)"";
  assert_text (kh_transfer_text_status (&self->view), "Cancelled by the other side");
}

static void
test_done_says_what_is_not_there (Fixture *self, gconstpointer data)
{
  self->info.phase = KH_PHASE_DONE;
  self->info.done_files = 1;
  assert_text (kh_transfer_text_status (&self->view), "Received");
  self->info.done_files = 0;
  self->info.there_files = 1;
  assert_text (kh_transfer_text_status (&self->view), "Was there already");
  self->info.n_files = 3;
  assert_text (kh_transfer_text_status (&self->view), "Received, without 2 files");
  self->info.outgoing = TRUE;
  assert_text (kh_transfer_text_status (&self->view), "Sent, without 2 files");
  self->info.wanted_files = 0;
  assert_text (kh_transfer_text_status (&self->view), "Nothing of it was wanted");
}

static void
test_failures_say_what_to_do (Fixture *self, gconstpointer data)
{
  self->info.phase = KH_PHASE_FAILED;
  self->info.can_retry = TRUE;
  self->info.status = KH_FRAME_STATUS_DISK_FULL;
  assert_text (kh_transfer_text_status (&self->view),
               "There is not enough room on your disk");
  assert_text (kh_transfer_text_advice (&self->view), "Make room, then try again.");
  self->info.outgoing = TRUE;
  assert_text (kh_transfer_text_status (&self->view),
               "There is not enough room on the disk of Bob");
  assert_text (kh_transfer_text_advice (&self->view),
               "Try again when Bob has made room.");

  self->info.status = KH_FRAME_STATUS_COMPLETE;
  self->info.failed_files = 1;
  self->view.reason = KH_FRAME_STATUS_GONE;
  assert_text (kh_transfer_text_status (&self->view), "The file is not there any more");
  self->info.n_files = self->info.wanted_files = 12;
  assert_text (kh_transfer_text_status (&self->view), "1 of 12 files failed");
}

/* Also what a later version will say. */
static void
test_every_status_has_words (void)
{
  for (int status = 0; status < 256; status++)
    for (guint outgoing = 0; outgoing < 2; outgoing++)
      {
        g_autofree char *text = kh_transfer_reason_text (status, outgoing, "Bob");
        g_autofree char *advice
            = kh_transfer_reason_advice (status, outgoing, TRUE, "Bob");

        g_assert_cmpuint (strlen (text), >, 0);
        g_assert_false (g_str_has_suffix (text, "."));
        g_assert_true (g_str_has_suffix (advice, "."));
        g_assert_cmpuint (strlen (kh_transfer_reason_short (status)), >, 0);
      }
}

/* What a card says and lets do fits together, whatever the values are. */
static void
test_any_values (Fixture *self, gconstpointer data)
{
  for (guint step = 0; step < 20000; step++)
    {
      g_autofree char *whole = NULL;
      g_autofree char *advice = NULL;
      KhTransferActions actions;

      self->info.outgoing = g_test_rand_bit ();
      self->info.phase = g_test_rand_int_range (0, KH_PHASE_FAILED + 1);
      self->info.n_files = g_test_rand_int_range (0, 4);
      self->info.wanted_files = g_test_rand_int_range (0, 4);
      self->info.done_files = g_test_rand_int_range (0, 4);
      self->info.there_files = g_test_rand_int_range (0, 4);
      self->info.failed_files = g_test_rand_int_range (0, 4);
      self->info.done_bytes = g_test_rand_int_range (0, 4);
      self->info.wanted_bytes = g_test_rand_int_range (0, 4);
      self->info.can_retry = g_test_rand_bit ();
      self->info.paused_here = g_test_rand_bit ();
      self->view.waits = g_test_rand_bit ();
      self->view.connected = g_test_rand_bit ();
      self->view.queued = g_test_rand_bit ();
      self->view.has_place = g_test_rand_bit ();
      self->view.n_roots = g_test_rand_int_range (0, 3);
      whole = kh_transfer_text_whole (&self->view);
      advice = kh_transfer_text_advice (&self->view);
      actions = kh_transfer_look_actions (&self->view);

      g_assert_cmpuint (strlen (whole), >, 0);
      if (self->info.phase > KH_PHASE_RUNNING)
        g_assert_false (actions & (KH_TRANSFER_CANCEL | KH_TRANSFER_PAUSE));
      if (self->info.phase != KH_PHASE_FAILED)
        g_assert_false (actions & KH_TRANSFER_RETRY);
      if ((actions & KH_TRANSFER_ACCEPT) != 0)
        g_assert_false (self->info.outgoing);
      if ((actions & (KH_TRANSFER_OPEN | KH_TRANSFER_SHOW)) != 0)
        g_assert_true (self->view.has_place);
    }
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, NULL)

int
main (int argc, char *argv[])
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  ADD ("/transfer-text/what-came-first-waits-for-nothing",
       test_what_came_first_waits_for_nothing);
  ADD ("/transfer-text/what-is-received-waits-for-what-moves",
       test_what_is_received_waits_for_what_moves);
  ADD ("/transfer-text/titles", test_titles);
  ADD ("/transfer-text/counts", test_counts);
  g_test_add_func ("/transfer-text/time-left", test_time_left);
  ADD ("/transfer-text/fractions-stay-inside", test_fractions_stay_inside);
  ADD ("/transfer-text/amounts", test_amounts);
  ADD ("/transfer-text/running-says-who-waits", test_running_says_who_waits_for_what);
  ADD ("/transfer-text/pauses-say-whose", test_pauses_say_whose);
  ADD ("/transfer-text/offers-say-who-is-asked", test_offers_say_who_is_asked);
  ADD ("/transfer-text/ends-say-by-whom", test_ends_say_by_whom);
  ADD ("/transfer-text/done-says-what-is-not-there", test_done_says_what_is_not_there);
  ADD ("/transfer-text/failures-say-what-to-do", test_failures_say_what_to_do);
  g_test_add_func ("/transfer-text/every-status-has-words", test_every_status_has_words);
  ADD ("/transfer-text/any-values", test_any_values);
  return g_test_run ();
}

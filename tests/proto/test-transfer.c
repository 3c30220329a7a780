/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/transfer.h"

#include <glib.h>
#include <string.h>

#define PIECE 1000

/* Its number in the tree. */
#define NUMBER 7

/* Both ends of one transfer; every frame arrives. */
typedef struct
{
  KhTransfer sender;
  KhTransfer receiver;
} Pair;

static void
begin (Pair *pair, guint64 total)
{
  kh_transfer_init (&pair->sender, true, NUMBER, total);
  kh_transfer_init (&pair->receiver, false, NUMBER, total);
}

static void
begin_running (Pair *pair, guint64 total)
{
  begin (pair, total);
  g_assert_true (kh_transfer_accept (&pair->receiver, 0));
  g_assert_true (kh_transfer_accept (&pair->sender, 0));
}

/* Sends one piece; false when there is none. */
static gboolean
send_piece (Pair *pair, gsize max)
{
  guint64 offset = pair->sender.bytes;
  gsize len = kh_transfer_next_piece (&pair->sender, max);

  if (len == 0)
    return FALSE;
  g_assert_true (kh_transfer_sent (&pair->sender, len));
  g_assert_true (kh_transfer_take_piece (&pair->receiver, NUMBER, offset, len));
  return TRUE;
}

static void
test_a_file_of_any_size_gets_there (void)
{
  static const guint64 sizes[] = { 0, 1, PIECE - 1, PIECE, PIECE + 1, 10 * PIECE, 12345 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      guint n_pieces = 0;
      Pair pair;

      begin_running (&pair, sizes[i]);
      while (send_piece (&pair, PIECE))
        g_assert_cmpuint (++n_pieces, <=, 20);
      g_assert_cmpuint (n_pieces, ==, (sizes[i] + PIECE - 1) / PIECE);

      g_assert_true (kh_transfer_end (&pair.sender, KH_FRAME_STATUS_COMPLETE));
      g_assert_true (kh_transfer_take_end (&pair.receiver, NUMBER, pair.sender.bytes, 0));
      g_assert_cmpint (pair.receiver.state, ==, KH_TRANSFER_FINISHING);
      g_assert_false (kh_transfer_is_final (&pair.sender));

      g_assert_true (kh_transfer_placed (&pair.receiver));
      g_assert_true (kh_transfer_placed (&pair.sender));
      g_assert_cmpint (pair.sender.state, ==, KH_TRANSFER_DONE);
      g_assert_cmpint (pair.receiver.state, ==, KH_TRANSFER_DONE);
    }
}

static void
test_nothing_flows_before_the_answer (void)
{
  Pair pair;

  begin (&pair, 10);
  g_assert_cmpuint (kh_transfer_next_piece (&pair.sender, PIECE), ==, 0);
  g_assert_false (kh_transfer_sent (&pair.sender, 1));
  g_assert_false (kh_transfer_end (&pair.sender, KH_FRAME_STATUS_COMPLETE));
  g_assert_false (kh_transfer_take_piece (&pair.receiver, NUMBER, 0, 1));
  g_assert_false (kh_transfer_take_end (&pair.receiver, NUMBER, 0, 0));
  g_assert_false (kh_transfer_placed (&pair.receiver));
  g_assert_cmpint (pair.receiver.state, ==, KH_TRANSFER_OFFERED);

  g_assert_true (kh_transfer_decline (&pair.sender));
  g_assert_cmpint (pair.sender.state, ==, KH_TRANSFER_DECLINED);
  g_assert_false (kh_transfer_accept (&pair.sender, 0));
}

static void
test_a_piece_that_does_not_fit_fails_it (void)
{
  static const struct
  {
    guint32 file;
    guint64 offset;
    gsize len;
  } wrong[] = {
    { 0, 10, 1 }, /* another file */
    { NUMBER + 1, 10, 1 },
    { NUMBER, 9, 1 },          /* again */
    { NUMBER, 11, 1 },         /* a gap */
    { NUMBER, 10, 91 },        /* beyond the offer */
    { NUMBER, 10, 0 },         /* nothing */
    { NUMBER, 10, G_MAXSIZE }, /* an overflow */
    { NUMBER, G_MAXUINT64, 2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      Pair pair;

      begin_running (&pair, 100);
      g_assert_true (kh_transfer_take_piece (&pair.receiver, NUMBER, 0, 10));
      g_assert_false (kh_transfer_take_piece (&pair.receiver, wrong[i].file,
                                              wrong[i].offset, wrong[i].len));
      g_assert_cmpint (pair.receiver.state, ==, KH_TRANSFER_FAILED);
      g_assert_cmpuint (pair.receiver.status, ==, KH_FRAME_STATUS_SIZE_DIFFERS);
      g_assert_cmpuint (pair.receiver.bytes, ==, 10);
    }
}

static void
test_an_end_that_does_not_fit_fails_it (void)
{
  static const struct
  {
    guint64 size;
    guint8 status;
    guint8 expected;
  } wrong[] = {
    { 10, KH_FRAME_STATUS_COMPLETE, KH_FRAME_STATUS_SIZE_DIFFERS },
    { 100, KH_FRAME_STATUS_COMPLETE, KH_FRAME_STATUS_SIZE_DIFFERS },
    { 10, KH_FRAME_STATUS_SHRANK, KH_FRAME_STATUS_SHRANK },
    { 100, KH_FRAME_STATUS_CHANGED, KH_FRAME_STATUS_CHANGED },
    { 0, 200, 200 },
    { 10, KH_FRAME_STATUS_CANCELLED, KH_FRAME_STATUS_CANCELLED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      Pair pair;

      begin_running (&pair, 100);
      g_assert_true (kh_transfer_take_piece (&pair.receiver, NUMBER, 0, 10));
      g_assert_false (
          kh_transfer_take_end (&pair.receiver, NUMBER, wrong[i].size, wrong[i].status));
      g_assert_true (kh_transfer_is_final (&pair.receiver));
      g_assert_cmpuint (pair.receiver.status, ==, wrong[i].expected);
    }
}

static void
test_a_sender_can_not_call_half_a_file_complete (void)
{
  Pair pair;

  begin_running (&pair, 2 * PIECE);
  g_assert_true (send_piece (&pair, PIECE));
  g_assert_false (kh_transfer_end (&pair.sender, KH_FRAME_STATUS_COMPLETE));
  g_assert_false (kh_transfer_placed (&pair.sender));
  g_assert_true (kh_transfer_end (&pair.sender, KH_FRAME_STATUS_SHRANK));
  g_assert_cmpint (pair.sender.state, ==, KH_TRANSFER_FAILED);
  g_assert_cmpuint (pair.sender.status, ==, KH_FRAME_STATUS_SHRANK);
}

static void
test_an_offset_is_where_both_go_on (void)
{
  Pair pair;

  begin (&pair, 100);
  g_assert_true (kh_transfer_accept (&pair.receiver, 60));
  g_assert_true (kh_transfer_accept (&pair.sender, 60));
  g_assert_cmpuint (kh_transfer_next_piece (&pair.sender, PIECE), ==, 40);
  g_assert_true (send_piece (&pair, PIECE));
  g_assert_true (kh_transfer_end (&pair.sender, KH_FRAME_STATUS_COMPLETE));
  g_assert_true (kh_transfer_take_end (&pair.receiver, NUMBER, 100, 0));

  begin (&pair, 100);
  g_assert_false (kh_transfer_accept (&pair.sender, 101));
  g_assert_cmpint (pair.sender.state, ==, KH_TRANSFER_FAILED);
}

static void
test_an_end_of_another_file_fails_it (void)
{
  Pair pair;

  begin_running (&pair, PIECE);
  g_assert_true (send_piece (&pair, PIECE));
  g_assert_false (kh_transfer_take_end (&pair.receiver, NUMBER + 1, PIECE, 0));
  g_assert_cmpint (pair.receiver.state, ==, KH_TRANSFER_FAILED);
  g_assert_cmpuint (pair.receiver.status, ==, KH_FRAME_STATUS_SIZE_DIFFERS);
}

static void
test_a_changed_file_begins_again (void)
{
  static const guint64 sizes[] = { 0, PIECE / 2, 3 * PIECE, KH_FRAME_SIZE_MAX };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Pair pair;

      begin_running (&pair, 2 * PIECE);
      g_assert_true (send_piece (&pair, PIECE));
      g_assert_true (kh_transfer_restart (&pair.sender, sizes[i]));
      g_assert_true (kh_transfer_restart (&pair.receiver, sizes[i]));
      g_assert_cmpuint (pair.sender.bytes, ==, 0);
      g_assert_cmpuint (pair.receiver.total, ==, sizes[i]);
      for (guint n = 0; n < 4 && send_piece (&pair, PIECE); n++)
        g_assert_cmpuint (pair.receiver.bytes, ==, pair.sender.bytes);
      if (sizes[i] > 4 * PIECE)
        continue;
      g_assert_true (kh_transfer_end (&pair.sender, KH_FRAME_STATUS_COMPLETE));
      g_assert_true (kh_transfer_take_end (&pair.receiver, NUMBER, sizes[i], 0));
    }
}

static void
test_only_what_runs_begins_again (void)
{
  Pair pair;

  begin (&pair, 10);
  g_assert_false (kh_transfer_restart (&pair.sender, 20));
  g_assert_true (kh_transfer_accept (&pair.sender, 0));
  g_assert_true (kh_transfer_accept (&pair.receiver, 0));
  g_assert_true (send_piece (&pair, PIECE));
  g_assert_true (kh_transfer_end (&pair.sender, KH_FRAME_STATUS_COMPLETE));
  g_assert_false (kh_transfer_restart (&pair.sender, 20));
  g_assert_true (kh_transfer_cancel (&pair.receiver));
  g_assert_false (kh_transfer_restart (&pair.receiver, 20));
  g_assert_cmpuint (pair.sender.total, ==, 10);
  g_assert_cmpuint (pair.receiver.bytes, ==, 10);
}

/* One call chosen at random, with arguments that often fit. Returns whether it began
 * again. */
static gboolean
poke (KhTransfer *transfer)
{
  gsize len = (gsize)g_test_rand_int_range (0, 2 * PIECE);
  guint8 status = g_test_rand_bit () ? 0 : (guint8)g_test_rand_int_range (1, 256);

  switch (g_test_rand_int_range (0, 13))
    {
    case 0:
      kh_transfer_accept (transfer, g_test_rand_bit () ? 0 : len);
      break;
    case 1:
      if (len % 8 == 0)
        kh_transfer_decline (transfer);
      break;
    case 2:
    case 3:
      kh_transfer_sent (transfer, kh_transfer_next_piece (transfer, len));
      break;
    case 4:
      kh_transfer_sent (transfer, len);
      break;
    case 5:
      kh_transfer_end (transfer, status);
      break;
    case 6:
    case 7:
      kh_transfer_take_piece (transfer, NUMBER, transfer->bytes, len);
      break;
    case 8:
      kh_transfer_take_end (transfer, NUMBER, transfer->bytes, status);
      break;
    case 9:
      kh_transfer_placed (transfer);
      break;
    case 10:
      if (len % 8 == 0)
        kh_transfer_fail (transfer, MAX (1, status));
      break;
    case 11:
      if (len % 4 == 0)
        return kh_transfer_restart (transfer, len);
      break;
    default:
      if (len % 16 == 0)
        kh_transfer_cancel (transfer);
      break;
    }
  return FALSE;
}

/* Whatever is called in whatever order: bytes only grow, but where it begins
 * again, and stay within the size, a file is done only when all of it went over, states
 * only go forward, and a final one never changes. Replay with --seed. */
static void
test_any_order_of_calls (void)
{
  for (guint round = 0; round < 2000; round++)
    {
      KhTransfer transfer;

      kh_transfer_init (&transfer, g_test_rand_bit (), NUMBER,
                        (guint64)g_test_rand_int_range (0, 5 * PIECE));
      for (guint step = 0; step < 60; step++)
        {
          KhTransfer before = transfer;
          gboolean again = poke (&transfer);

          g_assert_cmpuint (transfer.bytes, >=, again ? 0 : before.bytes);
          g_assert_true (again || transfer.total == before.total);
          g_assert_cmpuint (transfer.bytes, <=, transfer.total);
          g_assert_cmpint (transfer.state, >=, before.state);
          if (kh_transfer_is_final (&before))
            {
              g_assert_cmpint (transfer.state, ==, before.state);
              g_assert_cmpuint (transfer.status, ==, before.status);
              g_assert_cmpuint (transfer.bytes, ==, before.bytes);
            }
          if (transfer.state == KH_TRANSFER_FINISHING
              || transfer.state == KH_TRANSFER_DONE)
            g_assert_cmpuint (transfer.bytes, ==, transfer.total);
          g_assert_cmpint (transfer.status != 0, ==,
                           transfer.state == KH_TRANSFER_FAILED
                               || transfer.state == KH_TRANSFER_CANCELLED);
        }
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transfer/a-file-of-any-size-gets-there",
                   test_a_file_of_any_size_gets_there);
  g_test_add_func ("/transfer/nothing-flows-before-the-answer",
                   test_nothing_flows_before_the_answer);
  g_test_add_func ("/transfer/a-piece-that-does-not-fit-fails-it",
                   test_a_piece_that_does_not_fit_fails_it);
  g_test_add_func ("/transfer/an-end-that-does-not-fit-fails-it",
                   test_an_end_that_does_not_fit_fails_it);
  g_test_add_func ("/transfer/a-sender-can-not-call-half-a-file-complete",
                   test_a_sender_can_not_call_half_a_file_complete);
  g_test_add_func ("/transfer/an-offset-is-where-both-go-on",
                   test_an_offset_is_where_both_go_on);
  g_test_add_func ("/transfer/an-end-of-another-file-fails-it",
                   test_an_end_of_another_file_fails_it);
  g_test_add_func ("/transfer/a-changed-file-begins-again",
                   test_a_changed_file_begins_again);
  g_test_add_func ("/transfer/only-what-runs-begins-again",
                   test_only_what_runs_begins_again);
  g_test_add_func ("/transfer/any-order-of-calls", test_any_order_of_calls);
  return g_test_run ();
}

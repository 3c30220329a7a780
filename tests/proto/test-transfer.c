/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/transfer.h"

#include <glib.h>
#include <string.h>

#define PIECE 1000

/* Both ends of one transfer; every frame arrives. */
typedef struct
{
  KhTransfer sender;
  KhTransfer receiver;
} Pair;

static void
begin (Pair *pair, guint64 total)
{
  kh_transfer_init (&pair->sender, true, total);
  kh_transfer_init (&pair->receiver, false, total);
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
  g_assert_true (kh_transfer_take_piece (&pair->receiver, 0, offset, len));
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
      g_assert_true (kh_transfer_take_end (&pair.receiver, 0, pair.sender.bytes, 0));
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
  g_assert_false (kh_transfer_take_piece (&pair.receiver, 0, 0, 1));
  g_assert_false (kh_transfer_take_end (&pair.receiver, 0, 0, 0));
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
    { 1, 10, 1 },         /* another file */
    { 0, 9, 1 },          /* again */
    { 0, 11, 1 },         /* a gap */
    { 0, 10, 91 },        /* beyond the offer */
    { 0, 10, 0 },         /* nothing */
    { 0, 10, G_MAXSIZE }, /* an overflow */
    { 0, G_MAXUINT64, 2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      Pair pair;

      begin_running (&pair, 100);
      g_assert_true (kh_transfer_take_piece (&pair.receiver, 0, 0, 10));
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
      g_assert_true (kh_transfer_take_piece (&pair.receiver, 0, 0, 10));
      g_assert_false (
          kh_transfer_take_end (&pair.receiver, 0, wrong[i].size, wrong[i].status));
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
  g_assert_true (kh_transfer_take_end (&pair.receiver, 0, 100, 0));

  begin (&pair, 100);
  g_assert_false (kh_transfer_accept (&pair.sender, 101));
  g_assert_cmpint (pair.sender.state, ==, KH_TRANSFER_FAILED);
}

/* One call chosen at random, with arguments that often fit. */
static void
poke (KhTransfer *transfer)
{
  gsize len = (gsize)g_test_rand_int_range (0, 2 * PIECE);
  guint8 status = g_test_rand_bit () ? 0 : (guint8)g_test_rand_int_range (1, 256);

  switch (g_test_rand_int_range (0, 12))
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
      kh_transfer_take_piece (transfer, 0, transfer->bytes, len);
      break;
    case 8:
      kh_transfer_take_end (transfer, 0, transfer->bytes, status);
      break;
    case 9:
      kh_transfer_placed (transfer);
      break;
    case 10:
      if (len % 8 == 0)
        kh_transfer_fail (transfer, MAX (1, status));
      break;
    default:
      if (len % 16 == 0)
        kh_transfer_cancel (transfer);
      break;
    }
}

/* Whatever is called in whatever order: bytes only grow and stay within the
 * offer, a file is done only when all of it went over, states only go forward,
 * and a final one never changes. Replay with --seed. */
static void
test_any_order_of_calls (void)
{
  for (guint round = 0; round < 2000; round++)
    {
      KhTransfer transfer;

      kh_transfer_init (&transfer, g_test_rand_bit (),
                        (guint64)g_test_rand_int_range (0, 5 * PIECE));
      for (guint step = 0; step < 60; step++)
        {
          KhTransfer before = transfer;

          poke (&transfer);
          g_assert_cmpuint (transfer.bytes, >=, before.bytes);
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
  g_test_add_func ("/transfer/any-order-of-calls", test_any_order_of_calls);
  return g_test_run ();
}

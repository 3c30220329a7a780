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

      g_assert_cmpuint (pair.sender.bytes, ==, sizes[i]);
      g_assert_true (kh_transfer_take_end (&pair.receiver, NUMBER, pair.sender.bytes));
      g_assert_cmpint (pair.receiver.state, ==, KH_TRANSFER_WHOLE);
    }
}

static void
test_nothing_flows_before_it_is_known_where_it_begins (void)
{
  Pair pair;

  begin (&pair, 10);
  g_assert_cmpuint (kh_transfer_next_piece (&pair.sender, PIECE), ==, 0);
  g_assert_false (kh_transfer_sent (&pair.sender, 1));
  g_assert_false (kh_transfer_take_piece (&pair.receiver, NUMBER, 0, 1));
  g_assert_false (kh_transfer_take_end (&pair.receiver, NUMBER, 0));
  g_assert_cmpint (pair.receiver.state, ==, KH_TRANSFER_WAITING);
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
      g_assert_cmpuint (pair.receiver.bytes, ==, 10);
    }
}

static void
test_an_end_that_does_not_fit_fails_it (void)
{
  static const struct
  {
    guint32 file;
    guint64 taken;
    guint64 size;
  } wrong[] = {
    { NUMBER, 10, 10 },                             /* half a file */
    { NUMBER, 10, 100 },  { NUMBER, 100, 99 },      /* another size */
    { NUMBER, 100, 101 }, { NUMBER + 1, 100, 100 }, /* another file */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      Pair pair;

      begin_running (&pair, 100);
      g_assert_true (
          kh_transfer_take_piece (&pair.receiver, NUMBER, 0, (gsize)wrong[i].taken));
      g_assert_false (
          kh_transfer_take_end (&pair.receiver, wrong[i].file, wrong[i].size));
      g_assert_cmpint (pair.receiver.state, ==, KH_TRANSFER_FAILED);
    }
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
  g_assert_true (kh_transfer_take_end (&pair.receiver, NUMBER, 100));

  begin (&pair, 100);
  g_assert_false (kh_transfer_accept (&pair.sender, 101));
  g_assert_cmpint (pair.sender.state, ==, KH_TRANSFER_FAILED);
}

/* One call chosen at random, with arguments that often fit. */
static void
poke (KhTransfer *transfer)
{
  gsize len = (gsize)g_test_rand_int_range (0, 2 * PIECE);

  switch (g_test_rand_int_range (0, 8))
    {
    case 0:
      kh_transfer_accept (transfer, g_test_rand_bit () ? 0 : len);
      break;
    case 1:
    case 2:
      kh_transfer_sent (transfer, kh_transfer_next_piece (transfer, len));
      break;
    case 3:
      kh_transfer_sent (transfer, len);
      break;
    case 4:
    case 5:
      kh_transfer_take_piece (transfer, NUMBER, transfer->bytes, len);
      break;
    case 6:
      kh_transfer_take_piece (transfer, NUMBER, transfer->bytes,
                              (gsize)(transfer->total - transfer->bytes));
      break;
    default:
      if (len % 4 == 0)
        kh_transfer_take_end (transfer, NUMBER, transfer->bytes);
      break;
    }
}

/* Whatever is called in whatever order: bytes only grow and stay within the size, a file
 * is whole only when all of it went over, states only go forward, and a final one never
 * changes. Replay with --seed. */
static void
test_any_order_of_calls (void)
{
  guint n_ended[KH_TRANSFER_FAILED + 1] = { 0 };

  for (guint round = 0; round < 2000; round++)
    {
      KhTransfer transfer;

      kh_transfer_init (&transfer, g_test_rand_bit (), NUMBER,
                        (guint64)g_test_rand_int_range (0, 5 * PIECE));
      for (guint step = 0; step < 60; step++)
        {
          KhTransfer before = transfer;

          poke (&transfer);
          g_assert_cmpuint (transfer.bytes, >=, before.bytes);
          g_assert_cmpuint (transfer.total, ==, before.total);
          g_assert_cmpuint (transfer.bytes, <=, transfer.total);
          g_assert_cmpint (transfer.state, >=, before.state);
          if (before.state >= KH_TRANSFER_WHOLE)
            {
              g_assert_cmpint (transfer.state, ==, before.state);
              g_assert_cmpuint (transfer.bytes, ==, before.bytes);
            }
          if (transfer.state == KH_TRANSFER_WHOLE)
            g_assert_cmpuint (transfer.bytes, ==, transfer.total);
        }
      n_ended[transfer.state]++;
    }
  g_assert_cmpuint (n_ended[KH_TRANSFER_WHOLE], >, 0);
  g_assert_cmpuint (n_ended[KH_TRANSFER_FAILED], >, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transfer/a-file-of-any-size-gets-there",
                   test_a_file_of_any_size_gets_there);
  g_test_add_func ("/transfer/nothing-flows-before-it-is-known-where-it-begins",
                   test_nothing_flows_before_it_is_known_where_it_begins);
  g_test_add_func ("/transfer/a-piece-that-does-not-fit-fails-it",
                   test_a_piece_that_does_not_fit_fails_it);
  g_test_add_func ("/transfer/an-end-that-does-not-fit-fails-it",
                   test_an_end_that_does_not_fit_fails_it);
  g_test_add_func ("/transfer/an-offset-is-where-both-go-on",
                   test_an_offset_is_where_both_go_on);
  g_test_add_func ("/transfer/any-order-of-calls", test_any_order_of_calls);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/record-stream.h"

#include "socket-pair.h"

#include <string.h>

#define MAX_RECORD 300

typedef struct
{
  KhRecordStream ours;
  KhRecordStream theirs;
} Fixture;

static GSocket *
wrap (int fd)
{
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new_from_fd (fd, &error);

  g_assert_no_error (error);
  g_socket_set_blocking (socket, FALSE);
  return socket;
}

static void
set_up (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GSocket) ours = NULL;
  g_autoptr (GSocket) theirs = NULL;
  int fds[2];

  socket_pair (fds);
  ours = wrap (fds[0]);
  theirs = wrap (fds[1]);
  kh_record_stream_init (&fixture->ours, ours, MAX_RECORD);
  kh_record_stream_init (&fixture->theirs, theirs, MAX_RECORD);
}

static void
tear_down (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  kh_record_stream_clear (&fixture->ours);
  kh_record_stream_clear (&fixture->theirs);
}

static void
send_raw (Fixture *fixture, const void *bytes, gsize len)
{
  g_assert_cmpint (g_socket_send (fixture->ours.socket, bytes, len, NULL, NULL), ==,
                   (gssize)len);
}

/* Whatever lengths, and however the bytes are cut on their way. */
static void
test_records_come_out_as_they_went_in (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GByteArray) wire = g_byte_array_new ();
  guint n_taken = 0;
  gsize at = 0;

  for (guint i = 0; i < 200; i++)
    {
      guint8 record[MAX_RECORD];
      gsize len = (gsize)g_test_rand_int_range (0, MAX_RECORD + 1);
      guint8 length[2] = { (guint8)(len >> 8), (guint8)len };

      memset (record, (int)i, sizeof record);
      g_byte_array_append (wire, length, 2);
      g_byte_array_append (wire, record, (guint)len);
    }
  while (at < wire->len)
    {
      gsize cut = (gsize)g_test_rand_int_range (1, 700);
      gsize n = MIN (wire->len - at, cut);
      guint8 *record;
      gsize len;

      send_raw (fixture, wire->data + at, n);
      at += n;
      for (guint turn = 0; turn < 8; turn++)
        {
          g_assert_cmpint (kh_record_stream_fill (&fixture->theirs), ==, KH_STREAM_OK);
          while (kh_record_stream_take (&fixture->theirs, &record, &len))
            {
              for (gsize i = 0; i < len; i++)
                g_assert_cmpuint (record[i], ==, (guint8)n_taken);
              n_taken++;
            }
        }
    }
  g_assert_cmpuint (n_taken, ==, 200);
}

static void
test_a_record_too_long_is_bad (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  const guint8 length[] = { (MAX_RECORD + 1) >> 8, (MAX_RECORD + 1) & 0xff };

  send_raw (fixture, length, sizeof length);
  g_assert_cmpint (kh_record_stream_fill (&fixture->theirs), ==, KH_STREAM_BAD);
  g_assert_cmpint (kh_record_stream_fill (&fixture->theirs), ==, KH_STREAM_BAD);
}

static void
test_what_came_before_the_end_is_not_lost (Fixture *fixture,
                                           G_GNUC_UNUSED gconstpointer data)
{
  guint8 *record;
  gsize len;

  g_assert_true (kh_record_stream_put (&fixture->ours, (const guint8 *)"last", 4));
  g_assert_cmpint (kh_record_stream_flush (&fixture->ours), ==, KH_STREAM_OK);
  g_socket_close (fixture->ours.socket, NULL);
  g_assert_cmpint (kh_record_stream_fill (&fixture->theirs), ==, KH_STREAM_OK);
  g_assert_true (kh_record_stream_take (&fixture->theirs, &record, &len));
  g_assert_cmpmem (record, len, "last", 4);
  g_assert_cmpint (kh_record_stream_fill (&fixture->theirs), ==, KH_STREAM_ENDED);
}

static void
test_a_peer_that_does_not_read_fills_no_memory (Fixture *fixture,
                                                G_GNUC_UNUSED gconstpointer data)
{
  guint8 record[MAX_RECORD] = { 0 };
  guint n_queued = 0;

  while (kh_record_stream_put (&fixture->ours, record, sizeof record))
    {
      kh_record_stream_flush (&fixture->ours);
      g_assert_cmpuint (++n_queued, <, 100000);
    }
  g_assert_cmpuint (fixture->ours.out->len, <=, KH_RECORD_STREAM_MAX_QUEUE);
  g_assert_cmpint (kh_record_stream_flush (&fixture->ours), ==, KH_STREAM_BLOCKED);
}

static void
test_the_rest_is_what_was_not_taken (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  const guint8 bytes[] = { 0, 1, 'a', 0, 9, 'b' };
  const guint8 *rest;
  guint8 *record;
  gsize len;

  send_raw (fixture, bytes, sizeof bytes);
  g_assert_cmpint (kh_record_stream_fill (&fixture->theirs), ==, KH_STREAM_OK);
  g_assert_true (kh_record_stream_take (&fixture->theirs, &record, &len));
  g_assert_false (kh_record_stream_take (&fixture->theirs, &record, &len));
  rest = kh_record_stream_rest (&fixture->theirs, &len);
  g_assert_cmpmem (rest, len, bytes + 3, 3);
}

int
main (int argc, char *argv[])
{
#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("/record-stream/records-come-out-as-they-went-in",
       test_records_come_out_as_they_went_in);
  ADD ("/record-stream/a-record-too-long-is-bad", test_a_record_too_long_is_bad);
  ADD ("/record-stream/what-came-before-the-end-is-not-lost",
       test_what_came_before_the_end_is_not_lost);
  ADD ("/record-stream/a-peer-that-does-not-read-fills-no-memory",
       test_a_peer_that_does_not_read_fills_no_memory);
  ADD ("/record-stream/the-rest-is-what-was-not-taken",
       test_the_rest_is_what_was_not_taken);
#undef ADD
  return g_test_run ();
}

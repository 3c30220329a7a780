/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../not-here.h"
#include "channel-ends.h"

#ifdef G_OS_UNIX
#include <fcntl.h>
#include <stdarg.h>
#include <sys/syscall.h>
#endif

#define LARGE (16 << 20)

#ifdef G_OS_UNIX
/* The time that openat(), which takes the place of the system's, is made to take, and how
 * often it was called meanwhile. */
static gulong open_takes_us;
static gint n_opened; /* atomic */

int
openat (int folder, const char *name, int flags, ...)
{
  va_list arguments;
  unsigned mode;

  va_start (arguments, flags);
  mode = va_arg (arguments, unsigned);
  va_end (arguments);
  if (open_takes_us > 0)
    {
      g_usleep (open_takes_us);
      g_atomic_int_inc (&n_opened);
    }
  return (int)syscall (SYS_openat, folder, name, flags, mode);
}

#endif

/* Reads @len bytes of an entry, from @offset on, without a gap. */
static void
expect_bytes (Peer *peer, guint32 stream, guint32 entry, guint64 offset,
              const guint8 *bytes, gsize len)
{
  for (gsize at = 0; at < len;)
    {
      const KhFrame *frame = peer_expect (peer, KH_FRAME_PIECE);

      g_assert_cmpuint (frame->piece.stream, ==, stream);
      g_assert_cmpuint (frame->piece.file, ==, entry);
      g_assert_cmpuint (frame->piece.offset, ==, offset + at);
      g_assert_cmpuint (frame->piece.len, <=, len - at);
      g_assert_cmpmem (frame->piece.bytes, frame->piece.len, bytes + at,
                       frame->piece.len);
      at += frame->piece.len;
    }
}

static void
expect_end (Peer *peer, guint32 stream, guint32 entry, guint64 size, KhFrameStatus status)
{
  const KhFrame *frame = peer_expect (peer, KH_FRAME_FILE_END);

  g_assert_cmpuint (frame->file.stream, ==, stream);
  g_assert_cmpuint (frame->file.file, ==, entry);
  g_assert_cmpuint (frame->file.status, ==, status);
  g_assert_cmpuint (frame->file.size, ==, size);
}

static void
expect_text (Peer *peer, guint32 stream, guint32 entry, guint64 offset, const char *text)
{
  expect_bytes (peer, stream, entry, offset, (const guint8 *)text, strlen (text));
  expect_end (peer, stream, entry, offset + strlen (text), KH_FRAME_STATUS_COMPLETE);
}

static void
expect_begin (Peer *peer, guint32 stream, guint32 entry, guint64 size)
{
  const KhFrame *frame = peer_expect (peer, KH_FRAME_FILE_BEGIN);

  g_assert_cmpuint (frame->file.stream, ==, stream);
  g_assert_cmpuint (frame->file.file, ==, entry);
  g_assert_cmpuint (frame->file.size, ==, size);
}

/* The frame after pieces. */
static const KhFrame *
read_over_pieces (Peer *peer)
{
  while (peer_read (peer) == KH_FRAME_PIECE)
    ;
  return &peer->got;
}

static void
test_what_is_wanted_goes_out_in_order (Fixture *fixture, gconstpointer data)
{
  Peer *peer;

  add_folder (fixture, "t");
  add_text (fixture, "t/a", "one");
  add_text (fixture, "t/empty", "");
  add_text (fixture, "t/b", "three");
  add_text (fixture, "c", "four");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  peer = fixture->peer;
  open_outgoing (&fixture->a, 7);
  peer_want (fixture, 7, 1, 3, 0);
  expect_text (peer, 7, 1, 0, "one");
  expect_text (peer, 7, 2, 0, "");
  expect_text (peer, 7, 3, 0, "three");
  /* Only what is wanted, but that again if it is. */
  peer_settle (peer);
  peer_want (fixture, 7, 4, 1, 0);
  peer_want (fixture, 7, 4, 1, 0);
  expect_text (peer, 7, 4, 0, "four");
  expect_text (peer, 7, 4, 0, "four");
}

static void
test_it_goes_on_where_the_hash_is_the_same (Fixture *fixture, gconstpointer data)
{
  Peer *peer;

  add_text (fixture, "a", "0123456789");
  add_text (fixture, "b", "abcdef");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  peer = fixture->peer;
  open_outgoing (&fixture->a, 7);

  /* Until the hash is there nothing goes out, nor what is behind it. */
  peer_want (fixture, 7, 0, 1, 4);
  peer_want (fixture, 7, 1, 1, 0);
  peer_settle (peer);
  peer_hash (peer, 7, 0, "0123", 4);
  expect_text (peer, 7, 0, 4, "456789");
  expect_text (peer, 7, 1, 0, "abcdef");

  /* All of it is there. */
  peer_want (fixture, 7, 1, 1, 6);
  peer_hash (peer, 7, 1, "abcdef", 6);
  expect_text (peer, 7, 1, 6, "");
}

static void
test_it_begins_again_where_the_hash_differs (Fixture *fixture, gconstpointer data)
{
  Peer *peer;

  add_text (fixture, "a", "0123456789");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  peer = fixture->peer;
  open_outgoing (&fixture->a, 7);
  peer_want (fixture, 7, 0, 1, 4);
  peer_hash (peer, 7, 0, "012X", 4);
  expect_begin (peer, 7, 0, 10);
  expect_text (peer, 7, 0, 0, "0123456789");
}

/* Before the main context has heard of WANT, before the file's turn, before its own
 * hash is done. */
static void
test_a_hash_may_come_early (Fixture *fixture, gconstpointer data)
{
  g_autofree guint8 *bytes = make_bytes (LARGE, 1);
  KhFrame want = { .type = KH_FRAME_WANT, .run = { 7, 0, 1, 3 } };
  Peer *peer;

  add_text (fixture, "a", "abcdef");
  add_file (fixture, "b", bytes, LARGE);
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  peer = fixture->peer;
  open_outgoing (&fixture->a, 7);
  peer_meet (fixture);
  peer_send (peer, &want);
  peer_hash (peer, 7, 0, "abc", 3);
  want.run.first = 1;
  want.run.offset = LARGE - 5;
  peer_send (peer, &want);
  peer_hash (peer, 7, 1, bytes, LARGE - 5);
  peer_settle (peer);
  RUN_UNTIL (fixture->a.n_wanted == 2);
  expect_text (peer, 7, 0, 3, "def");
  expect_bytes (peer, 7, 1, LARGE - 5, bytes + LARGE - 5, 5);
  expect_end (peer, 7, 1, LARGE, KH_FRAME_STATUS_COMPLETE);
}

static void
test_an_offset_behind_the_end_begins_again (Fixture *fixture, gconstpointer data)
{
  add_text (fixture, "a", "abc");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_outgoing (&fixture->a, 7);
  peer_want (fixture, 7, 0, 1, KH_FRAME_SIZE_MAX);
  expect_begin (fixture->peer, 7, 0, 3);
  expect_text (fixture->peer, 7, 0, 0, "abc");
}

/* What the peer hashed in vain, because the source was gone or another, is for nothing
 * else; and over a long transfer there are many of these. */
static void
test_hashes_of_files_that_are_over_are_dropped (Fixture *fixture, gconstpointer data)
{
  const guint32 n = KH_CHANNEL_ITEMS_MAX + 10;
  Peer *peer;

  for (guint32 i = 0; i < n; i++)
    {
      Entry entry = { g_strdup ("gone"), KH_TREE_FILE, false, false, 10, WHEN_MS };

      g_array_append_val (fixture->tree, entry);
    }
  add_text (fixture, "a", "abcdef");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  peer = fixture->peer;
  open_outgoing (&fixture->a, 7);
  for (guint32 i = 0; i < n; i++)
    {
      send_items (&fixture->a, 7, i, 1, 5);
      expect_end (peer, 7, i, 0, KH_FRAME_STATUS_GONE);
      peer_hash (peer, 7, i, "gone", 4);
    }
  peer_want (fixture, 7, n, 1, 3);
  peer_hash (peer, 7, n, "abc", 3);
  expect_text (peer, 7, n, 3, "def");
}

static void
test_too_many_hashes_end_the_channel (Fixture *fixture, gconstpointer data)
{
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_outgoing (&fixture->a, 7);
  peer_meet (fixture);
  for (guint32 i = 0; i < KH_CHANNEL_ITEMS_MAX; i++)
    peer_hash (fixture->peer, 7, i, "x", 1);
  peer_settle (fixture->peer);
  peer_hash (fixture->peer, 8, 0, "x", 1); /* of no stream */
  peer_settle (fixture->peer);
  peer_hash (fixture->peer, 7, KH_CHANNEL_ITEMS_MAX, "x", 1);
  RUN_UNTIL (fixture->a.closed);
  g_assert_cmpint (fixture->a.end, ==, KH_CHANNEL_END_BAD);
}

static void
test_a_pause_stops_it_in_the_middle (Fixture *fixture, gconstpointer data)
{
  g_autofree guint8 *bytes = make_bytes (LARGE, 1);
  gsize at = 0;
  Peer *peer;

  add_file (fixture, "a", bytes, LARGE);
  add_text (fixture, "b", "other");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  peer = fixture->peer;
  open_outgoing (&fixture->a, 7);
  open_outgoing (&fixture->a, 8);
  peer_want (fixture, 7, 0, 1, 0);
  for (guint i = 0; i < 5; i++)
    at += peer_expect (peer, KH_FRAME_PIECE)->piece.len;

  /* Then only what was on its way comes, and other streams go on. */
  kh_channel_worker_pause (fixture->a.worker, 7, true);
  g_assert_true (send_message (&fixture->a, 1, 1)); /* commands keep their order */
  while (peer_read (peer) == KH_FRAME_PIECE)
    {
      g_assert_cmpuint (peer->got.piece.offset, ==, at);
      at += peer->got.piece.len;
    }
  g_assert_cmpuint (peer->got.type, ==, KH_FRAME_MESSAGE);
  peer_settle (peer);
  g_assert_cmpuint (at, <, LARGE);
  peer_want (fixture, 8, 1, 1, 0);
  expect_text (peer, 8, 1, 0, "other");

  kh_channel_worker_pause (fixture->a.worker, 7, false);
  expect_bytes (peer, 7, 0, at, bytes + at, LARGE - at);
  expect_end (peer, 7, 0, LARGE, KH_FRAME_STATUS_COMPLETE);
}

static void
test_a_stream_that_is_stopped_says_no_more (Fixture *fixture, gconstpointer data)
{
  g_autofree guint8 *bytes = make_bytes (LARGE, 1);
  Peer *peer;

  add_file (fixture, "a", bytes, LARGE);
  add_text (fixture, "b", "other");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  peer = fixture->peer;
  open_outgoing (&fixture->a, 7);
  peer_want (fixture, 7, 0, 2, 0);
  peer_expect (peer, KH_FRAME_PIECE);
  kh_channel_worker_stop (fixture->a.worker, 7, true, false);
  g_assert_true (send_message (&fixture->a, 1, 1));
  g_assert_cmpuint (read_over_pieces (peer)->type, ==, KH_FRAME_MESSAGE);
  peer_settle (peer);
  /* Its number is free again, and what is said to it twice does no harm. */
  kh_channel_worker_stop (fixture->a.worker, 7, true, false);
  kh_channel_worker_pause (fixture->a.worker, 7, true);
  send_items (&fixture->a, 7, 1, 1, 0);
  peer_settle (peer);
  open_outgoing (&fixture->a, 7);
  peer_want (fixture, 7, 1, 1, 0);
  expect_text (peer, 7, 1, 0, "other");
}

static void
test_a_source_that_changed_before_begins_anew (Fixture *fixture, gconstpointer data)
{
  Peer *peer;

  add_text (fixture, "a", "abc");
  add_text (fixture, "b", "abc");
  scratch_write_text (fixture->source, "a", "abcdef");
  scratch_set_time (fixture->source, "b", 5000);
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  peer = fixture->peer;
  open_outgoing (&fixture->a, 7);
  peer_want (fixture, 7, 0, 1, 0);
  expect_begin (peer, 7, 0, 6);
  expect_text (peer, 7, 0, 0, "abcdef");
  /* Whatever of it is there. */
  peer_want (fixture, 7, 1, 1, 2);
  expect_begin (peer, 7, 1, 3);
  g_assert_cmpuint (peer->got.file.modified_ms, ==, 5000);
  expect_text (peer, 7, 1, 0, "abc");
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_RESTARTED) == 2);
  g_assert_cmpuint (last (&fixture->a, KH_CHANNEL_RESTARTED)->entry, ==, 1);
  g_assert_true (last (&fixture->a, KH_CHANNEL_RESTARTED)->outgoing);
  g_assert_cmpuint (last (&fixture->a, KH_CHANNEL_RESTARTED)->modified_ms, ==, 5000);
}

/* Changes the file whenever it is begun. */
static void
expect_restarts (Fixture *fixture, guint n, KhFrameStatus status)
{
  for (guint i = 0; i <= n; i++)
    {
      const KhFrame *frame;

      g_assert_cmpuint (peer_read (fixture->peer), ==, KH_FRAME_PIECE);
      scratch_set_time (fixture->source, "a", 1000 * (i + 1));
      frame = read_over_pieces (fixture->peer);
      g_assert_cmpuint (frame->type, ==, i < n ? KH_FRAME_FILE_BEGIN : KH_FRAME_FILE_END);
      if (i == n)
        g_assert_cmpuint (frame->file.status, ==, status);
      else
        g_assert_cmpuint (frame->file.size, ==, LARGE);
    }
}

static void
test_a_source_that_keeps_changing_is_given_up (Fixture *fixture, gconstpointer data)
{
  g_autofree guint8 *bytes = make_bytes (LARGE, 1);

  add_file (fixture, "a", bytes, LARGE);
  add_text (fixture, "b", "next");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_outgoing (&fixture->a, 7);
  peer_want (fixture, 7, 0, 2, 0);
  expect_restarts (fixture, KH_CHANNEL_RESTARTS, KH_FRAME_STATUS_CHANGED);
  expect_text (fixture->peer, 7, 1, 0, "next");
}

/* Before it is sent counts as well. */
static void
test_a_change_before_is_one_of_them (Fixture *fixture, gconstpointer data)
{
  g_autofree guint8 *bytes = make_bytes (LARGE, 1);

  add_file (fixture, "a", bytes, LARGE);
  scratch_set_time (fixture->source, "a", 0);
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_outgoing (&fixture->a, 7);
  peer_want (fixture, 7, 0, 1, 0);
  expect_begin (fixture->peer, 7, 0, LARGE);
  expect_restarts (fixture, KH_CHANNEL_RESTARTS - 1, KH_FRAME_STATUS_CHANGED);
}

static void
test_a_source_that_shrinks_or_grows_begins_again (Fixture *fixture, gconstpointer data)
{
  g_autofree guint8 *bytes = make_bytes (LARGE, 1);
  g_autofree char *path = scratch_path (fixture->source, "a");
  Peer *peer;

  add_file (fixture, "a", bytes, LARGE);
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  peer = fixture->peer;
  open_outgoing (&fixture->a, 7);
  peer_want (fixture, 7, 0, 1, 0);
  peer_expect (peer, KH_FRAME_PIECE);
  scratch_truncate (path, LARGE - 100);
  g_assert_cmpuint (read_over_pieces (peer)->type, ==, KH_FRAME_FILE_BEGIN);
  g_assert_cmpuint (peer->got.file.size, ==, LARGE - 100);
  peer_expect (peer, KH_FRAME_PIECE);
  scratch_truncate (path, LARGE);
  memset (bytes + LARGE - 100, 0, 100);
  g_assert_cmpuint (read_over_pieces (peer)->type, ==, KH_FRAME_FILE_BEGIN);
  g_assert_cmpuint (peer->got.file.size, ==, LARGE);
  expect_bytes (peer, 7, 0, 0, bytes, LARGE);
  expect_end (peer, 7, 0, LARGE, KH_FRAME_STATUS_COMPLETE);
}

/* In the middle of a path as well. */
static void
test_what_is_gone_or_a_link_is_told (Fixture *fixture, gconstpointer data)
{
  char *outside = scratch_new ();
  g_autofree char *b = scratch_path (fixture->source, "t/b");
  g_autofree char *c = scratch_path (fixture->source, "t/c");
  g_autofree char *d = scratch_path (fixture->source, "t/d");
  Peer *peer;

  add_text (fixture, "t/a", "a");
  add_text (fixture, "t/b", "b");
  add_text (fixture, "t/c/x", "secret");
  add_text (fixture, "t/d", "d");
  add_text (fixture, "t/e", "e");
  scratch_write_text (outside, "x", "secret");
  g_assert_cmpint (g_unlink (b), ==, 0);
  g_assert_cmpint (g_unlink (d), ==, 0);
  g_assert_cmpint (g_rename (c, b), ==, 0);
  if (!scratch_link (fixture->source, outside, "t/c"))
    {
      scratch_free (outside);
      return;
    }
  scratch_link (fixture->source, "e", "t/d");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  peer = fixture->peer;
  open_outgoing (&fixture->a, 7);
  peer_want (fixture, 7, 0, 5, 0);
  expect_text (peer, 7, 0, 0, "a");
  expect_end (peer, 7, 1, 0, KH_FRAME_STATUS_UNREADABLE); /* a folder now */
  expect_end (peer, 7, 2, 0, KH_FRAME_STATUS_GONE);
  expect_end (peer, 7, 3, 0, KH_FRAME_STATUS_UNREADABLE);
  expect_text (peer, 7, 4, 0, "e");
  scratch_free (outside);
}

/* A file took the place of a folder: one with a number is another. */
static void
test_a_numbered_folder_is_not_sent_for_another (Fixture *fixture, gconstpointer data)
{
  g_autofree char *t = scratch_path (fixture->source, "t");
  g_autofree char *away = scratch_path (fixture->source, "away");

  add_text (fixture, "t/a", "a");
  scratch_write_text (fixture->source, "t (2)/a", "x");
  g_assert_cmpint (g_rename (t, away), ==, 0);
  scratch_write_text (fixture->source, "t", "file");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_outgoing (&fixture->a, 7);
  peer_want (fixture, 7, 0, 1, 0);
  expect_end (fixture->peer, 7, 0, 0, KH_FRAME_STATUS_GONE);
}

static void
test_streams_take_turns (Fixture *fixture, gconstpointer data)
{
  g_autofree guint8 *bytes = make_bytes (LARGE, 1);
  guint n[2] = { 0, 0 };

  add_file (fixture, "a", bytes, LARGE);
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_outgoing (&fixture->a, 0);
  open_outgoing (&fixture->a, 1);
  kh_channel_worker_pause (fixture->a.worker, 0, true);
  peer_want (fixture, 0, 0, 1, 0);
  peer_want (fixture, 1, 0, 1, 0);
  kh_channel_worker_pause (fixture->a.worker, 0, false);
  while (n[0] + n[1] < 200)
    {
      guint32 stream = peer_expect (fixture->peer, KH_FRAME_PIECE)->piece.stream;

      g_assert_cmpuint (stream, <, 2);
      n[stream]++;
    }
  g_assert_cmpuint (MIN (n[0], n[1]), >=, 50);
}

static void
test_as_many_streams_as_there_may_be (Fixture *fixture, gconstpointer data)
{
  const guint8 id[KH_FRAME_ID_LEN] = { 0 };
  guint8 seen[KH_CHANNEL_STREAMS] = { 0 };

  add_text (fixture, "a", "");
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  for (guint32 i = 0; i < KH_CHANNEL_STREAMS; i++)
    {
      open_outgoing (&fixture->a, i);
      g_assert_false (kh_channel_worker_open_outgoing (fixture->a.worker, i, id));
    }
  g_assert_false (kh_channel_worker_open_outgoing (fixture->a.worker, 99, id));
  for (guint32 i = 0; i < KH_CHANNEL_STREAMS; i++)
    send_items (&fixture->a, i, 0, 1, 0);
  for (guint32 i = 0; i < KH_CHANNEL_STREAMS; i++)
    seen[peer_expect (fixture->peer, KH_FRAME_FILE_END)->file.stream]++;
  for (guint32 i = 0; i < KH_CHANNEL_STREAMS; i++)
    g_assert_cmpuint (seen[i], ==, 1);
}

static void
test_progress_counts_files_and_their_bytes (Fixture *fixture, gconstpointer data)
{
  g_autofree guint8 *bytes = make_bytes (LARGE, 1);

  add_text (fixture, "a", "abc");
  add_file (fixture, "b", bytes, LARGE);
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_outgoing (&fixture->a, 7);
  kh_channel_worker_set_rate (fixture->a.worker, LARGE);
  peer_want (fixture, 7, 0, 2, 0);
  while (peer_read (fixture->peer) == KH_FRAME_PIECE || fixture->peer->got.file.file == 0)
    ;
  RUN_UNTIL (count (&fixture->a, KH_CHANNEL_PROGRESS) >= 3);
  g_assert_cmpuint (count (&fixture->a, KH_CHANNEL_PROGRESS), <=, 200);
  for (guint i = 0; i < fixture->a.events->len; i++)
    {
      const KhChannelEvent *event = &g_array_index (fixture->a.events, KhChannelEvent, i);

      if (event->kind != KH_CHANNEL_PROGRESS)
        continue;
      g_assert_true (event->outgoing);
      g_assert_cmpuint (event->stream, ==, 7);
      g_assert_cmpuint (event->bytes, ==,
                        event->file_bytes + (event->entry == 1 ? 3 : 0));
      g_assert_cmpuint (event->file_bytes, <=, LARGE);
    }
}

#define ADD_IT(name, function) ADD ("/channel-outgoing/" name, function)

#ifdef G_OS_UNIX

static void
test_a_folder_that_can_not_be_opened_is_unreadable (Fixture *fixture, gconstpointer data)
{
  g_autofree char *closed = scratch_path (fixture->source, "t");

  if (geteuid () == 0)
    {
      g_test_skip ("nothing is closed to root");
      return;
    }
  add_text (fixture, "t/a", "a");
  g_assert_cmpint (g_chmod (closed, 0), ==, 0);
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_outgoing (&fixture->a, 7);
  peer_want (fixture, 7, 0, 1, 0);
  expect_end (fixture->peer, 7, 0, 0, KH_FRAME_STATUS_UNREADABLE);
  g_assert_cmpint (g_chmod (closed, 0700), ==, 0);
}

/* Thousands of small files fit into what is written at once. */
static void
test_a_slow_disk_holds_up_no_message (Fixture *fixture, gconstpointer data)
{
  const guint32 n = KH_FRAME_RUN_MAX;
  guint32 n_ended = 0, n_before;

  for (guint32 i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("%u", i);

      add_text (fixture, path, "");
    }
  begin_against_peer (fixture, (KhChannelSetup){ 0 });
  open_outgoing (&fixture->a, 7);
  open_takes_us = 2000;
  peer_want (fixture, 7, 0, n, 0);
  g_assert_true (send_message (&fixture->a, 1, 1));
  /* It may have begun without the message. */
  n_before = (guint32)g_atomic_int_get (&n_opened);
  while (peer_read (fixture->peer) == KH_FRAME_FILE_END)
    n_ended++;
  open_takes_us = 0;
  g_assert_cmpuint (fixture->peer->got.type, ==, KH_FRAME_MESSAGE);
  g_assert_cmpuint (n_ended, <, n_before + n / 8);
  while (++n_ended < n)
    peer_expect (fixture->peer, KH_FRAME_FILE_END);
}

static void
add_tests_of_unix (void)
{
  ADD_IT ("a-folder-that-can-not-be-opened-is-unreadable",
          test_a_folder_that_can_not_be_opened_is_unreadable);
  ADD_IT ("a-slow-disk-holds-up-no-message", test_a_slow_disk_holds_up_no_message);
}

#else

static void
add_tests_of_unix (void)
{
  add_not_here ("/channel-outgoing/a-folder-that-can-not-be-opened-is-unreadable",
                "permissions are lists");
  add_not_here ("/channel-outgoing/a-slow-disk-holds-up-no-message",
                "nothing takes the place of what opens files");
}

#endif

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  ADD_IT ("what-is-wanted-goes-out-in-order", test_what_is_wanted_goes_out_in_order);
  ADD_IT ("it-goes-on-where-the-hash-is-the-same",
          test_it_goes_on_where_the_hash_is_the_same);
  ADD_IT ("it-begins-again-where-the-hash-differs",
          test_it_begins_again_where_the_hash_differs);
  ADD_IT ("a-hash-may-come-early", test_a_hash_may_come_early);
  ADD_IT ("an-offset-behind-the-end-begins-again",
          test_an_offset_behind_the_end_begins_again);
  ADD_IT ("hashes-of-files-that-are-over-are-dropped",
          test_hashes_of_files_that_are_over_are_dropped);
  ADD_IT ("too-many-hashes-end-the-channel", test_too_many_hashes_end_the_channel);
  ADD_IT ("a-pause-stops-it-in-the-middle", test_a_pause_stops_it_in_the_middle);
  ADD_IT ("a-stream-that-is-stopped-says-no-more",
          test_a_stream_that_is_stopped_says_no_more);
  ADD_IT ("a-source-that-changed-before-begins-anew",
          test_a_source_that_changed_before_begins_anew);
  ADD_IT ("a-source-that-keeps-changing-is-given-up",
          test_a_source_that_keeps_changing_is_given_up);
  ADD_IT ("a-change-before-is-one-of-them", test_a_change_before_is_one_of_them);
  ADD_IT ("a-source-that-shrinks-or-grows-begins-again",
          test_a_source_that_shrinks_or_grows_begins_again);
  ADD_IT ("what-is-gone-or-a-link-is-told", test_what_is_gone_or_a_link_is_told);
  ADD_IT ("a-numbered-folder-is-not-sent-for-another",
          test_a_numbered_folder_is_not_sent_for_another);
  ADD_IT ("streams-take-turns", test_streams_take_turns);
  ADD_IT ("as-many-streams-as-there-may-be", test_as_many_streams_as_there_may_be);
  ADD_IT ("progress-counts-files-and-their-bytes",
          test_progress_counts_files_and_their_bytes);
  add_tests_of_unix ();
  return g_test_run ();
}

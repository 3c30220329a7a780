/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "channel-ends.h"

#include "net/incoming-file.h"
#include "net/outgoing-file.h"
#include "socket-pair.h"

/* --- Channels --------------------------------------------------------------------- */

KhNoiseCipherState
make_cipher (Fixture *fixture, guint8 key)
{
  KhNoiseCipherState state = { .usable = true, .cipher = fixture->cipher };

  memset (state.key, key, sizeof state.key);
  return state;
}

static void
free_outcome (gpointer data)
{
  Outcome *outcome = data;

  g_free (outcome->place);
  g_free (outcome);
}

/* Each entry has one outcome. */
static void
take_results (End *end, const GArray *results)
{
  for (guint i = 0; i < results->len; i++)
    {
      const KhChannelResult *result = &g_array_index (results, KhChannelResult, i);

      g_assert_cmpuint (result->n, >=, 1);
      g_assert_cmpuint (result->n, <=, KH_FRAME_RUN_MAX);
      for (guint32 n = 0; n < result->n; n++)
        {
          Outcome *outcome = g_new (Outcome, 1);

          *outcome = (Outcome){ result->status, result->there, g_strdup (result->place) };
          g_assert_true (g_hash_table_insert (
              end->outcomes, GUINT_TO_POINTER (result->first + n), outcome));
        }
    }
}

/* As a client does with WANT. */
static void
answer (End *end, const KhChannelEvent *event)
{
  KhFrame frame;

  if (kh_frame_read (&frame, event->frame, event->frame_len) != KH_FRAME_GOOD
      || frame.type != KH_FRAME_WANT)
    return;
  send_items (end, frame.run.stream, frame.run.first, frame.run.n, frame.run.offset);
  end->n_wanted++;
}

static void
on_event (const KhChannelEvent *event, gpointer data)
{
  End *end = data;

  g_assert_false (end->closed);
  g_array_append_val (end->events, *event);
  if (event->kind == KH_CHANNEL_FRAME)
    {
      g_ptr_array_add (end->frames, g_bytes_new (event->frame, event->frame_len));
      answer (end, event);
    }
  if (event->kind == KH_CHANNEL_RESULTS)
    take_results (end, event->results);
  if (event->kind == KH_CHANNEL_CLOSED)
    {
      end->closed = TRUE;
      end->end = event->end;
    }
  if (end->free_on_event)
    g_clear_pointer (&end->worker, kh_channel_worker_free);
}

static void
begin_end (Fixture *fixture, End *end, int fd, guint8 send_key, KhChannelSetup setup)
{
  KhNoiseCipherState send = make_cipher (fixture, send_key);
  KhNoiseCipherState receive = make_cipher (fixture, 3 - send_key);

  setup.fd = fd;
  setup.send = &send;
  setup.receive = &receive;
  *end = (End){ .fixture = fixture };
  end->frames = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  end->events = g_array_new (FALSE, FALSE, sizeof (KhChannelEvent));
  end->outcomes = g_hash_table_new_full (NULL, NULL, NULL, free_outcome);
  end->worker = kh_channel_worker_new (&setup, NULL, on_event, end);
  g_assert_nonnull (end->worker);
}

/* Two workers. */
void
begin_both (Fixture *fixture, KhChannelSetup setup)
{
  int fds[2];

  socket_pair (fds);
  begin_end (fixture, &fixture->a, fds[0], 1, setup);
  begin_end (fixture, &fixture->b, fds[1], 2, setup);
}

/* A worker a and the test itself, with as little room in the kernel as it gives. */
void
begin_against_peer (Fixture *fixture, KhChannelSetup setup)
{
  int fds[2];

  socket_pair (fds);
  socket_set_room (fds[1], 65536);
  begin_end (fixture, &fixture->a, fds[0], 1, setup);
  fixture->peer = g_new0 (Peer, 1);
  fixture->peer->fd = fds[1];
  fixture->peer->seal = make_cipher (fixture, 2);
  fixture->peer->open = make_cipher (fixture, 1);
}

static void
clear_end (End *end)
{
  g_clear_pointer (&end->worker, kh_channel_worker_free);
  g_clear_pointer (&end->frames, g_ptr_array_unref);
  g_clear_pointer (&end->events, g_array_unref);
  g_clear_pointer (&end->outcomes, g_hash_table_unref);
}

void
end_channel (Fixture *fixture)
{
  clear_end (&fixture->a);
  clear_end (&fixture->b);
  if (fixture->peer != NULL)
    kh_socket_close (fixture->peer->fd);
  g_clear_pointer (&fixture->peer, g_free);
}

static void
clear_entry (gpointer data)
{
  g_free (((Entry *)data)->path);
}

void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->cipher = GPOINTER_TO_INT (data);
  fixture->n_open = scratch_count_open ();
  fixture->folder = scratch_new ();
  scratch_make_folder (fixture->folder, "source");
  scratch_make_folder (fixture->folder, "target");
  fixture->source = scratch_path (fixture->folder, "source");
  fixture->target = scratch_path (fixture->folder, "target");
  fixture->tree = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (fixture->tree, clear_entry);
}

void
tear_down (Fixture *fixture, gconstpointer data)
{
  end_channel (fixture);
  if (!fixture->keeps_partials)
    g_assert_cmpuint (scratch_count (fixture->target, ".part"), ==, 0);
  /* GLib opens one of its own with the first main context. */
  g_assert_cmpuint (scratch_count_open (), <=, fixture->n_open + 1);
  scratch_free (fixture->folder);
  g_array_unref (fixture->tree);
  g_free (fixture->source);
  g_free (fixture->target);
}

gboolean
on_deadline (gpointer data)
{
  g_error ("the deadline passed");
  return G_SOURCE_REMOVE;
}

/* --- The tree --------------------------------------------------------------------- */

Entry *
entry_at (Fixture *fixture, guint32 entry)
{
  g_assert_cmpuint (entry, <, fixture->tree->len);
  return &g_array_index (fixture->tree, Entry, entry);
}

guint32
add_file (Fixture *fixture, const char *path, const void *bytes, gsize len)
{
  Entry entry = { g_strdup (path), KH_TREE_FILE, false, false, len, WHEN_MS };

  scratch_write (fixture->source, path, bytes, len);
  scratch_set_time (fixture->source, path, WHEN_MS);
  g_array_append_val (fixture->tree, entry);
  return fixture->tree->len - 1;
}

guint32
add_text (Fixture *fixture, const char *path, const char *text)
{
  return add_file (fixture, path, text, strlen (text));
}

guint32
add_folder (Fixture *fixture, const char *path)
{
  Entry entry = { g_strdup (path), KH_TREE_FOLDER, false, false, 0, WHEN_MS };

  scratch_make_folder (fixture->source, path);
  g_array_append_val (fixture->tree, entry);
  return fixture->tree->len - 1;
}

guint8 *
make_bytes (gsize len, guint32 seed)
{
  guint8 whole[randombytes_SEEDBYTES]
      = { (guint8)seed, (guint8)(seed >> 8), (guint8)(seed >> 16), (guint8)(seed >> 24) };
  guint8 *bytes = g_malloc (len + 1);

  randombytes_buf_deterministic (bytes, len, whole);
  return bytes;
}

/* --- What a client does ----------------------------------------------------------- */

void
open_outgoing (End *end, guint32 stream)
{
  const guint8 transfer[KH_FRAME_ID_LEN] = { (guint8)stream };

  g_assert_true (kh_channel_worker_open_outgoing (end->worker, stream, transfer));
  /* It asks how long the way is, before pieces fill it. */
  if (end->fixture->peer != NULL)
    peer_expect (end->fixture->peer, KH_FRAME_PING);
}

void
open_resumed (End *end, guint32 stream, guint64 growth)
{
  const guint8 transfer[KH_FRAME_ID_LEN] = { (guint8)stream };
  const KhChannelIncoming incoming
      = { .folder = end->fixture->target, .growth = growth, .resumed = true };

  g_assert_true (
      kh_channel_worker_open_incoming (end->worker, stream, transfer, &incoming));
}

void
open_incoming (End *end, guint32 stream)
{
  const guint8 transfer[KH_FRAME_ID_LEN] = { (guint8)stream };
  const KhChannelIncoming incoming = { .folder = end->fixture->target };

  g_assert_true (
      kh_channel_worker_open_incoming (end->worker, stream, transfer, &incoming));
}

static KhChannelItem
make_item (Fixture *fixture, guint32 entry)
{
  const Entry *from = entry_at (fixture, entry);

  return (KhChannelItem){ .entry = entry,
                          .kind = from->kind,
                          .executable = from->executable,
                          .known_place = g_strdup (from->known_place),
                          .size = from->size,
                          .modified_ms = from->modified_ms,
                          .path = g_strdup (from->path) };
}

void
ask_for (End *end, guint32 stream, guint32 first, guint32 n)
{
  g_autofree KhChannelItem *items = g_new (KhChannelItem, n);

  for (guint32 i = 0; i < n; i++)
    items[i] = make_item (end->fixture, first + i);
  kh_channel_worker_add_items (end->worker, stream, false, items, n);
}

void
send_items (End *end, guint32 stream, guint32 first, guint32 n, guint64 offset)
{
  g_autofree KhChannelItem *items = g_new (KhChannelItem, n);

  for (guint32 i = 0; i < n; i++)
    {
      items[i] = make_item (end->fixture, first + i);
      items[i].top = g_ref_string_new (end->fixture->source);
      items[i].offset = offset;
    }
  kh_channel_worker_add_items (end->worker, stream, true, items, n);
}

/* --- What came of it -------------------------------------------------------------- */

guint
count (const End *end, KhChannelEventKind kind)
{
  guint n = 0;

  for (guint i = 0; i < end->events->len; i++)
    n += g_array_index (end->events, KhChannelEvent, i).kind == kind;
  return n;
}

const KhChannelEvent *
last (const End *end, KhChannelEventKind kind)
{
  for (guint i = end->events->len; i > 0; i--)
    if (g_array_index (end->events, KhChannelEvent, i - 1).kind == kind)
      return &g_array_index (end->events, KhChannelEvent, i - 1);
  return NULL;
}

const Outcome *
outcome_of (const End *end, guint32 entry)
{
  return g_hash_table_lookup (end->outcomes, GUINT_TO_POINTER (entry));
}

guint
count_outcomes (const End *end)
{
  return g_hash_table_size (end->outcomes);
}

void
assert_outcome (const End *end, guint32 entry, KhFrameStatus status, bool there,
                const char *place)
{
  const Outcome *outcome = outcome_of (end, entry);

  g_assert_nonnull (outcome);
  g_assert_cmpint (outcome->status, ==, status);
  g_assert_cmpint (outcome->there, ==, there);
  g_assert_cmpstr (outcome->place, ==, place);
}

void
assert_arrived (Fixture *fixture, guint32 entry)
{
  const Entry *expected = entry_at (fixture, entry);
  g_autofree char *from = scratch_path (fixture->source, expected->path);
  g_autofree char *to = scratch_path (fixture->target, expected->path);
  g_autofree char *sent = NULL, *received = NULL;
  gsize sent_len, received_len;
  GStatBuf info;

  g_assert_cmpint (g_lstat (to, &info), ==, 0);
  if (expected->kind == KH_TREE_FOLDER)
    {
      g_assert_true (S_ISDIR (info.st_mode));
      return;
    }
  g_assert_true (S_ISREG (info.st_mode));
  scratch_assert_executable (to, expected->executable);
  g_assert_cmpuint (scratch_time (to), ==, expected->modified_ms);
  g_assert_true (g_file_get_contents (from, &sent, &sent_len, NULL));
  g_assert_true (g_file_get_contents (to, &received, &received_len, NULL));
  g_assert_cmpmem (received, received_len, sent, sent_len);
}

void
partial_path (Fixture *fixture, guint32 entry, guint32 stream, char **path)
{
  const guint8 transfer[KH_FRAME_ID_LEN] = { (guint8)stream };
  g_autofree char *folder = g_path_get_dirname (entry_at (fixture, entry)->path);
  g_autofree char *name = g_path_get_basename (entry_at (fixture, entry)->path);
  char partial[KH_INCOMING_FILE_NAME_MAX + 1];

  kh_incoming_file_partial_name (name, entry, transfer, partial);
  *path = g_build_filename (folder, partial, NULL);
}

/* --- The peer --------------------------------------------------------------------- */

/* FALSE at the end of the connection. */
static gboolean
read_all (int fd, guint8 *to, gsize len)
{
  while (len > 0)
    {
      gsize n = 0;

      socket_wait (fd, G_IO_IN);
      if (kh_socket_read (fd, to, len, &n) > KH_SOCKET_PENDING)
        return FALSE;
      to += n;
      len -= n;
    }
  return TRUE;
}

void
write_all (int fd, const guint8 *bytes, gsize len)
{
  while (len > 0)
    {
      gsize n = 0;

      socket_wait (fd, G_IO_OUT);
      g_assert_cmpint (kh_socket_write (fd, bytes, len, &n), <=, KH_SOCKET_PENDING);
      bytes += n;
      len -= n;
    }
}

static guint8
read_frame (Peer *peer)
{
  guint8 header[2];
  gsize len;

  if (!read_all (peer->fd, header, 2))
    return 0;
  len = (gsize)header[0] << 8 | header[1];
  g_assert_true (read_all (peer->fd, peer->record, len));
  g_assert_true (kh_noise_open (&peer->open, NULL, peer->record, peer->record, len));
  peer->frame = peer->record;
  peer->len = len - KH_NOISE_TAG_LEN;
  g_assert_cmpint (kh_frame_read (&peer->got, peer->frame, peer->len), ==, KH_FRAME_GOOD);
  return peer->frame[0];
}

/* It has been read; the worker may have ended meanwhile. */
static void
answer_read (Peer *peer)
{
  const KhFrame pong = { .type = KH_FRAME_PONG, .cookie = peer->got.cookie };
  guint8 bytes[KH_FRAME_MAX];
  gsize len = kh_frame_write (&pong, bytes, sizeof bytes);
  gsize n;

  kh_socket_write (peer->fd, peer->sealed, peer_seal (peer, bytes, len, peer->sealed),
                   &n);
}

guint8
peer_read_any (Peer *peer)
{
  guint8 type = read_frame (peer);

  if (type != KH_FRAME_PING || (peer->got.cookie & KH_CHANNEL_HEARTBEAT) != 0)
    return type;
  peer->asked = peer->got.cookie;
  if (!peer->tells_not)
    answer_read (peer);
  return PEER_WAS_ASKED;
}

guint8
peer_read (Peer *peer)
{
  guint8 type;

  while ((type = peer_read_any (peer)) == PEER_WAS_ASKED)
    ;
  return type;
}

const KhFrame *
peer_expect (Peer *peer, KhFrameType type)
{
  g_assert_cmpuint (peer_read (peer), ==, type);
  return &peer->got;
}

/* Seals a frame into a record; returns the record's length. */
gsize
peer_seal (Peer *peer, const guint8 *frame, gsize len, guint8 *record)
{
  g_assert_true (kh_noise_seal (&peer->seal, NULL, record + 2, frame, len));
  record[0] = (guint8)((len + KH_NOISE_TAG_LEN) >> 8);
  record[1] = (guint8)(len + KH_NOISE_TAG_LEN);
  return 2 + len + KH_NOISE_TAG_LEN;
}

void
peer_send (Peer *peer, const KhFrame *frame)
{
  guint8 bytes[KH_FRAME_MAX];
  gsize len = kh_frame_write (frame, bytes, sizeof bytes);

  g_assert_cmpuint (len, >, 0);
  write_all (peer->fd, peer->sealed, peer_seal (peer, bytes, len, peer->sealed));
}

void
peer_settle (Peer *peer)
{
  peer_send (peer, &(KhFrame){ .type = KH_FRAME_PING, .cookie = 77 });
  g_assert_cmpuint (peer_expect (peer, KH_FRAME_PONG)->cookie, ==, 77);
}

gboolean
send_message (End *end, guint64 number, gsize text_len)
{
  g_autofree char *text = g_strnfill (text_len, 'm');
  guint8 bytes[KH_FRAME_MAX];
  KhFrame frame = { .type = KH_FRAME_MESSAGE };

  frame.message.sent_at_ms = number;
  frame.message.text = (KhText){ text, text_len };
  return kh_channel_worker_send (end->worker, bytes,
                                 kh_frame_write (&frame, bytes, sizeof bytes));
}

void
peer_meet (Fixture *fixture)
{
  g_assert_true (send_message (&fixture->a, 0, 1));
  peer_expect (fixture->peer, KH_FRAME_MESSAGE);
}

void
peer_piece (Peer *peer, guint32 stream, guint32 entry, guint64 offset, const void *bytes,
            gsize len)
{
  KhFrame frame = { .type = KH_FRAME_PIECE };

  frame.piece.stream = stream;
  frame.piece.file = entry;
  frame.piece.offset = offset;
  frame.piece.bytes = bytes;
  frame.piece.len = len;
  peer_send (peer, &frame);
}

void
peer_end (Peer *peer, guint32 stream, guint32 entry, guint64 size, guint8 status)
{
  KhFrame frame = { .type = KH_FRAME_FILE_END };

  frame.file.stream = stream;
  frame.file.file = entry;
  frame.file.size = size;
  frame.file.status = status;
  peer_send (peer, &frame);
}

void
peer_begin (Peer *peer, guint32 stream, guint32 entry, guint64 size)
{
  KhFrame frame = { .type = KH_FRAME_FILE_BEGIN };

  frame.file.stream = stream;
  frame.file.file = entry;
  frame.file.size = size;
  frame.file.modified_ms = WHEN_MS;
  peer_send (peer, &frame);
}

void
peer_hash (Peer *peer, guint32 stream, guint32 entry, const void *bytes, gsize len)
{
  const guint8 transfer[KH_FRAME_ID_LEN] = { (guint8)stream };
  KhFrame frame = { .type = KH_FRAME_HASH };

  frame.hash.stream = stream;
  frame.hash.file = entry;
  crypto_generichash (frame.hash.hash, sizeof frame.hash.hash, bytes, len, transfer,
                      sizeof transfer);
  peer_send (peer, &frame);
}

void
peer_want (Fixture *fixture, guint32 stream, guint32 first, guint32 n, guint64 offset)
{
  KhFrame frame = { .type = KH_FRAME_WANT };
  guint before = fixture->a.n_wanted;

  frame.run.stream = stream;
  frame.run.first = first;
  frame.run.n = n;
  frame.run.offset = offset;
  peer_send (fixture->peer, &frame);
  RUN_UNTIL (fixture->a.n_wanted > before);
}

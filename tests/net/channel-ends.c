/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "channel-ends.h"

#include <sys/socket.h>

/* What follows is the test's, not the worker's: two descriptors of one TCP
 * connection over loopback. */
static void
connect_pair (int fds[2])
{
  static const guint8 loopback[] = { 127, 0, 0, 1 };
  KhEndpoint here = kh_endpoint_v4 (loopback, 0), there = here;
  int listener = kh_socket_bound (&there);
  struct pollfd polled = { .fd = listener, .events = POLLIN };

  g_assert_true (kh_socket_listen (listener, 1));
  g_assert_true (kh_socket_local (listener, &there));
  fds[0] = kh_socket_bound (&here);
  kh_socket_connect (fds[0], &there);
  g_assert_cmpint (poll (&polled, 1, DEADLINE_MS), ==, 1);
  fds[1] = kh_socket_accept (listener, NULL);
  g_assert_cmpint (fds[1], !=, KH_SOCKET_NONE);
  kh_socket_close (listener);
}

KhNoiseCipherState
make_cipher (Fixture *fixture, guint8 key)
{
  KhNoiseCipherState state = { .usable = true, .cipher = fixture->cipher };

  memset (state.key, key, sizeof state.key);
  return state;
}

static void
on_event (const KhChannelEvent *event, gpointer data)
{
  End *end = data;

  g_assert_false (end->closed);
  g_array_append_val (end->events, *event);
  if (event->kind == KH_CHANNEL_FRAME)
    g_ptr_array_add (end->frames, g_bytes_new (event->frame, event->frame_len));
  if (event->kind == KH_CHANNEL_FILE_DONE && event->path != NULL)
    {
      g_free (end->path);
      end->path = g_strdup (event->path);
    }
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
  end->frames = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  end->events = g_array_new (FALSE, FALSE, sizeof (KhChannelEvent));
  end->worker = kh_channel_worker_new (&setup, NULL, on_event, end);
  g_assert_nonnull (end->worker);
}

/* Two workers. */
void
begin_both (Fixture *fixture, KhChannelSetup setup)
{
  int fds[2];

  connect_pair (fds);
  begin_end (fixture, &fixture->a, fds[0], 1, setup);
  begin_end (fixture, &fixture->b, fds[1], 2, setup);
}

/* A worker a and the test itself, with as little room in the kernel as it gives. */
void
begin_against_peer (Fixture *fixture, KhChannelSetup setup)
{
  const int small = 65536;
  int fds[2];

  connect_pair (fds);
  setsockopt (fds[1], SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  setsockopt (fds[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
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
  g_clear_pointer (&end->path, g_free);
}

void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->cipher = GPOINTER_TO_INT (data);
  fixture->folder = g_dir_make_tmp ("knothole-XXXXXX", NULL);
  fixture->source = g_build_filename (fixture->folder, "source", NULL);
}

void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  clear_end (&fixture->a);
  clear_end (&fixture->b);
  if (fixture->peer != NULL)
    kh_socket_close (fixture->peer->fd);
  g_free (fixture->peer);

  dir = g_dir_open (fixture->folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      g_assert_false (g_str_has_suffix (name, ".part"));
      g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->source);
  g_free (fixture->folder);
}

gboolean
on_deadline (gpointer data)
{
  g_error ("the deadline passed");
  return G_SOURCE_REMOVE;
}

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

static void
wait_for (int fd, short events)
{
  struct pollfd polled = { .fd = fd, .events = events };

  g_assert_cmpint (poll (&polled, 1, DEADLINE_MS), ==, 1);
}

/* FALSE at the end of the connection. */
static gboolean
read_all (int fd, guint8 *to, gsize len)
{
  while (len > 0)
    {
      gsize n = 0;

      wait_for (fd, POLLIN);
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

      wait_for (fd, POLLOUT);
      g_assert_cmpint (kh_socket_write (fd, bytes, len, &n), <=, KH_SOCKET_PENDING);
      bytes += n;
      len -= n;
    }
}

/* The type of the next frame, 0 at the end. */
guint8
peer_read (Peer *peer)
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
  return peer->frame[0];
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
  write_all (peer->fd, peer->record, peer_seal (peer, bytes, len, peer->record));
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

char *
make_source (Fixture *fixture, gsize len)
{
  char *contents = g_malloc (len + 1);

  for (gsize i = 0; i < len; i++)
    contents[i] = (char)(i * 2654435761u >> 13);
  g_assert_true (g_file_set_contents (fixture->source, contents, (gssize)len, NULL));
  return contents;
}

void
send_file (Fixture *fixture, guint32 stream)
{
  KhOutgoingFile file;

  g_assert_true (kh_outgoing_file_open (&file, fixture->source, NULL));
  g_assert_true (kh_channel_worker_send_file (fixture->a.worker, stream, &file, 0));
  g_assert_cmpint (file.fd, ==, -1);
}

gboolean
receive_file (End *end, Fixture *fixture, guint32 stream, guint64 size)
{
  guint8 transfer[KH_FRAME_ID_LEN] = { (guint8)stream };

  return kh_channel_worker_receive_file (end->worker, transfer, stream, fixture->folder,
                                         "copy", size, 1000000000000);
}

/* What came is the answer to an offer, and names the transfer. */
void
assert_answer (const End *end, guint at, guint8 type, guint32 stream)
{
  KhFrame frame;
  gsize len;
  const guint8 *bytes = g_bytes_get_data (end->frames->pdata[at], &len);

  g_assert_cmpint (kh_frame_read (&frame, bytes, len), ==, KH_FRAME_GOOD);
  g_assert_cmpuint (frame.type, ==, type);
  g_assert_cmpuint (type == KH_FRAME_REPLY ? frame.reply.transfer[0]
                                           : frame.cancel.transfer[0],
                    ==, stream);
}

/* From a to b, as after an offer. */
void
begin_file (Fixture *fixture, guint32 stream, guint64 size)
{
  guint n = fixture->a.frames->len;

  g_assert_true (receive_file (&fixture->b, fixture, stream, size));
  RUN_UNTIL (fixture->a.frames->len > n);
  assert_answer (&fixture->a, n, KH_FRAME_REPLY, stream);
  send_file (fixture, stream);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * worker-transfer - one file from channel worker to channel worker, and nothing
 * else of Knothole: what the benchmark measures where there is no client.
 *
 *   worker-transfer recv CIPHER PORT FOLDER
 *   worker-transfer send CIPHER HOST PORT FILE
 *
 * CIPHER is chachapoly or aesgcm. The key is fixed: this is a yardstick.
 */
#include "net/channel-worker.h"
#include "net/socket.h"

#include <malloc.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STREAM 1

typedef struct
{
  GMainLoop *loop;
  KhChannelWorker *worker;
  const char *folder; /* NULL at the sender */
  KhOutgoingFile file;
  int status;
} Run;

static void
send_frame (Run *run, const KhFrame *frame)
{
  guint8 bytes[KH_FRAME_MAX];

  kh_channel_worker_send (run->worker, bytes,
                          kh_frame_write (frame, bytes, sizeof bytes));
}

static void
take_frame (Run *run, const KhChannelEvent *event)
{
  KhFrame frame;

  if (kh_frame_read (&frame, event->frame, event->frame_len) != KH_FRAME_GOOD)
    return;
  if (frame.type == KH_FRAME_REPLY && run->folder == NULL)
    kh_channel_worker_send_file (run->worker, STREAM, &run->file, 0);
  if (frame.type == KH_FRAME_OFFER && run->folder != NULL)
    kh_channel_worker_receive_file (run->worker, frame.offer.transfer, STREAM,
                                    run->folder, "received", frame.offer.file.size,
                                    frame.offer.file.modified_ms);
}

static void
on_event (const KhChannelEvent *event, gpointer data)
{
  Run *run = data;

  if (event->kind == KH_CHANNEL_FRAME)
    take_frame (run, event);
  if (event->kind == KH_CHANNEL_FILE_FAILED)
    fprintf (stderr, "status %d\n", event->status);
  if (event->kind == KH_CHANNEL_FILE_DONE)
    {
      run->status = 0;
      if (event->outgoing)
        kh_channel_worker_close (run->worker, KH_FRAME_BYE_CLOSING);
    }
  if (event->kind == KH_CHANNEL_CLOSED)
    g_main_loop_quit (run->loop);
}

static void
wait_for (int fd, short events)
{
  struct pollfd polled = { .fd = fd, .events = events };

  poll (&polled, 1, -1);
}

static int
wait_for_peer (const char *port)
{
  static const uint8_t any[4];
  KhEndpoint here = kh_endpoint_v4 (any, (uint16_t)atoi (port));
  int listener = kh_socket_bound (&here);

  if (listener == KH_SOCKET_NONE || !kh_socket_listen (listener, 1))
    return KH_SOCKET_NONE;
  wait_for (listener, POLLIN);
  return kh_socket_accept (listener, NULL);
}

static int
dial_peer (const char *host, const char *port)
{
  static const uint8_t any[4];
  KhEndpoint here = kh_endpoint_v4 (any, 0), there;
  int fd = kh_socket_bound (&here);

  if (!kh_endpoint_parse_address (&there, host, strlen (host), (uint16_t)atoi (port)))
    return KH_SOCKET_NONE;
  if (kh_socket_connect (fd, &there) == KH_SOCKET_PENDING)
    wait_for (fd, POLLOUT);
  return kh_socket_take_error (fd) == KH_SOCKET_DONE ? fd : KH_SOCKET_NONE;
}

static KhNoiseCipherState
make_cipher (const char *name, uint8_t key)
{
  KhNoiseCipherState state = { .usable = true, .cipher = KH_NOISE_CHACHAPOLY };

  if (g_str_equal (name, "aesgcm"))
    state.cipher = KH_NOISE_AESGCM;
  memset (state.key, key, sizeof state.key);
  return state;
}

static void
offer (Run *run)
{
  KhFrame frame = { .type = KH_FRAME_OFFER };

  frame.offer.stream = STREAM;
  frame.offer.n_files = 1;
  frame.offer.total = run->file.size;
  frame.offer.file.kind = KH_FRAME_KIND_FILE;
  frame.offer.file.size = run->file.size;
  frame.offer.file.modified_ms = run->file.modified_ms;
  frame.offer.file.path = (KhText){ "file", 4 };
  send_frame (run, &frame);
}

int
main (int argc, char *argv[])
{
  gboolean sending = argc == 6 && g_str_equal (argv[1], "send");
  Run run = { .status = 1, .file = KH_OUTGOING_FILE_CLOSED };
  KhNoiseCipherState one, other;
  KhChannelSetup setup = { 0 };

  if ((!sending && argc != 5) || sodium_init () < 0)
    return 2;
  mallopt (M_ARENA_MAX, 1);
  if (sending && !kh_outgoing_file_open (&run.file, argv[5], NULL))
    return 2;
  one = make_cipher (argv[2], sending ? 1 : 2);
  other = make_cipher (argv[2], sending ? 2 : 1);
  if (!kh_noise_cipher_available (one.cipher))
    return 3;

  run.loop = g_main_loop_new (NULL, FALSE);
  run.folder = sending ? NULL : argv[4];
  setup.fd = sending ? dial_peer (argv[3], argv[4]) : wait_for_peer (argv[3]);
  if (setup.fd == KH_SOCKET_NONE)
    return 2;
  setup.send = &one;
  setup.receive = &other;
  run.worker = kh_channel_worker_new (&setup, NULL, on_event, &run);
  if (sending)
    offer (&run);
  g_main_loop_run (run.loop);
  kh_channel_worker_free (run.worker);
  g_main_loop_unref (run.loop);
  return run.status;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/punch-connection.h"

#include "net/record-stream.h"
#include "net/socket.h"
#include "net/source.h"
#include "proto/frame.h"
#include "proto/punch.h"

#include <sodium.h>
#include <string.h>

#define PROLOGUE "knothole channel"
#define PROLOGUE_LEN (sizeof PROLOGUE - 1)
#define CHANNEL_VERSION 1

/* Both handshake messages, NOMINATE and HELLO are far shorter. */
#define MAX_RECORD 512

typedef enum
{
  SHAKING,
  AUTHENTICATED, /* keys agreed; not nominated (yet) */
  NOMINATED,     /* caller: the peer has not confirmed it yet */
  CONFIRMED,
  ENDED,
} Stage;

struct _KhPunchConnection
{
  /* Owned */
  KhRecordStream stream;
  GSource *input;
  GSource *timer;
  KhNoiseHandshake handshake;
  KhNoiseCipherState sending;
  KhNoiseCipherState receiving;
  GBytes *first;

  /* Borrowed */
  const KhPunchEnds *ends;
  const KhPunchConnectionListener *listener;
  gpointer data;

  /* State */
  Stage stage;
  KhPunchRoute route;
  KhEndpoint remote;
  bool heard; /* a byte came from the other side */
  bool authenticated;
  bool nominated; /* by us, the caller */
};

void
kh_punch_win_clear (KhPunchWin *self)
{
  if (self->fd >= 0)
    kh_socket_close (self->fd);
  self->fd = -1;
  sodium_memzero (&self->sending, sizeof self->sending);
  sodium_memzero (&self->receiving, sizeof self->receiving);
  g_clear_pointer (&self->rest, g_bytes_unref);
  g_clear_pointer (&self->first, g_bytes_unref);
}

static bool
put_sealed (KhPunchConnection *self, const uint8_t *frame, size_t len)
{
  uint8_t record[MAX_RECORD];

  return len + KH_NOISE_TAG_LEN <= sizeof record
         && kh_noise_seal (&self->sending, NULL, record, frame, len)
         && kh_record_stream_put (&self->stream, record, len + KH_NOISE_TAG_LEN);
}

static bool
put_handshake (KhPunchConnection *self)
{
  uint8_t message[KH_NOISE_HANDSHAKE_OVERHEAD_MAX];
  size_t len;

  return kh_noise_handshake_write (&self->handshake, NULL, 0, message, sizeof message,
                                   &len)
         && kh_record_stream_put (&self->stream, message, len);
}

static void
start_handshake (KhPunchConnection *self)
{
  const KhPunchEnds *ends = self->ends;
  uint8_t prologue[PROLOGUE_LEN + 1 + 16 + 32 + 32];
  uint8_t *at = prologue;
  KhKeyPair ephemeral;

  memcpy (at, PROLOGUE, PROLOGUE_LEN);
  at += PROLOGUE_LEN;
  *at++ = CHANNEL_VERSION;
  memcpy (at, ends->call_id, 16);
  memcpy (at + 16, ends->caller ? ends->identity.public_key : ends->peer, 32);
  memcpy (at + 48, ends->caller ? ends->peer : ends->identity.public_key, 32);
  crypto_box_keypair (ephemeral.public_key, ephemeral.secret_key);
  kh_noise_handshake_start (&self->handshake, KH_NOISE_KK, ends->cipher, ends->caller,
                            prologue, sizeof prologue, &ends->identity, &ephemeral,
                            ends->peer);
  sodium_memzero (&ephemeral, sizeof ephemeral);
}

/* Whoever has proved to be the peer is no stranger, whatever goes wrong later. */
static void
end (KhPunchConnection *self, bool stranger)
{
  stranger = stranger && !self->authenticated;
  self->stage = ENDED;
  self->listener->ended (self->data, self, stranger);
}

static void
split (KhPunchConnection *self)
{
  kh_noise_handshake_split (&self->handshake, &self->sending, &self->receiving);
  self->stage = AUTHENTICATED;
  self->authenticated = true;
}

static bool
put_nomination (KhPunchConnection *self)
{
  const uint8_t nominate[] = { KH_FRAME_NOMINATE, (uint8_t)self->route.path };

  self->stage = NOMINATED;
  self->nominated = true;
  return put_sealed (self, nominate, sizeof nominate)
         && put_sealed (self, self->ends->hello, self->ends->hello_len);
}

/* False when the peer did not prove itself. */
static bool
read_handshake (KhPunchConnection *self, const uint8_t *record, size_t len)
{
  uint8_t payload[MAX_RECORD];
  size_t payload_len;

  if (!kh_noise_handshake_read (&self->handshake, record, len, payload, sizeof payload,
                                &payload_len))
    return false;
  if (!self->ends->caller)
    {
      if (!put_handshake (self))
        return false;
      split (self);
      return true;
    }

  split (self);
  self->listener->authenticated (self->data, self);
  return true;
}

static bool
is_through_routers (KhPathKind path)
{
  return path == KH_PATH_PUNCHED || path == KH_PATH_PREDICTED;
}

/* Whether a port was foretold or hit by chance, one end can't always tell. */
static void
take_nomination (KhPunchConnection *self, const uint8_t *frame, size_t len)
{
  if (len > 1 && is_through_routers (frame[1]) && is_through_routers (self->route.path))
    self->route.path = frame[1];
}

/* The first frame after the handshake: NOMINATE at the callee, HELLO at the caller. */
static bool
read_first_frame (KhPunchConnection *self, uint8_t *record, size_t len)
{
  if (len <= KH_NOISE_TAG_LEN
      || !kh_noise_open (&self->receiving, NULL, record, record, len))
    return false;
  if (self->ends->caller)
    {
      if (self->stage != NOMINATED)
        return false;
      self->first = g_bytes_new (record, len - KH_NOISE_TAG_LEN);
    }
  else if (record[0] != KH_FRAME_NOMINATE
           || !put_sealed (self, self->ends->hello, self->ends->hello_len))
    return false;
  if (!self->ends->caller)
    take_nomination (self, record, len - KH_NOISE_TAG_LEN);
  self->stage = CONFIRMED;
  return true;
}

static gboolean
on_readable (G_GNUC_UNUSED GSocket *socket, G_GNUC_UNUSED GIOCondition condition,
             gpointer data)
{
  KhPunchConnection *self = data;
  KhStreamResult result = kh_record_stream_fill (&self->stream);
  uint8_t *record;
  size_t len;

  self->heard |= self->stream.in_len > 0;
  while (self->stage < CONFIRMED && kh_record_stream_take (&self->stream, &record, &len))
    {
      bool good = self->stage == SHAKING ? read_handshake (self, record, len)
                                         : read_first_frame (self, record, len);

      if (!good)
        {
          end (self, true);
          return G_SOURCE_REMOVE;
        }
    }
  if (kh_record_stream_flush (&self->stream) != KH_STREAM_OK
      || (result != KH_STREAM_OK && self->stage != CONFIRMED))
    {
      end (self, result == KH_STREAM_BAD || (self->heard && self->stage == SHAKING));
      return G_SOURCE_REMOVE;
    }
  if (self->stage != CONFIRMED)
    return G_SOURCE_CONTINUE;

  self->listener->confirmed (self->data, self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_timeout (gpointer data)
{
  KhPunchConnection *self = data;

  /* Someone accepted and says nothing of ours: no peer does that. */
  end (self, self->stage == SHAKING);
  return G_SOURCE_REMOVE;
}

KhPunchConnection *
kh_punch_connection_new (GSocket *socket, const KhPunchRoute *route,
                         const KhPunchEnds *ends,
                         const KhPunchConnectionListener *listener, gpointer data)
{
  KhPunchConnection *self = g_new0 (KhPunchConnection, 1);
  gint64 longest_us
      = route->path == KH_PATH_RELAY ? KH_PUNCH_TOTAL_US : KH_PUNCH_HANDSHAKE_US;

  self->route = *route;
  kh_socket_peer (g_socket_get_fd (socket), &self->remote);
  self->ends = ends;
  self->listener = listener;
  self->data = data;
  kh_record_stream_init (&self->stream, socket, MAX_RECORD);
  start_handshake (self);
  if (ends->caller)
    {
      put_handshake (self);
      kh_record_stream_flush (&self->stream);
    }

  self->input = kh_source_watch (socket, G_IO_IN, on_readable, self);
  self->timer = kh_source_after ((guint)(longest_us / 1000), on_timeout, self);
  return self;
}

void
kh_punch_connection_free (KhPunchConnection *self)
{
  kh_source_clear (&self->input);
  kh_source_clear (&self->timer);
  kh_noise_handshake_clear (&self->handshake);
  kh_record_stream_clear (&self->stream);
  g_clear_pointer (&self->first, g_bytes_unref);
  sodium_memzero (self, sizeof *self);
  g_free (self);
}

unsigned
kh_punch_connection_pair (const KhPunchConnection *self)
{
  return self->route.pair;
}

unsigned
kh_punch_connection_port (const KhPunchConnection *self)
{
  return self->route.port;
}

KhPathKind
kh_punch_connection_path (const KhPunchConnection *self)
{
  return self->route.path;
}

const KhEndpoint *
kh_punch_connection_remote (const KhPunchConnection *self)
{
  return &self->remote;
}

bool
kh_punch_connection_is_nominated (const KhPunchConnection *self)
{
  return self->nominated;
}

bool
kh_punch_connection_is_authenticated (const KhPunchConnection *self)
{
  return self->authenticated;
}

void
kh_punch_connection_nominate (KhPunchConnection *self)
{
  /* Where it can't be written, the timeout ends it. */
  if (put_nomination (self))
    kh_record_stream_flush (&self->stream);
}

bool
kh_punch_connection_steal (KhPunchConnection *self, KhPunchWin *win)
{
  const uint8_t *rest;
  size_t len;
  int fd = kh_socket_duplicate (g_socket_get_fd (self->stream.socket));

  if (fd < 0)
    return false;
  rest = kh_record_stream_rest (&self->stream, &len);
  *win = (KhPunchWin){
    .fd = fd,
    .sending = self->sending,
    .receiving = self->receiving,
    .rest = g_bytes_new (rest, len),
    .first = g_steal_pointer (&self->first),
    .path = self->route.path,
    .port = self->route.port,
  };
  kh_socket_local (fd, &win->local);
  kh_socket_peer (fd, &win->remote);
  return true;
}

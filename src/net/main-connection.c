/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/main-connection.h"

#include "net/record-stream.h"
#include "net/socket.h"
#include "net/source.h"
#include "proto/backoff.h"

#include <sodium.h>
#include <string.h>

#define PROLOGUE "knothole main"
#define PROLOGUE_LEN (sizeof PROLOGUE - 1)
#define PATTERN_IK 1
#define PATTERN_XX 2

typedef enum
{
  IDLE,     /* nothing to do: stopped, final, or waiting to dial again */
  DIALLING, /* TCP */
  PROVING,  /* the server proves its key */
  GREETING, /* HELLO is sent, WELCOME awaited */
  ONLINE,
} Stage;

struct _KhMainConnection
{
  /* Owned */
  KhAddress server;
  KhKeyPair identity;
  char *name;
  GCancellable *cancellable;
  GSource *input;
  GSource *output;
  GSource *timer; /* of the stage: hand shake, heartbeat, or the next dial */

  /* Borrowed */
  const KhMainListener *listener;
  gpointer data;

  /* State */
  Stage stage;
  KhRecordStream stream;
  KhNoiseHandshake handshake;
  KhNoiseCipherState sending;
  KhNoiseCipherState receiving;
  KhBackoff backoff;
  bool probing; /* only to learn which key lives there */
  uint8_t server_key[32];
  gint64 heard_at_us;
  gint64 sent_at_us;
  gint64 pinged_at_us;  /* 0 before the first PING */
  bool is_checked;      /* its answer is due soon */
  bool waits;           /* to dial again by itself */
  uint32_t ping_cookie; /* of the last PING, while its answer is awaited */
  bool ping_waits;
};

G_DEFINE_QUARK (kh - main - error - quark, kh_main_error)

static void dial (KhMainConnection *self);

static void
set_timer (KhMainConnection *self, gint64 delay_ms, GSourceFunc callback)
{
  kh_source_clear (&self->timer);
  self->timer = kh_source_after ((guint)delay_ms, callback, self);
}

static void
hang_up (KhMainConnection *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  kh_source_clear (&self->input);
  kh_source_clear (&self->output);
  kh_source_clear (&self->timer);
  kh_record_stream_clear (&self->stream);
  kh_noise_handshake_clear (&self->handshake);
  sodium_memzero (&self->sending, sizeof self->sending);
  sodium_memzero (&self->receiving, sizeof self->receiving);
  self->stage = IDLE;
  self->waits = self->is_checked = false;
}

static gboolean
on_time_to_dial (gpointer data)
{
  KhMainConnection *self = data;

  kh_source_clear (&self->timer);
  self->waits = false;
  dial (self);
  return G_SOURCE_REMOVE;
}

/* Takes @error. Dials again later unless the error is final. */
static void
go_offline (KhMainConnection *self, GError *error)
{
  gint64 now_us = g_get_monotonic_time ();
  bool final = g_error_matches (error, KH_MAIN_ERROR, KH_MAIN_ERROR_OTHER_KEY)
               || g_error_matches (error, KH_MAIN_ERROR, KH_MAIN_ERROR_REPLACED);

  hang_up (self);
  self->probing = false;
  if (!final)
    {
      kh_backoff_failed (&self->backoff, now_us, randombytes_random ());
      self->waits = true;
      set_timer (self, (self->backoff.retry_at_us - now_us) / 1000, on_time_to_dial);
    }
  self->listener->offline (self->data, error, final);
  g_error_free (error);
}

static void fail (KhMainConnection *self, KhMainError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static void
fail (KhMainConnection *self, KhMainError code, const char *format, ...)
{
  va_list arguments;
  GError *error;

  va_start (arguments, format);
  error = g_error_new_valist (KH_MAIN_ERROR, (gint)code, format, arguments);
  va_end (arguments);
  go_offline (self, error);
}

static gboolean on_writable (GSocket *socket, GIOCondition condition, gpointer data);

/* False when the connection broke: then it has been ended and told. */
static bool
flush (KhMainConnection *self)
{
  switch (kh_record_stream_flush (&self->stream))
    {
    case KH_STREAM_OK:
      kh_source_clear (&self->output);
      return true;
    case KH_STREAM_BLOCKED:
      if (self->output == NULL)
        {
          self->output
              = kh_source_watch (self->stream.socket, G_IO_OUT, on_writable, self);
        }
      return true;
    default:
      /* Reading finds the end, and what the server said before it. */
      return false;
    }
}

static gboolean
on_writable (G_GNUC_UNUSED GSocket *socket, G_GNUC_UNUSED GIOCondition condition,
             gpointer data)
{
  KhMainConnection *self = data;

  return flush (self) && self->output != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static bool
put (KhMainConnection *self, const KhMessage *message)
{
  uint8_t record[KH_MESSAGE_FROM_CLIENT_LEN_MAX + KH_NOISE_TAG_LEN];
  KhWriter writer;

  kh_writer_init (&writer, record, KH_MESSAGE_FROM_CLIENT_LEN_MAX);
  if (!kh_messages_write (&writer, message)
      || !kh_noise_seal (&self->sending, NULL, record, record, writer.len)
      || !kh_record_stream_put (&self->stream, record, writer.len + KH_NOISE_TAG_LEN))
    return false;
  self->sent_at_us = g_get_monotonic_time ();
  flush (self);
  return true;
}

static void
send_ping (KhMainConnection *self)
{
  self->pinged_at_us = g_get_monotonic_time ();
  self->ping_cookie = randombytes_random ();
  self->ping_waits = put (
      self, &(KhMessage){ .type = KH_MESSAGE_PING, .ping.cookie = self->ping_cookie });
}

/* Heartbeat: a PING after a while without sending; silence after it is the end. */
static gboolean
on_heartbeat (gpointer data)
{
  KhMainConnection *self = data;
  gint64 now_us = g_get_monotonic_time ();

  if (self->heard_at_us >= self->pinged_at_us)
    self->is_checked = false;
  else if (self->pinged_at_us != 0
           && now_us - self->pinged_at_us
                  >= (self->is_checked ? KH_MAIN_CHECK_US : KH_MAIN_PONG_US))
    {
      fail (self, KH_MAIN_ERROR_LOST, "The server %s no longer answers",
            self->server.host);
      return G_SOURCE_REMOVE;
    }
  if (now_us - self->sent_at_us >= KH_MAIN_PING_US)
    send_ping (self);
  return G_SOURCE_CONTINUE;
}

static void
greet (KhMainConnection *self)
{
  kh_noise_handshake_split (&self->handshake, &self->sending, &self->receiving);
  kh_noise_handshake_clear (&self->handshake);
  self->stage = GREETING;
  put (self, &(KhMessage){ .type = KH_MESSAGE_HELLO,
                           .hello = { .version = KH_MESSAGES_VERSION,
                                      .name = { self->name, strlen (self->name) } } });
}

/* Whether @key is the one that the address or the memory says. */
static bool
is_expected (KhMainConnection *self, const uint8_t *key)
{
  if (self->server.has_key)
    return sodium_memcmp (key, self->server.key, KH_KEY_LEN) == 0;
  return self->listener->key_seen (self->data, key);
}

/* The server's second handshake message has been read: is it the right server? */
static void
check_server (KhMainConnection *self)
{
  const uint8_t *key = kh_noise_handshake_remote_static (&self->handshake);
  uint8_t message[KH_NOISE_HANDSHAKE_OVERHEAD_MAX];
  size_t len;

  if (!is_expected (self, key))
    {
      fail (self, KH_MAIN_ERROR_OTHER_KEY,
            "The server at %s has another key than %s. Someone may be in between, or it "
            "was "
            "set up anew: ask its operator for its address",
            self->server.host,
            self->server.has_key ? "its address says" : "it had before");
      return;
    }
  if (self->probing)
    {
      fail (self, KH_MAIN_ERROR_REFUSED,
            "The server %s ended the connection: it is busy, or has no place for more "
            "from here",
            self->server.host);
      return;
    }
  memcpy (self->server_key, key, sizeof self->server_key);
  if (!kh_noise_handshake_done (&self->handshake))
    {
      if (!kh_noise_handshake_write (&self->handshake, NULL, 0, message, sizeof message,
                                     &len))
        {
          fail (self, KH_MAIN_ERROR_NOT_KNOTHOLE,
                "The key of the server at %s is not valid", self->server.host);
          return;
        }
      kh_record_stream_put (&self->stream, message, len);
    }
  greet (self);
}

static void
on_proof (KhMainConnection *self, const uint8_t *record, size_t record_len)
{
  uint8_t payload[KH_NOISE_HANDSHAKE_OVERHEAD_MAX];
  size_t len;

  if (record_len > sizeof payload
      || !kh_noise_handshake_read (&self->handshake, record, record_len, payload,
                                   sizeof payload, &len))
    fail (self, KH_MAIN_ERROR_NOT_KNOTHOLE,
          "What answers at %s port %u is no Knothole server", self->server.host,
          self->server.port);
  else
    check_server (self);
}

static void
refused (KhMainConnection *self, unsigned code)
{
  static const char *const reasons[] = {
    [KH_REFUSED_VERSION] = "it speaks another version of the protocol: update Knothole",
    [KH_REFUSED_FULL] = "it is full",
    [KH_REFUSED_SHUTTING_DOWN] = "it is shutting down",
    [KH_REFUSED_BAD_MESSAGE] = "it did not understand a message",
    [KH_REFUSED_TOO_SLOW] = "this computer reads too slowly",
    [KH_REFUSED_TOO_MANY_MESSAGES] = "this computer sent too much at once",
  };
  const char *reason = code < G_N_ELEMENTS (reasons) ? reasons[code] : NULL;

  fail (self, KH_MAIN_ERROR_REFUSED, "The server %s ended the connection: %s",
        self->server.host, reason != NULL ? reason : "it gave a reason unknown here");
}

static void
on_pong (KhMainConnection *self, uint32_t cookie)
{
  if (!self->ping_waits || cookie != self->ping_cookie)
    return;
  self->ping_waits = false;
  if (self->listener->round_trip != NULL)
    self->listener->round_trip (self->data, g_get_monotonic_time () - self->pinged_at_us);
}

static void
on_message (KhMainConnection *self, const KhMessage *message)
{
  switch (message->type)
    {
    case KH_MESSAGE_WELCOME:
      if (self->stage != GREETING)
        return;
      self->stage = ONLINE;
      self->pinged_at_us = 0;
      self->ping_waits = false;
      kh_backoff_succeeded (&self->backoff);
      set_timer (self, KH_MAIN_HEARTBEAT_MS, on_heartbeat);
      self->listener->online (self->data, &message->welcome);
      return;
    case KH_MESSAGE_PONG:
      on_pong (self, message->ping.cookie);
      return;
    case KH_MESSAGE_REPLACED:
      fail (self, KH_MAIN_ERROR_REPLACED, "This identity has gone online elsewhere");
      return;
    case KH_MESSAGE_REFUSED:
      refused (self, message->refused.code);
      return;
    default:
      if (self->stage == ONLINE)
        self->listener->message (self->data, message);
    }
}

/* Handles one record. Afterwards the stage says whether the connection still stands. */
static void
on_record (KhMainConnection *self, uint8_t *record, size_t len)
{
  KhMessage message;

  if (self->stage == PROVING)
    {
      on_proof (self, record, len);
      return;
    }
  if (len < KH_NOISE_TAG_LEN
      || !kh_noise_open (&self->receiving, NULL, record, record, len))
    {
      fail (self, KH_MAIN_ERROR_LOST, "The connection to the server %s was tampered with",
            self->server.host);
      return;
    }
  if (kh_messages_read (&message, record, len - KH_NOISE_TAG_LEN) == KH_MESSAGE_READ)
    on_message (self, &message);
}

/* The server closed. Where it had not proved its key it may be another server. */
static void
on_end (KhMainConnection *self)
{
  if (self->stage >= GREETING)
    {
      fail (self, KH_MAIN_ERROR_LOST, "The connection to the server %s broke",
            self->server.host);
      return;
    }
  if (self->server.has_key && !self->probing)
    {
      hang_up (self);
      self->probing = true;
      dial (self);
      return;
    }
  fail (self, KH_MAIN_ERROR_NOT_KNOTHOLE,
        "What answers at %s port %u is no Knothole server", self->server.host,
        self->server.port);
}

static gboolean
on_readable (G_GNUC_UNUSED GSocket *socket, G_GNUC_UNUSED GIOCondition condition,
             gpointer data)
{
  KhMainConnection *self = data;
  GSource *input = self->input;
  KhStreamResult result = kh_record_stream_fill (&self->stream);
  uint8_t *record;
  size_t len;

  if (result == KH_STREAM_OK)
    self->heard_at_us = g_get_monotonic_time ();
  while (self->input == input && kh_record_stream_take (&self->stream, &record, &len))
    on_record (self, record, len);
  if (self->input != input)
    return G_SOURCE_REMOVE;
  if (result == KH_STREAM_OK)
    return G_SOURCE_CONTINUE;

  on_end (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_handshake_timeout (gpointer data)
{
  KhMainConnection *self = data;

  fail (self, KH_MAIN_ERROR_NOT_KNOTHOLE,
        "What answers at %s port %u stays silent: it is no Knothole server",
        self->server.host, self->server.port);
  return G_SOURCE_REMOVE;
}

static void
begin_proof (KhMainConnection *self, GSocket *socket)
{
  KhNoisePattern pattern
      = self->server.has_key && !self->probing ? KH_NOISE_IK : KH_NOISE_XX;
  uint8_t record[2 + KH_NOISE_HANDSHAKE_OVERHEAD_MAX];
  uint8_t prologue[PROLOGUE_LEN + 2];
  KhKeyPair ephemeral;
  size_t len = 0;

  record[0] = KH_MESSAGES_VERSION;
  record[1] = pattern == KH_NOISE_IK ? PATTERN_IK : PATTERN_XX;
  memcpy (prologue, PROLOGUE, PROLOGUE_LEN);
  memcpy (prologue + PROLOGUE_LEN, record, 2);
  crypto_box_keypair (ephemeral.public_key, ephemeral.secret_key);
  kh_noise_handshake_start (&self->handshake, pattern, KH_NOISE_CHACHAPOLY, true,
                            prologue, sizeof prologue, &self->identity, &ephemeral,
                            pattern == KH_NOISE_IK ? self->server.key : NULL);
  sodium_memzero (&ephemeral, sizeof ephemeral);
  self->stage = PROVING;
  kh_record_stream_init (&self->stream, socket, KH_MESSAGE_LEN_MAX + KH_NOISE_TAG_LEN);
  if (!kh_noise_handshake_write (&self->handshake, NULL, 0, record + 2, sizeof record - 2,
                                 &len))
    {
      fail (self, KH_MAIN_ERROR_OTHER_KEY, "The key in the address of %s can't be one",
            self->server.host);
      return;
    }
  kh_record_stream_put (&self->stream, record, 2 + len);

  self->input = kh_source_watch (socket, G_IO_IN, on_readable, self);
  set_timer (self, KH_MAIN_HANDSHAKE_MS, on_handshake_timeout);
  flush (self);
}

static void
on_dialled (GObject *source, GAsyncResult *result, gpointer data)
{
  KhMainConnection *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection
      = g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (source), result, &error);
  GSocket *socket;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (connection == NULL)
    {
      fail (self, KH_MAIN_ERROR_UNREACHABLE, "Can't reach the server %s port %u: %s",
            self->server.host, self->server.port, error->message);
      return;
    }
  socket = g_socket_connection_get_socket (connection);
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_timeout (socket, 0);
  g_socket_set_option (socket, 6 /* IPPROTO_TCP */, 1 /* TCP_NODELAY */, 1, NULL);
  begin_proof (self, socket);
}

static void
dial (KhMainConnection *self)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  /* A proxy would hide the network that the punch goes through. */
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_set_timeout (client, KH_MAIN_CONNECT_S);
  self->stage = DIALLING;
  self->cancellable = g_cancellable_new ();
  g_socket_client_connect_to_host_async (client, self->server.host, self->server.port,
                                         self->cancellable, on_dialled, self);
}

KhMainConnection *
kh_main_connection_new (const KhAddress *server, const KhKeyPair *identity,
                        const char *name, const KhMainListener *listener, gpointer data)
{
  KhMainConnection *self = g_new0 (KhMainConnection, 1);

  self->server = *server;
  self->identity = *identity;
  self->name = g_strdup (name);
  self->listener = listener;
  self->data = data;
  kh_backoff_init (&self->backoff);
  return self;
}

void
kh_main_connection_free (KhMainConnection *self)
{
  hang_up (self);
  g_free (self->name);
  sodium_memzero (self, sizeof *self);
  g_free (self);
}

void
kh_main_connection_start (KhMainConnection *self)
{
  if (self->stage != IDLE)
    return;
  hang_up (self);
  dial (self);
}

void
kh_main_connection_stop (KhMainConnection *self)
{
  hang_up (self);
}

bool
kh_main_connection_is_online (const KhMainConnection *self)
{
  return self->stage == ONLINE;
}

bool
kh_main_connection_endpoints (const KhMainConnection *self, KhEndpoint *local,
                              KhEndpoint *server)
{
  int fd = self->stream.socket != NULL ? g_socket_get_fd (self->stream.socket)
                                       : KH_SOCKET_NONE;

  return fd != KH_SOCKET_NONE && kh_socket_local (fd, local)
         && kh_socket_peer (fd, server);
}

bool
kh_main_connection_ping (KhMainConnection *self)
{
  if (self->stage != ONLINE)
    return false;
  send_ping (self);
  return true;
}

void
kh_main_connection_check (KhMainConnection *self, bool gone)
{
  if (self->stage == ONLINE && gone)
    {
      fail (self, KH_MAIN_ERROR_LOST,
            "This computer has left the network in which it was "
            "connected to the server %s",
            self->server.host);
      /* The listener may have done anything but free it. */
      kh_main_connection_check (self, false);
      return;
    }
  if (self->stage == ONLINE)
    {
      send_ping (self);
      self->is_checked = true;
    }
  if (self->waits)
    {
      kh_backoff_succeeded (&self->backoff);
      kh_main_connection_start (self);
    }
}

const uint8_t *
kh_main_connection_server_key (const KhMainConnection *self)
{
  return self->server_key;
}

bool
kh_main_connection_send (KhMainConnection *self, const KhMessage *message)
{
  return self->stage == ONLINE && put (self, message);
}

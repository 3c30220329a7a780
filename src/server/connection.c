/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/connection.h"
#include "server/own-address.h"
#include "server/handshake.h"

#include <sodium.h>
#include <stddef.h>
#include <string.h>

#define HEAD_LEN 2
#define TAG_LEN KH_NOISE_TAG_LEN
/* Kernel memory for a client that does not read; a page of presence fits four times. */
#define KERNEL_SEND_LEN 65536
/* So long may a client take to read why it was refused. */
#define LEAVING_US INT64_C (2000000)

typedef enum
{
  STATE_SHAKING = 1, /* its next record is one of the handshake */
  STATE_STRANGER,    /* its next record is HELLO */
  STATE_ONLINE,
  STATE_FAILED,  /* waits for end_failed() */
  STATE_LEAVING, /* nothing that comes counts any more */
  STATE_CLOSING,
} State;

struct _KhConnection
{
  guint32 link;
  KhLinks order;  /* among the failed or the leaving */
  guint32 client; /* the directory's number; 0: not logged in */
  guint32 ticket; /* in half_open; 0: not in it */
  guint16 partial_len;
  guint8 state;
  KhNoiseCipherState send;
  KhNoiseCipherState receive;
  uv_tcp_t tcp; /* data: this */

  gint64 leave_at_us; /* at the latest */

  /* Owned */
  guint8 *partial;        /* the part of a record that has come */
  KhHandshake *handshake; /* until it is logged in */
};

/* Bytes that the kernel did not take at once. */
typedef struct
{
  uv_write_t request;
  guint8 bytes[];
} Waiting;

static KhService *
service_of (const KhConnection *self)
{
  return self->tcp.loop->data;
}

static guint32
number_of (const KhConnection *self)
{
  return (guint32)(self - service_of (self)->connections_memory) + 1;
}

void
kh_connection_make_table (KhService *service)
{
  const KhOptions *options = service->options;
  /* As many again that are half open, or leaving. */
  guint n = options->directory.max_clients + 2 * options->half_open_max;

  service->connections_memory = g_new0 (KhConnection, n);
  kh_slots_init (&service->connections, service->connections_memory,
                 sizeof (KhConnection), n);
  service->by_client
      = g_new0 (KhConnection *, kh_directory_numbers (&options->directory) + 1);
}

void
kh_connection_clear_table (KhService *service)
{
  g_clear_pointer (&service->connections_memory, g_free);
  g_clear_pointer (&service->by_client, g_free);
}

static void
on_closed (uv_handle_t *handle)
{
  KhConnection *self = handle->data;
  KhService *service = service_of (self);

  kh_slots_put (&service->connections, number_of (self));
  service->n_open--;
  kh_listener_resume (service);
}

/* Takes it out of wherever it is. What it is owed by the directory ends here. */
static void
detach (KhConnection *self)
{
  KhService *service = service_of (self);

  if (self->state == STATE_FAILED)
    kh_chain_remove (&service->failed, &service->connections,
                     offsetof (KhConnection, order), number_of (self));
  if (self->state == STATE_LEAVING)
    kh_chain_remove (&service->leaving, &service->connections,
                     offsetof (KhConnection, order), number_of (self));
  if (self->ticket != 0)
    kh_admission_remove (&service->half_open, self->ticket);
  if (self->client != 0)
    service->by_client[self->client] = NULL;
  self->ticket = 0;
  self->client = 0;
  g_clear_pointer (&self->partial, g_free);
  g_clear_pointer (&self->handshake, kh_handshake_free);
}

static void
close_connection (KhConnection *self)
{
  if (self->state == STATE_CLOSING)
    return;
  detach (self);
  self->state = STATE_CLOSING;
  uv_close ((uv_handle_t *)&self->tcp, on_closed);
}

/* The peer has gone or broke the rules. */
static void
end_connection (KhConnection *self)
{
  KhService *service = service_of (self);
  guint32 client = self->client;

  close_connection (self);
  if (client != 0)
    kh_directory_disconnect (service->directory, kh_service_now (), client);
  kh_service_pump (service);
}

static void
on_written (uv_write_t *request, int status)
{
  KhConnection *self = request->data;
  KhService *service = service_of (self);

  g_free (request);
  if (status < 0 || self->state != STATE_ONLINE
      || uv_stream_get_write_queue_size ((uv_stream_t *)&self->tcp) > 0)
    return;
  kh_directory_ready (service->directory, self->client);
  kh_service_pump (service);
}

/* False when the peer does not read, or is gone. */
static gboolean
write_bytes (KhConnection *self, const guint8 *bytes, gsize len)
{
  KhService *service = service_of (self);
  uv_stream_t *stream = (uv_stream_t *)&self->tcp;
  gsize queued = uv_stream_get_write_queue_size (stream);
  uv_buf_t buffer = uv_buf_init ((char *)bytes, (guint)len);
  int n = queued == 0 ? uv_try_write (stream, &buffer, 1) : 0;
  Waiting *waiting;

  if (n == UV_EAGAIN)
    n = 0;
  if (n < 0)
    return FALSE;
  service->traffic_main.bytes_out += len;
  len -= (gsize)n;
  if (len == 0)
    return TRUE;
  if (queued + len > service->options->unread_max)
    return FALSE;

  waiting = g_malloc (sizeof *waiting + len);
  memcpy (waiting->bytes, bytes + n, len);
  waiting->request.data = self;
  buffer = uv_buf_init ((char *)waiting->bytes, (guint)len);
  if (uv_write (&waiting->request, stream, &buffer, 1, on_written) == 0)
    return TRUE;
  g_free (waiting);
  return FALSE;
}

static gboolean
write_record (KhConnection *self, const guint8 *bytes, gsize len)
{
  guint8 record[HEAD_LEN + KH_MESSAGE_LEN_MAX + TAG_LEN];

  kh_writer_patch_u16 (record, (guint16)len);
  memcpy (record + HEAD_LEN, bytes, len);
  return write_bytes (self, record, HEAD_LEN + len);
}

void
kh_connection_send (KhConnection *self, const guint8 *bytes, gsize len)
{
  KhService *service = service_of (self);
  guint8 record[HEAD_LEN + KH_MESSAGE_LEN_MAX + TAG_LEN];

  if (self->state != STATE_ONLINE && self->state != STATE_STRANGER)
    return;
  kh_writer_patch_u16 (record, (guint16)(len + TAG_LEN));
  if (!kh_noise_seal (&self->send, NULL, record + HEAD_LEN, bytes, len)
      || !write_bytes (self, record, HEAD_LEN + len + TAG_LEN))
    {
      kh_service_debug (service, "a client that does not read is dropped");
      self->state = STATE_FAILED;
      kh_chain_append (&service->failed, &service->connections,
                       offsetof (KhConnection, order), number_of (self));
      return;
    }
  if (self->client != 0
      && uv_stream_get_write_queue_size ((uv_stream_t *)&self->tcp) == 0)
    kh_directory_ready (service->directory, self->client);
}

gboolean
kh_connection_end_failed (KhService *service)
{
  gboolean any = service->failed.first != 0;

  while (service->failed.first != 0)
    {
      KhConnection *self = kh_slots_at (&service->connections, service->failed.first);
      guint32 client = self->client;

      close_connection (self);
      if (client != 0)
        kh_directory_disconnect (service->directory, kh_service_now (), client);
    }
  return any;
}

KhEndpoint
kh_connection_local (const KhConnection *self)
{
  return kh_service_local_of (&self->tcp);
}

void
kh_connection_leave (KhConnection *self)
{
  /* libuv keeps a request until it is done, which close_connection() sees to. */
  uv_shutdown_t *request;
  KhService *service = service_of (self);

  if (self->state == STATE_FAILED || self->state == STATE_CLOSING)
    {
      close_connection (self);
      return;
    }
  detach (self);
  self->state = STATE_LEAVING;
  self->leave_at_us = kh_service_now () + LEAVING_US;
  kh_chain_append (&service->leaving, &service->connections,
                   offsetof (KhConnection, order), number_of (self));
  request = g_new0 (uv_shutdown_t, 1);
  if (uv_shutdown (request, (uv_stream_t *)&self->tcp,
                   (uv_shutdown_cb)(void (*) (void))g_free)
      != 0)
    {
      g_free (request);
      close_connection (self);
    }
}

static void
refuse (KhConnection *self, guint8 code)
{
  const guint8 message[] = { KH_MESSAGE_REFUSED, code };

  kh_connection_send (self, message, sizeof message);
  kh_connection_leave (self);
}

void
kh_connection_refuse_all (KhService *service, KhRefusedCode code)
{
  for (guint32 number = 1; number <= service->connections.n_touched; number++)
    {
      KhConnection *self = kh_slots_at (&service->connections, number);

      if (self->state == STATE_ONLINE)
        refuse (self, (guint8)code);
      else if (self->state != 0 && self->state != STATE_LEAVING)
        close_connection (self);
    }
}

gint64
kh_connection_deadline (const KhService *service)
{
  const KhConnection *first;

  if (service->leaving.first == 0)
    return G_MAXINT64;
  first = kh_slots_at (&service->connections, service->leaving.first);
  return first->leave_at_us;
}

void
kh_connection_expire (KhService *service)
{
  gint64 now_us = kh_service_now ();
  KhConnection *silent;

  while ((silent = kh_admission_expired (&service->half_open, now_us)) != NULL)
    {
      kh_service_debug (service, "a stranger did not log in in time");
      silent->ticket = 0;
      close_connection (silent);
    }
  while (kh_connection_deadline (service) <= now_us)
    close_connection (kh_slots_at (&service->connections, service->leaving.first));
}

/* Nothing was written, and all that came was read: its end is no reset. */
static void
show_token (KhConnection *self, const guint8 token[KH_TOKEN_LEN])
{
  KhService *service = service_of (self);
  KhEndpoint remote = kh_service_remote_of (&self->tcp);
  KhEndpoint local = kh_service_local_of (&self->tcp);

  if (kh_directory_observe (service->directory, kh_service_now (), token, &remote, &local)
      == 0)
    kh_service_debug (service, "a token was not good");
  close_connection (self);
  kh_service_pump (service);
}

/* Each of the next four takes one record; false ends the connection. */

static gboolean
shake (KhConnection *self, const guint8 *record, gsize len)
{
  KhService *service = service_of (self);
  KhEndpoint remote = kh_service_remote_of (&self->tcp);
  guint8 answer[KH_FIRST_RECORD_LEN_MAX];
  gsize answer_len = 0;

  if (self->handshake == NULL)
    {
      if (!kh_rate_limit_table_take (&service->handshakes, &remote, NULL, 0,
                                     kh_service_now ()))
        return FALSE;
      self->handshake = kh_handshake_new ();
    }
  if (!kh_handshake_take (self->handshake, &service->key, record, len, answer,
                          &answer_len))
    return FALSE;
  if (answer_len > 0 && !write_record (self, answer, answer_len))
    return FALSE;
  if (kh_handshake_split (self->handshake, &self->send, &self->receive))
    self->state = STATE_STRANGER;
  return TRUE;
}

static gboolean
log_in (KhConnection *self, const guint8 *hello, gsize len)
{
  KhService *service = service_of (self);
  KhEndpoint local = kh_service_local_of (&self->tcp);
  KhDirectoryLogin login
      = { .endpoint = kh_service_remote_of (&self->tcp), .local = local };
  guint32 client;
  guint8 code;

  if (login.endpoint.family == 0 || local.family == 0)
    return FALSE;
  memcpy (login.id, kh_handshake_id (self->handshake), KH_ID_LEN);
  kh_own_address_list_assist (service, &local, &login);
  if (service->options->helper != NULL)
    login.helper
        = (KhText){ service->options->helper, strlen (service->options->helper) };
  code = kh_directory_login (service->directory, kh_service_now (), &login, hello, len,
                             &client);
  if (code != 0)
    {
      refuse (self, code);
      return TRUE;
    }
  kh_admission_remove (&service->half_open, self->ticket);
  self->ticket = 0;
  g_clear_pointer (&self->handshake, kh_handshake_free);
  self->state = STATE_ONLINE;
  self->client = client;
  service->by_client[client] = self;
  kh_service_pump (service);
  return TRUE;
}

static gboolean
take_message (KhConnection *self, guint8 *record, gsize len)
{
  KhService *service = service_of (self);

  if (len <= TAG_LEN || !kh_noise_open (&self->receive, NULL, record, record, len))
    return FALSE;
  if (self->state == STATE_STRANGER)
    return log_in (self, record, len - TAG_LEN);
  kh_directory_receive (service->directory, kh_service_now (), self->client, record,
                        len - TAG_LEN);
  kh_service_pump (service);
  return TRUE;
}

static gboolean
take_record (KhConnection *self, guint8 *record, gsize len)
{
  const guint8 *token
      = self->handshake == NULL ? kh_handshake_find_token (record, len) : NULL;

  if (self->state == STATE_SHAKING && token != NULL)
    {
      show_token (self, token);
      return TRUE;
    }
  if (self->state == STATE_SHAKING)
    return shake (self, record, len);
  return take_message (self, record, len);
}

static gboolean
is_listening (const KhConnection *self)
{
  return self->state >= STATE_SHAKING && self->state <= STATE_ONLINE;
}

/* Length of the record that begins with @head; 0 for one that can't be. */
static gsize
measure (const KhConnection *self, const guint8 *head)
{
  gsize len = (gsize)(head[0] << 8 | head[1]);
  gsize max = self->state == STATE_SHAKING ? KH_FIRST_RECORD_LEN_MAX
                                           : KH_MESSAGE_FROM_CLIENT_LEN_MAX + TAG_LEN;

  return len <= max ? len : 0;
}

/* Adds to the part of a record that is held. Returns how much it used, 0 for a record
 * that can't be or was bad. */
static gsize
add_to_partial (KhConnection *self, const guint8 *bytes, gsize len)
{
  gsize record_len = self->partial_len >= HEAD_LEN ? measure (self, self->partial) : 0;
  gsize needed = HEAD_LEN + record_len;
  gsize n = MIN (needed - self->partial_len, len);
  g_autofree guint8 *whole = NULL;

  self->partial = g_realloc (self->partial, needed);
  memcpy (self->partial + self->partial_len, bytes, n);
  self->partial_len += (guint16)n;
  if (self->partial_len == HEAD_LEN)
    return measure (self, self->partial) > 0 ? n : 0;
  if (self->partial_len < needed || record_len == 0)
    return n;
  whole = g_steal_pointer (&self->partial);
  self->partial_len = 0;
  return take_record (self, whole + HEAD_LEN, record_len) ? n : 0;
}

static void
feed (KhConnection *self, guint8 *bytes, gsize len)
{
  while (len > 0 && is_listening (self))
    {
      gsize record_len = len >= HEAD_LEN ? measure (self, bytes) : 0;
      gsize used;

      if (self->partial_len > 0 || len < HEAD_LEN + record_len || record_len == 0)
        used = add_to_partial (self, bytes, len);
      else if (take_record (self, bytes + HEAD_LEN, record_len))
        used = HEAD_LEN + record_len;
      else
        used = 0;

      if (used == 0)
        {
          kh_service_debug (service_of (self), "a connection broke the protocol");
          end_connection (self);
          return;
        }
      bytes += used;
      len -= used;
    }
}

static void
on_read (uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
  KhConnection *self = stream->data;

  if (n > 0)
    {
      service_of (self)->traffic_main.bytes_in += (guint64)n;
      feed (self, (guint8 *)buffer->base, (gsize)n);
    }
  else if (n < 0)
    end_connection (self);
}

gboolean
kh_connection_accept (KhListener *listener)
{
  KhService *service = listener->service;
  guint32 number = kh_slots_take (&service->connections);
  KhConnection *self;
  KhConnection *evicted = NULL;
  KhEndpoint remote;
  int send_len = KERNEL_SEND_LEN;

  if (number == 0)
    return FALSE;
  self = kh_slots_at (&service->connections, number);
  self->state = STATE_SHAKING;
  service->n_open++;
  uv_tcp_init (&service->loop, &self->tcp);
  self->tcp.data = self;
  if (uv_accept ((uv_stream_t *)&listener->tcp, (uv_stream_t *)&self->tcp) != 0)
    {
      close_connection (self);
      return TRUE;
    }

  remote = kh_service_remote_of (&self->tcp);
  self->ticket = kh_admission_add (&service->half_open, self, &remote, kh_service_now (),
                                   (void **)&evicted);
  if (evicted != NULL)
    {
      evicted->ticket = 0;
      close_connection (evicted);
    }
  uv_tcp_nodelay (&self->tcp, 1);
  uv_send_buffer_size ((uv_handle_t *)&self->tcp, &send_len);
  if (uv_read_start ((uv_stream_t *)&self->tcp, kh_service_allocate, on_read) != 0)
    close_connection (self);
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/assist.h"
#include "server/relay.h"

#include <sodium.h>
#include <stddef.h>
#include <string.h>

/* Observed connections of this many clients at a time: all of a round. */
#define CALLING_MAX 2000
/* And of all who probe. */
#define OBSERVED_MAX (CALLING_MAX * KH_CALL_TOKENS + KH_PROBES_MAX * KH_PROBE_INDICES)

typedef struct
{
  guint32 link;
  KhLinks order;        /* among the observed by deadline */
  KhLinks handle_order; /* among those of its handle, and of others in its bucket */
  guint32 ticket;       /* in assist_half_open; 0: not in it */
  guint32 handle;       /* 0: its token has not come */
  guint8 token_len;
  guint8 token[KH_TOKEN_LEN];
  gint64 deadline_us;
  uv_tcp_t tcp; /* data: this */
} Assist;

static KhService *
service_of (const Assist *self)
{
  return self->tcp.loop->data;
}

static guint32
number_of (const Assist *self)
{
  return (guint32)(self - (Assist *)service_of (self)->assists_memory) + 1;
}

static KhChain *
bucket_of (KhService *service, guint32 handle)
{
  return &service->by_handle[handle % KH_SERVICE_HANDLE_BUCKETS];
}

void
kh_assist_make_table (KhService *service)
{
  guint n = service->options->half_open_max + OBSERVED_MAX;

  service->assists_memory = g_new0 (Assist, n);
  kh_slots_init (&service->assists, service->assists_memory, sizeof (Assist), n);
}

static void
on_closed (uv_handle_t *handle)
{
  Assist *self = handle->data;
  KhService *service = service_of (self);

  kh_slots_put (&service->assists, number_of (self));
  service->n_open--;
  kh_listener_resume (service);
}

static void
close_assist (Assist *self)
{
  KhService *service = service_of (self);

  if (uv_is_closing ((uv_handle_t *)&self->tcp))
    return;
  if (self->ticket != 0)
    kh_admission_remove (&service->assist_half_open, self->ticket);
  if (self->handle != 0)
    {
      kh_chain_remove (&service->observed, &service->assists, offsetof (Assist, order),
                       number_of (self));
      kh_chain_remove (bucket_of (service, self->handle), &service->assists,
                       offsetof (Assist, handle_order), number_of (self));
    }
  self->ticket = self->handle = 0;
  uv_close ((uv_handle_t *)&self->tcp, on_closed);
}

/* It is none that observes: one for a relay, or not good. */
static void
join_relay (Assist *self, const guint8 token[KH_TOKEN_LEN], const KhEndpoint *remote)
{
  KhService *service = service_of (self);
  guint side;
  guint32 relay = kh_directory_join_relay (service->directory, kh_service_now (), token,
                                           remote, &side);

  if (relay == 0)
    kh_service_debug (service, "a token was not good");
  else
    kh_relay_take (service, relay, side, &self->tcp);
  close_assist (self);
  kh_service_pump (service);
}

static void
show_token (Assist *self)
{
  KhService *service = service_of (self);
  KhEndpoint remote = kh_service_remote_of (&self->tcp);
  KhEndpoint local = kh_service_local_of (&self->tcp);
  gint64 now_us = kh_service_now ();
  guint32 handle
      = kh_directory_observe (service->directory, now_us, self->token, &remote, &local);

  if (handle == 0)
    join_relay (self, self->token, &remote);
  sodium_memzero (self->token, sizeof self->token);
  if (handle == 0)
    return;
  kh_admission_remove (&service->assist_half_open, self->ticket);
  self->ticket = 0;
  self->handle = handle;
  self->deadline_us = now_us + service->options->assist_longest_us;
  kh_chain_append (&service->observed, &service->assists, offsetof (Assist, order),
                   number_of (self));
  kh_chain_append (bucket_of (service, handle), &service->assists,
                   offsetof (Assist, handle_order), number_of (self));
  kh_service_pump (service);
}

/* Never more than the token: what follows it may be for the other end of a relay. */
static void
allocate (uv_handle_t *handle, G_GNUC_UNUSED size_t suggested, uv_buf_t *buffer)
{
  Assist *self = handle->data;
  KhService *service = service_of (self);

  *buffer = uv_buf_init (service->read_buffer,
                         MAX (KH_TOKEN_LEN - (guint)self->token_len, 1));
}

static void
on_read (uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
  Assist *self = stream->data;

  if (n == 0)
    return;
  if (n > 0)
    service_of (self)->traffic_assist.bytes_in += (guint64)n;
  if (n < 0 || self->token_len + (gsize)n > KH_TOKEN_LEN)
    {
      close_assist (self); /* the end, or more than a token */
      return;
    }
  memcpy (self->token + self->token_len, buffer->base, (gsize)n);
  self->token_len += (guint8)n;
  if (self->token_len == KH_TOKEN_LEN)
    show_token (self);
}

gboolean
kh_assist_accept (KhListener *listener)
{
  KhService *service = listener->service;
  guint32 number = kh_slots_take (&service->assists);
  KhEndpoint remote;
  Assist *evicted = NULL;
  Assist *self;

  if (number == 0)
    return FALSE;
  self = kh_slots_at (&service->assists, number);
  service->n_open++;
  uv_tcp_init (&service->loop, &self->tcp);
  self->tcp.data = self;
  if (uv_accept ((uv_stream_t *)&listener->tcp, (uv_stream_t *)&self->tcp) != 0)
    {
      close_assist (self);
      return TRUE;
    }
  remote = kh_service_remote_of (&self->tcp);
  self->ticket = kh_admission_add (&service->assist_half_open, self, &remote,
                                   kh_service_now (), (void **)&evicted);
  if (evicted != NULL)
    {
      evicted->ticket = 0;
      close_assist (evicted);
    }
  if (uv_read_start ((uv_stream_t *)&self->tcp, allocate, on_read) != 0)
    close_assist (self);
  return TRUE;
}

void
kh_assist_end (KhService *service, guint32 handle)
{
  guint32 next;

  for (guint32 at = bucket_of (service, handle)->first; at != 0; at = next)
    {
      Assist *self = kh_slots_at (&service->assists, at);

      next = self->handle_order.next;
      if (self->handle == handle)
        close_assist (self);
    }
}

void
kh_assist_close_all (KhService *service)
{
  for (guint32 number = 1; number <= service->assists.n_touched; number++)
    {
      Assist *self = kh_slots_at (&service->assists, number);

      if (self->ticket != 0 || self->handle != 0)
        close_assist (self);
    }
}

gint64
kh_assist_deadline (const KhService *service)
{
  const Assist *first;

  if (service->observed.first == 0)
    return G_MAXINT64;
  first = kh_slots_at (&service->assists, service->observed.first);
  return first->deadline_us;
}

void
kh_assist_expire (KhService *service)
{
  gint64 now_us = kh_service_now ();
  Assist *silent;

  while ((silent = kh_admission_expired (&service->assist_half_open, now_us)) != NULL)
    {
      silent->ticket = 0;
      close_assist (silent);
    }
  while (kh_assist_deadline (service) <= now_us)
    close_assist (kh_slots_at (&service->assists, service->observed.first));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/dial-back.h"
#include "server/connection.h"
#include "server/listener.h"
#include "server/sockets.h"

#include <sodium.h>
#include <stddef.h>
#include <string.h>

/* The system may offer the port of a listener that has another address. */
#define PORT_TRIES 8
/* As many again that have a result and are being closed. */
#define TABLE_LEN (2 * KH_DIALS_MAX)

typedef struct
{
  guint32 link;
  KhLinks order;  /* by deadline */
  guint32 handle; /* 0: the directory was told, or does not care any more */
  guint32 number;
  KhProbeDial from;
  guint8 token[KH_TOKEN_LEN];
  gint64 deadline_us;
  uv_connect_t connect;
  uv_shutdown_t shutdown;
  uv_tcp_t tcp; /* data: this */
} DialBack;

static KhService *
service_of (const DialBack *self)
{
  return self->tcp.loop->data;
}

static guint32
number_of (const DialBack *self)
{
  return (guint32)(self - (DialBack *)service_of (self)->dials_memory) + 1;
}

void
kh_dial_back_make_table (KhService *service)
{
  service->dials_memory = g_new0 (DialBack, TABLE_LEN);
  kh_slots_init (&service->dials, service->dials_memory, sizeof (DialBack), TABLE_LEN);
}

static void
append (DialBack *self)
{
  self->deadline_us = kh_service_now () + KH_PROBE_DIAL_US;
  kh_chain_append (&service_of (self)->dialling, &service_of (self)->dials,
                   offsetof (DialBack, order), number_of (self));
}

static void
take_out (DialBack *self)
{
  kh_chain_remove (&service_of (self)->dialling, &service_of (self)->dials,
                   offsetof (DialBack, order), number_of (self));
}

static void
on_closed (uv_handle_t *handle)
{
  DialBack *self = handle->data;
  KhService *service = service_of (self);

  kh_slots_put (&service->dials, number_of (self));
  service->n_open--;
  kh_listener_resume (service);
}

static void
close_dial (DialBack *self)
{
  if (uv_is_closing ((uv_handle_t *)&self->tcp))
    return;
  take_out (self);
  self->handle = 0;
  uv_close ((uv_handle_t *)&self->tcp, on_closed);
}

static void
report (DialBack *self, KhProbeResult result)
{
  guint32 handle = self->handle;

  self->handle = 0;
  if (handle != 0)
    kh_directory_dialled (service_of (self)->directory, kh_service_now (), handle,
                          self->number, result);
}

static KhProbeResult
judge (int status)
{
  switch (status)
    {
    case 0:
      return KH_DIALLED_CONNECTED;
    case UV_ECONNREFUSED:
    case UV_ECONNRESET:
      return KH_DIALLED_REFUSED;
    case UV_EHOSTUNREACH:
    case UV_ENETUNREACH:
    case UV_EHOSTDOWN:
    case UV_ENOPROTOOPT:
    case UV_EPROTO:
      return KH_DIALLED_UNREACHABLE;
    case UV_ETIMEDOUT:
      return KH_DIALLED_SILENT;
    default: /* a firewall here, or an address that has no way there */
      return KH_DIALLED_IMPOSSIBLE;
    }
}

/* What comes is of no use, but would turn the end into a reset if it were not read. */
static void
on_read (uv_stream_t *stream, ssize_t n, G_GNUC_UNUSED const uv_buf_t *buffer)
{
  if (n < 0)
    close_dial (stream->data);
}

static void
on_shut_down (G_GNUC_UNUSED uv_shutdown_t *request, G_GNUC_UNUSED int status)
{
}

/* 16 bytes always fit a connection that has sent none. */
static void
write_token (DialBack *self)
{
  uv_stream_t *stream = (uv_stream_t *)&self->tcp;
  uv_buf_t buffer = uv_buf_init ((char *)self->token, sizeof self->token);

  if (self->from != KH_DIAL_TO_CLOSED_PORT
      && uv_try_write (stream, &buffer, 1) == (int)sizeof self->token)
    service_of (self)->traffic_assist.bytes_out += sizeof self->token;
  if (uv_shutdown (&self->shutdown, stream, on_shut_down) != 0
      || uv_read_start (stream, kh_service_allocate, on_read) != 0)
    {
      close_dial (self);
      return;
    }
  take_out (self);
  append (self);
}

static void
on_connected (uv_connect_t *request, int status)
{
  DialBack *self = request->data;
  KhService *service = service_of (self);
  KhProbeResult result;

  if (uv_is_closing ((uv_handle_t *)&self->tcp))
    return;
  /* It was tried: another error came from the way there, as ICMPv6 "prohibited" does. */
  result = judge (status);
  report (self, result != KH_DIALLED_IMPOSSIBLE ? result : KH_DIALLED_UNREACHABLE);
  if (status == 0)
    write_token (self);
  else
    close_dial (self);
  kh_service_pump (service);
}

static void
write_address (const KhEndpoint *endpoint, struct sockaddr_storage *address)
{
  struct sockaddr_in *v4 = (struct sockaddr_in *)address;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

  memset (address, 0, sizeof *address);
  if (endpoint->family == 4)
    {
      v4->sin_family = AF_INET;
      v4->sin_port = htons (endpoint->port);
      memcpy (&v4->sin_addr, endpoint->address, 4);
      return;
    }
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons (endpoint->port);
  memcpy (&v6->sin6_addr, endpoint->address, 16);
}

static gboolean
is_port_of_listener (const KhService *service, guint16 port)
{
  for (guint i = 0; i < service->n_listeners; i++)
    if (service->listeners[i].endpoint.port == port)
      return TRUE;
  return FALSE;
}

/* A socket at the address of @from and a port that nobody can dial, or none. */
static uv_os_sock_t
open_socket (const KhService *service, KhEndpoint from)
{
  struct sockaddr_storage address;

  from.port = 0;
  write_address (&from, &address);
  for (guint i = 0; i < PORT_TRIES; i++)
    {
      uv_os_sock_t made = kh_sockets_open_bound ((const struct sockaddr *)&address);

      if (made == KH_SOCKETS_NONE)
        return made;
      if (!is_port_of_listener (service, kh_sockets_port_of (made)))
        return made;
      kh_sockets_close (made);
    }
  return KH_SOCKETS_NONE;
}

/* One that whoever reached @local may be reached from too. */
static gboolean
find_other_address (const KhService *service, const KhEndpoint *local, KhEndpoint *other)
{
  for (guint i = 0; i < service->n_listeners; i++)
    {
      const KhEndpoint *own = &service->listeners[i].endpoint;

      if (own->family != local->family || kh_endpoint_same_address (own, local)
          || kh_endpoint_kind (own) != kh_endpoint_kind (local))
        continue;
      *other = *own;
      return TRUE;
    }
  return FALSE;
}

static guint16
pick_closed_port (guint16 open)
{
  guint16 port;

  do
    port = (guint16)(KH_PROBE_PORT_MIN + randombytes_uniform (65536 - KH_PROBE_PORT_MIN));
  while (port == open);
  return port;
}

/* From where and to where; FALSE when there is no such place. */
static gboolean
aim (const KhService *service, const KhDirectoryEvent *event, KhEndpoint *from,
     KhEndpoint *to)
{
  const KhConnection *connection = service->by_client[event->client];

  *from = event->dial.local;
  *to = event->dial.remote;
  switch (event->dial.from)
    {
    case KH_DIAL_FROM_OTHER_PORT:
      break;
    case KH_DIAL_FROM_OTHER_ADDRESS:
      return find_other_address (service, &event->dial.local, from);
    case KH_DIAL_TO_CLOSED_PORT:
      to->port = pick_closed_port (to->port);
      break;
    case KH_DIAL_TO_NAMED_PORT:
      if (connection == NULL)
        return FALSE;
      *from = kh_connection_local (connection);
      break;
    }
  return from->family == to->family;
}

/* A result other than NOTHING is final. */
static KhProbeResult
start (DialBack *self, const KhEndpoint *from, const KhEndpoint *to)
{
  struct sockaddr_storage address;
  uv_os_sock_t made = open_socket (service_of (self), *from);
  int status;

  if (made == KH_SOCKETS_NONE)
    return KH_DIALLED_IMPOSSIBLE;
  if (uv_tcp_open (&self->tcp, made) != 0)
    {
      kh_sockets_close (made);
      return KH_DIALLED_IMPOSSIBLE;
    }
  write_address (to, &address);
  self->connect.data = self;
  status = uv_tcp_connect (&self->connect, &self->tcp, (struct sockaddr *)&address,
                           on_connected);
  return status == 0 ? KH_DIALLED_NOTHING : judge (status);
}

gboolean
kh_dial_back_begin (KhService *service, const KhDirectoryEvent *event)
{
  KhEndpoint from, to;
  KhProbeResult result = KH_DIALLED_IMPOSSIBLE;
  gboolean may = kh_service_has_room (service) && !service->ending;
  gboolean aimed = aim (service, event, &from, &to);
  guint32 number = aimed && may ? kh_slots_take (&service->dials) : 0;
  DialBack *self;

  if (number == 0)
    {
      kh_directory_dialled (service->directory, kh_service_now (), event->handle,
                            event->dial.number,
                            aimed ? KH_DIALLED_LATER : KH_DIALLED_IMPOSSIBLE);
      return FALSE;
    }
  self = kh_slots_at (&service->dials, number);
  self->handle = event->handle;
  self->number = event->dial.number;
  self->from = event->dial.from;
  memcpy (self->token, event->dial.token, sizeof self->token);
  service->n_open++;
  uv_tcp_init (&service->loop, &self->tcp);
  self->tcp.data = self;
  append (self);

  result = start (self, &from, &to);
  if (result == KH_DIALLED_NOTHING)
    return TRUE;
  report (self, result);
  close_dial (self);
  return FALSE;
}

void
kh_dial_back_end (KhService *service, guint32 handle)
{
  guint32 next;

  for (guint32 at = service->dialling.first; at != 0; at = next)
    {
      DialBack *self = kh_slots_at (&service->dials, at);

      next = self->order.next;
      if (self->handle == handle)
        close_dial (self);
    }
}

void
kh_dial_back_close_all (KhService *service)
{
  while (service->dialling.first != 0)
    close_dial (kh_slots_at (&service->dials, service->dialling.first));
}

gint64
kh_dial_back_deadline (const KhService *service)
{
  const DialBack *first;

  if (service->dialling.first == 0)
    return G_MAXINT64;
  first = kh_slots_at (&service->dials, service->dialling.first);
  return first->deadline_us;
}

void
kh_dial_back_expire (KhService *service)
{
  gint64 now_us = kh_service_now ();

  while (kh_dial_back_deadline (service) <= now_us)
    {
      DialBack *self = kh_slots_at (&service->dials, service->dialling.first);

      report (self, KH_DIALLED_SILENT);
      close_dial (self);
    }
}

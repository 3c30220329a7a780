/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/port-mapper-private.h"

#include "net/source.h"

#include <string.h>

/* One question to the router, repeated until the answer comes. */
typedef struct
{
  /* Owned */
  GSocket *socket; /* connected, so that only the router is heard */
  GSource *source;
  GSource *timer;

  /* Borrowed */
  KhPortMapperLooked looked; /* NULL where a mapping is asked for */
  KhPortMapperAsked asked;
  gpointer data;

  /* State */
  KhPortMapperRoute route;
  KhPortMapperRequest request;
  uint8_t bytes[KH_PCP_MAP_LEN];
  size_t len;
  guint pause_ms;
} Task;

static void
stop (gpointer data)
{
  Task *self = data;

  kh_source_clear (&self->source);
  kh_source_clear (&self->timer);
  g_clear_object (&self->socket);
  g_free (self);
}

/* The last thing done with @self: the owner stops it. */
static void
answer (Task *self, bool succeeded, const KhPortMapperAnswer *mapped)
{
  kh_source_clear (&self->source);
  kh_source_clear (&self->timer);
  if (self->looked != NULL)
    self->looked (self->data, succeeded ? &self->route : NULL);
  else
    self->asked (self->data, succeeded ? mapped : NULL);
}

static gboolean
on_pause_over (gpointer data)
{
  Task *self = data;

  kh_source_clear (&self->timer);
  if (self->socket == NULL)
    {
      answer (self, false, NULL);
      return G_SOURCE_REMOVE;
    }
  /* What can't be sent now may be sent next time. */
  g_socket_send (self->socket, (const char *)self->bytes, self->len, NULL, NULL);
  self->timer = kh_source_after (self->pause_ms, on_pause_over, self);
  self->pause_ms *= 2;
  return G_SOURCE_REMOVE;
}

/* True when it was the answer that was waited for. */
static bool
take_map (Task *self, const KhPcpAnswer *got)
{
  KhPortMapperAnswer mapped
      = { .external_port = got->external.port,
          .external = got->external,
          .lifetime_s = MIN (got->lifetime_s, KH_PORT_MAPPER_LIFETIME_MAX_S) };
  bool succeeded = got->result == KH_PCP_RESULT_SUCCESS;

  if (got->opcode != KH_PCP_OPCODE_MAP
      || (got->has_map
          && (memcmp (got->nonce, self->request.nonce, KH_PCP_NONCE_LEN) != 0
              || got->internal_port != self->request.internal_port)))
    return false;
  answer (self, succeeded && (got->lifetime_s > 0) == (self->request.lease_s > 0),
          &mapped);
  return true;
}

static gboolean
on_readable (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  Task *self = data;
  uint8_t bytes[KH_PORT_MAPPER_DATAGRAM_MAX];
  g_autoptr (GError) error = NULL;
  gssize len = g_socket_receive (socket, (char *)bytes, sizeof bytes, NULL, &error);
  KhPcpReading reading;
  KhPcpAnswer got;

  if (len < 0)
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return G_SOURCE_CONTINUE;
      answer (self, false, NULL); /* nobody listens there */
      return G_SOURCE_REMOVE;
    }
  reading = kh_pcp_read (&got, bytes, (size_t)len);
  if (reading == KH_PCP_MALFORMED)
    return G_SOURCE_CONTINUE;
  if (reading == KH_PCP_OTHER_VERSION)
    {
      answer (self, false, NULL);
      return G_SOURCE_REMOVE;
    }
  if (self->looked == NULL)
    return take_map (self, &got) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
  /* Also a router that has no ANNOUNCE has answered. */
  if (got.opcode != KH_PCP_OPCODE_ANNOUNCE)
    return G_SOURCE_CONTINUE;
  answer (self, got.result != KH_PCP_RESULT_UNSUPPORTED_VERSION, NULL);
  return G_SOURCE_REMOVE;
}

GSocketAddress *
kh_port_mapper_address (const KhEndpoint *endpoint, uint16_t port)
{
  g_autoptr (GInetAddress) address
      = g_inet_address_new_from_bytes (endpoint->address, G_SOCKET_FAMILY_IPV4);

  return g_inet_socket_address_new (address, port);
}

static Task *
new_task (const KhPortMapperRoute *route, gpointer data)
{
  Task *self = g_new0 (Task, 1);
  g_autoptr (GSocketAddress) router
      = kh_port_mapper_address (&route->gateway, KH_PCP_PORT);

  self->route = *route;
  self->data = data;
  self->pause_ms = KH_PORT_MAPPER_PAUSE_MS;
  self->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                               G_SOCKET_PROTOCOL_UDP, NULL);
  if (self->socket != NULL)
    {
      g_socket_set_blocking (self->socket, FALSE);
      if (!g_socket_connect (self->socket, router, NULL, NULL))
        g_clear_object (&self->socket);
    }
  if (self->socket != NULL)
    self->source = kh_source_watch (self->socket, G_IO_IN, on_readable, self);
  self->timer = kh_source_after (0, on_pause_over, self);
  return self;
}

static gpointer
look (const KhPortMapperRoute *route, KhPortMapperLooked looked, gpointer data)
{
  Task *self = new_task (route, data);
  KhWriter writer;

  self->looked = looked;
  kh_writer_init (&writer, self->bytes, sizeof self->bytes);
  kh_pcp_write_announce (&writer, &route->own);
  self->len = writer.len;
  return self;
}

static gpointer
ask (const KhPortMapperRoute *route, const KhPortMapperRequest *request,
     KhPortMapperAsked asked, gpointer data)
{
  Task *self = new_task (route, data);
  KhPcpMap map = { .own = route->own,
                   .external_port = request->external_port,
                   .lifetime_s = request->lease_s };
  KhWriter writer;

  self->asked = asked;
  self->request = *request;
  map.own.port = request->internal_port;
  memcpy (map.nonce, request->nonce, sizeof map.nonce);
  kh_writer_init (&writer, self->bytes, sizeof self->bytes);
  kh_pcp_write_map (&writer, &map);
  self->len = writer.len;
  return self;
}

const KhPortMapperWay kh_port_mapper_pcp = { look, ask, stop, stop };

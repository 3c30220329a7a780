/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding the service of a UPnP router that maps ports: a question that all devices hear,
 * the description of those at the router's address, one after the other, and of each
 * service in it whether it knows its outside address, which one without a line does not.
 */
#include "net/http-exchange.h"
#include "net/port-mapper-private.h"
#include "net/source.h"

#include <gio/gnetworking.h>
#include <string.h>

/* Where everybody hears the question; some routers answer it only there. */
static const uint8_t EVERYBODY[4] = { 239, 255, 255, 250 };

/* Descriptions of one router that are read: it may be a media server, too. */
#define LOCATIONS_MAX 4
/* The question is asked again after so long: datagrams get lost on the air. */
#define AGAIN_MS 600
/* As UPnP Device Architecture section 1.3.2 wants it. */
#define HOPS 2

typedef struct
{
  /* Owned */
  GSocket *socket;
  GSource *source;
  GSource *timer;
  KhHttpExchange *exchange;

  /* Borrowed */
  KhPortMapperLooked looked;
  gpointer data;

  /* State */
  KhPortMapperRoute route;
  KhUpnpUrl locations[LOCATIONS_MAX];
  unsigned n_locations;
  unsigned at; /* the location that is asked */
  KhIgd services[KH_IGD_SERVICES_MAX];
  unsigned n_services;
  unsigned service; /* the service that is asked */
  KhIgd spare;      /* maps ports, but did not tell an outside address */
  bool has_spare;
} Look;

static void read_location (Look *self);

void
kh_port_mapper_upnp_stop_look (gpointer data)
{
  Look *self = data;

  kh_source_clear (&self->source);
  kh_source_clear (&self->timer);
  g_clear_object (&self->socket);
  kh_http_exchange_free (self->exchange);
  g_free (self);
}

static void
found (Look *self, const KhIgd *igd)
{
  kh_source_clear (&self->source);
  kh_source_clear (&self->timer);
  self->route.igd = *igd;
  self->looked (self->data, &self->route);
}

KhEndpoint
kh_port_mapper_upnp_external (const void *body, size_t len, uint16_t port)
{
  char text[40];
  KhEndpoint external;

  if (!kh_igd_read_value (body, len, "NewExternalIPAddress", text, sizeof text)
      || !kh_endpoint_parse_address (&external, text, strlen (text), port)
      || external.family != 4 || kh_endpoint_kind (&external) == KH_ENDPOINT_NONE)
    return (KhEndpoint){ 0 };
  return external;
}

static void ask_service (Look *self);

static void
on_external_address (gpointer data, unsigned status, const void *body, size_t len)
{
  Look *self = data;
  KhEndpoint external = { 0 };

  if (status == 200)
    external = kh_port_mapper_upnp_external (body, len, 1);
  g_clear_pointer (&self->exchange, kh_http_exchange_free);
  if (external.family != 0)
    {
      found (self, &self->services[self->service]);
      return;
    }
  if (status != 0 && !self->has_spare)
    {
      self->spare = self->services[self->service];
      self->has_spare = true;
    }
  self->service++;
  ask_service (self);
}

static void
ask_service (Look *self)
{
  static const KhIgdArgument nothing[] = { { NULL, NULL } };
  const KhIgd *service = &self->services[self->service];

  if (self->service == self->n_services)
    {
      self->at++;
      read_location (self);
      return;
    }
  self->exchange = kh_http_exchange_new_take (
      &service->control.endpoint,
      kh_igd_write_call (service, "GetExternalIPAddress", nothing), KH_IGD_ANSWER_MAX,
      on_external_address, self);
}

static void
on_description (gpointer data, unsigned status, const void *body, size_t len)
{
  Look *self = data;

  self->service = self->n_services = 0;
  if (status == 200)
    self->n_services
        = kh_igd_read_description (self->services, &self->locations[self->at], body, len);
  g_clear_pointer (&self->exchange, kh_http_exchange_free);
  ask_service (self);
}

static void
read_location (Look *self)
{
  const KhUpnpUrl *url = &self->locations[self->at];

  if (self->at < self->n_locations)
    self->exchange
        = kh_http_exchange_new_take (&url->endpoint, kh_igd_write_get (url),
                                     KH_IGD_DESCRIPTION_MAX, on_description, self);
  else if (self->has_spare)
    found (self, &self->spare);
}

static void
take_location (Look *self, const KhUpnpUrl *url)
{
  for (unsigned i = 0; i < self->n_locations; i++)
    if (g_str_equal (self->locations[i].text, url->text))
      return;
  if (self->n_locations == LOCATIONS_MAX
      || !kh_endpoint_same_address (&url->endpoint, &self->route.gateway))
    return;
  self->locations[self->n_locations++] = *url;
  if (self->exchange == NULL)
    read_location (self);
}

/* Whether @address is the router. */
static bool
is_router (const Look *self, GSocketAddress *address)
{
  GInetAddress *inet;

  if (address == NULL || !G_IS_INET_SOCKET_ADDRESS (address))
    return false;
  inet = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address));
  return g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV4
         && memcmp (g_inet_address_to_bytes (inet), self->route.gateway.address, 4) == 0;
}

static gboolean
on_readable (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  Look *self = data;
  uint8_t bytes[KH_PORT_MAPPER_DATAGRAM_MAX];
  g_autoptr (GSocketAddress) from = NULL;
  gssize len
      = g_socket_receive_from (socket, &from, (char *)bytes, sizeof bytes, NULL, NULL);
  KhUpnpUrl url;

  if (len > 0 && is_router (self, from) && kh_upnp_read_found (&url, bytes, (size_t)len))
    take_location (self, &url);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_again (gpointer data)
{
  Look *self = data;
  KhEndpoint everybody = kh_endpoint_v4 (EVERYBODY, KH_UPNP_PORT);
  g_autoptr (GSocketAddress) all = kh_port_mapper_address (&everybody, KH_UPNP_PORT);
  g_autoptr (GSocketAddress) router
      = kh_port_mapper_address (&self->route.gateway, KH_UPNP_PORT);

  kh_source_clear (&self->timer);
  if (self->socket == NULL)
    {
      self->looked (self->data, NULL);
      return G_SOURCE_REMOVE;
    }
  for (unsigned i = 0; i < KH_UPNP_N_TARGETS; i++)
    {
      char bytes[256];
      KhWriter writer;

      kh_writer_init (&writer, bytes, sizeof bytes);
      kh_upnp_write_search (&writer, i);
      g_socket_send_to (self->socket, all, bytes, writer.len, NULL, NULL);
      g_socket_send_to (self->socket, router, bytes, writer.len, NULL, NULL);
    }
  self->timer = kh_source_after (AGAIN_MS, on_again, self);
  return G_SOURCE_REMOVE;
}

/* A socket on the way to the router, so that the question goes out there. */
static bool
open_socket (Look *self)
{
  g_autoptr (GSocketAddress) own = kh_port_mapper_address (&self->route.own, 0);
  int interface;

  self->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                               G_SOCKET_PROTOCOL_UDP, NULL);
  if (self->socket == NULL)
    return false;
  g_socket_set_blocking (self->socket, FALSE);
  g_socket_set_multicast_ttl (self->socket, HOPS);
  memcpy (&interface, self->route.own.address, sizeof interface);
  return g_socket_set_option (self->socket, IPPROTO_IP, IP_MULTICAST_IF, interface, NULL)
         && g_socket_bind (self->socket, own, FALSE, NULL);
}

gpointer
kh_port_mapper_upnp_look (const KhPortMapperRoute *route, KhPortMapperLooked looked,
                          gpointer data)
{
  Look *self = g_new0 (Look, 1);

  self->route = *route;
  self->looked = looked;
  self->data = data;
  if (open_socket (self))
    self->source = kh_source_watch (self->socket, G_IO_IN, on_readable, self);
  else
    g_clear_object (&self->socket);
  self->timer = kh_source_after (0, on_again, self);
  return self;
}

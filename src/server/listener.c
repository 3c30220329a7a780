/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/listener.h"
#include "server/assist.h"
#include "server/connection.h"
#include "server/sockets.h"

#define BACKLOG 1024

/* False when there is no room: the connection stays with the kernel, and libuv asks
 * for no further one until this one is taken. */
static gboolean
take_connection (KhListener *self)
{
  if (!kh_service_has_room (self->service))
    return FALSE;
  return self->is_assist ? kh_assist_accept (self) : kh_connection_accept (self);
}

static void
on_connection (uv_stream_t *stream, int status)
{
  KhListener *self = stream->data;

  if (status < 0)
    {
      kh_service_debug (self->service, "accepting failed: %s", uv_strerror (status));
      return;
    }
  if (!take_connection (self))
    {
      self->waiting = TRUE;
      return;
    }
  kh_service_pump (self->service);
}

void
kh_listener_resume (KhService *service)
{
  for (guint i = 0; i < service->n_listeners && !service->ending; i++)
    {
      KhListener *self = &service->listeners[i];

      if (self->waiting)
        self->waiting = !take_connection (self);
    }
}

void
kh_listener_close_all (KhService *service)
{
  for (guint i = 0; i < service->n_listeners; i++)
    if (!uv_is_closing ((uv_handle_t *)&service->listeners[i].tcp))
      uv_close ((uv_handle_t *)&service->listeners[i].tcp, NULL);
}

/* [::] takes IPv4 too, unless an IPv4 address with that port is asked for as well. */
static gboolean
is_v4_elsewhere (const KhService *service, guint16 port)
{
  char **const lists[] = { service->options->listen, service->options->assist };

  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    for (char **text = lists[i]; *text != NULL; text++)
      {
        KhEndpoint endpoint;

        if (kh_endpoint_parse (&endpoint, *text) && endpoint.family == 4 && port != 0
            && endpoint.port == port)
          return TRUE;
      }
  return FALSE;
}

static int
bind_and_listen (KhListener *self, const struct sockaddr *address)
{
  guint flags = 0;
  int status;

  if (address->sa_family == AF_INET6
      && is_v4_elsewhere (self->service, kh_service_endpoint_of (address).port))
    flags = UV_TCP_IPV6ONLY;
  status
      = kh_sockets_init_listener (&self->service->loop, &self->tcp, address->sa_family);
  if (status == 0)
    status = uv_tcp_bind (&self->tcp, address, flags);
  if (status == 0)
    status = uv_listen ((uv_stream_t *)&self->tcp, BACKLOG, on_connection);
  return status;
}

static gboolean
explain (const char *text, int status, GError **error)
{
  if (status == UV_EADDRINUSE)
    g_set_error (error, KH_OPTIONS_ERROR, KH_OPTIONS_ERROR_USAGE,
                 "%s is in use by another program. End that one, or choose another port "
                 "with --listen and --assist.",
                 text);
  else if (status == UV_EACCES)
    g_set_error (error, KH_OPTIONS_ERROR, KH_OPTIONS_ERROR_USAGE,
                 "This user may not listen on %s. Choose a port above 1023.", text);
  else
    g_set_error (error, KH_OPTIONS_ERROR, KH_OPTIONS_ERROR_USAGE,
                 "Listening on %s failed: %s. Check --listen and --assist.", text,
                 uv_strerror (status));
  return FALSE;
}

static gboolean
open_one (KhListener *self, const char *text, GError **error)
{
  g_autofree char *host = NULL;
  g_autofree char *service = NULL;
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
  struct addrinfo *found = NULL;
  guint16 port;
  int status;

  if (!kh_options_split (text, &host, &port, error))
    return FALSE;
  service = g_strdup_printf ("%u", port);
  status = getaddrinfo (host, service, &hints, &found);
  if (status != 0)
    {
      g_set_error (error, KH_OPTIONS_ERROR, KH_OPTIONS_ERROR_USAGE,
                   "“%s” has no address: %s.", host, gai_strerror (status));
      return FALSE;
    }
  self->tcp.data = self;
  status = bind_and_listen (self, found->ai_addr);
  freeaddrinfo (found);
  if (status != 0)
    return explain (text, status, error);
  self->endpoint = kh_service_local_of (&self->tcp);
  return TRUE;
}

gboolean
kh_listener_open_all (KhService *service, GError **error)
{
  guint n_main = g_strv_length (service->options->listen);
  guint n = n_main + g_strv_length (service->options->assist);

  service->listeners = g_new0 (KhListener, n);
  for (guint i = 0; i < n; i++)
    {
      KhListener *self = &service->listeners[i];

      self->service = service;
      self->is_assist = i >= n_main;
      service->n_listeners++;
      if (!open_one (self,
                     self->is_assist ? service->options->assist[i - n_main]
                                     : service->options->listen[i],
                     error))
        return FALSE;
    }
  return TRUE;
}

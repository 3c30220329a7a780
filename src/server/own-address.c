/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/own-address.h"
#include "proto/identity.h"
#include "server/listener.h"

#include <string.h>

static gboolean
is_wildcard (const char *host)
{
  KhEndpoint endpoint;

  return kh_endpoint_parse_address (&endpoint, host, strlen (host), 0)
         && kh_endpoint_kind (&endpoint) == KH_ENDPOINT_NONE;
}

/* How good an address of this machine is for others: the higher the better. */
static int
rate_address (const KhEndpoint *endpoint)
{
  switch (kh_endpoint_kind (endpoint))
    {
    case KH_ENDPOINT_GLOBAL:
      return endpoint->family == 4 ? 3 : 2;
    case KH_ENDPOINT_PRIVATE:
      return endpoint->family == 4 ? 1 : 0;
    default:
      return 0;
    }
}

static char *
print_host (const KhEndpoint *endpoint)
{
  char text[KH_ENDPOINT_TEXT_MAX];

  kh_endpoint_print (endpoint, text);
  *strrchr (text, ':') = '\0';
  return g_strdup (text);
}

/* An address of this machine that others may reach, or its name. */
static char *
guess_host (void)
{
  uv_interface_address_t *interfaces = NULL;
  int n = 0;
  KhEndpoint best = { 0 };
  int best_rating = 0;

  if (uv_interface_addresses (&interfaces, &n) != 0)
    n = 0;
  for (int i = 0; i < n; i++)
    {
      KhEndpoint endpoint
          = kh_service_endpoint_of ((const struct sockaddr *)&interfaces[i].address);

      if (rate_address (&endpoint) <= best_rating)
        continue;
      best_rating = rate_address (&endpoint);
      best = endpoint;
    }
  uv_free_interface_addresses (interfaces, n);
  return best_rating > 0 ? print_host (&best) : g_strdup (g_get_host_name ());
}

char *
kh_own_address_print (const KhOptions *options, const guint8 id[KH_ID_LEN], guint16 port)
{
  g_autofree char *listen_host = NULL;
  g_autofree char *host = NULL;
  char server_id[KH_IDENTITY_TEXT_LEN + 1];
  guint16 listen_port = KH_MAIN_PORT;

  kh_options_split (options->listen[0], &listen_host, &listen_port, NULL);
  if (options->public_host != NULL)
    host = g_strdup (options->public_host);
  else if (is_wildcard (listen_host))
    host = guess_host ();
  else
    host = g_strdup (listen_host);
  if (strchr (host, ':') != NULL && host[0] != '[')
    {
      char *bare = g_steal_pointer (&host);

      host = g_strdup_printf ("[%s]", bare);
      g_free (bare);
    }
  kh_identity_to_text (KH_IDENTITY_SERVER, id, server_id);
  return g_strdup_printf ("knothole://%s:%u/%s", host, port != 0 ? port : listen_port,
                          server_id);
}

void
kh_own_address_resolve_public (KhService *service)
{
  const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
  struct addrinfo *found = NULL;
  const char *host = service->options->public_host;
  int status;

  if (host == NULL)
    return;
  status = getaddrinfo (host, NULL, &hints, &found);
  if (status != 0)
    {
      g_printerr ("knothole-server: --public %s has no address yet: %s\n", host,
                  gai_strerror (status));
      return;
    }
  for (const struct addrinfo *at = found; at != NULL; at = at->ai_next)
    {
      KhEndpoint endpoint = kh_service_endpoint_of (at->ai_addr);
      KhEndpoint *known
          = endpoint.family == 4 ? &service->public_v4 : &service->public_v6;

      if (known->family == 0)
        *known = endpoint;
    }
  freeaddrinfo (found);
  kh_directory_set_public (service->directory, &service->public_v4);
}

void
kh_own_address_set_outside (KhService *service, const KhEndpoint *outside)
{
  service->outside = outside != NULL ? *outside : (KhEndpoint){ 0 };
  kh_directory_set_public (service->directory,
                           outside != NULL ? outside : &service->public_v4);
}

/* Where @listener is reached from outside over IPv4; family 0: it is not known. */
static KhEndpoint
find_outside (const KhService *service, const KhListener *listener)
{
  KhEndpoint outside = service->public_v4;
  guint16 port = service->options != NULL ? service->options->public_assist_port : 0;

  if (service->outside.family != 0)
    return service->outside;
  outside.port = port != 0 ? port : listener->endpoint.port;
  return outside;
}

static void
add (KhDirectoryLogin *login, KhEndpoint endpoint)
{
  if (endpoint.family == 0 || login->n_assist == KH_WELCOME_ASSIST_MAX)
    return;
  for (guint8 i = 0; i < login->n_assist; i++)
    if (kh_endpoint_equal (&login->assist[i], &endpoint))
      return;
  login->assist[login->n_assist++] = endpoint;
}

/* A wildcard listener: the address that the client reached, and in the other family
 * what --public resolves to. */
static void
add_wildcard (const KhService *service, const KhListener *listener,
              const KhEndpoint *local, KhDirectoryLogin *login)
{
  gboolean takes_v6 = listener->endpoint.family == 6;
  KhEndpoint outside_v4 = find_outside (service, listener);
  KhEndpoint outside_v6 = service->public_v6;
  const KhEndpoint *other = local->family == 4 ? &outside_v6 : &outside_v4;
  const KhEndpoint *same = local->family == 4 ? &outside_v4 : &outside_v6;
  KhEndpoint reached = *local;

  outside_v6.port = reached.port = listener->endpoint.port;
  /* A router translates our address: a client outside can't dial what we see. */
  if (same->family != 0 && kh_endpoint_kind (local) == KH_ENDPOINT_PRIVATE
      && kh_endpoint_kind (&login->endpoint) == KH_ENDPOINT_GLOBAL)
    reached = *same;
  if (takes_v6 || reached.family == 4)
    add (login, reached);
  if (takes_v6 || other->family == 4)
    add (login, *other);
}

void
kh_own_address_list_assist (const KhService *service, const KhEndpoint *local,
                            KhDirectoryLogin *login)
{
  for (guint i = 0; i < service->n_listeners; i++)
    {
      const KhListener *listener = &service->listeners[i];

      if (!listener->is_assist)
        continue;
      if (kh_endpoint_kind (&listener->endpoint) == KH_ENDPOINT_NONE)
        add_wildcard (service, listener, local, login);
      else
        add (login, listener->endpoint);
    }
}

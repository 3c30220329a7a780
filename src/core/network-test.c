/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/network-test.h"

#include "net/main-connection.h"
#include "net/source.h"

#include <sodium.h>
#include <string.h>

/* Others never see it: the helper is asked for no room. */
#define NAME_AT_HELPER "test"

struct _KhNetworkTest
{
  /* Owned */
  KhProber *prober; /* NULL while the helper is awaited */
  KhMainConnection *helper;
  GSource *timer;

  /* Borrowed */
  const KhNetworkTestListener *listener;
  gpointer data;

  /* State */
  KhProbeServer server;
};

static void
on_send (gpointer data, unsigned server, const KhMessage *message)
{
  KhNetworkTest *self = data;

  if (server == 0)
    self->listener->send (self->data, message);
  else
    kh_main_connection_send (self->helper, message);
}

static void
on_done (gpointer data, const KhProbeResults *results)
{
  KhNetworkTest *self = data;

  self->listener->done (self->data, results);
}

static const KhProberListener prober_listener = { .send = on_send, .done = on_done };

static void
begin (KhNetworkTest *self, const KhProbeServer *helper)
{
  if (self->prober != NULL)
    return;
  kh_source_clear (&self->timer);
  self->prober = kh_prober_new (&self->server, helper, &prober_listener, self);
}

/* --- The helper ------------------------------------------------------------------------
 */

static bool
on_key_seen (G_GNUC_UNUSED gpointer data, G_GNUC_UNUSED const uint8_t key[32])
{
  return false; /* its address has its key */
}

static void
on_helper_online (gpointer data, const KhMsgWelcome *welcome)
{
  KhNetworkTest *self = data;
  KhProbeServer helper = { .seen = welcome->endpoint, .n_assist = welcome->n_assist };
  KhEndpoint local;

  kh_main_connection_endpoints (self->helper, &local, &helper.main);
  memcpy (helper.secret, welcome->secret, sizeof helper.secret);
  memcpy (helper.assist, welcome->assist, sizeof helper.assist);
  begin (self, &helper);
  sodium_memzero (&helper, sizeof helper);
}

static void
on_helper_offline (gpointer data, const GError *error, G_GNUC_UNUSED bool final)
{
  g_debug ("The helper: %s", error->message);
  begin (data, NULL);
}

static void
on_helper_message (gpointer data, const KhMessage *message)
{
  KhNetworkTest *self = data;

  if (self->prober != NULL)
    kh_prober_receive (self->prober, 1, message);
}

static const KhMainListener helper_listener = {
  .key_seen = on_key_seen,
  .online = on_helper_online,
  .offline = on_helper_offline,
  .message = on_helper_message,
};

static gboolean
on_waited_enough (gpointer data)
{
  begin (data, NULL);
  return G_SOURCE_REMOVE;
}

static bool
dial_helper (KhNetworkTest *self, const char *text)
{
  KhAddress address;
  KhKeyPair identity;

  if (*text == '\0' || kh_address_parse (text, &address) != KH_ADDRESS_OK
      || !address.has_key)
    return false;
  crypto_box_keypair (identity.public_key, identity.secret_key);
  self->helper = kh_main_connection_new (&address, &identity, NAME_AT_HELPER,
                                         &helper_listener, self);
  sodium_memzero (&identity, sizeof identity);
  kh_main_connection_start (self->helper);
  self->timer = kh_source_after (KH_NETWORK_TEST_HELPER_MS, on_waited_enough, self);
  return true;
}

KhNetworkTest *
kh_network_test_start (const KhProbeServer *server, const char *helper,
                       const KhNetworkTestListener *listener, gpointer data)
{
  KhNetworkTest *self = g_new0 (KhNetworkTest, 1);

  self->server = *server;
  self->listener = listener;
  self->data = data;
  if (kh_probe_server_other (server) != NULL || !dial_helper (self, helper))
    begin (self, NULL);
  return self;
}

void
kh_network_test_free (KhNetworkTest *self)
{
  kh_source_clear (&self->timer);
  g_clear_pointer (&self->prober, kh_prober_free);
  g_clear_pointer (&self->helper, kh_main_connection_free);
  sodium_memzero (self, sizeof *self);
  g_free (self);
}

void
kh_network_test_message (KhNetworkTest *self, const KhMessage *message)
{
  if (self->prober != NULL)
    kh_prober_receive (self->prober, 0, message);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/client-private.h"
#include "core/resume.h"

#include <stdlib.h>

/* Hundreds of dials at a time must stay rare, however many people call. */
#define SPRAYS_PER_HOUR 60

/* --- Random ports --------------------------------------------------------------------
 */

static void
begin_hour (KhClient *self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (self->n_sprays > 0
      && now_us - self->sprays_since_us < G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)
    return;
  self->n_sprays = 0;
  self->sprays_since_us = now_us;
}

bool
kh_client_may_spray (KhClient *self)
{
  begin_hour (self);
  return !self->reach.no_spray && self->n_sprays < SPRAYS_PER_HOUR;
}

void
kh_client_count_spray (KhClient *self)
{
  begin_hour (self);
  self->n_sprays++;
}

/* --- A port that is open from outside ------------------------------------------------
 */

/* A call's peer, the server that tests the port, or nobody that is known. */
static void
on_visitor (gpointer data, const guint8 tag[KH_TOKEN_LEN], GSocket *socket)
{
  KhClient *self = data;
  GHashTableIter iter;
  gpointer call;

  if (self->reach_test != NULL && kh_reach_test_heard (self->reach_test, tag))
    return;
  g_hash_table_iter_init (&iter, self->calls);
  while (g_hash_table_iter_next (&iter, NULL, &call))
    if (kh_call_take_visitor (call, tag, socket))
      return;
}

/* An outside address that the server does not see is another router's inside: what is
 * mapped there can't be reached. A server in this computer's own network sees none; it
 * gives the port to others with its own public address. */
static KhTristate
find_second_nat (const KhPortMapping *mapping, const KhEndpoint *seen)
{
  bool is_inside = kh_endpoint_kind (seen) == KH_ENDPOINT_PRIVATE;

  if (mapping->external.family != 4 || seen->family != 4)
    return KH_TRISTATE_UNKNOWN;
  if (kh_endpoint_same_address (&mapping->external, seen)
      || (is_inside && kh_endpoint_kind (&mapping->external) == KH_ENDPOINT_GLOBAL))
    return KH_TRISTATE_NO;
  return KH_TRISTATE_YES;
}

guint16
kh_client_mapped_port (KhClient *self, const KhEndpoint *seen)
{
  if (self->mapped_port == NULL || seen->family != 4)
    return 0;
  if (self->reach.forwarded_port != 0)
    return self->reach.forwarded_port;
  return self->mapping.protocol != KH_PORT_MAPPING_NONE
                 && find_second_nat (&self->mapping, seen) == KH_TRISTATE_NO
             ? self->mapping.external_port
             : 0;
}

static void
note_mapping (KhClient *self)
{
  static const KhMappedBy by[] = {
    [KH_PORT_MAPPING_NONE] = KH_MAPPED_NOT,
    [KH_PORT_MAPPING_UPNP] = KH_MAPPED_BY_UPNP,
    [KH_PORT_MAPPING_NAT_PMP] = KH_MAPPED_BY_NAT_PMP,
    [KH_PORT_MAPPING_PCP] = KH_MAPPED_BY_PCP,
  };
  const KhEndpoint *seen = &self->network.public_seen;
  KhTristate second_nat = find_second_nat (&self->mapping, seen);

  /* Until the router was asked nothing is known of it. */
  self->network.port_mapping
      = self->mapping.internal_port != 0 ? by[self->mapping.protocol] : KH_MAPPED_UNKNOWN;
  self->network.mapped_port = kh_client_mapped_port (self, seen);
  if (second_nat != KH_TRISTATE_UNKNOWN)
    self->network.second_nat = second_nat;
  kh_client_reach_test (self);
}

/* --- Whether it is open --------------------------------------------------------------
 */

static void
on_test_send (gpointer data, const KhMessage *message)
{
  kh_client_say (data, message);
}

static void
on_test_done (gpointer data, KhTristate reachable)
{
  kh_client_reach_tested (data, reachable);
}

static const KhReachTestListener test_listener
    = { .send = on_test_send, .done = on_test_done };

/* From inside its own network the server would dial the port itself, past the router. */
static guint16
find_testable_port (KhClient *self)
{
  const KhEndpoint *seen = &self->network.public_seen;

  return kh_client_at_server (self) && kh_endpoint_kind (seen) == KH_ENDPOINT_GLOBAL
                 && !kh_endpoint_same_address (seen, &self->network.server)
             ? self->network.mapped_port
             : 0;
}

void
kh_client_reach_test (KhClient *self)
{
  guint16 port = find_testable_port (self);

  if (self->reach_test != NULL && kh_reach_test_port (self->reach_test) == port)
    return;
  g_clear_pointer (&self->reach_test, kh_reach_test_free);
  if (port != self->tested_port)
    self->network.reachable = KH_TRISTATE_UNKNOWN;
  self->tested_port = port;
  /* There is one probe a client: this one comes after the other. */
  if (port != 0 && self->network_test == NULL)
    self->reach_test
        = kh_reach_test_start (port, self->welcome.secret, &test_listener, self);
}

void
kh_client_reach_offline (KhClient *self)
{
  g_clear_pointer (&self->reach_test, kh_reach_test_free);
}

void
kh_client_reach_message (KhClient *self, const KhMessage *message)
{
  if (self->reach_test != NULL)
    kh_reach_test_message (self->reach_test, message);
}

/* --- The router ----------------------------------------------------------------------
 */

static void
on_mapping_changed (gpointer data, const KhPortMapping *mapping)
{
  KhClient *self = data;
  guint16 before = self->network.mapped_port;
  GHashTableIter iter;
  gpointer call;

  if (kh_client_meeting_mapped (self, mapping) || self->mapped_port == NULL
      || mapping->internal_port != kh_mapped_port_number (self->mapped_port))
    return;
  self->mapping = *mapping;
  note_mapping (self);
  kh_client_tell_network (self);
  if (self->network.mapped_port == 0 || self->network.mapped_port == before)
    return;
  g_hash_table_iter_init (&iter, self->calls);
  while (g_hash_table_iter_next (&iter, NULL, &call))
    kh_call_tell_mapped_port (call);
  kh_resume_mapped (self);
}

static const KhPortMapperListener mapper_listener = { .changed = on_mapping_changed };

/* For tests: how long a router keeps what nobody renews. */
static guint32
lease_s (void)
{
  const char *text = g_getenv ("KNOTHOLE_LEASE");
  int seconds = text != NULL ? atoi (text) : 0;

  return seconds >= 2 ? (guint32)seconds : KH_PORT_MAPPER_LEASE_S;
}

static bool
wants_mapping (KhClient *self)
{
  return !self->reach.no_port_mapping && self->reach.forwarded_port == 0
         && (self->network.behind_nat == KH_TRISTATE_YES
             || kh_endpoint_kind (&self->network.public_seen) == KH_ENDPOINT_PRIVATE);
}

KhPortMapper *
kh_client_require_mapper (KhClient *self)
{
  if (self->mapper == NULL)
    self->mapper = kh_port_mapper_new (lease_s (), &mapper_listener, self);
  return self->mapper;
}

void
kh_client_reach_online (KhClient *self)
{
  guint16 forwarded = self->reach.forwarded_port;

  if (self->mapped_port == NULL && (forwarded != 0 || wants_mapping (self)))
    self->mapped_port = kh_mapped_port_new (forwarded, on_visitor, self);
  if (self->mapped_port == NULL || !wants_mapping (self))
    {
      note_mapping (self);
      return;
    }
  if (self->mapped_by_router != kh_mapped_port_number (self->mapped_port))
    {
      self->mapped_by_router = kh_mapped_port_number (self->mapped_port);
      kh_port_mapper_add (kh_client_require_mapper (self), self->mapped_by_router, 0);
    }
  note_mapping (self);
}

void
kh_client_reach_network_changed (KhClient *self)
{
  if (self->mapper != NULL)
    kh_port_mapper_network_changed (self->mapper);
  kh_client_meeting_update (self);
}

static void
on_mapper_closed (gpointer data)
{
  KhClient *self = data;

  g_clear_pointer (&self->mapper, kh_port_mapper_free);
  kh_client_check_closed (self);
}

void
kh_client_reach_close (KhClient *self)
{
  if (self->mapper != NULL)
    kh_port_mapper_close (self->mapper, on_mapper_closed, self);
}

void
kh_client_reach_free (KhClient *self)
{
  g_clear_pointer (&self->reach_test, kh_reach_test_free);
  g_clear_pointer (&self->mapper, kh_port_mapper_free);
  g_clear_pointer (&self->mapped_port, kh_mapped_port_free);
}

void
kh_client_set_reach (KhClient *self, const KhReach *reach)
{
  bool is_other = reach->forwarded_port != self->reach.forwarded_port
                  || !reach->no_port_mapping != !self->reach.no_port_mapping;

  self->reach = *reach;
  if (!is_other)
    {
      kh_client_tell_network (self);
      return;
    }
  if (self->mapper != NULL && self->mapped_by_router != 0)
    kh_port_mapper_remove (self->mapper, self->mapped_by_router);
  self->mapped_by_router = 0;
  g_clear_pointer (&self->mapped_port, kh_mapped_port_free);
  self->mapping = (KhPortMapping){ 0 };
  kh_client_meeting_update (self);
  if (kh_client_at_server (self))
    kh_client_reach_online (self);
  else
    note_mapping (self);
  kh_client_tell_network (self);
}

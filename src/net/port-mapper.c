/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each port has what is wanted of it and what the router holds of it; advance() brings
 * the two together by at most one request at a time. Whatever happens only says that it
 * is time to advance, so nothing here is entered twice.
 */
#include "net/gateway.h"
#include "net/port-mapper-private.h"
#include "net/source.h"

#include <sodium.h>
#include <string.h>

#define N_PROTOCOLS (KH_PORT_MAPPING_PCP + 1)
/* So long a better protocol may answer after a worse one: a datagram that was lost has
 * been sent again by then. */
#define GRACE_MS 400
#define NEVER G_MAXINT64

static const KhPortMapperWay *const WAYS[N_PROTOCOLS]
    = { NULL, &kh_port_mapper_upnp, &kh_port_mapper_natpmp, &kh_port_mapper_pcp };

/* Whether the router speaks one protocol. */
typedef struct
{
  /* Owned */
  gpointer task; /* NULL: it is known, or was given up */

  /* Borrowed */
  KhPortMapper *mapper;
  const KhPortMapperWay *way;

  /* State */
  bool found;
  KhPortMapperRoute route;
} Look;

typedef enum
{
  GOAL_MAPPED,
  GOAL_RENEWED,
  GOAL_REMOVED,
} Goal;

/* One port inside. */
typedef struct
{
  /* Owned */
  gpointer task; /* a request under way */
  GSource *task_timer;
  GSource *renewal;

  /* Borrowed */
  KhPortMapper *mapper;

  /* State */
  bool is_wanted;
  bool is_due;      /* to be mapped or renewed */
  bool is_searched; /* wanted when this search began */
  Goal goal;        /* of the task */
  KhPortMappingProtocol asked;
  KhPortMapperRoute asked_route;
  unsigned tried; /* bits: protocols that could not map it in this search */
  uint16_t wanted_port;
  uint8_t nonce[KH_PCP_NONCE_LEN];
  bool is_told;
  KhPortMapping mapping; /* as it was told */
  /* What the router holds. */
  KhPortMappingProtocol held;
  KhPortMapperRoute route;
  uint16_t held_port;
  gint64 expires_at_us; /* NEVER where it has no lease */
} Port;

struct _KhPortMapper
{
  /* Owned */
  GPtrArray *ports;
  Look looks[N_PROTOCOLS];
  GSource *search_timer; /* until it has searched for long enough */
  GSource *grace;
  GSource *again;
  GSource *advance;
  GSource *close_timer;

  /* Borrowed */
  const KhPortMapperListener *callbacks;
  gpointer data;
  void (*closed) (gpointer data);
  gpointer closed_data;

  /* State */
  uint32_t lease_s;
  bool must_search;
  bool is_grace_over;
  KhPortMapperRoute route;
};

static void advance_soon (KhPortMapper *self);

static void
drop_task (Port *port)
{
  kh_source_clear (&port->task_timer);
  if (port->task != NULL)
    WAYS[port->asked]->stop_ask (g_steal_pointer (&port->task));
}

static void
free_port (gpointer data)
{
  Port *port = data;

  drop_task (port);
  kh_source_clear (&port->renewal);
  sodium_memzero (port, sizeof *port);
  g_free (port);
}

/* The one that is wanted, or one that is on its way out. */
static Port *
find_port (const KhPortMapper *self, uint16_t internal_port, bool is_wanted)
{
  for (guint i = 0; i < self->ports->len; i++)
    {
      Port *port = g_ptr_array_index (self->ports, i);

      if (port->mapping.internal_port == internal_port && port->is_wanted == is_wanted)
        return port;
    }
  return NULL;
}

static Port *
add_port (KhPortMapper *self, uint16_t internal_port)
{
  Port *port = g_new0 (Port, 1);

  port->mapper = self;
  port->mapping.internal_port = internal_port;
  g_ptr_array_add (self->ports, port);
  return port;
}

static bool
same_way (const KhPortMapperRoute *one, const KhPortMapperRoute *other)
{
  return kh_endpoint_same_address (&one->gateway, &other->gateway)
         && kh_endpoint_same_address (&one->own, &other->own);
}

static bool
same_mapping (const KhPortMapping *one, const KhPortMapping *other)
{
  return one->protocol == other->protocol && one->external_port == other->external_port
         && one->lifetime_s == other->lifetime_s
         && one->external.family == other->external.family
         && (one->external.family == 0
             || kh_endpoint_equal (&one->external, &other->external));
}

static void
tell (Port *port, KhPortMapping mapping)
{
  bool is_news = !port->is_told || !same_mapping (&mapping, &port->mapping);
  KhPortMapper *self = port->mapper;

  mapping.internal_port = port->mapping.internal_port;
  port->mapping = mapping;
  port->is_told = true;
  if (is_news && port->is_wanted && self->closed == NULL)
    self->callbacks->changed (self->data, &port->mapping);
}

/* --- The search ----------------------------------------------------------------------
 */

static bool
is_searching (const KhPortMapper *self)
{
  return self->search_timer != NULL;
}

static void
drop_looks (KhPortMapper *self)
{
  kh_source_clear (&self->search_timer);
  kh_source_clear (&self->grace);
  for (unsigned i = 1; i < N_PROTOCOLS; i++)
    if (self->looks[i].task != NULL)
      self->looks[i].way->stop_look (g_steal_pointer (&self->looks[i].task));
}

/* Who is still being mapped, by a slow router, is told so later. */
static gboolean
on_search_over (gpointer data)
{
  KhPortMapper *self = data;

  drop_looks (self);
  for (guint i = self->ports->len; i > 0; i--)
    {
      Port *port = g_ptr_array_index (self->ports, i - 1);

      if (port->held == KH_PORT_MAPPING_NONE && port->is_searched)
        tell (port, (KhPortMapping){ 0 });
    }
  advance_soon (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_grace_over (gpointer data)
{
  KhPortMapper *self = data;

  kh_source_clear (&self->grace);
  self->is_grace_over = true;
  advance_soon (self);
  return G_SOURCE_REMOVE;
}

static void
on_looked (gpointer data, const KhPortMapperRoute *route)
{
  Look *look = data;
  KhPortMapper *self = look->mapper;

  look->found = route != NULL;
  if (look->found)
    look->route = *route;
  look->way->stop_look (g_steal_pointer (&look->task));
  if (look->found && self->grace == NULL && !self->is_grace_over)
    self->grace = kh_source_after (GRACE_MS, on_grace_over, self);
  advance_soon (self);
}

static void
begin_search (KhPortMapper *self)
{
  drop_looks (self);
  kh_source_clear (&self->again);
  self->must_search = self->is_grace_over = false;
  for (guint i = 0; i < self->ports->len; i++)
    {
      Port *port = g_ptr_array_index (self->ports, i);

      port->tried = 0;
      port->is_searched = port->is_wanted;
      port->is_due = port->is_due || port->held == KH_PORT_MAPPING_NONE;
    }
  for (unsigned i = 1; i < N_PROTOCOLS; i++)
    self->looks[i] = (Look){ .mapper = self, .way = WAYS[i] };
  if (!kh_gateway_find (&self->route.gateway, &self->route.own))
    return;
  self->search_timer = kh_source_after (KH_PORT_MAPPER_SEARCH_MS, on_search_over, self);
  for (unsigned i = 1; i < N_PROTOCOLS; i++)
    self->looks[i].task = WAYS[i]->look (&self->route, on_looked, &self->looks[i]);
}

static gboolean
on_again (gpointer data)
{
  KhPortMapper *self = data;

  kh_source_clear (&self->again);
  self->must_search = true;
  advance_soon (self);
  return G_SOURCE_REMOVE;
}

/* The best protocol to ask for @port now, or NONE; @may_come: a better one may answer. */
static KhPortMappingProtocol
best_protocol (const KhPortMapper *self, const Port *port, bool *may_come)
{
  *may_come = false;
  for (unsigned i = N_PROTOCOLS - 1; i > 0; i--)
    {
      if ((port->tried & (1u << i)) != 0)
        continue;
      if (self->looks[i].found)
        return *may_come && !self->is_grace_over ? KH_PORT_MAPPING_NONE : i;
      *may_come = *may_come || self->looks[i].task != NULL;
    }
  return KH_PORT_MAPPING_NONE;
}

/* --- One port ------------------------------------------------------------------------
 */

static gboolean
on_renewal (gpointer data)
{
  Port *port = data;

  kh_source_clear (&port->renewal);
  port->is_due = true;
  advance_soon (port->mapper);
  return G_SOURCE_REMOVE;
}

/* A mapping that was held before, and is another than the new one. NAT-PMP, and PCP with
 * the same nonce, know a mapping by its inside port: its removal would take the new one
 * along. */
static void
give_back (Port *port, KhPortMappingProtocol protocol, uint16_t new_port)
{
  Port *old;

  if (port->held == KH_PORT_MAPPING_NONE || port->held_port == new_port
      || port->held == KH_PORT_MAPPING_NAT_PMP || protocol == KH_PORT_MAPPING_NAT_PMP
      || (port->held == KH_PORT_MAPPING_PCP && protocol == KH_PORT_MAPPING_PCP)
      || port->mapper->ports->len >= 2 * KH_PORT_MAPPER_PORTS_MAX)
    return;
  old = add_port (port->mapper, port->mapping.internal_port);
  old->held = port->held;
  old->held_port = port->held_port;
  old->route = port->route;
  old->expires_at_us = port->expires_at_us;
  memcpy (old->nonce, port->nonce, sizeof old->nonce);
}

static void
take_mapping (Port *port, const KhPortMapperAnswer *answer)
{
  KhPortMapper *self = port->mapper;
  KhPortMapping mapping = { .protocol = port->asked,
                            .external_port = answer->external_port,
                            .external = answer->external,
                            .lifetime_s = answer->lifetime_s };
  uint32_t lease_s = answer->lifetime_s > 0 ? answer->lifetime_s : self->lease_s;

  give_back (port, port->asked, answer->external_port);
  port->held = port->asked;
  port->held_port = answer->external_port;
  port->route = port->asked_route;
  port->expires_at_us = answer->lifetime_s == 0
                            ? NEVER
                            : g_get_monotonic_time () + lease_s * G_USEC_PER_SEC;
  port->is_due = false;
  port->tried = 0;
  kh_source_clear (&port->renewal);
  port->renewal = kh_source_after (MAX (lease_s, 2) * 500, on_renewal, port);
  tell (port, mapping);
}

/* A request has failed, or took too long. */
static void
take_failure (Port *port)
{
  switch (port->goal)
    {
    case GOAL_MAPPED:
      port->tried |= 1u << port->asked;
      break;
    case GOAL_RENEWED:
      /* Searched anew: the router may be another one, or have started again. */
      port->mapper->must_search = true;
      port->held = KH_PORT_MAPPING_NONE;
      break;
    case GOAL_REMOVED: /* its lease will end */
      break;
    }
}

/* Nobody may be sent to such a port (src/PROTOCOL.md), so the mapping is of no use. */
static void
refuse_mapping (Port *port, const KhPortMapperAnswer *answer)
{
  Port *old = add_port (port->mapper, port->mapping.internal_port);

  old->held = port->asked;
  old->held_port = answer->external_port;
  old->route = port->asked_route;
  old->expires_at_us = NEVER;
  memcpy (old->nonce, port->nonce, sizeof old->nonce);
  port->held = KH_PORT_MAPPING_NONE;
  port->held_port = 0;
  port->tried |= 1u << port->asked;
}

static void
on_asked (gpointer data, const KhPortMapperAnswer *answer)
{
  Port *port = data;
  KhPortMapper *self = port->mapper;
  bool succeeded = answer != NULL;
  KhPortMapperAnswer got = succeeded ? *answer : (KhPortMapperAnswer){ 0 };

  drop_task (port); /* whose the answer was */
  if (port->goal == GOAL_REMOVED)
    port->held = KH_PORT_MAPPING_NONE;
  else if (!succeeded)
    take_failure (port);
  else if (got.external_port < KH_PORT_MAPPER_LOWEST_PORT)
    refuse_mapping (port, &got);
  else
    take_mapping (port, &got);
  advance_soon (self);
}

static gboolean
on_asked_too_long (gpointer data)
{
  on_asked (data, NULL);
  return G_SOURCE_REMOVE;
}

static uint16_t
port_to_wish (const Port *port)
{
  if (port->held_port != 0)
    return port->held_port;
  if (port->wanted_port != 0)
    return port->wanted_port;
  return port->mapping.internal_port >= KH_PORT_MAPPER_LOWEST_PORT
             ? port->mapping.internal_port
             : (uint16_t)(KH_PORT_MAPPER_LOWEST_PORT
                          + randombytes_uniform (UINT16_MAX
                                                 - KH_PORT_MAPPER_LOWEST_PORT));
}

static void
ask (Port *port, Goal goal, KhPortMappingProtocol protocol)
{
  const KhPortMapper *self = port->mapper;
  KhPortMapperRequest request = { .internal_port = port->mapping.internal_port,
                                  .external_port = port_to_wish (port),
                                  .lease_s = goal == GOAL_REMOVED ? 0 : self->lease_s,
                                  .is_mapped = goal == GOAL_RENEWED };

  memcpy (request.nonce, port->nonce, sizeof request.nonce);
  port->goal = goal;
  port->asked = protocol;
  port->asked_route = goal == GOAL_MAPPED ? self->looks[protocol].route : port->route;
  port->task_timer = kh_source_after (KH_PORT_MAPPER_ASK_MS, on_asked_too_long, port);
  port->task = WAYS[protocol]->ask (&port->asked_route, &request, on_asked, port);
}

/* --- Getting there -------------------------------------------------------------------
 */

static void
map (Port *port)
{
  KhPortMapper *self = port->mapper;
  bool may_come;
  KhPortMappingProtocol protocol = best_protocol (self, port, &may_come);

  if (protocol != KH_PORT_MAPPING_NONE)
    ask (port, GOAL_MAPPED, protocol);
  else if (!may_come && !self->must_search)
    {
      port->is_due = false;
      port->held_port = 0;
      tell (port, (KhPortMapping){ 0 });
    }
}

static void
advance_port (Port *port)
{
  KhPortMapper *self = port->mapper;

  if (port->task != NULL)
    return;
  if (!port->is_wanted)
    {
      if (port->held == KH_PORT_MAPPING_NONE
          || port->expires_at_us <= g_get_monotonic_time ())
        {
          g_ptr_array_remove (self->ports, port);
          advance_soon (self);
        }
      else
        ask (port, GOAL_REMOVED, port->held);
      return;
    }
  /* One after the other where they would be the same to the router. */
  if (!port->is_due || find_port (self, port->mapping.internal_port, false) != NULL)
    return;
  if (port->held != KH_PORT_MAPPING_NONE)
    ask (port, GOAL_RENEWED, port->held);
  else
    map (port);
}

/* Whether there is a port that is wanted and has no mapping, and none is on its way. */
static bool
lacks_mapping (const KhPortMapper *self)
{
  for (guint i = 0; i < self->ports->len; i++)
    {
      const Port *port = g_ptr_array_index (self->ports, i);

      if (port->is_wanted && !port->is_due && port->held == KH_PORT_MAPPING_NONE)
        return true;
    }
  return false;
}

static gboolean
on_close_over (gpointer data)
{
  KhPortMapper *self = data;

  kh_source_clear (&self->close_timer);
  kh_source_clear (&self->advance);
  g_ptr_array_set_size (self->ports, 0);
  self->closed (self->closed_data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_advance (gpointer data)
{
  KhPortMapper *self = data;

  kh_source_clear (&self->advance);
  if (self->must_search && self->closed == NULL)
    begin_search (self);
  for (guint i = self->ports->len; i > 0; i--)
    advance_port (g_ptr_array_index (self->ports, i - 1));
  if (self->closed != NULL)
    {
      if (self->ports->len == 0 && self->close_timer != NULL)
        on_close_over (self);
    }
  else if (self->again == NULL && !is_searching (self) && lacks_mapping (self))
    self->again = kh_source_after (KH_PORT_MAPPER_AGAIN_MS, on_again, self);
  return G_SOURCE_REMOVE;
}

static void
advance_soon (KhPortMapper *self)
{
  if (self->advance == NULL)
    self->advance = kh_source_after (0, on_advance, self);
}

/* --- The public functions ------------------------------------------------------------
 */

KhPortMapper *
kh_port_mapper_new (uint32_t lease_s, const KhPortMapperListener *listener, gpointer data)
{
  KhPortMapper *self = g_new0 (KhPortMapper, 1);

  self->ports = g_ptr_array_new_with_free_func (free_port);
  self->lease_s = MAX (lease_s, 2);
  self->callbacks = listener;
  self->data = data;
  return self;
}

void
kh_port_mapper_free (KhPortMapper *self)
{
  drop_looks (self);
  kh_source_clear (&self->again);
  kh_source_clear (&self->advance);
  kh_source_clear (&self->close_timer);
  g_ptr_array_unref (self->ports);
  g_free (self);
}

/* What is known of the router is known now. */
static bool
knows_router (const KhPortMapper *self)
{
  if (is_searching (self))
    return true;
  for (guint i = 0; i < self->ports->len; i++)
    if (((const Port *)g_ptr_array_index (self->ports, i))->held != KH_PORT_MAPPING_NONE)
      return true;
  return false;
}

bool
kh_port_mapper_add (KhPortMapper *self, uint16_t internal_port, uint16_t wanted_port)
{
  unsigned n_wanted = 0;
  Port *port;

  for (guint i = 0; i < self->ports->len; i++)
    n_wanted += ((const Port *)g_ptr_array_index (self->ports, i))->is_wanted;
  if (find_port (self, internal_port, true) != NULL)
    return true;
  if (n_wanted == KH_PORT_MAPPER_PORTS_MAX || self->closed != NULL)
    return false;
  if (!knows_router (self))
    self->must_search = true;
  port = add_port (self, internal_port);
  port->wanted_port = wanted_port;
  port->is_wanted = port->is_due = true;
  randombytes_buf (port->nonce, sizeof port->nonce);
  advance_soon (self);
  return true;
}

void
kh_port_mapper_remove (KhPortMapper *self, uint16_t internal_port)
{
  Port *port = find_port (self, internal_port, true);

  if (port == NULL)
    return;
  port->is_wanted = false;
  advance_soon (self);
}

bool
kh_port_mapper_get (const KhPortMapper *self, uint16_t internal_port,
                    KhPortMapping *mapping)
{
  const Port *port = find_port (self, internal_port, true);

  if (port == NULL || !port->is_told)
    return false;
  *mapping = port->mapping;
  return true;
}

void
kh_port_mapper_network_changed (KhPortMapper *self)
{
  KhPortMapperRoute now = { 0 };

  kh_gateway_find (&now.gateway, &now.own);
  drop_looks (self);
  for (guint i = 0; i < self->ports->len; i++)
    {
      Port *port = g_ptr_array_index (self->ports, i);

      port->is_due = true;
      if (port->held != KH_PORT_MAPPING_NONE && same_way (&port->route, &now))
        continue;
      drop_task (port);
      kh_source_clear (&port->renewal);
      port->held = KH_PORT_MAPPING_NONE;
      self->must_search = true;
    }
  advance_soon (self);
}

void
kh_port_mapper_close (KhPortMapper *self, void (*closed) (gpointer data), gpointer data)
{
  self->closed = closed;
  self->closed_data = data;
  drop_looks (self);
  kh_source_clear (&self->again);
  for (guint i = 0; i < self->ports->len; i++)
    ((Port *)g_ptr_array_index (self->ports, i))->is_wanted = false;
  self->close_timer = kh_source_after (KH_PORT_MAPPER_CLOSE_MS, on_close_over, self);
  advance_soon (self);
}

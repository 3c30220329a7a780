/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One port at a UPnP router, step by step; each step is a call and its answer.
 *
 * To map: version 2 of the service is asked to choose a port (AddAnyPortMapping). One of
 * version 1, or that can't, is first asked whose the port is, because some replace
 * another's mapping, then to map it (AddPortMapping); a taken one is left alone and the
 * next tried. To keep a mapping, it is mapped again.
 */
#include "net/http-exchange.h"
#include "net/port-mapper-private.h"
#include "net/source.h"

#include <string.h>

#define DESCRIPTION "Knothole"
/* Outside ports tried before there is none to be had. */
#define PORTS_MAX 4
/* From one to the next, so that the ports of a meeting point, which are neighbours, do
 * not meet. */
#define PORT_STEP 101

typedef enum
{
  ADD_ANY,
  WHOSE,
  ADD,
  EXTERNAL,
  DELETE,
} Step;

static const char *const ACTIONS[] = {
  [ADD_ANY] = "AddAnyPortMapping", [WHOSE] = "GetSpecificPortMappingEntry",
  [ADD] = "AddPortMapping",        [EXTERNAL] = "GetExternalIPAddress",
  [DELETE] = "DeletePortMapping",
};

typedef struct
{
  /* Owned */
  KhHttpExchange *exchange;

  /* Borrowed */
  KhPortMapperAsked asked;
  gpointer data;

  /* State */
  KhPortMapperRoute route;
  KhPortMapperRequest request;
  Step step;
  uint16_t port; /* the outside one that is tried */
  unsigned n_ports;
  uint32_t lease_s; /* 0: the router has no leases */
  char own[KH_ENDPOINT_TEXT_MAX];
} Task;

static void on_answer (gpointer data, unsigned status, const void *body, size_t len);

static void
call (Task *self, Step step, const KhIgdArgument *arguments)
{
  self->step = step;
  self->exchange = kh_http_exchange_new_take (
      &self->route.igd.control.endpoint,
      kh_igd_write_call (&self->route.igd, ACTIONS[step], arguments), KH_IGD_ANSWER_MAX,
      on_answer, self);
}

static void
call_add (Task *self, Step step)
{
  char external[8], internal[8], lease[16];
  const KhIgdArgument arguments[] = { { "NewRemoteHost", "" },
                                      { "NewExternalPort", external },
                                      { "NewProtocol", "TCP" },
                                      { "NewInternalPort", internal },
                                      { "NewInternalClient", self->own },
                                      { "NewEnabled", "1" },
                                      { "NewPortMappingDescription", DESCRIPTION },
                                      { "NewLeaseDuration", lease },
                                      { NULL, NULL } };

  g_snprintf (external, sizeof external, "%u", self->port);
  g_snprintf (internal, sizeof internal, "%u", self->request.internal_port);
  g_snprintf (lease, sizeof lease, "%u", self->lease_s);
  call (self, step, arguments);
}

/* Of the mapping of the port that is tried. */
static void
call_about_port (Task *self, Step step)
{
  char external[8];
  const KhIgdArgument arguments[] = { { "NewRemoteHost", "" },
                                      { "NewExternalPort", external },
                                      { "NewProtocol", "TCP" },
                                      { NULL, NULL } };

  g_snprintf (external, sizeof external, "%u", self->port);
  call (self, step, arguments);
}

static void
call_external (Task *self)
{
  static const KhIgdArgument nothing[] = { { NULL, NULL } };

  call (self, EXTERNAL, nothing);
}

/* The last thing done with @self: the owner stops it. */
static void
answer (Task *self, bool succeeded, const KhEndpoint *external)
{
  KhPortMapperAnswer mapped
      = { .external_port = self->port, .lifetime_s = self->lease_s };

  if (external != NULL)
    mapped.external = *external;
  self->asked (self->data, succeeded ? &mapped : NULL);
}

static void
try_next_port (Task *self)
{
  if (++self->n_ports == PORTS_MAX)
    {
      answer (self, false, NULL);
      return;
    }
  self->port = (uint16_t)(self->port < UINT16_MAX - PORT_STEP ? self->port + PORT_STEP
                                                              : 1024 + PORT_STEP);
  call_about_port (self, WHOSE);
}

static void
take_any (Task *self, unsigned fault, bool succeeded, const void *body, size_t len)
{
  char text[8];
  guint64 port = 0;

  if (succeeded && kh_igd_read_value (body, len, "NewReservedPort", text, sizeof text)
      && g_ascii_string_to_unsigned (text, 10, 1024, UINT16_MAX, &port, NULL))
    {
      self->port = (uint16_t)port;
      call_external (self);
    }
  else if (!succeeded && fault == KH_IGD_PERMANENT_ONLY && self->lease_s > 0)
    {
      self->lease_s = 0;
      call_add (self, ADD_ANY);
    }
  else
    call_about_port (self, WHOSE);
}

/* Where the router does not tell, it is left to it whether it refuses. */
static void
take_whose (Task *self, bool succeeded, const void *body, size_t len)
{
  char client[KH_ENDPOINT_TEXT_MAX], port[8];

  if (succeeded
      && kh_igd_read_value (body, len, "NewInternalClient", client, sizeof client)
      && kh_igd_read_value (body, len, "NewInternalPort", port, sizeof port)
      && (!g_str_equal (client, self->own)
          || g_ascii_strtoull (port, NULL, 10) != self->request.internal_port))
    try_next_port (self);
  else
    call_add (self, ADD);
}

static void
take_added (Task *self, unsigned fault, bool succeeded)
{
  if (succeeded)
    call_external (self);
  else if (fault == KH_IGD_PERMANENT_ONLY && self->lease_s > 0)
    {
      self->lease_s = 0;
      call_add (self, ADD);
    }
  else if (fault == KH_IGD_SAME_PORT_ONLY && self->port != self->request.internal_port
           && self->request.internal_port >= 1024)
    {
      self->port = self->request.internal_port;
      self->n_ports = PORTS_MAX - 1; /* no other will do */
      call_about_port (self, WHOSE);
    }
  else if (fault == KH_IGD_CONFLICT && !self->request.is_mapped)
    try_next_port (self);
  else
    answer (self, false, NULL);
}

static void
on_answer (gpointer data, unsigned status, const void *body, size_t len)
{
  Task *self = data;
  KhHttpExchange *exchange = g_steal_pointer (&self->exchange);
  unsigned fault = status == 0 ? 0 : kh_igd_read_fault (body, len);
  bool succeeded = status == 200 && kh_igd_is_answer (body, len, ACTIONS[self->step]);
  KhEndpoint external = { 0 };

  switch (self->step)
    {
    case ADD_ANY:
      if (status == 0)
        answer (self, false, NULL);
      else
        take_any (self, fault, succeeded, body, len);
      break;
    case WHOSE:
      take_whose (self, succeeded, body, len);
      break;
    case ADD:
      take_added (self, fault, succeeded);
      break;
    case EXTERNAL:
      if (succeeded)
        external = kh_port_mapper_upnp_external (body, len, self->port);
      answer (self, true, &external);
      break;
    case DELETE:
      answer (self, succeeded || fault == KH_IGD_NO_SUCH_ENTRY, NULL);
      break;
    }
  kh_http_exchange_free (exchange);
}

static gpointer
ask (const KhPortMapperRoute *route, const KhPortMapperRequest *request,
     KhPortMapperAsked asked, gpointer data)
{
  Task *self = g_new0 (Task, 1);

  self->route = *route;
  self->request = *request;
  self->asked = asked;
  self->data = data;
  self->port = request->external_port;
  self->lease_s = request->lease_s;
  kh_endpoint_print (&route->own, self->own);
  *strrchr (self->own, ':') = '\0'; /* the address alone */
  if (request->lease_s == 0)
    call_about_port (self, DELETE);
  else if (request->is_mapped)
    call_add (self, ADD);
  else if (kh_igd_chooses_ports (&route->igd))
    call_add (self, ADD_ANY);
  else
    call_about_port (self, WHOSE);
  return self;
}

static void
stop (gpointer data)
{
  Task *self = data;

  kh_http_exchange_free (self->exchange);
  g_free (self);
}

const KhPortMapperWay kh_port_mapper_upnp
    = { kh_port_mapper_upnp_look, ask, kh_port_mapper_upnp_stop_look, stop };

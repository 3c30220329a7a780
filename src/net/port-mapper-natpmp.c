/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/port-mapper-private.h"

#include "net/port.h"
#include "net/source.h"

#include <natpmp.h>
#include <string.h>

/* Answers to earlier questions that may come in between. */
#define STRAYS_MAX 16
/* Lengths of the two answers there are (RFC 6886 sections 3.2 and 3.3). libnatpmp looks
 * at no length. */
#define ADDRESS_LEN 12
#define MAP_LEN 16
#define ERROR_LEN 8
/* The opcode of the former. */
#define PUBLIC_ADDRESS 128

/* Asks for the mapping, if one is wanted, then for the outside address. */
typedef struct
{
  /* Owned */
  GSocket *socket; /* that of @natpmp, which is connected to the router */
  GSource *source;
  GSource *timer;

  /* Borrowed */
  KhPortMapperLooked looked; /* NULL where a mapping is asked for */
  KhPortMapperAsked asked;
  gpointer data;

  /* State */
  KhPortMapperRoute route;
  KhPortMapperRequest request;
  KhPortMapperAnswer mapped;
  natpmp_t natpmp;
  bool is_mapping; /* the answer waited for is that of the mapping */
  unsigned n_strays;
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
answer (Task *self, bool succeeded)
{
  kh_source_clear (&self->source);
  kh_source_clear (&self->timer);
  if (self->looked != NULL)
    self->looked (self->data, succeeded ? &self->route : NULL);
  else
    self->asked (self->data, succeeded ? &self->mapped : NULL);
}

/* What is mapped already is so, at an address that the router does not tell. */
static void
fail (Task *self)
{
  answer (self, self->looked == NULL && !self->is_mapping);
}

static gboolean on_pause_over (gpointer data);

static void
wait_for_answer (Task *self)
{
  struct timeval left = { 0 };

  kh_source_clear (&self->timer);
  getnatpmprequesttimeout (&self->natpmp, &left);
  self->timer = kh_source_after (
      (guint)CLAMP (left.tv_sec * 1000 + left.tv_usec / 1000 + 1, 1, 60000),
      on_pause_over, self);
}

static void
send_question (Task *self)
{
  /* RFC 6886 section 3.4: a removal names no outside port. */
  uint16_t external_port = self->request.lease_s > 0 ? self->request.external_port : 0;

  if (self->is_mapping)
    sendnewportmappingrequest (&self->natpmp, NATPMP_PROTOCOL_TCP,
                               self->request.internal_port, external_port,
                               self->request.lease_s);
  else
    sendpublicaddressrequest (&self->natpmp);
  wait_for_answer (self);
}

/* An answer that belongs to another question: libnatpmp waits for none now. */
static void
ask_again (Task *self)
{
  if (++self->n_strays > STRAYS_MAX)
    answer (self, false);
  else
    send_question (self);
}

static void
take_mapping (Task *self, const natpmpresp_t *got)
{
  if (got->type != NATPMP_RESPTYPE_TCPPORTMAPPING
      || got->pnu.newportmapping.privateport != self->request.internal_port)
    {
      ask_again (self);
      return;
    }
  self->mapped.external_port = got->pnu.newportmapping.mappedpublicport;
  self->mapped.lifetime_s
      = MIN (got->pnu.newportmapping.lifetime, KH_PORT_MAPPER_LIFETIME_MAX_S);
  if (self->request.lease_s == 0 || self->mapped.external_port == 0
      || self->mapped.lifetime_s == 0)
    {
      answer (self, self->mapped.lifetime_s == 0 && self->request.lease_s == 0);
      return;
    }
  self->is_mapping = false;
  send_question (self);
}

static void
take_address (Task *self, const natpmpresp_t *got)
{
  if (got->type != NATPMP_RESPTYPE_PUBLICADDRESS)
    {
      ask_again (self);
      return;
    }
  self->mapped.external = kh_endpoint_v4 (
      (const uint8_t *)&got->pnu.publicaddress.addr.s_addr, self->mapped.external_port);
  if (kh_endpoint_kind (&self->mapped.external) == KH_ENDPOINT_NONE)
    self->mapped.external = (KhEndpoint){ 0 };
  answer (self, true);
}

static void
read_answer (Task *self)
{
  natpmpresp_t got = { 0 };
  int result = readnatpmpresponseorretry (&self->natpmp, &got);

  if (result == NATPMP_TRYAGAIN)
    wait_for_answer (self);
  else if (result == 0 && self->is_mapping)
    take_mapping (self, &got);
  else if (result == 0)
    take_address (self, &got);
  else
    fail (self);
}

static gboolean
on_pause_over (gpointer data)
{
  Task *self = data;

  kh_source_clear (&self->timer);
  if (self->socket == NULL)
    answer (self, false);
  else
    read_answer (self);
  return G_SOURCE_REMOVE;
}

/* Looks at the length of the next datagram, and leaves only whole answers to libnatpmp.
 * False, and @error, when nobody listens there. */
static bool
peek (GSocket *socket, bool *is_answer, GError **error)
{
  uint8_t bytes[KH_PORT_MAPPER_DATAGRAM_MAX];
  GInputVector vector = { bytes, sizeof bytes };
  int flags = G_SOCKET_MSG_PEEK;
  gssize len = g_socket_receive_message (socket, NULL, &vector, 1, NULL, NULL, &flags,
                                         NULL, error);

  *is_answer = false;
  if (len < 0)
    return false;
  *is_answer = (len == MAP_LEN && bytes[1] != PUBLIC_ADDRESS)
               || (len == ADDRESS_LEN && bytes[1] == PUBLIC_ADDRESS)
               /* Errors may be as short as their header (section 3.5). */
               || (len >= ERROR_LEN && (bytes[2] != 0 || bytes[3] != 0));
  if (!*is_answer)
    g_socket_receive (socket, (char *)bytes, sizeof bytes, NULL, NULL);
  return true;
}

static gboolean
on_readable (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  Task *self = data;
  g_autoptr (GError) error = NULL;
  bool is_answer;

  if (peek (socket, &is_answer, &error))
    {
      if (is_answer)
        read_answer (self);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    fail (self);
  /* Still the same source where @self lives and waits on. */
  return G_SOURCE_CONTINUE;
}

static Task *
new_task (const KhPortMapperRoute *route, gpointer data)
{
  Task *self = g_new0 (Task, 1);
  in_addr_t gateway;

  self->route = *route;
  self->data = data;
  memcpy (&gateway, route->gateway.address, sizeof gateway);
  if (initnatpmp (&self->natpmp, 1, gateway) == 0)
    self->socket = kh_port_wrap (self->natpmp.s);
  if (self->socket != NULL)
    self->source = kh_source_watch (self->socket, G_IO_IN, on_readable, self);
  return self;
}

static void
begin (Task *self)
{
  if (self->socket != NULL)
    send_question (self);
  else
    self->timer = kh_source_after (0, on_pause_over, self);
}

static gpointer
look (const KhPortMapperRoute *route, KhPortMapperLooked looked, gpointer data)
{
  Task *self = new_task (route, data);

  self->looked = looked;
  begin (self);
  return self;
}

static gpointer
ask (const KhPortMapperRoute *route, const KhPortMapperRequest *request,
     KhPortMapperAsked asked, gpointer data)
{
  Task *self = new_task (route, data);

  self->asked = asked;
  self->request = *request;
  self->is_mapping = true;
  begin (self);
  return self;
}

const KhPortMapperWay kh_port_mapper_natpmp = { look, ask, stop, stop };

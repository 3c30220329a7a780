/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/mapped-port.h"

#include "net/port.h"
#include "net/socket.h"
#include "net/source.h"

#include <string.h>

/* Somebody who has not said all of the tag yet. */
typedef struct
{
  /* Borrowed */
  KhMappedPort *port;

  /* Owned */
  GSocket *socket;
  GSource *input;
  GSource *timer;

  /* State */
  uint8_t tag[KH_TOKEN_LEN];
  size_t len;
} Visitor;

struct _KhMappedPort
{
  /* Owned */
  GSocket *listener;
  GSource *source;
  GPtrArray *visitors; /* Visitor, the oldest first */

  /* Borrowed */
  KhMappedPortFunc came;
  gpointer data;

  /* State */
  uint16_t number;
};

static void
free_visitor (gpointer data)
{
  Visitor *self = data;

  kh_source_clear (&self->input);
  kh_source_clear (&self->timer);
  g_clear_object (&self->socket);
  g_free (self);
}

static gboolean
on_input (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  Visitor *self = data;
  KhMappedPort *port = self->port;
  KhSocketResult result;
  size_t n = 0;

  result = kh_socket_read (g_socket_get_fd (socket), self->tag + self->len,
                           sizeof self->tag - self->len, &n);
  if (result == KH_SOCKET_PENDING)
    return G_SOURCE_CONTINUE;
  if (result == KH_SOCKET_DONE)
    {
      self->len += n;
      if (self->len < sizeof self->tag)
        return G_SOURCE_CONTINUE;
      port->came (port->data, self->tag, self->socket);
    }
  g_ptr_array_remove (port->visitors, self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_timeout (gpointer data)
{
  Visitor *self = data;

  g_ptr_array_remove (self->port->visitors, self);
  return G_SOURCE_REMOVE;
}

static void
receive_visitor (KhMappedPort *self, GSocket *socket)
{
  Visitor *visitor = g_new0 (Visitor, 1);

  if (self->visitors->len >= KH_MAPPED_PORT_WAITING)
    g_ptr_array_remove_index (self->visitors, 0);
  visitor->port = self;
  visitor->socket = socket;
  visitor->input = kh_source_watch (socket, G_IO_IN, on_input, visitor);
  visitor->timer = kh_source_after (KH_MAPPED_PORT_MS, on_timeout, visitor);
  g_ptr_array_add (self->visitors, visitor);
}

static gboolean
on_inbound (GSocket *listener, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  KhMappedPort *self = data;
  int fd;

  while ((fd = kh_socket_accept (g_socket_get_fd (listener), NULL)) != KH_SOCKET_NONE)
    {
      GSocket *socket = kh_port_wrap (fd);

      if (socket != NULL)
        receive_visitor (self, socket);
    }
  return G_SOURCE_CONTINUE;
}

/* A port that somebody else holds is not shared. */
static GSocket *
listen_on (uint16_t port)
{
  KhEndpoint local = { .family = 4, .port = port };
  g_autoptr (GSocket) socket = NULL;
  int fd;

  if (!kh_socket_port_is_free (&local)
      || (fd = kh_socket_bound (&local)) == KH_SOCKET_NONE)
    return NULL;
  socket = kh_port_wrap (fd);
  if (socket == NULL || !kh_socket_listen (fd, KH_MAPPED_PORT_WAITING))
    return NULL;
  return g_steal_pointer (&socket);
}

KhMappedPort *
kh_mapped_port_new (uint16_t port, KhMappedPortFunc came, gpointer data)
{
  KhMappedPort *self;
  GSocket *listener
      = port == 0 ? kh_port_listen (4, KH_MAPPED_PORT_WAITING, &port) : listen_on (port);

  if (listener == NULL)
    return NULL;
  self = g_new0 (KhMappedPort, 1);
  self->listener = listener;
  self->visitors = g_ptr_array_new_with_free_func (free_visitor);
  self->came = came;
  self->data = data;
  self->number = port;
  self->source = kh_source_watch (listener, G_IO_IN, on_inbound, self);
  return self;
}

void
kh_mapped_port_free (KhMappedPort *self)
{
  kh_source_clear (&self->source);
  g_ptr_array_unref (self->visitors);
  g_object_unref (self->listener);
  g_free (self);
}

uint16_t
kh_mapped_port_number (const KhMappedPort *self)
{
  return self->number;
}

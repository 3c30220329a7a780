/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http-exchange.h"

#include "net/port.h"
#include "net/socket.h"
#include "net/source.h"
#include "proto/http-reply.h"

#include <string.h>

struct _KhHttpExchange
{
  /* Owned */
  char *request;
  uint8_t *body;
  GSocket *socket;
  GSource *source;

  /* Borrowed */
  KhHttpExchangeDone done;
  gpointer data;

  /* State */
  KhHttpReply reply;
  size_t len;
  size_t n_written;
};

static void
finish (KhHttpExchange *self)
{
  bool is_whole = self->reply.state == KH_HTTP_REPLY_DONE;

  kh_source_clear (&self->source);
  self->done (self->data, is_whole ? self->reply.status : 0, self->body,
              is_whole ? self->reply.body_len : 0);
}

static gboolean
on_failed (gpointer data)
{
  finish (data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_readable (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  KhHttpExchange *self = data;
  uint8_t bytes[4096];
  size_t n;

  /* One read a turn of the loop: a router that never ends must not hold it up. */
  switch (kh_socket_read (g_socket_get_fd (socket), bytes, sizeof bytes, &n))
    {
    case KH_SOCKET_PENDING:
      return G_SOURCE_CONTINUE;
    case KH_SOCKET_DONE:
      kh_http_reply_receive (&self->reply, bytes, n);
      if (self->reply.state < KH_HTTP_REPLY_DONE)
        return G_SOURCE_CONTINUE;
      break;
    case KH_SOCKET_ENDED:
      kh_http_reply_end (&self->reply);
      break;
    default:
      self->reply.state = KH_HTTP_REPLY_FAILED;
    }
  finish (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_writable (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  KhHttpExchange *self = data;
  int fd = g_socket_get_fd (socket);
  KhSocketResult result = kh_socket_take_error (fd);
  size_t n = 0;

  if (result == KH_SOCKET_DONE)
    result = kh_socket_write (fd, self->request + self->n_written,
                              self->len - self->n_written, &n);
  if (result == KH_SOCKET_PENDING)
    return G_SOURCE_CONTINUE;
  if (result != KH_SOCKET_DONE)
    {
      self->reply.state = KH_HTTP_REPLY_FAILED;
      finish (self);
      return G_SOURCE_REMOVE;
    }
  self->n_written += n;
  if (self->n_written < self->len)
    return G_SOURCE_CONTINUE;
  kh_source_clear (&self->source);
  self->source = kh_source_watch (socket, G_IO_IN, on_readable, self);
  return G_SOURCE_REMOVE;
}

static bool
dial (KhHttpExchange *self, const KhEndpoint *router)
{
  KhEndpoint local = { .family = router->family };
  int fd = kh_socket_bound (&local);
  KhSocketResult result;

  if (fd == KH_SOCKET_NONE)
    return false;
  result = kh_socket_connect (fd, router);
  self->socket = kh_port_wrap (fd);
  return self->socket != NULL
         && (result == KH_SOCKET_PENDING || result == KH_SOCKET_DONE);
}

KhHttpExchange *
kh_http_exchange_new_take (const KhEndpoint *router, char *request, size_t max_len,
                           KhHttpExchangeDone done, gpointer data)
{
  KhHttpExchange *self = g_new0 (KhHttpExchange, 1);

  self->request = request;
  self->len = strlen (request);
  self->done = done;
  self->data = data;
  self->body = g_malloc (max_len);
  kh_http_reply_init (&self->reply, self->body, max_len);
  if (dial (self, router))
    self->source = kh_source_watch (self->socket, G_IO_OUT, on_writable, self);
  else
    {
      self->reply.state = KH_HTTP_REPLY_FAILED;
      self->source = kh_source_after (0, on_failed, self);
    }
  return self;
}

void
kh_http_exchange_free (KhHttpExchange *self)
{
  if (self == NULL)
    return;
  kh_source_clear (&self->source);
  g_clear_object (&self->socket);
  g_free (self->body);
  g_free (self->request);
  g_free (self);
}

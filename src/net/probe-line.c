/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/probe-line.h"

#include "net/port.h"
#include "net/socket.h"
#include "net/source.h"
#include "proto/messages.h"
#include "proto/writer.h"

#include <sodium.h>
#include <string.h>

/* A main port's first record: length, version, pattern, token. */
#define OBSERVE_PATTERN 3
#define RECORD_LEN (2 + 2 + KH_TOKEN_LEN)

/* The first SYN of one side may come before the other's router expects it, not the next;
 * and where a server lies about the endpoint, it is a stranger who gets these few. */
#define MEET_TRIES 6
#define MEET_PAUSE_MS 100

typedef enum
{
  SHOWS,  /* to an assist port */
  GREETS, /* to a main port */
  MEETS,
  INBOUND,
} Kind;

/* One connection of the line. */
typedef struct
{
  /* Borrowed */
  KhProbeLine *line;

  /* Owned */
  GSocket *socket;
  GSource *source;
  GSource *timer;

  /* State */
  Kind kind;
  KhEndpoint peer;
  uint8_t bytes[RECORD_LEN]; /* to write */
  size_t len;
  unsigned n_tries;
  uint8_t heard[KH_TOKEN_LEN];
  size_t n_heard;
} Contact;

struct _KhProbeLine
{
  /* Owned */
  GSocket *listener;
  GSource *listener_source;
  GPtrArray *contacts;

  /* Borrowed */
  const KhProbeLineListener *callbacks;
  gpointer data;

  /* State */
  uint8_t family;
  uint16_t port;
  unsigned n_inbound;
};

static bool dial (Contact *contact);

static void
hang_up (Contact *contact)
{
  kh_source_clear (&contact->source);
  kh_source_clear (&contact->timer);
  g_clear_object (&contact->socket);
}

static void
free_contact (gpointer data)
{
  Contact *contact = data;

  hang_up (contact);
  sodium_memzero (contact, sizeof *contact);
  g_free (contact);
}

static Contact *
add_contact (KhProbeLine *self, Kind kind)
{
  Contact *contact = g_new0 (Contact, 1);

  contact->line = self;
  contact->kind = kind;
  g_ptr_array_add (self->contacts, contact);
  return contact;
}

static gboolean
on_pause_over (gpointer data)
{
  Contact *contact = data;

  kh_source_clear (&contact->timer);
  dial (contact);
  return G_SOURCE_REMOVE;
}

/* The dial was refused, or the other end closed before it knew us. */
static void
dial_failed (Contact *contact)
{
  bool meets = contact->kind == MEETS;

  hang_up (contact);
  if (contact->kind == INBOUND || contact->kind == GREETS
      || contact->n_tries >= (meets ? MEET_TRIES : KH_PROBE_LINE_TRIES))
    return;
  contact->timer = kh_source_after (meets ? MEET_PAUSE_MS : KH_PROBE_LINE_PAUSE_MS,
                                    on_pause_over, contact);
}

/* --- What comes in -------------------------------------------------------------------
 */

/* True while more may come. */
static bool
read_token (Contact *contact)
{
  KhProbeLine *self = contact->line;
  size_t n;

  switch (kh_socket_read (g_socket_get_fd (contact->socket),
                          contact->heard + contact->n_heard,
                          sizeof contact->heard - contact->n_heard, &n))
    {
    case KH_SOCKET_PENDING:
      return true;
    case KH_SOCKET_DONE:
      contact->n_heard += n;
      if (contact->n_heard < sizeof contact->heard)
        return true;
      self->callbacks->heard (self->data, self, contact->heard);
      return false;
    default:
      return false;
    }
}

static gboolean
on_readable (G_GNUC_UNUSED GSocket *socket, G_GNUC_UNUSED GIOCondition condition,
             gpointer data)
{
  Contact *contact = data;

  if (contact->n_heard < sizeof contact->heard && read_token (contact))
    return G_SOURCE_CONTINUE;
  /* Of a server nothing but the end is heard; the owner knows whether it comes early. */
  if (contact->kind == SHOWS)
    dial_failed (contact);
  else
    kh_source_clear (&contact->source);
  return G_SOURCE_REMOVE;
}

static gboolean
on_too_slow (gpointer data)
{
  hang_up (data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_inbound (GSocket *listener, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  KhProbeLine *self = data;
  int fd;

  while ((fd = kh_socket_accept (g_socket_get_fd (listener), NULL)) != KH_SOCKET_NONE)
    {
      Contact *contact;

      if (self->n_inbound == KH_PROBE_LINE_INBOUND_MAX)
        {
          kh_socket_close (fd);
          continue;
        }
      self->n_inbound++;
      contact = add_contact (self, INBOUND);
      contact->socket = kh_port_wrap (fd);
      if (contact->socket == NULL)
        continue;
      contact->source = kh_source_watch (contact->socket, G_IO_IN, on_readable, contact);
      contact->timer = kh_source_after (KH_PROBE_LINE_PATIENCE_MS, on_too_slow, contact);
    }
  return G_SOURCE_CONTINUE;
}

/* --- What goes out -------------------------------------------------------------------
 */

static gboolean
on_connected (GSocket *socket, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  Contact *contact = data;
  KhSocketResult result = kh_socket_take_error (g_socket_get_fd (socket));
  size_t n;

  if (result == KH_SOCKET_PENDING)
    return G_SOURCE_CONTINUE;
  if (result != KH_SOCKET_DONE
      || kh_socket_write (g_socket_get_fd (socket), contact->bytes, contact->len, &n)
             != KH_SOCKET_DONE
      || n != contact->len)
    {
      dial_failed (contact);
      return G_SOURCE_REMOVE;
    }
  kh_source_clear (&contact->source);
  contact->source = kh_source_watch (socket, G_IO_IN, on_readable, contact);
  return G_SOURCE_REMOVE;
}

/* False when there is no way there at all. */
static bool
dial (Contact *contact)
{
  KhProbeLine *self = contact->line;
  int fd = kh_port_bind (self->family, self->port);
  KhSocketResult result;

  contact->n_tries++;
  if (fd == KH_SOCKET_NONE)
    return false;
  result = kh_socket_connect (fd, &contact->peer);
  contact->socket = kh_port_wrap (fd);
  if (contact->socket == NULL || result == KH_SOCKET_NO_ROUTE)
    {
      hang_up (contact);
      return false;
    }
  if (result != KH_SOCKET_PENDING && result != KH_SOCKET_DONE)
    {
      dial_failed (contact);
      return true;
    }
  kh_socket_set_no_delay (fd);
  contact->source = kh_source_watch (contact->socket, G_IO_OUT, on_connected, contact);
  return true;
}

KhProbeLine *
kh_probe_line_new (uint8_t family, const KhProbeLineListener *listener, gpointer data)
{
  uint16_t port;
  GSocket *socket = kh_port_listen (family, KH_PROBE_LINE_INBOUND_MAX, &port);
  KhProbeLine *self;

  if (socket == NULL)
    return NULL;
  self = g_new0 (KhProbeLine, 1);
  self->listener = socket;
  self->callbacks = listener;
  self->data = data;
  self->family = family;
  self->port = port;
  self->contacts = g_ptr_array_new_with_free_func (free_contact);
  self->listener_source = kh_source_watch (socket, G_IO_IN, on_inbound, self);
  return self;
}

void
kh_probe_line_free (KhProbeLine *self)
{
  g_ptr_array_unref (self->contacts);
  kh_source_clear (&self->listener_source);
  g_clear_object (&self->listener);
  g_free (self);
}

uint16_t
kh_probe_line_port (const KhProbeLine *self)
{
  return self->port;
}

bool
kh_probe_line_show (KhProbeLine *self, const KhEndpoint *server, bool is_main,
                    const uint8_t token[KH_TOKEN_LEN], KhEndpoint *local)
{
  Contact *contact = add_contact (self, is_main ? GREETS : SHOWS);
  KhWriter writer;

  contact->peer = *server;
  kh_writer_init (&writer, contact->bytes, sizeof contact->bytes);
  if (is_main)
    {
      kh_writer_u16 (&writer, 2 + KH_TOKEN_LEN);
      kh_writer_u8 (&writer, KH_MESSAGES_VERSION);
      kh_writer_u8 (&writer, OBSERVE_PATTERN);
    }
  kh_writer_bytes (&writer, token, KH_TOKEN_LEN);
  contact->len = writer.len;
  return dial (contact) && contact->socket != NULL
         && kh_socket_local (g_socket_get_fd (contact->socket), local);
}

void
kh_probe_line_meet (KhProbeLine *self, const KhEndpoint *peer,
                    const uint8_t token[KH_TOKEN_LEN])
{
  Contact *contact = add_contact (self, MEETS);

  contact->peer = *peer;
  contact->len = KH_TOKEN_LEN;
  memcpy (contact->bytes, token, KH_TOKEN_LEN);
  dial (contact);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GSocket's own sources learn of a socket by what GSocket itself has read and written;
 * ours are read and written by net/socket. And each would be a handle to wait for, of
 * which the system takes 64 at a time, while a spray has hundreds.
 *
 * So all sockets of a main context have one event between them, which says that
 * something has changed. What holds then, select() says of all of them at once; those
 * that are ready get a ready time.
 *
 * A socket has one event at a time. GSocket's own sources take theirs, and with it ours,
 * from the socket when they are freed, and that is after their callback, in which a
 * socket that GIO has connected gets its first watch. So a watch asks for the event when
 * the loop comes round: all that was dispatched before is freed then.
 */
#include "net/source.h"

#include <gio/gnetworking.h>

#define CHANGES (FD_READ | FD_WRITE | FD_OOB | FD_ACCEPT | FD_CONNECT | FD_CLOSE)

/* As fd_set, with room for any number: select() takes it so. */
typedef struct
{
  u_int n;
  SOCKET sockets[];
} SocketSet;

/* Of one main context. */
typedef struct
{
  GSource source;

  /* Owned */
  GPollFD changed;
  GPtrArray *watches; /* of Watch, borrowed: they leave when they are freed */
  SocketSet *readable;
  SocketSet *writable;
  SocketSet *failed;

  /* State */
  guint room; /* in each set */
} Hub;

typedef struct
{
  GSource source;

  /* Owned */
  GSocket *socket;
  Hub *hub;

  /* State */
  GIOCondition wanted;
  GIOCondition ready;
  gboolean has_event; /* what changes sets the event of the hub */
} Watch;

/* Of this thread, for the main context that was the last to get a watch. */
static GPrivate current_hub;

/* --- Hub ------------------------------------------------------------------------- */

static SOCKET
socket_of (const Watch *watch)
{
  return (SOCKET)(intptr_t)g_socket_get_fd (watch->socket);
}

static gboolean
is_watched (const Watch *watch)
{
  return !g_source_is_destroyed ((GSource *)watch) && !g_socket_is_closed (watch->socket);
}

static SocketSet *
set_with_room (SocketSet *old, guint room)
{
  g_free (old);
  return g_malloc (sizeof (SocketSet) + room * sizeof (SOCKET));
}

static void
make_room (Hub *self)
{
  if (self->readable != NULL && self->watches->len <= self->room)
    return;
  self->room = self->watches->len * 2;
  self->readable = set_with_room (self->readable, self->room);
  self->writable = set_with_room (self->writable, self->room);
  self->failed = set_with_room (self->failed, self->room);
}

/* A socket may have two watches, and both want to hear of it. */
static void
take_event (Hub *self, Watch *watch)
{
  WSAEventSelect (socket_of (watch), (HANDLE)self->changed.fd, CHANGES);
  watch->has_event = TRUE;
}

static void
fill_sets (Hub *self)
{
  make_room (self);
  self->readable->n = self->writable->n = self->failed->n = 0;
  for (guint i = 0; i < self->watches->len; i++)
    {
      Watch *watch = g_ptr_array_index (self->watches, i);

      if (!is_watched (watch))
        continue;
      if (!watch->has_event)
        take_event (self, watch);
      if ((watch->wanted & G_IO_IN) != 0)
        self->readable->sockets[self->readable->n++] = socket_of (watch);
      if ((watch->wanted & G_IO_OUT) != 0)
        {
          self->writable->sockets[self->writable->n++] = socket_of (watch);
          self->failed->sockets[self->failed->n++] = socket_of (watch);
        }
    }
}

/* select() leaves the few that are ready. */
static gboolean
has (const SocketSet *set, SOCKET socket)
{
  for (u_int i = 0; i < set->n; i++)
    if (set->sockets[i] == socket)
      return TRUE;
  return FALSE;
}

/* What of what it waits for holds. */
static GIOCondition
condition_of (const Hub *self, const Watch *watch)
{
  SOCKET socket = socket_of (watch);
  GIOCondition ready = 0;

  if ((watch->wanted & G_IO_IN) != 0 && has (self->readable, socket))
    ready |= G_IO_IN;
  if ((watch->wanted & G_IO_OUT) != 0 && has (self->writable, socket))
    ready |= G_IO_OUT;
  if ((watch->wanted & G_IO_OUT) != 0 && has (self->failed, socket))
    ready |= G_IO_ERR | G_IO_HUP;
  return ready;
}

/* Where select() fails for one of them it says nothing of any: each owner finds out. */
static void
mark_failed (Hub *self)
{
  for (guint i = 0; i < self->watches->len; i++)
    {
      Watch *watch = g_ptr_array_index (self->watches, i);

      if (!is_watched (watch))
        continue;
      watch->ready = watch->wanted | G_IO_ERR;
      g_source_set_ready_time ((GSource *)watch, 0);
    }
}

static void
mark_ready (Hub *self)
{
  for (guint i = 0; i < self->watches->len; i++)
    {
      Watch *watch = g_ptr_array_index (self->watches, i);

      if (!is_watched (watch))
        continue;
      watch->ready = condition_of (self, watch);
      if (watch->ready != 0)
        g_source_set_ready_time ((GSource *)watch, 0);
    }
}

/* Looks at what holds now, after the event has been taken back: what changes later sets
 * it again. */
static void
look (Hub *self)
{
  struct timeval at_once = { 0 };
  int n;

  ResetEvent ((HANDLE)self->changed.fd);
  fill_sets (self);
  if (self->readable->n + self->writable->n == 0)
    return;
  n = select (0, (fd_set *)self->readable, (fd_set *)self->writable,
              (fd_set *)self->failed, &at_once);
  if (n > 0)
    mark_ready (self);
  else if (n == SOCKET_ERROR)
    mark_failed (self);
}

/* The ready times of the watches end the wait. */
static gboolean
prepare (GSource *source, int *timeout_ms)
{
  *timeout_ms = -1;
  look ((Hub *)source);
  return FALSE;
}

static gboolean
check (GSource *source)
{
  Hub *self = (Hub *)source;

  if (self->changed.revents != 0)
    look (self);
  return FALSE;
}

static gboolean
dispatch_nothing (GSource *source, GSourceFunc callback, gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
finalize_hub (GSource *source)
{
  Hub *self = (Hub *)source;

  WSACloseEvent ((HANDLE)self->changed.fd);
  g_ptr_array_unref (self->watches);
  g_free (self->readable);
  g_free (self->writable);
  g_free (self->failed);
}

static GSourceFuncs hub_functions = { .prepare = prepare,
                                      .check = check,
                                      .dispatch = dispatch_nothing,
                                      .finalize = finalize_hub };

/* The caller owns it with all others who got it; it is gone with the last. */
static Hub *
take_hub (GMainContext *context)
{
  Hub *hub = g_private_get (&current_hub);

  if (hub != NULL && g_source_get_context ((GSource *)hub) == context)
    {
      g_source_ref ((GSource *)hub);
      return hub;
    }
  hub = (Hub *)g_source_new (&hub_functions, sizeof *hub);
  g_source_set_static_name ((GSource *)hub, "sockets");
  hub->changed.fd = (gintptr)WSACreateEvent ();
  hub->changed.events = G_IO_IN;
  hub->watches = g_ptr_array_new ();
  g_source_add_poll ((GSource *)hub, &hub->changed);
  g_source_attach ((GSource *)hub, context);
  g_private_set (&current_hub, hub);
  return hub;
}

static void
leave_hub (Hub *hub, Watch *watch)
{
  g_ptr_array_remove (hub->watches, watch);
  if (hub->watches->len == 0)
    {
      if (g_private_get (&current_hub) == hub)
        g_private_set (&current_hub, NULL);
      g_source_destroy ((GSource *)hub);
    }
  g_source_unref ((GSource *)hub);
}

/* --- Watch ------------------------------------------------------------------------- */

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  Watch *self = (Watch *)source;
  GSocketSourceFunc function = (GSocketSourceFunc)(void *)callback;

  g_source_set_ready_time (source, -1);
  return function (self->socket, self->ready, data);
}

static void
finalize (GSource *source)
{
  Watch *self = (Watch *)source;

  leave_hub (self->hub, self);
  g_object_unref (self->socket);
}

static GSourceFuncs watch_functions = { .dispatch = dispatch, .finalize = finalize };

GSource *
kh_source_watch (GSocket *socket, GIOCondition condition, GSocketSourceFunc callback,
                 gpointer data)
{
  GMainContext *context = g_main_context_get_thread_default ();
  GSource *source = g_source_new (&watch_functions, sizeof (Watch));
  Watch *self = (Watch *)source;

  if (context == NULL)
    context = g_main_context_default ();
  self->socket = g_object_ref (socket);
  self->wanted = condition;
  self->hub = take_hub (context);
  g_ptr_array_add (self->hub->watches, self);
  g_source_set_callback (source, G_SOURCE_FUNC (callback), data, NULL);
  g_source_attach (source, context);
  return source;
}

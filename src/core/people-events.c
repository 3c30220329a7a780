/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/news.h"
#include "core/people-private.h"

/* How often speeds are read while something moves: a figure that one can follow. */
#define RATE_MS 500

/* --- Speeds --------------------------------------------------------------------------
 */

/* False: nothing moves any more. */
static bool
refresh_rates (KhPeople *self, KhPerson *person)
{
  gint64 now_us = g_get_monotonic_time ();
  guint64 up = kh_rate_meter_rate (&person->up, now_us);
  guint64 down = kh_rate_meter_rate (&person->down, now_us);

  if (up != person->path.up_rate || down != person->path.down_rate)
    {
      person->path.up_rate = up;
      person->path.down_rate = down;
      kh_people_touch (self, person);
    }
  person->moving = up > 0 || down > 0;
  return person->moving;
}

static gboolean
on_rates (gpointer data)
{
  KhPeople *self = data;
  bool any = false;

  for (guint i = 0; i < self->persons->len; i++)
    {
      KhPerson *person = g_ptr_array_index (self->persons, i);

      if (person->moving)
        any |= refresh_rates (self, person);
    }
  if (any)
    return G_SOURCE_CONTINUE;
  self->rate_source = 0;
  return G_SOURCE_REMOVE;
}

/* A transfer that goes on counts from where it is. */
static guint64
count_moved (KhPeople *self, const KhEvent *event)
{
  guint64 *before = g_hash_table_lookup (self->moved, &event->item);
  guint64 moved;

  if (before == NULL)
    {
      g_hash_table_insert (self->moved, g_memdup2 (&event->item, sizeof event->item),
                           g_memdup2 (&event->bytes, sizeof event->bytes));
      return 0;
    }
  moved = event->bytes > *before ? event->bytes - *before : 0;
  *before = event->bytes;
  return moved;
}

static void
take_progress (KhPeople *self, KhPerson *person, const KhEvent *event)
{
  guint64 *total = event->outgoing ? &person->up_bytes : &person->down_bytes;

  *total += count_moved (self, event);
  kh_rate_meter_add (event->outgoing ? &person->up : &person->down,
                     g_get_monotonic_time (), *total);
  person->moving = TRUE;
  if (self->rate_source == 0)
    self->rate_source = g_timeout_add (RATE_MS, on_rates, self);
}

/* --- Channels ------------------------------------------------------------------------
 */

void
kh_people_ping (KhPeople *self)
{
  if (self->has_watched)
    kh_client_ping (self->client, &self->watched);
}

static bool
is_watched (KhPeople *self, const KhPeerId *id)
{
  return self->has_watched && kh_peer_id_equal (&self->watched, id);
}

static void
take_connected (KhPeople *self, KhPerson *person, const KhEvent *event)
{
  g_free (person->cipher);
  person->cipher = g_strdup (event->text);
  person->path = (KhPathInfo){
    .kind = event->path,
    .own = event->own,
    .remote = event->remote,
    .cipher = person->cipher,
    .since_ms = g_get_real_time () / 1000,
  };
  person->has_link_end = FALSE;
  kh_rate_meter_reset (&person->up);
  kh_rate_meter_reset (&person->down);
  if (is_watched (self, &person->id))
    kh_people_ping (self);
}

static void
take_disconnected (KhPerson *person, const KhEvent *event)
{
  person->has_link_end = TRUE;
  person->link_end = event->link_end;
}

static void
take_said (KhPeople *self, KhPerson *person)
{
  person->kept = TRUE;
  if (is_watched (self, &person->id) && self->watched_is_read)
    kh_client_mark_read (self->client, &person->id);
}

/* --- Everything -----------------------------------------------------------------------
 */

/* The server is lost, or was left: then nobody will come back by itself. */
static void
take_offline (KhPeople *self)
{
  self->list_comes = kh_client_get_server_state (self->client) == KH_SERVER_CONNECTING;
  kh_people_update_all (self);
}

/* It tells of every measured round trip too: only whom it makes a difference for. */
static void
take_network (KhPeople *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      KhPerson *person = value;

      if (person->outlook != kh_client_outlook_of (self->client, &person->id))
        kh_people_update (self, person);
    }
}

static bool
take_general (KhPeople *self, const KhEvent *event)
{
  switch ((gint)event->kind)
    {
    case KH_EVENT_OFFLINE:
      take_offline (self);
      return true;
    case KH_EVENT_PEERS_READY:
      self->list_comes = FALSE;
      kh_people_update_all (self);
      return true;
    case KH_EVENT_NETWORK:
      take_network (self);
      return true;
    case KH_EVENT_ONLINE:
    case KH_EVENT_ROOM_REFUSED:
    case KH_EVENT_TROUBLE:
      return true;
    default:
      return false;
    }
}

static void
take (KhPeople *self, KhPerson *person, const KhEvent *event)
{
  switch ((gint)event->kind)
    {
    case KH_EVENT_CONNECTED:
      take_connected (self, person, event);
      break;
    case KH_EVENT_DISCONNECTED:
      take_disconnected (person, event);
      break;
    case KH_EVENT_MESSAGE:
    case KH_EVENT_OFFER:
      take_said (self, person);
      break;
    case KH_EVENT_PONG:
      person->path.round_trip_us = event->round_trip_us;
      break;
    case KH_EVENT_PROGRESS:
      take_progress (self, person, event);
      return; /* it is told with the speed */
    case KH_EVENT_INTERRUPTED:
    case KH_EVENT_DONE:
    case KH_EVENT_TRANSFER_ENDED:
      g_hash_table_remove (self->moved, &event->item);
      break;
    case KH_EVENT_TRANSFER:
      person->kept = TRUE;
      break;
    case KH_EVENT_FILE:
    case KH_EVENT_FILE_RESTARTED:
    case KH_EVENT_FILE_FAILED:
      return;
    default:
      break;
    }
  kh_people_update (self, person);
}

void
kh_people_on_event (G_GNUC_UNUSED KhClient *client, gpointer data, KhPeople *self)
{
  const KhEvent *event = data;

  if (!take_general (self, event))
    take (self, kh_people_follow (self, &event->peer), event);
}

void
kh_people_on_news (KhPeople *self, const KhNews *news)
{
  KhPerson *person;

  switch ((gint)news->kind)
    {
    case KH_NEWS_WRITTEN:
    case KH_NEWS_FAILED:
    case KH_NEWS_GONE:
      person = kh_people_follow (self, &news->peer);
      person->kept = TRUE;
      kh_people_update (self, person);
      break;
    case KH_NEWS_FORGOTTEN:
      kh_people_update_all (self);
      break;
    default:
      break;
    }
}

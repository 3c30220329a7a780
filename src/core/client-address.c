/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/client-private.h"
#include "core/name-clean.h"
#include "core/profile.h"
#include "proto/room.h"
#include "store/server-keys.h"

#include <string.h>

/* --- What was typed ------------------------------------------------------------------
 */

bool
kh_client_parse_server (const char *text, KhAddress *address, GError **error)
{
  char problem[KH_ADDRESS_PROBLEM_MAX];

  if (kh_address_explain (kh_address_parse (text, address), problem, sizeof problem))
    return true;
  g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_ADDRESS, "%.*s: %s",
               (int)strcspn (text, "#"), text, problem);
  return false;
}

char *
kh_client_check_name (const char *name, GError **error)
{
  g_autofree char *clean = kh_name_clean (name, -1);

  if (*clean != '\0' && strlen (clean) <= KH_NAME_LEN_MAX)
    return g_steal_pointer (&clean);
  g_set_error (error, KH_CLIENT_ERROR,
               *clean == '\0' ? KH_CLIENT_ERROR_NAME : KH_CLIENT_ERROR_NAME_LONG,
               "A name has 1 to %d bytes of text: choose another", KH_NAME_LEN_MAX);
  return NULL;
}

bool
kh_client_is_weak (const char *room)
{
  return *room != '\0' && kh_room_word_weak (room, strlen (room));
}

/* --- The main connection -------------------------------------------------------------
 */

bool
kh_client_has_server (KhClient *self)
{
  return *self->server.host != '\0';
}

bool
kh_client_at_server (KhClient *self)
{
  return self->main != NULL && kh_main_connection_is_online (self->main);
}

bool
kh_client_say (KhClient *self, const KhMessage *message)
{
  return self->main != NULL && kh_main_connection_send (self->main, message);
}

static gboolean
on_nothing_runs (gpointer data)
{
  KhClient *self = data;

  self->old_mains_source = 0;
  g_ptr_array_set_size (self->old_mains, 0);
  return G_SOURCE_REMOVE;
}

void
kh_client_stop_main (KhClient *self)
{
  if (self->main == NULL)
    return;
  kh_main_connection_stop (self->main);
  g_ptr_array_add (self->old_mains, g_steal_pointer (&self->main));
  if (self->old_mains_source == 0)
    self->old_mains_source = g_idle_add (on_nothing_runs, self);
}

void
kh_client_drop_main (KhClient *self)
{
  g_clear_handle_id (&self->old_mains_source, g_source_remove);
  g_ptr_array_set_size (self->old_mains, 0);
  g_clear_pointer (&self->main, kh_main_connection_free);
}

/* Dials, unless it is not to or does not know yet with which key. */
static void
dial (KhClient *self)
{
  if (!self->wants_online || self->looks_up_key || !kh_client_has_server (self)
      || self->closing)
    return;
  self->refused = false;
  if (self->main == NULL)
    self->main = kh_main_connection_new (&self->server, &self->identity, self->name,
                                         &kh_client_main_listener, self);
  kh_main_connection_start (self->main);
}

/* Others see this client go. */
static void
leave_server (KhClient *self)
{
  GHashTableIter iter;
  gpointer call;

  if (self->main == NULL)
    return;
  g_hash_table_iter_init (&iter, self->calls);
  while (g_hash_table_iter_next (&iter, NULL, &call))
    kh_call_say_end (call, KH_HANG_UP_CANCELLED);
  kh_client_stop_main (self);
  kh_client_lose_peers (self);
  kh_client_end_calls (self, KH_CALL_END_OFFLINE);
  kh_client_network_offline (self);
}

void
kh_client_go_online (KhClient *self)
{
  self->wants_online = true;
  dial (self);
}

void
kh_client_go_offline (KhClient *self)
{
  if (!self->wants_online)
    return;
  self->wants_online = false;
  self->refused = false;
  leave_server (self);
  kh_client_emit (self, &(KhEvent){ .kind = KH_EVENT_OFFLINE, .final = TRUE });
}

KhServerState
kh_client_get_server_state (KhClient *self)
{
  if (!kh_client_has_server (self))
    return KH_SERVER_NONE;
  if (!self->wants_online)
    return KH_SERVER_LEFT;
  if (self->refused)
    return KH_SERVER_REFUSED;
  return kh_client_at_server (self) ? KH_SERVER_ONLINE : KH_SERVER_CONNECTING;
}

/* --- Another server -------------------------------------------------------------------
 */

typedef struct
{
  KhClient *client; /* Owned: a reference */
  guint number;
  char *host;
  guint16 port;
  guint8 key[KH_KEY_LEN];
  gboolean found;
} KeyJob;

static void
free_key_job (gpointer data)
{
  KeyJob *job = data;

  g_object_unref (job->client);
  g_free (job->host);
  g_free (job);
}

static gboolean
run_find_key (KhStore *store, gpointer data, GError **error)
{
  KeyJob *job = data;

  return kh_server_keys_find (store, job->host, job->port, job->key, &job->found, error);
}

static void
on_key_found (gpointer data, const GError *error)
{
  KeyJob *job = data;
  KhClient *self = job->client;

  if (job->number != self->n_key_lookups)
    return;
  self->looks_up_key = false;
  /* Without what was known of it nothing is dialled: it could be anybody. */
  if (error != NULL)
    {
      self->refused = true;
      kh_client_emit_trouble (self, error);
      return;
    }
  self->has_remembered_key = job->found;
  memcpy (self->remembered_key, job->key, sizeof self->remembered_key);
  dial (self);
}

static void
look_up_key (KhClient *self)
{
  KeyJob *job;

  self->n_key_lookups++;
  self->has_remembered_key = false;
  self->looks_up_key = !self->server.has_key;
  if (self->server.has_key)
    return;
  job = g_new0 (KeyJob, 1);
  job->client = g_object_ref (self);
  job->number = self->n_key_lookups;
  job->host = g_strdup (self->server.host);
  job->port = self->server.port;
  kh_store_thread_push (self->store, run_find_key, on_key_found, job, free_key_job);
}

static bool
is_same_place (const KhAddress *one, const KhAddress *other)
{
  return strcmp (one->host, other->host) == 0 && one->port == other->port
         && one->has_key == other->has_key
         && memcmp (one->key, other->key, sizeof one->key) == 0;
}

/* What is to be, checked; FALSE leaves what is. */
typedef struct
{
  KhAddress address;
  char *room;
  char *name;
} Place;

static bool
check_place (KhClient *self, const char *server, const char *room, const char *name,
             Place *place, GError **error)
{
  place->address = self->server;
  if (server != NULL && !kh_client_parse_server (server, &place->address, error))
    return false;
  if (room == NULL && server != NULL && *place->address.room != '\0')
    room = place->address.room;
  place->room = kh_profile_check_room (room != NULL ? room : self->room, error);
  if (place->room == NULL)
    return false;
  place->name = kh_client_check_name (name != NULL ? name : self->name, error);
  return place->name != NULL;
}

static void
move_to (KhClient *self, Place *place, bool room_was_typed)
{
  bool is_there = is_same_place (&self->server, &place->address);
  bool was_online = kh_client_at_server (self);

  leave_server (self);
  if (was_online)
    kh_client_emit (self, &(KhEvent){ .kind = KH_EVENT_OFFLINE });
  self->server = place->address;
  if (room_was_typed || strcmp (self->room, place->room) != 0)
    self->room_is_weak = room_was_typed && kh_client_is_weak (place->room);
  g_free (self->room);
  self->room = g_steal_pointer (&place->room);
  g_free (self->name);
  self->name = g_steal_pointer (&place->name);
  if (!is_there)
    look_up_key (self);
  dial (self);
}

gboolean
kh_client_set_server (KhClient *self, const char *server, const char *room,
                      const char *name, GError **error)
{
  Place place = { .room = NULL };
  bool good = check_place (self, server, room, name, &place, error);

  /* Whoever has changed nothing keeps the connection; an invite may name another. */
  if (good && is_same_place (&self->server, &place.address)
      && strcmp (self->room, place.room) == 0 && strcmp (self->name, place.name) == 0)
    {
      self->server = place.address;
      dial (self);
    }
  else if (good)
    move_to (self, &place, room != NULL);
  g_free (place.room);
  g_free (place.name);
  return good;
}

/* --- What there is to know ------------------------------------------------------------
 */

char *
kh_client_get_server (KhClient *self)
{
  char text[KH_ADDRESS_TEXT_MAX];
  KhAddress address = self->server;

  if (!kh_client_has_server (self))
    return NULL;
  address.has_peer = false;
  address.room[0] = '\0';
  kh_address_to_text (&address, text, sizeof text);
  return g_strdup (text);
}

gboolean
kh_client_get_invited_by (KhClient *self, KhPeerId *id)
{
  if (!self->server.has_peer)
    return FALSE;
  memcpy (id->bytes, self->server.peer, sizeof id->bytes);
  return TRUE;
}

char *
kh_client_make_invite (KhClient *self, const char *host, guint16 port)
{
  char text[KH_ADDRESS_TEXT_MAX];
  KhAddress address = self->server;

  if (!kh_client_has_server (self)
      || (host != NULL
          && g_strlcpy (address.host, host, sizeof address.host) >= sizeof address.host))
    return NULL;
  if (port != 0)
    address.port = port;
  if (!address.has_key && self->has_remembered_key)
    {
      address.has_key = true;
      memcpy (address.key, self->remembered_key, sizeof address.key);
    }
  g_strlcpy (address.room, self->room, sizeof address.room);
  address.has_peer = true;
  memcpy (address.peer, self->id.bytes, sizeof address.peer);
  return kh_address_to_text (&address, text, sizeof text) ? g_strdup (text) : NULL;
}

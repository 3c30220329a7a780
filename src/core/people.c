/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/people-private.h"

#include <string.h>

/* So many leave the list one by one; of more all that follows is made anew. */
#define FEW 16

enum
{
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static GType
get_item_type (G_GNUC_UNUSED GListModel *model)
{
  return KH_TYPE_PERSON;
}

static guint
get_n_items (GListModel *model)
{
  return KH_PEOPLE (model)->persons->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GPtrArray *persons = KH_PEOPLE (model)->persons;

  return position < persons->len ? g_object_ref (g_ptr_array_index (persons, position))
                                 : NULL;
}

static void
list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (KhPeople, kh_people, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
stop_following (KhPerson *person)
{
  g_clear_signal_handler (&person->attempt_handler, person->attempt);
}

static void
kh_people_finalize (GObject *object)
{
  KhPeople *self = KH_PEOPLE (object);
  GHashTableIter iter;
  gpointer person;

  g_clear_handle_id (&self->batch_source, g_source_remove);
  g_clear_handle_id (&self->ping_source, g_source_remove);
  g_clear_handle_id (&self->rate_source, g_source_remove);
  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &person))
    {
      stop_following (person);
      ((KhPerson *)person)->namesake = NULL;
    }
  g_hash_table_unref (self->moved);
  g_hash_table_unref (self->names);
  g_ptr_array_unref (self->dirty);
  g_ptr_array_unref (self->persons);
  g_hash_table_unref (self->by_id);
  g_object_unref (self->client);
  G_OBJECT_CLASS (kh_people_parent_class)->finalize (object);
}

static void
kh_people_class_init (KhPeopleClass *class)
{
  G_OBJECT_CLASS (class)->finalize = kh_people_finalize;
  signals[CHANGED] = g_signal_new ("changed", KH_TYPE_PEOPLE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
kh_people_init (KhPeople *self)
{
  self->persons = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_id = g_hash_table_new_full (kh_peer_id_hash, kh_peer_id_equal_func, NULL,
                                       g_object_unref);
  self->names
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, kh_name_group_free);
  self->dirty = g_ptr_array_new_with_free_func (g_object_unref);
  self->moved
      = g_hash_table_new_full (kh_item_id_hash, kh_item_id_equal_func, g_free, g_free);
}

/* --- What the client knows -----------------------------------------------------------
 */

static void
on_attempt_changed (KhAttempt *attempt, KhPeople *self)
{
  KhPerson *person = kh_people_find (self, kh_attempt_get_peer (attempt));

  if (person != NULL)
    kh_people_update (self, person);
}

static void
refresh_attempt (KhPeople *self, KhPerson *person)
{
  KhAttempt *attempt = kh_client_get_attempt (self->client, &person->id);

  if (attempt == person->attempt)
    return;
  stop_following (person);
  g_set_object (&person->attempt, attempt);
  if (attempt != NULL)
    person->attempt_handler
        = g_signal_connect (attempt, "changed", G_CALLBACK (on_attempt_changed), self);
}

static KhPersonState
state_of (KhPeople *self, KhPerson *person)
{
  if (kh_client_is_connected (self->client, &person->id))
    return KH_PERSON_CONNECTED;
  if (person->attempt == NULL)
    return KH_PERSON_IDLE;
  switch (kh_attempt_get_state (person->attempt))
    {
    case KH_ATTEMPT_CALLING:
    case KH_ATTEMPT_WAITING:
      return kh_attempt_get_caller (person->attempt) ? KH_PERSON_CALLING : KH_PERSON_IDLE;
    case KH_ATTEMPT_ASKING:
      return KH_PERSON_REQUEST;
    case KH_ATTEMPT_PUNCHING:
      return KH_PERSON_PUNCHING;
    default:
      return KH_PERSON_IDLE;
    }
}

static void
refresh_contact (KhPerson *person, const KhStoredContact *contact)
{
  person->verified = contact != NULL && contact->verified_at_ms != 0;
  person->blocked = contact != NULL && contact->blocked;
  person->muted = contact != NULL && contact->muted;
  person->accepts_calls = contact != NULL && contact->accepts_calls;
  person->accepts_offers = contact != NULL && contact->accepts_offers;
  if (contact != NULL)
    person->last_seen_at_ms = contact->last_seen_at_ms;
}

/* Who goes keeps the name that was heard last. */
static void
refresh_announced (KhPerson *person, const char *announced)
{
  if (*announced == '\0' || g_strcmp0 (announced, person->announced_name) == 0)
    return;
  if (person->announced_name != NULL)
    {
      g_free (person->former_name);
      person->former_name = g_steal_pointer (&person->announced_name);
      if (strcmp (person->former_name, announced) == 0)
        g_clear_pointer (&person->former_name, g_free);
    }
  person->announced_name = g_strdup (announced);
}

static void
refresh_names (KhPeople *self, KhPerson *person, const KhStoredContact *contact)
{
  const char *petname = contact != NULL ? contact->petname : NULL;
  const char *name;
  bool was_contact = person->petname != NULL;

  refresh_announced (person, kh_client_announced_name (self->client, &person->id));
  name = petname != NULL                  ? petname
         : person->announced_name != NULL ? person->announced_name
                                          : "";
  if (strcmp (name, person->name) == 0 && was_contact == (petname != NULL))
    return;
  g_free (person->petname);
  person->petname = g_strdup (petname);
  g_free (person->name);
  person->name = g_strdup (name);
  kh_people_set_name (self, person, name);
}

void
kh_people_refresh (KhPeople *self, KhPerson *person)
{
  const KhStoredContact *contact = kh_client_get_contact (self->client, &person->id);
  const KhConversation *conversation
      = kh_client_get_conversation (self->client, &person->id);
  bool was_online = person->online;

  person->online = kh_client_is_online (self->client, &person->id);
  if (was_online && !person->online)
    person->last_seen_at_ms = g_get_real_time () / 1000;
  person->nat_class = kh_client_class_of (self->client, &person->id);
  person->outlook = kh_client_outlook_of (self->client, &person->id);
  refresh_contact (person, contact);
  refresh_names (self, person, contact);
  person->unread = conversation != NULL ? conversation->n_unread : 0;
  person->n_queued = conversation != NULL ? conversation->n_queued : 0;
  person->active_at_ms = conversation != NULL ? conversation->active_at_ms : 0;
  refresh_attempt (self, person);
  person->state = state_of (self, person);
}

/* --- Batches -------------------------------------------------------------------------
 */

static bool
belongs (KhPeople *self, const KhPerson *person)
{
  return person->online || person->petname != NULL || person->kept || person->unread > 0
         || person->state != KH_PERSON_IDLE || (self->list_comes && person->listed);
}

/* False: it was dropped; there may be another one in its place. */
static bool
is_followed (KhPeople *self, const KhPerson *person)
{
  return g_hash_table_lookup (self->by_id, &person->id) == person;
}

/* Forgets a person that the model no longer shows. */
static void
drop (KhPeople *self, KhPerson *person)
{
  person->listed = FALSE;
  stop_following (person);
  kh_people_set_name (self, person, NULL);
  if (is_followed (self, person))
    g_hash_table_remove (self->by_id, &person->id);
}

static void
renumber (KhPeople *self, guint from)
{
  for (guint i = from; i < self->persons->len; i++)
    ((KhPerson *)g_ptr_array_index (self->persons, i))->position = i;
}

static gint
compare_positions (gconstpointer one, gconstpointer other)
{
  guint a = (*(KhPerson *const *)one)->position;
  guint b = (*(KhPerson *const *)other)->position;

  return a < b ? -1 : a > b;
}

/* From the last one on, so that the places of the others stay. */
static void
remove_few (KhPeople *self, GPtrArray *gone)
{
  for (guint i = gone->len; i-- > 0;)
    {
      KhPerson *person = g_ptr_array_index (gone, i);

      drop (self, person);
      g_ptr_array_remove_index (self->persons, person->position);
      renumber (self, person->position);
      g_list_model_items_changed (G_LIST_MODEL (self), person->position, 1, 0);
    }
}

static void
remove_many (KhPeople *self, GPtrArray *gone)
{
  guint first = ((KhPerson *)g_ptr_array_index (gone, 0))->position;
  guint n_before = self->persons->len;
  GPtrArray *stay = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < gone->len; i++)
    drop (self, g_ptr_array_index (gone, i));
  for (guint i = 0; i < n_before; i++)
    {
      KhPerson *person = g_ptr_array_index (self->persons, i);

      if (person->listed)
        g_ptr_array_add (stay, g_object_ref (person));
    }
  g_ptr_array_unref (self->persons);
  self->persons = stay;
  renumber (self, first);
  g_list_model_items_changed (G_LIST_MODEL (self), first, n_before - first,
                              stay->len - first);
}

static void
add_all (KhPeople *self, GPtrArray *come)
{
  guint first = self->persons->len;

  for (guint i = 0; i < come->len; i++)
    {
      KhPerson *person = g_ptr_array_index (come, i);

      person->listed = TRUE;
      g_ptr_array_add (self->persons, g_object_ref (person));
    }
  renumber (self, first);
  g_list_model_items_changed (G_LIST_MODEL (self), first, 0, come->len);
}

/* Who comes and who goes, of @changed. */
static void
update_list (KhPeople *self, GPtrArray *changed)
{
  g_autoptr (GPtrArray) gone = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) come = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < changed->len; i++)
    {
      KhPerson *person = g_ptr_array_index (changed, i);
      bool is_to_be = belongs (self, person);

      if (!is_followed (self, person))
        continue;
      if (is_to_be && !person->listed)
        g_ptr_array_add (come, g_object_ref (person));
      else if (!is_to_be && person->listed)
        g_ptr_array_add (gone, g_object_ref (person));
      else if (!is_to_be)
        drop (self, person);
    }
  g_ptr_array_sort (gone, compare_positions);
  if (gone->len > FEW)
    remove_many (self, gone);
  else
    remove_few (self, gone);
  if (come->len > 0)
    add_all (self, come);
}

static void
run_batch (KhPeople *self)
{
  g_autoptr (GPtrArray) changed = self->dirty;

  self->dirty = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < changed->len; i++)
    if (is_followed (self, g_ptr_array_index (changed, i)))
      kh_people_refresh (self, g_ptr_array_index (changed, i));
  for (guint i = 0; i < changed->len; i++)
    ((KhPerson *)g_ptr_array_index (changed, i))->dirty = FALSE;
  update_list (self, changed);
  for (guint i = 0; i < changed->len; i++)
    kh_person_emit_changed (g_ptr_array_index (changed, i));
  g_signal_emit (self, signals[CHANGED], 0);
}

static gboolean
on_batch (gpointer data)
{
  KhPeople *self = g_object_ref (data);

  self->batch_source = 0;
  run_batch (self);
  g_object_unref (self);
  return G_SOURCE_REMOVE;
}

void
kh_people_touch (KhPeople *self, KhPerson *person)
{
  if (person->dirty)
    return;
  person->dirty = TRUE;
  g_ptr_array_add (self->dirty, g_object_ref (person));
  if (self->batch_source == 0)
    self->batch_source = g_timeout_add (KH_PEOPLE_BATCH_MS, on_batch, self);
}

void
kh_people_update (KhPeople *self, KhPerson *person)
{
  kh_people_touch (self, person);
  kh_people_refresh (self, person);
}

void
kh_people_update_all (KhPeople *self)
{
  GHashTableIter iter;
  gpointer person;

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &person))
    kh_people_update (self, person);
}

KhPerson *
kh_people_follow (KhPeople *self, const KhPeerId *id)
{
  KhPerson *person = kh_people_find (self, id);

  if (person != NULL)
    return person;
  person = kh_person_new (id);
  g_hash_table_insert (self->by_id, &person->id, person);
  kh_people_update (self, person);
  return person;
}

/* --- For the window --------------------------------------------------------------------
 */

static void
on_client_news (G_GNUC_UNUSED KhClient *client, gpointer data, KhPeople *self)
{
  kh_people_on_news (self, data);
}

static void
follow_table (KhPeople *self, GHashTable *table)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    kh_people_follow (self, id);
}

KhPeople *
kh_people_new (KhClient *client)
{
  KhPeople *self = g_object_new (KH_TYPE_PEOPLE, NULL);

  self->client = g_object_ref (client);
  follow_table (self, client->contacts);
  follow_table (self, client->peers);
  follow_table (self, client->conversations);
  follow_table (self, client->attempts);
  g_clear_handle_id (&self->batch_source, g_source_remove);
  run_batch (self);
  g_signal_connect_object (client, "event", G_CALLBACK (kh_people_on_event), self, 0);
  g_signal_connect_object (client, "news", G_CALLBACK (on_client_news), self, 0);
  return self;
}

KhPerson *
kh_people_find (KhPeople *self, const KhPeerId *id)
{
  return g_hash_table_lookup (self->by_id, id);
}

KhPerson *
kh_people_require (KhPeople *self, const KhPeerId *id)
{
  KhPerson *person = kh_people_follow (self, id);

  person->kept = TRUE;
  kh_people_touch (self, person);
  return person;
}

guint
kh_people_get_unread (KhPeople *self)
{
  guint n = 0;

  for (guint i = 0; i < self->persons->len; i++)
    {
      const KhPerson *person = g_ptr_array_index (self->persons, i);

      n += person->muted || person->blocked ? 0 : person->unread;
    }
  return n;
}

void
kh_people_mark_read (KhPeople *self, const KhPeerId *id)
{
  KhPerson *person = kh_people_find (self, id);

  if (self->has_watched && kh_peer_id_equal (&self->watched, id))
    self->watched_is_read = TRUE;
  if (person == NULL || person->unread == 0)
    return;
  kh_client_mark_read (self->client, id);
  kh_people_update (self, person);
}

static gboolean
on_ping (gpointer data)
{
  kh_people_ping (data);
  return G_SOURCE_CONTINUE;
}

void
kh_people_watch (KhPeople *self, const KhPeerId *id)
{
  if (id == NULL ? !self->has_watched
                 : self->has_watched && kh_peer_id_equal (&self->watched, id))
    return;
  g_clear_handle_id (&self->ping_source, g_source_remove);
  self->has_watched = id != NULL;
  self->watched_is_read = FALSE;
  if (id == NULL)
    return;
  self->watched = *id;
  self->ping_source = g_timeout_add_seconds (KH_PEOPLE_PING_S, on_ping, self);
  kh_people_ping (self);
}

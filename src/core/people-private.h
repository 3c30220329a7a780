/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * people-private.h - the list of people from inside: people.c (the list and its
 * batches), people-events.c (what happens), people-names.c (who is called like whom).
 */
#pragma once

#include "core/client-private.h"
#include "core/people.h"
#include "core/person-private.h"

/* All that are shown by one name, folded. */
typedef struct
{
  GHashTable *members; /* of KhPerson */
  KhPerson *contact;   /* the one whose petname it is, or NULL */
} KhNameGroup;

struct _KhPeople
{
  GObject parent_instance;

  /* Owned */
  KhClient *client;
  GPtrArray *persons; /* those that the model shows */
  GHashTable *by_id;  /* KhPeerId in KhPerson: these, and those of the next batch */
  GHashTable *names;  /* char * in KhNameGroup */
  GPtrArray *dirty;   /* KhPerson: of the next batch */
  GHashTable *moved;  /* KhItemId in guint64: how far transfers under way are */

  /* State */
  guint batch_source;
  guint ping_source;
  guint rate_source;
  gboolean has_watched;
  gboolean watched_is_read;
  KhPeerId watched;
  gboolean list_comes; /* the server is lost: who was there stays until it is back */
};

/* It takes part in the next batch. */
void kh_people_touch (KhPeople *self, KhPerson *person);

/* Reads again what the client knows. */
void kh_people_refresh (KhPeople *self, KhPerson *person);

/* The same, and takes part in the next batch. */
void kh_people_update (KhPeople *self, KhPerson *person);
void kh_people_update_all (KhPeople *self);

/* Begins to follow @id; it is listed with the next batch if it is to be. */
KhPerson *kh_people_follow (KhPeople *self, const KhPeerId *id);

/* people-names.c: NULL forgets the name. Persons whose name is another's too are touched.
 */
void kh_people_set_name (KhPeople *self, KhPerson *person, const char *name);
void kh_name_group_free (gpointer group);

/* people-events.c */
void kh_people_on_event (KhClient *client, gpointer event, KhPeople *self);
void kh_people_on_news (KhPeople *self, const struct _KhNews *news);
void kh_people_ping (KhPeople *self);

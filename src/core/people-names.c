/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/people-private.h"

#include "core/name-fold.h"

void
kh_name_group_free (gpointer data)
{
  KhNameGroup *group = data;

  g_hash_table_unref (group->members);
  g_free (group);
}

static KhNameGroup *
require_group (KhPeople *self, const char *folded)
{
  KhNameGroup *group = g_hash_table_lookup (self->names, folded);

  if (group == NULL)
    {
      group = g_new0 (KhNameGroup, 1);
      group->members = g_hash_table_new (NULL, NULL);
      g_hash_table_insert (self->names, g_strdup (folded), group);
    }
  return group;
}

static KhPerson *
any_member (const KhNameGroup *group)
{
  GHashTableIter iter;
  gpointer person = NULL;

  g_hash_table_iter_init (&iter, group->members);
  g_hash_table_iter_next (&iter, &person, NULL);
  return person;
}

static void
set_ambiguous (KhPeople *self, KhPerson *person, gboolean ambiguous)
{
  if (person->ambiguous == ambiguous)
    return;
  person->ambiguous = ambiguous;
  kh_people_touch (self, person);
}

static void
set_namesake (KhPeople *self, KhPerson *person, KhPerson *contact)
{
  KhPerson *namesake = person->petname == NULL && person != contact ? contact : NULL;

  if (person->namesake == namesake)
    return;
  person->namesake = namesake;
  kh_people_touch (self, person);
}

/* Seldom: a contact came, went or was renamed. */
static void
set_contact (KhPeople *self, KhNameGroup *group, KhPerson *contact)
{
  GHashTableIter iter;
  gpointer person;

  if (group->contact == contact)
    return;
  group->contact = contact;
  g_hash_table_iter_init (&iter, group->members);
  while (g_hash_table_iter_next (&iter, &person, NULL))
    set_namesake (self, person, contact);
}

static void
leave (KhPeople *self, KhPerson *person)
{
  KhNameGroup *group = g_hash_table_lookup (self->names, person->folded_name);

  if (group == NULL || !g_hash_table_remove (group->members, person))
    return;
  if (group->contact == person)
    set_contact (self, group, NULL);
  set_ambiguous (self, person, FALSE);
  set_namesake (self, person, NULL);
  if (g_hash_table_size (group->members) == 0)
    g_hash_table_remove (self->names, person->folded_name);
  else if (g_hash_table_size (group->members) == 1)
    set_ambiguous (self, any_member (group), FALSE);
}

static void
join (KhPeople *self, KhPerson *person)
{
  KhNameGroup *group;

  if (*person->folded_name == '\0')
    return;
  group = require_group (self, person->folded_name);
  if (g_hash_table_size (group->members) == 1)
    set_ambiguous (self, any_member (group), TRUE);
  g_hash_table_add (group->members, person);
  set_ambiguous (self, person, g_hash_table_size (group->members) > 1);
  if (person->petname != NULL)
    set_contact (self, group, person);
  else
    set_namesake (self, person, group->contact);
}

void
kh_people_set_name (KhPeople *self, KhPerson *person, const char *name)
{
  leave (self, person);
  g_free (person->folded_name);
  person->folded_name = name != NULL ? kh_name_fold (name) : g_strdup ("");
  join (self, person);
}

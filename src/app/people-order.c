/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/people-order.h"

#include <string.h>

enum
{
  RANK_ASKS,
  RANK_HERE,
  RANK_AWAY,
  RANK_BLOCKED,
};

static guint
rank_of (const KhPersonFacts *facts)
{
  if (facts->blocked)
    return RANK_BLOCKED;
  if (facts->state == KH_PERSON_REQUEST)
    return RANK_ASKS;
  return facts->online || facts->state != KH_PERSON_IDLE || facts->unread > 0 ? RANK_HERE
                                                                              : RANK_AWAY;
}

static char *
fold (const char *text)
{
  g_autofree char *normal = g_utf8_normalize (text, -1, G_NORMALIZE_ALL);

  return g_utf8_casefold (normal != NULL ? normal : "", -1);
}

KhPeopleKey *
kh_people_key_new (const KhPersonFacts *facts, const char *id)
{
  KhPeopleKey *self = g_new (KhPeopleKey, 1);
  g_autofree char *shown = kh_person_text_name (facts);
  g_autofree char *text = g_strconcat (
      shown, "\n", facts->announced_name != NULL ? facts->announced_name : "", "\n", id,
      NULL);
  g_autofree char *folded = fold (shown);

  *self = (KhPeopleKey){
    .rank = rank_of (facts),
    .active_at_ms = facts->active_at_ms,
    .collation = g_utf8_collate_key (folded, -1),
    .haystack = fold (text),
    .blocked = facts->blocked,
  };
  return self;
}

void
kh_people_key_free (KhPeopleKey *self)
{
  g_free (self->collation);
  g_free (self->haystack);
  g_free (self);
}

gboolean
kh_people_key_equal (const KhPeopleKey *one, const KhPeopleKey *other)
{
  return one->rank == other->rank && one->active_at_ms == other->active_at_ms
         && strcmp (one->haystack, other->haystack) == 0;
}

int
kh_people_key_compare (const KhPeopleKey *one, const KhPeopleKey *other)
{
  int order;

  if (one->rank != other->rank)
    return one->rank < other->rank ? -1 : 1;
  if (one->active_at_ms != other->active_at_ms)
    return one->active_at_ms > other->active_at_ms ? -1 : 1;
  order = strcmp (one->collation, other->collation);
  return order != 0 ? order : strcmp (one->haystack, other->haystack);
}

char **
kh_people_words (const char *text)
{
  g_autofree char *folded = fold (text);
  g_auto (GStrv) parts = g_strsplit_set (folded, " \t\n", -1);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  gboolean any = FALSE;

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0')
      {
        g_strv_builder_add (words, parts[i]);
        any = TRUE;
      }
  return any ? g_strv_builder_end (words) : NULL;
}

gboolean
kh_people_key_matches (const KhPeopleKey *self, char **words, gboolean show_blocked)
{
  if (words == NULL)
    return show_blocked || !self->blocked;
  for (guint i = 0; words[i] != NULL; i++)
    if (strstr (self->haystack, words[i]) == NULL)
      return FALSE;
  return TRUE;
}

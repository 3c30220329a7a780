/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * people-order.h - who stands where in the list of people, and who matches a search.
 *
 * A KhPeopleKey holds what the order needs, made once per change of a person, so that
 * two thousand can be sorted and searched between two frames.
 *
 * Those who ask for something come first, then who is online, then contacts who are
 * away, then blocked ones; in each group those of the latest conversation first, then by
 * name.
 */
#pragma once

#include "app/person-text.h"

typedef struct
{
  guint rank;
  gint64 active_at_ms;
  char *collation; /* of the name */
  char *haystack;  /* what a search looks at, folded */
  gboolean blocked;
} KhPeopleKey;

KhPeopleKey *kh_people_key_new (const KhPersonFacts *facts, const char *id);
void kh_people_key_free (KhPeopleKey *self);

/* Nothing that the list's order or a search looks at differs. */
gboolean kh_people_key_equal (const KhPeopleKey *one, const KhPeopleKey *other);

/* Like strcmp(). */
int kh_people_key_compare (const KhPeopleKey *one, const KhPeopleKey *other);

/* The words of a search; NULL where @text has none. */
char **kh_people_words (const char *text);

/* @words NULL: everybody but who is blocked, unless @show_blocked. */
gboolean kh_people_key_matches (const KhPeopleKey *self, char **words,
                                gboolean show_blocked);

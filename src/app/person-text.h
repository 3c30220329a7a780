/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * person-text.h - what a list and a header say of somebody: words, icons, style classes.
 *
 * facts_read() takes what counts from a KhPerson; everything else is a function of that
 * and needs no display. Texts are translated and to be freed, icons and classes are not.
 */
#pragma once

#include "core/person.h"

#define KH_SHORT_ID_LEN 8

/* Strings are borrowed from the person. */
typedef struct
{
  const char *name; /* "": it has never said one */
  const char *announced_name;
  const char *former_name;
  char short_id[KH_SHORT_ID_LEN + 1];
  gboolean ambiguous;
  gboolean namesake; /* calls itself as a contact with another key is called */
  gboolean online;
  gboolean contact;
  gboolean verified;
  gboolean blocked;
  gboolean muted;
  gint64 last_seen_at_ms;
  gint64 active_at_ms;
  guint unread;
  guint n_queued;
  KhPersonState state;
  KhPathKind path; /* where connected */
  KhNatClass nat_class;
  KhOutlook outlook;
} KhPersonFacts;

void kh_person_facts_read (KhPersonFacts *facts, KhPerson *person);

/* Never empty: who has no name is shown by the beginning of the id. */
char *kh_person_text_name (const KhPersonFacts *facts);
char *kh_person_text_name_of (KhPerson *person);

/* What initials are made of: the name without what stands in brackets after it. Free it.
 */
char *kh_person_text_initials (const char *name);

/* The beginning of the id, where the name alone does not tell who it is; else NULL. */
const char *kh_person_text_id (const KhPersonFacts *facts);

/* A line about them, for a header. @now tells what "today" is. */
char *kh_person_text_status (const KhPersonFacts *facts, GDateTime *now);

/* The same in a list, where a click calls: with what to expect of that. */
char *kh_person_text_line (const KhPersonFacts *facts, GDateTime *now);

/* The same for a reader that sees no icons: with what they say. */
char *kh_person_text_description (const KhPersonFacts *facts, GDateTime *now);

/* What to expect and why, where that line has it in short; NULL: it has not. Free it. */
char *kh_person_text_line_tooltip (const KhPersonFacts *facts);

/* NULL: nothing to show. */
const char *kh_person_text_path_icon (const KhPersonFacts *facts);
gboolean kh_person_text_is_relayed (const KhPersonFacts *facts);
char *kh_person_text_path_tooltip (const KhPersonFacts *facts);
const char *kh_person_text_state_icon (const KhPersonFacts *facts);
const char *kh_person_text_state_tooltip (const KhPersonFacts *facts);

/* "offline", "online", "connected" or "busy": the style class of the dot. */
const char *kh_person_text_presence (const KhPersonFacts *facts);

/* "12", or "99+"; NULL for none. */
char *kh_person_text_unread (guint unread);

/* "Last seen today at 14:03". */
char *kh_person_text_last_seen (gint64 at_ms, GDateTime *now);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * person.h - somebody who is online or a contact, as a window shows them.
 *
 * They come from a KhPeople (people.h), which keeps them up to date: "changed" is
 * emitted at most every KH_PEOPLE_BATCH_MS however much has happened.
 *
 * Main loop only.
 */
#pragma once

#include "core/attempt.h"
#include "core/types.h"

#include <gio/gio.h>

typedef enum
{
  KH_PERSON_IDLE,
  KH_PERSON_CALLING,  /* by us; attempt says how far it is */
  KH_PERSON_REQUEST,  /* calls us and waits for this person's answer */
  KH_PERSON_PUNCHING, /* both have agreed */
  KH_PERSON_CONNECTED,
} KhPersonState;

/* The channel that stands. */
typedef struct
{
  KhPathKind kind;
  KhEndpoint own;
  KhEndpoint remote;
  const char *cipher;
  gint64 since_ms;      /* Unix milliseconds */
  gint64 round_trip_us; /* 0: not measured yet */
  guint64 up_rate;      /* bytes of files a second, now */
  guint64 down_rate;
} KhPathInfo;

#define KH_TYPE_PERSON (kh_person_get_type ())
G_DECLARE_FINAL_TYPE (KhPerson, kh_person, KH, PERSON, GObject)

const KhPeerId *kh_person_get_id (KhPerson *self);

/* The petname of a contact, else what the peer calls itself; "" where it has never said.
 */
const char *kh_person_get_name (KhPerson *self);

/* What the peer calls itself now, where that is not the name shown; else NULL. */
const char *kh_person_get_announced_name (KhPerson *self);

/* What it called itself when last seen before, where that has changed in this run; NULL
 * otherwise. */
const char *kh_person_get_former_name (KhPerson *self);

/* Somebody else who is listed is shown by the same name: show the id beside it. */
gboolean kh_person_is_ambiguous (KhPerson *self);

/* It calls itself as a contact with another key is called. The contact, borrowed, or
 * NULL. Nothing is sent to it until a person has said that this is somebody else. */
KhPerson *kh_person_get_namesake (KhPerson *self);

gboolean kh_person_is_online (KhPerson *self);
gboolean kh_person_is_contact (KhPerson *self);
gboolean kh_person_is_verified (KhPerson *self);
gboolean kh_person_is_blocked (KhPerson *self);
gboolean kh_person_is_muted (KhPerson *self);
gboolean kh_person_accepts_calls (KhPerson *self);
gboolean kh_person_accepts_offers (KhPerson *self);
gint64 kh_person_get_last_seen_at_ms (KhPerson *self); /* 0: never */

/* When something was last said or sent, either way: for the order of a list; 0: never. */
gint64 kh_person_get_active_at_ms (KhPerson *self);

/* Messages and offers that nobody has looked at: kh_people_mark_read(). */
guint kh_person_get_unread (KhPerson *self);

/* Messages that wait for this peer to come back. */
guint kh_person_get_n_queued (KhPerson *self);

KhPersonState kh_person_get_state (KhPerson *self);

/* What it claims of its network, 0 for nothing; and what that means for a direct
 * connection from here, as a forecast: KH_OUTLOOK_UNKNOWN while it is not online. */
KhNatClass kh_person_get_nat_class (KhPerson *self);
KhOutlook kh_person_get_outlook (KhPerson *self);

/* NULL unless connected. Valid until "changed". */
const KhPathInfo *kh_person_get_path (KhPerson *self);

/* The last attempt of this run; NULL where there was none. A new one is a new object. */
KhAttempt *kh_person_get_attempt (KhPerson *self);

/* The last channel ended so, where the person is not connected; FALSE where there was
 * none in this run. */
gboolean kh_person_get_link_end (KhPerson *self, KhLinkEnd *end);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * people.h - everybody a window lists: who is online, and all contacts.
 *
 * new() beside a client; it listens to that and is a GListModel of KhPerson, in no
 * order. Persons stay the same objects while they are listed; one who goes and is no
 * contact leaves the list, unless something was said with them in this run or waits to
 * be read. While the server is lost nobody leaves.
 *
 * Changes come in batches: "changed" of a person and items-changed at most every
 * KH_PEOPLE_BATCH_MS. "changed" of the list tells after each batch that an order or a
 * count may be another.
 *
 * Main loop only.
 */
#pragma once

#include "core/client.h"
#include "core/person.h"

/* Two frames: a punch is still seen live, and two thousand people who come at once are
 * one change. */
#define KH_PEOPLE_BATCH_MS 33

/* How often the round trip of a watched channel is measured. */
#define KH_PEOPLE_PING_S 10

#define KH_TYPE_PEOPLE (kh_people_get_type ())
G_DECLARE_FINAL_TYPE (KhPeople, kh_people, KH, PEOPLE, GObject)

KhPeople *kh_people_new (KhClient *client);

/* Borrowed; NULL where there is none. */
KhPerson *kh_people_find (KhPeople *self, const KhPeerId *id);

/* The same, and makes one for an id that is not listed (of an invite, a link). */
KhPerson *kh_people_require (KhPeople *self, const KhPeerId *id);

/* Of all persons but muted and blocked ones. */
guint kh_people_get_unread (KhPeople *self);

/* Everything from this peer has been seen, also what comes while it is watched. */
void kh_people_mark_read (KhPeople *self, const KhPeerId *id);

/* The one whose conversation is on the screen, or NULL: its round trip is measured. */
void kh_people_watch (KhPeople *self, const KhPeerId *id);

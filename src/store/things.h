/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * things.h - a conversation: its messages, transfers and notes in one order.
 *
 * Nothing is added here: what is stored as a message that is kept, as a transfer or as a
 * note is a thing of its peer's conversation from then on, until it is forgotten. page()
 * goes back from the newest; find() gives the place of a message, transfer or note.
 *
 * A thing's seq grows in the order in which things were stored, over all peers, and is
 * never used twice. A page costs as much as what is on it, however long the conversation.
 */
#pragma once

#include "store/messages.h"
#include "store/notes.h"
#include "store/transfers.h"

typedef enum
{
  KH_STORED_THING_MESSAGE = 0, /* numbers as in the database */
  KH_STORED_THING_TRANSFER = 1,
  KH_STORED_THING_NOTE = 2,
} KhStoredThingKind;

typedef struct
{
  gint64 seq;
  KhStoredThingKind kind;
  gint64 ref;   /* the seq of its message, transfer or note */
  gint64 at_ms; /* when it was stored; of a transfer when it began */

  /* Owned. The one of its kind; the others are NULL. */
  KhStoredMessage *message;
  KhStoredTransfer *transfer;
  KhStoredNote *note;
} KhStoredThing;

void kh_stored_thing_free (KhStoredThing *thing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhStoredThing, kh_stored_thing_free)

/* At most @limit KhStoredThing with a seq below @before (0: the newest), newest first, in
 * an array that frees its elements; NULL is an error. */
GPtrArray *kh_things_page (KhStore *store, const guint8 peer[KH_ID_LEN], gint64 before,
                           guint limit, GError **error);

/* Whether any has a seq below @before; 0: whether there is any. */
gboolean kh_things_has_older (KhStore *store, const guint8 peer[KH_ID_LEN], gint64 before,
                              gboolean *older, GError **error);

/* @seq of the thing that is this message, transfer or note; 0 where it is none, as a
 * message that is not kept. */
gboolean kh_things_find (KhStore *store, KhStoredThingKind kind, gint64 ref, gint64 *seq,
                         GError **error);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * notes.h - what happened to a peer that a person should still know later.
 *
 * add() one; it is a thing of the conversation from then on (things.h).
 */
#pragma once

#include "store/store.h"

typedef enum
{
  KH_STORED_NOTE_RENAMED = 0, /* text: the name before, a newline, the new one */
  KH_STORED_NOTE_VERIFIED = 1,
  KH_STORED_NOTE_UNVERIFIED = 2,
} KhStoredNoteKind;

typedef struct
{
  gint64 seq;
  guint8 peer[KH_ID_LEN];
  KhStoredNoteKind kind;
  char *text; /* "" where the kind says all */
  gint64 at_ms;
} KhStoredNote;

void kh_stored_note_free (KhStoredNote *note);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhStoredNote, kh_stored_note_free)

/* @seq may be NULL. KH_STORE_ERROR_INVALID for a text that is not UTF-8 or longer than
 * two names. */
gboolean kh_notes_add (KhStore *store, const guint8 peer[KH_ID_LEN],
                       KhStoredNoteKind kind, const char *text, gint64 at_ms, gint64 *seq,
                       GError **error);

/* It is no thing of the conversation any more. */
gboolean kh_notes_remove (KhStore *store, gint64 seq, GError **error);

/* @note is NULL where there is none. */
gboolean kh_notes_get (KhStore *store, gint64 seq, KhStoredNote **note, GError **error);

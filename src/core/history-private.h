/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * history-private.h - what history.c and notes.c do for the other files of core.
 */
#pragma once

#include "core/client-private.h"
#include "core/timeline-item.h"

typedef struct _KhHistory KhHistory;

/* Reads whether history is kept; before the store's thread is there. */
bool kh_history_open (KhClient *client, KhStore *store, GError **error);

/* One that was read from the store, "" for none; after open(). */
void kh_history_take_draft (KhClient *client, const KhPeerId *peer, const char *text);

/* Drafts and what is not to be kept: the last work of the store's thread. May be called
 * twice. */
void kh_history_close (KhClient *client);

/* --- notes.c -------------------------------------------------------------------------
 */

/* Keeps it and shows it in the conversation. @text NULL: the kind says all. */
void kh_client_add_note (KhClient *self, const KhPeerId *peer, KhNoteKind kind,
                         const char *text);

/* The peer is, or was until now, online and calls itself so; NULL: as before. Keeps when
 * a contact was seen last, and a note where its name is another. */
void kh_client_saw (KhClient *self, const KhPeerId *peer, const char *name);

/* All who are online. */
void kh_client_saw_all (KhClient *self);

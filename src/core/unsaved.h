/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * unsaved.h - messages that were written and could not be stored.
 *
 * As where the disk is full. They are in memory alone, so that nothing that was typed is
 * lost: until they are sent again, taken back or forgotten, or the client ends.
 *
 * Main loop only.
 */
#pragma once

#include "core/client-private.h"

typedef struct
{
  KhPeerId peer;
  KhItemId id;
  char *text;
  gint64 at_ms; /* when it was written */
} KhUnsaved;

void kh_unsaved_free (gpointer unsaved);

/* Copies @text. */
void kh_unsaved_add (KhClient *client, const KhPeerId *peer, const KhItemId *id,
                     const char *text, gint64 at_ms);

/* NULL where there is none; valid until it is removed. */
const KhUnsaved *kh_unsaved_find (KhClient *client, const KhItemId *id);

void kh_unsaved_remove (KhClient *client, const KhItemId *id);

/* Those to @peer; NULL: all. */
void kh_unsaved_forget (KhClient *client, const KhPeerId *peer);

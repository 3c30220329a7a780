/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * scratch.h - a store in a folder of its own, removed at the end of the test.
 */
#pragma once

#include "store/conversations.h"
#include "store/things.h"

typedef struct
{
  /* Owned */
  char *folder;
  KhFolderLock *lock;
  KhStore *store;
} Scratch;

void scratch_set_up (Scratch *self, gconstpointer unused);
void scratch_tear_down (Scratch *self, gconstpointer unused);

/* Closes, unlocks, locks and opens again. */
void scratch_reopen (Scratch *self);
/* Without opening again: for tests that look at the files. */
void scratch_close (Scratch *self);
/* The path of a file in the folder, to be freed. */
char *scratch_path (const Scratch *self, const char *name);

/* Removes a folder of files. */
void scratch_remove_folder (const char *folder);

/* A peer and an id that contain NULs and differ by @number. */
const guint8 *scratch_peer (guint number);
const guint8 *scratch_id (guint number);

/* 1 to @max bytes of valid text with quotes, NUL-free controls and emoji; to be freed. */
char *scratch_random_text (gsize max);

/* A message that is kept, stored at 1000 + @id; @id is new for the peer. */
void scratch_receive (Scratch *self, guint peer, guint id, const char *text);
void scratch_send (Scratch *self, guint peer, guint id, const char *text);

/* The messages of a peer's conversation, newest first, in an array that frees them. */
GPtrArray *scratch_history (KhStore *store, guint peer);

/* NULL where there is none. */
KhStoredConversation *scratch_conversation (KhStore *store, guint peer);

#define SCRATCH_ADD(path, function)                                                      \
  g_test_add (path, Scratch, NULL, scratch_set_up, function, scratch_tear_down)

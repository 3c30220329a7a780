/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * incoming-batch.h - files that are whole, on their way to their names together.
 *
 * add_file() and add_other() what has come, in order; flush() syncs all of them,
 * gives them their names and says what became of each, in that order. One
 * wait for the disk serves many small files that way.
 *
 * flush() waits for the disk. One thread at a time.
 *
 * Source: src/PROTOCOL.md, section 6.1.
 */
#pragma once

#include "net/folder-cursor.h"
#include "net/incoming-file.h"

#include <glib.h>
#include <stdint.h>

/* Each is an open file: with more, 16 channels would want more than a usual limit of
 * open files. */
#define KH_INCOMING_BATCH_MAX 256

/* Bytes after which waiting for more gains nothing. */
#define KH_INCOMING_BATCH_BYTES (8u << 20)

/* What became of @n entries from @first on. */
typedef struct
{
  uint32_t first;
  uint32_t n;
  uint8_t status; /* KhFrameStatus */
  bool there;     /* was there before and, of a file, is the same */
  char *place;    /* below the folder, of one that is not where it was to be; else NULL */
} KhChannelResult;

/* Read @n and @since_us. */
typedef struct
{
  GArray *waiting; /* Owned; NULL while there is none */
  unsigned n;
  uint64_t bytes;
  int64_t since_us; /* when the first was added */
} KhIncomingBatch;

/* Takes @file. @path is where it is to be, below the cursor's top. */
void kh_incoming_batch_add_file (KhIncomingBatch *self, KhIncomingFile *file,
                                 uint32_t entry, const char *path, int64_t now_us);

/* A folder, a failure, or a file that was there. @place as in KhChannelResult. */
void kh_incoming_batch_add_other (KhIncomingBatch *self, uint32_t entry,
                                  KhFrameStatus status, bool there, const char *place,
                                  int64_t now_us);

bool kh_incoming_batch_is_full (const KhIncomingBatch *self);

/* Array of KhChannelResult that frees its elements, runs of entries made one. */
GArray *kh_incoming_batch_flush (KhIncomingBatch *self, KhFolderCursor *cursor,
                                 const uint8_t transfer[KH_FRAME_ID_LEN]);

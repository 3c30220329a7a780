/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * incoming-file.h - a file that is being received: hidden until it is whole.
 *
 * begin() makes a hidden partial file in the folder; write() what comes; then
 * finish() syncs it and gives it the first free of NAME, "NAME (2)", … Nothing
 * that exists is ever overwritten. discard() removes the partial; it does nothing
 * after finish() or a begin() that failed.
 *
 * It does not judge names: @name comes out of proto/safe-name. It does not check
 * that the bytes are whole and in order: proto/transfer does.
 *
 * finish() waits for the disk, and write() does now and then, so that finish()
 * never waits long. A struct to be moved by assignment; one thread at a time.
 *
 * Source: src/PROTOCOL.md, section 6.
 */
#pragma once

#include "proto/frame.h"

#include <stdbool.h>
#include <stdint.h>

/* Twice this may wait in memory for the disk: so little that even the slowest
 * card, at 1 MB a second, does not make finish() outlast the peer's patience. */
#define KH_INCOMING_FILE_WINDOW (4u << 20)

/* Names tried before the folder counts as one that can't be written. */
#define KH_INCOMING_FILE_NAMES 1000

/* Of every file system that matters, in bytes. */
#define KH_INCOMING_FILE_NAME_MAX 255

/* Nothing to read in it. */
typedef struct
{
  int fd;     /* -1 when there is none */
  int folder; /* the same */
  unsigned final_mode;
  uint64_t end;     /* of what was written */
  uint64_t started; /* so far the disk was told to begin */
  char partial[KH_INCOMING_FILE_NAME_MAX + 1];
} KhIncomingFile;

#define KH_INCOMING_FILE_NONE ((KhIncomingFile){ .fd = -1, .folder = -1 })

/* COMPLETE, or DISK_FULL when @size bytes have no room there, NOT_WRITABLE,
 * WRITE_ERROR; so do the others. */
KhFrameStatus kh_incoming_file_begin (KhIncomingFile *self, const char *folder,
                                      const char *name, uint64_t size);

KhFrameStatus kh_incoming_file_write (KhIncomingFile *self, uint64_t offset,
                                      const void *bytes, size_t len);

/* On COMPLETE the name it got is in @final_name, and the file is on disk under
 * it. On a fault it is discarded; only when the folder itself could not be synced
 * it keeps its name. */
KhFrameStatus kh_incoming_file_finish (KhIncomingFile *self, const char *name,
                                       uint64_t modified_ms,
                                       char final_name[KH_INCOMING_FILE_NAME_MAX + 1]);

void kh_incoming_file_discard (KhIncomingFile *self);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * incoming-file.h - a file that is being received: hidden until it is whole.
 *
 * begin() makes or reopens a hidden partial file in a folder; write() what comes; then
 * settle() it, sync() it, and give_name() gives it the first free of NAME, "NAME (2)", …
 * Nothing that exists is ever overwritten. close() leaves the partial file as it is, to
 * go on with later; discard() removes it.
 *
 * It does not judge names: they come out of proto/safe-name. It does not check that the
 * bytes are whole and in order: proto/transfer does.
 *
 * sync() waits for the disk, and write() does now and then, so that sync() never waits
 * long. A struct to be moved by assignment; one thread at a time.
 *
 * Source: src/PROTOCOL.md, section 6.1.
 */
#pragma once

#include "proto/frame.h"

#include <stdbool.h>
#include <stdint.h>

/* Twice this may wait in memory for the disk: so little that even the slowest
 * card, at 1 MB a second, does not make sync() outlast the peer's patience. */
#define KH_INCOMING_FILE_WINDOW (4u << 20)

/* Names tried before the folder counts as one that can't be written. */
#define KH_INCOMING_FILE_NAMES 1000

/* Of every file system that matters, in bytes. */
#define KH_INCOMING_FILE_NAME_MAX 255

/* Read @fd. */
typedef struct
{
  int fd;           /* -1 when there is none */
  uint64_t end;     /* of what was written */
  uint64_t started; /* so far the disk was told to begin */
} KhIncomingFile;

#define KH_INCOMING_FILE_NONE ((KhIncomingFile){ .fd = -1 })

/* Writes the name of the partial file: always the same for an entry of a transfer. */
void kh_incoming_file_partial_name (const char *name, uint32_t entry,
                                    const uint8_t transfer[KH_FRAME_ID_LEN],
                                    char partial[KH_INCOMING_FILE_NAME_MAX + 1]);

/* How much of a partial file there is; 0 where there is none that could be gone on with.
 */
uint64_t kh_incoming_file_there (int folder, const char *partial);

/* @keep: so many bytes of the one that is there stay, 0 begins anew. COMPLETE, or
 * DISK_FULL, NOT_WRITABLE, WRITE_ERROR; so do the others. */
KhFrameStatus kh_incoming_file_begin (KhIncomingFile *self, int folder,
                                      const char *partial, bool executable,
                                      uint64_t keep);

KhFrameStatus kh_incoming_file_write (KhIncomingFile *self, uint64_t offset,
                                      const void *bytes, size_t len);

/* Nothing of it counts any more. */
KhFrameStatus kh_incoming_file_restart (KhIncomingFile *self);

/* It is whole: sets its time, and has the disk begin with it. */
void kh_incoming_file_settle (KhIncomingFile *self, uint64_t modified_ms);

KhFrameStatus kh_incoming_file_sync (KhIncomingFile *self);

/* @final_name is the one it got. The folder is to be synced after it. */
KhFrameStatus kh_incoming_file_give_name (int folder, const char *partial,
                                          const char *name,
                                          char final_name[KH_INCOMING_FILE_NAME_MAX + 1]);

void kh_incoming_file_close (KhIncomingFile *self);
void kh_incoming_file_discard (KhIncomingFile *self, int folder, const char *partial);

/* Whether @size more bytes have room where @folder is, and @spare bytes are left. True
 * where it can't be known. */
bool kh_incoming_file_has_room (int folder, uint64_t size, uint64_t spare);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * outgoing-file.h - a file that is being sent, and whether it stays the same.
 *
 * open() it, read() it from its beginning to @size, then check() once that it is
 * still what it was when it was opened; close() it.
 *
 * Only regular files are opened, and no symbolic link is followed; a pipe or a device
 * is refused without waiting for it. Nothing is locked: what other programs do to the
 * file is found out, not prevented.
 *
 * A struct to be moved by assignment; it belongs to one thread at a time. Sizes
 * and offsets are bytes.
 */
#pragma once

#include "proto/frame.h"

#include <stdbool.h>
#include <stdint.h>

/* Read @fd, @size and @modified_ms. */
typedef struct
{
  int fd; /* -1 while closed */
  uint64_t size;
  uint64_t modified_ms; /* Unix time */

  /* As it was when opened. */
  int64_t modified_s;
  int64_t modified_ns;
} KhOutgoingFile;

#define KH_OUTGOING_FILE_CLOSED ((KhOutgoingFile){ .fd = -1 })

/* The file @name in @folder. COMPLETE, or GONE, UNREADABLE. */
KhFrameStatus kh_outgoing_file_open (KhOutgoingFile *self, int folder, const char *name);

/* All of the @len bytes at @offset or a fault: SHRANK, UNREADABLE. */
KhFrameStatus kh_outgoing_file_read (const KhOutgoingFile *self, uint64_t offset,
                                     void *to, size_t len);

/* COMPLETE when it is as it was when it was opened; else SHRANK, CHANGED or
 * UNREADABLE. */
KhFrameStatus kh_outgoing_file_check (const KhOutgoingFile *self);

/* Unix time in milliseconds; 0 for what was before. */
uint64_t kh_outgoing_file_ms (int64_t s, int64_t ns);

/* Does nothing when it is closed. */
void kh_outgoing_file_close (KhOutgoingFile *self);

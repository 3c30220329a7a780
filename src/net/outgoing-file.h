/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * outgoing-file.h - a file that is being sent, and whether it stays the same.
 *
 * open() it, read() it from its beginning to @size, then check() once that it is
 * still what was offered; close() it.
 *
 * Only regular files are opened, after following links; a pipe or a device is
 * refused without waiting for it. Nothing is locked: what other programs do to
 * the file is found out, not prevented.
 *
 * A struct to be moved by assignment; it belongs to one thread at a time. Sizes
 * and offsets are bytes.
 */
#pragma once

#include "proto/frame.h"

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

/* Read @size, @modified_ms and @executable. */
typedef struct
{
  int fd; /* -1 while closed */
  uint64_t size;
  uint64_t modified_ms; /* Unix time */
  bool executable;

  /* As it was when opened. */
  int64_t modified_s;
  int64_t modified_ns;
} KhOutgoingFile;

#define KH_OUTGOING_FILE_CLOSED ((KhOutgoingFile){ .fd = -1 })

/* Errors: G_IO_ERROR; NOT_REGULAR_FILE for whatever is no plain file. */
bool kh_outgoing_file_open (KhOutgoingFile *self, const char *path, GError **error);

/* All of the @len bytes at @offset or a fault: SHRANK, UNREADABLE. */
KhFrameStatus kh_outgoing_file_read (const KhOutgoingFile *self, uint64_t offset,
                                     void *to, size_t len);

/* COMPLETE when it is as it was when it was opened; else SHRANK, CHANGED or
 * UNREADABLE. */
KhFrameStatus kh_outgoing_file_check (const KhOutgoingFile *self);

/* Does nothing when it is closed. */
void kh_outgoing_file_close (KhOutgoingFile *self);

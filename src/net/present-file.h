/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * present-file.h - a file that is here already and may be the one to be received.
 *
 * find() it by size and time, open() it to compare what is in it, close().
 *
 * Source: src/PROTOCOL.md, section 6.1, "What is there already".
 */
#pragma once

#include "net/folder-cursor.h"

#include <stdint.h>

/* Looks in the cursor's folder at @name and its numbered forms, down to the first that is
 * not there. Returns the place, below the cursor's top, of a plain file of this size
 * and time that has been changed or named since @since_ms (Unix time); else NULL. */
char *kh_present_file_find (const KhFolderCursor *cursor, const char *name, uint64_t size,
                            uint64_t modified_ms, int64_t since_ms);

/* Whether @name in @folder is a plain file of this size and time. */
bool kh_present_file_is (int folder, const char *name, uint64_t size,
                         uint64_t modified_ms);

/* A descriptor; -1 where it is no plain file or can't be read. */
int kh_present_file_open (int folder, const char *name);
void kh_present_file_close (int fd);

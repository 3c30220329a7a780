/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * read-at.h - reads a file at an offset, whatever was read of it before.
 *
 * Lengths and offsets are bytes. Any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* How many bytes there were, 0 at the end of the file; -1 when it can't be read. @fd as
 * net/outgoing-file and net/present-file open it. */
ptrdiff_t kh_read_at (int fd, uint64_t offset, void *to, size_t len);

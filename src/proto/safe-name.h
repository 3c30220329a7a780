/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * safe-name.h - a file name from a stranger, made fit for any disk and any screen.
 *
 * safe_name() takes the last part of a path and makes of it a name that names a
 * plain visible file in one folder, on Linux and on Windows, and that looks like
 * what it is: no separators, no control or direction characters, no reserved
 * device names. numbered() is for a name that is taken.
 *
 * Nothing here looks at a disk. What can do no harm is kept: emoji, spaces and
 * letters of any script, also those that resemble others.
 *
 * Lengths are bytes. Source: src/PROTOCOL.md, section 6; "Naming Files, Paths, and
 * Namespaces" of the Windows documentation.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Longest safe name: what file systems take, 255, less what a number and the dots
 * and letters of a partial file add. */
#define KH_SAFE_NAME_MAX 200
/* Longest extension, with its dot, that is treated as one. */
#define KH_SAFE_NAME_EXTENSION_MAX 16
/* A buffer for any name of a file, NUL included. */
#define KH_SAFE_NAME_LEN 256

/* @name is any @len bytes. Returns whether @out differs from them. A safe name
 * stays as it is. */
bool kh_safe_name (const char *name, size_t len, char out[KH_SAFE_NAME_LEN]);

/* "photo.jpg" and 2: "photo (2).jpg"; with 0 and 1 the name itself. @name is UTF-8
 * of at most 255 bytes; it is cut where the number would not fit. */
void kh_safe_name_numbered (const char *name, unsigned n, char out[KH_SAFE_NAME_LEN]);

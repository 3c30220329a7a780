/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * private-file.h - files that nobody but the user may read.
 */
#pragma once

#include <glib.h>

/* Makes it, empty, where it is missing; one that is there keeps what is in it, and is
 * made private. */
gboolean kh_private_file_make (const char *path, GError **error);

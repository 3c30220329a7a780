/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * key-file-write.h - a small secret into a file that only its user may read, whole or not
 * at all.
 *
 * On Windows, where there are no such modes, the folder of the profile is what keeps
 * others out: a folder elsewhere has the rights that whoever made it gave it.
 */
#pragma once

#include <glib.h>

/* Where there is a file at @path already, that is left as it is and is no failure. When
 * this returns TRUE, what is there outlasts a power cut. On FALSE errno says why. */
gboolean kh_key_file_write (const char *dir, const char *path, const char *text,
                            gsize len);

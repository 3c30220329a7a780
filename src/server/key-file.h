/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * key-file.h - the server's secret key on disk.
 *
 * open() reads it, or makes it when there is none: whole or not at all, readable by
 * its owner only, and never in the place of one that is there. A file that can't be
 * understood is an error for a person to look at: whoever lost a key has another
 * address, and clients stop loudly.
 */
#pragma once

#include <glib.h>

#define KH_KEY_FILE_NAME "server-key"
#define KH_KEY_FILE_SECRET_LEN 32

/* Makes @data_dir too. */
gboolean kh_key_file_open (const char *data_dir, guint8 secret[KH_KEY_FILE_SECRET_LEN],
                           GError **error);

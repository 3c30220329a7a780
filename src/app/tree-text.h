/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tree-text.h - one file or folder of a transfer, in words.
 *
 * Pure functions; texts are translated, and freed by the caller where not const.
 */
#pragma once

#include "core/types.h"

#include <gio/gio.h>

/* The last part of what it is called: here, of an incoming one, since that is safe to be
 * shown. */
char *kh_tree_text_name (const KhEntryInfo *entry, gboolean outgoing);

/* "3.4 MB" of a file, "link, not sent" of a link, "" of a folder. */
char *kh_tree_text_size (const KhEntryInfo *entry);

/* What became of it; "" while nothing has. */
char *kh_tree_text_state (const KhEntryInfo *entry, gboolean outgoing);

/* Where it is called otherwise at the sender: says so; NULL otherwise. */
char *kh_tree_text_other_name (const KhEntryInfo *entry, gboolean outgoing);

/* Style class of the state. */
const char *kh_tree_text_class (const KhEntryInfo *entry);

GIcon *kh_tree_text_icon (const KhEntryInfo *entry);

/* All of it, for a screen reader. */
char *kh_tree_text_whole (const KhEntryInfo *entry, gboolean outgoing);

/* The first @most of @entries, a line each, as they will be called here; and how many
 * more there are where @n_files, those of the whole, are more than that. */
char *kh_tree_text_names (const GPtrArray *entries, guint most, guint n_files);

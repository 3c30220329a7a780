/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * scratch-tree.h - transfers and their entries in a scratch store.
 */
#pragma once

#include "scratch.h"
#include "store/entries.h"

/* A transfer of scratch_peer (1) that is LISTING; returns its seq. */
gint64 scratch_transfer (Scratch *self, guint id, KhStoreDirection direction);

/* Gives it the entries that @lines name, and it is OFFERED. A line is a space for each
 * level of depth, then "NAME SIZE" for a file, "NAME/" for a folder or "NAME@" for a
 * link. An entry of depth 0 has the place "/from/NAME". */
void scratch_tree (Scratch *self, gint64 transfer, const char *const *lines, guint n);

KhStoredTransfer *scratch_get_transfer (Scratch *self, gint64 transfer);

/* The sums over the entries are what the transfer says. */
void scratch_assert_counts (Scratch *self, gint64 transfer);

/* All that failed, for scratch_assert_page(). */
GPtrArray *scratch_failed (Scratch *self, gint64 transfer);

/* The entries of a page as "NUMBER:PATH" with spaces between, which frees it. */
void scratch_assert_page (GPtrArray *page, const char *expected);

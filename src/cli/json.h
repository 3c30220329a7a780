/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * json.h - events as lines of JSON, for scripts.
 *
 * Pure functions that return one JSON object without a line break, freed by the
 * caller. Their shapes are a contract: members are added, never renamed.
 */
#pragma once

#include "cli/status.h"
#include "core/types.h"

/* @own_id: the identity of this side. NULL for an event that has no line. */
char *kh_json_event (const KhEvent *event, const KhPeerId *own_id);

/* One of the list that `transfers` prints. */
char *kh_json_transfer (const KhTransferInfo *info);

/* What `nat` has found out. */
char *kh_json_network (const KhNetworkInfo *network);

char *kh_json_error (KhStatus status, const char *message);

/* Of a transfer that did not wholly arrive. */
char *kh_json_transfer_error (KhStatus status, const char *message, const KhItemId *item,
                              guint n_failed);

/* @event and pairs of name and text, ended by NULL. */
char *kh_json_texts (const char *event, ...) G_GNUC_NULL_TERMINATED;

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * transfer-look.h - how a transfer looks, and what can be done with it.
 *
 * Pure functions of a KhTransferView (transfer-text.h).
 */
#pragma once

#include "app/transfer-text.h"

typedef enum
{
  KH_TRANSFER_ACCEPT = 1 << 0,
  KH_TRANSFER_DECLINE = 1 << 1,
  KH_TRANSFER_SAVE_TO = 1 << 2,
  KH_TRANSFER_PAUSE = 1 << 3,
  KH_TRANSFER_RESUME = 1 << 4,
  KH_TRANSFER_CANCEL = 1 << 5,
  KH_TRANSFER_RETRY = 1 << 6,
  KH_TRANSFER_OPEN = 1 << 7,
  KH_TRANSFER_SHOW = 1 << 8, /* in its folder */
  KH_TRANSFER_FIRST = 1 << 9,
  KH_TRANSFER_DETAILS = 1 << 10,
} KhTransferActions;

KhTransferActions kh_transfer_look_actions (const KhTransferView *view);

/* A name of the icon theme, for the status line; NULL: none. */
const char *kh_transfer_look_icon (KhTransferStanding standing);

/* Style class of the status line: "success", "warning", "error", "accent"; NULL. */
const char *kh_transfer_look_class (KhTransferStanding standing);

/* A file of this name may do something when it is opened, rather than be shown: it is not
 * opened without a question. */
gboolean kh_transfer_look_is_program (const char *name);

/* An icon for a file of this name. */
GIcon *kh_transfer_look_file (const char *name);

/* An icon for the whole: of a file by its name, of a folder, of several. */
GIcon *kh_transfer_look_kind (const KhTransferView *view);

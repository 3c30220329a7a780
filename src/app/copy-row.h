/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * copy-row.h - a row with a text that is meant to be copied: a link, an id.
 *
 * The text wraps and can be selected; "Copy" puts it on the clipboard and says so on
 * the button.
 */
#pragma once

#include <adwaita.h>

#define KH_TYPE_COPY_ROW (kh_copy_row_get_type ())
G_DECLARE_FINAL_TYPE (KhCopyRow, kh_copy_row, KH, COPY_ROW, AdwPreferencesRow)

/* NULL: none; the button is off then. */
void kh_copy_row_set_text (KhCopyRow *self, const char *text);

/* The cursor goes to "Copy". */
void kh_copy_row_focus (KhCopyRow *self);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * step-row.h - the eight steps of a punch as dots that light up.
 */
#pragma once

#include "core/attempt.h"

#include <gtk/gtk.h>

#define KH_TYPE_STEP_ROW (kh_step_row_get_type ())
G_DECLARE_FINAL_TYPE (KhStepRow, kh_step_row, KH, STEP_ROW, GtkWidget)

/* Follows the attempt; NULL: none. */
void kh_step_row_set_attempt (KhStepRow *self, KhAttempt *attempt);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * wrap-layout.h - widgets one beside the other, on as many lines as they need.
 *
 * A layout manager for a few buttons that have to fit also where it is narrow and the
 * text large. In the direction of reading; spacing is pixels.
 */
#pragma once

#include <gtk/gtk.h>

#define KH_TYPE_WRAP_LAYOUT (kh_wrap_layout_get_type ())
G_DECLARE_FINAL_TYPE (KhWrapLayout, kh_wrap_layout, KH, WRAP_LAYOUT, GtkLayoutManager)

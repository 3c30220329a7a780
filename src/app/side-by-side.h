/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * side-by-side.h - two widgets beside each other, or where it is narrow below each other.
 *
 * The first takes the room that is left; the second has its natural width beside it, and
 * all of the width below it. For a text with its buttons. The properties "spacing" and
 * "below-spacing" are the gap between them.
 */
#pragma once

#include <gtk/gtk.h>

#define KH_TYPE_SIDE_BY_SIDE (kh_side_by_side_get_type ())
G_DECLARE_FINAL_TYPE (KhSideBySide, kh_side_by_side, KH, SIDE_BY_SIDE, GtkWidget)

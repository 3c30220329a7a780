/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * split.h - two children beside each other, or one of them where it is narrow.
 *
 * Its children in a template are of the types "sidebar" and "content". From KH_SPLIT_WIDE
 * pixels on both are shown; below that "narrow" is TRUE and one is: the content if that
 * is to be shown, else the sidebar. "narrow" is notified outside of the layout.
 */
#pragma once

#include <gtk/gtk.h>

#define KH_SPLIT_WIDE 640
#define KH_SPLIT_SIDEBAR 300

#define KH_TYPE_SPLIT (kh_split_get_type ())
G_DECLARE_FINAL_TYPE (KhSplit, kh_split, KH, SPLIT, GtkWidget)

gboolean kh_split_is_narrow (KhSplit *self);

void kh_split_set_show_content (KhSplit *self, gboolean show);
gboolean kh_split_get_show_content (KhSplit *self);

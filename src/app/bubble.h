/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bubble.h - a text with something small at its end: beside its last line where there is
 * room, else below it.
 *
 * new() takes the two widgets: a label that wraps, and what stands at the end.
 */
#pragma once

#include <gtk/gtk.h>

#define KH_TYPE_BUBBLE (kh_bubble_get_type ())
G_DECLARE_FINAL_TYPE (KhBubble, kh_bubble, KH, BUBBLE, GtkWidget)

GtkWidget *kh_bubble_new (GtkLabel *text, GtkWidget *foot);

/* The text of the label is another. */
void kh_bubble_text_changed (KhBubble *self);

/* A widget of its own line between the two, or NULL. */
void kh_bubble_set_middle (KhBubble *self, GtkWidget *middle);

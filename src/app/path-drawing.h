/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * path-drawing.h - draws the nodes and lines of the picture of a connection.
 *
 * A paintable for a GtkImage, which hands it the colours of the theme: the text's, and
 * from -gtk-icon-palette "error", "warning" (what is being tried, or relayed: never both)
 * and "success".
 * It fills the width that it is given and as much of the height as path-picture-layout.h
 * says: a GtkImage wants to be a square.
 */
#pragma once

#include "app/path-picture-layout.h"

#include <gtk/gtk.h>

#define KH_TYPE_PATH_DRAWING (kh_path_drawing_get_type ())
G_DECLARE_FINAL_TYPE (KhPathDrawing, kh_path_drawing, KH, PATH_DRAWING, GObject)

KhPathDrawing *kh_path_drawing_new (void);
void kh_path_drawing_set_looks (KhPathDrawing *self, const KhPictureLooks *looks);

/* How far what is tried has moved, 0 to 1. */
void kh_path_drawing_set_phase (KhPathDrawing *self, double phase);

/* From right to left; and with more contrast. */
void kh_path_drawing_set_style (KhPathDrawing *self, gboolean rtl, gboolean contrast);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * path-picture.h - the picture of a connection: this computer, its router, the internet
 * with the server, their router, their computer; lines as they are tried and won.
 *
 * set_attempt() for a punch, or set_network() for this computer's side alone; with both
 * it is the attempt, and says what kind of router this computer has. It draws with the
 * colours of the theme and says in words what it shows to a screen reader. It moves only
 * while something is being tried.
 */
#pragma once

#include "core/attempt.h"

#include <gtk/gtk.h>

#define KH_TYPE_PATH_PICTURE (kh_path_picture_get_type ())
G_DECLARE_FINAL_TYPE (KhPathPicture, kh_path_picture, KH, PATH_PICTURE, GtkWidget)

/* Both are followed or copied; NULL takes them away. */
void kh_path_picture_set_attempt (KhPathPicture *self, KhAttempt *attempt);
void kh_path_picture_set_network (KhPathPicture *self, const KhNetworkInfo *network);

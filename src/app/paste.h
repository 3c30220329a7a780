/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * paste.h - what the clipboard has: files, text, or a picture.
 *
 * Files and text are handed on; of a picture a person sees a small version first and
 * says yes.
 */
#pragma once

#include "core/types.h"

#include <gtk/gtk.h>

typedef struct
{
  void (*files) (GListModel *files, gpointer data); /* of GFile */
  /* Takes @text, which may be of any length. */
  void (*text) (char *text, const KhPeerId *peer, gpointer data);
  void (*picture) (GdkTexture *texture, const KhPeerId *peer, gpointer data);
} KhPasteFunctions;

/* FALSE: the clipboard has nothing for us, and the paste is as always. @data is
 * @widget or lives as long; nothing is called after @widget has left its window. */
gboolean kh_paste_take (GtkWidget *widget, const KhPeerId *peer,
                        const KhPasteFunctions *functions, gpointer data);

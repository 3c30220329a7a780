/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * composer.h - where a message is written.
 *
 * Enter sends, Shift+Enter breaks; "send-files" carries a GListModel of GFile that were
 * pasted, "leave" comes with Escape. The text is the draft until it is sent. Attaching
 * is the actions "win.attach" and "win.attach-folder".
 */
#pragma once

#include "core/client.h"

#include <gtk/gtk.h>

#define KH_TYPE_COMPOSER (kh_composer_get_type ())
G_DECLARE_FINAL_TYPE (KhComposer, kh_composer, KH, COMPOSER, GtkWidget)

GtkWidget *kh_composer_new (KhClient *client);

/* NULL: nobody. Changes over to that person's draft. */
void kh_composer_set_peer (KhComposer *self, const KhPeerId *peer);

void kh_composer_focus (KhComposer *self);

/* Puts what is answered before what is written, and takes the keyboard. */
void kh_composer_quote (KhComposer *self, const char *text);

/* A key that was pressed elsewhere and means text: takes the keyboard and the key. */
void kh_composer_take_key (KhComposer *self, GtkEventControllerKey *controller);

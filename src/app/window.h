/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * window.h - the main window: people at one side, a conversation at the other.
 *
 * It shows the first run's page while there is no server, then the two panes; where it
 * is narrow one of them at a time.
 */
#pragma once

#include "app/application.h"
#include "core/person.h"

#define KH_TYPE_WINDOW (kh_window_get_type ())
G_DECLARE_FINAL_TYPE (KhWindow, kh_window, KH, WINDOW, AdwApplicationWindow)

KhWindow *kh_window_new (KhApplication *application);

/* Presents it, at once or as soon as there is something to show. */
void kh_window_show (KhWindow *self);

/* The data folder is open: client and people are there. */
void kh_window_ready (KhWindow *self);

/* Client and people go. */
void kh_window_clear (KhWindow *self);

/* Opening takes long. */
void kh_window_show_opening (KhWindow *self);

/* The data folder can't be used. */
void kh_window_show_failure (KhWindow *self, const GError *error, const char *folder);

/* Size and such things, for the next time. */
void kh_window_keep_state (KhWindow *self);

/* A link that came before there was a server. FALSE: there is one. */
gboolean kh_window_take_link (KhWindow *self, const char *uri);

/* Shows the conversation, connects where that makes sense, puts the cursor into the
 * composer. */
void kh_window_open_person (KhWindow *self, KhPerson *person);

/* Whose conversation is on the screen; NULL: nobody's. */
KhPerson *kh_window_get_person (KhWindow *self);

/* A person at this computer sees this conversation now. */
gboolean kh_window_is_watching (KhWindow *self, const KhPeerId *id);

/* A sentence at the foot of the window for some seconds. */
void kh_window_add_toast (KhWindow *self, const char *text);

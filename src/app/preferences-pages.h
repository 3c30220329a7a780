/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * preferences-pages.h - the pages of the preferences, one file each.
 *
 * Everything on them counts at once; what must be typed whole has an "Apply" button.
 * Toasts go to the window that a page is in.
 */
#pragma once

#include "app/application.h"

/* Name, id, server, room, meeting point. */
#define KH_TYPE_SERVER_PAGE (kh_server_page_get_type ())
G_DECLARE_FINAL_TYPE (KhServerPage, kh_server_page, KH, SERVER_PAGE, AdwPreferencesPage)
GtkWidget *kh_server_page_new (KhApplication *application);

/* Where received files go, how fast, what is kept of conversations. */
#define KH_TYPE_FILES_PAGE (kh_files_page_get_type ())
G_DECLARE_FINAL_TYPE (KhFilesPage, kh_files_page, KH, FILES_PAGE, AdwPreferencesPage)
GtkWidget *kh_files_page_new (KhApplication *application);

/* Whose files are taken without a question, who is blocked. */
#define KH_TYPE_CHOICES_PAGE (kh_choices_page_get_type ())
G_DECLARE_FINAL_TYPE (KhChoicesPage, kh_choices_page, KH, CHOICES_PAGE,
                      AdwPreferencesPage)
GtkWidget *kh_choices_page_new (KhApplication *application);

/* Notifications, the background, ways to connect. */
#define KH_TYPE_SYSTEM_PAGE (kh_system_page_get_type ())
G_DECLARE_FINAL_TYPE (KhSystemPage, kh_system_page, KH, SYSTEM_PAGE, AdwPreferencesPage)
GtkWidget *kh_system_page_new (KhApplication *application);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * folder-text.h - how a folder that received files go to is named to a person.
 *
 * A sandbox sees a folder that was chosen for it at a path of the document portal, which
 * means nothing to anybody: of that only the name is shown.
 *
 * Source: the documentation of xdg-desktop-portal, org.freedesktop.portal.Documents.
 */
#pragma once

#include <glib.h>

/* Whether @path, absolute, was handed to a sandbox by the document portal. */
gboolean kh_folder_text_is_document (const char *path);

/* @folder NULL: none was chosen. Free it. */
char *kh_folder_text (const char *folder);

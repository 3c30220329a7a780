/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * window-text.h - the title of the window, and how it stands with the server in one word.
 */
#pragma once

#include "core/client.h"

#include <glib.h>

/* Free it. */
char *kh_window_text_title (guint unread);

/* @by_choice: a person wants to appear offline. */
const char *kh_window_text_server (KhServerState state, gboolean by_choice);

/* What stands where no conversation is open. Borrowed; no button where @button is NULL.
 */
typedef struct
{
  const char *title;
  const char *description;
  const char *button;
  const char *action;
} KhNobodyText;

/* @alone: nobody is listed. */
KhNobodyText kh_window_text_nobody (KhServerState state, gboolean alone);

/* The value of the setting "app-window", and back. FALSE: nothing useful was kept. */
char *kh_window_text_size (int width, int height, gboolean maximized);
gboolean kh_window_parse_size (const char *text, int *width, int *height,
                               gboolean *maximized);

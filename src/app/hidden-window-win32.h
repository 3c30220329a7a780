/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * hidden-window-win32.h - what Windows tells a program through a window: another start of
 * it, its icon beside the clock, the end of the session.
 *
 * open() it, once, and listen() for messages, before or after that. A thread of its own
 * owns the window, so that nobody waits for the main loop, nor the main loop for an open
 * menu. Listeners are called on that thread; what they do for the program they hand to
 * the main loop. It stays until the process ends.
 *
 * Source: "Windows and Messages" of the Windows API.
 */
#pragma once

#include <glib.h>
#include <windows.h>

/* By which an installer finds it, to end the program by WM_CLOSE. */
#define KH_HIDDEN_WINDOW_CLASS L"KnotholeHiddenWindow"

/* TRUE: it is answered with *@result, which is 0 at first. */
typedef gboolean (*KhHiddenWindowFunc) (UINT message, WPARAM first, LPARAM second,
                                        LRESULT *result);

/* At most four; on the main thread. */
void kh_hidden_window_listen (KhHiddenWindowFunc func);

/* Returns when it is there. @title is how find() finds it. FALSE: there is none. */
gboolean kh_hidden_window_open (const char *title);

/* That of this process; NULL: there is none. */
HWND kh_hidden_window_get (void);

/* That of any process of this desktop; NULL: there is none. */
HWND kh_hidden_window_find (const char *title);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Source: "WM_QUERYENDSESSION message" and "WM_ENDSESSION message" of the Windows API.
 */
#include "app/terminate.h"

#include "app/hidden-window-win32.h"

/* What Windows allows a program at the end of a session, less a little. */
#define PATIENCE_MS 4500

/* A listener has no other way to it. */
static struct
{
  GSourceFunc callback;
  gpointer data;
} watch;

static gboolean
call_back (G_GNUC_UNUSED gpointer data)
{
  watch.callback (watch.data);
  return G_SOURCE_REMOVE;
}

static void
tell (void)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, call_back, NULL, NULL);
}

/* The process is ended when WM_ENDSESSION was answered: this waits while the main loop
 * says goodbye and ends it itself. */
static gboolean
take (UINT message, WPARAM first, G_GNUC_UNUSED LPARAM second, LRESULT *result)
{
  switch (message)
    {
    case WM_QUERYENDSESSION:
      *result = TRUE;
      return TRUE;
    case WM_ENDSESSION:
      if (first == FALSE)
        return TRUE;
      tell ();
      Sleep (PATIENCE_MS);
      return TRUE;
    case WM_CLOSE: /* from an installer: nobody sees this window */
      tell ();
      return TRUE;
    default:
      return FALSE;
    }
}

void
kh_terminate_watch (GSourceFunc callback, gpointer data)
{
  watch.callback = callback;
  watch.data = data;
  kh_hidden_window_listen (take);
}

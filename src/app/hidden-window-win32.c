/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/hidden-window-win32.h"

#define MOST_LISTENERS 4

/* A window procedure has no other way to its data. */
static struct
{
  KhHiddenWindowFunc listeners[MOST_LISTENERS]; /* none changes once it is counted */
  gint n_listeners;                             /* atomic */
  HWND window;                                  /* from open() on */
} here;

/* What the thread needs until it has said how it went. */
typedef struct
{
  const char *title;
  GMutex lock;
  GCond changed;
  gboolean is_done;
} Opening;

static LRESULT CALLBACK
on_message (HWND window, UINT message, WPARAM first, LPARAM second)
{
  gint n_listeners = g_atomic_int_get (&here.n_listeners);

  for (gint i = 0; i < n_listeners; i++)
    {
      LRESULT result = 0;

      if (here.listeners[i](message, first, second, &result))
        return result;
    }
  /* Not destroyed: WM_CLOSE is a wish that somebody listens to, or nobody. */
  return message == WM_CLOSE ? 0 : DefWindowProcW (window, message, first, second);
}

static HWND
make_window (const char *title)
{
  const WNDCLASSW class = { .lpfnWndProc = on_message,
                            .hInstance = GetModuleHandleW (NULL),
                            .lpszClassName = KH_HIDDEN_WINDOW_CLASS };
  g_autofree WCHAR *wide = g_utf8_to_utf16 (title, -1, NULL, NULL, NULL);

  if (wide == NULL || RegisterClassW (&class) == 0)
    return NULL;
  /* A window of the desktop, though never shown: others are not told of the end of the
   * session, nor of a new taskbar. */
  return CreateWindowExW (WS_EX_TOOLWINDOW, KH_HIDDEN_WINDOW_CLASS, wide, WS_POPUP, 0, 0,
                          0, 0, NULL, NULL, class.hInstance, NULL);
}

static gpointer
run (gpointer data)
{
  Opening *opening = data;
  gboolean good;
  MSG message;

  here.window = make_window (opening->title);
  good = here.window != NULL;
  g_mutex_lock (&opening->lock);
  opening->is_done = TRUE;
  g_cond_signal (&opening->changed);
  g_mutex_unlock (&opening->lock);
  while (good && GetMessageW (&message, NULL, 0, 0) > 0)
    {
      TranslateMessage (&message);
      DispatchMessageW (&message);
    }
  return NULL;
}

void
kh_hidden_window_listen (KhHiddenWindowFunc func)
{
  g_return_if_fail (here.n_listeners < MOST_LISTENERS);
  here.listeners[here.n_listeners] = func;
  g_atomic_int_inc (&here.n_listeners);
}

gboolean
kh_hidden_window_open (const char *title)
{
  Opening opening = { .title = title };

  g_return_val_if_fail (here.window == NULL, FALSE);
  g_mutex_init (&opening.lock);
  g_cond_init (&opening.changed);
  g_thread_unref (g_thread_new ("hidden-window", run, &opening));
  g_mutex_lock (&opening.lock);
  while (!opening.is_done)
    g_cond_wait (&opening.changed, &opening.lock);
  g_mutex_unlock (&opening.lock);
  g_mutex_clear (&opening.lock);
  g_cond_clear (&opening.changed);
  return here.window != NULL;
}

HWND
kh_hidden_window_get (void)
{
  return here.window;
}

HWND
kh_hidden_window_find (const char *title)
{
  g_autofree WCHAR *wide = g_utf8_to_utf16 (title, -1, NULL, NULL, NULL);

  return wide != NULL ? FindWindowW (KH_HIDDEN_WINDOW_CLASS, wide) : NULL;
}

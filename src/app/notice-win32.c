/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Source: "Shell_NotifyIconW function" and "Notifications and the Notification Area" of
 * the Windows API, version 4 of the icon's behaviour.
 */
#include "app/notice.h"

#include "app/hidden-window-win32.h"

#include <glib/gi18n.h>
#include <shellapi.h>
#include <string.h>

/* Of the icon to the hidden window: the event is in the low half of the last value. */
#define ICON_MESSAGE (WM_APP + 1)
#define ICON_NUMBER 1

/* The number of the icon in knothole.rc. */
#define ICON_RESOURCE 1

/* What the menu returns. */
enum
{
  CHOSE_NOTHING = 0,
  CHOSE_OPEN,
  CHOSE_QUIT,
};

/* Windows calls a window, and that a function without data. */
static struct
{
  /* From start() on, and then only read. */
  WCHAR *open_label;
  WCHAR *quit_label;
  UINT taskbar_message;
  HICON icon;
  /* Of the main loop. */
  gboolean is_shown;
  char *id;     /* of what the balloon tells of; NULL: there is none */
  char *person; /* in it */
} here;

/* --- On the main loop -----------------------------------------------------------------
 */

static gboolean
open_window (G_GNUC_UNUSED gpointer data)
{
  GApplication *application = g_application_get_default ();

  if (application != NULL && here.is_shown)
    g_application_activate (application);
  return G_SOURCE_REMOVE;
}

static gboolean
open_person (G_GNUC_UNUSED gpointer data)
{
  GApplication *application = g_application_get_default ();

  if (application == NULL || !here.is_shown)
    return G_SOURCE_REMOVE;
  if (here.person != NULL)
    g_action_group_activate_action (G_ACTION_GROUP (application), "show-person",
                                    g_variant_new_string (here.person));
  else
    g_application_activate (application);
  return G_SOURCE_REMOVE;
}

static gboolean
quit (G_GNUC_UNUSED gpointer data)
{
  GApplication *application = g_application_get_default ();

  if (application != NULL && here.is_shown)
    g_action_group_activate_action (G_ACTION_GROUP (application), "quit", NULL);
  return G_SOURCE_REMOVE;
}

static NOTIFYICONDATAW
make_data (UINT flags)
{
  return (NOTIFYICONDATAW){ .cbSize = sizeof (NOTIFYICONDATAW),
                            .hWnd = kh_hidden_window_get (),
                            .uID = ICON_NUMBER,
                            .uFlags = flags,
                            .uCallbackMessage = ICON_MESSAGE,
                            .hIcon = here.icon,
                            .szTip = L"Knothole",
                            .uVersion = NOTIFYICON_VERSION_4 };
}

static void
add_icon (void)
{
  NOTIFYICONDATAW data = make_data (NIF_MESSAGE | NIF_ICON | NIF_TIP | NIF_SHOWTIP);

  if (Shell_NotifyIconW (NIM_ADD, &data))
    Shell_NotifyIconW (NIM_SETVERSION, &data);
}

static gboolean
add_icon_again (G_GNUC_UNUSED gpointer data)
{
  if (here.is_shown)
    add_icon ();
  return G_SOURCE_REMOVE;
}

/* As much of @text as fits in @room units, at a whole character. */
static void
fill (WCHAR *units, gsize room, const char *text)
{
  glong n = 0;
  g_autofree WCHAR *wide = g_utf8_to_utf16 (text, -1, NULL, &n, NULL);
  gsize len = wide != NULL ? MIN ((gsize)n, room - 1) : 0;

  if (len > 0 && len < (gsize)n && IS_HIGH_SURROGATE (wide[len - 1]))
    len--;
  if (len > 0)
    memcpy (units, wide, len * sizeof *units);
  units[len] = 0;
}

/* An empty text takes away the balloon that there is. */
static void
show_balloon (const char *title, const char *body)
{
  NOTIFYICONDATAW data = make_data (NIF_INFO);

  data.dwInfoFlags = NIIF_USER | NIIF_LARGE_ICON | NIIF_RESPECT_QUIET_TIME;
  fill (data.szInfoTitle, G_N_ELEMENTS (data.szInfoTitle), title);
  fill (data.szInfo, G_N_ELEMENTS (data.szInfo), body);
  Shell_NotifyIconW (NIM_MODIFY, &data);
}

/* --- On the thread of the hidden window ------------------------------------------------
 */

/* It returns when something was chosen or the menu was left; nothing else waits for it.
 */
static void
show_menu (int x, int y)
{
  HWND window = kh_hidden_window_get ();
  HMENU menu = CreatePopupMenu ();
  int chosen;

  AppendMenuW (menu, MF_STRING, CHOSE_OPEN, here.open_label);
  AppendMenuW (menu, MF_STRING, CHOSE_QUIT, here.quit_label);
  SetMenuDefaultItem (menu, CHOSE_OPEN, FALSE);
  /* Otherwise the menu stays when somebody clicks elsewhere. */
  SetForegroundWindow (window);
  chosen = TrackPopupMenuEx (menu, TPM_RETURNCMD | TPM_NONOTIFY | TPM_RIGHTBUTTON, x, y,
                             window, NULL);
  PostMessageW (window, WM_NULL, 0, 0);
  DestroyMenu (menu);
  if (chosen == CHOSE_OPEN)
    g_idle_add_full (G_PRIORITY_DEFAULT, open_window, NULL, NULL);
  else if (chosen == CHOSE_QUIT)
    g_idle_add_full (G_PRIORITY_DEFAULT, quit, NULL, NULL);
}

static void
take_icon_message (WPARAM first, LPARAM second)
{
  switch (LOWORD (second))
    {
    case NIN_SELECT:
    case NIN_KEYSELECT:
      g_idle_add_full (G_PRIORITY_DEFAULT, open_window, NULL, NULL);
      break;
    case NIN_BALLOONUSERCLICK:
      g_idle_add_full (G_PRIORITY_DEFAULT, open_person, NULL, NULL);
      break;
    case WM_CONTEXTMENU:
      show_menu ((short)LOWORD (first), (short)HIWORD (first));
      break;
    default:
      break;
    }
}

static gboolean
take (UINT message, WPARAM first, LPARAM second, G_GNUC_UNUSED LRESULT *result)
{
  if (message == ICON_MESSAGE)
    {
      take_icon_message (first, second);
      return TRUE;
    }
  /* The taskbar came anew, and has forgotten all icons. */
  if (message == here.taskbar_message && message != 0)
    g_idle_add_full (G_PRIORITY_DEFAULT, add_icon_again, NULL, NULL);
  return FALSE;
}

/* --- From outside ----------------------------------------------------------------------
 */

void
kh_notice_start (G_GNUC_UNUSED GApplication *application)
{
  if (kh_hidden_window_get () == NULL || here.is_shown)
    return;
  here.open_label = g_utf8_to_utf16 (_ ("Open Knothole"), -1, NULL, NULL, NULL);
  here.quit_label = g_utf8_to_utf16 (_ ("Quit"), -1, NULL, NULL, NULL);
  here.taskbar_message = RegisterWindowMessageW (L"TaskbarCreated");
  here.icon = LoadIconW (GetModuleHandleW (NULL), MAKEINTRESOURCEW (ICON_RESOURCE));
  here.is_shown = TRUE;
  kh_hidden_window_listen (take);
  add_icon ();
}

void
kh_notice_stop (G_GNUC_UNUSED GApplication *application)
{
  NOTIFYICONDATAW data = make_data (0);

  if (!here.is_shown)
    return;
  here.is_shown = FALSE;
  Shell_NotifyIconW (NIM_DELETE, &data);
  g_clear_pointer (&here.id, g_free);
  g_clear_pointer (&here.person, g_free);
}

void
kh_notice_send (G_GNUC_UNUSED GApplication *application, const KhNotice *notice)
{
  if (!here.is_shown)
    return;
  g_free (here.id);
  g_free (here.person);
  here.id = g_strdup (notice->id);
  here.person = g_strdup (notice->person);
  show_balloon (notice->title, *notice->body != '\0' ? notice->body : " ");
}

void
kh_notice_withdraw (G_GNUC_UNUSED GApplication *application, const char *id)
{
  if (!here.is_shown || g_strcmp0 (here.id, id) != 0)
    return;
  show_balloon ("", "");
  g_clear_pointer (&here.id, g_free);
  g_clear_pointer (&here.person, g_free);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Source: "Using Data Copy" and "CreateMutexW function" of the Windows API.
 */
#include "app/instance.h"

#include "app/hidden-window-win32.h"

#include <string.h>

/* What a WM_COPYDATA of ours says in dwData: "KnL1". */
#define LINKS 0x4b6e4c31

/* Bytes of all links together; an invite has some hundred. */
#define LONGEST_LINKS 8192

/* How long another start may take to become the program, or to take a message. */
#define PATIENCE_MS 10000

/* --- The first start ---------------------------------------------------------------- */

/* @data: links, each with a NUL; none: it is to show itself. */
static gboolean
open_links (gpointer data)
{
  GBytes *bytes = data;
  GApplication *application = g_application_get_default ();
  gsize len;
  const char *text = g_bytes_get_data (bytes, &len);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);

  if (application == NULL || !g_application_get_is_registered (application))
    return G_SOURCE_REMOVE;
  for (gsize at = 0; at < len; at += strlen (text + at) + 1)
    g_ptr_array_add (files, g_file_new_for_uri (text + at));
  if (files->len == 0)
    g_application_activate (application);
  else
    g_application_open (application, (GFile **)files->pdata, (int)files->len, "");
  return G_SOURCE_REMOVE;
}

/* Any program of this desktop may send anything. */
static gboolean
take (UINT message, G_GNUC_UNUSED WPARAM first, LPARAM second, LRESULT *result)
{
  const COPYDATASTRUCT *sent = (const void *)second;
  const char *text;

  if (message != WM_COPYDATA)
    return FALSE;
  if (sent == NULL || sent->dwData != LINKS || sent->cbData > LONGEST_LINKS
      || (sent->cbData > 0 && sent->lpData == NULL))
    return TRUE;
  text = sent->lpData;
  if (sent->cbData > 0 && text[sent->cbData - 1] != '\0')
    return TRUE;
  for (gsize at = 0; at < sent->cbData; at += strlen (text + at) + 1)
    if (!g_utf8_validate (text + at, -1, NULL))
      return TRUE;
  g_idle_add_full (G_PRIORITY_DEFAULT, open_links, g_bytes_new (text, sent->cbData),
                   (GDestroyNotify)g_bytes_unref);
  *result = TRUE;
  return TRUE;
}

/* --- The second --------------------------------------------------------------------- */

/* Those of the command line, each with a NUL. */
static GByteArray *
gather_links (void)
{
  g_auto (GStrv) words = g_win32_get_command_line ();
  GByteArray *links = g_byte_array_new ();

  for (guint i = 1; words[i] != NULL; i++)
    {
      g_autofree char *scheme = g_uri_parse_scheme (words[i]);
      gsize len = strlen (words[i]) + 1;

      if (scheme != NULL && g_ascii_strcasecmp (scheme, "knothole") == 0
          && links->len + len <= LONGEST_LINKS)
        g_byte_array_append (links, (const guint8 *)words[i], (guint)len);
    }
  return links;
}

static gboolean
hand_over (HWND window)
{
  g_autoptr (GByteArray) links = gather_links ();
  COPYDATASTRUCT sent = { .dwData = LINKS, .cbData = links->len, .lpData = links->data };
  DWORD process = 0;
  DWORD_PTR answer;

  /* Who was started by a person may let another come to the front. */
  GetWindowThreadProcessId (window, &process);
  AllowSetForegroundWindow (process);
  return SendMessageTimeoutW (window, WM_COPYDATA, 0, (LPARAM)&sent, SMTO_ABORTIFHUNG,
                              PATIENCE_MS, &answer)
         != 0;
}

/* Held while one of two that start at once becomes the program, so that the other finds
 * it. One that died in between leaves it free. */
static HANDLE
enter (const char *id)
{
  g_autofree char *name = g_strconcat ("Local\\", id, NULL);
  g_autofree WCHAR *wide = g_utf8_to_utf16 (name, -1, NULL, NULL, NULL);
  HANDLE mutex = CreateMutexW (NULL, FALSE, wide);

  if (mutex != NULL)
    WaitForSingleObject (mutex, PATIENCE_MS);
  return mutex;
}

static void
leave (HANDLE mutex)
{
  if (mutex == NULL)
    return;
  ReleaseMutex (mutex);
  CloseHandle (mutex);
}

/* No bus, or one that somebody set up: GIO starts none when it has an address. */
GApplicationFlags
kh_instance_flags (void)
{
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", FALSE);
  return G_APPLICATION_NON_UNIQUE;
}

gboolean
kh_instance_claim (GApplication *application, gboolean background)
{
  const char *id = g_application_get_application_id (application);
  HANDLE mutex = enter (id);
  HWND other = kh_hidden_window_find (id);

  if (other == NULL)
    {
      kh_hidden_window_listen (take);
      kh_hidden_window_open (id);
    }
  else if (!background && !hand_over (other))
    g_warning ("the Knothole that runs already does not answer");
  leave (mutex);
  return other == NULL;
}

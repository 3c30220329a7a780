/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The shell may ask a person, or look in the network: it is asked on a thread of its own.
 *
 * Source: "ShellExecuteExW function" and "SHOpenFolderAndSelectItems function" of the
 * Windows API.
 */
#include "app/launch.h"

#include <windows.h>

#include <objbase.h>
#include <shellapi.h>
#include <shlobj.h>

/* "file:" or any other. What is no file is as it was given. */
static WCHAR *
target_of (const char *uri)
{
  g_autofree char *path = g_filename_from_uri (uri, NULL, NULL);

  return g_utf8_to_utf16 (path != NULL ? path : uri, -1, NULL, NULL, NULL);
}

static void
return_error (GTask *task, DWORD code)
{
  g_autofree char *text = g_win32_error_message ((gint)code);
  GIOErrorEnum kind = G_IO_ERROR_FAILED;

  if (code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND)
    kind = G_IO_ERROR_NOT_FOUND;
  else if (code == ERROR_CANCELLED)
    kind = G_IO_ERROR_CANCELLED;
  g_task_return_new_error (task, G_IO_ERROR, (gint)kind, "%s", text);
}

/* Where no program is known for it, Windows offers to choose one. */
static void
launch_in_thread (GTask *task, G_GNUC_UNUSED gpointer source, gpointer data,
                  G_GNUC_UNUSED GCancellable *cancellable)
{
  g_autofree WCHAR *target = target_of (data);
  SHELLEXECUTEINFOW what = { .cbSize = sizeof what,
                             .fMask = SEE_MASK_NOASYNC,
                             .lpFile = target,
                             .nShow = SW_SHOWNORMAL };
  HRESULT com = CoInitializeEx (NULL, COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE);

  if (ShellExecuteExW (&what))
    g_task_return_boolean (task, TRUE);
  else
    return_error (task, GetLastError ());
  if (SUCCEEDED (com))
    CoUninitialize ();
}

void
kh_launch_async (G_GNUC_UNUSED GtkWidget *widget, const char *uri,
                 GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);

  g_task_set_source_tag (task, kh_launch_async);
  g_task_set_task_data (task, g_strdup (uri), g_free);
  g_task_run_in_thread (task, launch_in_thread);
}

gboolean
kh_launch_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- In their folder ------------------------------------------------------------- */

static void
free_item (gpointer item)
{
  ILFree (item);
}

static PIDLIST_ABSOLUTE
item_of (const char *path)
{
  g_autofree WCHAR *wide = g_utf8_to_utf16 (path, -1, NULL, NULL, NULL);

  return wide != NULL ? ILCreateFromPathW (wide) : NULL;
}

static HRESULT
show (const char *const *uris)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (free_item);
  g_autoptr (GPtrArray) names = g_ptr_array_new (); /* in the folder */
  g_autofree char *first = g_filename_from_uri (uris[0], NULL, NULL);
  g_autofree char *folder = first != NULL ? g_path_get_dirname (first) : NULL;
  PIDLIST_ABSOLUTE place = folder != NULL ? item_of (folder) : NULL;
  HRESULT result = E_FAIL;

  for (guint i = 0; uris[i] != NULL; i++)
    {
      g_autofree char *path = g_filename_from_uri (uris[i], NULL, NULL);
      PIDLIST_ABSOLUTE item = path != NULL ? item_of (path) : NULL;

      if (item == NULL)
        continue;
      g_ptr_array_add (items, item);
      g_ptr_array_add (names, ILFindLastID (item));
    }
  if (place != NULL)
    result = SHOpenFolderAndSelectItems (place, names->len,
                                         (PCUITEMID_CHILD_ARRAY)names->pdata, 0);
  ILFree (place);
  return result;
}

static void
show_in_thread (GTask *task, G_GNUC_UNUSED gpointer source, gpointer data,
                G_GNUC_UNUSED GCancellable *cancellable)
{
  HRESULT com = CoInitializeEx (NULL, COINIT_APARTMENTTHREADED | COINIT_DISABLE_OLE1DDE);

  if (SUCCEEDED (show (data)))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                             "the shell does not show them");
  if (SUCCEEDED (com))
    CoUninitialize ();
}

void
kh_launch_show_async (const char *const *uris, GAsyncReadyCallback callback,
                      gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);

  g_task_set_source_tag (task, kh_launch_show_async);
  g_task_set_task_data (task, g_strdupv ((char **)uris), (GDestroyNotify)g_strfreev);
  g_task_run_in_thread (task, show_in_thread);
}

gboolean
kh_launch_show_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

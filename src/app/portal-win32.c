/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/portal.h"

/* There are no portals. */

gboolean
kh_portal_is_sandboxed (void)
{
  return FALSE;
}

static void
refuse (GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "no portals");
}

void
kh_portal_show_file_async (const char *path, GAsyncReadyCallback callback, gpointer data)
{
  refuse (callback, data);
}

gboolean
kh_portal_show_file_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
kh_portal_ask_background_async (const char *reason, const char *const *command,
                                GAsyncReadyCallback callback, gpointer data)
{
  refuse (callback, data);
}

gboolean
kh_portal_ask_background_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GTK does not do it here.
 *
 * Source: "SetThreadExecutionState function" of the Windows API: it holds for as long as
 * the calling thread lives, which is the main one.
 */
#include "app/awake.h"

#include <windows.h>

guint
kh_awake_begin (G_GNUC_UNUSED GtkApplication *application,
                G_GNUC_UNUSED GtkWindow *window, G_GNUC_UNUSED const char *reason)
{
  return SetThreadExecutionState (ES_CONTINUOUS | ES_SYSTEM_REQUIRED) != 0 ? 1 : 0;
}

void
kh_awake_end (G_GNUC_UNUSED GtkApplication *application, G_GNUC_UNUSED guint cookie)
{
  SetThreadExecutionState (ES_CONTINUOUS);
}

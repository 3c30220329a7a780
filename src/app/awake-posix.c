/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/awake.h"

guint
kh_awake_begin (GtkApplication *application, GtkWindow *window, const char *reason)
{
  return gtk_application_inhibit (application, window, GTK_APPLICATION_INHIBIT_SUSPEND,
                                  reason);
}

void
kh_awake_end (GtkApplication *application, guint cookie)
{
  gtk_application_uninhibit (application, cookie);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/present.h"

#include <gdk/x11/gdkx.h>

void
kh_present_now (GtkWindow *window)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (window));

  if (surface != NULL && GDK_IS_X11_SURFACE (surface))
    gtk_window_present_with_time (window, gdk_x11_get_server_time (surface));
  else
    gtk_window_present (window);
}

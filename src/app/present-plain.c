/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/present.h"

void
kh_present_now (GtkWindow *window)
{
  gtk_window_present (window);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/terminate.h"

#include <glib-unix.h>
#include <signal.h>

void
kh_terminate_watch (GSourceFunc callback, gpointer data)
{
  g_unix_signal_add (SIGTERM, callback, data);
  g_unix_signal_add (SIGINT, callback, data);
  g_unix_signal_add (SIGHUP, callback, data);
}

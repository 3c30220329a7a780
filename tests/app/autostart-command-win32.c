/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "autostart-command.h"

#include "app/autostart.h"

#include <glib.h>

void
test_the_command_is_what_is_read (void)
{
  g_autofree char *plain = kh_autostart_text ("C:\\K\\knothole.exe", "C:\\a b\\data");
  g_autofree char *odd = kh_autostart_text ("C:\\k.exe", "C:\\\"q\\\"\\");

  g_assert_cmpstr (plain, ==,
                   "\"C:\\K\\knothole.exe\" --background --data-dir \"C:\\a b\\data\"");
  g_assert_cmpstr (odd, ==,
                   "\"C:\\k.exe\" --background --data-dir \"C:\\\\\\\"q\\\\\\\"\\\\\"");
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "autostart-command.h"

#include "app/autostart.h"

#include <glib.h>

static char *
exec_of (const char *program, const char *data_dir)
{
  g_autofree char *text = kh_autostart_text (program, data_dir);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  GError *error = NULL;
  char *exec;

  g_key_file_load_from_data (file, text, (gsize)-1, 0, &error);
  g_assert_no_error (error);
  exec = g_key_file_get_string (file, "Desktop Entry", "Exec", &error);
  g_assert_no_error (error);
  return exec;
}

void
test_the_command_is_what_is_read (void)
{
  g_autofree char *plain = exec_of ("/usr/bin/knothole", "/home/a b/data");
  g_autofree char *odd = exec_of ("/opt/$x/`y`", "/home/50%/\"q\"\\z");

  g_assert_cmpstr (plain, ==,
                   "\"/usr/bin/knothole\" --background --data-dir \"/home/a b/data\"");
  g_assert_cmpstr (odd, ==,
                   "\"/opt/\\$x/\\`y\\`\" --background --data-dir "
                   "\"/home/50%%/\\\"q\\\"\\\\z\"");
}

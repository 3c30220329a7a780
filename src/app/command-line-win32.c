/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/command-line-win32.h"

/* Backslashes count double before a double quote, and nowhere else. */
char *
kh_command_line_quote (const char *word)
{
  GString *text = g_string_new ("\"");
  guint n_backslashes = 0;

  for (const char *c = word; *c != '\0'; c++)
    {
      for (; *c == '"' && n_backslashes > 0; n_backslashes--)
        g_string_append_c (text, '\\');
      if (*c == '"')
        g_string_append_c (text, '\\');
      n_backslashes = *c == '\\' ? n_backslashes + 1 : 0;
      g_string_append_c (text, *c);
    }
  for (; n_backslashes > 0; n_backslashes--)
    g_string_append_c (text, '\\');
  g_string_append_c (text, '"');
  return g_string_free (text, FALSE);
}

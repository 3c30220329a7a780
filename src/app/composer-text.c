/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/composer-text.h"

#include <string.h>

gboolean
kh_composer_text_is_blank (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (!g_unichar_isspace (g_utf8_get_char (text)))
      return FALSE;
  return TRUE;
}

/* Where the first line begins that has something. */
static const char *
skip_empty_lines (const char *text)
{
  const char *line = text;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      if (!g_unichar_isspace (g_utf8_get_char (at)))
        return line;
      if (*at == '\n')
        line = at + 1;
    }
  return text + strlen (text);
}

char *
kh_composer_text_trim (const char *text)
{
  const char *start = skip_empty_lines (text);
  const char *end = start + strlen (start);

  while (end > start)
    {
      const char *last = g_utf8_find_prev_char (start, end);

      if (last == NULL || !g_unichar_isspace (g_utf8_get_char (last)))
        break;
      end = last;
    }
  return g_strndup (start, (gsize)(end - start));
}

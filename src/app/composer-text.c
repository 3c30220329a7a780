/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/composer-text.h"

#include <string.h>

/* Of a message that is answered: as much as recalls it. */
#define QUOTED_LINES 3
#define QUOTED_CHARS 200

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

static const char *
skip_quote (const char *text)
{
  const char *rest = text;

  while (*rest == '>' || *rest == '\n')
    {
      rest += strcspn (rest, "\n");
      if (*rest == '\n')
        rest++;
    }
  return kh_composer_text_is_blank (rest) ? text : rest;
}

/* Where what is quoted of it ends. */
static const char *
find_quoted_end (const char *text)
{
  guint n_lines = 1;

  for (guint n_chars = 0; *text != '\0'; n_chars++)
    {
      if (n_chars == QUOTED_CHARS || (*text == '\n' && n_lines++ == QUOTED_LINES))
        break;
      text = g_utf8_next_char (text);
    }
  return text;
}

char *
kh_composer_text_quote (const char *text)
{
  g_autofree char *whole = kh_composer_text_trim (text);
  const char *start = skip_quote (whole);
  const char *end = find_quoted_end (start);
  g_autofree char *part = g_strndup (start, (gsize)(end - start));
  GString *quote = g_string_new (g_strchomp (part));

  if (*end != '\0')
    g_string_append (quote, "…");
  g_string_replace (quote, "\n", "\n> ", 0);
  g_string_prepend (quote, "> ");
  g_string_append_c (quote, '\n');
  return g_string_free (quote, FALSE);
}

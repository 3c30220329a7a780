/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/name-clean.h"

/* The first character of the scripts that join letters with unseen characters, and
 * after all that do not. */
#define FIRST_JOINED 0x590
#define BLACK_FLAG 0x1f3f4

static gboolean
is_joiner (gunichar c)
{
  return c == 0x200c || c == 0x200d;
}

/* The letters that a flag of a part of a country is made of. */
static gboolean
is_tag (gunichar c)
{
  return c >= 0xe0020 && c <= 0xe007f;
}

/* Signs under Arabic and Kaithi numbers: of the class of the unseen, and seen. */
static gboolean
is_seen_format (gunichar c)
{
  return (c >= 0x600 && c <= 0x605) || c == 0x6dd || c == 0x70f
         || (c >= 0x890 && c <= 0x891) || c == 0x8e2 || c == 0x110bd || c == 0x110cd;
}

static gboolean
breaks_line (gunichar c)
{
  return g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029;
}

/* @before was kept, 0: none; @after comes next. */
static gboolean
is_kept (gunichar c, gunichar before, gunichar after)
{
  if (is_joiner (c))
    return before >= FIRST_JOINED && after >= FIRST_JOINED && !is_joiner (before)
           && g_unichar_type (after) != G_UNICODE_FORMAT && !breaks_line (after);
  if (is_tag (c))
    return before == BLACK_FLAG || is_tag (before);
  return g_unichar_type (c) != G_UNICODE_FORMAT || is_seen_format (c);
}

char *
kh_name_clean (const char *name, gssize len)
{
  g_autofree char *whole = len < 0 ? g_strdup (name) : g_strndup (name, (gsize)len);
  g_autoptr (GString) clean = g_string_new (NULL);
  gunichar before = 0;

  if (!g_utf8_validate (whole, -1, NULL))
    return g_strdup ("");
  for (const char *at = whole; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (breaks_line (c))
        c = ' ';
      else if (!is_kept (c, before, g_utf8_get_char (g_utf8_next_char (at))))
        continue;
      g_string_append_unichar (clean, c);
      before = c;
    }
  return g_strstrip (g_strdup (clean->str));
}

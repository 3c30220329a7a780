/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cells.h"

#define ELLIPSIS "\342\200\246" /* … */

static guint
cells_of (gunichar character)
{
  if (g_unichar_iszerowidth (character))
    return 0;
  return g_unichar_iswide (character) ? 2 : 1;
}

guint
kh_cells_width (const char *text)
{
  guint width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    width += cells_of (g_utf8_get_char (text));
  return width;
}

char *
kh_cells_fit (const char *text, guint width)
{
  GString *out = g_string_new (NULL);
  guint used = 0;

  if (kh_cells_width (text) <= width)
    return g_string_free (g_string_assign (out, text), FALSE);
  for (; width > 0 && *text != '\0'; text = g_utf8_next_char (text))
    {
      guint cells = cells_of (g_utf8_get_char (text));

      if (used + cells > width - 1)
        break;
      g_string_append_unichar (out, g_utf8_get_char (text));
      used += cells;
    }
  if (width > 0)
    g_string_append (out, ELLIPSIS);
  return g_string_free (out, FALSE);
}

char *
kh_cells_pad (const char *text, guint width)
{
  g_autofree char *fitted = kh_cells_fit (text, width);

  return g_strdup_printf ("%s%*s", fitted, (int)(width - kh_cells_width (fitted)), "");
}

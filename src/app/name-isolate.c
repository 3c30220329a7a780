/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/name-isolate.h"

#include "core/name-clean.h"

#include <glib/gi18n.h>

#define LEFT_TO_RIGHT_MARK "\u200e"
#define RIGHT_TO_LEFT_MARK "\u200f"
#define FIRST_STRONG_ISOLATE "\u2068"
#define POP_ISOLATE "\u2069"

/* The blocks that Unicode keeps for scripts written from right to left. */
static gboolean
is_rtl (gunichar c)
{
  return (c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff)
         || (c >= 0xfe70 && c <= 0xfeff) || (c >= 0x10800 && c <= 0x10fff)
         || (c >= 0x1e800 && c <= 0x1efff);
}

static gboolean
has_letters (const char *text, gboolean rtl)
{
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (is_rtl (c) ? rtl : !rtl && g_unichar_isalpha (c))
        return TRUE;
    }
  return FALSE;
}

/* A sentence that begins with the name must not take its direction, and what draws it
 * looks into the isolate for that: hence the mark before it. */
char *
kh_name_isolate (const char *name)
{
  /* Any sentence will do: it is the language that counts. */
  gboolean rtl = has_letters (_ ("Wants to talk to you"), TRUE);
  g_autofree char *clean = kh_name_clean (name, -1);

  if (!has_letters (clean, !rtl))
    return g_steal_pointer (&clean);
  return g_strconcat (rtl ? RIGHT_TO_LEFT_MARK : LEFT_TO_RIGHT_MARK, FIRST_STRONG_ISOLATE,
                      clean, POP_ISOLATE, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/name-fold.h"

/* What nobody sees in a name does not make it another one: joiners, spaces without width,
 * marks of direction, selectors of variants. */
static gboolean
is_unseen (gunichar c)
{
  return g_unichar_type (c) == G_UNICODE_FORMAT || c == 0x034f || c == 0x115f
         || c == 0x1160 || c == 0x3164 || c == 0xffa0 || (c >= 0x17b4 && c <= 0x17b5)
         || (c >= 0x180b && c <= 0x180f) || (c >= 0xfe00 && c <= 0xfe0f)
         || (c >= 0xe0000 && c <= 0xe0fff);
}

char *
kh_name_fold (const char *name)
{
  g_autofree char *composed = g_utf8_normalize (name, -1, G_NORMALIZE_ALL_COMPOSE);
  g_autoptr (GString) seen = g_string_new (NULL);

  for (const char *at = composed; at != NULL && *at != '\0'; at = g_utf8_next_char (at))
    if (!is_unseen (g_utf8_get_char (at)))
      g_string_append_unichar (seen, g_utf8_get_char (at));
  return g_utf8_casefold (seen->str, -1);
}

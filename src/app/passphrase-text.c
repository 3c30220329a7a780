/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/passphrase-text.h"
#include "core/backup.h"

#include <glib/gi18n.h>

/* What stands up to guessing by machines for years, with Argon2id: four words. */
#define GOOD_LEN 20

/* The same character over and over is as short as one. */
static glong
count_kinds (const char *text)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (; *text != '\0'; text = g_utf8_next_char (text))
    g_hash_table_add (seen, GUINT_TO_POINTER (g_utf8_get_char (text)));
  return g_hash_table_size (seen);
}

gboolean
kh_passphrase_text_check (const char *passphrase, const char *again, const char **text,
                          gboolean *wrong)
{
  glong len = g_utf8_strlen (passphrase, -1);

  *wrong = FALSE;
  *text = "";
  if (len == 0)
    return FALSE;
  if (len < KH_BACKUP_PASSPHRASE_MIN)
    {
      *text = _ ("Too short: at least eight characters. Four words or more are better.");
      return FALSE;
    }
  if (count_kinds (passphrase) < KH_BACKUP_PASSPHRASE_MIN / 2)
    {
      *wrong = TRUE;
      *text = _ ("Too easy to guess: use more different characters.");
      return FALSE;
    }
  if (*again != '\0' && !g_str_equal (passphrase, again))
    {
      *wrong = !g_str_has_prefix (passphrase, again);
      *text = *wrong ? _ ("The two are not the same.") : "";
      return FALSE;
    }
  if (len < GOOD_LEN)
    *text = _ ("This will do. Four words or more are better.");
  else
    *text = _ ("A good passphrase. Nobody can restore the backup without it, so keep it "
               "where you find it again.");
  return *again != '\0';
}

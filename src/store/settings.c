/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/settings.h"
#include "store/statement.h"

#include <string.h>

/* As long as anybody needs to name one. */
#define WORD_LEN_MAX 64

static const char *const keys[KH_N_SETTINGS] = {
  [KH_SETTING_NAME] = "name",
  [KH_SETTING_SERVER] = "server",
  [KH_SETTING_ROOM] = "room",
  [KH_SETTING_LIMIT_UP] = "limit_up",
  [KH_SETTING_LIMIT_DOWN] = "limit_down",
  [KH_SETTING_SAVE_TO] = "save_to",
  [KH_SETTING_HISTORY] = "history",
};

static gboolean
get (KhStore *store, const char *key, char **value, GError **error)
{
  KhStatement query
      = kh_statement_begin (store, "SELECT value FROM settings WHERE key = ?");

  kh_statement_bind_text (&query, key);
  *value = kh_statement_next (&query) ? kh_statement_text (&query, 0) : NULL;
  return kh_statement_end (&query, error);
}

static gboolean
set (KhStore *store, const char *key, const char *value, GError **error)
{
  KhStatement change;

  if (value == NULL)
    {
      change = kh_statement_begin (store, "DELETE FROM settings WHERE key = ?");
      kh_statement_bind_text (&change, key);
      return kh_statement_run (&change, NULL, error);
    }
  change = kh_statement_begin (store, "INSERT INTO settings (key, value) VALUES (?, ?)"
                                      " ON CONFLICT (key) DO UPDATE SET value ="
                                      " excluded.value");
  kh_statement_bind_text (&change, key);
  kh_statement_bind_text (&change, value);
  return kh_statement_run (&change, NULL, error);
}

gboolean
kh_settings_get (KhStore *store, KhSetting setting, char **value, GError **error)
{
  return get (store, keys[setting], value, error);
}

gboolean
kh_settings_set (KhStore *store, KhSetting setting, const char *value, GError **error)
{
  return set (store, keys[setting], value, error);
}

static gboolean
check_word (const char *word, GError **error)
{
  if (g_str_has_prefix (word, KH_SETTINGS_WORD) && strlen (word) <= WORD_LEN_MAX
      && g_utf8_validate (word, -1, NULL))
    return TRUE;
  g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID,
               "A setting of the application's own begins with %s", KH_SETTINGS_WORD);
  return FALSE;
}

gboolean
kh_settings_set_word (KhStore *store, const char *word, const char *value, GError **error)
{
  return check_word (word, error) && set (store, word, value, error);
}

GHashTable *
kh_settings_list_words (KhStore *store, GError **error)
{
  g_autoptr (GHashTable) words
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  KhStatement query = kh_statement_begin (
      store, "SELECT key, value FROM settings WHERE substr (key, 1, ?) = ?");

  kh_statement_bind_int (&query, strlen (KH_SETTINGS_WORD));
  kh_statement_bind_text (&query, KH_SETTINGS_WORD);
  while (kh_statement_next (&query))
    g_hash_table_insert (words, kh_statement_text (&query, 0),
                         kh_statement_text (&query, 1));
  return kh_statement_end (&query, error) ? g_steal_pointer (&words) : NULL;
}

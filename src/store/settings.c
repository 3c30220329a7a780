/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/settings.h"
#include "store/statement.h"

static const char *const keys[KH_N_SETTINGS] = {
  [KH_SETTING_NAME] = "name",
  [KH_SETTING_SERVER] = "server",
  [KH_SETTING_ROOM] = "room",
  [KH_SETTING_LIMIT_UP] = "limit_up",
  [KH_SETTING_LIMIT_DOWN] = "limit_down",
};

gboolean
kh_settings_get (KhStore *store, KhSetting setting, char **value, GError **error)
{
  KhStatement query
      = kh_statement_begin (store, "SELECT value FROM settings WHERE key = ?");

  kh_statement_bind_text (&query, keys[setting]);
  *value = kh_statement_next (&query) ? kh_statement_text (&query, 0) : NULL;
  return kh_statement_end (&query, error);
}

gboolean
kh_settings_set (KhStore *store, KhSetting setting, const char *value, GError **error)
{
  KhStatement change;

  if (value == NULL)
    {
      change = kh_statement_begin (store, "DELETE FROM settings WHERE key = ?");
      kh_statement_bind_text (&change, keys[setting]);
      return kh_statement_run (&change, NULL, error);
    }
  change = kh_statement_begin (store, "INSERT INTO settings (key, value) VALUES (?, ?)"
                                      " ON CONFLICT (key) DO UPDATE SET value ="
                                      " excluded.value");
  kh_statement_bind_text (&change, keys[setting]);
  kh_statement_bind_text (&change, value);
  return kh_statement_run (&change, NULL, error);
}

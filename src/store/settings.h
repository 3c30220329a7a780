/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * settings.h - what a person chose and does not want to type again.
 *
 * set() and get() texts. Which of them are asked for, their defaults and whether a
 * text makes sense is the caller's business.
 */
#pragma once

#include "store/store.h"

typedef enum
{
  KH_SETTING_NAME,     /* the name announced to others */
  KH_SETTING_SERVER,   /* the address, as it was typed */
  KH_SETTING_ROOM,     /* the word */
  KH_SETTING_LIMIT_UP, /* bytes a second, in decimal; so is the next */
  KH_SETTING_LIMIT_DOWN,
  KH_N_SETTINGS,
} KhSetting;

/* @value is NULL where nothing was set; free it otherwise. */
gboolean kh_settings_get (KhStore *store, KhSetting setting, char **value,
                          GError **error);

/* NULL forgets the setting. */
gboolean kh_settings_set (KhStore *store, KhSetting setting, const char *value,
                          GError **error);

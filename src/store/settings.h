/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * settings.h - what a person chose and does not want to type again.
 *
 * set() and get() texts. Which of them are asked for, their defaults and whether a
 * text makes sense is the caller's business.
 *
 * Beside those of the enum there are texts under words of the caller's own, which begin
 * with KH_SETTINGS_WORD.
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
  KH_SETTING_SAVE_TO, /* the folder for received files, in the file system's encoding */
  KH_SETTING_HISTORY, /* "off": what is said is not kept */
  KH_N_SETTINGS,
} KhSetting;

/* @value is NULL where nothing was set; free it otherwise. */
gboolean kh_settings_get (KhStore *store, KhSetting setting, char **value,
                          GError **error);

/* NULL forgets the setting. */
gboolean kh_settings_set (KhStore *store, KhSetting setting, const char *value,
                          GError **error);

/* What every word begins with. */
#define KH_SETTINGS_WORD "app-"

/* KH_STORE_ERROR_INVALID for a word that does not begin so, or is longer than 64 bytes.
 */
gboolean kh_settings_set_word (KhStore *store, const char *word, const char *value,
                               GError **error);

/* All words and their values: char * to char *, freed with the table. NULL is an error.
 */
GHashTable *kh_settings_list_words (KhStore *store, GError **error);

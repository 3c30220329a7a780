/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/client-private.h"
#include "store/settings.h"

typedef struct
{
  char *word; /* NULL: it is the folder for received files */
  char *value;
  KhClient *client; /* Owned: a reference */
} SettingJob;

static void
free_job (gpointer data)
{
  SettingJob *job = data;

  g_free (job->word);
  g_free (job->value);
  g_object_unref (job->client);
  g_free (job);
}

static gboolean
run_set (KhStore *store, gpointer data, GError **error)
{
  const SettingJob *job = data;

  return job->word != NULL
             ? kh_settings_set_word (store, job->word, job->value, error)
             : kh_settings_set (store, KH_SETTING_SAVE_TO, job->value, error);
}

static void
on_set (gpointer data, const GError *error)
{
  const SettingJob *job = data;

  if (error != NULL)
    kh_client_emit_trouble (job->client, error);
}

static void
keep (KhClient *self, const char *word, const char *value)
{
  SettingJob *job = g_new0 (SettingJob, 1);

  job->client = g_object_ref (self);
  job->word = g_strdup (word);
  job->value = g_strdup (value);
  kh_store_thread_push (self->store, run_set, on_set, job, free_job);
}

bool
kh_client_load_settings (KhClient *self, KhStore *store, GError **error)
{
  GHashTable *words = kh_settings_list_words (store, error);

  if (words == NULL)
    return false;
  g_hash_table_unref (self->settings);
  self->settings = words;
  return true;
}

const char *
kh_client_get_setting (KhClient *self, const char *key)
{
  return g_hash_table_lookup (self->settings, key);
}

void
kh_client_set_setting (KhClient *self, const char *key, const char *value)
{
  g_return_if_fail (g_str_has_prefix (key, KH_SETTINGS_WORD));
  if (g_strcmp0 (value, kh_client_get_setting (self, key)) == 0)
    return;
  keep (self, key, value);
  if (value == NULL)
    g_hash_table_remove (self->settings, key);
  else
    g_hash_table_insert (self->settings, g_strdup (key), g_strdup (value));
}

void
kh_client_set_save_to (KhClient *self, const char *folder)
{
  if (g_strcmp0 (folder, self->save_to) == 0)
    return;
  g_free (self->save_to);
  self->save_to = g_strdup (folder);
  keep (self, NULL, folder);
}

const char *
kh_client_get_save_to (KhClient *self)
{
  return self->save_to;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/backup-contents.h"

#include "proto/backup-file.h"
#include "store/contacts.h"
#include "store/identity-store.h"
#include "store/settings.h"

#include <sodium.h>
#include <string.h>

G_STATIC_ASSERT (KH_BACKUP_FILE_NAME_MAX == KH_NAME_LEN_MAX);

static gint64
now_ms (void)
{
  return g_get_real_time () / 1000;
}

static KhText
text_of (const char *text)
{
  return (KhText){ text != NULL ? text : "", text != NULL ? strlen (text) : 0 };
}

/* --- Out of a store --------------------------------------------------------------------
 */

/* What a person chose; each is freed by the caller. */
typedef struct
{
  char *name;
  char *server;
  char *room;
} Choices;

static void
clear_choices (Choices *choices)
{
  g_free (choices->name);
  g_free (choices->server);
  g_free (choices->room);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Choices, clear_choices)

static void
write_contact (KhWriter *writer, const KhStoredContact *stored)
{
  KhBackupFileContact contact = { .petname = text_of (stored->petname),
                                  .announced_name = text_of (stored->announced_name),
                                  .verified_at_ms = (guint64)stored->verified_at_ms,
                                  .added_at_ms = (guint64)stored->added_at_ms,
                                  .last_seen_at_ms = (guint64)stored->last_seen_at_ms,
                                  .blocked = stored->blocked,
                                  .muted = stored->muted,
                                  .accepts_calls = stored->accepts_calls,
                                  .accepts_offers = stored->accepts_offers };

  memcpy (contact.id, stored->id, sizeof contact.id);
  kh_backup_file_write_contact (writer, &contact);
}

static void
write_all (KhWriter *writer, const KhIdentityKeys *keys, const Choices *choices,
           const GPtrArray *contacts)
{
  KhBackupFileHead head = { .made_at_ms = (guint64)now_ms (),
                            .name = text_of (choices->name),
                            .server = text_of (choices->server),
                            .room = text_of (choices->room),
                            .n_contacts = contacts->len };

  memcpy (head.secret_key, keys->secret_key, sizeof head.secret_key);
  memcpy (head.public_key, keys->public_key, sizeof head.public_key);
  kh_backup_file_write_head (writer, &head);
  sodium_memzero (&head, sizeof head);
  for (guint i = 0; i < contacts->len; i++)
    write_contact (writer, g_ptr_array_index (contacts, i));
  kh_backup_file_pad (writer);
}

gboolean
kh_backup_contents_gather (KhStore *store, guint8 *contents, gsize *len, GError **error)
{
  g_autoptr (GPtrArray) contacts = kh_contacts_list (store, error);
  g_auto (Choices) choices = { NULL };
  KhIdentityKeys keys;
  gboolean found = FALSE;
  KhWriter writer;

  if (contacts == NULL || !kh_settings_get (store, KH_SETTING_NAME, &choices.name, error)
      || !kh_settings_get (store, KH_SETTING_SERVER, &choices.server, error)
      || !kh_settings_get (store, KH_SETTING_ROOM, &choices.room, error)
      || !kh_identity_store_load (store, &keys, &found, error))
    return FALSE;
  kh_writer_init (&writer, contents, KH_BACKUP_FILE_MAX - KH_BACKUP_FILE_OVERHEAD);
  if (found)
    write_all (&writer, &keys, &choices, contacts);
  kh_identity_store_wipe (&keys);
  *len = writer.len;
  if (found && kh_writer_done (&writer))
    return TRUE;
  g_set_error_literal (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID,
                       found ? "There are too many contacts for a backup"
                             : "There is no identity yet");
  return FALSE;
}

/* --- Into one --------------------------------------------------------------------------
 */

static gboolean
set_damaged (GError **error)
{
  g_set_error_literal (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID,
                       "What is in the backup can't be read");
  return FALSE;
}

static gboolean
put_setting (KhStore *store, KhSetting setting, KhText text, GError **error)
{
  g_autofree char *value = text.len > 0 ? g_strndup (text.bytes, text.len) : NULL;

  return value == NULL || kh_settings_set (store, setting, value, error);
}

static gboolean
put_head (KhStore *store, const KhBackupFileHead *head, GError **error)
{
  KhIdentityKeys keys;
  gboolean good;

  memcpy (keys.secret_key, head->secret_key, sizeof keys.secret_key);
  memcpy (keys.public_key, head->public_key, sizeof keys.public_key);
  good = kh_identity_store_restore (store, &keys, now_ms (), error)
         && put_setting (store, KH_SETTING_NAME, head->name, error)
         && put_setting (store, KH_SETTING_SERVER, head->server, error)
         && put_setting (store, KH_SETTING_ROOM, head->room, error);
  kh_identity_store_wipe (&keys);
  return good;
}

static gboolean
put_contact (KhStore *store, const KhBackupFileContact *contact, GError **error)
{
  g_autoptr (KhStoredContact) stored = g_new0 (KhStoredContact, 1);

  if (contact->verified_at_ms > G_MAXINT64 || contact->added_at_ms > G_MAXINT64
      || contact->last_seen_at_ms > G_MAXINT64)
    return set_damaged (error);
  memcpy (stored->id, contact->id, sizeof stored->id);
  stored->petname = g_strndup (contact->petname.bytes, contact->petname.len);
  stored->announced_name
      = g_strndup (contact->announced_name.bytes, contact->announced_name.len);
  stored->verified_at_ms = (gint64)contact->verified_at_ms;
  stored->added_at_ms = (gint64)contact->added_at_ms;
  stored->last_seen_at_ms = (gint64)contact->last_seen_at_ms;
  stored->blocked = contact->blocked;
  stored->muted = contact->muted;
  stored->accepts_calls = contact->accepts_calls;
  stored->accepts_offers = contact->accepts_offers;
  return kh_contacts_restore (store, stored, error);
}

static gboolean
put_contacts (KhStore *store, KhReader *reader, guint n, GError **error)
{
  for (guint i = 0; i < n; i++)
    {
      KhBackupFileContact contact;
      g_autoptr (GError) failure = NULL;

      if (!kh_backup_file_read_contact (reader, &contact))
        return set_damaged (error);
      if (put_contact (store, &contact, &failure))
        continue;
      /* Two of one id or name: nobody writes that. */
      if (g_error_matches (failure, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS))
        return set_damaged (error);
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return TRUE;
}

gboolean
kh_backup_contents_put_back (KhStore *store, const guint8 *contents, gsize len,
                             GError **error)
{
  KhBackupFileHead head;
  KhReader reader;
  gboolean good;

  kh_reader_init (&reader, contents, len);
  if (!kh_backup_file_read_head (&reader, &head))
    return set_damaged (error);
  good = kh_store_batch_begin (store, error);
  good = good && put_head (store, &head, error)
         && put_contacts (store, &reader, head.n_contacts, error)
         && kh_store_batch_commit (store, error);
  sodium_memzero (&head, sizeof head);
  if (!good)
    kh_store_batch_rollback (store);
  return good;
}

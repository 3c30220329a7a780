/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/backup.h"

#include "core/backup-contents.h"
#include "core/client-private.h"
#include "proto/backup-file.h"

#include <sodium.h>
#include <string.h>

/* Who holds a data folder while it is filled from a backup. */
#define HOLDER "knothole, restoring a backup"

/* The task data of both ways. */
typedef struct
{
  /* Owned */
  GFile *file;
  char *passphrase; /* in NFKC; wiped */
  char *data_dir;   /* of restoring */
  guint8 *contents; /* KH_BACKUP_FILE_MAX bytes; wiped */

  /* State */
  gsize len; /* of contents */
} Backup;

static void
free_backup (gpointer data)
{
  Backup *self = data;

  g_object_unref (self->file);
  sodium_memzero (self->passphrase, strlen (self->passphrase));
  g_free (self->passphrase);
  g_free (self->data_dir);
  sodium_memzero (self->contents, KH_BACKUP_FILE_MAX);
  g_free (self->contents);
  g_free (self);
}

/* NULL where the passphrase is no text. */
static Backup *
set_backup (GTask *task, GFile *file, const char *passphrase)
{
  char *normal = g_utf8_normalize (passphrase, -1, G_NORMALIZE_ALL_COMPOSE);
  Backup *self;

  if (sodium_init () < 0)
    g_error ("libsodium can't be used on this computer");
  if (normal == NULL)
    {
      g_task_return_new_error (task, KH_CLIENT_ERROR, KH_CLIENT_ERROR_BACKUP,
                               "The passphrase is not text");
      return NULL;
    }
  self = g_new0 (Backup, 1);
  self->file = g_object_ref (file);
  self->passphrase = normal;
  self->contents = g_malloc0 (KH_BACKUP_FILE_MAX);
  g_task_set_task_data (task, self, free_backup);
  return self;
}

static gboolean G_GNUC_PRINTF (2, 3) fail (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error, g_error_new_valist (KH_CLIENT_ERROR, KH_CLIENT_ERROR_BACKUP,
                                                format, arguments));
  va_end (arguments);
  return FALSE;
}

static gboolean
explain (KhBackupFileVerdict verdict, GError **error)
{
  switch (verdict)
    {
    case KH_BACKUP_FILE_GOOD:
      return TRUE;
    case KH_BACKUP_FILE_OTHER:
      return fail (error, "This file is not a backup of an identity");
    case KH_BACKUP_FILE_NEWER:
      return fail (error, "This backup was made by a newer Knothole: please update "
                          "this one");
    case KH_BACKUP_FILE_WRONG_PASSPHRASE:
      return fail (error, "The passphrase is not the one this backup was made with");
    case KH_BACKUP_FILE_NO_MEMORY:
      return fail (error, "There is not enough free memory to work with the passphrase");
    default:
      return fail (error, "The backup is damaged: it is not as it was written");
    }
}

/* --- Saving
 * ------------------------------------------------------------------------------ */

/* Through a file beside it. Elsewhere than on a disk it is as good as the place allows.
 */
static gboolean
write_file (GFile *file, const guint8 *bytes, gsize len, GCancellable *cancellable,
            GError **error)
{
  g_autofree char *path = g_file_get_path (file);

  if (path != NULL)
    return g_file_set_contents_full (
        path, (const char *)bytes, (gssize)len,
        G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
  return g_file_replace_contents (file, (const char *)bytes, len, NULL, FALSE,
                                  G_FILE_CREATE_PRIVATE
                                      | G_FILE_CREATE_REPLACE_DESTINATION,
                                  NULL, cancellable, error);
}

static void
seal_and_write (GTask *task, G_GNUC_UNUSED gpointer source, gpointer data,
                GCancellable *cancellable)
{
  const Backup *self = data;
  gsize file_len = self->len + KH_BACKUP_FILE_OVERHEAD;
  g_autofree guint8 *file = g_malloc (file_len);
  KhBackupFileHeader header
      = { .memory_kib = KH_BACKUP_FILE_MEMORY_KIB, .passes = KH_BACKUP_FILE_PASSES };
  GError *error = NULL;

  randombytes_buf (header.salt, sizeof header.salt);
  randombytes_buf (header.nonce, sizeof header.nonce);
  if (!explain (kh_backup_file_seal (&header, self->passphrase, strlen (self->passphrase),
                                     self->contents, self->len, file),
                &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (g_task_return_error_if_cancelled (task))
    return;
  if (write_file (self->file, file, file_len, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static gboolean
run_gather (KhStore *store, gpointer task, GError **error)
{
  Backup *self = g_task_get_task_data (task);

  return kh_backup_contents_gather (store, self->contents, &self->len, error);
}

static void
on_gathered (gpointer task, const GError *error)
{
  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_run_in_thread (task, seal_and_write);
}

void
kh_backup_save_async (KhClient *client, GFile *file, const char *passphrase,
                      GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer data)
{
  g_autoptr (GTask) task = g_task_new (client, cancellable, callback, data);
  Backup *self = set_backup (task, file, passphrase);

  if (self == NULL)
    return;
  if (g_utf8_strlen (self->passphrase, -1) < KH_BACKUP_PASSPHRASE_MIN)
    g_task_return_new_error (task, KH_CLIENT_ERROR, KH_CLIENT_ERROR_BACKUP,
                             "A passphrase needs at least %d characters",
                             KH_BACKUP_PASSPHRASE_MIN);
  else if (client->store == NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED,
                             "The client has been closed");
  else
    kh_store_thread_push (client->store, run_gather, on_gathered, g_steal_pointer (&task),
                          g_object_unref);
}

gboolean
kh_backup_save_finish (KhClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- Restoring
 * --------------------------------------------------------------------------- */

/* At most one byte more than a backup can have: that one shows that it is none. */
static guint8 *
read_file (GFile *file, gsize *len, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autofree guint8 *bytes = NULL;

  if (stream == NULL)
    return NULL;
  bytes = g_malloc (KH_BACKUP_FILE_MAX + 1);
  return g_input_stream_read_all (G_INPUT_STREAM (stream), bytes, KH_BACKUP_FILE_MAX + 1,
                                  len, cancellable, error)
             ? g_steal_pointer (&bytes)
             : NULL;
}

static gboolean
read_and_open (Backup *self, GCancellable *cancellable, GError **error)
{
  gsize len = 0;
  g_autofree guint8 *file = read_file (self->file, &len, cancellable, error);

  if (file == NULL)
    return FALSE;
  if (!explain (kh_backup_file_open (file, len, self->passphrase,
                                     strlen (self->passphrase), self->contents),
                error))
    return FALSE;
  self->len = len - KH_BACKUP_FILE_OVERHEAD;
  return TRUE;
}

static gboolean
explain_store (const GError *failure, GError **error)
{
  if (g_error_matches (failure, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS))
    return fail (error, "This Knothole has contacts or messages of its own already: a "
                        "backup can only be restored into a new one");
  if (g_error_matches (failure, KH_STORE_ERROR, KH_STORE_ERROR_INVALID))
    return explain (KH_BACKUP_FILE_DAMAGED, error);
  g_propagate_error (error, g_error_copy (failure));
  return FALSE;
}

static gboolean
put_back (const Backup *self, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (KhFolderLock) lock = kh_folder_lock_take (self->data_dir, HOLDER, &failure);
  KhStore *store = lock != NULL ? kh_store_open (lock, &failure) : NULL;
  gboolean good
      = store != NULL
        && kh_backup_contents_put_back (store, self->contents, self->len, &failure);

  kh_store_close (store);
  return good || explain_store (failure, error);
}

static void
restore (GTask *task, G_GNUC_UNUSED gpointer source, gpointer data,
         GCancellable *cancellable)
{
  Backup *self = data;
  GError *error = NULL;

  if (!read_and_open (self, cancellable, &error))
    g_task_return_error (task, error);
  else if (g_task_return_error_if_cancelled (task))
    return;
  else if (!put_back (self, &error))
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
kh_backup_restore_async (GFile *file, const char *passphrase, const char *data_dir,
                         GCancellable *cancellable, GAsyncReadyCallback callback,
                         gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  Backup *self = set_backup (task, file, passphrase);

  if (self == NULL)
    return;
  self->data_dir = g_strdup (data_dir);
  g_task_run_in_thread (task, restore);
}

gboolean
kh_backup_restore_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

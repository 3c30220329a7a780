/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/made-file.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

/* Beside the folder of a made file: the transfer that it is for. */
#define NOTE_SUFFIX ".transfer"

typedef struct
{
  KhClient *client;
  KhPeerId peer;
  char *text;          /* one of these */
  GdkTexture *texture; /* two */
  char *name;          /* of the file */
  char *folder;        /* its own */
} Job;

static void
free_job (Job *job)
{
  g_object_unref (job->client);
  g_clear_object (&job->texture);
  g_free (job->text);
  g_free (job->name);
  g_free (job->folder);
  g_free (job);
}

/* All of those of one identity: two profiles leave each other's alone. */
static char *
base_folder (KhClient *client)
{
  g_autofree char *id = kh_peer_id_to_text (kh_client_get_id (client));

  return g_build_filename (g_get_user_cache_dir (), "knothole", "outgoing", id, NULL);
}

/* --- Making ------------------------------------------------------------------------ */

static GBytes *
contents (Job *job)
{
  if (job->texture != NULL)
    return gdk_texture_save_to_png_bytes (job->texture);
  return g_bytes_new (job->text, strlen (job->text));
}

static void
write_file (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  g_autofree char *path = g_build_filename (job->folder, job->name, NULL);
  g_autoptr (GBytes) bytes = contents (job);
  g_autoptr (GError) error = NULL;

  if (g_mkdir_with_parents (job->folder, 0700) != 0)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", job->folder);
  else if (!g_file_set_contents (path, g_bytes_get_data (bytes, NULL),
                                 (gssize)g_bytes_get_size (bytes), &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

/* For a later start; that it is missing would only leave the file behind. */
static void
note_transfer (const char *folder, const KhItemId *transfer)
{
  g_autofree char *path = g_strconcat (folder, NOTE_SUFFIX, NULL);
  g_autofree char *id = kh_item_id_to_text (transfer);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GBytes) bytes = g_bytes_new (id, strlen (id));

  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL,
                                       NULL, NULL);
}

static void
send_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  KhItemId transfer;

  if (!kh_client_send_finish (KH_CLIENT (source), result, &transfer, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  note_transfer (g_task_get_task_data (task), &transfer);
  g_task_return_boolean (task, TRUE);
}

/* The task of the caller has the folder as its data. */
static void
write_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Job *job = g_task_get_task_data (G_TASK (result));
  g_autofree char *path = g_build_filename (job->folder, job->name, NULL);
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, g_strdup (job->folder), g_free);
  kh_client_send_async (job->client, &job->peer, (const char *[]){ path, NULL }, NULL,
                        send_done, g_steal_pointer (&task));
}

/* Takes @job. */
static void
begin (Job *job, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, NULL, callback, data);
  g_autofree char *base = base_folder (job->client);
  g_autofree char *unique = g_uuid_string_random ();
  g_autoptr (GTask) writing = g_task_new (NULL, NULL, write_done, task);

  job->folder = g_build_filename (base, unique, NULL);
  g_task_set_task_data (writing, job, (GDestroyNotify)free_job);
  g_task_run_in_thread (writing, write_file);
}

static Job *
new_job (KhClient *client, const KhPeerId *peer, const char *name_format)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  Job *job = g_new0 (Job, 1);

  job->client = g_object_ref (client);
  job->peer = *peer;
  job->name = g_date_time_format (now, name_format);
  g_strdelimit (job->name, "/\\", '-');
  return job;
}

void
kh_made_file_send_text (KhClient *client, const KhPeerId *peer, const char *text,
                        GAsyncReadyCallback callback, gpointer data)
{
  /* Translators: the name of a file, for g_date_time_format(): date and time. */
  Job *job = new_job (client, peer, _ ("Message %Y-%m-%d %H.%M.%S.txt"));

  job->text = g_strdup (text);
  begin (job, callback, data);
}

void
kh_made_file_send_picture (KhClient *client, const KhPeerId *peer, GdkTexture *texture,
                           GAsyncReadyCallback callback, gpointer data)
{
  /* Translators: the name of a file, for g_date_time_format(): date and time. */
  Job *job = new_job (client, peer, _ ("Picture %Y-%m-%d %H.%M.%S.png"));

  job->texture = g_object_ref (texture);
  begin (job, callback, data);
}

gboolean
kh_made_file_send_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- Removing ---------------------------------------------------------------------- */

typedef struct
{
  char *base;
  GHashTable *alive; /* texts of transfers that have not ended */
  gint64 before_s;   /* only what is older: the rest is being made just now */
} Sweep;

static void
free_sweep (Sweep *sweep)
{
  g_free (sweep->base);
  g_hash_table_unref (sweep->alive);
  g_free (sweep);
}

static void
remove_folder (const char *folder)
{
  GDir *files = g_dir_open (folder, 0, NULL);
  const char *name;

  while (files != NULL && (name = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_clear_pointer (&files, g_dir_close);
  g_rmdir (folder);
}

static void
sweep_one (const Sweep *sweep, const char *name)
{
  g_autofree char *folder = g_build_filename (sweep->base, name, NULL);
  g_autofree char *note = g_strconcat (folder, NOTE_SUFFIX, NULL);
  g_autofree char *transfer = NULL;
  GStatBuf status;

  if (g_str_has_suffix (name, NOTE_SUFFIX) || g_stat (folder, &status) != 0
      || status.st_mtime >= sweep->before_s)
    return;
  if (g_file_get_contents (note, &transfer, NULL, NULL)
      && g_hash_table_contains (sweep->alive, transfer))
    return;
  remove_folder (folder);
  g_unlink (note);
}

static void
sweep_folders (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Sweep *sweep = data;
  GDir *folders = g_dir_open (sweep->base, 0, NULL);
  const char *name;

  while (folders != NULL && (name = g_dir_read_name (folders)) != NULL)
    sweep_one (sweep, name);
  g_clear_pointer (&folders, g_dir_close);
  g_task_return_boolean (task, TRUE);
}

static void
sweep_now (KhClient *client)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);
  g_autoptr (GPtrArray) transfers = kh_client_list_transfers (client);
  Sweep *sweep = g_new0 (Sweep, 1);

  sweep->base = base_folder (client);
  sweep->alive = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  sweep->before_s = g_get_real_time () / G_USEC_PER_SEC - 60;
  for (guint i = 0; i < transfers->len; i++)
    {
      const KhTransferInfo *info = g_ptr_array_index (transfers, i);

      g_hash_table_add (sweep->alive, kh_item_id_to_text (&info->item));
    }
  g_task_set_task_data (task, sweep, (GDestroyNotify)free_sweep);
  g_task_run_in_thread (task, sweep_folders);
}

static void
on_event (KhClient *client, const KhEvent *event, gpointer data)
{
  if (event->outgoing
      && (event->kind == KH_EVENT_DONE || event->kind == KH_EVENT_TRANSFER_ENDED))
    sweep_now (client);
}

void
kh_made_file_sweep (KhClient *client)
{
  g_signal_connect (client, "event", G_CALLBACK (on_event), NULL);
  sweep_now (client);
}

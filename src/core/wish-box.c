/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/wish-box.h"

#include "core/link-private.h"
#include "store/wishes.h"

#define FILE_NAME "wishes"

struct _KhWishBox
{
  KhClient *client; /* Borrowed */
  GFileMonitor *monitor;
};

typedef struct
{
  KhClient *client; /* Owned */
  GArray *wishes;
  GPtrArray *transfers; /* of KhStoredTransfer, NULL where it is gone */
} WishJob;

static void
free_transfer (gpointer transfer)
{
  kh_stored_transfer_free (transfer);
}

static void
free_job (gpointer data)
{
  WishJob *job = data;

  g_clear_pointer (&job->wishes, g_array_unref);
  g_clear_pointer (&job->transfers, g_ptr_array_unref);
  g_object_unref (job->client);
  g_free (job);
}

static gboolean
run_take (KhStore *store, gpointer data, GError **error)
{
  WishJob *job = data;

  g_clear_pointer (&job->wishes, g_array_unref);
  g_clear_pointer (&job->transfers, g_ptr_array_unref);
  job->wishes = kh_wishes_take (store, error);
  job->transfers = g_ptr_array_new_with_free_func (free_transfer);
  for (guint i = 0; job->wishes != NULL && i < job->wishes->len; i++)
    {
      KhStoredTransfer *transfer = NULL;

      if (!kh_transfers_get (store, g_array_index (job->wishes, KhWish, i).transfer,
                             &transfer, error))
        return FALSE;
      g_ptr_array_add (job->transfers, transfer);
    }
  return job->wishes != NULL;
}

static void
carry_out (KhClient *client, KhWishKind kind, const KhStoredTransfer *stored)
{
  KhPeerId peer;
  KhItemId item;

  memcpy (peer.bytes, stored->peer, sizeof peer.bytes);
  memcpy (item.bytes, stored->id, sizeof item.bytes);
  switch (kind)
    {
    case KH_WISH_PAUSE:
    case KH_WISH_RESUME:
      kh_client_pause_transfer (client, &peer, &item, kind == KH_WISH_PAUSE, NULL);
      break;
    case KH_WISH_CANCEL:
    case KH_WISH_CANCEL_DISCARD:
      kh_client_cancel_transfer (client, &peer, &item, kind == KH_WISH_CANCEL_DISCARD,
                                 NULL);
      break;
    case KH_WISH_RETRY:
      kh_client_retry_transfer (client, &peer, &item, NULL);
      break;
    case KH_WISH_FIRST:
      kh_client_put_first (client, &peer, &item, NULL);
      break;
    }
}

static void
on_taken (gpointer data, const GError *error)
{
  WishJob *job = data;

  for (guint i = 0; error == NULL && i < job->wishes->len; i++)
    {
      const KhStoredTransfer *stored = g_ptr_array_index (job->transfers, i);

      if (stored != NULL)
        carry_out (job->client, g_array_index (job->wishes, KhWish, i).kind, stored);
    }
}

static void
take_wishes (KhClient *client)
{
  WishJob *job = g_new0 (WishJob, 1);

  job->client = g_object_ref (client);
  kh_store_thread_push (client->store, run_take, on_taken, job, free_job);
}

static void
on_changed (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
            gpointer data)
{
  KhWishBox *self = data;

  if (event == G_FILE_MONITOR_EVENT_CREATED
      || event == G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT)
    take_wishes (self->client);
}

KhWishBox *
kh_wish_box_start (KhClient *client, const char *data_dir)
{
  KhWishBox *self = g_new0 (KhWishBox, 1);
  g_autofree char *path = g_build_filename (data_dir, FILE_NAME, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  self->client = client;
  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_NONE, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect (self->monitor, "changed", G_CALLBACK (on_changed), self);
  take_wishes (client);
  return self;
}

void
kh_wish_box_stop (KhWishBox *self)
{
  if (self->monitor != NULL)
    g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_clear_object (&self->monitor);
  g_free (self);
}

void
kh_wish_box_knock (const char *data_dir)
{
  g_autofree char *path = g_build_filename (data_dir, FILE_NAME, NULL);

  g_file_set_contents_full (path, "\n", 1, G_FILE_SET_CONTENTS_NONE, 0600, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/unsaved.h"

void
kh_unsaved_free (gpointer unsaved)
{
  g_free (((KhUnsaved *)unsaved)->text);
  g_free (unsaved);
}

void
kh_unsaved_add (KhClient *client, const KhPeerId *peer, const KhItemId *id,
                const char *text, gint64 at_ms)
{
  KhUnsaved *unsaved = g_new0 (KhUnsaved, 1);

  unsaved->peer = *peer;
  unsaved->id = *id;
  unsaved->text = g_strdup (text);
  unsaved->at_ms = at_ms;
  g_ptr_array_add (client->unsaved, unsaved);
}

const KhUnsaved *
kh_unsaved_find (KhClient *client, const KhItemId *id)
{
  for (guint i = 0; i < client->unsaved->len; i++)
    {
      const KhUnsaved *unsaved = g_ptr_array_index (client->unsaved, i);

      if (kh_item_id_equal_func (&unsaved->id, id))
        return unsaved;
    }
  return NULL;
}

void
kh_unsaved_remove (KhClient *client, const KhItemId *id)
{
  const KhUnsaved *unsaved = kh_unsaved_find (client, id);

  if (unsaved != NULL)
    g_ptr_array_remove (client->unsaved, (gpointer)unsaved);
}

void
kh_unsaved_forget (KhClient *client, const KhPeerId *peer)
{
  for (guint i = client->unsaved->len; i > 0; i--)
    {
      const KhUnsaved *unsaved = g_ptr_array_index (client->unsaved, i - 1);

      if (peer == NULL || kh_peer_id_equal (&unsaved->peer, peer))
        g_ptr_array_remove_index (client->unsaved, i - 1);
    }
}

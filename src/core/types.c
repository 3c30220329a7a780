/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/types.h"

#include "proto/identity.h"

#include <string.h>

gboolean
kh_peer_id_equal (const KhPeerId *one, const KhPeerId *other)
{
  return memcmp (one->bytes, other->bytes, sizeof one->bytes) == 0;
}

guint
kh_peer_id_hash (gconstpointer id)
{
  guint hash;

  /* The tables hold peers that the server knows; a key is as random as a hash. */
  memcpy (&hash, ((const KhPeerId *)id)->bytes, sizeof hash);
  return hash;
}

gboolean
kh_peer_id_equal_func (gconstpointer one, gconstpointer other)
{
  return kh_peer_id_equal (one, other);
}

guint
kh_item_id_hash (gconstpointer id)
{
  guint hash;

  memcpy (&hash, ((const KhItemId *)id)->bytes, sizeof hash); /* they are random */
  return hash;
}

gboolean
kh_item_id_equal_func (gconstpointer one, gconstpointer other)
{
  return memcmp (one, other, sizeof (KhItemId)) == 0;
}

char *
kh_peer_id_to_text (const KhPeerId *id)
{
  char text[KH_ID_TEXT_LEN + 1];

  kh_identity_to_text (KH_IDENTITY_PEER, id->bytes, text);
  return g_strdup (text);
}

char *
kh_item_id_to_text (const KhItemId *id)
{
  GString *text = g_string_sized_new (2 * sizeof id->bytes);

  for (guint i = 0; i < sizeof id->bytes; i++)
    g_string_append_printf (text, "%02x", id->bytes[i]);
  return g_string_free (text, FALSE);
}

void
kh_transfer_info_free (KhTransferInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->peer_name);
  g_free (info->name);
  g_free (info->folder);
  g_free (info);
}

void
kh_entry_info_free (KhEntryInfo *info)
{
  g_free (info->path);
  g_free (info->safe_path);
  g_free (info->place);
  g_free (info);
}

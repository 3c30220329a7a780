/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/profile-private.h"

#include "core/client.h"
#include "core/live-transfer.h"
#include "core/transfer-disk.h"
#include "core/wish-box.h"
#include "store/contacts.h"
#include "store/wishes.h"

#include <string.h>

/* How long the holder of the folder may take to hear of a wish. */
#define WISH_WAIT_US 3000000
#define WISH_STEP_US 50000

static KhTransferInfo *
info_of (KhProfile *self, const KhStoredTransfer *stored)
{
  KhTransferInfo *info = kh_live_transfer_info_of (stored);
  g_autoptr (KhStoredContact) contact = NULL;

  if (!kh_contacts_get (self->store, stored->peer, &contact, NULL) || contact == NULL)
    info->peer_name = g_strdup ("");
  else
    info->peer_name = g_strdup (contact->petname);
  return info;
}

static gboolean
say (GError **error, const GError *failure)
{
  if (g_error_matches (failure, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND))
    g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_TRANSFER, "%s",
                 failure->message);
  else
    g_propagate_error (error, g_error_copy (failure));
  return FALSE;
}

GPtrArray *
kh_profile_list_transfers (KhProfile *self, guint limit, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GPtrArray) stored
      = kh_transfers_list (self->store, NULL, 0, limit, &failure);
  GPtrArray *infos;

  if (stored == NULL)
    {
      say (error, failure);
      return NULL;
    }
  infos = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_transfer_info_free);
  for (guint i = 0; i < stored->len; i++)
    g_ptr_array_add (infos, info_of (self, g_ptr_array_index (stored, i)));
  return infos;
}

/* Two digits a byte; @len is how many whole bytes. False for anything else. */
static bool
read_hex (const char *text, guint8 bytes[KH_FRAME_ID_LEN], guint *len)
{
  gsize n = strlen (text);

  if (n < 2 || n > 2 * KH_FRAME_ID_LEN)
    return false;
  for (gsize i = 0; i < n; i++)
    if (!g_ascii_isxdigit (text[i]))
      return false;
  for (gsize i = 0; i + 1 < n; i += 2)
    bytes[i / 2] = (guint8)(g_ascii_xdigit_value (text[i]) << 4
                            | g_ascii_xdigit_value (text[i + 1]));
  *len = (guint)(n / 2);
  return true;
}

static bool
begins_with (const KhStoredTransfer *stored, const char *text)
{
  KhItemId id;
  g_autofree char *whole = NULL;

  memcpy (id.bytes, stored->id, sizeof id.bytes);
  whole = kh_item_id_to_text (&id);
  return g_ascii_strncasecmp (whole, text, strlen (text)) == 0;
}

KhTransferInfo *
kh_profile_find_transfer (KhProfile *self, const char *text, char **problem)
{
  guint8 bytes[KH_FRAME_ID_LEN];
  guint len;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;

  *problem = NULL;
  if (!read_hex (text, bytes, &len))
    {
      *problem = g_strdup_printf ("“%s” is no transfer: give at least two of the digits "
                                  "that the list shows",
                                  text);
      return NULL;
    }
  found = kh_transfers_find_prefix (self->store, bytes, len, &error);
  if (found == NULL)
    {
      *problem = g_strdup (error->message);
      return NULL;
    }
  for (guint i = found->len; i > 0; i--)
    if (!begins_with (g_ptr_array_index (found, i - 1), text))
      g_ptr_array_remove_index (found, i - 1);
  if (found->len == 1)
    return info_of (self, g_ptr_array_index (found, 0));
  *problem = found->len == 0
                 ? g_strdup_printf ("There is no transfer “%s”", text)
                 : g_strdup_printf ("“%s” fits more than one transfer: give more digits",
                                    text);
  return NULL;
}

/* --- Changing -------------------------------------------------------------------- */

static const char *
find_obstacle (const KhProfile *self, const KhTransferInfo *transfer,
               KhTransferChange change)
{
  if (change == KH_CHANGE_RETRY && transfer->phase != KH_PHASE_FAILED)
    return "Only a transfer that failed can be tried again";
  if (change == KH_CHANGE_RETRY)
    return transfer->can_retry ? NULL
                               : "What there was to send is not known any more: it has "
                                 "to be sent anew";
  if (change == KH_CHANGE_FIRST && !transfer->outgoing && self->lock != NULL)
    return "The sender orders what it sends: it can be asked while both are connected";
  if (transfer->phase >= KH_PHASE_DONE)
    return "The transfer has ended already";
  return NULL;
}

static gboolean
put_first (KhStore *store, const KhTransferInfo *transfer, GError **error)
{
  g_autoptr (GPtrArray) open = kh_transfers_list_open (store, error);
  gint64 first = 0;

  if (open == NULL)
    return FALSE;
  for (guint i = 0; i < open->len; i++)
    first = MIN (first, ((KhStoredTransfer *)g_ptr_array_index (open, i))->position);
  return kh_transfers_set_position (store, transfer->seq, first - 1, error);
}

/* Nobody holds the folder: it is changed right here, and the peer hears of it when both
 * are online. */
static gboolean
change_store (KhStore *store, const KhTransferInfo *transfer, KhTransferChange change,
              GError **error)
{
  gint64 seq = transfer->seq;

  switch (change)
    {
    case KH_CHANGE_PAUSE:
    case KH_CHANGE_RESUME:
      return kh_transfers_set_paused (store, seq, change == KH_CHANGE_PAUSE,
                                      transfer->paused_there, error);
    case KH_CHANGE_CANCEL:
    case KH_CHANGE_CANCEL_DISCARD:
      if (!transfer->outgoing)
        kh_transfer_disk_remove_partials (store, seq);
      if (!transfer->outgoing && change == KH_CHANGE_CANCEL_DISCARD)
        kh_transfer_disk_discard (store, seq);
      return kh_transfers_finish (store, seq, KH_STORED_TRANSFER_CANCELLED,
                                  KH_FRAME_STATUS_CANCELLED, g_get_real_time () / 1000,
                                  error);
    case KH_CHANGE_RETRY:
      return kh_transfers_reopen (store, seq, error);
    case KH_CHANGE_FIRST:
      return put_first (store, transfer, error);
    }
  return TRUE;
}

static gboolean
wish (KhProfile *self, const KhTransferInfo *transfer, KhTransferChange change,
      GError **error)
{
  static const KhWishKind kinds[] = {
    [KH_CHANGE_PAUSE] = KH_WISH_PAUSE,
    [KH_CHANGE_RESUME] = KH_WISH_RESUME,
    [KH_CHANGE_CANCEL] = KH_WISH_CANCEL,
    [KH_CHANGE_CANCEL_DISCARD] = KH_WISH_CANCEL_DISCARD,
    [KH_CHANGE_RETRY] = KH_WISH_RETRY,
    [KH_CHANGE_FIRST] = KH_WISH_FIRST,
  };
  g_autoptr (KhStore) store = kh_store_open_for_wishes (self->data_dir, error);
  gboolean waiting = TRUE;
  gint64 seq;

  if (store == NULL || !kh_wishes_add (store, kinds[change], transfer->seq, &seq, error))
    return FALSE;
  kh_wish_box_knock (self->data_dir);
  for (gint64 waited_us = 0; waiting && waited_us < WISH_WAIT_US;
       waited_us += WISH_STEP_US)
    {
      g_usleep (WISH_STEP_US);
      if (!kh_wishes_has (store, seq, &waiting, error))
        return FALSE;
    }
  if (waiting)
    g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_FAILED,
                 "The program that uses this folder does not answer; it will do so when "
                 "it is started again");
  return !waiting;
}

gboolean
kh_profile_change_transfer (KhProfile *self, const KhTransferInfo *transfer,
                            KhTransferChange change, GError **error)
{
  const char *obstacle = find_obstacle (self, transfer, change);
  g_autoptr (GError) failure = NULL;

  if (obstacle != NULL)
    {
      g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_TRANSFER, "%s", obstacle);
      return FALSE;
    }
  if (self->lock != NULL ? change_store (self->store, transfer, change, &failure)
                         : wish (self, transfer, change, &failure))
    return TRUE;
  return say (error, failure);
}

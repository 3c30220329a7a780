/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/history-private.h"
#include "core/history.h"
#include "core/link-private.h"
#include "core/name-fold.h"
#include "proto/safety-number.h"
#include "proto/utf8.h"

#include <string.h>

/* What the name of somebody is who has none. */
#define NO_NAME "someone"

typedef enum
{
  ADD,
  REMOVE,
  RENAME,
  SAW,
  VERIFIED,
  BLOCKED,
  MUTED,
  ACCEPTS_CALLS,
  ACCEPTS_OFFERS,
} Change;

typedef struct
{
  KhClient *client; /* Owned: a reference */
  KhPeerId id;
  Change change;
  char *text;
  char *announced;
  gint64 value; /* or when */
} ContactJob;

/* --- In the store --------------------------------------------------------------------
 */

static void
free_job (gpointer data)
{
  ContactJob *job = data;

  g_object_unref (job->client);
  g_free (job->text);
  g_free (job->announced);
  g_free (job);
}

static gboolean
run_add (KhStore *store, const ContactJob *job, GError **error)
{
  g_autoptr (KhStoredContact) contact = kh_contacts_add (
      store, job->id.bytes, job->text, job->announced, job->value, error);

  return contact != NULL;
}

static gboolean
run_change (KhStore *store, gpointer data, GError **error)
{
  const ContactJob *job = data;
  const guint8 *id = job->id.bytes;

  switch (job->change)
    {
    case ADD:
      return run_add (store, job, error);
    case REMOVE:
      return kh_contacts_remove (store, id, error);
    case RENAME:
      return kh_contacts_rename (store, id, job->text, error);
    case SAW:
      return kh_contacts_saw (store, id, job->text, job->value, error);
    case VERIFIED:
      return kh_contacts_set_verified (store, id, job->value, error);
    case BLOCKED:
      return kh_contacts_set_blocked (store, id, job->value != 0, error);
    case MUTED:
      return kh_contacts_set_muted (store, id, job->value != 0, error);
    case ACCEPTS_CALLS:
      return kh_contacts_set_accepts_calls (store, id, job->value != 0, error);
    case ACCEPTS_OFFERS:
      return kh_contacts_set_accepts_offers (store, id, job->value != 0, error);
    }
  return TRUE;
}

static void
on_changed (gpointer data, const GError *error)
{
  const ContactJob *job = data;

  if (error != NULL)
    kh_client_emit_trouble (job->client, error);
}

static void
push (KhClient *self, const KhPeerId *id, Change change, const char *text,
      const char *announced, gint64 value)
{
  ContactJob *job = g_new0 (ContactJob, 1);

  job->client = g_object_ref (self);
  job->id = *id;
  job->change = change;
  job->text = g_strdup (text);
  job->announced = g_strdup (announced);
  job->value = value;
  kh_store_thread_push (self->store, run_change, on_changed, job, free_job);
}

static gint64
now_ms (void)
{
  return g_get_real_time () / 1000;
}

static void
tell (KhClient *self, const KhPeerId *id)
{
  kh_client_emit (self, &(KhEvent){ .kind = KH_EVENT_CONTACT,
                                    .peer = *id,
                                    .name = kh_client_name_of (self, id),
                                    .known = kh_client_get_contact (self, id) != NULL });
}

/* --- Names ---------------------------------------------------------------------------
 */

/* Whether a contact other than @but has the petname. */
static bool
is_taken (KhClient *self, const char *petname, const KhPeerId *but)
{
  g_autofree char *folded = kh_name_fold (petname);
  GHashTableIter iter;
  gpointer id;
  gpointer contact;

  g_hash_table_iter_init (&iter, self->contacts);
  while (g_hash_table_iter_next (&iter, &id, &contact))
    {
      g_autofree char *other = kh_name_fold (((KhStoredContact *)contact)->petname);

      if (strcmp (other, folded) == 0 && (but == NULL || !kh_peer_id_equal (id, but)))
        return true;
    }
  return false;
}

/* As the store would: @name itself, or the first of "@name 2", "@name 3"... */
static char *
free_petname (KhClient *self, const char *name)
{
  g_autofree char *base = g_strstrip (g_strdup (name));
  char *petname;

  if (*base == '\0')
    {
      g_free (base);
      base = g_strdup (NO_NAME);
    }
  petname = g_strdup (base);
  for (guint number = 2; is_taken (self, petname, NULL); number++)
    {
      g_autofree char *suffix = g_strdup_printf (" %u", number);
      gsize len
          = kh_utf8_truncate (base, strlen (base), KH_NAME_LEN_MAX - strlen (suffix));

      g_free (petname);
      petname = g_strdup_printf ("%.*s%s", (int)len, base, suffix);
    }
  return petname;
}

/* --- Keeping -------------------------------------------------------------------------
 */

KhStoredContact *
kh_client_require_contact (KhClient *self, const KhPeerId *id)
{
  KhStoredContact *contact = g_hash_table_lookup (self->contacts, id);
  const char *name = kh_client_name_of (self, id);

  if (contact != NULL)
    return contact;
  contact = g_new0 (KhStoredContact, 1);
  memcpy (contact->id, id->bytes, sizeof contact->id);
  contact->announced_name = g_strdup (name);
  contact->petname = free_petname (self, name);
  contact->added_at_ms = now_ms ();
  push (self, id, ADD, contact->petname, contact->announced_name, contact->added_at_ms);
  if (kh_client_is_online (self, id))
    {
      contact->last_seen_at_ms = contact->added_at_ms;
      push (self, id, SAW, name, NULL, contact->last_seen_at_ms);
    }
  g_hash_table_insert (self->contacts, g_memdup2 (id, sizeof *id), contact);
  return contact;
}

void
kh_client_add_contact (KhClient *self, const KhPeerId *id)
{
  if (kh_client_get_contact (self, id) != NULL)
    return;
  kh_client_require_contact (self, id);
  tell (self, id);
}

/* Nothing is said to them but that this side has gone. */
static void
shut_out (KhClient *self, const KhPeerId *id)
{
  kh_client_drop_request (self, id);
  kh_client_hang_up (self, id);
}

static void
set_verified (KhClient *self, KhStoredContact *contact, const KhPeerId *id,
              gboolean verified)
{
  contact->verified_at_ms = verified ? now_ms () : 0;
  push (self, id, VERIFIED, NULL, NULL, contact->verified_at_ms);
  kh_client_add_note (self, id, verified ? KH_NOTE_VERIFIED : KH_NOTE_UNVERIFIED, NULL);
}

static gboolean *
find_flag (KhStoredContact *contact, KhContactFlag flag, Change *change)
{
  switch (flag)
    {
    case KH_CONTACT_BLOCKED:
      *change = BLOCKED;
      return &contact->blocked;
    case KH_CONTACT_MUTED:
      *change = MUTED;
      return &contact->muted;
    case KH_CONTACT_ACCEPTS_CALLS:
      *change = ACCEPTS_CALLS;
      return &contact->accepts_calls;
    case KH_CONTACT_ACCEPTS_OFFERS:
      *change = ACCEPTS_OFFERS;
      return &contact->accepts_offers;
    default:
      return NULL;
    }
}

/* FALSE: it was so. */
static bool
change_flag (KhClient *self, KhStoredContact *contact, const KhPeerId *id,
             KhContactFlag flag, gboolean value)
{
  Change change;
  gboolean *now = find_flag (contact, flag, &change);

  if (now == NULL)
    {
      if ((contact->verified_at_ms != 0) == (value != FALSE))
        return false;
      set_verified (self, contact, id, value);
      return true;
    }
  if (*now == (value != FALSE))
    return false;
  *now = value != FALSE;
  push (self, id, change, NULL, NULL, *now);
  return true;
}

void
kh_client_set_contact (KhClient *self, const KhPeerId *peer, KhContactFlag flag,
                       gboolean value)
{
  KhPeerId id = *peer; /* it may be one of what is freed on the way */
  bool is_new = kh_client_get_contact (self, &id) == NULL;
  bool changed
      = change_flag (self, kh_client_require_contact (self, &id), &id, flag, value);

  if (!changed && !is_new)
    return;
  if (changed && flag == KH_CONTACT_BLOCKED && value)
    shut_out (self, &id);
  tell (self, &id);
  kh_resume_check (self);
}

/* NULL when it can't be one. */
static char *
check_petname (KhClient *self, const KhPeerId *id, const char *petname, GError **error)
{
  g_autofree char *clean = kh_client_check_name (petname, error);

  if (clean == NULL || !is_taken (self, clean, id))
    return g_steal_pointer (&clean);
  g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_PETNAME,
               "Another contact has this name: choose another");
  return NULL;
}

gboolean
kh_client_rename_contact (KhClient *self, const KhPeerId *peer, const char *petname,
                          GError **error)
{
  KhPeerId id = *peer;
  g_autofree char *clean = check_petname (self, &id, petname, error);
  KhStoredContact *contact;

  if (clean == NULL)
    return FALSE;
  contact = kh_client_require_contact (self, &id);
  if (strcmp (contact->petname, clean) != 0)
    {
      g_free (contact->petname);
      contact->petname = g_strdup (clean);
      push (self, &id, RENAME, clean, NULL, 0);
    }
  tell (self, &id);
  return TRUE;
}

/* Or the client would call them again for it at once. */
static void
pause_transfers (KhClient *self, const KhPeerId *id)
{
  for (guint i = 0; i < self->transfers->len; i++)
    {
      const KhLiveTransfer *transfer = g_ptr_array_index (self->transfers, i);

      if (kh_peer_id_equal (&transfer->peer, id)
          && (transfer->outgoing || transfer->phase == KH_PHASE_RUNNING))
        kh_client_pause_transfer (self, id, &transfer->id, TRUE, NULL);
    }
}

void
kh_client_forget_contact (KhClient *self, const KhPeerId *peer, gboolean history)
{
  KhPeerId id = *peer;

  pause_transfers (self, &id);
  shut_out (self, &id);
  if (g_hash_table_remove (self->contacts, &id))
    push (self, &id, REMOVE, NULL, NULL, 0);
  if (history)
    kh_client_delete_history_async (self, &id, NULL, NULL);
  tell (self, &id);
}

char *
kh_client_safety_number (KhClient *self, const KhPeerId *id,
                         guint8 pictures[KH_SAFETY_PICTURES])
{
  char text[KH_SAFETY_NUMBER_LEN];

  G_STATIC_ASSERT (KH_SAFETY_PICTURES == KH_SAFETY_NUMBER_PICTURES);
  kh_safety_number (self->id.bytes, id->bytes, text);
  if (pictures != NULL)
    kh_safety_pictures (self->id.bytes, id->bytes, pictures);
  return g_strdup (text);
}

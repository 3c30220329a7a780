/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/client-private.h"
#include "core/history-private.h"
#include "core/name-clean.h"
#include "core/profile.h"
#include "core/resume.h"
#include "proto/identity.h"

#include <string.h>

/* Characters of an id by which a stranger may be named. */
#define STRANGER_PREFIX_LEN 16

/* Characters of an id's text that are its key and not its checksum. */
#define KEY_TEXT_LEN 51

static void
emit_peer (KhClient *self, KhEventKind kind, const KhPeerId *id, const char *name,
           bool online)
{
  kh_client_emit (self, &(KhEvent){ .kind = kind,
                                    .peer = *id,
                                    .name = name,
                                    .known = kh_client_get_contact (self, id) != NULL,
                                    .online = online,
                                    .nat_class = kh_client_class_of (self, id),
                                    .outlook = kh_client_outlook_of (self, id) });
}

static void
remove_peer (KhClient *self, const KhPeerId *id)
{
  KhPeerId copy = *id;
  g_autofree char *name = g_strdup (kh_client_name_of (self, id));

  kh_client_saw (self, &copy, NULL);
  g_hash_table_remove (self->peers, &copy);
  kh_resume_gone (self, &copy);
  emit_peer (self, KH_EVENT_PEER, &copy, name, false);
}

/* What is said of somebody who is online; the first time, too. */
static void
update_peer (KhClient *self, KhOnlinePeer *online, const char *name, KhNatClass nat_class)
{
  bool renamed = g_strcmp0 (online->name, name) != 0;
  bool moved = online->nat_class != nat_class;
  KhPeerId id = online->id;

  online->nat_class = nat_class;
  if (renamed)
    {
      g_free (online->name);
      online->name = g_strdup (name);
      kh_client_saw (self, &id, online->name);
    }
  if (renamed || moved)
    emit_peer (self, renamed ? KH_EVENT_PEER : KH_EVENT_PEER_NETWORK, &id,
               kh_client_name_of (self, &id), true);
  if (renamed)
    kh_resume_check (self);
}

void
kh_client_set_peer (KhClient *self, const KhMsgPeer *peer)
{
  g_autofree char *name = kh_name_clean (peer->name.bytes, (gssize)peer->name.len);
  KhPeerId id;
  KhOnlinePeer *online;

  memcpy (id.bytes, peer->id, sizeof id.bytes);
  if (kh_peer_id_equal (&id, &self->id))
    return;
  online = g_hash_table_lookup (self->peers, &id);
  if (!peer->online)
    {
      if (online != NULL)
        remove_peer (self, &id);
      return;
    }
  if (online == NULL)
    {
      online = g_new0 (KhOnlinePeer, 1);
      online->id = id;
      g_hash_table_insert (self->peers, &online->id, online);
    }
  online->listed = true;
  update_peer (self, online, name, peer->nat_class);
}

void
kh_client_begin_list (KhClient *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->peers);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    ((KhOnlinePeer *)value)->listed = false;
}

void
kh_client_end_list (KhClient *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->peers);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (!((KhOnlinePeer *)value)->listed)
      {
        remove_peer (self, &((KhOnlinePeer *)value)->id);
        g_hash_table_iter_init (&iter, self->peers);
      }
  self->peers_ready = true;
  kh_client_emit (self, &(KhEvent){ .kind = KH_EVENT_PEERS_READY });
  kh_resume_check (self);
}

void
kh_client_forget_peers (KhClient *self)
{
  kh_client_saw_all (self);
  self->peers_ready = false;
  g_hash_table_remove_all (self->peers);
}

void
kh_client_lose_peers (KhClient *self)
{
  GHashTableIter iter;
  gpointer id;

  self->peers_ready = false;
  for (;;)
    {
      g_hash_table_iter_init (&iter, self->peers);
      if (!g_hash_table_iter_next (&iter, &id, NULL))
        return;
      remove_peer (self, id);
    }
}

const KhStoredContact *
kh_client_get_contact (KhClient *self, const KhPeerId *id)
{
  return g_hash_table_lookup (self->contacts, id);
}

bool
kh_client_is_online (KhClient *self, const KhPeerId *id)
{
  return g_hash_table_contains (self->peers, id);
}

KhNatClass
kh_client_class_of (KhClient *self, const KhPeerId *id)
{
  const KhOnlinePeer *online = g_hash_table_lookup (self->peers, id);

  return online != NULL ? online->nat_class : 0;
}

KhOutlook
kh_client_outlook_of (KhClient *self, const KhPeerId *id)
{
  const KhOnlinePeer *online = g_hash_table_lookup (self->peers, id);

  return online != NULL ? kh_client_judge (self, online->nat_class) : KH_OUTLOOK_UNKNOWN;
}

const char *
kh_client_announced_name (KhClient *self, const KhPeerId *id)
{
  const KhOnlinePeer *online = g_hash_table_lookup (self->peers, id);
  const KhStoredContact *contact = kh_client_get_contact (self, id);

  if (online != NULL)
    return online->name;
  return contact != NULL ? contact->announced_name : "";
}

const char *
kh_client_name_of (KhClient *self, const KhPeerId *id)
{
  const KhStoredContact *contact = kh_client_get_contact (self, id);

  return contact != NULL ? contact->petname : kh_client_announced_name (self, id);
}

/* --- Listing ---------------------------------------------------------------------- */

void
kh_peer_info_free (KhPeerInfo *info)
{
  g_free (info->name);
  g_free (info->petname);
  g_free (info);
}

static KhPeerInfo *
new_info (KhClient *self, const KhPeerId *id)
{
  const KhStoredContact *contact = kh_client_get_contact (self, id);
  KhPeerInfo *info = g_new0 (KhPeerInfo, 1);

  info->id = *id;
  info->name = g_strdup (kh_client_announced_name (self, id));
  info->petname = contact != NULL ? g_strdup (contact->petname) : NULL;
  info->online = kh_client_is_online (self, id);
  info->verified = contact != NULL && contact->verified_at_ms != 0;
  info->nat_class = kh_client_class_of (self, id);
  info->outlook = kh_client_outlook_of (self, id);
  return info;
}

static gint
compare_infos (gconstpointer one, gconstpointer other)
{
  const KhPeerInfo *a = *(const KhPeerInfo *const *)one;
  const KhPeerInfo *b = *(const KhPeerInfo *const *)other;

  if (a->online != b->online)
    return a->online ? -1 : 1;
  return g_utf8_collate (a->petname != NULL ? a->petname : a->name,
                         b->petname != NULL ? b->petname : b->name);
}

GPtrArray *
kh_client_list_peers (KhClient *self)
{
  GPtrArray *infos = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_peer_info_free);
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->peers);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_ptr_array_add (infos, new_info (self, id));
  g_hash_table_iter_init (&iter, self->contacts);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (!kh_client_is_online (self, id))
      g_ptr_array_add (infos, new_info (self, id));
  g_ptr_array_sort (infos, compare_infos);
  return infos;
}

/* --- Finding ---------------------------------------------------------------------- */

static bool
same_name (const char *one, const char *other)
{
  g_autofree char *folded_one = g_utf8_casefold (one, -1);
  g_autofree char *folded_other = g_utf8_casefold (other, -1);

  return *one != '\0' && strcmp (folded_one, folded_other) == 0;
}

static bool
is_prefix (const KhPeerId *id, const char *text)
{
  g_autofree char *whole = kh_peer_id_to_text (id);
  g_autofree char *lower = g_ascii_strdown (text, -1);

  return g_str_has_prefix (whole, lower);
}

static bool
looks_like_id (const char *text)
{
  return strlen (text) >= STRANGER_PREFIX_LEN
         && strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
                == strlen (text);
}

/* Contacts that @text may mean: by petname, else by announced name, else by id. */
static guint
find_contacts (KhClient *self, const char *text, KhPeerId *id)
{
  for (guint way = 0; way < 3; way++)
    {
      GHashTableIter iter;
      gpointer key;
      gpointer value;
      guint n = 0;

      g_hash_table_iter_init (&iter, self->contacts);
      while (g_hash_table_iter_next (&iter, &key, &value))
        {
          const KhStoredContact *contact = value;

          if (way == 0   ? same_name (contact->petname, text)
              : way == 1 ? same_name (contact->announced_name, text)
                         : is_prefix (key, text))
            {
              *id = *(const KhPeerId *)key;
              n++;
            }
        }
      if (n > 0)
        return n;
    }
  return 0;
}

static guint
find_online (KhClient *self, const char *text, bool by_name, KhPeerId *id)
{
  GHashTableIter iter;
  gpointer value;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->peers);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const KhOnlinePeer *peer = value;

      if (by_name ? same_name (peer->name, text) : is_prefix (&peer->id, text))
        {
          *id = peer->id;
          n++;
        }
    }
  return n;
}

static KhFindResult
found_contact (KhClient *self, const char *text, KhPeerId *id)
{
  KhPeerId other;

  if (kh_client_is_online (self, id))
    return KH_FIND_CONTACT;
  /* The contact is away, but someone else is here under that very name. */
  if (!is_prefix (id, text) && find_online (self, text, true, &other) > 0)
    {
      *id = other;
      return KH_FIND_OTHER_KEY;
    }
  return KH_FIND_OFFLINE;
}

/* An invite says whom it means. */
static KhFindResult
find_invited (KhClient *self, const char *text, KhPeerId *id)
{
  KhPeerId invited;

  memcpy (invited.bytes, self->server.peer, sizeof invited.bytes);
  if (kh_peer_id_equal (&invited, id))
    return KH_FIND_ID;
  return find_online (self, text, true, id) == 1 && kh_peer_id_equal (&invited, id)
             ? KH_FIND_ID
             : KH_FIND_UNINVITED;
}

/* The beginning of an id is as good as all of it, if it is somebody's; that shows once
 * the list is here. Longer than the key, it was meant to be whole. */
static bool
may_be_a_beginning (KhClient *self, const char *text)
{
  KhPeerId id;

  return strlen (text) <= KEY_TEXT_LEN && looks_like_id (text)
         && (!self->peers_ready || find_online (self, text, false, &id) > 0);
}

KhFindResult
kh_client_find (KhClient *self, const char *text, KhPeerId *id)
{
  guint n = find_contacts (self, text, id);
  g_autofree char *problem = NULL;

  if (n > 0)
    return n > 1 ? KH_FIND_SEVERAL : found_contact (self, text, id);

  problem = kh_profile_explain_id (text);
  if (problem != NULL && !may_be_a_beginning (self, text))
    return KH_FIND_BAD_ID;
  if (kh_identity_from_text (KH_IDENTITY_PEER, text, strlen (text), id->bytes, NULL)
      == KH_IDENTITY_OK)
    {
      if (self->server.has_peer
          && memcmp (id->bytes, self->server.peer, sizeof id->bytes) != 0)
        return KH_FIND_UNINVITED;
      return kh_client_is_online (self, id) ? KH_FIND_ID : KH_FIND_OFFLINE;
    }
  n = looks_like_id (text) ? find_online (self, text, false, id) : 0;
  if (n == 0)
    {
      n = find_online (self, text, true, id);
      if (n == 1 && !self->server.has_peer)
        return KH_FIND_NAME;
    }
  if (n != 1)
    return n == 0 ? KH_FIND_NOBODY : KH_FIND_SEVERAL;
  return self->server.has_peer ? find_invited (self, text, id) : KH_FIND_ID;
}

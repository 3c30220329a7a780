/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/contacts.h"
#include "proto/identity.h"
#include "proto/utf8.h"
#include "store/statement.h"

#include <string.h>

#define COLUMNS                                                                          \
  "SELECT id, petname, announced_name, verified_at_ms, blocked, accepts_calls,"          \
  " accepts_offers, added_at_ms, last_seen_at_ms, muted FROM contacts "

void
kh_stored_contact_free (KhStoredContact *contact)
{
  if (contact == NULL)
    return;
  g_free (contact->petname);
  g_free (contact->announced_name);
  g_free (contact);
}

/* The form in which names are compared: the same letters however they were typed. */
static char *
fold (const char *name)
{
  g_autofree char *composed = g_utf8_normalize (name, -1, G_NORMALIZE_ALL_COMPOSE);

  return g_utf8_casefold (composed, -1);
}

static gboolean
check_name (const char *name, gsize shortest, GError **error)
{
  gsize len = strlen (name);

  if (len >= shortest && len <= KH_NAME_LEN_MAX && kh_utf8_valid (name, len))
    return TRUE;
  g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID,
               "A name has 1 to %d bytes of text", KH_NAME_LEN_MAX);
  return FALSE;
}

/* A copy of @petname without spaces around it; NULL when it can't be one. */
static char *
clean_petname (const char *petname, GError **error)
{
  g_autofree char *clean = g_strstrip (g_strdup (petname));

  return check_name (clean, 1, error) ? g_steal_pointer (&clean) : NULL;
}

static KhStoredContact *
read_contact (KhStatement *query)
{
  KhStoredContact *contact = g_new0 (KhStoredContact, 1);

  kh_statement_bytes (query, 0, contact->id, sizeof contact->id);
  contact->petname = kh_statement_text (query, 1);
  contact->announced_name = kh_statement_text (query, 2);
  contact->verified_at_ms = kh_statement_int (query, 3);
  contact->blocked = kh_statement_int (query, 4) != 0;
  contact->accepts_calls = kh_statement_int (query, 5) != 0;
  contact->accepts_offers = kh_statement_int (query, 6) != 0;
  contact->added_at_ms = kh_statement_int (query, 7);
  contact->last_seen_at_ms = kh_statement_int (query, 8);
  contact->muted = kh_statement_int (query, 9) != 0;
  return contact;
}

static GPtrArray *
read_contacts (KhStatement *query, GError **error)
{
  g_autoptr (GPtrArray) contacts
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_stored_contact_free);

  while (kh_statement_next (query))
    g_ptr_array_add (contacts, read_contact (query));
  return kh_statement_end (query, error) ? g_steal_pointer (&contacts) : NULL;
}

static GPtrArray *
with_petname (KhStore *store, const char *folded, GError **error)
{
  KhStatement query = kh_statement_begin (store, COLUMNS "WHERE petname_folded = ?");

  kh_statement_bind_text (&query, folded);
  return read_contacts (&query, error);
}

/* @petname itself or the first of "@petname 2", "@petname 3"… that is free. */
static char *
free_petname (KhStore *store, const char *petname, GError **error)
{
  g_autofree char *candidate = g_strdup (petname);

  for (guint number = 2;; number++)
    {
      g_autofree char *folded = fold (candidate);
      g_autofree char *suffix = g_strdup_printf (" %u", number);
      g_autoptr (GPtrArray) taken = with_petname (store, folded, error);
      gsize len;

      if (taken == NULL)
        return NULL;
      if (taken->len == 0)
        return g_steal_pointer (&candidate);
      len = kh_utf8_truncate (petname, strlen (petname),
                              KH_NAME_LEN_MAX - strlen (suffix));
      g_free (candidate);
      candidate = g_strdup_printf ("%.*s%s", (int)len, petname, suffix);
    }
}

KhStoredContact *
kh_contacts_add (KhStore *store, const guint8 id[KH_ID_LEN], const char *petname,
                 const char *announced_name, gint64 now_ms, GError **error)
{
  g_autofree char *clean = clean_petname (petname, error);
  g_autofree char *unique = NULL;
  g_autofree char *folded = NULL;
  g_autofree char *announced_folded = NULL;
  KhStoredContact *contact = NULL;
  KhStatement change;
  gint64 n_changed = 0;

  if (clean == NULL || !check_name (announced_name, 0, error))
    return NULL;
  unique = free_petname (store, clean, error);
  if (unique == NULL)
    return NULL;
  folded = fold (unique);
  announced_folded = fold (announced_name);
  change = kh_statement_begin (
      store, "INSERT INTO contacts (id, petname, petname_folded, announced_name,"
             " announced_name_folded, added_at_ms) VALUES (?, ?, ?, ?, ?, ?)"
             " ON CONFLICT (id) DO NOTHING");
  kh_statement_bind_bytes (&change, id, KH_ID_LEN);
  kh_statement_bind_text (&change, unique);
  kh_statement_bind_text (&change, folded);
  kh_statement_bind_text (&change, announced_name);
  kh_statement_bind_text (&change, announced_folded);
  kh_statement_bind_int (&change, now_ms);
  if (!kh_statement_run (&change, &n_changed, error))
    return NULL;
  if (n_changed == 0)
    {
      g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS,
                   "This peer is a contact already");
      return NULL;
    }
  return kh_contacts_get (store, id, &contact, error) ? contact : NULL;
}

gboolean
kh_contacts_restore (KhStore *store, const KhStoredContact *contact, GError **error)
{
  g_autofree char *clean = clean_petname (contact->petname, error);
  g_autofree char *folded = NULL;
  g_autofree char *announced_folded = NULL;
  KhStatement change;
  gint64 n_changed = 0;

  if (clean == NULL || !check_name (contact->announced_name, 0, error))
    return FALSE;
  folded = fold (clean);
  announced_folded = fold (contact->announced_name);
  change = kh_statement_begin (
      store, "INSERT INTO contacts (id, petname, petname_folded, announced_name,"
             " announced_name_folded, verified_at_ms, blocked, accepts_calls,"
             " accepts_offers, added_at_ms, last_seen_at_ms, muted)"
             " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  kh_statement_bind_bytes (&change, contact->id, KH_ID_LEN);
  kh_statement_bind_text (&change, clean);
  kh_statement_bind_text (&change, folded);
  kh_statement_bind_text (&change, contact->announced_name);
  kh_statement_bind_text (&change, announced_folded);
  kh_statement_bind_int (&change, contact->verified_at_ms);
  kh_statement_bind_int (&change, contact->blocked != 0);
  kh_statement_bind_int (&change, contact->accepts_calls != 0);
  kh_statement_bind_int (&change, contact->accepts_offers != 0);
  kh_statement_bind_int (&change, contact->added_at_ms);
  kh_statement_bind_int (&change, contact->last_seen_at_ms);
  kh_statement_bind_int (&change, contact->muted != 0);
  if (!kh_statement_run (&change, &n_changed, error))
    return FALSE;
  if (n_changed == 0)
    g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS,
                 "This peer, or another one with this name, is a contact already");
  return n_changed == 1;
}

gboolean
kh_contacts_get (KhStore *store, const guint8 id[KH_ID_LEN], KhStoredContact **contact,
                 GError **error)
{
  KhStatement query = kh_statement_begin (store, COLUMNS "WHERE id = ?");

  kh_statement_bind_bytes (&query, id, KH_ID_LEN);
  *contact = kh_statement_next (&query) ? read_contact (&query) : NULL;
  if (kh_statement_end (&query, error))
    return TRUE;
  g_clear_pointer (contact, kh_stored_contact_free);
  return FALSE;
}

GPtrArray *
kh_contacts_list (KhStore *store, GError **error)
{
  KhStatement query = kh_statement_begin (store, COLUMNS "ORDER BY petname_folded");

  return read_contacts (&query, error);
}

GPtrArray *
kh_contacts_find_name (KhStore *store, const char *name, GError **error)
{
  g_autofree char *clean = NULL;
  g_autofree char *folded = NULL;
  GPtrArray *found;
  KhStatement query;

  if (!g_utf8_validate (name, -1, NULL))
    return g_ptr_array_new_with_free_func ((GDestroyNotify)kh_stored_contact_free);
  clean = g_strstrip (g_strdup (name));
  folded = fold (clean);
  found = with_petname (store, folded, error);
  /* Contacts that have announced no name are not found by no name. */
  if (found == NULL || found->len > 0 || *folded == '\0')
    return found;
  g_ptr_array_unref (found);
  query = kh_statement_begin (store, COLUMNS "WHERE announced_name_folded = ?"
                                             " ORDER BY petname_folded");
  kh_statement_bind_text (&query, folded);
  return read_contacts (&query, error);
}

GPtrArray *
kh_contacts_find_prefix (KhStore *store, const char *text, GError **error)
{
  g_autofree char *prefix = g_ascii_strdown (text, -1);
  GPtrArray *contacts = kh_contacts_list (store, error);

  if (contacts == NULL)
    return NULL;
  for (guint i = contacts->len; i-- > 0;)
    {
      const KhStoredContact *contact = g_ptr_array_index (contacts, i);
      char whole[KH_IDENTITY_TEXT_LEN + 1];

      kh_identity_to_text (KH_IDENTITY_PEER, contact->id, whole);
      if (*prefix == '\0' || !g_str_has_prefix (whole, prefix))
        g_ptr_array_remove_index (contacts, i);
    }
  return contacts;
}

/* Runs a change of one contact, which is to be there. */
static gboolean
change_one (KhStatement *change, const guint8 id[KH_ID_LEN], GError **error)
{
  gint64 n_changed = 0;

  kh_statement_bind_bytes (change, id, KH_ID_LEN);
  if (!kh_statement_run (change, &n_changed, error))
    return FALSE;
  if (n_changed == 0)
    g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND,
                 "This peer is not a contact");
  return n_changed == 1;
}

gboolean
kh_contacts_rename (KhStore *store, const guint8 id[KH_ID_LEN], const char *petname,
                    GError **error)
{
  g_autofree char *clean = clean_petname (petname, error);
  g_autofree char *folded = NULL;
  g_autoptr (GPtrArray) taken = NULL;
  KhStatement change;

  if (clean == NULL)
    return FALSE;
  folded = fold (clean);
  taken = with_petname (store, folded, error);
  if (taken == NULL)
    return FALSE;
  if (taken->len > 0
      && memcmp (((KhStoredContact *)taken->pdata[0])->id, id, KH_ID_LEN) != 0)
    {
      g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS,
                   "Another contact has this name");
      return FALSE;
    }
  change = kh_statement_begin (
      store, "UPDATE contacts SET petname = ?, petname_folded = ? WHERE id = ?");
  kh_statement_bind_text (&change, clean);
  kh_statement_bind_text (&change, folded);
  return change_one (&change, id, error);
}

gboolean
kh_contacts_remove (KhStore *store, const guint8 id[KH_ID_LEN], GError **error)
{
  KhStatement change = kh_statement_begin (store, "DELETE FROM contacts WHERE id = ?");

  if (!change_one (&change, id, error))
    return FALSE;
  kh_store_wipe (store);
  return TRUE;
}

static gboolean
set_number (KhStore *store, const char *sql, gint64 number, const guint8 id[KH_ID_LEN],
            GError **error)
{
  KhStatement change = kh_statement_begin (store, sql);

  kh_statement_bind_int (&change, number);
  return change_one (&change, id, error);
}

gboolean
kh_contacts_set_verified (KhStore *store, const guint8 id[KH_ID_LEN],
                          gint64 verified_at_ms, GError **error)
{
  return set_number (store, "UPDATE contacts SET verified_at_ms = ? WHERE id = ?",
                     verified_at_ms, id, error);
}

gboolean
kh_contacts_set_blocked (KhStore *store, const guint8 id[KH_ID_LEN], gboolean blocked,
                         GError **error)
{
  return set_number (store, "UPDATE contacts SET blocked = ? WHERE id = ?", blocked != 0,
                     id, error);
}

gboolean
kh_contacts_set_muted (KhStore *store, const guint8 id[KH_ID_LEN], gboolean muted,
                       GError **error)
{
  return set_number (store, "UPDATE contacts SET muted = ? WHERE id = ?", muted != 0, id,
                     error);
}

gboolean
kh_contacts_set_accepts_calls (KhStore *store, const guint8 id[KH_ID_LEN],
                               gboolean accepts, GError **error)
{
  return set_number (store, "UPDATE contacts SET accepts_calls = ? WHERE id = ?",
                     accepts != 0, id, error);
}

gboolean
kh_contacts_set_accepts_offers (KhStore *store, const guint8 id[KH_ID_LEN],
                                gboolean accepts, GError **error)
{
  return set_number (store, "UPDATE contacts SET accepts_offers = ? WHERE id = ?",
                     accepts != 0, id, error);
}

gboolean
kh_contacts_saw (KhStore *store, const guint8 id[KH_ID_LEN], const char *announced_name,
                 gint64 now_ms, GError **error)
{
  g_autofree char *folded = NULL;
  KhStatement change;

  if (!check_name (announced_name, 1, error))
    return FALSE;
  folded = fold (announced_name);
  change = kh_statement_begin (store, "UPDATE contacts SET announced_name = ?,"
                                      " announced_name_folded = ?, last_seen_at_ms = ?"
                                      " WHERE id = ?");
  kh_statement_bind_text (&change, announced_name);
  kh_statement_bind_text (&change, folded);
  kh_statement_bind_int (&change, now_ms);
  kh_statement_bind_bytes (&change, id, KH_ID_LEN);
  return kh_statement_run (&change, NULL, error);
}

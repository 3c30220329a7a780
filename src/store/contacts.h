/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * contacts.h - the peers this user keeps.
 *
 * add() a peer; get(), find_name(), find_prefix() and list() return copies that
 * the caller frees; the set_ functions, rename() and saw() change one fact each.
 *
 * A petname is the user's own word for a contact and is unique whatever its case.
 * The announced name is what the peer last called itself, says nothing about who
 * it is, and may be that of several contacts.
 *
 * Messages and transfers belong to an id, not to a contact: they stay when the
 * contact is removed.
 */
#pragma once

#include "store/store.h"

typedef struct
{
  guint8 id[KH_ID_LEN];
  char *petname;
  char *announced_name;  /* "" while none was heard */
  gint64 verified_at_ms; /* 0: not verified */
  gboolean blocked;
  gboolean muted;         /* nothing is to be made of its messages at once */
  gboolean accepts_calls; /* its calls need no question */
  gboolean accepts_offers;
  gint64 added_at_ms;
  gint64 last_seen_at_ms; /* 0: never */
} KhStoredContact;

void kh_stored_contact_free (KhStoredContact *contact);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhStoredContact, kh_stored_contact_free)

/* A petname that another contact has gets a number: "alice 2", because adding
 * follows from what a peer calls itself. Returns what was stored.
 * KH_STORE_ERROR_EXISTS when the id is a contact; KH_STORE_ERROR_INVALID when a name
 * is longer than KH_NAME_LEN_MAX, not UTF-8, or the petname is blank. */
KhStoredContact *kh_contacts_add (KhStore *store, const guint8 id[KH_ID_LEN],
                                  const char *petname, const char *announced_name,
                                  gint64 now_ms, GError **error);

/* With every fact as @contact has it: from a backup. Errors as of add(), and
 * KH_STORE_ERROR_EXISTS also when another contact has the petname. */
gboolean kh_contacts_restore (KhStore *store, const KhStoredContact *contact,
                              GError **error);

/* @contact is NULL where there is none. */
gboolean kh_contacts_get (KhStore *store, const guint8 id[KH_ID_LEN],
                          KhStoredContact **contact, GError **error);

/* Arrays of KhStoredContact that free their elements, sorted by petname; NULL is an
 * error, none found is an empty array. find_name() gives the one contact with that
 * petname, or else all that announce the name; case is ignored. */
GPtrArray *kh_contacts_list (KhStore *store, GError **error);
GPtrArray *kh_contacts_find_name (KhStore *store, const char *name, GError **error);

/* @text is the beginning of an identity's text, of either case, or all of it. No text
 * finds nobody. */
GPtrArray *kh_contacts_find_prefix (KhStore *store, const char *text, GError **error);

/* KH_STORE_ERROR_EXISTS when another contact has this petname: here a person has
 * typed it and can type another. */
gboolean kh_contacts_rename (KhStore *store, const guint8 id[KH_ID_LEN],
                             const char *petname, GError **error);
gboolean kh_contacts_remove (KhStore *store, const guint8 id[KH_ID_LEN], GError **error);

/* @verified_at_ms 0 takes the verification back. */
gboolean kh_contacts_set_verified (KhStore *store, const guint8 id[KH_ID_LEN],
                                   gint64 verified_at_ms, GError **error);
gboolean kh_contacts_set_blocked (KhStore *store, const guint8 id[KH_ID_LEN],
                                  gboolean blocked, GError **error);
gboolean kh_contacts_set_muted (KhStore *store, const guint8 id[KH_ID_LEN],
                                gboolean muted, GError **error);
gboolean kh_contacts_set_accepts_calls (KhStore *store, const guint8 id[KH_ID_LEN],
                                        gboolean accepts, GError **error);
gboolean kh_contacts_set_accepts_offers (KhStore *store, const guint8 id[KH_ID_LEN],
                                         gboolean accepts, GError **error);

/* The peer was online under @announced_name. Nothing happens where it is no contact. */
gboolean kh_contacts_saw (KhStore *store, const guint8 id[KH_ID_LEN],
                          const char *announced_name, gint64 now_ms, GError **error);

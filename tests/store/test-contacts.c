/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/contacts.h"
#include "proto/identity.h"
#include "scratch.h"

#include <string.h>

static void
assert_added (Scratch *self, guint number, const char *petname, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (KhStoredContact) contact
      = kh_contacts_add (self->store, scratch_peer (number), petname, "", 1, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (contact->petname, ==, expected);
  g_assert_cmpmem (contact->id, sizeof contact->id, scratch_peer (number), KH_ID_LEN);
}

/* NULL where it is no contact. */
static KhStoredContact *
get (Scratch *self, guint number)
{
  g_autoptr (GError) error = NULL;
  KhStoredContact *contact = NULL;

  g_assert_true (kh_contacts_get (self->store, scratch_peer (number), &contact, &error));
  g_assert_no_error (error);
  return contact;
}

/* Petnames joined by "|". Takes @contacts. */
static void
assert_petnames (GPtrArray *contacts, const char *expected)
{
  g_autoptr (GString) names = g_string_new (NULL);

  g_assert_nonnull (contacts);
  for (guint i = 0; i < contacts->len; i++)
    {
      const KhStoredContact *contact = g_ptr_array_index (contacts, i);

      g_string_append_printf (names, "%s%s", i > 0 ? "|" : "", contact->petname);
    }
  g_assert_cmpstr (names->str, ==, expected);
  g_ptr_array_unref (contacts);
}

static void
test_second_of_a_name_gets_a_number (Scratch *self, gconstpointer unused)
{
  (void)unused;
  assert_added (self, 1, "alice", "alice");
  assert_added (self, 2, " ALICE\t", "ALICE 2");
  assert_added (self, 3, "Alice", "Alice 3");
  assert_added (self, 4, "alice 2", "alice 2 2");
  assert_added (self, 5, "Stra\u00dfe", "Stra\u00dfe");
  assert_added (self, 6, "STRASSE", "STRASSE 2");
  assert_added (self, 7, "e\u0301", "e\u0301");
  assert_added (self, 8, "\u00c9", "\u00c9 2");
}

static void
test_number_fits_a_longest_name (Scratch *self, gconstpointer unused)
{
  g_autoptr (GString) longest = g_string_new (NULL);
  g_autoptr (KhStoredContact) first = NULL;
  g_autoptr (KhStoredContact) second = NULL;

  (void)unused;
  for (guint i = 0; i < KH_NAME_LEN_MAX / 4; i++)
    g_string_append (longest, "\U0001F600");
  first = kh_contacts_add (self->store, scratch_peer (1), longest->str, "", 1, NULL);
  second = kh_contacts_add (self->store, scratch_peer (2), longest->str, "", 1, NULL);
  g_assert_cmpstr (first->petname, ==, longest->str);
  g_assert_true (g_str_has_suffix (second->petname, "\U0001F600 2"));
  g_assert_cmpuint (strlen (second->petname), <=, KH_NAME_LEN_MAX);
}

static void
test_names_that_are_none (Scratch *self, gconstpointer unused)
{
  static const char *const bad[] = { "", "  ", "\xff", "a\xc3" };
  g_autofree char *long_name = g_strnfill (KH_NAME_LEN_MAX + 1, 'x');
  g_autoptr (GError) error = NULL;

  (void)unused;
  for (gsize i = 0; i <= G_N_ELEMENTS (bad); i++)
    {
      const char *name = i < G_N_ELEMENTS (bad) ? bad[i] : long_name;

      g_assert_null (
          kh_contacts_add (self->store, scratch_peer (1), name, "", 1, &error));
      g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID);
      g_clear_error (&error);
    }
  g_assert_null (
      kh_contacts_add (self->store, scratch_peer (1), "a", long_name, 1, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID);
  assert_petnames (kh_contacts_list (self->store, NULL), "");
}

static void
test_one_contact_an_id (Scratch *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  (void)unused;
  assert_added (self, 1, "alice", "alice");
  g_assert_null (kh_contacts_add (self->store, scratch_peer (1), "bob", "", 1, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS);
  assert_petnames (kh_contacts_list (self->store, NULL), "alice");
}

static void
test_petname_goes_before_announced_names (Scratch *self, gconstpointer unused)
{
  KhStore *store = self->store;
  g_autoptr (GError) error = NULL;

  (void)unused;
  assert_added (self, 1, "al", "al");
  assert_added (self, 2, "bo", "bo");
  assert_added (self, 3, "cy", "cy");
  g_assert_true (kh_contacts_saw (store, scratch_peer (1), "Zoe", 5, &error));
  g_assert_true (kh_contacts_saw (store, scratch_peer (2), "zOE", 5, &error));
  g_assert_true (kh_contacts_saw (store, scratch_peer (3), "AL", 5, &error));
  assert_petnames (kh_contacts_find_name (store, " zoe", &error), "al|bo");
  assert_petnames (kh_contacts_find_name (store, "Al", &error), "al");
  assert_petnames (kh_contacts_find_name (store, "z", &error), "");
  assert_petnames (kh_contacts_find_name (store, "z%' OR 1", &error), "");
  assert_petnames (kh_contacts_find_name (store, "\xff", &error), "");

  g_assert_true (kh_contacts_rename (store, scratch_peer (3), "zoe", &error));
  assert_petnames (kh_contacts_find_name (store, "ZOE", &error), "zoe");
  g_assert_no_error (error);
}

static void
test_no_name_finds_nobody (Scratch *self, gconstpointer unused)
{
  (void)unused;
  assert_added (self, 1, "al", "al");
  assert_petnames (kh_contacts_find_name (self->store, "", NULL), "");
  assert_petnames (kh_contacts_find_name (self->store, " ", NULL), "");
}

/* The texts are by Python's base64.b32encode. */
static void
test_found_by_the_beginning_of_the_id (Scratch *self, gconstpointer unused)
{
  static const guint8 keys[2][KH_ID_LEN] = {
    { 0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf, 0x84,
      0x65, 0x3a, 0x56, 0xd7, 0xc6, 0x75, 0xbe, 0x77, 0xdf, 0x00, 0x44,
      0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf, 0x84, 0x65 },
    { 0x00, 0x44, 0x32, 0x14, 0xc7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
  };
  KhStore *store = self->store;
  char whole[KH_IDENTITY_TEXT_LEN + 1];

  (void)unused;
  kh_stored_contact_free (kh_contacts_add (store, keys[0], "one", "", 1, NULL));
  kh_stored_contact_free (kh_contacts_add (store, keys[1], "two", "", 1, NULL));
  assert_petnames (kh_contacts_find_prefix (store, "a", NULL), "one|two");
  assert_petnames (kh_contacts_find_prefix (store, "abcdefgh", NULL), "one|two");
  assert_petnames (kh_contacts_find_prefix (store, "ABCDEFGHI", NULL), "one");
  assert_petnames (kh_contacts_find_prefix (store,
                                            "abcdefghijklmnopqrstuvwxyz234567"
                                            "abcdefghijklmnopqrs",
                                            NULL),
                   "one");
  assert_petnames (kh_contacts_find_prefix (store, "abcdefgh7", NULL), "two");
  assert_petnames (kh_contacts_find_prefix (store, "b", NULL), "");
  assert_petnames (kh_contacts_find_prefix (store, "", NULL), "");
  /* "1" is no character of base32, "7" is all ones. */
  assert_petnames (kh_contacts_find_prefix (store, "abcdefgh1", NULL), "");
  kh_identity_to_text (KH_IDENTITY_PEER, keys[1], whole);
  assert_petnames (kh_contacts_find_prefix (store, whole, NULL), "two");
  whole[KH_IDENTITY_TEXT_LEN - 1] ^= 1;
  assert_petnames (kh_contacts_find_prefix (store, whole, NULL), "");
}

static void
test_what_is_not_there_cannot_change (Scratch *self, gconstpointer unused)
{
  KhStore *store = self->store;
  g_autoptr (GError) error = NULL;

  (void)unused;
  g_assert_false (kh_contacts_remove (store, scratch_peer (1), &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (kh_contacts_set_blocked (store, scratch_peer (1), TRUE, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (kh_contacts_rename (store, scratch_peer (1), "a", &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (kh_contacts_saw (store, scratch_peer (1), "a", 1, &error));
  g_assert_null (get (self, 1));
}

/* The model: contacts by number, and their folded petnames are never equal. */
enum
{
  N_PEERS = 6
};

static void
assert_same (const KhStoredContact *contact, const KhStoredContact *model)
{
  g_assert_cmpint (contact != NULL, ==, model != NULL);
  if (model == NULL)
    return;
  g_assert_cmpmem (contact->id, sizeof contact->id, model->id, sizeof model->id);
  g_assert_cmpstr (contact->petname, ==, model->petname);
  g_assert_cmpstr (contact->announced_name, ==, model->announced_name);
  g_assert_cmpint (contact->verified_at_ms, ==, model->verified_at_ms);
  g_assert_cmpint (contact->blocked, ==, model->blocked);
  g_assert_cmpint (contact->accepts_calls, ==, model->accepts_calls);
  g_assert_cmpint (contact->accepts_offers, ==, model->accepts_offers);
  g_assert_cmpint (contact->added_at_ms, ==, model->added_at_ms);
  g_assert_cmpint (contact->last_seen_at_ms, ==, model->last_seen_at_ms);
  g_assert_cmpint (contact->muted, ==, model->muted);
}

static void
add_or_remove (Scratch *self, KhStoredContact **model, guint number, gint64 now_ms)
{
  g_autofree char *petname = scratch_random_text (20);
  g_autofree char *announced = scratch_random_text (KH_NAME_LEN_MAX);

  if (*model == NULL)
    {
      g_autoptr (KhStoredContact) added = kh_contacts_add (
          self->store, scratch_peer (number), petname, announced, now_ms, NULL);

      g_assert_nonnull (added);
      *model = g_new0 (KhStoredContact, 1);
      memcpy ((*model)->id, scratch_peer (number), KH_ID_LEN);
      (*model)->petname = g_strdup (added->petname);
      (*model)->announced_name = g_steal_pointer (&announced);
      (*model)->added_at_ms = now_ms;
    }
  else
    {
      g_assert_true (kh_contacts_remove (self->store, scratch_peer (number), NULL));
      g_clear_pointer (model, kh_stored_contact_free);
    }
}

static void
set_a_flag (Scratch *self, KhStoredContact *model, guint number, gint64 now_ms)
{
  const guint8 *id = scratch_peer (number);
  gboolean value = g_test_rand_bit ();
  g_autofree char *name = scratch_random_text (KH_NAME_LEN_MAX);

  switch (g_test_rand_int_range (0, 6))
    {
    case 4:
      g_assert_true (kh_contacts_set_muted (self->store, id, value, NULL));
      model->muted = value;
      break;
    case 0:
      g_assert_true (kh_contacts_set_blocked (self->store, id, value, NULL));
      model->blocked = value;
      break;
    case 1:
      g_assert_true (kh_contacts_set_accepts_calls (self->store, id, value, NULL));
      model->accepts_calls = value;
      break;
    case 2:
      g_assert_true (kh_contacts_set_accepts_offers (self->store, id, value, NULL));
      model->accepts_offers = value;
      break;
    case 3:
      g_assert_true (
          kh_contacts_set_verified (self->store, id, value ? now_ms : 0, NULL));
      model->verified_at_ms = value ? now_ms : 0;
      break;
    default:
      g_assert_true (kh_contacts_saw (self->store, id, name, now_ms, NULL));
      g_free (model->announced_name);
      model->announced_name = g_steal_pointer (&name);
      model->last_seen_at_ms = now_ms;
    }
}

/* A name that another contact has is refused; any other one is taken. */
static void
rename_one (Scratch *self, KhStoredContact **models, guint number)
{
  KhStoredContact *other = models[g_test_rand_int_range (0, N_PEERS)];
  g_autofree char *fresh
      = g_strdup_printf ("%u %d", number, g_test_rand_int_range (0, G_MAXINT));
  const char *name = other != NULL && g_test_rand_bit () ? other->petname : fresh;
  gboolean taken = name != fresh && other != models[number];
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (kh_contacts_rename (self->store, scratch_peer (number), name, &error),
                   ==, !taken);
  if (taken)
    g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS);
  if (name == fresh)
    {
      g_free (models[number]->petname);
      models[number]->petname = g_steal_pointer (&fresh);
    }
}

static void
test_any_order_of_changes (Scratch *self, gconstpointer unused)
{
  KhStoredContact *models[N_PEERS] = { NULL };

  (void)unused;
  for (guint step = 1; step < 400; step++)
    {
      guint number = (guint)g_test_rand_int_range (0, N_PEERS);
      int what = g_test_rand_int_range (0, 6);

      if (models[number] == NULL || what == 0)
        add_or_remove (self, &models[number], number, step);
      else if (what == 1)
        rename_one (self, models, number);
      else
        set_a_flag (self, models[number], number, step);
      if (g_test_rand_int_range (0, 20) == 0)
        scratch_reopen (self);
      for (guint i = 0; i < N_PEERS; i++)
        {
          g_autoptr (KhStoredContact) contact = get (self, i);

          assert_same (contact, models[i]);
        }
    }
  for (guint i = 0; i < N_PEERS; i++)
    kh_stored_contact_free (models[i]);
}

static void
test_restored_contact_is_the_same (Scratch *self, gconstpointer unused)
{
  KhStoredContact contact = { .petname = "Al",
                              .announced_name = "al \U0001F600",
                              .verified_at_ms = 2,
                              .blocked = TRUE,
                              .muted = TRUE,
                              .accepts_offers = TRUE,
                              .added_at_ms = 3,
                              .last_seen_at_ms = 4 };
  g_autoptr (KhStoredContact) restored = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;

  (void)unused;
  memcpy (contact.id, scratch_peer (1), KH_ID_LEN);
  g_assert_true (kh_contacts_restore (self->store, &contact, NULL));
  restored = get (self, 1);
  g_assert_cmpstr (restored->petname, ==, "Al");
  g_assert_cmpstr (restored->announced_name, ==, "al \U0001F600");
  g_assert_cmpint (restored->verified_at_ms, ==, 2);
  g_assert_true (restored->blocked && restored->muted && restored->accepts_offers);
  g_assert_false (restored->accepts_calls);
  g_assert_cmpint (restored->added_at_ms, ==, 3);
  g_assert_cmpint (restored->last_seen_at_ms, ==, 4);
  found = kh_contacts_find_name (self->store, "AL \U0001F600", NULL);
  g_assert_cmpuint (found->len, ==, 1);
  /* Neither the id nor the petname may be another's. */
  g_assert_false (kh_contacts_restore (self->store, &contact, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS);
  g_clear_error (&error);
  memcpy (contact.id, scratch_peer (2), KH_ID_LEN);
  g_assert_false (kh_contacts_restore (self->store, &contact, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/contacts/second-of-a-name-gets-a-number",
               test_second_of_a_name_gets_a_number);
  SCRATCH_ADD ("/contacts/number-fits-a-longest-name", test_number_fits_a_longest_name);
  SCRATCH_ADD ("/contacts/names-that-are-none", test_names_that_are_none);
  SCRATCH_ADD ("/contacts/one-contact-an-id", test_one_contact_an_id);
  SCRATCH_ADD ("/contacts/petname-goes-before-announced-names",
               test_petname_goes_before_announced_names);
  SCRATCH_ADD ("/contacts/no-name-finds-nobody", test_no_name_finds_nobody);
  SCRATCH_ADD ("/contacts/found-by-the-beginning-of-the-id",
               test_found_by_the_beginning_of_the_id);
  SCRATCH_ADD ("/contacts/what-is-not-there-cannot-change",
               test_what_is_not_there_cannot_change);
  SCRATCH_ADD ("/contacts/restored-contact-is-the-same",
               test_restored_contact_is_the_same);
  SCRATCH_ADD ("/contacts/any-order-of-changes", test_any_order_of_changes);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/identity-store.h"
#include "scratch.h"

#include <sodium.h>
#include <sqlite3.h>
#include <string.h>

static void
test_none_before_one_is_made (Scratch *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  KhIdentityKeys keys;
  gboolean found = TRUE;

  (void)unused;
  memset (&keys, 1, sizeof keys);
  g_assert_true (kh_identity_store_load (self->store, &keys, &found, &error));
  g_assert_false (found);
  g_assert_true (sodium_is_zero ((guint8 *)&keys, sizeof keys));
}

static void
test_made_once_and_the_same_ever_after (Scratch *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  KhIdentityKeys made;
  KhIdentityKeys again;
  guint8 public_key[KH_ID_LEN];

  (void)unused;
  g_assert_true (kh_identity_store_load_or_make (self->store, 1, &made, &error));
  g_assert_cmpint (crypto_scalarmult_base (public_key, made.secret_key), ==, 0);
  g_assert_cmpmem (public_key, sizeof public_key, made.public_key,
                   sizeof made.public_key);
  for (guint round = 0; round < 3; round++)
    {
      g_assert_true (kh_identity_store_load_or_make (self->store, 2, &again, &error));
      g_assert_cmpmem (&made, sizeof made, &again, sizeof again);
      scratch_reopen (self);
    }
  kh_identity_store_wipe (&made);
  g_assert_true (sodium_is_zero ((guint8 *)&made, sizeof made));
}

static void
test_is_never_replaced (Scratch *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  KhIdentityKeys first;
  KhIdentityKeys second;
  KhIdentityKeys loaded;
  gboolean found = FALSE;

  (void)unused;
  crypto_box_keypair (first.public_key, first.secret_key);
  crypto_box_keypair (second.public_key, second.secret_key);
  g_assert_true (kh_identity_store_save (self->store, &first, 1, &error));
  g_assert_false (kh_identity_store_save (self->store, &second, 2, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_true (kh_identity_store_load (self->store, &loaded, &found, &error));
  g_assert_true (found);
  g_assert_cmpmem (&loaded, sizeof loaded, &first, sizeof first);
}

static void
test_restored_only_where_nothing_was_done (Scratch *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  KhIdentityKeys made;
  KhIdentityKeys restored;
  KhIdentityKeys loaded;
  gboolean found = FALSE;

  (void)unused;
  crypto_box_keypair (restored.public_key, restored.secret_key);
  g_assert_true (kh_identity_store_load_or_make (self->store, 1, &made, NULL));
  g_assert_true (kh_identity_store_restore (self->store, &restored, 2, NULL));
  scratch_reopen (self);
  g_assert_true (kh_identity_store_load (self->store, &loaded, &found, NULL));
  g_assert_true (found);
  g_assert_cmpmem (&loaded, sizeof loaded, &restored, sizeof restored);
  scratch_receive (self, 1, 1, "hello");
  g_assert_false (kh_identity_store_restore (self->store, &made, 3, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS);
  g_assert_true (kh_identity_store_load (self->store, &loaded, &found, NULL));
  g_assert_cmpmem (&loaded, sizeof loaded, &restored, sizeof restored);
}

static void
test_keys_that_do_not_match_are_damage (Scratch *self, gconstpointer unused)
{
  g_autofree char *path = scratch_path (self, KH_STORE_FILE);
  g_autoptr (GError) error = NULL;
  KhIdentityKeys keys;
  gboolean found = FALSE;
  sqlite3 *db;

  (void)unused;
  g_assert_true (kh_identity_store_load_or_make (self->store, 1, &keys, &error));
  scratch_close (self);
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "UPDATE identity SET secret_key = zeroblob (32)",
                                 NULL, NULL, NULL),
                   ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);

  scratch_reopen (self);
  g_assert_false (kh_identity_store_load (self->store, &keys, &found, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_DAMAGED);
  g_assert_false (found);
  g_assert_true (sodium_is_zero ((guint8 *)&keys, sizeof keys));
  g_clear_error (&error);
  g_assert_false (kh_identity_store_load_or_make (self->store, 2, &keys, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_DAMAGED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  SCRATCH_ADD ("/identity-store/none-before-one-is-made", test_none_before_one_is_made);
  SCRATCH_ADD ("/identity-store/made-once-and-the-same-ever-after",
               test_made_once_and_the_same_ever_after);
  SCRATCH_ADD ("/identity-store/is-never-replaced", test_is_never_replaced);
  SCRATCH_ADD ("/identity-store/restored-only-where-nothing-was-done",
               test_restored_only_where_nothing_was_done);
  SCRATCH_ADD ("/identity-store/keys-that-do-not-match-are-damage",
               test_keys_that_do_not_match_are_damage);
  return g_test_run ();
}

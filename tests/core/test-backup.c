/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Clients without a server, on the loopback of a disk. Each try of a passphrase takes
 * most of a second, as it does for people.
 */
#include "core/backup.h"
#include "../find-bytes.h"
#include "scratch.h"
#include "store/contacts.h"
#include "store/identity-store.h"
#include "store/settings.h"

#include <glib/gstdio.h>
#include <string.h>

#define PASSPHRASE "correct horse \u00e9"
#define PASSPHRASE_TYPED_ELSEWHERE "correct horse e\u0301"

typedef struct
{
  GMainLoop *loop;
  gboolean good;
  GError *error;
  guint n_ticks; /* of the main loop, meanwhile */
} Outcome;

typedef struct
{
  char *folder; /* with the data folders "from" and "to", and the backup "file" */
  Outcome outcome;
} Fixture;

static char *
path_of (const Fixture *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

static void
set_up (Fixture *self, gconstpointer unused)
{
  (void)unused;
  self->folder = g_dir_make_tmp ("knothole-backup-XXXXXX", NULL);
  self->outcome.loop = g_main_loop_new (NULL, FALSE);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  static const char *const folders[] = { "from", "to" };
  g_autofree char *file = path_of (self, "file");

  (void)unused;
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = path_of (self, folders[i]);

      if (g_file_test (folder, G_FILE_TEST_IS_DIR))
        scratch_remove_folder (folder);
    }
  g_unlink (file);
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->folder);
  g_main_loop_unref (self->outcome.loop);
  g_clear_error (&self->outcome.error);
}

static gboolean
tick (gpointer data)
{
  ((Outcome *)data)->n_ticks++;
  return G_SOURCE_CONTINUE;
}

static void
wait_for_it (Fixture *self)
{
  guint source = g_timeout_add (10, tick, &self->outcome);

  g_main_loop_run (self->outcome.loop);
  g_source_remove (source);
}

static void
on_saved (GObject *client, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;

  outcome->good = kh_backup_save_finish (KH_CLIENT (client), result, &outcome->error);
  g_main_loop_quit (outcome->loop);
}

static void
on_restored (GObject *source, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;

  (void)source;
  outcome->good = kh_backup_restore_finish (result, &outcome->error);
  g_main_loop_quit (outcome->loop);
}

static void
on_closed (GObject *client, GAsyncResult *result, gpointer data)
{
  kh_client_close_finish (KH_CLIENT (client), result);
  g_main_loop_quit (((Outcome *)data)->loop);
}

static KhClient *
open_client (Fixture *self, const char *name)
{
  g_autofree char *folder = path_of (self, name);
  g_autoptr (GError) error = NULL;
  KhClient *client = kh_client_new (
      &(KhClientOptions){
          .data_dir = folder, .holder = "a test", .name = "Al", .may_wait = TRUE },
      &error);

  g_assert_no_error (error);
  return client;
}

static void
close_client (Fixture *self, KhClient *client)
{
  kh_client_close_async (client, on_closed, &self->outcome);
  g_main_loop_run (self->outcome.loop);
  g_object_unref (client);
}

static gboolean
save (Fixture *self, KhClient *client, const char *passphrase)
{
  g_autofree char *path = path_of (self, "file");
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_clear_error (&self->outcome.error);
  kh_backup_save_async (client, file, passphrase, NULL, on_saved, &self->outcome);
  wait_for_it (self);
  return self->outcome.good;
}

static gboolean
restore (Fixture *self, const char *passphrase)
{
  g_autofree char *path = path_of (self, "file");
  g_autofree char *folder = path_of (self, "to");
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_clear_error (&self->outcome.error);
  kh_backup_restore_async (file, passphrase, folder, NULL, on_restored, &self->outcome);
  wait_for_it (self);
  return self->outcome.good;
}

static void
assert_refused (Fixture *self, const char *passphrase, const char *word)
{
  g_assert_false (restore (self, passphrase));
  g_assert_error (self->outcome.error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_BACKUP);
  if (strstr (self->outcome.error->message, word) == NULL)
    g_error ("\"%s\" does not say \"%s\"", self->outcome.error->message, word);
}

/* What is known of a peer; the folder is not in use. */
static void
change_store (Fixture *self, const char *name, void (*change) (KhStore *))
{
  g_autofree char *folder = path_of (self, name);
  g_autoptr (KhFolderLock) lock = kh_folder_lock_take (folder, "a test", NULL);
  KhStore *store = kh_store_open (lock, NULL);

  change (store);
  kh_store_close (store);
}

static void
add_people (KhStore *store)
{
  g_autoptr (KhStoredContact) alice
      = kh_contacts_add (store, scratch_peer (1), "Alice", "al \U0001F600", 2, NULL);

  g_assert_nonnull (alice);
  g_assert_true (kh_contacts_set_verified (store, scratch_peer (1), 3, NULL));
  g_assert_true (kh_contacts_set_accepts_calls (store, scratch_peer (1), TRUE, NULL));
  for (guint i = 2; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf ("Bob %u", i);
      g_autoptr (KhStoredContact) bob
          = kh_contacts_add (store, scratch_peer (i), name, "", 4, NULL);

      g_assert_true (kh_contacts_set_blocked (store, scratch_peer (i), i % 2, NULL));
      g_assert_true (kh_contacts_set_muted (store, scratch_peer (i), i % 3 == 0, NULL));
    }
  g_assert_true (
      kh_settings_set (store, KH_SETTING_SERVER, "knothole://a.example", NULL));
  g_assert_true (kh_settings_set (store, KH_SETTING_ROOM, "the word", NULL));
}

static void
assert_people (KhStore *store)
{
  g_autoptr (GPtrArray) contacts = kh_contacts_list (store, NULL);
  g_autoptr (KhStoredContact) alice = NULL;
  g_autofree char *server = NULL;
  g_autofree char *room = NULL;

  g_assert_cmpuint (contacts->len, ==, 39);
  g_assert_true (kh_contacts_get (store, scratch_peer (1), &alice, NULL));
  g_assert_cmpstr (alice->petname, ==, "Alice");
  g_assert_cmpstr (alice->announced_name, ==, "al \U0001F600");
  g_assert_cmpint (alice->verified_at_ms, ==, 3);
  g_assert_true (alice->accepts_calls && !alice->accepts_offers);
  for (guint i = 2; i < 40; i++)
    {
      g_autoptr (KhStoredContact) bob = NULL;

      g_assert_true (kh_contacts_get (store, scratch_peer (i), &bob, NULL));
      g_assert_cmpint (bob->blocked, ==, i % 2 != 0);
      g_assert_cmpint (bob->muted, ==, i % 3 == 0);
    }
  g_assert_true (kh_settings_get (store, KH_SETTING_SERVER, &server, NULL));
  g_assert_cmpstr (server, ==, "knothole://a.example");
  g_assert_true (kh_settings_get (store, KH_SETTING_ROOM, &room, NULL));
  g_assert_cmpstr (room, ==, "the word");
}

/* A client that has been, with its people; saved to the file. */
static KhPeerId
make_backup (Fixture *self)
{
  KhClient *client = open_client (self, "from");
  KhPeerId id = *kh_client_get_id (client);

  close_client (self, client);
  change_store (self, "from", add_people);
  client = open_client (self, "from");
  g_assert_true (save (self, client, PASSPHRASE));
  close_client (self, client);
  return id;
}

/* Windows has no modes: there the profile's folder keeps others out. */
static void
assert_only_own (const char *path)
{
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
#ifdef G_OS_UNIX
  g_assert_cmpuint (status.st_mode & 07777, ==, 0600);
#endif
}

static void
test_identity_and_people_come_back (Fixture *self, gconstpointer unused)
{
  KhPeerId id = make_backup (self);
  g_autofree char *path = path_of (self, "file");
  g_autofree char *bytes = NULL;
  KhClient *client;
  gsize len = 0;

  (void)unused;
  /* The window went on meanwhile: this took longer than ten of its frames. */
  g_assert_cmpuint (self->outcome.n_ticks, >, 5);
  assert_only_own (path);
  g_assert_true (g_file_get_contents (path, &bytes, &len, NULL));
  g_assert_false (has_bytes (bytes, len, "Alice", 5));
  g_assert_true (restore (self, PASSPHRASE_TYPED_ELSEWHERE));
  change_store (self, "to", assert_people);
  client = open_client (self, "to");
  g_assert_cmpmem (&id, sizeof id, kh_client_get_id (client), sizeof id);
  close_client (self, client);
}

static void
test_over_a_fresh_identity (Fixture *self, gconstpointer unused)
{
  KhPeerId id = make_backup (self);
  KhClient *client = open_client (self, "to");

  (void)unused;
  g_assert_true (memcmp (&id, kh_client_get_id (client), sizeof id) != 0);
  g_assert_false (restore (self, PASSPHRASE));
  g_assert_error (self->outcome.error, KH_STORE_ERROR, KH_STORE_ERROR_FOLDER_IN_USE);
  close_client (self, client);
  g_assert_true (restore (self, PASSPHRASE));
  client = open_client (self, "to");
  g_assert_cmpmem (&id, sizeof id, kh_client_get_id (client), sizeof id);
  close_client (self, client);
  assert_refused (self, PASSPHRASE, "already");
  change_store (self, "to", assert_people);
}

static void
receive_one (KhStore *store)
{
  Scratch scratch = { .store = store };

  scratch_receive (&scratch, 1, 1, "hello");
}

static void
test_what_was_said_is_not_lost (Fixture *self, gconstpointer unused)
{
  KhPeerId id;
  KhClient *client;

  (void)unused;
  make_backup (self);
  client = open_client (self, "to");
  id = *kh_client_get_id (client);
  close_client (self, client);
  change_store (self, "to", receive_one);
  assert_refused (self, PASSPHRASE, "already");
  client = open_client (self, "to");
  g_assert_cmpmem (&id, sizeof id, kh_client_get_id (client), sizeof id);
  close_client (self, client);
}

static void
test_wrong_passphrases_and_files_are_told_apart (Fixture *self, gconstpointer unused)
{
  g_autofree char *path = path_of (self, "file");
  g_autofree char *folder = path_of (self, "to");
  g_autofree char *bytes = NULL;
  gsize len = 0;

  (void)unused;
  g_assert_false (restore (self, PASSPHRASE));
  g_assert_error (self->outcome.error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  make_backup (self);
  assert_refused (self, "correct horse", "passphrase");
  assert_refused (self, "", "passphrase");
  assert_refused (self, "\xff", "passphrase");
  g_assert_true (g_file_get_contents (path, &bytes, &len, NULL));
  bytes[len / 2] ^= 1;
  g_assert_true (g_file_set_contents (path, bytes, (gssize)len, NULL));
  assert_refused (self, PASSPHRASE, "damaged");
  bytes[8]++;
  g_assert_true (g_file_set_contents (path, bytes, (gssize)len, NULL));
  assert_refused (self, PASSPHRASE, "newer");
  g_assert_true (g_file_set_contents (path, "hello", 5, NULL));
  assert_refused (self, PASSPHRASE, "not a backup");
  g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS));
}

static void
test_short_passphrase_is_refused (Fixture *self, gconstpointer unused)
{
  g_autofree char *path = path_of (self, "file");
  KhClient *client = open_client (self, "from");

  (void)unused;
  g_assert_false (save (self, client, "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"));
  g_assert_error (self->outcome.error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_BACKUP);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  close_client (self, client);
}

static void
test_what_cannot_be_written_leaves_the_file (Fixture *self, gconstpointer unused)
{
  g_autofree char *path = path_of (self, "nowhere/file");
  g_autoptr (GFile) file = g_file_new_for_path (path);
  KhClient *client = open_client (self, "from");

  (void)unused;
  kh_backup_save_async (client, file, PASSPHRASE, NULL, on_saved, &self->outcome);
  wait_for_it (self);
  g_assert_error (self->outcome.error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  close_client (self, client);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/backup/identity-and-people-come-back", test_identity_and_people_come_back);
  ADD ("/backup/over-a-fresh-identity", test_over_a_fresh_identity);
  ADD ("/backup/what-was-said-is-not-lost", test_what_was_said_is_not_lost);
  ADD ("/backup/wrong-passphrases-and-files-are-told-apart",
       test_wrong_passphrases_and_files_are_told_apart);
  ADD ("/backup/short-passphrase-is-refused", test_short_passphrase_is_refused);
  ADD ("/backup/what-cannot-be-written-leaves-the-file",
       test_what_cannot_be_written_leaves_the_file);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch.h"
#include "store/entries.h"
#include "store/store-private.h"

static void
assert_known (Scratch *self, guint peer, const char *path, guint64 size,
              guint64 modified_ms, gboolean expected)
{
  g_autoptr (GError) error = NULL;
  gboolean known = !expected;

  g_assert_true (kh_received_has (self->store, scratch_peer (peer), path, size,
                                  modified_ms, &known, &error));
  g_assert_no_error (error);
  g_assert_cmpint (known, ==, expected);
}

static void
add (Scratch *self, const char *path, guint64 size, guint64 modified_ms)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (
      kh_received_add (self->store, scratch_peer (1), path, size, modified_ms, &error));
  g_assert_no_error (error);
}

static void
test_known_only_when_all_of_it_is_the_same (Scratch *self, gconstpointer unused)
{
  (void)unused;
  add (self, "/x/\xff", 5, 7);
  for (guint round = 0; round < 2; round++)
    {
      assert_known (self, 1, "/x/\xff", 5, 7, TRUE);
      assert_known (self, 2, "/x/\xff", 5, 7, FALSE);
      assert_known (self, 1, "/x/\xfe", 5, 7, FALSE);
      assert_known (self, 1, "/x/\xff", 4, 7, FALSE);
      assert_known (self, 1, "/x/\xff", 5, 8, FALSE);
      scratch_reopen (self);
    }
}

static void
test_later_one_counts (Scratch *self, gconstpointer unused)
{
  (void)unused;
  add (self, "/x/y", 5, 7);
  add (self, "/x/y", G_MAXINT64, G_MAXUINT64);
  assert_known (self, 1, "/x/y", 5, 7, FALSE);
  assert_known (self, 1, "/x/y", G_MAXINT64, G_MAXUINT64, TRUE);
}

/* From Python: hashlib.blake2b (peer + path, digest_size = 32), the first 8 bytes. */
static void
test_key_is_what_the_schema_says (Scratch *self, gconstpointer unused)
{
  sqlite3_stmt *stmt;

  (void)unused;
  add (self, "/downloads/a file.txt", 5, 7);
  g_assert_cmpint (
      sqlite3_prepare_v2 (self->store->db, "SELECT key FROM received", -1, &stmt, NULL),
      ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (stmt), ==, SQLITE_ROW);
  g_assert_cmpint (sqlite3_column_int64 (stmt, 0), ==,
                   G_GINT64_CONSTANT (4330378101773310809));
  g_assert_cmpint (sqlite3_finalize (stmt), ==, SQLITE_OK);
}

static void
assert_elsewhere (Scratch *self, guint peer, const char *path, guint64 size,
                  guint64 modified_ms, gboolean expected)
{
  g_autoptr (GError) error = NULL;
  gboolean known = !expected;

  g_assert_true (kh_received_has_elsewhere (self->store, scratch_peer (peer), path, size,
                                            modified_ms, &known, &error));
  g_assert_no_error (error);
  g_assert_cmpint (known, ==, expected);
}

/* Many may have been wanted where one is. */
static void
test_many_are_elsewhere (Scratch *self, gconstpointer unused)
{
  (void)unused;
  add (self, "/x/y", 5, 7);
  assert_elsewhere (self, 1, "/x/y", 5, 7, FALSE);
  for (guint i = 0; i < 3; i++)
    g_assert_true (kh_received_add_elsewhere (self->store, scratch_peer (1), "/x/y", i,
                                              G_MAXUINT64, NULL));
  for (guint i = 0; i < 3; i++)
    {
      assert_elsewhere (self, 1, "/x/y", i, G_MAXUINT64, TRUE);
      assert_elsewhere (self, 2, "/x/y", i, G_MAXUINT64, FALSE);
      assert_elsewhere (self, 1, "/x/y", i, 7, FALSE);
      assert_known (self, 1, "/x/y", i, G_MAXUINT64, FALSE);
    }
  assert_elsewhere (self, 1, "/x/y", 3, G_MAXUINT64, FALSE);
  assert_known (self, 1, "/x/y", 5, 7, TRUE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/received/known-only-when-all-of-it-is-the-same",
               test_known_only_when_all_of_it_is_the_same);
  SCRATCH_ADD ("/received/later-one-counts", test_later_one_counts);
  SCRATCH_ADD ("/received/many-are-elsewhere", test_many_are_elsewhere);
  SCRATCH_ADD ("/received/key-is-what-the-schema-says", test_key_is_what_the_schema_says);
  return g_test_run ();
}

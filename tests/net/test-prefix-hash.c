/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/folder-step.h"
#include "net/prefix-hash.h"
#include "net/present-file.h"

#include "../not-here.h"
#include "scratch-folder.h"

#ifdef G_OS_UNIX
#include <fcntl.h>
#include <unistd.h>
#endif

static const guint8 transfer[KH_FRAME_ID_LEN] = { 1, 2, 3 };

typedef struct
{
  char *folder;
  guint8 *bytes;
  gsize len;
  int fd;
  KhPrefixHash hash;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  int folder;

  fixture->folder = scratch_new ();
  fixture->len = 3 * KH_PREFIX_HASH_STEP + 12345;
  fixture->bytes = g_malloc (fixture->len);
  randombytes_buf_deterministic (fixture->bytes, fixture->len,
                                 (const guint8[randombytes_SEEDBYTES]){ 7 });
  scratch_write (fixture->folder, "file", fixture->bytes, fixture->len);
  folder = kh_folder_step_top (fixture->folder);
  fixture->fd = kh_present_file_open (folder, "file");
  kh_folder_step_close (folder);
  g_assert_cmpint (fixture->fd, >=, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  kh_present_file_close (fixture->fd);
  g_free (fixture->bytes);
  scratch_free (fixture->folder);
}

static guint
run (KhPrefixHash *hash)
{
  guint n_steps = 1;

  while (kh_prefix_hash_step (hash) == KH_PREFIX_HASH_RUNNING && n_steps < 1000)
    n_steps++;
  return n_steps;
}

static void
assert_hash_of (Fixture *fixture, gsize len, const guint8 id[KH_FRAME_ID_LEN],
                gboolean equal)
{
  guint8 expected[KH_FRAME_HASH_LEN];

  crypto_generichash (expected, sizeof expected, fixture->bytes, len, id,
                      KH_FRAME_ID_LEN);
  g_assert_cmpint (fixture->hash.result, ==, KH_PREFIX_HASH_DONE);
  g_assert_cmpint (sodium_memcmp (expected, fixture->hash.hash, sizeof expected) == 0, ==,
                   equal);
}

static void
test_it_is_the_keyed_hash_of_the_first_bytes (Fixture *fixture, gconstpointer data)
{
  const gsize lens[] = { 1,
                         32767,
                         32768,
                         32769,
                         KH_PREFIX_HASH_STEP - 1,
                         KH_PREFIX_HASH_STEP,
                         KH_PREFIX_HASH_STEP + 1,
                         fixture->len };
  const guint8 other[KH_FRAME_ID_LEN] = { 1, 2, 4 };

  for (guint i = 0; i < G_N_ELEMENTS (lens); i++)
    {
      kh_prefix_hash_begin (&fixture->hash, fixture->fd, lens[i], transfer);
      g_assert_cmpint (fixture->hash.result, ==, KH_PREFIX_HASH_RUNNING);
      run (&fixture->hash);
      assert_hash_of (fixture, lens[i], transfer, TRUE);
      assert_hash_of (fixture, lens[i], other, FALSE);
      assert_hash_of (fixture, lens[i] - 1, transfer, FALSE);
    }
}

/* BLAKE2b-256 of "abc" under the key 00 01 … 0f, by another implementation. */
static void
test_a_golden_vector (Fixture *fixture, gconstpointer data)
{
  guint8 id[KH_FRAME_ID_LEN];
  int folder = kh_folder_step_top (fixture->folder);
  char hex[2 * KH_FRAME_HASH_LEN + 1];
  int fd;

  for (guint i = 0; i < sizeof id; i++)
    id[i] = (guint8)i;
  scratch_write_text (fixture->folder, "abc", "abcdef");
  fd = kh_present_file_open (folder, "abc");
  kh_prefix_hash_begin (&fixture->hash, fd, 3, id);
  g_assert_cmpint (kh_prefix_hash_step (&fixture->hash), ==, KH_PREFIX_HASH_DONE);
  sodium_bin2hex (hex, sizeof hex, fixture->hash.hash, sizeof fixture->hash.hash);
  g_assert_cmpstr (hex, ==,
                   "3fd8fd31501cdbe942607b204368e3dc4ebce5744de1a955a6025f5c9848bb20");
  kh_present_file_close (fd);
  kh_folder_step_close (folder);
}

static void
test_each_step_reads_a_little (Fixture *fixture, gconstpointer data)
{
  kh_prefix_hash_begin (&fixture->hash, fixture->fd, fixture->len, transfer);
  for (guint i = 1; i <= 3; i++)
    {
      g_assert_cmpint (kh_prefix_hash_step (&fixture->hash), ==, KH_PREFIX_HASH_RUNNING);
      g_assert_cmpuint (fixture->hash.at, ==, i * KH_PREFIX_HASH_STEP);
    }
  g_assert_cmpint (kh_prefix_hash_step (&fixture->hash), ==, KH_PREFIX_HASH_DONE);
  /* And it stays so. */
  g_assert_cmpint (kh_prefix_hash_step (&fixture->hash), ==, KH_PREFIX_HASH_DONE);
  assert_hash_of (fixture, fixture->len, transfer, TRUE);
}

static void
test_nothing_has_a_hash_too (Fixture *fixture, gconstpointer data)
{
  kh_prefix_hash_begin (&fixture->hash, fixture->fd, 0, transfer);
  g_assert_cmpint (kh_prefix_hash_step (&fixture->hash), ==, KH_PREFIX_HASH_DONE);
  assert_hash_of (fixture, 0, transfer, TRUE);
}

static void
test_a_file_that_is_shorter_fails (Fixture *fixture, gconstpointer data)
{
  kh_prefix_hash_begin (&fixture->hash, fixture->fd, fixture->len + 1, transfer);
  run (&fixture->hash);
  g_assert_cmpint (fixture->hash.result, ==, KH_PREFIX_HASH_FAILED);
  g_assert_cmpint (kh_prefix_hash_step (&fixture->hash), ==, KH_PREFIX_HASH_FAILED);
  kh_prefix_hash_begin (&fixture->hash, fixture->fd, UINT64_MAX, transfer);
  run (&fixture->hash);
  g_assert_cmpint (fixture->hash.result, ==, KH_PREFIX_HASH_FAILED);
}

static void
test_one_that_becomes_shorter_fails (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = scratch_path (fixture->folder, "file");

  kh_prefix_hash_begin (&fixture->hash, fixture->fd, fixture->len, transfer);
  g_assert_cmpint (kh_prefix_hash_step (&fixture->hash), ==, KH_PREFIX_HASH_RUNNING);
  scratch_truncate (path, 100);
  g_assert_cmpint (kh_prefix_hash_step (&fixture->hash), ==, KH_PREFIX_HASH_FAILED);
}

static void
test_what_can_not_be_read_fails (Fixture *fixture, gconstpointer data)
{
  int folder = kh_folder_step_top (fixture->folder);

  kh_prefix_hash_begin (&fixture->hash, -1, 10, transfer);
  g_assert_cmpint (kh_prefix_hash_step (&fixture->hash), ==, KH_PREFIX_HASH_FAILED);
  kh_prefix_hash_begin (&fixture->hash, folder, 10, transfer);
  g_assert_cmpint (kh_prefix_hash_step (&fixture->hash), ==, KH_PREFIX_HASH_FAILED);
  kh_folder_step_close (folder);
}

#define ADD(name, function)                                                              \
  g_test_add ("/prefix-hash/" name, Fixture, NULL, set_up, function, tear_down)

#ifdef G_OS_UNIX

/* It reads at offsets: where the descriptor is does not matter, nor changes. */
static void
test_the_descriptor_is_only_borrowed (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (lseek (fixture->fd, 1000, SEEK_SET), ==, 1000);
  kh_prefix_hash_begin (&fixture->hash, fixture->fd, 5000, transfer);
  run (&fixture->hash);
  assert_hash_of (fixture, 5000, transfer, TRUE);
  g_assert_cmpint (lseek (fixture->fd, 0, SEEK_CUR), ==, 1000);
}

static void
add_tests_of_unix (void)
{
  ADD ("the-descriptor-is-only-borrowed", test_the_descriptor_is_only_borrowed);
}

#else

static void
add_tests_of_unix (void)
{
  add_not_here ("/prefix-hash/the-descriptor-is-only-borrowed",
                "reading at an offset moves the place of a handle");
}

#endif

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  ADD ("it-is-the-keyed-hash-of-the-first-bytes",
       test_it_is_the_keyed_hash_of_the_first_bytes);
  ADD ("a-golden-vector", test_a_golden_vector);
  ADD ("each-step-reads-a-little", test_each_step_reads_a_little);
  ADD ("nothing-has-a-hash-too", test_nothing_has_a_hash_too);
  ADD ("a-file-that-is-shorter-fails", test_a_file_that_is_shorter_fails);
  ADD ("one-that-becomes-shorter-fails", test_one_that_becomes_shorter_fails);
  ADD ("what-can-not-be-read-fails", test_what_can_not_be_read_fails);
  add_tests_of_unix ();
  return g_test_run ();
}

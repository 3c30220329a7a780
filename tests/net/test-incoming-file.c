/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/incoming-file.h"
#include "net/folder-step.h"

#include "../not-here.h"
#include "scratch-folder.h"

#include <sodium.h>
#include <string.h>

#ifdef G_OS_UNIX
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#else
#include <windows.h>
#endif

/* Windows that may wait to be begun on the disk: Linux begins with one as soon as it is
 * full; on Windows, where to begin is to wait, two are waited for together. */
#ifdef G_OS_UNIX
#define WINDOWS 1
#else
#define WINDOWS 2
#endif

#define WHEN_MS G_GUINT64_CONSTANT (1000000000250)

typedef struct
{
  char *folder;
  int fd; /* of the folder */
  guint n_open;
  KhIncomingFile file;
  char final_name[KH_INCOMING_FILE_NAME_MAX + 1];
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = scratch_new ();
  fixture->fd = kh_folder_step_top (fixture->folder);
  fixture->file = KH_INCOMING_FILE_NONE;
  fixture->n_open = scratch_count_open ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  kh_incoming_file_close (&fixture->file);
  kh_incoming_file_close (&fixture->file);
  g_assert_cmpuint (scratch_count_open (), ==, fixture->n_open);
  kh_folder_step_close (fixture->fd);
  scratch_free (fixture->folder);
}

static KhFrameStatus
begin (Fixture *fixture, guint64 keep)
{
  return kh_incoming_file_begin (&fixture->file, fixture->fd, ".part", false, keep);
}

static KhFrameStatus
put (Fixture *fixture, guint64 offset, const char *text)
{
  return kh_incoming_file_write (&fixture->file, offset, text, strlen (text));
}

/* Settles, syncs and names what was begun. */
static KhFrameStatus
finish (Fixture *fixture, const char *name)
{
  KhFrameStatus status;

  kh_incoming_file_settle (&fixture->file, WHEN_MS);
  status = kh_incoming_file_sync (&fixture->file);
  kh_incoming_file_close (&fixture->file);
  return status != KH_FRAME_STATUS_COMPLETE
             ? status
             : kh_incoming_file_give_name (fixture->fd, ".part", name,
                                           fixture->final_name);
}

static KhFrameStatus
receive (Fixture *fixture, const char *name, const char *text)
{
  KhFrameStatus status = begin (fixture, 0);

  if (status == KH_FRAME_STATUS_COMPLETE)
    status = put (fixture, 0, text);
  return status == KH_FRAME_STATUS_COMPLETE ? finish (fixture, name) : status;
}

/* --- Names ---------------------------------------------------------------------- */

static void
partial_name (const char *name, guint32 entry, guint8 transfer,
              char partial[KH_INCOMING_FILE_NAME_MAX + 1])
{
  const guint8 id[KH_FRAME_ID_LEN] = { transfer };

  kh_incoming_file_partial_name (name, entry, id, partial);
}

static void
test_partial_names_are_always_the_same (void)
{
  char first[KH_INCOMING_FILE_NAME_MAX + 1], again[KH_INCOMING_FILE_NAME_MAX + 1];

  partial_name ("photo.jpg", 7, 1, first);
  partial_name ("photo.jpg", 7, 1, again);
  g_assert_cmpstr (first, ==, again);
  /* By another implementation: they outlive this version. */
  g_assert_cmpstr (first, ==, ".photo.jpg.0694d3e89c65ca14.part");
}

static void
test_partial_names_differ_by_entry_and_transfer (void)
{
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint32 entry = 0; entry < 3000; entry++)
    for (guint transfer = 0; transfer < 3; transfer++)
      {
        char partial[KH_INCOMING_FILE_NAME_MAX + 1];

        /* Also where only the first byte of the number differs. */
        partial_name ("a", entry % 2 == 0 ? entry : entry << 24, (guint8)transfer,
                      partial);
        if (entry % 2 == 0 || entry < 256)
          g_assert_true (g_hash_table_add (seen, g_strdup (partial)));
      }
}

/* They are hidden, fit, end as they should, and are cut between characters. */
static void
test_partial_names_of_long_names_fit (void)
{
  for (gsize len = 1; len <= 255; len++)
    {
      g_autofree char *name = g_strnfill (len, 'n');
      g_autoptr (GString) wide = g_string_new (NULL);
      char partial[KH_INCOMING_FILE_NAME_MAX + 1];

      partial_name (name, 1, 1, partial);
      g_assert_cmpuint (strlen (partial), <=, KH_INCOMING_FILE_NAME_MAX);
      g_assert_true (g_str_has_prefix (partial, ".n"));
      g_assert_true (g_str_has_suffix (partial, ".part"));

      while (wide->len + 3 <= len)
        g_string_append (wide, "\u20ac");
      partial_name (wide->str, 1, 1, partial);
      g_assert_true (g_utf8_validate (partial, -1, NULL));
    }
}

/* --- On the way ------------------------------------------------------------------- */

static void
test_it_is_hidden_until_whole (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (begin (fixture, 0), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpint (put (fixture, 0, "abc"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpint (put (fixture, 3, "def"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpuint (fixture->file.end, ==, 6);
  g_assert_cmpuint (scratch_count (fixture->folder, NULL), ==, 1);
  scratch_assert_text (fixture->folder, ".part", "abcdef");
  g_assert_cmpint (finish (fixture, "a.txt"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpstr (fixture->final_name, ==, "a.txt");
  g_assert_cmpuint (scratch_count (fixture->folder, NULL), ==, 1);
  scratch_assert_text (fixture->folder, "a.txt", "abcdef");
}

static void
test_a_time_that_no_disk_has_does_no_harm (Fixture *fixture, gconstpointer data)
{
  static const guint64 times[] = { 0, INT64_MAX, UINT64_MAX };

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_assert_cmpint (begin (fixture, 0), ==, KH_FRAME_STATUS_COMPLETE);
      kh_incoming_file_settle (&fixture->file, times[i]);
      g_assert_cmpint (kh_incoming_file_sync (&fixture->file), ==,
                       KH_FRAME_STATUS_COMPLETE);
      kh_incoming_file_discard (&fixture->file, fixture->fd, ".part");
    }
}

static void
test_resuming_keeps_just_so_many_bytes (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (kh_incoming_file_there (fixture->fd, ".part"), ==, 0);
  g_assert_cmpint (begin (fixture, 0), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpint (put (fixture, 0, "0123456789"), ==, KH_FRAME_STATUS_COMPLETE);
  kh_incoming_file_close (&fixture->file);
  g_assert_cmpuint (kh_incoming_file_there (fixture->fd, ".part"), ==, 10);

  g_assert_cmpint (begin (fixture, 10), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpuint (fixture->file.end, ==, 10);
  kh_incoming_file_close (&fixture->file);
  scratch_assert_text (fixture->folder, ".part", "0123456789");

  g_assert_cmpint (begin (fixture, 4), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpint (put (fixture, 4, "ef"), ==, KH_FRAME_STATUS_COMPLETE);
  kh_incoming_file_close (&fixture->file);
  scratch_assert_text (fixture->folder, ".part", "0123ef");

  /* What is not there can't be kept; what is there stays. */
  g_assert_cmpint (begin (fixture, 7), ==, KH_FRAME_STATUS_WRITE_ERROR);
  g_assert_cmpint (fixture->file.fd, ==, -1);
  scratch_assert_text (fixture->folder, ".part", "0123ef");
  g_assert_cmpint (begin (fixture, 0), ==, KH_FRAME_STATUS_COMPLETE);
  scratch_assert_text (fixture->folder, ".part", "");
}

static void
test_beginning_again_keeps_nothing (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (begin (fixture, 0), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpint (put (fixture, 0, "0123456789"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpint (kh_incoming_file_restart (&fixture->file), ==,
                   KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpuint (fixture->file.end, ==, 0);
  g_assert_cmpint (put (fixture, 0, "ab"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpint (finish (fixture, "a"), ==, KH_FRAME_STATUS_COMPLETE);
  scratch_assert_text (fixture->folder, "a", "ab");
}

static void
test_discarding_leaves_nothing (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (begin (fixture, 0), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpint (put (fixture, 0, "abc"), ==, KH_FRAME_STATUS_COMPLETE);
  kh_incoming_file_discard (&fixture->file, fixture->fd, ".part");
  g_assert_cmpuint (scratch_count (fixture->folder, NULL), ==, 0);
  kh_incoming_file_discard (&fixture->file, fixture->fd, ".part");
}

static void
test_windows_are_written_back (Fixture *fixture, gconstpointer data)
{
  const gsize len = 1 << 20;
  g_autofree char *bytes = g_malloc0 (len);
  guint64 size = 3 * (guint64)KH_INCOMING_FILE_WINDOW;

  g_assert_cmpint (begin (fixture, 0), ==, KH_FRAME_STATUS_COMPLETE);
  for (guint64 offset = 0; offset < size; offset += len)
    {
      g_assert_cmpint (kh_incoming_file_write (&fixture->file, offset, bytes, len), ==,
                       KH_FRAME_STATUS_COMPLETE);
      g_assert_cmpuint (fixture->file.end - fixture->file.started, <,
                        WINDOWS * KH_INCOMING_FILE_WINDOW);
    }
  kh_incoming_file_close (&fixture->file);

  /* Also of one that is gone on with. */
  g_assert_cmpint (begin (fixture, size - 1), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpuint (fixture->file.end - fixture->file.started, <,
                    KH_INCOMING_FILE_WINDOW);
}

/* --- What others put there ------------------------------------------------------- */

/* The file that has this name, too, must not be written to, whoever gave it. */
static void
test_another_name_in_the_place_of_a_partial_file (Fixture *fixture, gconstpointer data)
{
  scratch_write_text (fixture->folder, "precious", "precious");
  scratch_add_name (fixture->folder, "precious", ".part");
  g_assert_cmpuint (kh_incoming_file_there (fixture->fd, ".part"), ==, 0);
  g_assert_cmpint (begin (fixture, 0), ==, KH_FRAME_STATUS_NOT_WRITABLE);
  g_assert_cmpint (begin (fixture, 8), ==, KH_FRAME_STATUS_NOT_WRITABLE);
  g_assert_cmpint (fixture->file.fd, ==, -1);
  scratch_assert_text (fixture->folder, "precious", "precious");
}

/* Nor that at the other end of a link. */
static void
test_links_in_the_place_of_a_partial_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = scratch_path (fixture->folder, ".part");

  scratch_write_text (fixture->folder, "precious", "precious");
  if (!scratch_link (fixture->folder, "precious", ".part"))
    return;
  g_assert_cmpuint (kh_incoming_file_there (fixture->fd, ".part"), ==, 0);
  g_assert_cmpint (begin (fixture, 0), !=, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpint (g_unlink (path), ==, 0);
  scratch_link (fixture->folder, "new", ".part");
  g_assert_cmpint (begin (fixture, 0), !=, KH_FRAME_STATUS_COMPLETE);
  g_assert_false (scratch_exists (fixture->folder, "new"));
  scratch_assert_text (fixture->folder, "precious", "precious");
}

static void
test_a_folder_in_the_place_of_a_partial_file (Fixture *fixture, gconstpointer data)
{
  scratch_make_folder (fixture->folder, ".part");
  g_assert_cmpuint (kh_incoming_file_there (fixture->fd, ".part"), ==, 0);
  g_assert_cmpint (begin (fixture, 0), !=, KH_FRAME_STATUS_COMPLETE);
}

/* --- The final name --------------------------------------------------------------- */

static void
test_nothing_is_overwritten (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (receive (fixture, "a.txt", "one"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpint (receive (fixture, "a.txt", "two"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpstr (fixture->final_name, ==, "a (2).txt");
  g_assert_cmpint (receive (fixture, "a.txt", "three"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpstr (fixture->final_name, ==, "a (3).txt");
  scratch_assert_text (fixture->folder, "a.txt", "one");
  scratch_assert_text (fixture->folder, "a (2).txt", "two");

  /* Nor is a folder replaced. */
  scratch_make_folder (fixture->folder, "c.txt");
  scratch_write_text (fixture->folder, "c (2).txt", "");
  g_assert_cmpint (receive (fixture, "c.txt", "four"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpstr (fixture->final_name, ==, "c (3).txt");
  g_assert_cmpuint (scratch_count (fixture->folder, ".part"), ==, 0);
}

static void
test_a_link_of_the_final_name_is_not_followed (Fixture *fixture, gconstpointer data)
{
  if (!scratch_link (fixture->folder, "nowhere", "c.txt"))
    return;
  g_assert_cmpint (receive (fixture, "c.txt", "x"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpstr (fixture->final_name, ==, "c (2).txt");
  g_assert_false (scratch_exists (fixture->folder, "nowhere"));
}

static void
test_an_empty_file_is_a_file (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (receive (fixture, "empty", ""), ==, KH_FRAME_STATUS_COMPLETE);
  scratch_assert_text (fixture->folder, "empty", "");
}

static void
test_the_longest_name_gets_a_number_too (Fixture *fixture, gconstpointer data)
{
  g_autofree char *name = g_strnfill (KH_INCOMING_FILE_NAME_MAX, 'n');

  g_assert_cmpint (receive (fixture, name, "x"), ==, KH_FRAME_STATUS_COMPLETE);
  scratch_assert_text (fixture->folder, name, "x");
  g_assert_cmpint (receive (fixture, name, "y"), ==, KH_FRAME_STATUS_COMPLETE);
  scratch_assert_text (fixture->folder, fixture->final_name, "y");
  g_assert_true (g_str_has_suffix (fixture->final_name, " (2)"));
}

static void
test_names_run_out (Fixture *fixture, gconstpointer data)
{
  scratch_write_text (fixture->folder, "a", "");
  for (guint i = 2; i <= KH_INCOMING_FILE_NAMES; i++)
    {
      g_autofree char *name = g_strdup_printf ("a (%u)", i);

      scratch_write_text (fixture->folder, name, "");
    }
  g_assert_cmpint (receive (fixture, "a", "x"), ==, KH_FRAME_STATUS_NOT_WRITABLE);
  scratch_assert_text (fixture->folder, ".part", "x");
}

static void
test_a_partial_file_that_goes_away_is_a_fault (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = scratch_path (fixture->folder, ".part");

  g_assert_cmpint (begin (fixture, 0), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (finish (fixture, "a"), ==, KH_FRAME_STATUS_NOT_WRITABLE);
  g_assert_false (scratch_exists (fixture->folder, "a"));
}

/* --- Room ------------------------------------------------------------------------ */

static void
test_room_is_what_the_disk_has_less_what_is_spared (Fixture *fixture, gconstpointer data)
{
  g_assert_true (kh_incoming_file_has_room (fixture->fd, 1, 0));
  g_assert_false (kh_incoming_file_has_room (fixture->fd, KH_FRAME_SIZE_MAX, 0));
  g_assert_false (kh_incoming_file_has_room (fixture->fd, UINT64_MAX, 1));
  g_assert_false (kh_incoming_file_has_room (fixture->fd, 0, UINT64_MAX));
  /* Where it can't be known. */
  g_assert_true (kh_incoming_file_has_room (-1, 1, 0));
}

#define ADD(name, function)                                                              \
  g_test_add ("/incoming-file/" name, Fixture, NULL, set_up, function, tear_down)
#define ADD_FUNC(name, function) g_test_add_func ("/incoming-file/" name, function)

#ifdef G_OS_UNIX

static mode_t
mode_of (Fixture *fixture, const char *name)
{
  struct stat now;

  g_assert_cmpint (fstatat (fixture->fd, name, &now, AT_SYMLINK_NOFOLLOW), ==, 0);
  return now.st_mode & 07777;
}

/* Writes into a file system of 64 KiB until it is full; returns what came of it. */
static int
fill_a_small_disk (gpointer data)
{
  Fixture *fixture = data;
  char bytes[4096] = "";
  KhFrameStatus status = KH_FRAME_STATUS_COMPLETE;
  int folder;

  folder = open (fixture->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!kh_incoming_file_has_room (folder, 65536, 0)
      || kh_incoming_file_has_room (folder, 65537, 0)
      || kh_incoming_file_has_room (folder, 65536, 1)
      || kh_incoming_file_begin (&fixture->file, folder, ".part", false, 0) != 0)
    return 1;
  for (guint i = 0; i < 32 && status == KH_FRAME_STATUS_COMPLETE; i++)
    status
        = kh_incoming_file_write (&fixture->file, i * sizeof bytes, bytes, sizeof bytes);
  if (fixture->file.end != 65536)
    return 2;
  return status;
}

static void
test_mode_and_time_are_those_of_a_new_file (Fixture *fixture, gconstpointer data)
{
  mode_t before = umask (027);
  struct stat now;

  g_assert_cmpint (receive (fixture, "a", "x"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpint (kh_incoming_file_begin (&fixture->file, fixture->fd, ".part", true, 0),
                   ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpint (finish (fixture, "program"), ==, KH_FRAME_STATUS_COMPLETE);
  umask (before);
  g_assert_cmpint (mode_of (fixture, "a"), ==, 0640);
  g_assert_cmpint (mode_of (fixture, "program"), ==, 0750);
  g_assert_cmpint (fstatat (fixture->fd, "a", &now, 0), ==, 0);
  g_assert_cmpint (now.st_mtim.tv_sec, ==, WHEN_MS / 1000);
  g_assert_cmpint (now.st_mtim.tv_nsec, ==, 250000000);
}

static void
test_a_foreign_partial_file_is_left_alone (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = scratch_path (fixture->folder, ".part");

  if (geteuid () != 0)
    {
      g_test_skip ("only root can make a file of another's");
      return;
    }
  scratch_write_text (fixture->folder, ".part", "foreign");
  g_assert_cmpint (lchown (path, 12345, 12345), ==, 0);
  g_assert_cmpuint (kh_incoming_file_there (fixture->fd, ".part"), ==, 0);
  g_assert_cmpint (begin (fixture, 0), ==, KH_FRAME_STATUS_NOT_WRITABLE);
  scratch_assert_text (fixture->folder, ".part", "foreign");
}

static void
test_a_pipe_in_the_place_of_a_partial_file (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (mkfifoat (fixture->fd, ".part", 0600), ==, 0);
  g_assert_cmpuint (kh_incoming_file_there (fixture->fd, ".part"), ==, 0);
  g_assert_cmpint (begin (fixture, 0), !=, KH_FRAME_STATUS_COMPLETE);
}

/* In a child, since a limit is the whole process's. */
static void
test_a_size_limit_is_a_write_error (Fixture *fixture, gconstpointer data)
{
  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
      return;
    }
  signal (SIGXFSZ, SIG_IGN);
  setrlimit (RLIMIT_FSIZE, &(struct rlimit){ 2, 2 });
  g_assert_cmpint (receive (fixture, "a", "abc"), ==, KH_FRAME_STATUS_WRITE_ERROR);
}

static void
test_a_full_disk_is_told_from_other_faults (Fixture *fixture, gconstpointer data)
{
  scratch_assert_on_small_disk (fixture->folder, "64k", fill_a_small_disk, fixture,
                                KH_FRAME_STATUS_DISK_FULL);
}

static void
add_tests_of_unix (void)
{
  ADD ("mode-and-time-are-those-of-a-new-file",
       test_mode_and_time_are_those_of_a_new_file);
  ADD ("a-foreign-partial-file-is-left-alone", test_a_foreign_partial_file_is_left_alone);
  ADD ("a-pipe-in-the-place-of-a-partial-file",
       test_a_pipe_in_the_place_of_a_partial_file);
  ADD ("a-size-limit-is-a-write-error", test_a_size_limit_is_a_write_error);
  ADD ("a-full-disk-is-told-from-other-faults",
       test_a_full_disk_is_told_from_other_faults);
}

#else

/* NULL where the file system has no second streams. */
static char *
read_mark (const char *path)
{
  g_autofree char *stream = g_strconcat (path, ":Zone.Identifier", NULL);
  char *mark = NULL;

  g_file_get_contents (stream, &mark, NULL, NULL);
  return mark;
}

static gboolean
has_streams (const char *folder)
{
  g_autofree wchar_t *root
      = (wchar_t *)g_utf8_to_utf16 (folder, 3, NULL, NULL, NULL); /* C:\ */
  DWORD flags = 0;

  g_assert_true (GetVolumeInformationW (root, NULL, 0, NULL, NULL, &flags, NULL, 0));
  return (flags & FILE_NAMED_STREAMS) != 0;
}

static void
test_it_is_marked_as_from_the_internet (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = scratch_path (fixture->folder, "a");
  g_autofree char *mark = NULL;

  g_assert_cmpint (receive (fixture, "a", "abc"), ==, KH_FRAME_STATUS_COMPLETE);
  g_assert_cmpuint (scratch_time (path), ==, WHEN_MS);
  g_assert_cmpuint (scratch_count (fixture->folder, NULL), ==, 1);
  mark = read_mark (path);
  if (has_streams (fixture->folder))
    g_assert_cmpstr (mark, ==, "[ZoneTransfer]\r\nZoneId=3\r\n");
  else
    g_test_skip ("this file system has no second streams, and no file was made instead");
}

static void
add_tests_of_unix (void)
{
  ADD ("it-is-marked-as-from-the-internet", test_it_is_marked_as_from_the_internet);
  add_not_here ("/incoming-file/mode-and-time-are-those-of-a-new-file",
                "files have no modes");
  add_not_here ("/incoming-file/a-foreign-partial-file-is-left-alone",
                "only root can make a file of another's");
  add_not_here ("/incoming-file/a-pipe-in-the-place-of-a-partial-file",
                "pipes have no names in folders");
  add_not_here ("/incoming-file/a-size-limit-is-a-write-error",
                "files have no limit of their size");
  add_not_here ("/incoming-file/a-full-disk-is-told-from-other-faults",
                "a small disk can't be mounted here");
}

#endif

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  ADD_FUNC ("partial-names-are-always-the-same", test_partial_names_are_always_the_same);
  ADD_FUNC ("partial-names-differ-by-entry-and-transfer",
            test_partial_names_differ_by_entry_and_transfer);
  ADD_FUNC ("partial-names-of-long-names-fit", test_partial_names_of_long_names_fit);
  ADD ("it-is-hidden-until-whole", test_it_is_hidden_until_whole);
  ADD ("a-time-that-no-disk-has-does-no-harm", test_a_time_that_no_disk_has_does_no_harm);
  ADD ("resuming-keeps-just-so-many-bytes", test_resuming_keeps_just_so_many_bytes);
  ADD ("beginning-again-keeps-nothing", test_beginning_again_keeps_nothing);
  ADD ("discarding-leaves-nothing", test_discarding_leaves_nothing);
  ADD ("windows-are-written-back", test_windows_are_written_back);
  ADD ("another-name-in-the-place-of-a-partial-file",
       test_another_name_in_the_place_of_a_partial_file);
  ADD ("links-in-the-place-of-a-partial-file", test_links_in_the_place_of_a_partial_file);
  ADD ("a-folder-in-the-place-of-a-partial-file",
       test_a_folder_in_the_place_of_a_partial_file);
  ADD ("nothing-is-overwritten", test_nothing_is_overwritten);
  ADD ("a-link-of-the-final-name-is-not-followed",
       test_a_link_of_the_final_name_is_not_followed);
  ADD ("an-empty-file-is-a-file", test_an_empty_file_is_a_file);
  ADD ("the-longest-name-gets-a-number-too", test_the_longest_name_gets_a_number_too);
  ADD ("names-run-out", test_names_run_out);
  ADD ("a-partial-file-that-goes-away-is-a-fault",
       test_a_partial_file_that_goes_away_is_a_fault);
  ADD ("room-is-what-the-disk-has-less-what-is-spared",
       test_room_is_what_the_disk_has_less_what_is_spared);
  add_tests_of_unix ();
  return g_test_run ();
}

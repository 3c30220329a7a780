/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tree-lister.h"

#include "../not-here.h"
#include "scratch-folder.h"

#include <string.h>

#ifdef G_OS_UNIX
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#endif

typedef struct
{
  char *folder; /* real: without links */
  guint n_open;
  GPtrArray *chosen; /* paths */
  GPtrArray *lines;  /* what was listed */
  guint n_skipped;
  bool is_missing;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = scratch_new ();

  fixture->folder = scratch_real_path (folder);
  fixture->n_open = scratch_count_open ();
  fixture->chosen = g_ptr_array_new_with_free_func (g_free);
  fixture->lines = g_ptr_array_new_with_free_func (g_free);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (scratch_count_open (), ==, fixture->n_open);
  g_ptr_array_unref (fixture->chosen);
  g_ptr_array_unref (fixture->lines);
  scratch_free (fixture->folder);
}

static void
choose (Fixture *fixture, const char *path)
{
  g_ptr_array_add (fixture->chosen, scratch_path (fixture->folder, path));
}

static KhTreeLister *
begin (Fixture *fixture)
{
  KhTreeLister *lister;

  g_ptr_array_add (fixture->chosen, NULL);
  lister = kh_tree_lister_new ((const char *const *)fixture->chosen->pdata);
  g_ptr_array_set_size (fixture->chosen, 0);
  return lister;
}

/* "KIND DEPTH PATH SIZE", with names of the folders around it. Looks after the order. */
static void
list (Fixture *fixture)
{
  KhTreeLister *lister = begin (fixture);
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);
  KhListedEntry entry;

  g_ptr_array_set_size (fixture->lines, 0);
  while (kh_tree_lister_next (lister, &entry))
    {
      g_autofree char *path = NULL;

      g_assert_cmpuint (entry.depth, <=, folders->len);
      g_assert_cmpint (entry.place != NULL, ==, entry.depth == 0);
      g_ptr_array_set_size (folders, (gint)entry.depth);
      path = entry.depth > 0
                 ? g_strconcat (folders->pdata[entry.depth - 1], "/", entry.name, NULL)
                 : g_strdup (entry.name);
      g_ptr_array_add (fixture->lines,
                       g_strdup_printf ("%c %s %" G_GUINT64_FORMAT, "?fdl"[entry.kind],
                                        path, entry.size));
      if (entry.kind == KH_TREE_FOLDER)
        g_ptr_array_add (folders, g_steal_pointer (&path));
    }
  fixture->n_skipped = kh_tree_lister_skipped (lister);
  fixture->is_missing = kh_tree_lister_is_missing (lister);
  g_assert_false (kh_tree_lister_next (lister, &entry));
  kh_tree_lister_free (lister);
}

static gboolean
is_listed (Fixture *fixture, const char *line)
{
  return g_ptr_array_find_with_equal_func (fixture->lines, line, g_str_equal, NULL);
}

/* In any order, since a disk has none; and nothing else. */
static void
assert_listed (Fixture *fixture, const char *const *lines)
{
  for (guint i = 0; lines[i] != NULL; i++)
    if (!is_listed (fixture, lines[i]))
      g_error ("not listed: %s", lines[i]);
  g_assert_cmpuint (fixture->lines->len, ==, g_strv_length ((char **)lines));
}

static void
test_each_folder_comes_before_what_is_in_it (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[]
      = { "d t 0",       "f t/one 1", "d t/a 0",    "f t/a/two 2", "d t/a/b 0",
          "f t/a/b/0 0", "d t/c 0",   "f single 6", NULL };

  scratch_write_text (fixture->folder, "t/one", "1");
  scratch_write_text (fixture->folder, "t/a/two", "22");
  scratch_write_text (fixture->folder, "t/a/b/0", "");
  scratch_make_folder (fixture->folder, "t/c");
  scratch_write_text (fixture->folder, "single", "single");
  choose (fixture, "t");
  choose (fixture, "single");
  list (fixture);
  assert_listed (fixture, lines);
  g_assert_cmpstr (fixture->lines->pdata[0], ==, "d t 0");
  g_assert_cmpstr (fixture->lines->pdata[7], ==, "f single 6");
}

/* What is typed need not be a name. */
static void
test_a_path_that_ends_in_dots_has_its_real_name (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[]
      = { "d t 0", "d a 0", "d t 0", "d a 0", "d a 0", NULL };
  static const char *const dot[] = { ".", NULL };
  g_autofree char *before = g_get_current_dir ();
  g_autofree char *t = scratch_path (fixture->folder, "t");
  g_autoptr (KhTreeLister) lister = NULL;
  KhListedEntry entry;

  scratch_make_folder (fixture->folder, "t/a");
  choose (fixture, "t/.");
  choose (fixture, "t/a/..");
  choose (fixture, "t/a/");
  list (fixture);
  assert_listed (fixture, lines);

  g_assert_cmpint (g_chdir (t), ==, 0);
  lister = kh_tree_lister_new (dot);
  g_assert_true (kh_tree_lister_next (lister, &entry));
  g_assert_cmpstr (entry.name, ==, "t");
  g_assert_cmpstr (entry.place, ==, t);
  g_assert_true (kh_tree_lister_next (lister, &entry));
  g_assert_cmpstr (entry.name, ==, "a");
  g_assert_cmpint (g_chdir (before), ==, 0);
}

/* Below what was chosen they are shown and not followed; a circle would have no end. */
static void
test_links_inside_are_listed_as_such (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[]
      = { "d t 0", "l t/up 0", "l t/out 0", "l t/broken 0", "l t/file 0", NULL };

  scratch_make_folder (fixture->folder, "t");
  scratch_write_text (fixture->folder, "outside/secret", "secret");
  if (!scratch_link (fixture->folder, "..", "t/up"))
    return;
  scratch_link (fixture->folder, "../outside", "t/out");
  scratch_link (fixture->folder, "nowhere", "t/broken");
  scratch_link (fixture->folder, "../outside/secret", "t/file");
  choose (fixture, "t");
  list (fixture);
  assert_listed (fixture, lines);
}

static void
test_chosen_paths_lead_through_links (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[]
      = { "d way 0", "f way/x 1", "f x 1", "f name 1", "d sub 0", NULL };
  g_autoptr (KhTreeLister) lister = NULL;
  g_autofree char *real = scratch_path (fixture->folder, "real");
  KhListedEntry entry;

  scratch_write_text (fixture->folder, "real/x", "1");
  scratch_make_folder (fixture->folder, "other/sub");
  if (!scratch_link (fixture->folder, "real", "way"))
    return;
  scratch_link (fixture->folder, "real/x", "name");
  scratch_link (fixture->folder, "other", "o");
  choose (fixture, "way");
  choose (fixture, "way/x");
  choose (fixture, "name");
  choose (fixture, "o/sub");
  list (fixture);
  assert_listed (fixture, lines);

  /* Named as it was typed, but sent from where it really is. */
  choose (fixture, "way");
  lister = begin (fixture);
  g_assert_true (kh_tree_lister_next (lister, &entry));
  g_assert_cmpstr (entry.name, ==, "way");
  g_assert_cmpstr (entry.place, ==, real);
}

static void
test_nothing_chosen_is_nothing (Fixture *fixture, gconstpointer data)
{
  list (fixture);
  g_assert_cmpuint (fixture->n_skipped, ==, 0);
  g_assert_false (fixture->is_missing);
  g_assert_cmpuint (fixture->lines->len, ==, 0);
  kh_tree_lister_free (NULL);
}

static void
make_deep (Fixture *fixture, guint depth)
{
  g_autoptr (GString) path = g_string_new ("t");

  for (guint i = 1; i < depth; i++)
    g_string_append (path, "/t");
  g_string_append (path, "/file");
  scratch_write_text (fixture->folder, path->str, "x");
}

/* A tree takes all that is 63 folders deep, and what is deeper is listed so that it can
 * be refused. */
static void
test_64_levels_and_what_is_below (Fixture *fixture, gconstpointer data)
{
  KhListedEntry entry;
  KhTree tree = { 0 };
  KhTreeVerdict verdict = KH_TREE_GOOD;

  for (guint depth = 63; depth <= 66; depth++)
    {
      g_autoptr (KhTreeLister) lister = NULL;
      guint n = 0;

      make_deep (fixture, depth);
      choose (fixture, "t");
      lister = begin (fixture);
      kh_tree_init (&tree);
      verdict = KH_TREE_GOOD;
      while (n < 1000 && verdict == KH_TREE_GOOD && kh_tree_lister_next (lister, &entry))
        {
          verdict = kh_tree_add (&tree, &(KhTreeEntry){
                                            .kind = entry.kind,
                                            .depth = (guint8)MIN (entry.depth, 255),
                                            .size = entry.size,
                                            .name = { entry.name, strlen (entry.name) },
                                        });
          n++;
        }
      g_assert_cmpint (verdict, ==, depth == 63 ? KH_TREE_GOOD : KH_TREE_TOO_DEEP);
      if (depth == 63)
        g_assert_cmpuint (tree.n_files, ==, 1);
    }
}

static void
assert_wire (const char *name, const char *expected)
{
  char wire[KH_TREE_NAME_MAX + 1];

  kh_tree_lister_wire_name (name, wire);
  g_assert_cmpstr (wire, ==, expected);
}

static void
test_wire_names_are_utf8 (void)
{
  g_autofree char *longest = g_strnfill (255, 'n');
  g_autofree char *broken = g_strnfill (255, '\xff');
  g_autoptr (GString) replaced = g_string_new (NULL);

  assert_wire ("plain", "plain");
  assert_wire ("\u00fc\u20ac\U0001f600", "\u00fc\u20ac\U0001f600");
  assert_wire (longest, longest);
  assert_wire ("a\xff"
               "b",
               "a\ufffd"
               "b");
  for (guint i = 0; i < 85; i++)
    g_string_append (replaced, "\ufffd");
  assert_wire (broken, replaced->str);
}

/* Whatever bytes a disk has for a name, a tree takes what is made of them. */
static void
test_any_bytes_become_a_name (void)
{
  for (guint step = 0; step < 20000; step++)
    {
      char name[256], wire[KH_TREE_NAME_MAX + 1];
      guint len = (guint)g_test_rand_int_range (1, 256);

      for (guint i = 0; i < len; i++)
        do
          name[i] = (char)(g_test_rand_bit () ? g_test_rand_int_range (1, 256)
                                              : g_test_rand_int_range (0xe0, 0xf8));
        while (name[i] == '/');
      name[len] = '\0';
      if (strcmp (name, ".") == 0 || strcmp (name, "..") == 0)
        continue;
      kh_tree_lister_wire_name (name, wire);
      g_assert_true (kh_tree_name_fits (wire, strlen (wire)));
      if (g_utf8_validate (name, -1, NULL))
        g_assert_cmpstr (wire, ==, name);
    }
}

#define ADD(name, function)                                                              \
  g_test_add ("/tree-lister/" name, Fixture, NULL, set_up, function, tear_down)

#ifdef G_OS_UNIX

static void
make_socket (Fixture *fixture, const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autofree char *whole = scratch_path (fixture->folder, path);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, whole, sizeof address.sun_path);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  close (fd);
}

static void
test_time_mode_and_place_are_told (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = scratch_path (fixture->folder, "t/program");
  g_autofree char *place = scratch_path (fixture->folder, "t");
  g_autoptr (KhTreeLister) lister = NULL;
  KhListedEntry entry;

  scratch_write_text (fixture->folder, "t/program", "x");
  g_assert_cmpint (g_chmod (path, 0755), ==, 0);
  scratch_set_time (fixture->folder, "t/program", G_GUINT64_CONSTANT (1234567890987));
  scratch_set_time (fixture->folder, "t", 5000);
  choose (fixture, "t");
  lister = begin (fixture);
  g_assert_true (kh_tree_lister_next (lister, &entry));
  g_assert_cmpstr (entry.place, ==, place);
  g_assert_cmpuint (entry.modified_ms, ==, 5000);
  g_assert_cmpuint (entry.mode, ==, 0);
  g_assert_true (kh_tree_lister_next (lister, &entry));
  g_assert_cmpuint (entry.modified_ms, ==, G_GUINT64_CONSTANT (1234567890987));
  g_assert_cmpuint (entry.mode, ==, KH_TREE_EXECUTABLE);
  /* Freed in the middle, it leaves no folder open. */
}

static void
test_sockets_pipes_and_what_is_gone_are_left_out (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[] = { "d t 0", "f t/file 1", NULL };
  g_autofree char *pipe_path = scratch_path (fixture->folder, "t/pipe");

  scratch_write_text (fixture->folder, "t/file", "1");
  g_assert_cmpint (mkfifo (pipe_path, 0600), ==, 0);
  make_socket (fixture, "t/socket");
  scratch_link (fixture->folder, "nowhere", "broken");
  choose (fixture, "none");
  choose (fixture, "broken");
  choose (fixture, "t");
  choose (fixture, "t/pipe");
  choose (fixture, "t/socket");
  g_ptr_array_add (fixture->chosen, g_strdup ("/dev/null"));
  g_ptr_array_add (fixture->chosen, g_strdup (""));
  list (fixture);
  assert_listed (fixture, lines);
  g_assert_cmpuint (fixture->n_skipped, ==, 5);
  g_assert_true (fixture->is_missing);
}

static void
test_a_folder_that_is_closed_is_a_file_of_no_bytes (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[] = { "d t 0", "f t/closed 0", NULL };
  g_autofree char *path = scratch_path (fixture->folder, "t/closed");

  if (geteuid () == 0)
    {
      g_test_skip ("nothing is closed to root");
      return;
    }
  scratch_make_folder (fixture->folder, "t/closed");
  g_assert_cmpint (g_chmod (path, 0), ==, 0);
  choose (fixture, "t");
  list (fixture);
  g_assert_cmpint (g_chmod (path, 0700), ==, 0);
  assert_listed (fixture, lines);
}

/* The same for root: there is no descriptor left for the second folder. */
static void
test_a_folder_without_a_descriptor_is_a_file (Fixture *fixture, gconstpointer data)
{
  static const char *const lines[] = { "d t 0", "f t/closed 0", NULL };
  struct rlimit before, low;
  int next = open ("/", O_RDONLY | O_CLOEXEC);

  scratch_write_text (fixture->folder, "t/closed/x", "x");
  choose (fixture, "t");
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  low = before;
  low.rlim_cur = (rlim_t)next + 1;
  close (next);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &low), ==, 0);
  list (fixture);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
  assert_listed (fixture, lines);
}

static void
test_long_and_strange_names_are_listed_as_they_are (Fixture *fixture, gconstpointer data)
{
  g_autofree char *longest = g_strnfill (255, 'n');
  g_autofree char *line = g_strconcat ("f t/", longest, " 1", NULL);
  const char *const lines[]
      = { "d t 0", line, "f t/\xff\xfe 1", "f t/new\nline 1", "f t/... 1", NULL };
  g_autofree char *path = g_strconcat ("t/", longest, NULL);

  scratch_write_text (fixture->folder, path, "1");
  scratch_write_text (fixture->folder, "t/\xff\xfe", "1");
  scratch_write_text (fixture->folder, "t/new\nline", "1");
  scratch_write_text (fixture->folder, "t/...", "1");
  choose (fixture, "t");
  list (fixture);
  assert_listed (fixture, lines);
}

static void
add_tests_of_unix (void)
{
  ADD ("time-mode-and-place-are-told", test_time_mode_and_place_are_told);
  ADD ("sockets-pipes-and-what-is-gone-are-left-out",
       test_sockets_pipes_and_what_is_gone_are_left_out);
  ADD ("a-folder-that-is-closed-is-a-file-of-no-bytes",
       test_a_folder_that_is_closed_is_a_file_of_no_bytes);
  ADD ("a-folder-without-a-descriptor-is-a-file",
       test_a_folder_without_a_descriptor_is_a_file);
  ADD ("long-and-strange-names-are-listed-as-they-are",
       test_long_and_strange_names_are_listed_as_they_are);
}

#else

static void
add_tests_of_unix (void)
{
  add_not_here ("/tree-lister/time-mode-and-place-are-told", "files have no modes");
  add_not_here ("/tree-lister/sockets-pipes-and-what-is-gone-are-left-out",
                "pipes have no names in folders");
  add_not_here ("/tree-lister/a-folder-that-is-closed-is-a-file-of-no-bytes",
                "permissions are lists");
  add_not_here ("/tree-lister/a-folder-without-a-descriptor-is-a-file",
                "there is no limit of descriptors");
  add_not_here ("/tree-lister/long-and-strange-names-are-listed-as-they-are",
                "names are UTF-16");
}

#endif

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("each-folder-comes-before-what-is-in-it",
       test_each_folder_comes_before_what_is_in_it);
  ADD ("a-path-that-ends-in-dots-has-its-real-name",
       test_a_path_that_ends_in_dots_has_its_real_name);
  ADD ("links-inside-are-listed-as-such", test_links_inside_are_listed_as_such);
  ADD ("chosen-paths-lead-through-links", test_chosen_paths_lead_through_links);
  ADD ("nothing-chosen-is-nothing", test_nothing_chosen_is_nothing);
  ADD ("64-levels-and-what-is-below", test_64_levels_and_what_is_below);
  g_test_add_func ("/tree-lister/wire-names-are-utf8", test_wire_names_are_utf8);
  g_test_add_func ("/tree-lister/any-bytes-become-a-name", test_any_bytes_become_a_name);
  add_tests_of_unix ();
  return g_test_run ();
}

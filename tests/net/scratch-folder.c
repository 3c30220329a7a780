/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch-folder.h"

#include <stdio.h>
#include <string.h>

char *
scratch_new (void)
{
  char *folder = g_dir_make_tmp ("knothole-XXXXXX", NULL);

  g_assert_nonnull (folder);
  return folder;
}

/* Calls @function with what is below @folder, each folder after what is in it. */
static void
for_each (const char *folder, void (*function) (const char *path, gpointer data),
          gpointer data)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK)
          && g_file_test (path, G_FILE_TEST_IS_DIR))
        for_each (path, function, data);
      function (path, data);
    }
  g_dir_close (dir);
}

static void
remove_one (const char *path, gpointer unused)
{
  g_assert_cmpint (g_remove (path), ==, 0);
}

void
scratch_free (char *folder)
{
  for_each (folder, remove_one, NULL);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_free (folder);
}

char *
scratch_path (const char *folder, const char *path)
{
  return g_build_filename (folder, path, NULL);
}

void
scratch_make_folder (const char *folder, const char *path)
{
  g_autofree char *whole = scratch_path (folder, path);

  g_assert_cmpint (g_mkdir_with_parents (whole, 0777), ==, 0);
}

static void
write_at (const char *whole, const char *mode, long offset, const void *bytes, gsize len)
{
  FILE *file = g_fopen (whole, mode);

  g_assert_nonnull (file);
  g_assert_cmpint (fseek (file, offset, SEEK_SET), ==, 0);
  g_assert_cmpuint (fwrite (bytes, 1, len, file), ==, len);
  g_assert_cmpint (fclose (file), ==, 0);
}

void
scratch_write (const char *folder, const char *path, const void *bytes, gsize len)
{
  g_autofree char *whole = scratch_path (folder, path);
  g_autofree char *parent = g_path_get_dirname (whole);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0777), ==, 0);
  write_at (whole, "wb", 0, bytes, len);
}

void
scratch_write_into (const char *folder, const char *path, goffset offset,
                    const char *text)
{
  g_autofree char *whole = scratch_path (folder, path);

  write_at (whole, "r+b", (long)offset, text, strlen (text));
}

void
scratch_write_text (const char *folder, const char *path, const char *text)
{
  scratch_write (folder, path, text, strlen (text));
}

void
scratch_assert_text (const char *folder, const char *path, const char *text)
{
  g_autofree char *whole = scratch_path (folder, path);
  g_autofree char *contents = NULL;
  gsize len;

  g_assert_true (g_file_get_contents (whole, &contents, &len, NULL));
  g_assert_cmpmem (contents, len, text, strlen (text));
}

gboolean
scratch_exists (const char *folder, const char *path)
{
  g_autofree char *whole = scratch_path (folder, path);
  GStatBuf info;

  return g_lstat (whole, &info) == 0;
}

typedef struct
{
  const char *suffix;
  guint n;
} Count;

static void
count_one (const char *path, gpointer data)
{
  Count *count = data;

  count->n += count->suffix == NULL || g_str_has_suffix (path, count->suffix);
}

guint
scratch_count (const char *folder, const char *suffix)
{
  Count count = { .suffix = suffix };

  for_each (folder, count_one, &count);
  return count.n;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * scratch-folder.h - a folder of its own for a test, and what is in it.
 *
 * scratch_new() makes it, scratch_free() removes it with all that is in it. Paths are
 * below the folder; what is on the way to one is made where it is missing.
 */
#pragma once

#include <glib.h>
#include <glib/gstdio.h>

char *scratch_new (void);
void scratch_free (char *folder);

/* Without links, and as the system spells it. */
char *scratch_real_path (const char *folder);

/* When it was modified, in Unix milliseconds. */
guint64 scratch_time (const char *whole);

char *scratch_path (const char *folder, const char *path);
void scratch_make_folder (const char *folder, const char *path);
void scratch_write (const char *folder, const char *path, const void *bytes, gsize len);
void scratch_write_text (const char *folder, const char *path, const char *text);
/* Over what is there, from @offset on. */
void scratch_write_into (const char *folder, const char *path, goffset offset,
                         const char *text);

/* The whole path of a file that is made shorter, or longer with zeros. */
void scratch_truncate (const char *whole, goffset size);

/* FALSE where this user may make none: the test has been skipped then. */
gboolean scratch_link (const char *folder, const char *target, const char *path);
/* A second name, @path, of the file @of. */
void scratch_add_name (const char *folder, const char *of, const char *path);

void scratch_set_time (const char *folder, const char *path, guint64 modified_ms);

void scratch_assert_text (const char *folder, const char *path, const char *text);
/* Asserts nothing where files do not say whether they can be run. */
void scratch_assert_executable (const char *whole, gboolean executable);
gboolean scratch_exists (const char *folder, const char *path);

/* At every depth; @suffix may be NULL. */
guint scratch_count (const char *folder, const char *suffix);

/* Whether the open file or folder @fd is the one called so. */
gboolean scratch_is (int fd, const char *folder, const char *path);

/* Descriptors that this process has open. */
guint scratch_count_open (void);

/* Runs @function with @fixture in a child, which has a disk of that @size at @folder, and
 * asserts what it returns. This process has to have one thread. Where such a disk can't
 * be mounted the test is skipped. */
void scratch_assert_on_small_disk (const char *folder, const char *size,
                                   int (*function) (gpointer fixture), gpointer fixture,
                                   int expected);

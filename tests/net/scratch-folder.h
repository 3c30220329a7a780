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

char *scratch_path (const char *folder, const char *path);
void scratch_make_folder (const char *folder, const char *path);
void scratch_write (const char *folder, const char *path, const void *bytes, gsize len);
void scratch_write_text (const char *folder, const char *path, const char *text);
void scratch_link (const char *folder, const char *target, const char *path);
void scratch_set_time (const char *folder, const char *path, guint64 modified_ms);

void scratch_assert_text (const char *folder, const char *path, const char *text);
gboolean scratch_exists (const char *folder, const char *path);

/* At every depth; @suffix may be NULL. */
guint scratch_count (const char *folder, const char *suffix);

/* Descriptors that this process has open. */
guint scratch_count_open (void);

/* Runs @function with @fixture in a child, which has a disk of that @size at @folder, and
 * asserts what it returns. This process has to have one thread. Where such a disk can't
 * be mounted the test is skipped. */
void scratch_assert_on_small_disk (const char *folder, const char *size,
                                   int (*function) (gpointer fixture), gpointer fixture,
                                   int expected);

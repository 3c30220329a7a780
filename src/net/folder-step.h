/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * folder-step.h - what net/folder-cursor asks of the system: one folder from another.
 *
 * Folders are descriptors, -1 is none. What fails sets errno. No symbolic link is
 * followed, but in the path of top().
 */
#pragma once

#include <stdbool.h>

int kh_folder_step_top (const char *path);

/* The folder @name in @folder. ENOTDIR or ELOOP where something else has the name. With
 * @make one that is missing is made, and is on the disk then; @made says so. */
int kh_folder_step_into (int folder, const char *name, bool make, bool *made);

/* Removes the folder @name in @folder if it is empty. */
void kh_folder_step_remove (int folder, const char *name);

/* Waits until the names in it are on the disk. True too where a file system can't. */
bool kh_folder_step_sync (int folder);

/* Ignores -1, keeps errno. */
void kh_folder_step_close (int folder);

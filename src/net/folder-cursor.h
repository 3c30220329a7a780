/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * folder-cursor.h - walks to folders below one folder, and never out of it.
 *
 * open() the top; enter() the folder of one entry after the other: @folder then is its
 * descriptor, to open files relative to; close(). Entries that come folder by folder
 * cost nothing but the first in each.
 *
 * Each folder on the way is opened from the one above it, and a symbolic link is never
 * followed: whoever may write below the top can't lead this anywhere else. With MAKE a
 * folder that is missing is made; where something else has its name it gets a number
 * (proto/safe-name), so the same path leads to the same folder again, with NUMBERED too.
 *
 * Paths are relative, with single slashes and without "." and "..". A folder in which
 * something was changed is to be marked @dirty: it is synced when it is left. What was
 * made is synced at once. A struct to be moved by assignment; one thread at a time.
 */
#pragma once

#include <stdbool.h>

/* Numbers tried for a folder whose name is taken. */
#define KH_FOLDER_CURSOR_NAMES 100

typedef enum
{
  KH_FOLDER_CURSOR_EXACT,    /* only folders that are called so */
  KH_FOLDER_CURSOR_NUMBERED, /* where MAKE has led before; nothing is made */
  KH_FOLDER_CURSOR_MAKE,
} KhFolderCursorWay;

/* Read @folder, @made and @place; set @dirty. */
typedef struct
{
  int top; /* -1 while closed */
  int folder;
  bool dirty;
  bool made;   /* the last enter() made @folder: it was not there before */
  char *path;  /* to @folder, as it was asked for; "" is the top */
  char *place; /* the same as it is called on the disk */
} KhFolderCursor;

#define KH_FOLDER_CURSOR_CLOSED ((KhFolderCursor){ .top = -1, .folder = -1 })

/* False, and errno, where @top is no folder that can be opened. */
bool kh_folder_cursor_open (KhFolderCursor *self, const char *top);

/* Goes to the folder that @path is in. Returns the last name in @path, inside it; NULL,
 * and errno, when there is no way there: then it is at the top. */
const char *kh_folder_cursor_enter (KhFolderCursor *self, const char *path,
                                    KhFolderCursorWay way);

/* Removes the folder at @path if it is empty; it is no link then. */
void kh_folder_cursor_remove (KhFolderCursor *self, const char *path);

/* Waits for the disk, where the folder is dirty. False and errno. */
bool kh_folder_cursor_sync (KhFolderCursor *self);

/* Does nothing when it is closed. */
void kh_folder_cursor_close (KhFolderCursor *self);

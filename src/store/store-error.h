/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * store-error.h - what can go wrong in the store, each code one thing.
 *
 * Every function of this room that takes a GError sets one of these. The message
 * says what was tried on which file and never holds a key, a text or a name of a
 * person. The set_ functions are for the files of this room.
 */
#pragma once

#include <glib.h>

typedef enum
{
  KH_STORE_ERROR_FOLDER_IN_USE, /* the message names the holder */
  KH_STORE_ERROR_CANNOT_OPEN,   /* not there, no permission, or another program's file */
  KH_STORE_ERROR_NEWER_SCHEMA,  /* written by a newer Knothole */
  KH_STORE_ERROR_DAMAGED,       /* not what was written; nothing was deleted */
  KH_STORE_ERROR_DISK_FULL,
  KH_STORE_ERROR_READ_ONLY, /* the medium, the file, or a store opened for reading */
  KH_STORE_ERROR_EXISTS,    /* another value is there already and was kept */
  KH_STORE_ERROR_NOT_FOUND, /* what was to be changed is not there */
  KH_STORE_ERROR_INVALID,   /* a name, text or size that the store does not take */
  KH_STORE_ERROR_FAILED,    /* anything else that SQLite or the system reports */
} KhStoreError;

#define KH_STORE_ERROR (kh_store_error_quark ())
GQuark kh_store_error_quark (void);

/* The code that tells a person what an errno means. */
KhStoreError kh_store_error_from_errno (int number);

/* The same of what the system calls its errors itself: errno, or GetLastError(). */
KhStoreError kh_store_error_from_system (int number);

/* Sets "WHAT: strerror". Returns FALSE, so that callers can return it. */
gboolean kh_store_error_set_errno (GError **error, int number, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

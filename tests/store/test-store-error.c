/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/store-error.h"
#include "scratch.h"
#include "store/store-private.h"

#include <errno.h>

#ifndef EDQUOT /* Windows */
#define EDQUOT ENOSPC
#endif
#include <string.h>

static void
test_system_errors_have_their_codes (void)
{
  static const struct
  {
    int number;
    KhStoreError code;
  } known[] = {
    { ENOSPC, KH_STORE_ERROR_DISK_FULL },   { EDQUOT, KH_STORE_ERROR_DISK_FULL },
    { EROFS, KH_STORE_ERROR_READ_ONLY },    { EACCES, KH_STORE_ERROR_CANNOT_OPEN },
    { ENOENT, KH_STORE_ERROR_CANNOT_OPEN }, { EIO, KH_STORE_ERROR_FAILED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (
          kh_store_error_set_errno (&error, known[i].number, "Tried %s", "it"));
      g_assert_error (error, KH_STORE_ERROR, (gint)known[i].code);
      g_assert_true (g_str_has_prefix (error->message, "Tried it: "));
    }
}

static void
test_errors_of_sqlite_have_their_codes (void)
{
  static const struct
  {
    int result;
    KhStoreError code;
  } known[] = {
    { SQLITE_CORRUPT, KH_STORE_ERROR_DAMAGED },
    { SQLITE_CORRUPT_INDEX, KH_STORE_ERROR_DAMAGED },
    { SQLITE_NOTADB, KH_STORE_ERROR_DAMAGED },
    { SQLITE_FULL, KH_STORE_ERROR_DISK_FULL },
    { SQLITE_READONLY_DIRECTORY, KH_STORE_ERROR_READ_ONLY },
    { SQLITE_CANTOPEN, KH_STORE_ERROR_CANNOT_OPEN },
    { SQLITE_IOERR_READ, KH_STORE_ERROR_FAILED },
    { SQLITE_BUSY, KH_STORE_ERROR_FAILED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (
          kh_store_set_sqlite_error (&error, NULL, known[i].result, "/x/knothole.db"));
      g_assert_error (error, KH_STORE_ERROR, (gint)known[i].code);
      g_assert_nonnull (strstr (error->message, "/x/knothole.db"));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store-error/system-errors-have-their-codes",
                   test_system_errors_have_their_codes);
  g_test_add_func ("/store-error/errors-of-sqlite-have-their-codes",
                   test_errors_of_sqlite_have_their_codes);
  return g_test_run ();
}

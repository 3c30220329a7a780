/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/file-status.h"
#include "net/incoming-file-private.h"
#include "proto/safe-name.h"
#include "proto/utf8.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define PARTIAL_END ".part"
#define HEX_LEN 16

static_assert (KH_SAFE_NAME_LEN == KH_INCOMING_FILE_NAME_MAX + 1,
               "a numbered name fits where the final name goes");

/* The hexadecimal digits tell entries of the same name, and transfers, apart. */
void
kh_incoming_file_partial_name (const char *name, uint32_t entry,
                               const uint8_t transfer[KH_FRAME_ID_LEN],
                               char partial[KH_INCOMING_FILE_NAME_MAX + 1])
{
  const size_t others = 2 + HEX_LEN + strlen (PARTIAL_END);
  size_t len = kh_utf8_truncate (name, strlen (name), KH_INCOMING_FILE_NAME_MAX - others);
  uint8_t number[4] = { (uint8_t)(entry >> 24), (uint8_t)(entry >> 16),
                        (uint8_t)(entry >> 8), (uint8_t)entry };
  uint8_t hash[crypto_generichash_BYTES_MIN];
  char hex[2 * sizeof hash + 1];

  crypto_generichash (hash, sizeof hash, number, sizeof number, transfer,
                      KH_FRAME_ID_LEN);
  sodium_bin2hex (hex, sizeof hex, hash, sizeof hash);
  snprintf (partial, KH_INCOMING_FILE_NAME_MAX + 1, ".%.*s.%.*s" PARTIAL_END, (int)len,
            name, HEX_LEN, hex);
}

KhFrameStatus
kh_incoming_file_give_name (int folder, const char *partial, const char *name,
                            char final_name[KH_INCOMING_FILE_NAME_MAX + 1])
{
  for (unsigned number = 1; number <= KH_INCOMING_FILE_NAMES; number++)
    {
      kh_safe_name_numbered (name, number, final_name);
      if (kh_incoming_file_rename (folder, partial, final_name))
        return KH_FRAME_STATUS_COMPLETE;
      if (errno != EEXIST)
        return kh_file_status_of_writing (errno);
    }
  return KH_FRAME_STATUS_NOT_WRITABLE;
}

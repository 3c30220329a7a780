/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * find-bytes.h - whether bytes stand somewhere in others; not every C library has it.
 */
#pragma once

#include <glib.h>
#include <string.h>

static inline gboolean
has_bytes (const void *in, gsize in_len, const void *bytes, gsize len)
{
  for (gsize at = 0; at + len <= in_len; at++)
    if (memcmp ((const char *)in + at, bytes, len) == 0)
      return TRUE;
  return FALSE;
}

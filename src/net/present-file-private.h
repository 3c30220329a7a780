/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * present-file-private.h - what present-file.c asks of the system.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct
{
  bool plain; /* a file, and no link to one */
  uint64_t size;
  int64_t modified_ms; /* Unix time */
  int64_t changed_ms;  /* or named */
} KhPresentInfo;

/* Of @name in @folder itself. False where there is none. */
bool kh_present_file_info (int folder, const char *name, KhPresentInfo *info);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/present-file-private.h"

#include "net/handle-win32.h"

/* A file system that does not keep when a file got its name, as FAT, says 0: such a file
 * is sent once more. */
bool
kh_present_file_info (int folder, const char *name, KhPresentInfo *info)
{
  KhHandleInfo found;

  if (!kh_handle_info_at (folder, name, &found))
    return false;
  *info = (KhPresentInfo){
    .plain = found.plain,
    .size = found.size,
    .modified_ms = kh_handle_unix_ms (found.modified),
    .changed_ms = kh_handle_unix_ms (found.changed),
  };
  return true;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/present-file-private.h"

#include <fcntl.h>
#include <sys/stat.h>

static int64_t
ms_of (const struct timespec *time)
{
  return (int64_t)time->tv_sec * 1000 + time->tv_nsec / 1000000;
}

bool
kh_present_file_info (int folder, const char *name, KhPresentInfo *info)
{
  struct stat found;

  if (fstatat (folder, name, &found, AT_SYMLINK_NOFOLLOW) < 0)
    return false;
  *info = (KhPresentInfo){
    .plain = S_ISREG (found.st_mode),
    .size = (uint64_t)found.st_size,
    .modified_ms = ms_of (&found.st_mtim),
    .changed_ms = ms_of (&found.st_ctim),
  };
  return true;
}

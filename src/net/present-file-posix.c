/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/present-file.h"

#include "net/outgoing-file.h"
#include "proto/safe-name.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Numbers looked at: nobody has so many copies. */
#define MOST_NUMBERS 100

static int64_t
ms_of (const struct timespec *time)
{
  return (int64_t)time->tv_sec * 1000 + time->tv_nsec / 1000000;
}

static bool
is_it (const struct stat *info, uint64_t size, uint64_t modified_ms, int64_t since_ms)
{
  return S_ISREG (info->st_mode) && (uint64_t)info->st_size == size
         && ms_of (&info->st_mtim) == (int64_t)modified_ms
         && ms_of (&info->st_ctim) >= since_ms;
}

char *
kh_present_file_find (const KhFolderCursor *cursor, const char *name, uint64_t size,
                      uint64_t modified_ms, int64_t since_ms)
{
  for (unsigned number = 1; number <= MOST_NUMBERS; number++)
    {
      char numbered[KH_SAFE_NAME_LEN];
      struct stat info;

      kh_safe_name_numbered (name, number, numbered);
      if (fstatat (cursor->folder, numbered, &info, AT_SYMLINK_NOFOLLOW) < 0)
        return NULL;
      if (is_it (&info, size, modified_ms, since_ms))
        return *cursor->place != '\0' ? g_strconcat (cursor->place, "/", numbered, NULL)
                                      : g_strdup (numbered);
    }
  return NULL;
}

bool
kh_present_file_is (int folder, const char *name, uint64_t size, uint64_t modified_ms)
{
  struct stat info;

  return fstatat (folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0
         && is_it (&info, size, modified_ms, INT64_MIN);
}

int
kh_present_file_open (int folder, const char *name)
{
  KhOutgoingFile file;

  return kh_outgoing_file_open (&file, folder, name) == KH_FRAME_STATUS_COMPLETE ? file.fd
                                                                                 : -1;
}

void
kh_present_file_close (int fd)
{
  if (fd >= 0)
    close (fd);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/folder-step.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

int
kh_folder_step_top (const char *path)
{
  return open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* A new folder is on the disk when the one that it is in is. */
int
kh_folder_step_into (int folder, const char *name, bool make, bool *made)
{
  int fd = openat (folder, name, OPEN_FLAGS);

  *made = false;
  if (fd >= 0 || errno != ENOENT || !make)
    return fd;
  *made = mkdirat (folder, name, 0777) == 0;
  if (*made)
    fsync (folder);
  else if (errno != EEXIST)
    return -1;
  return openat (folder, name, OPEN_FLAGS);
}

void
kh_folder_step_remove (int folder, const char *name)
{
  unlinkat (folder, name, AT_REMOVEDIR);
}

bool
kh_folder_step_sync (int folder)
{
  return fsync (folder) == 0 || errno == EINVAL;
}

void
kh_folder_step_close (int folder)
{
  int error = errno;

  if (folder >= 0)
    close (folder);
  errno = error;
}

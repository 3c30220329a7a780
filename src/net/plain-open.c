/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/plain-open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a descriptor's name under /proc. */
#define NAME_MAX_LEN 40

int
kh_plain_open (int folder, const char *name, int flags)
{
  char found[NAME_MAX_LEN];
  struct stat info;
  int fd = openat (folder, name, flags | O_NOFOLLOW);
  int place;
  int error;

  if (fd >= 0 || errno != ELOOP)
    return fd;
  place = openat (folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (place < 0)
    return -1;
  if (fstat (place, &info) == 0 && S_ISREG (info.st_mode))
    {
      snprintf (found, sizeof found, "/proc/self/fd/%d", place);
      fd = open (found, flags);
      error = errno;
    }
  else
    error = ELOOP;
  close (place);
  errno = error;
  return fd;
}

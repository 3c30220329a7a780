/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/read-at.h"

#include <errno.h>
#include <unistd.h>

ptrdiff_t
kh_read_at (int fd, uint64_t offset, void *to, size_t len)
{
  ssize_t got;

  do
    got = pread (fd, to, len, (off_t)offset);
  while (got < 0 && errno == EINTR);
  return got;
}

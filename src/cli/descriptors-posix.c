/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/descriptors.h"

#include <fcntl.h>
#include <unistd.h>

void
kh_descriptors_reserve (void)
{
  /* The lowest free number is the one that open() takes. For reading only: what is
   * written to a closed output is lost, and that has to be noticed. */
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDONLY) < 0)
      _exit (2);
}

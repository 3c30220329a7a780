/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/descriptor-limit.h"

#include <sys/resource.h>

void
kh_descriptor_limit_raise (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= KH_DESCRIPTORS)
    return;
  limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max > KH_DESCRIPTORS
                       ? KH_DESCRIPTORS
                       : limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/background.h"

#include <sys/resource.h>

/* A tenth of what a thread of a window gets, where there is not enough for both. */
#define NICENESS 10

/* setpriority(2): in Linux it is the thread's, against POSIX. */
void
kh_background_enter (void)
{
  setpriority (PRIO_PROCESS, 0, NICENESS);
}

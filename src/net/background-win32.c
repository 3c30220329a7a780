/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/background.h"

#include <windows.h>

void
kh_background_enter (void)
{
  SetThreadPriority (GetCurrentThread (), THREAD_PRIORITY_BELOW_NORMAL);
}

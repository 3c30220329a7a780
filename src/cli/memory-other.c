/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/memory.h"

void
kh_memory_save (void)
{
}

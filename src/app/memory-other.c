/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/memory.h"

/* Others give it back by themselves, or can't be asked. */
void
kh_memory_give_back_soon (void)
{
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/memory.h"

#include <malloc.h>

/* A second arena costs 132 KiB of touched pages and more; nothing here allocates so
 * often that two threads would wait for each other. */
#define MOST_ARENAS 1

/* What is larger goes back to the system as soon as it is freed. */
#define MAPPED_FROM (64 * 1024)
#define KEPT_AT_TOP (64 * 1024)

void
kh_memory_save (void)
{
  mallopt (M_ARENA_MAX, MOST_ARENAS);
  mallopt (M_MMAP_THRESHOLD, MAPPED_FROM);
  mallopt (M_TRIM_THRESHOLD, KEPT_AT_TOP);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/memory.h"

#include <glib.h>
#include <malloc.h>

/* Until then a page that was just opened has been built and painted. */
#define DELAY_S 3

static guint source;

static gboolean
give_back (gpointer data)
{
  source = 0;
  malloc_trim (0);
  return G_SOURCE_REMOVE;
}

void
kh_memory_give_back_soon (void)
{
  if (source == 0)
    source = g_timeout_add_seconds (DELAY_S, give_back, NULL);
}

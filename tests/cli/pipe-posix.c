/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipe.h"

#include <glib-unix.h>

gboolean
kh_pipe_open (int ends[2])
{
  return g_unix_open_pipe (ends, 0, NULL);
}

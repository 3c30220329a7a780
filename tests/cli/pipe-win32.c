/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pipe.h"

#include <fcntl.h>
#include <io.h>

#define BUFFER_LEN 65536

gboolean
kh_pipe_open (int ends[2])
{
  return _pipe (ends, BUFFER_LEN, _O_BINARY) == 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * pipe.h - a pipe with a descriptor at each end.
 */
#pragma once

#include <glib.h>

/* To read from the first, and to write to the second. */
gboolean kh_pipe_open (int ends[2]);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * real-path.h - one text for one folder, however it was named.
 */
#pragma once

#include <glib.h>

/* Absolute, and where it exists without links. Free it. */
char *kh_real_path (const char *path);

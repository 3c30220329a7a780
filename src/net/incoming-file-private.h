/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * incoming-file-private.h - what incoming-file.c asks of the system.
 */
#pragma once

#include "net/incoming-file.h"

/* Both are in @folder. Never replaces: EEXIST where @name is taken. False and errno. */
bool kh_incoming_file_rename (int folder, const char *partial, const char *name);

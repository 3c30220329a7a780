/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * command-line-win32.h - words as one text, which is how Windows hands them over.
 *
 * Source: "CommandLineToArgvW function" of the Windows API.
 */
#pragma once

#include <glib.h>

/* @word so that a program reads it as one, whatever is in it. Free it. */
char *kh_command_line_quote (const char *word);

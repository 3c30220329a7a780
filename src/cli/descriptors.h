/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * descriptors.h - the three standard streams are there, whoever started us, and carry
 * bytes as they are: UTF-8, lines that end in LF.
 *
 * Where one was closed, the next file to be opened would take its place: the lock file
 * would be read as if somebody typed it. Call it before anything is opened.
 */
#pragma once

/* What was closed is empty to read, and fails when written to. On Windows a console shows
 * UTF-8 and obeys escape sequences until the program ends, and has its own ways again
 * then. */
void kh_descriptors_reserve (void);

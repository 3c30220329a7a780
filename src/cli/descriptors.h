/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * descriptors.h - the three standard streams are there, whoever started us.
 *
 * Where one was closed, the next file to be opened would take its place: the lock file
 * would be read as if somebody typed it. Call it before anything is opened.
 */
#pragma once

/* What was closed is empty to read, and fails when written to. */
void kh_descriptors_reserve (void);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * plain-open.h - opens a file by its name in a folder, and no link that has the name.
 *
 * As O_NOFOLLOW, which is not enough of itself: the file system of the document portal
 * (xdg-desktop-portal 1.16), by which a sandbox sees files that were chosen for it,
 * answers it with ELOOP for every file. There the file is found first and opened then, as
 * what was found, so that no other can be put in its place between.
 *
 * For systems with POSIX only.
 */
#pragma once

/* @flags are open()'s, without O_CREAT. The descriptor; -1 with errno, ELOOP for a link.
 */
int kh_plain_open (int folder, const char *name, int flags);

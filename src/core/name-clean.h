/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * name-clean.h - a name without what would make it act on the text around it.
 *
 * Marks that turn the direction of writing, breaks of lines and characters that nobody
 * sees are dropped. What emoji, Indic scripts and Persian are written with stays. Every
 * name that was typed or announced goes through here before it is kept.
 */
#pragma once

#include <glib.h>

/* @len bytes, -1: all up to the end; no text (UTF-8) gives "". Never longer than @name,
 * nor with spaces around it. Free it. */
char *kh_name_clean (const char *name, gssize len);

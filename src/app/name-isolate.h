/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * name-isolate.h - a name as it goes into a sentence of ours.
 *
 * Every name of a person or a file that a sentence is put together with goes through
 * here, so that how it is written turns nothing around it: an Arabic name must not drag
 * the full stop of an English sentence to its left. A name that stands alone does not.
 */
#pragma once

#include <glib.h>

/* Names that are written as our sentences are come back as they are. Free it. */
char *kh_name_isolate (const char *name);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * composer-text.h - what of a written text is the message. Pure functions.
 */
#pragma once

#include <glib.h>

/* Without empty lines and spaces around it; the indent of its first line stays. Free it.
 */
char *kh_composer_text_trim (const char *text);

/* Nothing of it would be left. */
gboolean kh_composer_text_is_blank (const char *text);

/* The beginning of a message that is answered, with "> " before each line, and the break
 * after it. What it quotes itself is left out, if it says more than that. Free it. */
char *kh_composer_text_quote (const char *text);

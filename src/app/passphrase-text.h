/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * passphrase-text.h - whether a passphrase, typed twice, will do: a sentence.
 *
 * Pure.
 */
#pragma once

#include <glib.h>

/* TRUE: it will. @text is what to show in either case, "" where nothing need be said yet,
 * and @wrong whether that is a mistake rather than advice. */
gboolean kh_passphrase_text_check (const char *passphrase, const char *again,
                                   const char **text, gboolean *wrong);

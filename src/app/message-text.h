/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * message-text.h - the text of a message as it is shown: escaped, with links.
 *
 * A message comes from somebody else: all of it is escaped, and only http, https, mailto
 * and knothole links are made. A link is exactly the text that is seen, and ends where
 * something invisible begins; where a host has letters that look like others, the name
 * that is really asked for stands beside it.
 *
 * Everything here is a pure function. Text is UTF-8. Results are the caller's to free.
 */
#pragma once

#include <glib.h>

/* A longer message is folded at first: a screenful. */
#define KH_MESSAGE_TEXT_FOLD_CHARS 1600
#define KH_MESSAGE_TEXT_FOLD_LINES 24

/* Pango markup. */
char *kh_message_text_to_markup (const char *text);

/* Bytes of @text that a folded one shows; those of all of it where it is not long. */
gsize kh_message_text_fold (const char *text);

/* At most three emoji and nothing else. */
gboolean kh_message_text_is_emoji (const char *text);

/* One line of at most @max_chars characters, for lists and notifications. */
char *kh_message_text_preview (const char *text, gsize max_chars);

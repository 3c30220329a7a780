/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * utf8.h - whether bytes are UTF-8, and where a text may be cut.
 *
 * Ask valid() about bytes from outside before treating them as text, truncate()
 * before putting a text into a field that is too small for it, and next() to
 * walk over the characters.
 *
 * Strict: overlong forms, surrogates and anything above U+10FFFF are not UTF-8.
 * U+0000 is; who forbids NUL looks for it. Nothing here normalises or folds.
 *
 * Lengths are bytes. Source: RFC 3629, section 4.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the longest UTF-8 form of one character. */
#define KH_UTF8_CHARACTER_MAX 4

/* Reads the first character of @bytes into @character. Returns its length, 1 to
 * 4; 0 when there is none or it is not UTF-8, and then @character is untouched. */
size_t kh_utf8_next (const char *bytes, size_t len, uint32_t *character);

/* Writes @character, which must be at most U+10FFFF and no surrogate, to @out
 * without a NUL. Returns its length, 1 to 4. */
size_t kh_utf8_write (uint32_t character, char out[KH_UTF8_CHARACTER_MAX]);

bool kh_utf8_valid (const char *bytes, size_t len);

/* Length of the longest prefix of valid UTF-8 @bytes that has at most @max bytes
 * and ends where a character ends. */
size_t kh_utf8_truncate (const char *bytes, size_t len, size_t max);

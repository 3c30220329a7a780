/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * reader.h - takes fields one after another out of bytes from a stranger.
 *
 * Call init(), read every field, ask done() once, and only then use what was
 * read. The first read that does not fit fails the reader for good: from then on
 * numbers are 0, bytes are NULL and texts are empty, so that a parser needs one
 * check and no branch a field.
 *
 * Bytes that are left at the end are not an error: later versions append fields.
 * Who wants none looks at @left. Nothing is copied but by copy(): what bytes()
 * and the texts return points into the bytes given to init().
 *
 * Numbers are big-endian, lengths are bytes.
 * Source: src/PROTOCOL.md, before its first section.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text inside somebody else's bytes: UTF-8 without NUL, and not ended by one. */
typedef struct
{
  const char *bytes; /* never NULL once it was read */
  size_t len;
} KhText;

/* Read any field; change them only through the functions below. */
typedef struct
{
  const uint8_t *at;
  size_t left;
  bool failed;
} KhReader;

void kh_reader_init (KhReader *self, const void *bytes, size_t len);

uint8_t kh_reader_u8 (KhReader *self);
uint16_t kh_reader_u16 (KhReader *self);
uint32_t kh_reader_u32 (KhReader *self);
uint64_t kh_reader_u64 (KhReader *self);

/* The next @len bytes, where they are. NULL once failed. */
const uint8_t *kh_reader_bytes (KhReader *self, size_t len);

/* Copies the next @len bytes; on failure @to is all zeroes. */
bool kh_reader_copy (KhReader *self, void *to, size_t len);

/* A length of one or two bytes, then so much UTF-8. Fails on a text longer than
 * @max_len, on invalid UTF-8 and on a NUL. */
KhText kh_reader_text8 (KhReader *self, size_t max_len);
KhText kh_reader_text16 (KhReader *self, size_t max_len);

/* Whether every read so far succeeded. */
bool kh_reader_done (const KhReader *self);

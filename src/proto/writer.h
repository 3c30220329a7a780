/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * writer.h - puts fields one after another into a buffer of fixed size.
 *
 * Call init(), write every field, ask done() once; then @len bytes are written.
 * What does not fit fails the writer for good and is not written in part; the
 * fields after it are dropped too.
 *
 * A field that is known only later, a length or a count, is left open by
 * reserve() and filled in by patch_u16().
 *
 * Numbers are big-endian, lengths are bytes.
 * Source: src/PROTOCOL.md, before its first section.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Read any field; change them only through the functions below. */
typedef struct
{
  uint8_t *bytes; /* the caller's */
  size_t capacity;
  size_t len;
  bool failed;
} KhWriter;

void kh_writer_init (KhWriter *self, void *bytes, size_t capacity);

void kh_writer_u8 (KhWriter *self, uint8_t value);
void kh_writer_u16 (KhWriter *self, uint16_t value);
void kh_writer_u32 (KhWriter *self, uint32_t value);
void kh_writer_u64 (KhWriter *self, uint64_t value);
void kh_writer_bytes (KhWriter *self, const void *bytes, size_t len);

/* A length of one or two bytes, then the text, which is UTF-8 without NUL. Fails
 * when the length does not fit its field: 255 or 65,535. */
void kh_writer_text8 (KhWriter *self, const char *text, size_t len);
void kh_writer_text16 (KhWriter *self, const char *text, size_t len);

/* Makes room for @len bytes, zeroed, and returns where. NULL once failed. */
uint8_t *kh_writer_reserve (KhWriter *self, size_t len);

/* Fills in what reserve() left open. NULL, from a reserve() that failed, is
 * ignored. */
void kh_writer_patch_u16 (uint8_t *at, uint16_t value);

/* Whether every field so far was written. */
bool kh_writer_done (const KhWriter *self);

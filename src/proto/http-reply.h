/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * http-reply.h - the answer to one HTTP request, out of bytes as they come.
 *
 * init() with room for the body; receive() what the connection brings; end() when the
 * other side closed it. When state is DONE, status and body_len count. FAILED: it is no
 * HTTP, or larger than the room there is. Both are final.
 *
 * For the small web servers in routers: HTTP/1.0 and 1.1, a body by Content-Length, in
 * chunks, or up to the end. Nothing is allocated; what never ends fails once it has had
 * KH_HTTP_REPLY_HEAD_MAX bytes before the body or the room is full.
 *
 * Lengths are bytes. Source: RFC 9112 sections 4 to 7.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A header field longer than this is cut; none that counts is. */
#define KH_HTTP_REPLY_LINE_MAX 128
/* Everything but the body: status line, header fields, what frames the chunks. Routers
 * send a few hundred bytes. */
#define KH_HTTP_REPLY_HEAD_MAX 16384

typedef enum
{
  KH_HTTP_REPLY_STATUS,
  KH_HTTP_REPLY_FIELDS,
  KH_HTTP_REPLY_BODY, /* of known length */
  KH_HTTP_REPLY_BODY_TO_END,
  KH_HTTP_REPLY_CHUNK_SIZE,
  KH_HTTP_REPLY_CHUNK,
  KH_HTTP_REPLY_CHUNK_END,
  KH_HTTP_REPLY_TRAILER,
  KH_HTTP_REPLY_DONE,
  KH_HTTP_REPLY_FAILED,
} KhHttpReplyState;

/* Read any field; change them only through the functions below. */
typedef struct
{
  KhHttpReplyState state;
  unsigned status; /* 200 to 999, once the body begins */
  uint8_t *body;   /* the caller's */
  size_t body_len;
  size_t capacity;
  size_t left; /* of the body or of this chunk */
  bool is_chunked;
  bool has_length;
  size_t length;
  size_t n_head;
  char line[KH_HTTP_REPLY_LINE_MAX];
  size_t line_len;
} KhHttpReply;

void kh_http_reply_init (KhHttpReply *self, void *body, size_t capacity);

/* Bytes after the end are ignored. */
void kh_http_reply_receive (KhHttpReply *self, const void *bytes, size_t len);

void kh_http_reply_end (KhHttpReply *self);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * statement.h - one SQL statement from its parameters to its result.
 *
 * begin(), the parameters in order, next() until it is false with the columns read
 * in between, end(); or run() where no row is expected. A failure anywhere makes
 * the rest do nothing and is what end() reports: check once.
 *
 * The prepared form stays with the store and is used again.
 */
#pragma once

#include "store/store-private.h"

typedef struct
{
  KhStore *store;     /* Borrowed */
  sqlite3_stmt *stmt; /* Borrowed */
  int result;         /* of the last call into SQLite */
  int n_bound;
} KhStatement;

/* @sql must live as long as the store: write it as a literal. */
KhStatement kh_statement_begin (KhStore *store, const char *sql);

/* Bytes and texts are borrowed until end(). A NULL text is SQL's NULL. */
void kh_statement_bind_int (KhStatement *self, gint64 value);
void kh_statement_bind_bytes (KhStatement *self, const void *bytes, gsize len);
void kh_statement_bind_text (KhStatement *self, const char *text);

/* TRUE: a row can be read. */
gboolean kh_statement_next (KhStatement *self);

gint64 kh_statement_int (KhStatement *self, int column);
/* Anything but exactly @len bytes is damage; @bytes are zero then. */
void kh_statement_bytes (KhStatement *self, int column, void *bytes, gsize len);
/* A copy of however many. */
GBytes *kh_statement_blob (KhStatement *self, int column);
/* A copy; NULL for SQL's NULL. */
char *kh_statement_text (KhStatement *self, int column);

gboolean kh_statement_end (KhStatement *self, GError **error);

/* Steps to the end and ends. @n_changed rows, may be NULL. */
gboolean kh_statement_run (KhStatement *self, gint64 *n_changed, GError **error);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/statement.h"

#include <string.h>

KhStatement
kh_statement_begin (KhStore *store, const char *sql)
{
  KhStatement self = { .store = store, .result = SQLITE_OK };

  self.stmt = g_hash_table_lookup (store->statements, sql);
  if (self.stmt != NULL)
    {
      g_assert (!sqlite3_stmt_busy (self.stmt));
      return self;
    }
  self.result = sqlite3_prepare_v3 (store->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                    &self.stmt, NULL);
  if (self.result == SQLITE_OK)
    g_hash_table_insert (store->statements, (gpointer)sql, self.stmt);
  return self;
}

void
kh_statement_bind_int (KhStatement *self, gint64 value)
{
  if (self->result == SQLITE_OK)
    self->result = sqlite3_bind_int64 (self->stmt, ++self->n_bound, value);
}

void
kh_statement_bind_bytes (KhStatement *self, const void *bytes, gsize len)
{
  if (self->result == SQLITE_OK)
    self->result
        = sqlite3_bind_blob64 (self->stmt, ++self->n_bound, bytes, len, SQLITE_STATIC);
}

void
kh_statement_bind_text (KhStatement *self, const char *text)
{
  if (self->result != SQLITE_OK)
    return;
  self->n_bound++;
  self->result = text == NULL
                     ? sqlite3_bind_null (self->stmt, self->n_bound)
                     : sqlite3_bind_text64 (self->stmt, self->n_bound, text,
                                            strlen (text), SQLITE_STATIC, SQLITE_UTF8);
}

gboolean
kh_statement_next (KhStatement *self)
{
  if (self->result != SQLITE_OK && self->result != SQLITE_ROW)
    return FALSE;
  self->result = sqlite3_step (self->stmt);
  return self->result == SQLITE_ROW;
}

gint64
kh_statement_int (KhStatement *self, int column)
{
  return self->result == SQLITE_ROW ? sqlite3_column_int64 (self->stmt, column) : 0;
}

void
kh_statement_bytes (KhStatement *self, int column, void *bytes, gsize len)
{
  const void *found;

  memset (bytes, 0, len);
  if (self->result != SQLITE_ROW)
    return;
  found = sqlite3_column_blob (self->stmt, column);
  if (found != NULL && (gsize)sqlite3_column_bytes (self->stmt, column) == len)
    memcpy (bytes, found, len);
  else
    self->result = SQLITE_CORRUPT;
}

GBytes *
kh_statement_blob (KhStatement *self, int column)
{
  const void *found;

  if (self->result != SQLITE_ROW)
    return g_bytes_new (NULL, 0);
  found = sqlite3_column_blob (self->stmt, column);
  return g_bytes_new (found, (gsize)sqlite3_column_bytes (self->stmt, column));
}

char *
kh_statement_text (KhStatement *self, int column)
{
  if (self->result != SQLITE_ROW)
    return NULL;
  return g_strdup ((const char *)sqlite3_column_text (self->stmt, column));
}

gboolean
kh_statement_end (KhStatement *self, GError **error)
{
  gboolean good = self->result == SQLITE_OK || self->result == SQLITE_ROW
                  || self->result == SQLITE_DONE;

  if (!good)
    kh_store_set_sqlite_error (error, self->store->db, self->result, self->store->path);
  if (self->stmt != NULL)
    {
      /* Reset repeats the failure that was just reported. */
      sqlite3_reset (self->stmt);
      sqlite3_clear_bindings (self->stmt);
    }
  return good;
}

gboolean
kh_statement_run (KhStatement *self, gint64 *n_changed, GError **error)
{
  while (kh_statement_next (self))
    ;
  if (n_changed != NULL)
    *n_changed = self->result == SQLITE_DONE ? sqlite3_changes64 (self->store->db) : 0;
  return kh_statement_end (self, error);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/notes.h"
#include "proto/utf8.h"
#include "store/statement.h"

#include <string.h>

#define TEXT_LEN_MAX (2 * KH_NAME_LEN_MAX + 1)

void
kh_stored_note_free (KhStoredNote *note)
{
  if (note == NULL)
    return;
  g_free (note->text);
  g_free (note);
}

gboolean
kh_notes_add (KhStore *store, const guint8 peer[KH_ID_LEN], KhStoredNoteKind kind,
              const char *text, gint64 at_ms, gint64 *seq, GError **error)
{
  gsize len = strlen (text);
  KhStatement change;

  if (len > TEXT_LEN_MAX || !kh_utf8_valid (text, len))
    {
      g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID,
                   "A note has at most %d bytes of text", TEXT_LEN_MAX);
      return FALSE;
    }
  change = kh_statement_begin (
      store, "INSERT INTO notes (peer, kind, text, at_ms) VALUES (?, ?, ?, ?)");
  kh_statement_bind_bytes (&change, peer, KH_ID_LEN);
  kh_statement_bind_int (&change, kind);
  kh_statement_bind_text (&change, text);
  kh_statement_bind_int (&change, at_ms);
  if (!kh_statement_run (&change, NULL, error))
    return FALSE;
  if (seq != NULL)
    *seq = sqlite3_last_insert_rowid (store->db);
  return TRUE;
}

gboolean
kh_notes_remove (KhStore *store, gint64 seq, GError **error)
{
  KhStatement change = kh_statement_begin (store, "DELETE FROM notes WHERE seq = ?");

  kh_statement_bind_int (&change, seq);
  return kh_statement_run (&change, NULL, error);
}

gboolean
kh_notes_get (KhStore *store, gint64 seq, KhStoredNote **note, GError **error)
{
  KhStatement query = kh_statement_begin (
      store, "SELECT seq, peer, kind, text, at_ms FROM notes WHERE seq = ?");

  *note = NULL;
  kh_statement_bind_int (&query, seq);
  if (kh_statement_next (&query))
    {
      *note = g_new0 (KhStoredNote, 1);
      (*note)->seq = kh_statement_int (&query, 0);
      kh_statement_bytes (&query, 1, (*note)->peer, KH_ID_LEN);
      (*note)->kind = (KhStoredNoteKind)kh_statement_int (&query, 2);
      (*note)->text = kh_statement_text (&query, 3);
      (*note)->at_ms = kh_statement_int (&query, 4);
    }
  if (kh_statement_end (&query, error))
    return TRUE;
  g_clear_pointer (note, kh_stored_note_free);
  return FALSE;
}

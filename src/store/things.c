/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/things.h"
#include "store/statement.h"

#define COLUMNS "SELECT seq, kind, ref, at_ms FROM timeline "

void
kh_stored_thing_free (KhStoredThing *thing)
{
  if (thing == NULL)
    return;
  kh_stored_message_free (thing->message);
  kh_stored_transfer_free (thing->transfer);
  kh_stored_note_free (thing->note);
  g_free (thing);
}

static KhStoredThing *
read_place (KhStatement *query)
{
  KhStoredThing *thing = g_new0 (KhStoredThing, 1);

  thing->seq = kh_statement_int (query, 0);
  thing->kind = (KhStoredThingKind)kh_statement_int (query, 1);
  thing->ref = kh_statement_int (query, 2);
  thing->at_ms = kh_statement_int (query, 3);
  return thing;
}

/* What stands at its place. That it is there is what the triggers are for. */
static gboolean
fill (KhStore *store, KhStoredThing *thing, GError **error)
{
  gboolean good;

  switch (thing->kind)
    {
    case KH_STORED_THING_MESSAGE:
      good = kh_messages_get (store, thing->ref, &thing->message, error);
      break;
    case KH_STORED_THING_TRANSFER:
      good = kh_transfers_get (store, thing->ref, &thing->transfer, error);
      break;
    default:
      good = kh_notes_get (store, thing->ref, &thing->note, error);
    }
  if (!good || thing->message != NULL || thing->transfer != NULL || thing->note != NULL)
    return good;
  return kh_store_set_sqlite_error (error, store->db, SQLITE_CORRUPT, store->path);
}

static GPtrArray *
read_all (KhStore *store, KhStatement *query, GError **error)
{
  g_autoptr (GPtrArray) things
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_stored_thing_free);

  while (kh_statement_next (query))
    g_ptr_array_add (things, read_place (query));
  if (!kh_statement_end (query, error))
    return NULL;
  for (guint i = 0; i < things->len; i++)
    if (!fill (store, g_ptr_array_index (things, i), error))
      return NULL;
  return g_steal_pointer (&things);
}

GPtrArray *
kh_things_page (KhStore *store, const guint8 peer[KH_ID_LEN], gint64 before, guint limit,
                GError **error)
{
  KhStatement query = kh_statement_begin (
      store, COLUMNS "WHERE peer = ? AND seq < ? ORDER BY seq DESC LIMIT ?");

  kh_statement_bind_bytes (&query, peer, KH_ID_LEN);
  kh_statement_bind_int (&query, before == 0 ? G_MAXINT64 : before);
  kh_statement_bind_int (&query, limit);
  return read_all (store, &query, error);
}

static gboolean
read_number (KhStatement *query, gint64 *number, GError **error)
{
  *number = kh_statement_next (query) ? kh_statement_int (query, 0) : 0;
  return kh_statement_end (query, error);
}

gboolean
kh_things_has_older (KhStore *store, const guint8 peer[KH_ID_LEN], gint64 before,
                     gboolean *older, GError **error)
{
  KhStatement query = kh_statement_begin (
      store, "SELECT EXISTS (SELECT 1 FROM timeline WHERE peer = ? AND seq < ?)");
  gint64 number = 0;

  kh_statement_bind_bytes (&query, peer, KH_ID_LEN);
  kh_statement_bind_int (&query, before == 0 ? G_MAXINT64 : before);
  if (!read_number (&query, &number, error))
    return FALSE;
  *older = number != 0;
  return TRUE;
}

gboolean
kh_things_find (KhStore *store, KhStoredThingKind kind, gint64 ref, gint64 *seq,
                GError **error)
{
  KhStatement query
      = kh_statement_begin (store, "SELECT seq FROM timeline WHERE kind = ? AND ref = ?");

  kh_statement_bind_int (&query, kind);
  kh_statement_bind_int (&query, ref);
  return read_number (&query, seq, error);
}

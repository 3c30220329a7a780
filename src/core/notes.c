/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/history-private.h"
#include "core/history.h"
#include "core/news.h"
#include "store/notes.h"
#include "store/things.h"

#include <string.h>

typedef struct
{
  KhClient *client; /* Owned: a reference */
  KhPeerId peer;
  KhNoteKind kind;
  char *text;
  gint64 at_ms;
  gint64 gone;     /* position of the note whose place this one takes; 0: none */
  gint64 position; /* 0: there is nothing to tell any more */
} NoteJob;

static void
free_job (gpointer data)
{
  NoteJob *job = data;

  g_object_unref (job->client);
  g_free (job->text);
  g_free (job);
}

static NoteJob *
new_job (KhClient *client, const KhPeerId *peer, const char *text)
{
  NoteJob *job = g_new0 (NoteJob, 1);

  job->client = g_object_ref (client);
  job->peer = *peer;
  job->text = g_strdup (text);
  job->at_ms = g_get_real_time () / 1000;
  return job;
}

/* --- Notes ----------------------------------------------------------------------- */

/* Who changes the name again and again fills no conversation with it: where nothing came
 * after an earlier change, that note goes, and this one tells from the name before it. */
static gboolean
take_place_of_earlier (KhStore *store, NoteJob *job, GError **error)
{
  g_autoptr (GPtrArray) newest = kh_things_page (store, job->peer.bytes, 0, 1, error);
  const KhStoredThing *thing;
  char *text;

  if (newest == NULL)
    return FALSE;
  thing = newest->len > 0 ? g_ptr_array_index (newest, 0) : NULL;
  if (thing == NULL || thing->note == NULL || thing->note->kind != KH_STORED_NOTE_RENAMED)
    return TRUE;
  text = g_strdup_printf ("%.*s%s", (int)strcspn (thing->note->text, "\n"),
                          thing->note->text, strchr (job->text, '\n'));
  g_free (job->text);
  job->text = text;
  job->gone = thing->seq;
  return kh_notes_remove (store, thing->ref, error);
}

static bool
is_same_name (const char *text)
{
  gsize len = strcspn (text, "\n");

  return strlen (text) == 2 * len + 1 && strncmp (text, text + len + 1, len) == 0;
}

/* Also again, where the batch it was in failed. */
static gboolean
run_note (KhStore *store, gpointer data, GError **error)
{
  static const KhStoredNoteKind kinds[] = {
    [KH_NOTE_RENAMED] = KH_STORED_NOTE_RENAMED,
    [KH_NOTE_VERIFIED] = KH_STORED_NOTE_VERIFIED,
    [KH_NOTE_UNVERIFIED] = KH_STORED_NOTE_UNVERIFIED,
  };
  NoteJob *job = data;
  gint64 ref = 0;

  job->gone = 0;
  job->position = 0;
  if (job->kind == KH_NOTE_RENAMED)
    {
      if (!take_place_of_earlier (store, job, error))
        return FALSE;
      if (is_same_name (job->text))
        return TRUE;
    }
  return kh_notes_add (store, job->peer.bytes, kinds[job->kind], job->text, job->at_ms,
                       &ref, error)
         && kh_things_find (store, KH_STORED_THING_NOTE, ref, &job->position, error);
}

static void
on_noted (gpointer data, const GError *error)
{
  const NoteJob *job = data;

  if (error != NULL)
    {
      kh_client_emit_trouble (job->client, error);
      return;
    }
  if (job->gone != 0)
    kh_client_tell (
        job->client,
        &(KhNews){ .kind = KH_NEWS_NOTE_GONE, .peer = job->peer, .position = job->gone });
  if (job->position == 0)
    return;
  kh_client_tell (job->client, &(KhNews){ .kind = KH_NEWS_NOTE,
                                          .peer = job->peer,
                                          .note = job->kind,
                                          .text = job->text,
                                          .position = job->position,
                                          .at_ms = job->at_ms });
}

void
kh_client_add_note (KhClient *self, const KhPeerId *peer, KhNoteKind kind,
                    const char *text)
{
  NoteJob *job;

  if (self->store == NULL || !kh_client_get_keeps_history (self))
    return;
  job = new_job (self, peer, text != NULL ? text : "");
  job->kind = kind;
  kh_store_thread_push (self->store, run_note, on_noted, job, free_job);
}

/* --- Who was seen ---------------------------------------------------------------- */

static gboolean
run_saw (KhStore *store, gpointer data, GError **error)
{
  const NoteJob *job = data;

  return kh_contacts_saw (store, job->peer.bytes, job->text, job->at_ms, error);
}

static void
on_saw (gpointer data, const GError *error)
{
  const NoteJob *job = data;

  if (error != NULL)
    kh_client_emit_trouble (job->client, error);
}

/* Two names; a line of the note is one. */
static void
note_name (KhClient *self, const KhPeerId *peer, const char *before, const char *now)
{
  g_autofree char *old_name = g_strdelimit (g_strdup (before), "\n", ' ');
  g_autofree char *new_name = g_strdelimit (g_strdup (now), "\n", ' ');
  g_autofree char *text = g_strconcat (old_name, "\n", new_name, NULL);

  kh_client_add_note (self, peer, KH_NOTE_RENAMED, text);
}

static void
take_name (KhClient *self, const KhPeerId *peer, KhStoredContact *contact,
           const char *name)
{
  if (*name == '\0' || strcmp (name, contact->announced_name) == 0
      || !g_utf8_validate (name, -1, NULL))
    return;
  if (*contact->announced_name != '\0')
    note_name (self, peer, contact->announced_name, name);
  g_free (contact->announced_name);
  contact->announced_name = g_strdup (name);
}

void
kh_client_saw (KhClient *self, const KhPeerId *peer, const char *name)
{
  KhStoredContact *contact = g_hash_table_lookup (self->contacts, peer);
  NoteJob *job;

  if (contact == NULL || self->store == NULL)
    return;
  if (name != NULL)
    take_name (self, peer, contact, name);
  job = new_job (self, peer, contact->announced_name);
  contact->last_seen_at_ms = job->at_ms;
  kh_store_thread_push (self->store, run_saw, on_saw, job, free_job);
}

void
kh_client_saw_all (KhClient *self)
{
  GHashTableIter iter;
  gpointer peer;

  g_hash_table_iter_init (&iter, self->contacts);
  while (g_hash_table_iter_next (&iter, &peer, NULL))
    if (kh_client_is_online (self, peer) || g_hash_table_contains (self->links, peer))
      kh_client_saw (self, peer, NULL);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/notes.h"
#include "scratch.h"
#include "store/things.h"

#include <string.h>

static void
test_note_comes_back (Scratch *self, gconstpointer unused)
{
  g_autoptr (KhStoredNote) note = NULL;
  g_autoptr (KhStoredNote) none = NULL;
  gint64 first = 0;
  gint64 second = 0;

  (void)unused;
  g_assert_true (kh_notes_add (self->store, scratch_peer (1), KH_STORED_NOTE_VERIFIED, "",
                               5, &first, NULL));
  g_assert_true (kh_notes_add (self->store, scratch_peer (2), KH_STORED_NOTE_RENAMED,
                               "al\nAl 'ice'", 6, &second, NULL));
  g_assert_cmpint (second, >, first);
  scratch_reopen (self);
  g_assert_true (kh_notes_get (self->store, second, &note, NULL));
  g_assert_cmpmem (note->peer, KH_ID_LEN, scratch_peer (2), KH_ID_LEN);
  g_assert_cmpint (note->kind, ==, KH_STORED_NOTE_RENAMED);
  g_assert_cmpstr (note->text, ==, "al\nAl 'ice'");
  g_assert_cmpint (note->at_ms, ==, 6);
  g_assert_cmpint (note->seq, ==, second);
  g_assert_true (kh_notes_get (self->store, 99, &none, NULL));
  g_assert_null (none);
}

static void
test_what_is_removed_is_no_thing_any_more (Scratch *self, gconstpointer unused)
{
  g_autoptr (KhStoredNote) note = NULL;
  gint64 seqs[2];

  (void)unused;
  for (guint i = 0; i < G_N_ELEMENTS (seqs); i++)
    g_assert_true (kh_notes_add (self->store, scratch_peer (1), KH_STORED_NOTE_RENAMED,
                                 "a\nb", 5, &seqs[i], NULL));
  g_assert_true (kh_notes_remove (self->store, seqs[0], NULL));
  g_assert_true (kh_notes_get (self->store, seqs[0], &note, NULL));
  g_assert_null (note);
  for (guint i = 0; i < G_N_ELEMENTS (seqs); i++)
    {
      gint64 place = 0;

      g_assert_true (
          kh_things_find (self->store, KH_STORED_THING_NOTE, seqs[i], &place, NULL));
      g_assert_cmpint (place != 0, ==, i == 1);
    }
}

static void
test_what_is_no_text_is_refused (Scratch *self, gconstpointer unused)
{
  g_autofree char *names = g_strnfill (2 * KH_NAME_LEN_MAX + 1, 'x');
  g_autofree char *longer = g_strdup_printf ("%sx", names);
  const char *const bad[] = { longer, "\xff" };

  (void)unused;
  g_assert_true (kh_notes_add (self->store, scratch_peer (1), KH_STORED_NOTE_RENAMED,
                               names, 5, NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (kh_notes_add (self->store, scratch_peer (1), KH_STORED_NOTE_RENAMED,
                                    bad[i], 5, NULL, &error));
      g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_INVALID);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/notes/note-comes-back", test_note_comes_back);
  SCRATCH_ADD ("/notes/what-is-removed-is-no-thing-any-more",
               test_what_is_removed_is_no_thing_any_more);
  SCRATCH_ADD ("/notes/what-is-no-text-is-refused", test_what_is_no_text_is_refused);
  return g_test_run ();
}

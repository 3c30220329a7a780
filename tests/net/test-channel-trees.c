/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole trees from worker to worker, also when the channel breaks on the way. */
#include "channel-ends.h"

/* Like a client: page after page is asked for, two at a time at most. */
#define PAGE 16

typedef struct
{
  GHashTable *done; /* entries that are over, on whatever channel */
  guint32 next;     /* that is asked for on this one */
  guint32 stream;
} Progress;

static void
test_files_of_any_size_arrive (Fixture *fixture, gconstpointer data)
{
  static const gsize sizes[] = { 0,     1,     61439, 61440, 61441,  65501,   65502,
                                 65503, 65519, 65520, 65536, 245760, 5000000, 9437184 };
  const guint32 n = G_N_ELEMENTS (sizes);

  if (!kh_noise_cipher_available (fixture->cipher))
    {
      g_test_skip ("this processor has no AES");
      return;
    }
  for (guint32 i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("%u", i);
      g_autofree guint8 *bytes = make_bytes (sizes[i], i);

      add_file (fixture, path, bytes, sizes[i]);
    }
  entry_at (fixture, 3)->executable = true;
  begin_both (fixture, (KhChannelSetup){ 0 });
  open_outgoing (&fixture->a, 1);
  open_incoming (&fixture->b, 1);
  ask_for (&fixture->b, 1, 0, n);
  RUN_UNTIL (count_outcomes (&fixture->b) == n);
  for (guint32 i = 0; i < n; i++)
    {
      assert_outcome (&fixture->b, i, KH_FRAME_STATUS_COMPLETE, false, NULL);
      assert_arrived (fixture, i);
    }
}

static void
test_a_tree_arrives_with_all_its_folders (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) path = g_string_new ("deep");
  g_autofree char *longest = g_strnfill (200, 'n');

  add_folder (fixture, "empty");
  add_text (fixture, "file", "text");
  for (guint depth = 0; depth < 64; depth++)
    {
      add_folder (fixture, path->str);
      g_string_append_printf (path, "/%u", depth);
    }
  add_text (fixture, path->str, "at the end");
  add_text (fixture, longest, "long");
  add_text (fixture, "\u00fc \u20ac.txt", "wide");
  begin_both (fixture, (KhChannelSetup){ 0 });
  open_outgoing (&fixture->a, 1);
  open_incoming (&fixture->b, 1);
  ask_for (&fixture->b, 1, 0, fixture->tree->len);
  RUN_UNTIL (count_outcomes (&fixture->b) == fixture->tree->len);
  for (guint32 i = 0; i < fixture->tree->len; i++)
    assert_arrived (fixture, i);
}

/* Some thousand small ones on several streams both ways cost neither order nor files. */
static void
test_streams_both_ways_at_once (Fixture *fixture, gconstpointer data)
{
  const guint32 n = 300;

  for (guint32 i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("%u/%u", i % 7, i);
      g_autofree guint8 *bytes = make_bytes (i * 37, i);

      add_file (fixture, path, bytes, i * 37);
    }
  begin_both (fixture, (KhChannelSetup){ 0 });
  for (guint32 stream = 1; stream <= 3; stream++)
    {
      open_outgoing (&fixture->a, stream);
      open_incoming (&fixture->b, stream);
      ask_for (&fixture->b, stream, (stream - 1) * 100, 100);
    }
  /* The other way the same files come again, beside the first. */
  open_outgoing (&fixture->b, 11);
  open_incoming (&fixture->a, 11);
  ask_for (&fixture->a, 11, 0, n);
  RUN_UNTIL (count_outcomes (&fixture->a) == n && count_outcomes (&fixture->b) == n);
  g_assert_cmpuint (scratch_count (fixture->target, NULL), ==, 7 + 2 * n);
}

/* --- Broken channels ---------------------------------------------------------------- */

static void
make_random_tree (Fixture *fixture)
{
  static const char *const folders[] = { "", "a/", "a/b/", "c/", "a/b/d/" };
  guint32 n = (guint32)g_test_rand_int_range (1, 100);

  add_folder (fixture, "a");
  add_folder (fixture, "a/b");
  add_folder (fixture, "a/b/d");
  add_folder (fixture, "c");
  for (guint32 i = 0; i < n; i++)
    {
      gsize len = g_test_rand_bit () ? (gsize)g_test_rand_int_range (0, 3000)
                                     : (gsize)g_test_rand_int_range (0, 600000);
      g_autofree guint8 *bytes = make_bytes (len, (guint32)g_test_rand_int ());
      g_autofree char *path = g_strdup_printf (
          "%sfile-%u", folders[g_test_rand_int_range (0, G_N_ELEMENTS (folders))], i);

      add_file (fixture, path, bytes, len);
    }
}

/* Takes over what is done. Nothing is done twice. */
static void
note_outcomes (Fixture *fixture, Progress *progress)
{
  GHashTableIter iter;
  gpointer entry, outcome;

  g_hash_table_iter_init (&iter, fixture->b.outcomes);
  while (g_hash_table_iter_next (&iter, &entry, &outcome))
    {
      g_assert_cmpuint (((const Outcome *)outcome)->status, ==, KH_FRAME_STATUS_COMPLETE);
      g_assert_null (((const Outcome *)outcome)->place);
      g_assert_true (g_hash_table_add (progress->done, entry));
      g_hash_table_iter_remove (&iter);
    }
}

/* Asks for the next entries that are not done. */
static void
ask_for_more (Fixture *fixture, Progress *progress)
{
  for (guint i = 0; i < PAGE && progress->next < fixture->tree->len; progress->next++)
    if (!g_hash_table_contains (progress->done, GUINT_TO_POINTER (progress->next)))
      {
        ask_for (&fixture->b, progress->stream, progress->next, 1);
        i++;
      }
}

static gboolean
on_moment (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Lets it run for a moment, in which it is paused now and then. */
static void
run_for_a_moment (Fixture *fixture, Progress *progress, guint most_ms)
{
  guint n_moments = (guint)g_test_rand_int_range (1, 6);
  bool paused = false;

  for (guint i = 0; i < n_moments; i++)
    {
      gboolean over = FALSE;
      guint source = g_timeout_add ((guint)g_test_rand_int_range (0, (gint32)most_ms),
                                    on_moment, &over);

      while (!over && g_hash_table_size (progress->done) < fixture->tree->len)
        {
          g_main_context_iteration (NULL, TRUE);
          note_outcomes (fixture, progress);
          if (g_test_rand_int_range (0, 3) == 0)
            ask_for_more (fixture, progress);
        }
      if (!over)
        g_source_remove (source);
      paused = !paused && g_test_rand_bit ();
      kh_channel_worker_pause (fixture->a.worker, progress->stream, paused);
    }
}

/* A peer that says goodbye, a stream that is stopped first, or a process that is killed:
 * then what it did in the end is not known and has to be found out. */
static void
break_channel (Fixture *fixture, Progress *progress)
{
  switch (g_test_rand_int_range (0, 5))
    {
    case 0:
      kh_channel_worker_close (fixture->a.worker, KH_FRAME_BYE_CLOSING);
      RUN_UNTIL (fixture->b.closed);
      break;
    case 1:
      kh_channel_worker_close (fixture->b.worker, KH_FRAME_BYE_CLOSING);
      RUN_UNTIL (fixture->b.closed);
      break;
    case 2:
      kh_channel_worker_stop (fixture->b.worker, progress->stream, false, false);
      kh_channel_worker_close (fixture->b.worker, KH_FRAME_BYE_REPLACED);
      RUN_UNTIL (fixture->b.closed);
      break;
    case 3:
      g_clear_pointer (&fixture->a.worker, kh_channel_worker_free);
      RUN_UNTIL (fixture->b.closed);
      break;
    default:
      g_clear_pointer (&fixture->b.worker, kh_channel_worker_free);
    }
  note_outcomes (fixture, progress);
  end_channel (fixture);
}

/* A tree that is sent over channels that break at any moment is there in the end, with
 * nothing beside it, and no file was sent once it was told to be there. */
static void
test_a_tree_survives_broken_channels (Fixture *fixture, gconstpointer data)
{
  Progress progress = { .done = g_hash_table_new (NULL, NULL), .stream = 9 };
  guint n_channels = 0;

  make_random_tree (fixture);
  while (g_hash_table_size (progress.done) < fixture->tree->len)
    {
      n_channels++;
      progress.next = 0;
      begin_both (fixture, (KhChannelSetup){ 0 });
      if (g_test_rand_bit ())
        kh_channel_worker_set_rate (fixture->a.worker, 2000000);
      open_outgoing (&fixture->a, progress.stream);
      open_resumed (&fixture->b, progress.stream, 0);
      ask_for_more (fixture, &progress);
      run_for_a_moment (fixture, &progress, 5 * MIN (n_channels, 40));
      break_channel (fixture, &progress);
      g_assert_cmpuint (n_channels, <, 1000);
    }
  for (guint32 i = 0; i < fixture->tree->len; i++)
    assert_arrived (fixture, i);
  g_assert_cmpuint (scratch_count (fixture->target, NULL), ==,
                    scratch_count (fixture->source, NULL));
  g_hash_table_unref (progress.done);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  ADD ("/channel-trees/files-of-any-size-arrive", test_files_of_any_size_arrive);
  ADD_WITH ("/channel-trees/files-of-any-size-arrive-with-aes",
            test_files_of_any_size_arrive, KH_NOISE_AESGCM);
  ADD ("/channel-trees/a-tree-arrives-with-all-its-folders",
       test_a_tree_arrives_with_all_its_folders);
  ADD ("/channel-trees/streams-both-ways-at-once", test_streams_both_ways_at_once);
  for (guint i = 1; i <= 10; i++)
    {
      g_autofree char *name
          = g_strdup_printf ("/channel-trees/a-tree-survives-broken-channels/%u", i);

      ADD (name, test_a_tree_survives_broken_channels);
    }
  return g_test_run ();
}

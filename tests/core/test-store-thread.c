/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/store-thread.h"

#include "store/settings.h"

#include <glib/gstdio.h>

typedef struct
{
  char *folder;
  KhFolderLock *lock;
  KhStoreThread *thread;
  GString *order; /* what done() said, in order */
  guint n_freed;
  GThread *main_thread;
} Fixture;

typedef struct
{
  Fixture *fixture;
  char letter;
  bool fails;
} Job;

static void
set_up (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KhStore *store;

  fixture->folder = g_dir_make_tmp ("knothole-test-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->lock = kh_folder_lock_take (fixture->folder, "the test", &error);
  g_assert_no_error (error);
  store = kh_store_open (fixture->lock, &error);
  g_assert_no_error (error);
  fixture->thread = kh_store_thread_start (store);
  fixture->order = g_string_new (NULL);
  fixture->main_thread = g_thread_self ();
}

static void
tear_down (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GDir) directory = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  g_clear_pointer (&fixture->thread, kh_store_thread_stop);
  kh_folder_lock_release (fixture->lock);
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_string_free (fixture->order, TRUE);
}

static gboolean
append_letter (KhStore *store, gpointer data, GError **error)
{
  Job *job = data;
  g_autofree char *value = NULL;
  g_autofree char *longer = NULL;

  g_assert_true (g_thread_self () != job->fixture->main_thread);
  if (!kh_settings_get (store, KH_SETTING_NAME, &value, error))
    return FALSE;
  longer = g_strdup_printf ("%s%c", value != NULL ? value : "", job->letter);
  if (!kh_settings_set (store, KH_SETTING_NAME, longer, error))
    return FALSE;
  if (job->fails)
    g_set_error (error, KH_STORE_ERROR, KH_STORE_ERROR_FAILED, "on purpose");
  return !job->fails;
}

static void
on_done (gpointer data, const GError *error)
{
  Job *job = data;

  g_assert_true (g_thread_self () == job->fixture->main_thread);
  g_assert_true ((error != NULL) == job->fails);
  g_string_append_c (job->fixture->order, job->letter);
}

static void
free_job (gpointer data)
{
  Job *job = data;

  job->fixture->n_freed++;
  g_free (job);
}

static void
push (Fixture *fixture, char letter, bool fails)
{
  Job *job = g_new0 (Job, 1);

  job->fixture = fixture;
  job->letter = letter;
  job->fails = fails;
  kh_store_thread_push (fixture->thread, append_letter, on_done, job, free_job);
}

static void
run_until (Fixture *fixture, gsize n_done)
{
  while (fixture->order->len < n_done)
    g_main_context_iteration (NULL, TRUE);
}

static char *
stored_value (Fixture *fixture)
{
  g_autoptr (KhStore) store = kh_store_open_for_reading (fixture->folder, NULL);
  char *value = NULL;

  g_assert_true (kh_settings_get (store, KH_SETTING_NAME, &value, NULL));
  return value;
}

static void
test_work_is_done_in_order_and_on_disk_when_told (Fixture *fixture,
                                                  G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *value = NULL;

  for (char letter = 'a'; letter <= 'z'; letter++)
    push (fixture, letter, false);
  run_until (fixture, 26);
  value = stored_value (fixture);
  g_assert_cmpstr (fixture->order->str, ==, "abcdefghijklmnopqrstuvwxyz");
  g_assert_cmpstr (value, ==, "abcdefghijklmnopqrstuvwxyz");
  g_assert_cmpuint (fixture->n_freed, ==, 26);
}

/* One that fails leaves nothing, and takes nobody with it who shared its batch. */
static void
test_a_failure_stays_alone (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *value = NULL;

  for (char letter = 'a'; letter <= 'z'; letter++)
    push (fixture, letter, letter == 'c' || letter == 'x');
  run_until (fixture, 26);
  value = stored_value (fixture);
  g_assert_cmpstr (value, ==, "abdefghijklmnopqrstuvwyz");
}

static void
test_stop_runs_what_is_queued_and_calls_nobody (Fixture *fixture,
                                                G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *value = NULL;

  for (char letter = 'a'; letter <= 'z'; letter++)
    push (fixture, letter, false);
  g_clear_pointer (&fixture->thread, kh_store_thread_stop);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  value = stored_value (fixture);
  g_assert_cmpstr (value, ==, "abcdefghijklmnopqrstuvwxyz");
  g_assert_cmpstr (fixture->order->str, ==, "");
  g_assert_cmpuint (fixture->n_freed, ==, 26);

  /* For tear_down(). */
  fixture->thread = kh_store_thread_start (kh_store_open (fixture->lock, NULL));
}

int
main (int argc, char *argv[])
{
#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("/store-thread/work-is-done-in-order-and-on-disk-when-told",
       test_work_is_done_in_order_and_on_disk_when_told);
  ADD ("/store-thread/a-failure-stays-alone", test_a_failure_stays_alone);
  ADD ("/store-thread/stop-runs-what-is-queued-and-calls-nobody",
       test_stop_runs_what_is_queued_and_calls_nobody);
#undef ADD
  return g_test_run ();
}

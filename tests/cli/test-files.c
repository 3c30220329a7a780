/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/files.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MANY 100000

typedef struct
{
  KhOutput *output;
  KhClient *client;
  KhFiles *files;
  char *data_dir;
} Fixture;

/* Each test prints, so it runs in a process of its own. */
static gboolean
run_apart (void)
{
  if (g_test_subprocess ())
    return FALSE;
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  return TRUE;
}

/* A client that never goes online. */
static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  KhClientOptions options = { .holder = "test", .server = "knothole://127.0.0.1:1" };

  self->data_dir = g_dir_make_tmp ("knothole-files-XXXXXX", &error);
  g_assert_no_error (error);
  options.data_dir = self->data_dir;
  options.name = "Test";
  options.save_to = self->data_dir;
  self->client = kh_client_new (&options, &error);
  g_assert_no_error (error);
  self->output = kh_output_new (GPOINTER_TO_INT (data));
  self->files = kh_files_new (self->output, self->client);
}

static void
tear_down (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GDir) folder = g_dir_open (self->data_dir, 0, NULL);
  const char *name;

  kh_files_free (self->files);
  kh_output_free (self->output);
  g_clear_object (&self->client);
  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->data_dir, name, NULL);

      g_remove (path);
    }
  g_rmdir (self->data_dir);
  g_free (self->data_dir);
}

static void
hear (Fixture *self, KhEvent event)
{
  event.name = "Bob";
  g_assert_true (kh_files_event (self->files, &event));
}

static void
tell_failed (Fixture *self, guint n)
{
  for (guint i = 0; i < n; i++)
    hear (self, (KhEvent){ .kind = KH_EVENT_FILE_FAILED,
                           .text = "a/b",
                           .status = KH_FRAME_STATUS_UNREADABLE });
}

static guint
count (const char *text, const char *word)
{
  guint n = 0;

  for (; (text = strstr (text, word)) != NULL; text += strlen (word))
    n++;
  return n;
}

static void
test_a_tree_is_one_line (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  if (run_apart ())
    {
      g_test_trap_assert_stdout (
          "*received from Bob: photos (100,000 files, 5.0 GB in 12 s, 416.7 MB/s)\n*");
      g_test_trap_assert_stdout_unmatched ("*photos/*");
      return;
    }
  for (guint i = 0; i < MANY; i++)
    hear (self, (KhEvent){ .kind = KH_EVENT_FILE, .text = "/got/photos/a.jpg" });
  hear (self, (KhEvent){ .kind = KH_EVENT_DONE,
                         .text = "photos",
                         .n_files = MANY,
                         .bytes = G_GUINT64_CONSTANT (5000000000),
                         .ms = 12000 });
}

static void
test_one_file_has_its_place (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  if (run_apart ())
    {
      g_test_trap_assert_stdout ("*received from Bob: /got/a (2).jpg (3.2 MB)\n*");
      return;
    }
  hear (self, (KhEvent){ .kind = KH_EVENT_FILE, .text = "/got/a (2).jpg" });
  hear (self, (KhEvent){ .kind = KH_EVENT_DONE,
                         .text = "a.jpg",
                         .n_files = 1,
                         .n_there = 1,
                         .bytes = 3200000 });
}

static void
test_what_was_sent_is_told (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  if (run_apart ())
    {
      g_test_trap_assert_stdout ("*arrived at Bob: a (1.0 kB in 0.5 s, 2.0 kB/s)\n*");
      g_test_trap_assert_stdout ("*Bob left out everything of b\n*");
      return;
    }
  hear (self, (KhEvent){ .kind = KH_EVENT_DONE,
                         .outgoing = TRUE,
                         .text = "a",
                         .n_files = 1,
                         .bytes = 1000,
                         .ms = 500 });
  hear (
      self,
      (KhEvent){ .kind = KH_EVENT_DONE, .outgoing = TRUE, .text = "b", .n_left_out = 2 });
}

static void
test_twenty_failures_are_named (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  if (run_apart ())
    {
      g_test_trap_assert_stderr ("*failed: and 99,980 more\n*photos: 100,000 of 100,001 "
                                 "files failed\n*transfers retry 00000000*");
      return;
    }
  tell_failed (self, MANY);
  hear (self, (KhEvent){ .kind = KH_EVENT_TRANSFER_ENDED,
                         .text = "photos",
                         .n_files = 1,
                         .n_failed = MANY });
}

static void
test_one_file_alone_says_why (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  if (run_apart ())
    {
      g_test_trap_assert_stderr ("*a: the file could not be read at the sender*");
      return;
    }
  tell_failed (self, 1);
  hear (self, (KhEvent){ .kind = KH_EVENT_TRANSFER_ENDED, .text = "a", .n_failed = 1 });
}

/* What is printed is counted in the process that printed it. */
static void
test_no_more_than_twenty (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->data_dir, "printed", NULL);
  g_autofree char *printed = NULL;
  int saved = dup (2);

  fflush (stderr);
  g_assert_nonnull (freopen (path, "w", stderr));
  tell_failed (self, 25);
  fflush (stderr);
  g_assert_cmpint (dup2 (saved, 2), >=, 0);
  close (saved);
  g_assert_true (g_file_get_contents (path, &printed, NULL, NULL));
  g_assert_cmpuint (count (printed, "failed: a/b: the file could not be read"), ==,
                    KH_FILES_NAMED);
}

static void
test_json_has_every_event (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  if (run_apart ())
    {
      g_test_trap_assert_stdout ("*{\"event\":\"offer\",*{\"event\":\"transfer\",*"
                                 "{\"event\":\"progress\",*{\"event\":\"file\",*"
                                 "{\"event\":\"restarted\",*{\"event\":\"file-failed\",*"
                                 "{\"event\":\"interrupted\",*{\"event\":\"done\",*"
                                 "{\"event\":\"error\",\"code\":6,*");
      g_test_trap_assert_stdout_unmatched ("*received from*");
      return;
    }
  hear (self, (KhEvent){ .kind = KH_EVENT_OFFER, .text = "a", .n_files = 1 });
  hear (self, (KhEvent){ .kind = KH_EVENT_TRANSFER, .phase = KH_PHASE_RUNNING });
  hear (self,
        (KhEvent){ .kind = KH_EVENT_PROGRESS, .text = "a", .bytes = 1, .total = 2 });
  hear (self, (KhEvent){ .kind = KH_EVENT_FILE, .text = "a" });
  hear (self, (KhEvent){ .kind = KH_EVENT_FILE_RESTARTED, .text = "a" });
  hear (self, (KhEvent){ .kind = KH_EVENT_FILE_FAILED, .text = "a" });
  hear (self, (KhEvent){ .kind = KH_EVENT_INTERRUPTED, .text = "a" });
  hear (self, (KhEvent){ .kind = KH_EVENT_DONE, .text = "a", .n_files = 1 });
  hear (self, (KhEvent){ .kind = KH_EVENT_TRANSFER_ENDED,
                         .outgoing = TRUE,
                         .text = "b",
                         .transfer_end = KH_TRANSFER_END_DECLINED });
}

/* However often the client reports. */
static void
test_progress_is_not_a_flood (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  gint64 begin_us = g_get_monotonic_time ();
  g_autofree char *path = g_build_filename (self->data_dir, "printed", NULL);
  g_autofree char *printed = NULL;
  int saved = dup (1);
  guint most;

  fflush (stdout);
  g_assert_nonnull (freopen (path, "w", stdout));
  for (guint i = 1; i <= MANY; i++)
    hear (self,
          (KhEvent){ .kind = KH_EVENT_PROGRESS, .text = "a", .bytes = i, .total = MANY });
  for (guint i = 0; i < 10; i++)
    hear (self,
          (KhEvent){
              .kind = KH_EVENT_PROGRESS, .text = "a", .bytes = MANY, .total = MANY });
  fflush (stdout);
  g_assert_cmpint (dup2 (saved, 1), >=, 0);
  close (saved);
  g_assert_true (g_file_get_contents (path, &printed, NULL, NULL));
  /* The first, and the end of it. */
  most = 3 + (guint)((g_get_monotonic_time () - begin_us) / KH_FILES_DRAW_US);
  g_assert_cmpuint (count (printed, "\"progress\""), <=, most);
  g_assert_nonnull (strstr (printed, "\"bytes\":100000,"));
}

static void
test_a_pause_is_told_once (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  if (run_apart ())
    {
      g_test_trap_assert_stderr ("*a: paused by Bob\na: goes on after the pause\n*");
      g_test_trap_assert_stderr_unmatched ("*paused*paused*");
      return;
    }
  hear (self,
        (KhEvent){ .kind = KH_EVENT_TRANSFER, .text = "a", .phase = KH_PHASE_RUNNING });
  for (guint i = 0; i < 2; i++)
    hear (self, (KhEvent){ .kind = KH_EVENT_TRANSFER,
                           .text = "a",
                           .phase = KH_PHASE_RUNNING,
                           .paused_there = TRUE });
  hear (self,
        (KhEvent){ .kind = KH_EVENT_TRANSFER, .text = "a", .phase = KH_PHASE_RUNNING });
}

/* A socket in a folder is not sent, and not kept quiet about. */
static void
test_what_can_not_be_sent_is_told (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  if (run_apart ())
    {
      g_test_trap_assert_stderr ("*a: 2 pipes, sockets or devices are left out\n*");
      return;
    }
  hear (self, (KhEvent){ .kind = KH_EVENT_TRANSFER,
                         .text = "a",
                         .outgoing = TRUE,
                         .phase = KH_PHASE_OFFERED,
                         .n_left_out = 2 });
}

static void
test_what_is_unfinished_is_kept (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  KhPeerId peer = { { 1 } };
  KhItemId item = { { 0x1a, 0x2b, 0x3c, 0x4d } };

  if (run_apart ())
    {
      g_test_trap_assert_stderr ("*not received: a (1.0 kB of 2.0 kB had come); it is "
                                 "kept*\n*not sent: b (had not begun); it is kept*"
                                 "cancel 1a2b3c4d*");
      return;
    }
  hear (self, (KhEvent){
                  .kind = KH_EVENT_PROGRESS, .text = "a", .bytes = 1000, .total = 2000 });
  kh_files_expect (self->files, &peer, &item, "b", 1);
  kh_files_unfinished (self->files);
}

static void
test_several_paths_are_not_called_by_the_first_alone (Fixture *self,
                                                      G_GNUC_UNUSED gconstpointer data)
{
  KhItemId items[] = { { { 1 } }, { { 2 } }, { { 3 } } };
  KhPeerId peer = { { 0 } };

  if (run_apart ())
    {
      g_test_trap_assert_stdout ("*arrived at Bob: a and 2 more (3 files, 5 B)\n*");
      g_test_trap_assert_stderr ("*a and 2 more: the other side declined it\n*"
                                 "not sent: a and 2 more (*");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    kh_files_expect (self->files, &peer, &items[i], "a", 3);
  hear (self, (KhEvent){ .kind = KH_EVENT_DONE,
                         .outgoing = TRUE,
                         .item = items[0],
                         .text = "a",
                         .n_files = 3,
                         .bytes = 5,
                         .ms = -1 });
  hear (self, (KhEvent){ .kind = KH_EVENT_TRANSFER_ENDED,
                         .outgoing = TRUE,
                         .item = items[1],
                         .text = "a",
                         .transfer_end = KH_TRANSFER_END_DECLINED });
  kh_files_unfinished (self->files);
}

static void
test_other_events_are_left (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  KhEvent event = { .kind = KH_EVENT_MESSAGE, .text = "hi" };

  g_assert_false (kh_files_event (self->files, &event));
}

#define ADD(path, json, func)                                                            \
  g_test_add (path, Fixture, GINT_TO_POINTER (json), set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/files/a-tree-is-one-line", FALSE, test_a_tree_is_one_line);
  ADD ("/files/one-file-has-its-place", FALSE, test_one_file_has_its_place);
  ADD ("/files/what-was-sent-is-told", FALSE, test_what_was_sent_is_told);
  ADD ("/files/twenty-failures-are-named", FALSE, test_twenty_failures_are_named);
  ADD ("/files/one-file-alone-says-why", FALSE, test_one_file_alone_says_why);
  ADD ("/files/no-more-than-twenty", FALSE, test_no_more_than_twenty);
  ADD ("/files/json-has-every-event", TRUE, test_json_has_every_event);
  ADD ("/files/progress-is-not-a-flood", TRUE, test_progress_is_not_a_flood);
  ADD ("/files/a-pause-is-told-once", FALSE, test_a_pause_is_told_once);
  ADD ("/files/what-can-not-be-sent-is-told", FALSE, test_what_can_not_be_sent_is_told);
  ADD ("/files/what-is-unfinished-is-kept", FALSE, test_what_is_unfinished_is_kept);
  ADD ("/files/several-paths-are-not-called-by-the-first-alone", FALSE,
       test_several_paths_are_not_called_by_the_first_alone);
  ADD ("/files/other-events-are-left", FALSE, test_other_events_are_left);
  return g_test_run ();
}

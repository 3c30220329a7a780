/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A real server as a child, on ports of the kernel's choice: KNOTHOLE_SERVER is a script
 * that adds them and notes its process id, which is the server's.
 */
#include "app/meeting-point.h"

#include <glib/gstdio.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 60000
#define MORE "--listen=127.0.0.1:0 --assist=127.0.0.1:0"

typedef struct
{
  char *dir;
  char *script;
  char *pid_file;
  KhMeetingPoint *point;
} Fixture;

static void
write_script (Fixture *f, const char *command)
{
  g_autofree char *text
      = g_strdup_printf ("#!/bin/sh\necho $$ >'%s'\n%s\n", f->pid_file, command);

  g_assert_true (g_file_set_contents_full (f->script, text, -1, 0, 0700, NULL));
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *command
      = g_strdup_printf ("exec '%s' " MORE " \"$@\"", g_getenv ("KNOTHOLE_TEST_SERVER"));

  f->dir = g_dir_make_tmp ("knothole-app-XXXXXX", NULL);
  f->script = g_build_filename (f->dir, "server", NULL);
  f->pid_file = g_build_filename (f->dir, "pid", NULL);
  write_script (f, data != NULL ? data : command);
  g_setenv ("KNOTHOLE_SERVER", f->script, TRUE);
  f->point = kh_meeting_point_new (f->dir);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (f->dir, "meeting-point", NULL);
  g_autofree char *key = g_build_filename (folder, "server-key", NULL);

  g_clear_object (&f->point);
  g_unlink (key);
  g_rmdir (folder);
  g_unlink (f->script);
  g_unlink (f->pid_file);
  g_assert_cmpint (g_rmdir (f->dir), ==, 0);
  g_free (f->dir);
  g_free (f->script);
  g_free (f->pid_file);
}

static GPid
server_pid (Fixture *f)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (f->pid_file, &text, NULL, NULL));
  return atoi (text);
}

static gboolean
on_tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
wait_for_state (Fixture *f, KhMeetingPointState state)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_MS * 1000;
  guint tick = g_timeout_add (20, on_tick, NULL);

  while (kh_meeting_point_get_state (f->point) != state)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (tick);
}

/* Somebody has reaped it, so that its number is nobody's. */
static void
wait_for_end_of (GPid pid)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_MS * 1000;

  while (kill (pid, 0) == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (2000);
    }
}

static void
stop (Fixture *f)
{
  GPid pid = server_pid (f);

  kh_meeting_point_stop (f->point);
  g_assert_cmpint (kh_meeting_point_get_state (f->point), ==, KH_MEETING_POINT_OFF);
  g_assert_null (kh_meeting_point_get_address (f->point));
  wait_for_end_of (pid);
}

static void
test_starts_and_stops (Fixture *f, gconstpointer data)
{
  g_autofree char *address = NULL;

  kh_meeting_point_start (f->point);
  g_assert_cmpint (kh_meeting_point_get_state (f->point), ==, KH_MEETING_POINT_STARTING);
  wait_for_state (f, KH_MEETING_POINT_ON);
  address = g_strdup (kh_meeting_point_get_address (f->point));
  g_assert_true (g_str_has_prefix (address, "knothole://"));
  g_assert_true (kh_meeting_point_is_at (f->point, address));
  g_assert_false (kh_meeting_point_is_at (f->point, "knothole://127.0.0.1"));
  g_assert_false (kh_meeting_point_is_at (f->point, NULL));
  stop (f);
  g_assert_false (kh_meeting_point_is_at (f->point, address));
}

/* It has the ports until it has ended; the key stays. */
static void
test_starts_again_at_once (Fixture *f, gconstpointer data)
{
  g_autofree char *address = NULL;
  GPid first;

  kh_meeting_point_start (f->point);
  wait_for_state (f, KH_MEETING_POINT_ON);
  address = g_strdup (strrchr (kh_meeting_point_get_address (f->point), '/'));
  first = server_pid (f);
  kh_meeting_point_stop (f->point);
  kh_meeting_point_start (f->point);
  wait_for_state (f, KH_MEETING_POINT_ON);
  g_assert_cmpint (server_pid (f), !=, first);
  g_assert_true (g_str_has_suffix (kh_meeting_point_get_address (f->point), address));
  stop (f);
}

static void
test_an_unexpected_end_is_told (Fixture *f, gconstpointer data)
{
  kh_meeting_point_start (f->point);
  wait_for_state (f, KH_MEETING_POINT_ON);
  kill (server_pid (f), SIGKILL);
  wait_for_state (f, KH_MEETING_POINT_FAILED);
  g_assert_nonnull (
      strstr (kh_meeting_point_get_problem (f->point), "stopped by itself"));
  g_assert_null (kh_meeting_point_get_address (f->point));
  kh_meeting_point_start (f->point);
  wait_for_state (f, KH_MEETING_POINT_ON);
  g_assert_null (kh_meeting_point_get_problem (f->point));
  stop (f);
}

static void
test_ports_in_use_are_explained (Fixture *f, gconstpointer data)
{
  kh_meeting_point_start (f->point);
  wait_for_state (f, KH_MEETING_POINT_FAILED);
  g_assert_nonnull (strstr (kh_meeting_point_get_problem (f->point), "7470 and 7471"));
}

static void
test_what_the_server_says_is_shown (Fixture *f, gconstpointer data)
{
  kh_meeting_point_start (f->point);
  wait_for_state (f, KH_MEETING_POINT_FAILED);
  g_assert_nonnull (strstr (kh_meeting_point_get_problem (f->point), "no good"));
}

static void
test_a_missing_program_is_explained (Fixture *f, gconstpointer data)
{
  g_setenv ("KNOTHOLE_SERVER", "/nonexistent/knothole-server", TRUE);
  kh_meeting_point_start (f->point);
  g_assert_cmpint (kh_meeting_point_get_state (f->point), ==, KH_MEETING_POINT_FAILED);
  g_assert_cmpstr (kh_meeting_point_get_problem (f->point), !=, "");
}

/* Waits until the child has been told exactly this. */
static void
wait_until_told (const char *path, const char *expected)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_MS * 1000;
  g_autofree char *told = NULL;

  while (g_strcmp0 (told, expected) != 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_usleep (2000);
      g_clear_pointer (&told, g_free);
      g_file_get_contents (path, &told, NULL, NULL);
    }
}

/* A change is told at once, and a new child hears what counts. */
static void
test_the_server_hears_where_it_is_outside (Fixture *f, gconstpointer data)
{
  g_autofree char *told = g_build_filename (f->dir, "told", NULL);
  g_autofree char *command
      = g_strdup_printf ("echo knothole://127.0.0.1\nexec cat >'%s'", told);

  write_script (f, command);
  kh_meeting_point_start (f->point);
  wait_for_state (f, KH_MEETING_POINT_ON);
  kh_meeting_point_set_outside (f->point, NULL, 0);
  kh_meeting_point_set_outside (f->point, "203.0.113.1", 7471);
  kh_meeting_point_set_outside (f->point, "203.0.113.1", 7471);
  kh_meeting_point_set_outside (f->point, "203.0.113.1", 47471);
  wait_until_told (told, "outside 203.0.113.1 7471\noutside 203.0.113.1 47471\n");
  kh_meeting_point_set_outside (f->point, NULL, 0);
  wait_until_told (told,
                   "outside 203.0.113.1 7471\noutside 203.0.113.1 47471\noutside\n");
  kh_meeting_point_set_outside (f->point, "203.0.113.2", 1024);
  stop (f);
  kh_meeting_point_start (f->point);
  wait_until_told (told, "outside 203.0.113.2 1024\n");
  stop (f);
  g_unlink (told);
}

/* As the app: it starts one, and is killed without a warning. */
static void
run_until_killed (const char *dir)
{
  KhMeetingPoint *point = kh_meeting_point_new (dir);

  kh_meeting_point_start (point);
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_ends_with_a_program_that_is_killed (Fixture *f, gconstpointer data)
{
  g_autofree char *key = g_build_filename (f->dir, "meeting-point", "server-key", NULL);
  gint64 until_us = g_get_monotonic_time () + PATIENCE_MS * 1000;
  const char *const arguments[] = { "/proc/self/exe", "--as-app", f->dir, NULL };
  GError *error = NULL;
  GPid app, server;

  g_spawn_async (NULL, (char **)arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                 &app, &error);
  g_assert_no_error (error);
  while (!g_file_test (key, G_FILE_TEST_EXISTS))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_usleep (2000);
    }
  server = server_pid (f);
  g_assert_cmpint (kill (server, 0), ==, 0);
  kill (app, SIGKILL);
  waitpid (app, NULL, 0);
  wait_for_end_of (server);
}

int
main (int argc, char *argv[])
{
  if (argc == 3 && g_str_equal (argv[1], "--as-app"))
    run_until_killed (argv[2]);
  g_test_init (&argc, &argv, NULL);
#define TEST(path, script, function)                                                     \
  g_test_add ("/meeting-point/" path, Fixture, script, set_up, function, tear_down)
  TEST ("starts-and-stops", NULL, test_starts_and_stops);
  TEST ("starts-again-at-once", NULL, test_starts_again_at_once);
  TEST ("an-unexpected-end-is-told", NULL, test_an_unexpected_end_is_told);
  TEST ("ports-in-use-are-explained",
        "echo 'knothole-server: [::]:7470 is in use by another program.' >&2; exit 1",
        test_ports_in_use_are_explained);
  TEST ("what-the-server-says-is-shown", "echo 'no good' >&2; exit 1",
        test_what_the_server_says_is_shown);
  TEST ("a-missing-program-is-explained", NULL, test_a_missing_program_is_explained);
  TEST ("the-server-hears-where-it-is-outside", NULL,
        test_the_server_hears_where_it_is_outside);
  TEST ("ends-with-a-program-that-is-killed", NULL,
        test_ends_with_a_program_that_is_killed);
  return g_test_run ();
}

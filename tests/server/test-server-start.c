/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a server starts, what it keeps on disk, and what it says when it can't start.
 */
#include "live-server.h"

#include <glib/gstdio.h>
#include <sodium.h>

#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char *
key_path (const char *dir)
{
  return g_build_filename (dir, "server-key", NULL);
}

static char *
print_address (const char *dir)
{
  const char *const arguments[]
      = { "--data-dir", dir, "--public", "example.org", "--print-address", NULL };
  g_autofree char *err = NULL;
  char *out = NULL;

  g_assert_cmpint (live_server_run (&out, &err, arguments), ==, 0);
  g_assert_cmpstr (err, ==, "");
  return out;
}

static void
test_the_key_stays (void)
{
  LiveServer *server = live_server_start (NULL, NULL);
  g_autofree char *dir = g_strdup (server->dir);
  g_autofree char *path = key_path (dir);
  guint8 id[KH_ID_LEN];
  struct stat status;

  memcpy (id, server->id, sizeof id);
  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
  live_server_stop (server, SIGTERM, TRUE);
  server = live_server_start_in (dir, NULL, NULL);
  g_assert_cmpmem (server->id, KH_ID_LEN, id, KH_ID_LEN);
  live_server_stop (server, SIGKILL, TRUE);
  server = live_server_start_in (dir, NULL, NULL);
  g_assert_cmpmem (server->id, KH_ID_LEN, id, KH_ID_LEN);
  live_server_stop (server, SIGTERM, FALSE);
}

static void
test_print_address_makes_the_key (void)
{
  g_autofree char *base = g_dir_make_tmp ("knothole-server-XXXXXX", NULL);
  g_autofree char *dir = g_build_filename (base, "not", "there", NULL);
  g_autofree char *parent = g_build_filename (base, "not", NULL);
  g_autofree char *path = key_path (dir);
  g_autofree char *one = print_address (dir);
  g_autofree char *other = print_address (dir);
  struct stat status;

  g_assert_true (g_str_has_prefix (one, "knothole://example.org:7470/"));
  g_assert_cmpuint (strlen (one), ==, strlen ("knothole://example.org:7470/") + 56 + 1);
  g_assert_cmpstr (one, ==, other);
  g_assert_cmpint (stat (dir, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0700);
  g_unlink (path);
  g_rmdir (dir);
  g_rmdir (parent);
  g_rmdir (base);
}

/* Whatever happened to it, it is neither used nor replaced. */
static void
test_a_damaged_key_is_left_alone (void)
{
  g_autofree char *dir = g_dir_make_tmp ("knothole-server-XXXXXX", NULL);
  g_autofree char *path = key_path (dir);
  g_autofree char *good = NULL;
  gsize good_len;

  g_free (print_address (dir));
  g_assert_true (g_file_get_contents (path, &good, &good_len, NULL));
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *bad = g_strdup_printf ("%s\n", good);
      const gsize lens[] = { 0, 10, good_len - 1, good_len + 1, good_len, good_len };
      const char *const arguments[] = { "--data-dir", dir, "--print-address", NULL };
      g_autofree char *out = NULL;
      g_autofree char *err = NULL;
      g_autofree char *after = NULL;
      gsize after_len;

      if (i == 4)
        bad[30] = 'g';
      if (i == 5)
        bad[0] = 'K';
      g_assert_true (g_file_set_contents (path, bad, (gssize)lens[i], NULL));
      g_assert_cmpint (live_server_run (&out, &err, arguments), ==, 1);
      g_assert_cmpstr (out, ==, "");
      g_assert_nonnull (strstr (err, "is damaged. Put back a copy"));
      g_assert_true (g_file_get_contents (path, &after, &after_len, NULL));
      g_assert_cmpmem (after, after_len, bad, lens[i]);
    }
  g_unlink (path);
  g_rmdir (dir);
}

static void
expect_failure (int status, const char *part, const char *const arguments[])
{
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;

  g_assert_cmpint (live_server_run (&out, &err, arguments), ==, status);
  g_test_message ("%s", err);
  g_assert_nonnull (strstr (err, part));
  g_assert_cmpstr (out, ==, "");
}

static void
test_wrong_usage_is_explained (void)
{
  expect_failure (2, "--frobnicate", (const char *[]){ "--frobnicate", NULL });
  expect_failure (2, "“word” is not an option", (const char *[]){ "word", NULL });
  expect_failure (2, "“on” or “off”", (const char *[]){ "--lobby=maybe", NULL });
  expect_failure (2, "is not HOST:PORT", (const char *[]){ "--listen=here", NULL });
  expect_failure (2, "is not HOST:PORT", (const char *[]){ "--assist=[::]:99999", NULL });
  expect_failure (2, "[::]:1", (const char *[]){ "--listen=:::1", NULL });
  expect_failure (2, "number of clients", (const char *[]){ "--max-clients=-4", NULL });
  expect_failure (2, "--public takes", (const char *[]){ "--public=a.example:1", NULL });
  expect_failure (2, "--public takes", (const char *[]){ "--public=", NULL });
  expect_failure (2, "can't be read", (const char *[]){ "--config=/nonexistent", NULL });
}

/* Clients log in there: it needs its key, and is nobody's invite. */
static void
test_a_wrong_helper_is_explained (void)
{
  static const char id[] = "avmaoscuf7i65qzae263oi2lmawpxbn2cs6rql6w5mczpsmwnmkywmu7";
  g_autofree char *invite = g_strdup_printf ("--helper=a.example/%s#room=x", id);
  g_autofree char *typo = g_strdup_printf ("--helper=a.example/x%s", id + 1);

  expect_failure (2, "--helper takes the address", (const char *[]){ "--helper=", NULL });
  expect_failure (2, "--helper takes the address", (const char *[]){ typo, NULL });
  expect_failure (2, "--helper takes the whole address",
                  (const char *[]){ "--helper=a.example:7470", NULL });
  expect_failure (2, "--helper takes the whole address",
                  (const char *[]){ invite, NULL });
}

static void
test_wrong_config_is_explained (void)
{
  static const char *const cases[][2] = {
    { "[server]\nfrob=1\n", "there is no setting “frob”" },
    { "[limits]\nfrob=1\n", "there is no limit “frob”" },
    { "[frob]\n", "there is no group [frob]" },
    { "[limits]\njoins-per-minute=many\n", "is a number from 1" },
    { "[limits]\nrooms=9\n", "is a number from 1 to 8" },
    { "[limits]\nlogin-ms=0\n", "is a number from 1" },
    { "[server]\nmax-clients=0\n", "is a number from 1" },
    { "[server]\nhelper=a b\n", "--helper takes the address" },
    { "[limits]\ndials-per-minute=0\n", "is a number from 1" },
    { "[server]\nlobby=yes\n", "“on” or “off”" },
    { "nonsense", "can't be read" },
  };
  g_autofree char *dir = g_dir_make_tmp ("knothole-server-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "config", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_true (g_file_set_contents (path, cases[i][0], -1, NULL));
      expect_failure (2, cases[i][1],
                      (const char *[]){ "--config", path, "--data-dir", dir,
                                        "--print-address", NULL });
    }
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_a_flag_counts_more_than_the_file (void)
{
  g_autofree char *dir = g_dir_make_tmp ("knothole-server-XXXXXX", NULL);
  g_autofree char *config = g_build_filename (dir, "config", NULL);
  g_autofree char *path = key_path (dir);
  g_autofree char *text = g_strdup_printf (
      "[server]\ndata-dir=%s\npublic=file.example\nlisten=[::1]:9;0.0.0.0:8\n", dir);
  const char *const arguments[] = { "--config", config, "--print-address", NULL, NULL };
  g_autofree char *by_file = NULL;
  g_autofree char *by_flag = NULL;

  g_assert_true (g_file_set_contents (config, text, -1, NULL));
  g_assert_cmpint (live_server_run (&by_file, NULL, arguments), ==, 0);
  g_assert_true (g_str_has_prefix (by_file, "knothole://file.example:9/"));
  ((const char **)arguments)[3] = "--public=2001:db8::1";
  g_assert_cmpint (live_server_run (&by_flag, NULL, arguments), ==, 0);
  g_assert_true (g_str_has_prefix (by_flag, "knothole://[2001:db8::1]:9/"));
  g_unlink (config);
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_help_names_the_config_file (void)
{
  g_autofree char *out = NULL;

  g_assert_cmpint (live_server_run (&out, NULL, (const char *[]){ "--help", NULL }), ==,
                   0);
  g_assert_nonnull (strstr (out, "[limits]"));
  g_assert_nonnull (strstr (out, "knothole-server.conf"));
}

static void
test_a_port_in_use_is_explained (void)
{
  LiveServer *server = live_server_start (NULL, NULL);
  g_autofree char *listen = g_strdup_printf ("--listen=127.0.0.1:%u", server->port);

  expect_failure (1, "in use by another program",
                  (const char *[]){ "--data-dir", server->dir, listen,
                                    "--assist=127.0.0.1:0", NULL });
  live_server_stop (server, SIGTERM, FALSE);
}

/* The signals that a process has handlers for, a bit each. */
static guint64
caught_signals (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", (int)pid);
  g_autofree char *text = NULL;
  const char *line;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  line = strstr (text, "SigCgt:");
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen ("SigCgt:\t"), NULL, 16);
}

static GPid
start_without_standard_files (const char *dir)
{
  const char *const arguments[] = { "/bin/sh",
                                    "-c",
                                    "exec \"$@\" <&- >&- 2>&-",
                                    "sh",
                                    g_getenv ("KNOTHOLE_SERVER"),
                                    "--listen=127.0.0.1:0",
                                    "--assist=127.0.0.1:0",
                                    "--data-dir",
                                    dir,
                                    NULL };
  const guint64 wanted
      = G_GUINT64_CONSTANT (1) << (SIGUSR1 - 1) | G_GUINT64_CONSTANT (1) << (SIGTERM - 1);
  gint64 until_us = g_get_monotonic_time () + LIVE_PATIENCE_MS * 1000;
  GError *error = NULL;
  GPid pid;

  g_spawn_async (NULL, (char **)arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                 &pid, &error);
  g_assert_no_error (error);
  while ((caught_signals (pid) & wanted) != wanted)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_usleep (2000);
    }
  return pid;
}

static int
wait_for_end (GPid pid)
{
  gint64 until_us = g_get_monotonic_time () + LIVE_PATIENCE_MS * 1000;
  int status = 0;

  while (waitpid (pid, &status, WNOHANG) == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_usleep (2000);
    }
  return status;
}

/* Some supervisors start programs so; statistics must not go into a socket or pipe of
 * the server that happens to have the number of standard error. */
static void
test_runs_without_standard_files (void)
{
  g_autofree char *dir = g_dir_make_tmp ("knothole-server-XXXXXX", NULL);
  g_autofree char *path = key_path (dir);
  GPid pid = start_without_standard_files (dir);

  for (int fd = 0; fd <= 2; fd++)
    {
      g_autofree char *link = g_strdup_printf ("/proc/%d/fd/%d", (int)pid, fd);
      g_autofree char *target = g_file_read_link (link, NULL);

      g_assert_cmpstr (target, ==, "/dev/null");
    }
  g_assert_cmpint (kill (pid, SIGUSR1), ==, 0);
  g_assert_cmpint (kill (pid, SIGTERM), ==, 0);
  g_assert_cmpint (wait_for_end (pid), ==, 0);
  g_unlink (path);
  g_rmdir (dir);
}

/* Until nothing is in the pipe any more. */
static void
wait_until_read (int pipe)
{
  gint64 until_us = g_get_monotonic_time () + LIVE_PATIENCE_MS * 1000;
  int n_left = 1;

  while (n_left > 0)
    {
      g_assert_cmpint (ioctl (pipe, FIONREAD, &n_left), ==, 0);
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_usleep (2000);
    }
}

/* However the parent dies, the kernel closes its end of the pipe. */
static void
test_ends_with_who_holds_standard_input (void)
{
  g_autofree char *dir = g_dir_make_tmp ("knothole-server-XXXXXX", NULL);
  g_autofree char *path = key_path (dir);
  const char *const arguments[] = { g_getenv ("KNOTHOLE_SERVER"),
                                    "--listen=127.0.0.1:0",
                                    "--assist=127.0.0.1:0",
                                    "--until-eof",
                                    "--data-dir",
                                    dir,
                                    NULL };
  GError *error = NULL;
  int in, out;
  char byte;
  GPid pid;

  g_spawn_async_with_pipes (NULL, (char **)arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
                            NULL, NULL, &pid, &in, &out, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (read (out, &byte, 1), ==, 1);
  /* Who reads a second time has not ended with the first. */
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (write (in, "ignored", 7), ==, 7);
      wait_until_read (in);
    }
  g_assert_cmpint (waitpid (pid, NULL, WNOHANG), ==, 0);
  close (in);
  g_assert_cmpint (wait_for_end (pid), ==, 0);
  close (out);
  g_unlink (path);
  g_rmdir (dir);
}

/* Otherwise it would run for ever after its parent, or end at once. */
static void
test_until_eof_needs_a_pipe (void)
{
  LiveServer *server = live_server_start (NULL, NULL);

  expect_failure (1, "--until-eof needs a pipe",
                  (const char *[]){ "--data-dir", server->dir, "--until-eof",
                                    "--listen=127.0.0.1:0", "--assist=127.0.0.1:0",
                                    NULL });
  live_server_stop (server, SIGTERM, FALSE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
#define TEST(path, function) g_test_add_func ("/server-start/" path, function)
  TEST ("the-key-stays", test_the_key_stays);
  TEST ("print-address-makes-the-key", test_print_address_makes_the_key);
  TEST ("a-damaged-key-is-left-alone", test_a_damaged_key_is_left_alone);
  TEST ("wrong-usage-is-explained", test_wrong_usage_is_explained);
  TEST ("a-wrong-helper-is-explained", test_a_wrong_helper_is_explained);
  TEST ("wrong-config-is-explained", test_wrong_config_is_explained);
  TEST ("a-flag-counts-more-than-the-file", test_a_flag_counts_more_than_the_file);
  TEST ("help-names-the-config-file", test_help_names_the_config_file);
  TEST ("a-port-in-use-is-explained", test_a_port_in_use_is_explained);
  TEST ("runs-without-standard-files", test_runs_without_standard_files);
  TEST ("ends-with-who-holds-standard-input", test_ends_with_who_holds_standard_input);
  TEST ("until-eof-needs-a-pipe", test_until_eof_needs_a_pipe);
  return g_test_run ();
}

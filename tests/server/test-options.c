/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The example of a config file: test-options EXAMPLE. What the server says to wrong
 * options is in test-server-start.c.
 */
#include "server/options.h"

#include <glib/gstdio.h>
#include <string.h>

static const char *example_path;

static char *
read_example (void)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (example_path, &text, NULL, NULL));
  return text;
}

/* The same with every setting in force. */
static char *
uncomment (const char *text)
{
  g_autoptr (GRegex) regex = g_regex_new ("^#(?=[a-z-]+=)", G_REGEX_MULTILINE, 0, NULL);
  char *all = g_regex_replace_literal (regex, text, -1, 0, "", 0, NULL);

  g_assert_nonnull (all);
  return all;
}

/* @config may be NULL. */
static void
parse (KhOptions *options, const char *config)
{
  const char *with[] = { "server", "--config", config, NULL };
  const char *without[] = { "server", NULL };
  GError *error = NULL;

  kh_options_parse (options, config != NULL ? with : without, &error);
  g_assert_no_error (error);
}

static void
parse_text (KhOptions *options, const char *text)
{
  g_autofree char *dir = g_dir_make_tmp ("knothole-server-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "config", NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  parse (options, path);
  g_unlink (path);
  g_rmdir (dir);
}

static void
assert_limits_are_same (const KhOptions *one, const KhOptions *other)
{
#define SAME(field) g_assert_cmpint (one->field, ==, other->field)
  SAME (half_open_per_network);
  SAME (half_open_max);
  SAME (handshakes_per_second);
  SAME (unread_max);
  SAME (login_us);
  SAME (assist_token_us);
  SAME (assist_longest_us);
  SAME (directory.max_clients);
  SAME (directory.lobby);
  SAME (directory.rooms_max);
  SAME (directory.calls_max);
  SAME (directory.joins_per_minute);
  SAME (directory.calls_per_minute);
  SAME (directory.dials_per_minute);
  SAME (directory.messages_per_second);
  SAME (directory.messages_burst);
  SAME (directory.silent_us);
  SAME (directory.presence_us);
  SAME (directory.call_us);
  SAME (directory.token_us);
  SAME (directory.relay);
  SAME (directory.relays_max);
  SAME (directory.relays_per_client);
  SAME (directory.relay_volume);
  SAME (directory.relay_wait_us);
  SAME (relay_rate);
  SAME (relay_rate_total);
  SAME (relay_idle_us);
#undef SAME
}

static void
test_the_example_as_it_is_changes_nothing (void)
{
  KhOptions defaults, example;

  parse (&defaults, NULL);
  parse (&example, example_path);
  assert_limits_are_same (&defaults, &example);
  g_assert_cmpstr (example.data_dir, ==, defaults.data_dir);
  g_assert_null (example.public_host);
  g_assert_cmpuint (example.public_assist_port, ==, 0);
  g_assert_null (example.helper);
  g_assert_cmpstrv (example.listen, defaults.listen);
  g_assert_cmpstrv (example.assist, defaults.assist);
  kh_options_clear (&defaults);
  kh_options_clear (&example);
}

/* But for the folder, the name and the helper, which have no value that is right
 * everywhere. */
static void
test_the_example_tells_the_defaults (void)
{
  g_autofree char *text = read_example ();
  g_autofree char *all = uncomment (text);
  KhOptions defaults, example;

  parse (&defaults, NULL);
  parse_text (&example, all);
  assert_limits_are_same (&defaults, &example);
  g_assert_cmpstr (example.data_dir, ==, "/var/lib/knothole-server");
  g_assert_cmpstr (example.public_host, ==, "meet.example.org");
  g_assert_cmpuint (example.public_assist_port, ==, 7471);
  g_assert_true (g_str_has_prefix (example.helper, "knothole://helper.example.org/"));
  g_assert_cmpstrv (example.listen, defaults.listen);
  g_assert_cmpstrv (example.assist, defaults.assist);
  kh_options_clear (&defaults);
  kh_options_clear (&example);
}

/* Every client reads it, so it is told in its plainest form. */
static void
test_the_helper_is_told_in_one_form (void)
{
  static const char written[] = "knothole://helper.example.org:7470/";
  static const char expected[] = "knothole://helper.example.org/";
  g_autofree char *example = read_example ();
  const char *found = strstr (example, written);
  g_autofree char *id = NULL;
  g_autofree char *config = NULL;
  KhOptions options;

  g_assert_nonnull (found);
  id = g_strndup (found + strlen (written), 56);
  config = g_strdup_printf ("[server]\nhelper= HELPER.example.org/%s \n", id);
  parse_text (&options, config);
  g_assert_true (g_str_has_prefix (options.helper, expected));
  g_assert_cmpstr (options.helper + strlen (expected), ==, id);
  kh_options_clear (&options);
}

static void
test_the_example_has_every_key (void)
{
  static const char *const settings[] = {
    "data-dir", "public", "public-assist-port", "helper",       "listen",     "assist",
    "lobby",    "relay",  "relay-rate",         "relay-volume", "max-clients"
  };
  g_autofree char *text = read_example ();
  g_autofree char *all = uncomment (text);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) keys = NULL;
  const char *limit;
  guint n = 0;

  g_assert_true (g_key_file_load_from_data (file, all, (gsize)-1, 0, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    g_assert_true (g_key_file_has_key (file, "server", settings[i], NULL));
  for (; (limit = kh_options_limit (n)) != NULL; n++)
    if (!g_key_file_has_key (file, "limits", limit, NULL))
      g_error ("the example lacks %s", limit);
  keys = g_key_file_get_keys (file, "limits", NULL, NULL);
  g_assert_cmpuint (g_strv_length (keys), ==, n);
}

/* A file that says what a flag says too loses; the rate of all follows that of one. */
static void
test_flags_of_the_relay_count_more (void)
{
  static const char config[] = "[server]\nrelay=on\nrelay-rate=7000\nrelay-volume=5\n";
  g_autofree char *dir = g_dir_make_tmp ("knothole-server-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "config", NULL);
  const char *words[] = { "server",      "--config",          path,
                          "--relay=off", "--relay-rate=2000", "--relay-volume=3000000000",
                          NULL };
  KhOptions options;

  g_assert_true (g_file_set_contents (path, config, -1, NULL));
  g_assert_true (kh_options_parse (&options, words, NULL));
  g_assert_false (options.directory.relay);
  g_assert_cmpint (options.relay_rate, ==, 2000);
  g_assert_cmpint (options.relay_rate_total, ==, 20000);
  g_assert_cmpint ((gint64)options.directory.relay_volume, ==, 3000000000);
  kh_options_clear (&options);

  parse (&options, path);
  g_assert_true (options.directory.relay);
  g_assert_cmpint (options.relay_rate, ==, 7000);
  g_assert_cmpint ((gint64)options.directory.relay_volume, ==, 5);
  kh_options_clear (&options);
  g_unlink (path);
  g_rmdir (dir);
}

/* Also 0, which no one should take for "none" or "no limit". */
static void
test_impossible_numbers_are_refused (void)
{
  static const char *const wrong[]
      = { "--relay=yes",      "--relay-rate=0",    "--relay-rate=999", "--relay-rate=-5",
          "--relay-volume=0", "--relay-volume=-1", "--max-clients=0" };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      const char *words[] = { "server", wrong[i], NULL };
      g_autoptr (GError) error = NULL;
      KhOptions options;

      g_assert_false (kh_options_parse (&options, words, &error));
      g_assert_error (error, KH_OPTIONS_ERROR, KH_OPTIONS_ERROR_USAGE);
      kh_options_clear (&options);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  example_path = argv[1];
#define TEST(path, function) g_test_add_func ("/options/" path, function)
  TEST ("the-example-as-it-is-changes-nothing",
        test_the_example_as_it_is_changes_nothing);
  TEST ("the-example-tells-the-defaults", test_the_example_tells_the_defaults);
  TEST ("the-helper-is-told-in-one-form", test_the_helper_is_told_in_one_form);
  TEST ("the-example-has-every-key", test_the_example_has_every_key);
  TEST ("flags-of-the-relay-count-more", test_flags_of_the_relay_count_more);
  TEST ("impossible-numbers-are-refused", test_impossible_numbers_are_refused);
  return g_test_run ();
}

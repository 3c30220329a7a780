/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/options.h"

#include "cli/commands.h"

typedef struct
{
  KhOptions options;
  KhStatus status;
} Fixture;

static void
tear_down (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  kh_options_clear (&self->options);
}

/* @line: the words after the program's name. */
static gboolean
parse (Fixture *self, const char *line)
{
  g_autofree char *whole = g_strdup_printf ("knothole-cli %s", line);
  g_auto (GStrv) words = g_strsplit (whole, " ", -1);

  return kh_options_parse (&self->options, (const char *const *)words, &self->status);
}

static void
test_options_stand_before_or_after (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  g_assert_true (parse (
      self, "--data-dir peers --json send --room=r bob --timeout 5 file --name N"));
  g_assert_cmpstr (self->options.command->name, ==, "send");
  g_assert_cmpstr (self->options.data_dir, ==, "peers");
  g_assert_cmpstr (self->options.room, ==, "r");
  g_assert_cmpstr (self->options.name, ==, "N");
  g_assert_cmpint (self->options.timeout_s, ==, 5);
  g_assert_true (self->options.json);
  g_assert_cmpuint (self->options.n_arguments, ==, 2);
  g_assert_cmpstr (self->options.arguments[0], ==, "bob");
  g_assert_cmpstr (self->options.arguments[1], ==, "file");
}

static void
test_defaults (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  g_assert_true (parse (self, "listen"));
  g_assert_true (
      g_str_has_suffix (self->options.data_dir, G_DIR_SEPARATOR_S "knothole-cli"));
  g_assert_cmpint (self->options.timeout_s, ==, 60);
  g_assert_cmpint (self->options.count, ==, 4);
  g_assert_cmpint (self->options.accept, ==, KH_CONSENT_ASK);
  g_assert_null (self->options.room);
  g_assert_cmpint (self->options.forwarded_port, ==, KH_OPTIONS_NO_PORT);
}

static void
test_a_forwarded_port_is_one_for_all_commands (Fixture *self,
                                               G_GNUC_UNUSED gconstpointer data)
{
  g_assert_true (parse (self, "--forwarded-port 1024 listen"));
  g_assert_cmpint (self->options.forwarded_port, ==, 1024);
  kh_options_clear (&self->options);
  g_assert_true (parse (self, "nat --forwarded-port 65535"));
  g_assert_cmpint (self->options.forwarded_port, ==, 65535);
}

static void
test_an_empty_room_is_the_lobby (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  g_assert_true (parse (self, "peers --room="));
  g_assert_cmpstr (self->options.room, ==, "");
}

static void
test_messages_are_gathered (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  g_assert_true (parse (self, "chat --message a bob --message b c"));
  g_assert_cmpuint (g_strv_length (self->options.messages), ==, 2);
  g_assert_cmpuint (self->options.n_arguments, ==, 2);
  g_assert_cmpstr (self->options.arguments[0], ==, "bob");
}

static void
test_a_command_has_options_of_its_own (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  g_assert_true (parse (self, "ping bob --count 3"));
  g_assert_cmpint (self->options.count, ==, 3);
  kh_options_clear (&self->options);
  g_assert_true (parse (self, "listen --accept contacts --save-to there"));
  g_assert_cmpint (self->options.accept, ==, KH_CONSENT_CONTACTS);
  g_assert_cmpstr (self->options.save_to, ==, "there");
  kh_options_clear (&self->options);
  g_assert_true (parse (self, "peers --watch"));
  g_assert_true (self->options.watch);
  kh_options_clear (&self->options);
  g_assert_true (parse (self, "invite --new-room"));
  g_assert_true (self->options.new_room);
}

static void
test_limits_belong_to_what_goes_online (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  static const char *const commands[]
      = { "peers", "listen", "chat bob", "send bob file", "ping bob" };

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *line
          = g_strdup_printf ("%s --limit-up 500K --limit-down none", commands[i]);

      g_assert_true (parse (self, line));
      g_assert_true (self->options.has_limit_up);
      g_assert_true (self->options.has_limit_down);
      g_assert_cmpuint (self->options.limit_up, ==, 500000);
      g_assert_cmpuint (self->options.limit_down, ==, 0);
      kh_options_clear (&self->options);
    }
  g_assert_true (parse (self, "peers --limit-up 0"));
  g_assert_true (self->options.has_limit_up);
  g_assert_false (self->options.has_limit_down);
}

static void
test_what_a_listener_takes (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  g_assert_true (parse (self, "listen --only *.jpg --quota 1.5G --only docs"));
  g_assert_cmpuint (g_strv_length (self->options.only), ==, 2);
  g_assert_cmpstr (self->options.only[1], ==, "docs");
  g_assert_cmpuint (self->options.quota, ==, 1500000000);
}

static void
test_transfers_has_words_of_its_own (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  g_assert_true (parse (self, "transfers"));
  g_assert_cmpuint (self->options.n_arguments, ==, 0);
  kh_options_clear (&self->options);
  g_assert_true (parse (self, "transfers cancel --discard 1a2b 3c4d"));
  g_assert_true (self->options.discard);
  g_assert_cmpuint (self->options.n_arguments, ==, 3);
  kh_options_clear (&self->options);
  g_assert_true (parse (self, "transfers --all list"));
  g_assert_true (self->options.all);
}

static void
test_two_hyphens_end_the_options (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  g_assert_true (parse (self, "send bob -- --file"));
  g_assert_cmpuint (self->options.n_arguments, ==, 2);
  g_assert_cmpstr (self->options.arguments[1], ==, "--file");
}

static void
test_mistakes_are_usage_errors (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  static const char *const lines[] = {
    "",
    "fly",
    "send bob",
    "id more",
    "chat bob more",
    "peers --count 3",
    "ping bob --count 0",
    "ping bob --timeout 0",
    "ping bob --forwarded-port 80",
    "ping bob --forwarded-port 65536",
    "ping bob --timeout soon",
    "listen --accept some",
    "listen --forwarded-port 1023",
    "listen --forwarded-port 0",
    "listen --forwarded-port 65536",
    "listen --forwarded-port -1",
    "listen --forwarded-port mine",
    "nat here",
    "id --limit-up 1M",
    "peers --limit-up fast",
    "peers --limit-up 5",
    "peers --limit-up -1",
    "peers --limit-down 1e6",
    "peers --limit-down=",
    "listen --quota 0",
    "listen --quota none",
    "listen --only=",
    "send bob file --only x",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_assert_false (parse (self, lines[i]));
      g_assert_cmpint (self->status, ==, KH_STATUS_USAGE);
      kh_options_clear (&self->options);
      self->options = (KhOptions){ 0 };
    }
}

static void
test_help_is_no_mistake (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  static const char *const lines[]
      = { "--help", "send --help", "-h", "--version", "--json listen -h" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_assert_false (parse (self, lines[i]));
      g_assert_cmpint (self->status, ==, KH_STATUS_DONE);
      kh_options_clear (&self->options);
      self->options = (KhOptions){ 0 };
    }
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, NULL, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/options/options-stand-before-or-after", test_options_stand_before_or_after);
  ADD ("/options/defaults", test_defaults);
  ADD ("/options/a-forwarded-port-is-one-for-all-commands",
       test_a_forwarded_port_is_one_for_all_commands);
  ADD ("/options/an-empty-room-is-the-lobby", test_an_empty_room_is_the_lobby);
  ADD ("/options/messages-are-gathered", test_messages_are_gathered);
  ADD ("/options/a-command-has-options-of-its-own",
       test_a_command_has_options_of_its_own);
  ADD ("/options/limits-belong-to-what-goes-online",
       test_limits_belong_to_what_goes_online);
  ADD ("/options/what-a-listener-takes", test_what_a_listener_takes);
  ADD ("/options/transfers-has-words-of-its-own", test_transfers_has_words_of_its_own);
  ADD ("/options/two-hyphens-end-the-options", test_two_hyphens_end_the_options);
  ADD ("/options/mistakes-are-usage-errors", test_mistakes_are_usage_errors);
  ADD ("/options/help-is-no-mistake", test_help_is_no_mistake);
  return g_test_run ();
}

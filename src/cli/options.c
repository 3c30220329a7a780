/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/options.h"

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/size.h"
#include "cli/text.h"

#include <string.h>

#define N_GLOBAL 11
#define N_ALL 23

static const char exit_statuses[]
    = "Exit status:\n"
      "  0 done                        5 no connection to the peer, or it was lost\n"
      "  2 usage, data folder, output  6 declined, or nobody answered\n"
      "  3 server                      7 transfer failed\n"
      "  4 no such peer, not online    8 another key under a known name\n";

static const char about_peers[]
    = "PEER is a contact's name, or the beginning of an identity: for a stranger at "
      "least 16\n"
      "characters. A stranger's name is taken only on a terminal, after a question.\n";

/* The first N_GLOBAL belong to every command. FILENAME, as it is the one kind of text
 * that is not converted from the locale, which is not set. */
static void
fill_entries (KhOptions *self, GOptionEntry entries[N_ALL + 1])
{
  const GOptionEntry all[N_ALL + 1] = {
    { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->data_dir,
      "Folder of this identity, its contacts and messages", "DIR" },
    { "server", 0, 0, G_OPTION_ARG_FILENAME, &self->server,
      "The server's address or an invite; remembered", "ADDRESS" },
    { "name", 0, 0, G_OPTION_ARG_FILENAME, &self->name, "How others see you; remembered",
      "NAME" },
    { "room", 0, 0, G_OPTION_ARG_FILENAME, &self->room,
      "Word that you share; '' is the lobby; remembered", "WORD" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, "One JSON line for every event",
      NULL },
    { "no-relay", 0, 0, G_OPTION_ARG_NONE, &self->no_relay, "Only direct connections",
      NULL },
    { "no-port-mapping", 0, 0, G_OPTION_ARG_NONE, &self->no_port_mapping,
      "Leave the router alone", NULL },
    { "forwarded-port", 0, 0, G_OPTION_ARG_INT, &self->forwarded_port,
      "TCP port that the router's own settings send here", "PORT" },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &self->timeout_s,
      "How long to wait until the peer is connected, default 60", "SECONDS" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->version, "Print the version", NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &self->help, "Print this", NULL },
    { "watch", 0, 0, G_OPTION_ARG_NONE, &self->watch,
      "Stay, and print who comes and goes", NULL },
    { "accept", 0, 0, G_OPTION_ARG_FILENAME, &self->accept_text,
      "Whose calls and files: all, contacts, ask, none", "WHOSE" },
    { "save-to", 0, 0, G_OPTION_ARG_FILENAME, &self->save_to,
      "Folder for received files, default this one", "DIR" },
    { "message", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->messages,
      "Send this and end; may be given several times", "TEXT" },
    { "count", 0, 0, G_OPTION_ARG_INT, &self->count, "How many, default 4", "N" },
    { "new-room", 0, 0, G_OPTION_ARG_NONE, &self->new_room,
      "Make a room nobody can guess, and invite to it", NULL },
    { "only", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->only,
      "Take only what is called so; may be given several times", "'*.jpg'" },
    { "quota", 0, 0, G_OPTION_ARG_FILENAME, &self->quota_text,
      "What somebody unverified may send a day unasked", "SIZE" },
    { "limit-up", 0, 0, G_OPTION_ARG_FILENAME, &self->limit_up_text,
      "Files leave at most so fast: 500K, 2M, none; remembered", "RATE" },
    { "limit-down", 0, 0, G_OPTION_ARG_FILENAME, &self->limit_down_text,
      "Files come at most so fast: 500K, 2M, none; remembered", "RATE" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &self->all, "Show also those long ago", NULL },
    { "discard", 0, 0, G_OPTION_ARG_NONE, &self->discard,
      "Delete also what has arrived whole", NULL },
  };

  memcpy (entries, all, sizeof all);
}

static const GOptionEntry *
find_entry (const GOptionEntry *entries, const char *name)
{
  for (; entries->long_name != NULL; entries++)
    if (g_str_equal (entries->long_name, name))
      return entries;
  return NULL;
}

/* Takes the command out of @words: the first that is neither an option nor the value of
 * one. */
static char *
take_command (const GOptionEntry *entries, char **words)
{
  for (guint i = 1; words[i] != NULL && !g_str_equal (words[i], "--"); i++)
    {
      const GOptionEntry *entry;
      char *word = words[i];

      if (!g_str_has_prefix (word, "-"))
        {
          memmove (&words[i], &words[i + 1], g_strv_length (&words[i]) * sizeof words[0]);
          return word;
        }
      entry = g_str_has_prefix (word, "--") ? find_entry (entries, word + 2) : NULL;
      if (entry != NULL && entry->arg != G_OPTION_ARG_NONE && words[i + 1] != NULL)
        i++;
    }
  return NULL;
}

static GOptionContext *
make_context (const GOptionEntry *entries, const KhCommand *command)
{
  g_autofree char *usage = NULL;
  GOptionContext *context;
  GOptionEntry chosen[N_ALL + 1] = { 0 };
  guint n = 0;

  for (guint i = 0; command != NULL && i < G_N_ELEMENTS (command->options); i++)
    if (command->options[i] != NULL)
      chosen[n++] = *find_entry (entries, command->options[i]);
  memcpy (&chosen[n], entries, N_GLOBAL * sizeof entries[0]);

  usage = command != NULL ? g_strdup_printf ("%s %s", command->name, command->arguments)
                          : g_strdup ("COMMAND");
  context = g_option_context_new (usage);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, chosen, NULL);
  return context;
}

static void
print_help (KhOutput *output, GOptionContext *context, const KhCommand *command)
{
  g_autofree char *list = kh_commands_describe ();
  g_autofree char *summary = NULL;
  g_autofree char *description = NULL;
  g_autofree char *text = NULL;

  summary
      = command != NULL
            ? g_strdup_printf ("%s: %s\n%s", command->name, command->summary,
                               command->details)
            : g_strdup_printf ("Connects two computers directly, through their routers.\n"
                               "\nCommands, each with its own --help:\n%s",
                               list);
  description = g_strdup_printf ("%s\n%s", about_peers, exit_statuses);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, description);
  text = g_option_context_get_help (context, TRUE, NULL);
  kh_output_result (output, "%s", g_strchomp (text));
}

static gboolean
read_accept (KhOptions *self)
{
  static const struct
  {
    const char *word;
    KhConsent consent;
  } words[] = {
    { "all", KH_CONSENT_ALL },
    { "contacts", KH_CONSENT_CONTACTS },
    { "ask", KH_CONSENT_ASK },
    { "none", KH_CONSENT_NONE },
  };

  self->accept = KH_CONSENT_ASK;
  if (self->accept_text == NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i].word, self->accept_text))
      {
        self->accept = words[i].consent;
        return TRUE;
      }
  return FALSE;
}

/* A sentence about @option where @mistake is one. */
static char *
describe_size (const char *option, const char *text, const char *mistake)
{
  g_autofree char *shown = kh_text_clean (text);

  return mistake != NULL ? g_strdup_printf ("%s: \"%s\" %s", option, shown, mistake)
                         : NULL;
}

static char *
read_limit (const char *option, const char *text, gboolean *has_limit, guint64 *limit)
{
  *has_limit = text != NULL;
  if (text == NULL)
    return NULL;
  return describe_size (option, text, kh_size_parse_rate (text, limit));
}

static char *
read_quota (KhOptions *self)
{
  const char *mistake;

  if (self->quota_text == NULL)
    return NULL;
  mistake = kh_size_parse (self->quota_text, &self->quota);
  if (mistake == NULL && self->quota == 0)
    mistake = "would let nothing through: --accept contacts, ask or none say that";
  return describe_size ("--quota", self->quota_text, mistake);
}

static char *
check_patterns (const KhOptions *self)
{
  for (char **pattern = self->only; pattern != NULL && *pattern != NULL; pattern++)
    {
      if (**pattern == '\0')
        return g_strdup ("--only is empty");
      if (!g_utf8_validate (*pattern, -1, NULL))
        return g_strdup ("--only is not UTF-8 text");
    }
  return NULL;
}

/* Sizes, rates and patterns. */
static char *
read_amounts (KhOptions *self)
{
  char *mistake = read_limit ("--limit-up", self->limit_up_text, &self->has_limit_up,
                              &self->limit_up);

  if (mistake == NULL)
    mistake = read_limit ("--limit-down", self->limit_down_text, &self->has_limit_down,
                          &self->limit_down);
  if (mistake == NULL)
    mistake = read_quota (self);
  return mistake != NULL ? mistake : check_patterns (self);
}

static gboolean
is_blank (const char *text)
{
  return text[strspn (text, " \t\r\n")] == '\0';
}

/* A sentence about what is wrong, or NULL. */
static char *
find_mistake (KhOptions *self, const char *command_text)
{
  const KhCommand *command = self->command;

  if (command_text == NULL)
    return g_strdup ("no command was given");
  if (command == NULL)
    {
      g_autofree char *word = kh_text_clean (command_text);

      return g_strdup_printf ("there is no command \"%s\"", word);
    }
  if (self->n_arguments < command->n_least)
    return g_strdup_printf ("%s needs %s", command->name, command->arguments);
  if (g_str_has_prefix (command->arguments, "PEER") && is_blank (self->arguments[0]))
    return g_strdup ("PEER is empty");
  if (self->n_arguments > command->n_most
      || (command->run == kh_chat_run && self->messages == NULL && self->n_arguments > 1))
    {
      g_autofree char *word = kh_text_clean (self->arguments[self->n_arguments - 1]);

      return g_strdup_printf ("\"%s\" is too much for %s", word, command->name);
    }
  if (self->timeout_s < 1 || self->timeout_s > KH_OPTIONS_MOST_TIMEOUT_S)
    return g_strdup_printf ("--timeout is 1 to %d seconds", KH_OPTIONS_MOST_TIMEOUT_S);
  if (self->count < 1 || self->count > KH_OPTIONS_MOST_COUNT)
    return g_strdup_printf ("--count is 1 to %d", KH_OPTIONS_MOST_COUNT);
  if (self->forwarded_port != KH_OPTIONS_NO_PORT
      && (self->forwarded_port < KH_FORWARDED_PORT_MIN
          || self->forwarded_port > G_MAXUINT16))
    return g_strdup_printf ("--forwarded-port is %d to %d", KH_FORWARDED_PORT_MIN,
                            G_MAXUINT16);
  if (!read_accept (self))
    return g_strdup ("--accept is one of all, contacts, ask, none");
  return read_amounts (self);
}

/* What is left of @words once the options are out of it. */
static void
take_arguments (KhOptions *self, char **words)
{
  GPtrArray *arguments = g_ptr_array_new ();
  gboolean separated = FALSE;

  for (guint i = 1; words[0] != NULL && words[i] != NULL; i++)
    if (separated || !g_str_equal (words[i], "--"))
      g_ptr_array_add (arguments, g_strdup (words[i]));
    else
      separated = TRUE;
  self->n_arguments = arguments->len;
  g_ptr_array_add (arguments, NULL);
  self->arguments = (char **)g_ptr_array_free (arguments, FALSE);
}

/* Before anything is parsed, so that also a mistake is told in JSON. */
static gboolean
asks_for_json (char **words)
{
  for (guint i = 1; words[i] != NULL && !g_str_equal (words[i], "--"); i++)
    if (g_str_equal (words[i], "--json"))
      return TRUE;
  return FALSE;
}

static void
complain (const KhOptions *self, const char *mistake)
{
  g_autoptr (KhOutput) output = kh_output_new (self->json);
  g_autofree char *text = kh_text_clean (mistake);
  g_autofree char *message = g_strdup_printf (
      "%s; `knothole-cli %s%s--help` tells more", text,
      self->command != NULL ? self->command->name : "", self->command != NULL ? " " : "");

  kh_output_error (output, KH_STATUS_USAGE, message);
}

gboolean
kh_options_parse (KhOptions *self, const char *const *given, KhStatus *status)
{
  g_auto (GStrv) words = g_strdupv ((char **)given);
  GOptionEntry entries[N_ALL + 1];
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *mistake = NULL;
  g_autofree char *command = NULL;

  *self = (KhOptions){ .timeout_s = KH_OPTIONS_TIMEOUT_S,
                       .count = KH_OPTIONS_COUNT,
                       .forwarded_port = KH_OPTIONS_NO_PORT,
                       .json = asks_for_json (words) };
  fill_entries (self, entries);
  command = take_command (entries, words);
  self->command = command != NULL ? kh_commands_find (command) : NULL;
  context = make_context (entries, self->command);

  *status = KH_STATUS_USAGE;
  if (!g_option_context_parse_strv (context, &words, &error))
    {
      complain (self, error->message);
      return FALSE;
    }
  take_arguments (self, words);
  if (self->help || self->version)
    {
      g_autoptr (KhOutput) output = kh_output_new (FALSE);

      *status = KH_STATUS_DONE;
      if (self->help)
        print_help (output, context, self->command);
      else
        kh_output_result (output, "knothole-cli " KH_VERSION);
      return FALSE;
    }
  mistake = find_mistake (self, command);
  if (mistake != NULL)
    complain (self, mistake);
  if (self->data_dir == NULL)
    self->data_dir = g_build_filename (g_get_user_data_dir (), "knothole-cli", NULL);
  return mistake == NULL;
}

void
kh_options_clear (KhOptions *self)
{
  g_free (self->data_dir);
  g_free (self->server);
  g_free (self->name);
  g_free (self->room);
  g_free (self->save_to);
  g_free (self->accept_text);
  g_free (self->limit_up_text);
  g_free (self->limit_down_text);
  g_free (self->quota_text);
  g_strfreev (self->only);
  g_strfreev (self->messages);
  g_strfreev (self->arguments);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/options.h"
#include "proto/address.h"

#include <stddef.h>
#include <string.h>

#define DEFAULT_LISTEN "[::]:7470"
#define DEFAULT_ASSIST "[::]:7471"
/* Descriptors end before; and every table is sized by it. */
#define CLIENTS_MAX 1000000
/* Below, a read alone would be more than a second's. */
#define RELAY_RATE_MIN 1000
#define RELAY_RATE_MAX INT64_C (1000000000000)
#define RELAY_VOLUME_MAX INT64_C (1000000000000000000)
/* For all relays, where nothing else is said: so many at full speed. */
#define RELAYS_AT_FULL_RATE 10

G_DEFINE_QUARK (kh - options - error - quark, kh_options_error)

/* A number that the config file may have in its group "limits". */
typedef struct
{
  const char *key;
  size_t offset;
  gint64 least;
  gint64 most;
  gint64 unit; /* what 1 in the file is in the field; 0: the field is 32 bits wide */
} Limit;

#define COUNT(key, field, most)                                                          \
  {                                                                                      \
    key, offsetof (KhOptions, field), 1, most, 0                                         \
  }
#define RATE(key, field)                                                                 \
  {                                                                                      \
    key, offsetof (KhOptions, field), RELAY_RATE_MIN, RELAY_RATE_MAX, 1                  \
  }
#define TIME_MS(key, field)                                                              \
  {                                                                                      \
    key, offsetof (KhOptions, field), 1, 86400000, 1000                                  \
  }

static const Limit LIMITS[] = {
  COUNT ("half-open-per-address", half_open_per_network, 100000),
  COUNT ("half-open", half_open_max, 100000),
  COUNT ("handshakes-per-second", handshakes_per_second, 1000000),
  COUNT ("unread-bytes", unread_max, 1 << 30),
  COUNT ("rooms", directory.rooms_max, KH_CLIENT_ROOMS_MAX),
  COUNT ("calls", directory.calls_max, KH_CLIENT_CALLS_MAX),
  COUNT ("joins-per-minute", directory.joins_per_minute, 1000000),
  COUNT ("calls-per-minute", directory.calls_per_minute, 1000000),
  COUNT ("dials-per-minute", directory.dials_per_minute, 1000000),
  COUNT ("messages-per-second", directory.messages_per_second, 1000000),
  COUNT ("messages-burst", directory.messages_burst, 1000000),
  COUNT ("relays", directory.relays_max, 100000),
  COUNT ("relays-per-client", directory.relays_per_client, 100000),
  RATE ("relay-rate-total", relay_rate_total),
  TIME_MS ("login-ms", login_us),
  TIME_MS ("silent-ms", directory.silent_us),
  TIME_MS ("presence-ms", directory.presence_us),
  TIME_MS ("call-ms", directory.call_us),
  TIME_MS ("token-ms", directory.token_us),
  TIME_MS ("assist-token-ms", assist_token_us),
  TIME_MS ("assist-ms", assist_longest_us),
  TIME_MS ("relay-wait-ms", directory.relay_wait_us),
  TIME_MS ("relay-idle-ms", relay_idle_us),
};

#define NOT_GIVEN G_MININT64

/* What flags and the group "server" say, before it is checked. */
typedef struct
{
  char *lobby;
  char *relay;
  gint64 max_clients; /* or NOT_GIVEN; the same below */
  gint64 public_assist_port;
  gint64 relay_rate;
  gint64 relay_volume;
} Raw;

static gboolean fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (KH_OPTIONS_ERROR, KH_OPTIONS_ERROR_USAGE, format,
                                 arguments);
  va_end (arguments);
  return FALSE;
}

static void
set_defaults (KhOptions *self)
{
  *self = (KhOptions){ .directory = kh_directory_defaults (),
                       .half_open_per_network = 32,
                       .half_open_max = 2000,
                       .handshakes_per_second = 20,
                       .unread_max = KH_CLIENT_UNREAD_MAX,
                       .login_us = KH_MAIN_LOGIN_US,
                       .assist_token_us = KH_ASSIST_TOKEN_US,
                       .assist_longest_us = KH_ASSIST_LONGEST_US,
                       .relay_rate = 1000000,
                       .relay_idle_us = KH_RELAY_IDLE_US };
}

const char *
kh_options_limit (guint number)
{
  return number < G_N_ELEMENTS (LIMITS) ? LIMITS[number].key : NULL;
}

gboolean
kh_options_split (const char *text, char **host, guint16 *port, GError **error)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *name = NULL;
  guint64 number;

  if (colon == NULL || colon == text
      || !g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT16, &number, NULL))
    return fail (error,
                 "“%s” is not HOST:PORT. Write for example 192.0.2.1:7470 or "
                 "[::]:7470.",
                 text);
  name = g_strndup (text, (gsize)(colon - text));
  if (name[0] == '[' && name[strlen (name) - 1] == ']')
    {
      *host = g_strndup (name + 1, strlen (name) - 2);
    }
  else if (strchr (name, ':') != NULL)
    return fail (error, "“%s” needs brackets around the IPv6 address: [%s]:%s.", text,
                 name, colon + 1);
  else
    *host = g_steal_pointer (&name);
  *port = (guint16)number;
  return TRUE;
}

static gboolean
check_endpoints (char **endpoints, GError **error)
{
  if (endpoints[0] == NULL)
    return fail (error, "There is no HOST:PORT to listen on.");
  for (gsize i = 0; endpoints[i] != NULL; i++)
    {
      g_autofree char *host = NULL;
      guint16 port;

      if (!kh_options_split (endpoints[i], &host, &port, error))
        return FALSE;
    }
  return TRUE;
}

/* It goes into the address that others paste, so it must be good in one. */
static gboolean
check_public_host (const char *host, GError **error)
{
  gboolean is_v6 = strchr (host, ':') != NULL && host[0] != '[';
  char problem[KH_ADDRESS_PROBLEM_MAX];
  g_autofree char *text = NULL;
  KhAddress address;

  text = is_v6 ? g_strdup_printf ("[%s]", host) : g_strdup (host);
  if (kh_address_explain (kh_address_parse (text, &address), problem, sizeof problem))
    return TRUE;
  return fail (error,
               "--public takes a name or an address without a port; “%s” is not "
               "one: %s.",
               host, problem);
}

/* Leaves it as every client reads it the same. */
static gboolean
check_helper (char **helper, GError **error)
{
  char problem[KH_ADDRESS_PROBLEM_MAX];
  char text[KH_ADDRESS_TEXT_MAX];
  KhAddress address;

  if (!kh_address_explain (kh_address_parse (*helper, &address), problem, sizeof problem))
    return fail (error,
                 "--helper takes the address of another server; “%s” is not one: %s.",
                 *helper, problem);
  if (!address.has_key || address.has_peer || address.room[0] != '\0')
    return fail (error,
                 "--helper takes the whole address that the other server prints, "
                 "knothole://HOST:PORT/ID, and no more; “%s” is not one.",
                 *helper);
  if (!kh_address_to_text (&address, text, sizeof text)
      || strlen (text) > KH_WELCOME_HELPER_LEN_MAX)
    return fail (error, "The address after --helper has more than %d bytes.",
                 KH_WELCOME_HELPER_LEN_MAX);
  g_free (*helper);
  *helper = g_strdup (text);
  return TRUE;
}

static gboolean
check_switch (const char *name, const char *text, bool *value, GError **error)
{
  if (text == NULL)
    return TRUE;
  if (!g_str_equal (text, "on") && !g_str_equal (text, "off"))
    return fail (error, "The %s is “on” or “off”, not “%s”.", name, text);
  *value = g_str_equal (text, "on");
  return TRUE;
}

static gboolean
check_relay (KhOptions *self, const Raw *raw, GError **error)
{
  if (!check_switch ("relay", raw->relay, &self->directory.relay, error))
    return FALSE;
  if (raw->relay_rate != NOT_GIVEN
      && (raw->relay_rate < RELAY_RATE_MIN || raw->relay_rate > RELAY_RATE_MAX))
    return fail (error,
                 "The rate of a relay is %d to %" G_GINT64_FORMAT " bytes a second.",
                 RELAY_RATE_MIN, RELAY_RATE_MAX);
  if (raw->relay_volume != NOT_GIVEN
      && (raw->relay_volume < 1 || raw->relay_volume > RELAY_VOLUME_MAX))
    return fail (error,
                 "What the relay carries for a client in a day is 1 to "
                 "%" G_GINT64_FORMAT " bytes.",
                 RELAY_VOLUME_MAX);
  if (raw->relay_rate != NOT_GIVEN)
    self->relay_rate = raw->relay_rate;
  if (raw->relay_volume != NOT_GIVEN)
    self->directory.relay_volume = (guint64)raw->relay_volume;
  if (self->relay_rate_total == 0)
    self->relay_rate_total = RELAYS_AT_FULL_RATE * self->relay_rate;
  return TRUE;
}

static gboolean
check (KhOptions *self, const Raw *raw, GError **error)
{
  if (!check_switch ("lobby", raw->lobby, &self->directory.lobby, error)
      || !check_relay (self, raw, error))
    return FALSE;
  if (raw->max_clients != NOT_GIVEN
      && (raw->max_clients < 1 || raw->max_clients > CLIENTS_MAX))
    return fail (error, "The number of clients is 1 to %d.", CLIENTS_MAX);
  if (raw->max_clients != NOT_GIVEN)
    self->directory.max_clients = (guint32)raw->max_clients;
  if (raw->public_assist_port != NOT_GIVEN
      && (raw->public_assist_port < 1 || raw->public_assist_port > G_MAXUINT16))
    return fail (error, "--public-assist-port is 1 to %d.", G_MAXUINT16);
  if (raw->public_assist_port != NOT_GIVEN)
    self->public_assist_port = (guint16)raw->public_assist_port;

  if (self->listen == NULL)
    self->listen = g_strsplit (DEFAULT_LISTEN, " ", -1);
  if (self->assist == NULL)
    self->assist = g_strsplit (DEFAULT_ASSIST, " ", -1);
  if (self->data_dir == NULL)
    self->data_dir = g_build_filename (g_get_user_data_dir (), "knothole-server", NULL);
  if (self->public_host != NULL && !check_public_host (self->public_host, error))
    return FALSE;
  if (self->helper != NULL && !check_helper (&self->helper, error))
    return FALSE;
  return check_endpoints (self->listen, error) && check_endpoints (self->assist, error);
}

static gboolean
read_limit (KhOptions *self, GKeyFile *file, const char *key, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (LIMITS); i++)
    {
      const Limit *limit = &LIMITS[i];
      guint8 *field = (guint8 *)self + limit->offset;
      g_autofree char *text = NULL;
      gint64 value;

      if (!g_str_equal (limit->key, key))
        continue;
      text = g_key_file_get_value (file, "limits", key, NULL);
      if (!g_ascii_string_to_signed (text, 10, limit->least, limit->most, &value, NULL))
        return fail (error,
                     "%s: “%s” is a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                     ", not “%s”.",
                     self->config_path, key, limit->least, limit->most, text);
      if (limit->unit == 0)
        *(guint32 *)(void *)field = (guint32)value;
      else
        *(gint64 *)(void *)field = value * limit->unit;
      return TRUE;
    }
  return fail (error, "%s: there is no limit “%s”; remove the line.", self->config_path,
               key);
}

/* A key of the group "server" that is a number. @known: whether it is one. */
static gboolean
read_number (KhOptions *self, Raw *raw, const char *key, const char *text,
             gboolean *known, GError **error)
{
  const struct
  {
    const char *key;
    gint64 least, most;
    gint64 *value;
  } numbers[] = { { "max-clients", 1, CLIENTS_MAX, &raw->max_clients },
                  { "public-assist-port", 1, G_MAXUINT16, &raw->public_assist_port },
                  { "relay-rate", RELAY_RATE_MIN, RELAY_RATE_MAX, &raw->relay_rate },
                  { "relay-volume", 1, RELAY_VOLUME_MAX, &raw->relay_volume } };

  *known = FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      gint64 number;

      if (!g_str_equal (key, numbers[i].key))
        continue;
      *known = TRUE;
      if (!g_ascii_string_to_signed (text, 10, numbers[i].least, numbers[i].most, &number,
                                     NULL))
        return fail (error,
                     "%s: “%s” is a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                     ", not “%s”.",
                     self->config_path, key, numbers[i].least, numbers[i].most, text);
      if (*numbers[i].value == NOT_GIVEN)
        *numbers[i].value = number;
    }
  return TRUE;
}

/* Takes a key of the group "server" unless a flag was given for it. */
static gboolean
read_setting (KhOptions *self, Raw *raw, GKeyFile *file, const char *key, GError **error)
{
  g_autofree char *value = g_key_file_get_string (file, "server", key, error);
  char **texts[]
      = { &self->data_dir, &self->public_host, &self->helper, &raw->lobby, &raw->relay };
  static const char *const text_keys[]
      = { "data-dir", "public", "helper", "lobby", "relay" };
  char ***lists[] = { &self->listen, &self->assist };
  static const char *const list_keys[] = { "listen", "assist" };
  gboolean known;

  if (value == NULL || !read_number (self, raw, key, value, &known, error))
    return FALSE;
  if (known)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (g_str_equal (key, text_keys[i]))
      {
        if (*texts[i] == NULL)
          *texts[i] = g_steal_pointer (&value);
        return TRUE;
      }
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    if (g_str_equal (key, list_keys[i]))
      {
        if (*lists[i] == NULL)
          *lists[i] = g_key_file_get_string_list (file, "server", key, NULL, NULL);
        return TRUE;
      }
  return fail (error, "%s: there is no setting “%s”; remove the line.", self->config_path,
               key);
}

static gboolean
read_group (KhOptions *self, Raw *raw, GKeyFile *file, const char *group, GError **error)
{
  g_auto (GStrv) keys = g_key_file_get_keys (file, group, NULL, error);

  if (keys == NULL)
    return FALSE;
  for (gsize i = 0; keys[i] != NULL; i++)
    {
      gboolean good = g_str_equal (group, "limits")
                          ? read_limit (self, file, keys[i], error)
                          : read_setting (self, raw, file, keys[i], error);

      if (!good)
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_config (KhOptions *self, Raw *raw, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) groups = NULL;
  g_autoptr (GError) why = NULL;

  if (!g_key_file_load_from_file (file, self->config_path, G_KEY_FILE_NONE, &why))
    return fail (error, "The config file %s can't be read: %s", self->config_path,
                 why->message);
  groups = g_key_file_get_groups (file, NULL);
  for (gsize i = 0; groups[i] != NULL; i++)
    {
      if (!g_str_equal (groups[i], "server") && !g_str_equal (groups[i], "limits"))
        return fail (error,
                     "%s: there is no group [%s]; the groups are [server] and "
                     "[limits].",
                     self->config_path, groups[i]);
      if (!read_group (self, raw, file, groups[i], error))
        return FALSE;
    }
  return TRUE;
}

/* What --help says before and behind the options. */
static void
describe (GOptionContext *context)
{
  g_option_context_set_summary (
      context, "The rendezvous server of Knothole: introduces people to each other, so "
               "that their\ncomputers can connect directly.");
  g_option_context_set_description (
      context,
      "The config file has the groups [server] and [limits]. Every key of them "
      "with its default\nis in the example knothole-server.conf: in "
      "share/doc/knothole/examples where Knothole is\ninstalled, in data/ in its "
      "source.");
}

gboolean
kh_options_parse (KhOptions *self, const char *const *given, GError **error)
{
  g_auto (GStrv) words = g_strdupv ((char **)given);
  Raw raw = { .max_clients = NOT_GIVEN,
              .public_assist_port = NOT_GIVEN,
              .relay_rate = NOT_GIVEN,
              .relay_volume = NOT_GIVEN };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  gboolean good;
  const GOptionEntry entries[]
      = { { "config", 0, 0, G_OPTION_ARG_FILENAME, &self->config_path,
            "Read settings and limits from FILE", "FILE" },
          { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->data_dir,
            "Keep the server's key in DIR", "DIR" },
          { "listen", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->listen,
            "Main port, may be repeated; default " DEFAULT_LISTEN, "HOST:PORT" },
          { "assist", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->assist,
            "Assist port, may be repeated; default " DEFAULT_ASSIST, "HOST:PORT" },
          { "public", 0, 0, G_OPTION_ARG_STRING, &self->public_host,
            "Name or address that others reach this server by", "HOST" },
          { "public-assist-port", 0, 0, G_OPTION_ARG_INT64, &raw.public_assist_port,
            "Port of --public that leads to the assist port; default the same", "PORT" },
          { "helper", 0, 0, G_OPTION_ARG_STRING, &self->helper,
            "Server that dials back for NAT tests from another address", "ADDRESS" },
          { "lobby", 0, 0, G_OPTION_ARG_STRING, &raw.lobby,
            "Whether there is a room for everybody; default on", "on|off" },
          { "relay", 0, 0, G_OPTION_ARG_STRING, &raw.relay,
            "Whether to relay what can't connect directly; default on", "on|off" },
          { "relay-rate", 0, 0, G_OPTION_ARG_INT64, &raw.relay_rate,
            "Bytes a second of a relayed call, both ways; default 1000000", "N" },
          { "relay-volume", 0, 0, G_OPTION_ARG_INT64, &raw.relay_volume,
            "Bytes that a client may send by relay in a day; default 2 GiB", "N" },
          { "max-clients", 0, 0, G_OPTION_ARG_INT64, &raw.max_clients,
            "Most clients at a time; default 10000", "N" },
          { "print-address", 0, 0, G_OPTION_ARG_NONE, &self->print_address,
            "Print the server's address and exit", NULL },
          { "until-eof", 0, 0, G_OPTION_ARG_NONE, &self->until_eof,
            "End when standard input, a pipe, ends: as a child of another program",
            NULL },
          { "verbose", 0, 0, G_OPTION_ARG_NONE, &self->verbose,
            "Also log what strangers do", NULL },
          { "version", 0, 0, G_OPTION_ARG_NONE, &self->print_version, "Print the version",
            NULL },
          G_OPTION_ENTRY_NULL };

  set_defaults (self);
  describe (context);
  g_option_context_add_main_entries (context, entries, NULL);
  good = g_option_context_parse_strv (context, &words, error);
  if (good && g_strv_length (words) > 1)
    good = fail (error, "“%s” is not an option. See knothole-server --help.", words[1]);
  if (good && self->config_path != NULL)
    good = read_config (self, &raw, error);
  good = good && check (self, &raw, error);
  g_free (raw.lobby);
  g_free (raw.relay);
  return good;
}

void
kh_options_clear (KhOptions *self)
{
  g_clear_pointer (&self->config_path, g_free);
  g_clear_pointer (&self->data_dir, g_free);
  g_clear_pointer (&self->public_host, g_free);
  g_clear_pointer (&self->helper, g_free);
  g_clear_pointer (&self->listen, g_strfreev);
  g_clear_pointer (&self->assist, g_strfreev);
}

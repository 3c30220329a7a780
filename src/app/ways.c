/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/ways.h"

#include <string.h>

/* "yes" or "no", and a port. */
#define SETTING_RELAY "app-relay"
#define SETTING_PORT_MAPPING "app-port-mapping"
#define SETTING_MANY_PORTS "app-many-ports"
#define SETTING_FORWARDED_PORT "app-forwarded-port"

/* Of a port, five. */
#define DIGITS_MAX 5

static gboolean
is_forbidden (KhClient *client, const char *key)
{
  return g_strcmp0 (kh_client_get_setting (client, key), "no") == 0;
}

void
kh_ways_read (KhClient *client, KhReach *reach)
{
  const char *port = kh_client_get_setting (client, SETTING_FORWARDED_PORT);

  *reach = (KhReach){
    .no_relay = is_forbidden (client, SETTING_RELAY),
    .no_port_mapping = is_forbidden (client, SETTING_PORT_MAPPING),
    .no_spray = is_forbidden (client, SETTING_MANY_PORTS),
  };
  if (port != NULL && !kh_ways_parse_port (port, &reach->forwarded_port))
    reach->forwarded_port = 0;
}

static void
keep_word (KhClient *client, const char *key, gboolean forbidden)
{
  kh_client_set_setting (client, key, forbidden ? "no" : "yes");
}

void
kh_ways_keep (KhClient *client, const KhReach *reach)
{
  g_autofree char *port = g_strdup_printf ("%u", reach->forwarded_port);

  keep_word (client, SETTING_RELAY, reach->no_relay);
  keep_word (client, SETTING_PORT_MAPPING, reach->no_port_mapping);
  keep_word (client, SETTING_MANY_PORTS, reach->no_spray);
  kh_client_set_setting (client, SETTING_FORWARDED_PORT, port);
  kh_client_set_reach (client, reach);
}

gboolean
kh_ways_parse_port (const char *text, guint16 *port)
{
  g_autofree char *digits = g_strstrip (g_strdup (text));
  guint64 number;

  if (*digits == '\0')
    {
      *port = 0;
      return TRUE;
    }
  if (strlen (digits) > DIGITS_MAX || strspn (digits, "0123456789") != strlen (digits))
    return FALSE;
  number = g_ascii_strtoull (digits, NULL, 10);
  if (number != 0 && (number < KH_WAYS_PORT_MIN || number > KH_WAYS_PORT_MAX))
    return FALSE;
  *port = (guint16)number;
  return TRUE;
}

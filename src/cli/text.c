/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/text.h"

#include <string.h>

#define REPLACEMENT "\357\277\275" /* U+FFFD */
/* As much of an id as names a stranger. */
#define ID_BEGINNING_LEN 16

#define CANNOT_LISTEN                                                                    \
  "can't listen there: this system lets nothing listen where something dials"

#define ZERO_WIDTH_NON_JOINER 0x200c
#define ZERO_WIDTH_JOINER 0x200d /* families and flags are made with it */

static gboolean
is_harmless (gunichar character)
{
  if (character == ZERO_WIDTH_JOINER || character == ZERO_WIDTH_NON_JOINER)
    return TRUE;
  switch (g_unichar_type (character))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT: /* turns the direction of writing around */
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
      return FALSE;
    default:
      return TRUE;
    }
}

static char *
clean (const char *text, const char *line_break)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  GString *out = g_string_new (NULL);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);

      if (is_harmless (character))
        g_string_append_unichar (out, character);
      else if (line_break != NULL && character == '\n')
        g_string_append (out, line_break);
      else if (line_break != NULL && character == '\r' && at[1] == '\n')
        continue;
      else if (character == '\t')
        g_string_append_c (out, ' ');
      else
        g_string_append (out, REPLACEMENT);
    }
  return g_string_free (out, FALSE);
}

/* " at 1.2.3.4:5", or nothing for no endpoint. */
static char *
endpoint_after (const char *word, const KhEndpoint *endpoint)
{
  char text[KH_ENDPOINT_TEXT_MAX];

  if (endpoint->family == 0)
    return g_strdup ("");
  kh_endpoint_print (endpoint, text);
  return g_strdup_printf ("%s%s", word, text);
}

/* " from port 40123", or nothing. */
static char *
port_after (const char *word, guint16 port)
{
  return port != 0 ? g_strdup_printf ("%s%u", word, port) : g_strdup ("");
}

static char *
server_step (const KhEvent *event)
{
  g_autofree char *assist = endpoint_after (", ", &event->remote);

  return g_strdup_printf ("the server listens on its main port and on its assist port%s",
                          assist);
}

/* The steps as the caller, who is A, does or learns them. */
static char *
caller_step (const KhEvent *event, const char *name)
{
  g_autofree char *port = port_after (" port ", event->port);
  g_autofree char *from = port_after (" from port ", event->port);
  g_autofree char *own = endpoint_after (" as ", &event->own);
  g_autofree char *remote = endpoint_after (" at ", &event->remote);

  switch (event->step)
    {
    case 2:
      return g_strdup_printf ("asked %s for a connection through the server", name);
    case 3:
      return g_strdup_printf ("bound%s, dialled the assist port from it and %s",
                              event->port != 0 ? port : " a port",
                              event->dials_only ? CANNOT_LISTEN : "listens there");
    case 4:
      return g_strdup_printf ("the server sees%s%s and tells %s",
                              event->port != 0 ? port : " that port", own, name);
    case 5:
      return g_strdup_printf ("%s binds a port and dials the assist port from it", name);
    case 6:
      return g_strdup_printf ("%s dials here, so that its own router lets this side in",
                              name);
    case 7:
      return g_strdup_printf ("%s listens and is ready%s", name, remote);
    case 8:
      return g_strdup_printf ("connects to %s%s%s", name, remote, from);
    default:
      return g_strdup_printf ("step %u", event->step);
    }
}

/* The same as the one who was called, who is B. */
static char *
callee_step (const KhEvent *event, const char *name)
{
  g_autofree char *port = port_after (" port ", event->port);
  g_autofree char *from = port_after (" from port ", event->port);
  g_autofree char *own = endpoint_after (" as ", &event->own);
  g_autofree char *remote = endpoint_after (" at ", &event->remote);

  switch (event->step)
    {
    case 2:
      return g_strdup_printf ("%s asks for a connection through the server", name);
    case 3:
      return g_strdup_printf (
          "%s binds a port, dials the assist port from it and listens", name);
    case 4:
      return g_strdup_printf ("the server says that %s is%s", name,
                              event->remote.family != 0 ? remote : " there");
    case 5:
      return g_strdup_printf ("bound%s and dialled the assist port from it%s%s",
                              event->port != 0 ? port : " a port",
                              event->dials_only ? "; " : "",
                              event->dials_only ? CANNOT_LISTEN : "");
    case 6:
      return g_strdup_printf ("dialled %s%s%s, so that the router here lets it in", name,
                              remote, from);
    case 7:
      return g_strdup_printf ("%s%s and is ready; the server sees it%s",
                              event->dials_only ? "dials from" : "listens on",
                              event->port != 0 ? port : " that port", own);
    case 8:
      return g_strdup_printf ("%s%s dialled here and came through", name, remote);
    default:
      return g_strdup_printf ("step %u", event->step);
    }
}

static const char *
failure_reason (KhPunchFailure failure)
{
  switch (failure)
    {
    case KH_PUNCH_STRANGER:
      return "someone else answered at the peer's address";
    case KH_PUNCH_NOT_OBSERVED:
      return "the connections from here to the server's assist port did not arrive";
    case KH_PUNCH_PEER_NOT_OBSERVED:
      return "the peer's connections to the server's assist port did not arrive";
    case KH_PUNCH_NO_ROUTE:
      return "this computer has no way to the peer's kind of address";
    case KH_PUNCH_REFUSED:
      return "the other side's router refused every attempt";
    case KH_PUNCH_SILENT:
      return "nothing came back from the other side's router";
    case KH_PUNCH_BOTH_SYMMETRIC:
      return "both routers give every connection another port, which can't be known "
             "before";
    case KH_PUNCH_FAILURE_NONE:
    default:
      return "the attempt failed";
    }
}

/* What comes behind the reason, with a comma; "" where there is nothing to say. */
static const char *
relay_reason (KhRelayState relay)
{
  switch (relay)
    {
    case KH_RELAY_REFUSED_HERE:
      return ", and the relay is not allowed here";
    case KH_RELAY_REFUSED_THERE:
      return ", and the other person does not allow the relay";
    case KH_RELAY_SWITCHED_OFF:
      return ", and the server relays nothing";
    case KH_RELAY_USED_UP:
      return ", and what the server relays for one of you in a day is used up";
    case KH_RELAY_BUSY:
      return ", and the server relays too much right now";
    case KH_RELAY_UNKNOWN:
    default:
      return "";
    }
}

/* Where nothing but the relay is left. */
static const char *
relay_next_step (KhRelayState relay)
{
  switch (relay)
    {
    case KH_RELAY_REFUSED_HERE:
      return "Allow the relay, or switch on port mapping (UPnP) in one of the routers.";
    case KH_RELAY_REFUSED_THERE:
      return "Ask the other person to allow the relay, or switch on port mapping (UPnP) "
             "in "
             "one of the routers.";
    case KH_RELAY_USED_UP:
      return "Try again tomorrow, or switch on port mapping (UPnP) in one of the "
             "routers.";
    case KH_RELAY_BUSY:
      return "Try again in some minutes, or switch on port mapping (UPnP) in one of the "
             "routers.";
    case KH_RELAY_SWITCHED_OFF:
    case KH_RELAY_UNKNOWN:
    default:
      return "Switch on port mapping (UPnP) in one of the routers.";
    }
}

static const char *
failure_next_step (KhPunchFailure failure, KhRelayState relay)
{
  switch (failure)
    {
    case KH_PUNCH_STRANGER:
      return "Ask the other person to try from another network, for example a phone's.";
    case KH_PUNCH_NOT_OBSERVED:
      return "A firewall here may block the server's assist port (7471 as a rule): allow "
             "it, or try from another network.";
    case KH_PUNCH_PEER_NOT_OBSERVED:
      return "A firewall there may block the server's assist port (7471 as a rule): ask "
             "the other person to allow it.";
    case KH_PUNCH_NO_ROUTE:
      return "Connect this computer to a network with that kind of address (IPv4 or "
             "IPv6).";
    case KH_PUNCH_REFUSED:
    case KH_PUNCH_SILENT:
      return "Try once more; if it stays so, one of you should try from another network, "
             "for example a phone's.";
    case KH_PUNCH_BOTH_SYMMETRIC:
      return relay_next_step (relay);
    case KH_PUNCH_FAILURE_NONE:
    default:
      return "Try once more.";
    }
}

static char *
no_path (const KhEvent *event, const char *name)
{
  KhPunchFailure failure = event->stranger ? KH_PUNCH_STRANGER : event->failure;

  return g_strdup_printf ("no direct connection to %s: %s%s. %s", name,
                          failure_reason (failure), relay_reason (event->relay),
                          failure_next_step (failure, event->relay));
}

char *
kh_text_clean (const char *text)
{
  return clean (text, NULL);
}

char *
kh_text_message (const char *text)
{
  return clean (text, "\n    ");
}

char *
kh_text_name (const KhEvent *event)
{
  g_autofree char *name = kh_text_clean (event->name);
  g_autofree char *id = NULL;

  if (*name != '\0')
    return g_steal_pointer (&name);
  id = kh_peer_id_to_text (&event->peer);
  return g_strndup (id, ID_BEGINNING_LEN);
}

char *
kh_text_size (guint64 bytes)
{
  static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
  double value = (double)bytes / 1000;
  guint unit = 0;

  if (bytes < 1000)
    return g_strdup_printf ("%u B", (guint)bytes);
  /* 999.95 would be printed as 1000.0. */
  for (; value >= 999.95 && unit + 1 < G_N_ELEMENTS (units); unit++)
    value /= 1000;
  return g_strdup_printf ("%.1f %s", value, units[unit]);
}

char *
kh_text_duration (gint64 seconds)
{
  if (seconds < 60)
    return g_strdup_printf ("%d s", (int)seconds);
  if (seconds < 3600)
    return g_strdup_printf ("%d min %d s", (int)(seconds / 60), (int)(seconds % 60));
  return g_strdup_printf ("%" G_GINT64_FORMAT " h %d min", seconds / 3600,
                          (int)(seconds % 3600 / 60));
}

const char *
kh_text_path (KhPathKind path)
{
  switch (path)
    {
    case KH_PATH_LAN:
      return "lan";
    case KH_PATH_IPV6:
      return "ipv6";
    case KH_PATH_PREDICTED:
      return "predicted";
    case KH_PATH_MAPPED:
      return "mapped";
    case KH_PATH_RELAY:
      return "relay";
    case KH_PATH_PUNCHED:
    default:
      return "punched";
    }
}

char *
kh_text_step (const KhEvent *event)
{
  g_autofree char *name = kh_text_name (event);
  g_autofree char *step = event->step == 1 ? server_step (event)
                          : event->caller  ? caller_step (event, name)
                                           : callee_step (event, name);

  if (event->round > 1)
    return g_strdup_printf ("%s (attempt %u)", step, event->round);
  return g_steal_pointer (&step);
}

char *
kh_text_connected (const KhEvent *event)
{
  g_autofree char *name = kh_text_name (event);
  char own[KH_ENDPOINT_TEXT_MAX];
  char remote[KH_ENDPOINT_TEXT_MAX];

  kh_endpoint_print (&event->own, own);
  kh_endpoint_print (&event->remote, remote);
  if (event->path == KH_PATH_RELAY)
    return g_strdup_printf ("connected to %s through the server in %" G_GINT64_FORMAT
                            " ms (%s, %s to the server at %s, end-to-end encrypted; "
                            "looks for a direct path)",
                            name, event->ms, kh_text_path (event->path), own, remote);
  return g_strdup_printf ("connected directly to %s in %" G_GINT64_FORMAT
                          " ms (%s, %s to %s, end-to-end encrypted)",
                          name, event->ms, kh_text_path (event->path), own, remote);
}

const char *
kh_text_link_end (KhLinkEnd end)
{
  switch (end)
    {
    case KH_LINK_END_PEER_LEFT:
      return "the other side closed the connection";
    case KH_LINK_END_SILENT:
      return "nothing came from the other side any more";
    case KH_LINK_END_BAD:
      return "the other side sent something unreadable";
    case KH_LINK_END_LEFT:
      return "closed here";
    case KH_LINK_END_REPLACED:
      return "replaced by a newer connection";
    case KH_LINK_END_LOST:
    default:
      return "the connection broke";
    }
}

char *
kh_text_call_ended (const KhEvent *event)
{
  g_autofree char *name = kh_text_name (event);

  switch (event->call_end)
    {
    case KH_CALL_END_NOT_ONLINE:
      return g_strdup_printf ("%s is not online, or in no room that you are in", name);
    case KH_CALL_END_DECLINED:
      return g_strdup_printf ("%s declined", name);
    case KH_CALL_END_BUSY:
      return g_strdup_printf ("%s is busy; try again in a moment", name);
    case KH_CALL_END_NO_ANSWER:
      return g_strdup_printf ("nobody answered at %s", name);
    case KH_CALL_END_CANCELLED:
      return g_strdup_printf ("the call with %s was given up", name);
    case KH_CALL_END_OFFLINE:
      return g_strdup_printf ("the server was lost while calling %s; try again", name);
    case KH_CALL_END_TOO_MANY:
      return g_strdup ("too many calls at a time; try again in a minute");
    case KH_CALL_END_WAIT:
      return g_strdup_printf (
          "too many attempts with %s have failed in a row; wait %" G_GINT64_FORMAT
          " s before the next one",
          name, (event->wait_ms + 999) / 1000);
    case KH_CALL_END_INCOMPATIBLE:
      return g_strdup_printf (
          "%s runs a version of Knothole that this one can't talk to; "
          "install the newest on both sides",
          name);
    case KH_CALL_END_NO_PATH:
    default:
      return no_path (event, name);
    }
}

KhStatus
kh_text_call_status (KhCallEnd end)
{
  switch (end)
    {
    case KH_CALL_END_NOT_ONLINE:
      return KH_STATUS_NO_PEER;
    case KH_CALL_END_DECLINED:
    case KH_CALL_END_NO_ANSWER:
      return KH_STATUS_DECLINED;
    case KH_CALL_END_OFFLINE:
      return KH_STATUS_SERVER;
    case KH_CALL_END_BUSY:
    case KH_CALL_END_CANCELLED:
    case KH_CALL_END_TOO_MANY:
    case KH_CALL_END_WAIT:
    case KH_CALL_END_INCOMPATIBLE:
    case KH_CALL_END_NO_PATH:
    default:
      return KH_STATUS_NO_PATH;
    }
}

char *
kh_text_number (guint n)
{
  g_autofree char *digits = g_strdup_printf ("%u", n);
  gsize len = strlen (digits);
  GString *out = g_string_new (NULL);

  for (gsize i = 0; i < len; i++)
    {
      if (i > 0 && (len - i) % 3 == 0)
        g_string_append_c (out, ',');
      g_string_append_c (out, digits[i]);
    }
  return g_string_free (out, FALSE);
}

char *
kh_text_count (guint n, const char *one, const char *several)
{
  g_autofree char *number = kh_text_number (n);

  return g_strdup_printf ("%s %s", number, n == 1 ? one : several);
}

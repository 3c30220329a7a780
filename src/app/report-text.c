/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/report-text.h"

#include "app/call-text.h"
#include "app/path-text.h"

#include <glib/gi18n.h>

#include <string.h>

/* A report being written. */
typedef struct
{
  /* Owned */
  GString *text;
  GArray *addresses; /* of KhEndpoint, in the order of their numbers */

  /* Borrowed */
  KhAttempt *attempt;
  const char *name;
} Report;

const char *
kh_report_text_kind (KhPathKind kind)
{
  switch (kind)
    {
    case KH_PATH_LAN:
      return _ ("In the same network");
    case KH_PATH_IPV6:
      return _ ("Over IPv6");
    case KH_PATH_PREDICTED:
      return _ ("By guessed ports");
    case KH_PATH_MAPPED:
      return _ ("By an open port");
    case KH_PATH_RELAY:
      return _ ("Through the server");
    case KH_PATH_PUNCHED:
    default:
      return _ ("Through both routers");
    }
}

const char *
kh_report_text_outcome (KhCandidateOutcome outcome)
{
  switch (outcome)
    {
    case KH_CANDIDATE_DIALLED:
      return _ ("Nothing came back");
    case KH_CANDIDATE_REFUSED:
      return _ ("Refused");
    case KH_CANDIDATE_NO_ROUTE:
      return _ ("No way there");
    case KH_CANDIDATE_STRANGER:
      return _ ("Somebody else answered");
    case KH_CANDIDATE_UP:
      return _ ("Stood, not needed");
    case KH_CANDIDATE_WON:
      return _ ("Used");
    case KH_CANDIDATE_FOUND:
    default:
      return _ ("Not tried");
    }
}

const char *
kh_report_text_outcome_class (KhCandidateOutcome outcome)
{
  switch (outcome)
    {
    case KH_CANDIDATE_WON:
    case KH_CANDIDATE_UP:
      return "success";
    case KH_CANDIDATE_STRANGER:
      return "warning";
    case KH_CANDIDATE_REFUSED:
    case KH_CANDIDATE_NO_ROUTE:
      return "error";
    case KH_CANDIDATE_FOUND:
    case KH_CANDIDATE_DIALLED:
    default:
      return "dim-label";
    }
}

/* The number of @endpoint's address, from 1; the list grows where it is new. */
static guint
address_number (GArray *addresses, const KhEndpoint *endpoint)
{
  for (guint i = 0; i < addresses->len; i++)
    if (kh_endpoint_same_address (&g_array_index (addresses, KhEndpoint, i), endpoint))
      return i + 1;
  g_array_append_val (addresses, *endpoint);
  return addresses->len;
}

/* @addresses: NULL where they are not replaced. */
static char *
endpoint_text (GArray *addresses, const KhEndpoint *endpoint)
{
  char text[KH_ENDPOINT_TEXT_MAX];

  if (endpoint->family == 0)
    return g_strdup (_ ("not known"));
  if (addresses != NULL)
    /* Translators: stands in place of an internet address, %u is a number: one word */
    return g_strdup_printf (_ ("address-%1$u:%2$u"), address_number (addresses, endpoint),
                            endpoint->port);
  kh_endpoint_print (endpoint, text);
  return g_strdup (text);
}

/* Only where it is; the port of a guess is none. */
static char *
address_text (GArray *addresses, const KhEndpoint *endpoint)
{
  char text[KH_ENDPOINT_TEXT_MAX];

  if (addresses != NULL)
    /* Translators: stands in place of an internet address, %u is a number: one word */
    return g_strdup_printf (_ ("address-%u"), address_number (addresses, endpoint));
  kh_endpoint_print (endpoint, text);
  *strrchr (text, ':') = '\0';
  return endpoint->family == 6 ? g_strndup (text + 1, strlen (text) - 2)
                               : g_strdup (text);
}

/* Of many dials at a time neither end's ports are told: at one end it is one for all, at
 * the other each has its own. */
static char *
spray_text (GArray *addresses, const KhCandidate *candidate)
{
  g_autofree char *address = address_text (addresses, &candidate->peer);

  /* Translators: %1$'u is how many, %2$s an internet address. A pair is a port here and a
   * port there */
  return g_strdup_printf (ngettext ("%1$'u pair of ports, with %2$s",
                                    "%1$'u pairs of ports at once, with %2$s",
                                    candidate->n_dials),
                          candidate->n_dials, address);
}

/* From where this side dials says nothing there: the relay takes any port, a guess may
 * have had one of its own, and who came to the open port here was not dialled. */
static gboolean
tells_own_port (const KhCandidate *candidate)
{
  return candidate->port != 0 && candidate->kind != KH_PATH_RELAY
         && candidate->kind != KH_PATH_PREDICTED
         && (candidate->kind != KH_PATH_MAPPED || candidate->n_dials > 0
             || candidate->outcome < KH_CANDIDATE_STRANGER);
}

static char *
way_text (GArray *addresses, const KhCandidate *candidate)
{
  g_autofree char *own = NULL;
  g_autofree char *peer = NULL;

  if (candidate->peer.port == 0 && candidate->peer.family != 0)
    return spray_text (addresses, candidate);
  if (!tells_own_port (candidate))
    {
      peer = endpoint_text (addresses, &candidate->peer);
      if (candidate->kind == KH_PATH_RELAY)
        /* Translators: %s is the server's address */
        return g_strdup_printf (_ ("To the server at %s"), peer);
      if (candidate->kind == KH_PATH_MAPPED)
        /* Translators: %s is the address from which somebody came */
        return g_strdup_printf (_ ("From %s to the open port here"), peer);
      /* Translators: %s is the address of the other computer as it was found */
      return g_strdup_printf (_ ("With %s"), peer);
    }
  own = endpoint_text (addresses, &candidate->own);
  peer = endpoint_text (addresses, &candidate->peer);
  /* Translators: %1$u is a port, %2$s the address it has outside, %3$s the peer's */
  return g_strdup_printf (_ ("From port %1$u (outside %2$s) to %3$s"), candidate->port,
                          own, peer);
}

static char *
step_ends (GArray *addresses, const KhAttemptStep *step)
{
  g_autoptr (GStrvBuilder) parts = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;
  g_autofree char *port = g_strdup_printf (_ ("port %u"), step->port);

  if (step->port != 0)
    g_strv_builder_add (parts, port);
  if (step->own.family != 0)
    {
      g_autofree char *end = endpoint_text (addresses, &step->own);
      g_autofree char *own = g_strdup_printf (_ ("here: %s"), end);

      g_strv_builder_add (parts, own);
    }
  if (step->remote.family != 0)
    {
      g_autofree char *end = endpoint_text (addresses, &step->remote);
      g_autofree char *remote = g_strdup_printf (_ ("there: %s"), end);

      g_strv_builder_add (parts, remote);
    }
  list = g_strv_builder_end (parts);
  return list[0] != NULL ? g_strjoinv (" · ", list) : NULL;
}

char *
kh_report_text_step_ends (const KhAttemptStep *step)
{
  return step_ends (NULL, step);
}

char *
kh_report_text_way (const KhCandidate *candidate)
{
  return way_text (NULL, candidate);
}

char *
kh_report_text_tries (const KhCandidate *candidate)
{
  g_autofree char *first = kh_call_text_duration (candidate->first_ms);
  g_autofree char *last = kh_call_text_duration (candidate->last_ms);

  /* The guesses leave together: how many they are is told already. */
  if (candidate->peer.port == 0)
    /* Translators: %1$u is a number of a round, %2$s and %3$s times such as "0.4 s" */
    return g_strdup_printf (_ ("Round %1$u, tried %2$s to %3$s"), candidate->round, first,
                            last);
  if (candidate->n_dials == 0)
    /* Translators: %1$u is a number of a round, %2$s a time such as "0.4 s" */
    return g_strdup_printf (_ ("Round %1$u, known after %2$s"), candidate->round, first);
  return g_strdup_printf (ngettext ("Round %2$u, tried %1$u time, %3$s to %4$s",
                                    "Round %2$u, tried %1$u times, %3$s to %4$s",
                                    candidate->n_dials),
                          candidate->n_dials, candidate->round, first, last);
}

char *
kh_report_text_began (KhAttempt *attempt)
{
  g_autoptr (GDateTime) at
      = g_date_time_new_from_unix_local (kh_attempt_get_began_at_ms (attempt) / 1000);

  if (at == NULL)
    return g_strdup ("");
  /* Translators: a date and a time of day as in strftime(); %x is the date of the locale
   */
  return g_date_time_format (at, _ ("%x, %H:%M:%S"));
}

static void
add_line (Report *report, const char *line)
{
  g_string_append (report->text, line);
  g_string_append_c (report->text, '\n');
}

/* Takes @line. */
static void
take_line (Report *report, char *line)
{
  add_line (report, line);
  g_free (line);
}

static void
add_head (Report *report)
{
  g_autoptr (GDateTime) at = g_date_time_new_from_unix_utc (
      kh_attempt_get_began_at_ms (report->attempt) / 1000);
  g_autofree char *began
      = at != NULL ? g_date_time_format (at, "%Y-%m-%d %H:%M:%S UTC") : g_strdup ("");

  take_line (report,
             g_strdup_printf (_ ("Knothole %s: report of a connection"), KH_VERSION));
  take_line (report, g_strdup_printf (_ ("Began: %s"), began));
  if (kh_attempt_get_caller (report->attempt))
    take_line (report, g_strdup_printf (_ ("Called from here: %s"), report->name));
  else
    take_line (report, g_strdup_printf (_ ("Called by: %s"), report->name));
}

static void
add_outcome (Report *report)
{
  KhAttempt *attempt = report->attempt;
  g_autofree char *advice = NULL;

  take_line (report, kh_call_text_outcome (attempt, report->name));
  if (kh_attempt_get_state (attempt) == KH_ATTEMPT_CONNECTED)
    {
      add_line (report, kh_path_text_meaning (kh_attempt_get_path (attempt)));
      add_line (report, kh_path_text_cipher (kh_attempt_get_cipher (attempt)));
    }
  if (kh_attempt_get_state (attempt) != KH_ATTEMPT_FAILED)
    return;
  advice
      = kh_call_text_advice (kh_attempt_get_end (attempt), kh_call_text_failure (attempt),
                             kh_attempt_get_relay (attempt), report->name);
  add_line (report, advice);
}

static void
add_step (Report *report, guint number)
{
  const KhAttemptStep *step = kh_attempt_get_step (report->attempt, number);
  g_autofree char *sentence = kh_call_text_step (report->attempt, number, report->name);
  g_autofree char *ends = step_ends (report->addresses, step);

  if (step->at_ms < 0)
    return;
  g_string_append_printf (report->text, "  %u. %6" G_GINT64_FORMAT " ms  %s\n", number,
                          step->at_ms, sentence);
  if (ends != NULL)
    g_string_append_printf (report->text, "                %s\n", ends);
}

static void
add_candidate (Report *report, const KhCandidate *candidate)
{
  g_autofree char *way = way_text (report->addresses, candidate);
  g_autofree char *tries = kh_report_text_tries (candidate);

  g_string_append_printf (report->text, "  %s: %s\n",
                          kh_report_text_kind (candidate->kind),
                          kh_report_text_outcome (candidate->outcome));
  g_string_append_printf (report->text, "    %s\n    %s\n", way, tries);
}

static const char *
address_kind (const KhEndpoint *endpoint)
{
  switch (kh_endpoint_kind (endpoint))
    {
    case KH_ENDPOINT_PRIVATE:
      return _ ("private");
    case KH_ENDPOINT_LINK_LOCAL:
      return _ ("link-local");
    case KH_ENDPOINT_LOOPBACK:
      return _ ("loopback");
    case KH_ENDPOINT_GLOBAL:
      return _ ("public");
    case KH_ENDPOINT_MULTICAST:
    case KH_ENDPOINT_NONE:
    default:
      return _ ("other");
    }
}

static void
add_addresses (Report *report)
{
  if (report->addresses->len == 0)
    return;
  add_line (report, "");
  add_line (report, _ ("Addresses that were replaced"));
  for (guint i = 0; i < report->addresses->len; i++)
    {
      const KhEndpoint *address = &g_array_index (report->addresses, KhEndpoint, i);

      /* Translators: %1$u is a number, %2$s "IPv4" or "IPv6", %3$s a kind: "public" */
      take_line (report,
                 g_strdup_printf (_ ("  address-%1$u: %2$s, %3$s"), i + 1,
                                  kh_path_text_family (address), address_kind (address)));
    }
}

static void
add_all (Report *report)
{
  guint n_candidates = kh_attempt_get_n_candidates (report->attempt);

  add_head (report);
  add_line (report, "");
  add_outcome (report);
  add_line (report, "");
  add_line (report, _ ("Steps"));
  for (guint step = 1; step <= KH_ATTEMPT_STEPS; step++)
    add_step (report, step);
  add_line (report, "");
  add_line (report, n_candidates > 0 ? _ ("Ways that were known")
                                     : _ ("No way to the other computer became known"));
  for (guint i = 0; i < n_candidates; i++)
    add_candidate (report, kh_attempt_get_candidate (report->attempt, i));
  add_addresses (report);
}

char *
kh_report_text_new (KhAttempt *attempt)
{
  Report report = {
    .text = g_string_new (NULL),
    .addresses = g_array_new (FALSE, FALSE, sizeof (KhEndpoint)),
    .attempt = attempt,
    /* Translators: stands for the other person where the name is left out */
    .name = _ ("Peer"),
  };

  add_all (&report);
  g_array_unref (report.addresses);
  return g_string_free (report.text, FALSE);
}

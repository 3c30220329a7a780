/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/nat-words.h"
#include "cli/run.h"

static const char *
say_tristate (KhTristate value)
{
  return value == KH_TRISTATE_YES ? "yes" : value == KH_TRISTATE_NO ? "no" : "not known";
}

static void
print_fact (KhOutput *output, const char *title, const char *text)
{
  kh_output_result (output, "%-13s %s", title, text);
}

static void
print_ports (KhOutput *output, const KhNetworkInfo *network)
{
  g_autofree char *text = NULL;

  if (network->port_allocation != KH_PORT_ALLOCATION_SEQUENTIAL)
    {
      print_fact (output, "ports", kh_nat_words_allocation (network->port_allocation));
      return;
    }
  text = g_strdup_printf ("sequential, %+d each", network->step);
  print_fact (output, "ports", text);
}

static void
print_endpoint (KhOutput *output, const char *title, const KhEndpoint *endpoint)
{
  char text[KH_ENDPOINT_TEXT_MAX];

  kh_endpoint_print (endpoint, text);
  print_fact (output, title, text);
}

static void
print_open_port (KhOutput *output, const KhNetworkInfo *network)
{
  g_autofree char *text = kh_nat_words_open_port (network);

  print_fact (output, "open port", text);
}

static void
print (KhOutput *output, const KhNetworkInfo *network)
{
  print_fact (output, "type", kh_nat_words_type (network->type));
  print_fact (output, "mapping", kh_nat_words_behaviour (network->mapping));
  print_fact (output, "filtering", kh_nat_words_behaviour (network->filtering));
  print_ports (output, network);
  print_fact (output, "unsolicited", kh_nat_words_unsolicited (network->unsolicited));
  print_fact (output, "hairpin", say_tristate (network->hairpin));
  print_endpoint (output, "this computer", &network->local);
  print_endpoint (output, "public", &network->public_seen);
  print_fact (output, "second router", say_tristate (network->second_nat));
  print_open_port (output, network);
  print_fact (output, "reachable", say_tristate (network->reachable));
  print_fact (output, "IPv6", say_tristate (network->ipv6));
  kh_output_note (output, "%s", kh_nat_words_meaning (network));
  if (kh_nat_words_limit (network) != NULL)
    kh_output_note (output, "%s", kh_nat_words_limit (network));
}

static void
on_event (KhRun *run, const KhEvent *event)
{
  gboolean *begun = run->data;
  const KhNetworkInfo *network = kh_client_get_network (run->client);

  if (event->kind == KH_EVENT_ONLINE && !*begun)
    {
      *begun = TRUE;
      g_clear_handle_id (&run->timeout, g_source_remove);
      kh_output_note (run->output, "testing this network; it takes some seconds");
      kh_client_test_network (run->client);
    }
  else if (event->kind == KH_EVENT_NETWORK && *begun && network->tested_at_ms != 0
           && !network->measuring)
    {
      print (run->output, network);
      kh_output_take_json (run->output, kh_json_network (network));
      kh_run_end (run, KH_STATUS_DONE);
    }
}

static KhStatus
on_stopped (KhRun *run)
{
  kh_output_warn (run->output, "ended before this network was tested");
  return KH_STATUS_SERVER;
}

KhStatus
kh_nat_run (const KhOptions *options)
{
  static const KhErrand errand = {
    .consent = KH_CONSENT_NONE,
    .needs_no_room = TRUE,
    .lost = "the connection to the server was lost while this network was tested",
    .event = on_event,
    .stopped = on_stopped,
  };
  gboolean begun = FALSE;

  return kh_run (options, &errand, &begun);
}

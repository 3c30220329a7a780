/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/about-text.h"

#include <adwaita.h>

static const char *const SERVER[] = { "none", "left", "connecting", "online", "refused" };
static const char *const NAT[] = {
  "unknown",         "open internet",           "firewall, no NAT",     "full cone",
  "restricted cone", "full or restricted cone", "port-restricted cone", "symmetric"
};
static const char *const BEHAVIOUR[]
    = { "unknown", "none", "endpoint-independent", "address-dependent",
        "address- and port-dependent" };
static const char *const PORTS[] = { "unknown", "preserving", "sequential", "random" };
static const char *const TRISTATE[] = { "unknown", "no", "yes" };
static const char *const MAPPING[] = { "unknown", "none", "UPnP", "NAT-PMP", "PCP" };

#define WORD(table, value)                                                               \
  ((guint)(value) < G_N_ELEMENTS (table) ? table[(guint)(value)] : "unknown")

static void
add_network (GString *text, const KhNetworkInfo *network)
{
  g_string_append_printf (text, "\nNetwork%s\n",
                          network->measured_at_ms == 0 ? " (not measured)" : "");
  g_string_append_printf (text, "- NAT: %s\n", WORD (NAT, network->type));
  g_string_append_printf (text, "- Mapping: %s\n", WORD (BEHAVIOUR, network->mapping));
  g_string_append_printf (text, "- Filtering: %s\n",
                          WORD (BEHAVIOUR, network->filtering));
  g_string_append_printf (text, "- Ports: %s, step %d\n",
                          WORD (PORTS, network->port_allocation), network->step);
  g_string_append_printf (text, "- Behind a NAT: %s\n",
                          WORD (TRISTATE, network->behind_nat));
  g_string_append_printf (text, "- Second NAT: %s\n",
                          WORD (TRISTATE, network->second_nat));
  g_string_append_printf (text, "- Hairpin: %s\n", WORD (TRISTATE, network->hairpin));
  g_string_append_printf (text, "- IPv6: %s\n", WORD (TRISTATE, network->ipv6));
  g_string_append_printf (text, "- Port mapping: %s\n",
                          WORD (MAPPING, network->port_mapping));
  if (network->server.family != 0)
    g_string_append_printf (text, "- Server: by IPv%d, %" G_GINT64_FORMAT " ms\n",
                            network->server.family, network->server_round_trip_us / 1000);
}

char *
kh_about_text_debug_info (const char *version, KhServerState server,
                          const KhNetworkInfo *network)
{
  g_autofree char *os = g_get_os_info (G_OS_INFO_KEY_PRETTY_NAME);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "Knothole %s\n", version);
  g_string_append_printf (text, "- System: %s\n", os != NULL ? os : "unknown");
  g_string_append_printf (text, "- GLib %u.%u.%u\n", glib_major_version,
                          glib_minor_version, glib_micro_version);
  g_string_append_printf (text, "- GTK %u.%u.%u\n", gtk_get_major_version (),
                          gtk_get_minor_version (), gtk_get_micro_version ());
  g_string_append_printf (text, "- libadwaita %u.%u.%u\n", adw_get_major_version (),
                          adw_get_minor_version (), adw_get_micro_version ());
  g_string_append_printf (text, "- Server: %s\n", WORD (SERVER, server));
  if (network != NULL)
    add_network (text, network);
  return g_string_free (text, FALSE);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/meeting-ports.h"

#include <string.h>

static KhPortMapping
map (KhPortMappingProtocol protocol, const char *external)
{
  KhPortMapping mapping = { .protocol = protocol };

  if (external != NULL)
    {
      g_assert_true (kh_endpoint_parse (&mapping.external, external));
      mapping.external_port = mapping.external.port;
    }
  return mapping;
}

static void
test_both_ports_have_to_lead_in (void)
{
  static const struct
  {
    KhPortMappingProtocol main_by, assist_by;
    const char *main, *assist;
    KhMeetingPortsState expected;
  } cases[] = {
    { KH_PORT_MAPPING_UPNP, KH_PORT_MAPPING_UPNP, "203.0.113.1:7470", "203.0.113.1:7471",
      KH_MEETING_PORTS_OPEN },
    { KH_PORT_MAPPING_PCP, KH_PORT_MAPPING_NAT_PMP, "203.0.113.1:47470",
      "203.0.113.1:47471", KH_MEETING_PORTS_OPEN },
    { KH_PORT_MAPPING_UPNP, KH_PORT_MAPPING_NONE, "203.0.113.1:7470", NULL,
      KH_MEETING_PORTS_CLOSED },
    { KH_PORT_MAPPING_NONE, KH_PORT_MAPPING_UPNP, NULL, "203.0.113.1:7471",
      KH_MEETING_PORTS_CLOSED },
    { KH_PORT_MAPPING_NONE, KH_PORT_MAPPING_NONE, NULL, NULL, KH_MEETING_PORTS_CLOSED },
    /* The router does not tell its address. */
    { KH_PORT_MAPPING_UPNP, KH_PORT_MAPPING_UPNP, NULL, NULL, KH_MEETING_PORTS_CLOSED },
    /* A provider's network. */
    { KH_PORT_MAPPING_UPNP, KH_PORT_MAPPING_UPNP, "100.64.3.4:7470", "100.64.3.4:7471",
      KH_MEETING_PORTS_SECOND_NAT },
    { KH_PORT_MAPPING_UPNP, KH_PORT_MAPPING_UPNP, "192.168.1.2:7470", "192.168.1.2:7471",
      KH_MEETING_PORTS_SECOND_NAT },
    /* The address is just changing: one port is behind. */
    { KH_PORT_MAPPING_UPNP, KH_PORT_MAPPING_UPNP, "203.0.113.1:7470", "203.0.113.2:7471",
      KH_MEETING_PORTS_ASKING },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      KhPortMapping main_port = map (cases[i].main_by, cases[i].main);
      KhPortMapping assist_port = map (cases[i].assist_by, cases[i].assist);
      KhMeetingPorts ports = kh_meeting_ports_judge (&main_port, &assist_port);
      bool is_open = cases[i].expected == KH_MEETING_PORTS_OPEN;

      g_assert_cmpint (ports.state, ==, cases[i].expected);
      g_assert_cmpint (kh_endpoint_equal (&ports.main, &main_port.external), ==, is_open);
      g_assert_cmpint (kh_endpoint_equal (&ports.assist, &assist_port.external), ==,
                       is_open);
    }
}

static void
test_nothing_is_said_before_both_were_told (void)
{
  KhPortMapping told = map (KH_PORT_MAPPING_NONE, NULL);

  g_assert_cmpint (kh_meeting_ports_judge (&told, NULL).state, ==,
                   KH_MEETING_PORTS_ASKING);
  g_assert_cmpint (kh_meeting_ports_judge (NULL, &told).state, ==,
                   KH_MEETING_PORTS_ASKING);
  g_assert_cmpint (kh_meeting_ports_judge (NULL, NULL).state, ==,
                   KH_MEETING_PORTS_ASKING);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meeting-ports/both-ports-have-to-lead-in",
                   test_both_ports_have_to_lead_in);
  g_test_add_func ("/meeting-ports/nothing-is-said-before-both-were-told",
                   test_nothing_is_said_before_both_were_told);
  return g_test_run ();
}

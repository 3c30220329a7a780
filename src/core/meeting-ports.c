/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/meeting-ports.h"

KhMeetingPorts
kh_meeting_ports_judge (const KhPortMapping *main_port, const KhPortMapping *assist_port)
{
  KhMeetingPorts ports = { .state = KH_MEETING_PORTS_ASKING };

  if (main_port == NULL || assist_port == NULL)
    return ports;
  ports.state = KH_MEETING_PORTS_CLOSED;
  /* An address that the router does not tell can't be told to friends. */
  if (main_port->protocol == KH_PORT_MAPPING_NONE
      || assist_port->protocol == KH_PORT_MAPPING_NONE || main_port->external.family != 4
      || assist_port->external.family != 4)
    return ports;
  ports.state = KH_MEETING_PORTS_SECOND_NAT;
  if (kh_endpoint_kind (&main_port->external) != KH_ENDPOINT_GLOBAL
      || kh_endpoint_kind (&assist_port->external) != KH_ENDPOINT_GLOBAL)
    return ports;
  /* The address is just becoming another one. */
  ports.state = KH_MEETING_PORTS_ASKING;
  if (!kh_endpoint_same_address (&main_port->external, &assist_port->external))
    return ports;
  ports.state = KH_MEETING_PORTS_OPEN;
  ports.main = main_port->external;
  ports.main.port = main_port->external_port;
  ports.assist = assist_port->external;
  ports.assist.port = assist_port->external_port;
  return ports;
}

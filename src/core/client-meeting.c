/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/client-private.h"
#include "core/meeting-ports.h"
#include "net/gateway.h"

#include <string.h>

static bool
is_wanted (const KhClient *self)
{
  return self->meeting_ports[0] != 0;
}

/* Nobody translates the address of this computer, so nothing has to lead in. */
static bool
is_outermost (void)
{
  KhEndpoint gateway, own;

  return kh_gateway_find (&gateway, &own)
         && kh_endpoint_kind (&own) == KH_ENDPOINT_GLOBAL;
}

static KhMeetingPorts
judge (KhClient *self)
{
  KhPortMapping mappings[2];
  bool told[2] = { false, false };

  if (!is_wanted (self))
    return (KhMeetingPorts){ .state = KH_MEETING_PORTS_OFF };
  if (is_outermost ())
    return (KhMeetingPorts){ .state = KH_MEETING_PORTS_NOT_NEEDED };
  if (self->reach.no_port_mapping)
    return (KhMeetingPorts){ .state = KH_MEETING_PORTS_FORBIDDEN };
  for (guint i = 0; self->mapper != NULL && i < 2; i++)
    told[i] = kh_port_mapper_get (self->mapper, self->meeting_ports[i], &mappings[i]);
  return kh_meeting_ports_judge (told[0] ? &mappings[0] : NULL,
                                 told[1] ? &mappings[1] : NULL);
}

static void
look_again (KhClient *self)
{
  KhMeetingPorts ports = judge (self);

  if (ports.state == self->meeting.state
      && kh_endpoint_equal (&ports.main, &self->meeting.main)
      && kh_endpoint_equal (&ports.assist, &self->meeting.assist))
    return;
  self->meeting = ports;
  kh_client_emit (self, &(KhEvent){ .kind = KH_EVENT_NETWORK });
}

static void
ask_router (KhClient *self, bool open)
{
  KhPortMapper *mapper = open ? kh_client_require_mapper (self) : self->mapper;

  for (guint i = 0; mapper != NULL && i < 2; i++)
    if (open)
      kh_port_mapper_add (mapper, self->meeting_ports[i], self->meeting_ports[i]);
    else
      kh_port_mapper_remove (mapper, self->meeting_ports[i]);
}

void
kh_client_meeting_update (KhClient *self)
{
  if (is_wanted (self))
    ask_router (self, !self->reach.no_port_mapping && !is_outermost ());
  look_again (self);
}

bool
kh_client_meeting_mapped (KhClient *self, const KhPortMapping *mapping)
{
  if (!is_wanted (self)
      || (mapping->internal_port != self->meeting_ports[0]
          && mapping->internal_port != self->meeting_ports[1]))
    return false;
  look_again (self);
  return true;
}

void
kh_client_map_meeting_point (KhClient *self, guint16 main_port, guint16 assist_port)
{
  const guint16 ports[2] = { main_port, assist_port };

  g_return_if_fail ((main_port == 0) == (assist_port == 0));
  if (self->closing || memcmp (ports, self->meeting_ports, sizeof ports) == 0)
    return;
  if (is_wanted (self))
    ask_router (self, false);
  memcpy (self->meeting_ports, ports, sizeof ports);
  kh_client_meeting_update (self);
}

const KhMeetingPorts *
kh_client_get_meeting_ports (KhClient *self)
{
  return &self->meeting;
}

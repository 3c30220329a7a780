/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/hosting-text.h"

#include <glib/gi18n.h>

const char *
kh_hosting_text_outside (const KhMeetingPorts *ports)
{
  switch (ports->state)
    {
    case KH_MEETING_PORTS_ASKING:
      return _ ("Your router is being asked to let friends in from outside…");
    case KH_MEETING_PORTS_OPEN:
      return _ ("Friends everywhere can join: your router lets them in.");
    case KH_MEETING_PORTS_NOT_NEEDED:
      return _ ("Friends everywhere can join, unless a firewall keeps them out.");
    case KH_MEETING_PORTS_FORBIDDEN:
      return _ ("Port mapping is switched off. For friends outside your network, forward "
                "the ports 7470 and 7471 to this computer in your router, or use another "
                "meeting point.");
    case KH_MEETING_PORTS_CLOSED:
      return _ ("Your router opens no ports by itself. For friends outside your network, "
                "forward the ports 7470 and 7471 to this computer in your router, or use "
                "another meeting point.");
    case KH_MEETING_PORTS_SECOND_NAT:
      return _ (
          "Another router stands between yours and the internet. For friends outside "
          "your network, forward the ports 7470 and 7471 in that one too, or use "
          "another meeting point.");
    case KH_MEETING_PORTS_OFF:
    default:
      return "";
    }
}

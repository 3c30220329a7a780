/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/hosting.h"
#include "core/profile.h"

#include <string.h>

/* The address alone; NULL where there is none. */
static char *
print_host (const KhEndpoint *endpoint)
{
  char text[KH_ENDPOINT_TEXT_MAX];

  if (endpoint->family != 4)
    return NULL;
  kh_endpoint_print (endpoint, text);
  return g_strndup (text, strcspn (text, ":"));
}

/* Where the client is at the meeting point by an address that this computer does not
 * have any more, it dials the new one; the room stays. */
static void
follow (KhClient *client, GParamSpec *spec, KhMeetingPoint *point)
{
  const char *address = kh_meeting_point_get_address (point);
  g_autofree char *server = kh_client_get_server (client);

  if (!kh_meeting_point_is_at (point, server))
    return;
  if (!g_str_equal (server, address))
    kh_client_set_server (client, address, NULL, NULL, NULL);
  else if (kh_client_get_server_state (client) == KH_SERVER_CONNECTING)
    kh_client_go_online (client); /* it dialled before the child was there */
}

/* While it is on, its ports are to lead in from outside. */
static void
map_ports (KhClient *client, GParamSpec *spec, KhMeetingPoint *point)
{
  if (kh_meeting_point_get_state (point) == KH_MEETING_POINT_ON)
    kh_client_map_meeting_point (client, KH_MEETING_POINT_MAIN_PORT,
                                 KH_MEETING_POINT_ASSIST_PORT);
  else
    kh_client_map_meeting_point (client, 0, 0);
}

static void
on_event (KhMeetingPoint *point, const KhEvent *event, KhClient *client)
{
  const KhMeetingPorts *ports = kh_client_get_meeting_ports (client);
  g_autofree char *host = NULL;

  if (event->kind != KH_EVENT_NETWORK)
    return;
  host = print_host (&ports->main);
  kh_meeting_point_set_outside (point, host, ports->assist.port);
}

void
kh_hosting_attach (KhMeetingPoint *point, KhClient *client)
{
  g_signal_connect_object (point, "notify::state", G_CALLBACK (map_ports), client,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (client, "event", G_CALLBACK (on_event), point,
                           G_CONNECT_SWAPPED);
  map_ports (client, NULL, point);
  g_signal_connect_object (point, "notify::address", G_CALLBACK (follow), client,
                           G_CONNECT_SWAPPED);
  if (kh_hosting_is_wanted (client))
    kh_meeting_point_start (point);
}

void
kh_hosting_set_wanted (KhMeetingPoint *point, KhClient *client, gboolean wanted)
{
  kh_client_set_setting (client, KH_SETTING_MEETING_POINT, wanted ? "yes" : "no");
  if (wanted)
    kh_meeting_point_start (point);
  else
    kh_meeting_point_stop (point);
}

gboolean
kh_hosting_is_wanted (KhClient *client)
{
  return g_strcmp0 (kh_client_get_setting (client, KH_SETTING_MEETING_POINT), "yes") == 0;
}

gboolean
kh_hosting_join (KhMeetingPoint *point, KhClient *client, const char *name,
                 GError **error)
{
  g_autofree char *room = kh_profile_make_room ();

  if (!kh_client_set_server (client, kh_meeting_point_get_address (point), room, name,
                             error))
    return FALSE;
  kh_client_go_online (client);
  return TRUE;
}

gboolean
kh_hosting_is_joined (KhMeetingPoint *point, KhClient *client)
{
  g_autofree char *server = kh_client_get_server (client);

  return kh_meeting_point_is_at (point, server);
}

char *
kh_hosting_make_invite (KhMeetingPoint *point, KhClient *client)
{
  const char *host = kh_client_get_setting (client, KH_SETTING_MEETING_POINT_HOST);
  const KhMeetingPorts *ports = kh_client_get_meeting_ports (client);
  g_autofree char *outside = print_host (&ports->main);

  if (!kh_hosting_is_joined (point, client))
    return kh_client_make_invite (client, NULL, 0);
  if (host == NULL || *host == '\0')
    host = outside;
  return kh_client_make_invite (client, host, ports->main.port);
}

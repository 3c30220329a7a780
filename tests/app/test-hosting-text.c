/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/hosting-text.h"

#include <string.h>

static const char *
say (KhMeetingPortsState state)
{
  const KhMeetingPorts ports = { .state = state };

  return kh_hosting_text_outside (&ports);
}

static void
test_every_state_has_its_own_sentence (void)
{
  for (int i = KH_MEETING_PORTS_ASKING; i <= KH_MEETING_PORTS_SECOND_NAT; i++)
    {
      g_assert_cmpstr (say (i), !=, "");
      for (int k = KH_MEETING_PORTS_OFF; k < i; k++)
        g_assert_cmpstr (say (i), !=, say (k));
    }
  g_assert_cmpstr (say (KH_MEETING_PORTS_OFF), ==, "");
}

static void
test_whoever_can_not_be_reached_is_told_what_to_do (void)
{
  static const KhMeetingPortsState states[]
      = { KH_MEETING_PORTS_FORBIDDEN, KH_MEETING_PORTS_CLOSED,
          KH_MEETING_PORTS_SECOND_NAT };

  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_assert_nonnull (strstr (say (states[i]), "forward the ports 7470 and 7471"));
      g_assert_nonnull (strstr (say (states[i]), "or use another meeting point"));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hosting-text/every-state-has-its-own-sentence",
                   test_every_state_has_its_own_sentence);
  g_test_add_func ("/hosting-text/whoever-can-not-be-reached-is-told-what-to-do",
                   test_whoever_can_not_be_reached_is_told_what_to_do);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simulated-network.h"

#define MS G_GINT64_CONSTANT (1000)
#define N_SEEDS 100

static const gint64 delays_us[] = { MS / 2, 10 * MS, 50 * MS };

static gint64
rtt_us (const SimulatedNetwork *network)
{
  return 2 * network->scenario.delay_us;
}

/* From GO until TCP stands, and until the connection is confirmed, at both. */
static gint64
time_up_us (const SimulatedNetwork *network)
{
  return MAX (network->sides[0].up_us, network->sides[1].up_us) - network->go_us;
}

static gint64
time_won_us (const SimulatedNetwork *network)
{
  return MAX (network->sides[0].over_us, network->sides[1].over_us) - network->go_us;
}

/* In the first round, TCP within @n_rtt round trips of GO, confirmed two later. */
static void
assert_meet_within (const SimulatedScenario *scenario, gint64 n_rtt)
{
  SimulatedNetwork network;

  simulated_network_run (&network, scenario, 1);
  g_assert_true (simulated_network_met (&network));
  g_assert_cmpuint (network.sides[0].punch.round, ==, 1);
  g_assert_cmpint (time_up_us (&network) - scenario->skew_us, <=,
                   n_rtt * rtt_us (&network));
  g_assert_cmpint (time_won_us (&network) - scenario->skew_us, <=,
                   (n_rtt + 2) * rtt_us (&network));
  simulated_network_clear (&network);
}

static guint
count_meetings (const SimulatedScenario *scenario)
{
  guint n = 0;

  for (guint32 seed = 0; seed < N_SEEDS; seed++)
    {
      SimulatedNetwork network;

      simulated_network_run (&network, scenario, seed);
      n += simulated_network_met (&network) && network.now_us <= KH_PUNCH_TOTAL_US;
      simulated_network_clear (&network);
    }
  return n;
}

static void
assert_failures (const SimulatedScenario *scenario, KhPunchFailure caller,
                 KhPunchFailure callee)
{
  SimulatedNetwork network;

  simulated_network_run (&network, scenario, 1);
  g_assert_cmpint (network.sides[0].punch.failure, ==, caller);
  g_assert_cmpint (network.sides[1].punch.failure, ==, callee);
  g_assert_cmpint (network.now_us, <=, KH_PUNCH_TOTAL_US + 2 * rtt_us (&network));
  simulated_network_clear (&network);
}

/* --- The simulated router itself --------------------------------------------------- */

typedef struct
{
  SimulatedNat nat;
  KhEndpoint inside;
  KhEndpoint remote;
} Router;

static void
set_up_router (Router *self, SimulatedNatKind kind, gboolean rejects)
{
  const guint8 host[4] = { 10, 0, 0, 2 }, wan[4] = { 198, 51, 100, 1 };
  const guint8 remote[4] = { 203, 0, 113, 9 };
  KhEndpoint outside = kh_endpoint_v4 (wan, 0);

  self->inside = kh_endpoint_v4 (host, 0);
  simulated_nat_init (&self->nat, kind, rejects, &self->inside, &outside);
  self->inside.port = 20000;
  self->remote = kh_endpoint_v4 (remote, 4000);
}

static SimulatedVerdict
send_out (Router *self, SimulatedSegmentKind kind, guint32 isn, guint32 peer)
{
  SimulatedSegment segment = {
    .kind = kind, .from = self->inside, .to = self->remote, .isn = isn, .peer = peer
  };

  return simulated_nat_out (&self->nat, &segment);
}

static SimulatedVerdict
come_in (Router *self, SimulatedSegmentKind kind, guint32 isn, guint32 peer)
{
  SimulatedSegment segment = {
    .kind = kind,
    .from = self->remote,
    .to = simulated_nat_public (&self->nat, self->inside.port),
    .isn = isn,
    .peer = peer,
  };
  SimulatedVerdict verdict = simulated_nat_in (&self->nat, &segment);

  if (verdict == SIMULATED_PASS)
    g_assert_true (kh_endpoint_equal (&segment.to, &self->inside));
  return verdict;
}

/* punch.h's reason never to dial a silent pair again: what the first socket opened,
 * a second one, or a listener, can't use. */
static void
test_the_router_traps_a_second_socket (void)
{
  Router router;

  set_up_router (&router, SIMULATED_PORT_RESTRICTED, FALSE);
  g_assert_cmpint (send_out (&router, SIMULATED_SYN, 1, 0), ==, SIMULATED_PASS);
  g_assert_cmpint (send_out (&router, SIMULATED_SYN, 2, 0), ==, SIMULATED_PASS);
  g_assert_cmpint (come_in (&router, SIMULATED_SYN, 70, 0), ==, SIMULATED_PASS);
  g_assert_cmpint (send_out (&router, SIMULATED_SYN_ACK, 3, 70), ==, SIMULATED_DROP);
  g_assert_cmpint (send_out (&router, SIMULATED_SYN, 3, 0), ==, SIMULATED_DROP);
  g_assert_cmpuint (router.nat.n_invalid, ==, 2);
  g_assert_cmpint (send_out (&router, SIMULATED_SYN_ACK, 2, 70), ==, SIMULATED_PASS);
  g_assert_cmpint (come_in (&router, SIMULATED_SYN_ACK, 70, 2), ==, SIMULATED_PASS);
  simulated_nat_clear (&router.nat);
}

static void
test_the_router_shuts_a_refused_hole (void)
{
  Router router;

  set_up_router (&router, SIMULATED_PORT_RESTRICTED, TRUE);
  g_assert_cmpint (come_in (&router, SIMULATED_SYN, 70, 0), ==, SIMULATED_REJECT);
  g_assert_cmpint (send_out (&router, SIMULATED_SYN, 1, 0), ==, SIMULATED_PASS);
  g_assert_cmpint (come_in (&router, SIMULATED_RST, 0, 5), ==, SIMULATED_DROP);
  g_assert_cmpint (come_in (&router, SIMULATED_RST, 0, 1), ==, SIMULATED_PASS);
  g_assert_cmpint (come_in (&router, SIMULATED_SYN, 70, 0), ==, SIMULATED_REJECT);
  simulated_nat_clear (&router.nat);
}

static void
test_the_router_filters_as_its_kind_says (void)
{
  static const SimulatedVerdict uninvited[] = {
    [SIMULATED_OPEN] = SIMULATED_PASS,
    [SIMULATED_FIREWALL] = SIMULATED_DROP,
    [SIMULATED_FULL_CONE] = SIMULATED_PASS,
    [SIMULATED_PORT_RESTRICTED] = SIMULATED_DROP,
  };

  for (guint kind = 0; kind < G_N_ELEMENTS (uninvited); kind++)
    {
      Router router;

      set_up_router (&router, kind, FALSE);
      g_assert_cmpint (come_in (&router, SIMULATED_SYN, 70, 0), ==, uninvited[kind]);
      g_assert_cmpint (send_out (&router, SIMULATED_SYN, 1, 0), ==, SIMULATED_PASS);
      router.remote.port++;
      g_assert_cmpint (come_in (&router, SIMULATED_SYN, 70, 0), ==, uninvited[kind]);
      simulated_nat_clear (&router.nat);
    }
}

/* --- Who meets whom, and how fast -----------------------------------------------------
 */

static void
test_two_port_restricted_routers_meet_in_two_round_trips (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (delays_us); i++)
    for (guint rejects = 0; rejects < 4; rejects++)
      {
        SimulatedScenario scenario = {
          .nat = { SIMULATED_PORT_RESTRICTED, SIMULATED_PORT_RESTRICTED },
          .rejects = { rejects & 1, rejects & 2 },
          .delay_us = delays_us[i],
        };

        assert_meet_within (&scenario, 2);
      }
}

static void
test_every_pair_of_routers_meets_in_two_round_trips (void)
{
  for (guint one = SIMULATED_OPEN; one <= SIMULATED_PORT_RESTRICTED; one++)
    for (guint other = SIMULATED_OPEN; other <= SIMULATED_PORT_RESTRICTED; other++)
      for (guint rejects = 0; rejects < 4; rejects++)
        {
          SimulatedScenario scenario = {
            .nat = { one, other },
            .rejects = { rejects & 1, rejects & 2 },
            .delay_us = 10 * MS,
          };

          assert_meet_within (&scenario, 2);
        }
}

/* Two clocks need not agree: whoever is late finds the other's hole open, or opens
 * its own just before the next try. */
static void
test_a_late_start_costs_itself_and_a_round_trip (void)
{
  static const gint64 skews_us[] = { 15 * MS, 30 * MS, 60 * MS, 150 * MS, 400 * MS };

  for (guint i = 0; i < G_N_ELEMENTS (skews_us); i++)
    for (guint rejects = 0; rejects < 4; rejects++)
      {
        SimulatedScenario scenario = {
          .nat = { SIMULATED_PORT_RESTRICTED, SIMULATED_PORT_RESTRICTED },
          .rejects = { rejects & 1, rejects & 2 },
          .delay_us = 10 * MS,
          .skew_us = skews_us[i],
        };

        assert_meet_within (&scenario, 3);
      }
}

static void
test_loss_costs_time_but_not_the_meeting (void)
{
  for (guint rejects = 0; rejects < 2; rejects++)
    for (guint i = 0; i < G_N_ELEMENTS (delays_us); i++)
      {
        SimulatedScenario scenario = {
          .nat = { SIMULATED_PORT_RESTRICTED, SIMULATED_PORT_RESTRICTED },
          .rejects = { rejects, rejects },
          .delay_us = delays_us[i],
          .loss_percent = 15,
        };

        g_assert_cmpuint (count_meetings (&scenario), >=, 95);
      }
}

/* --- Who does not, and why
 * --------------------------------------------------------------- */

static void
test_a_blocked_assist_port_is_named (void)
{
  SimulatedScenario scenario = {
    .nat = { SIMULATED_PORT_RESTRICTED, SIMULATED_PORT_RESTRICTED },
    .delay_us = 10 * MS,
    .no_assist = { TRUE, TRUE },
  };

  assert_failures (&scenario, KH_PUNCH_NOT_OBSERVED, KH_PUNCH_NOT_OBSERVED);
  scenario.no_assist[1] = FALSE;
  assert_failures (&scenario, KH_PUNCH_NOT_OBSERVED, KH_PUNCH_PEER_NOT_OBSERVED);
  scenario.no_assist[0] = FALSE;
  scenario.no_assist[1] = TRUE;
  assert_failures (&scenario, KH_PUNCH_PEER_NOT_OBSERVED, KH_PUNCH_NOT_OBSERVED);
}

static void
test_a_dead_path_is_silence (void)
{
  SimulatedScenario scenario = {
    .nat = { SIMULATED_FULL_CONE, SIMULATED_OPEN },
    .delay_us = 10 * MS,
    .no_path = TRUE,
  };

  assert_failures (&scenario, KH_PUNCH_SILENT, KH_PUNCH_SILENT);
}

static SimulatedScenario
any_scenario (void)
{
  return (SimulatedScenario){
    .nat = { (SimulatedNatKind)g_test_rand_int_range (0, 4),
             (SimulatedNatKind)g_test_rand_int_range (0, 4) },
    .rejects = { g_test_rand_bit (), g_test_rand_bit () },
    .delay_us = g_test_rand_int_range (5000, 150000),
    .skew_us = g_test_rand_int_range (0, 400000),
    .loss_percent = g_test_rand_bit () ? 0 : (guint)g_test_rand_int_range (0, 60),
  };
}

/* Whatever the network does, both ends come to one and in time; where nothing is lost
 * they meet at once. Replay with --seed. */
static void
test_every_punch_comes_to_an_end (void)
{
  for (guint i = 0; i < 500; i++)
    {
      SimulatedScenario scenario = any_scenario ();
      SimulatedNetwork network;

      simulated_network_run (&network, &scenario, (guint32)g_test_rand_int ());
      g_assert_cmpint (network.now_us, <=,
                       KH_PUNCH_TOTAL_US + KH_PUNCH_HANDSHAKE_US + 2 * rtt_us (&network));
      if (scenario.loss_percent == 0)
        {
          g_assert_true (simulated_network_met (&network));
          g_assert_cmpuint (network.sides[0].punch.round, ==, 1);
        }
      simulated_network_clear (&network);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/punch-network/the-router-traps-a-second-socket",
                   test_the_router_traps_a_second_socket);
  g_test_add_func ("/punch-network/the-router-shuts-a-refused-hole",
                   test_the_router_shuts_a_refused_hole);
  g_test_add_func ("/punch-network/the-router-filters-as-its-kind-says",
                   test_the_router_filters_as_its_kind_says);
  g_test_add_func ("/punch-network/two-port-restricted-routers-meet-in-two-round-trips",
                   test_two_port_restricted_routers_meet_in_two_round_trips);
  g_test_add_func ("/punch-network/every-pair-of-routers-meets-in-two-round-trips",
                   test_every_pair_of_routers_meets_in_two_round_trips);
  g_test_add_func ("/punch-network/a-late-start-costs-itself-and-a-round-trip",
                   test_a_late_start_costs_itself_and_a_round_trip);
  g_test_add_func ("/punch-network/loss-costs-time-but-not-the-meeting",
                   test_loss_costs_time_but_not_the_meeting);
  g_test_add_func ("/punch-network/a-blocked-assist-port-is-named",
                   test_a_blocked_assist_port_is_named);
  g_test_add_func ("/punch-network/a-dead-path-is-silence", test_a_dead_path_is_silence);
  g_test_add_func ("/punch-network/every-punch-comes-to-an-end",
                   test_every_punch_comes_to_an_end);
  return g_test_run ();
}

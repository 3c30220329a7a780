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
  simulated_nat_init (&self->nat, kind, rejects, &self->inside, &outside, 1);
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
    .to = simulated_nat_public (&self->nat, self->inside.port, &self->remote),
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

/* Each flow has a port of its own, the next one or any, and only its own remote end comes
 * in there; the port of a flow stays. */
static void
test_the_router_gives_every_flow_a_port (void)
{
  for (guint kind = SIMULATED_STEPPING; kind <= SIMULATED_RANDOM; kind++)
    {
      guint16 last = 0;
      guint n_next = 0;
      Router router;

      set_up_router (&router, kind, TRUE);
      for (guint i = 0; i < 100; i++)
        {
          guint16 port;

          router.remote.port++;
          g_assert_cmpint (send_out (&router, SIMULATED_SYN, 1, 0), ==, SIMULATED_PASS);
          port = simulated_nat_public (&router.nat, router.inside.port, &router.remote)
                     .port;
          n_next += port == last + 1;
          last = port;
          g_assert_cmpint (come_in (&router, SIMULATED_SYN, 70, 0), ==, SIMULATED_PASS);
          g_assert_cmpint (send_out (&router, SIMULATED_SYN_ACK, 1, 70), ==,
                           SIMULATED_PASS);
          g_assert_cmpuint (
              simulated_nat_public (&router.nat, router.inside.port, &router.remote).port,
              ==, port);
        }
      if (kind == SIMULATED_STEPPING)
        g_assert_cmpuint (n_next, ==, 99);
      else
        g_assert_cmpuint (n_next, <, 10);
      simulated_nat_clear (&router.nat);
    }
}

static void
test_the_router_lets_nobody_else_in_at_the_port_of_a_flow (void)
{
  for (guint kind = SIMULATED_STEPPING; kind <= SIMULATED_RANDOM; kind++)
    {
      SimulatedSegment segment = { .kind = SIMULATED_SYN, .isn = 70 };
      Router router;

      set_up_router (&router, kind, TRUE);
      send_out (&router, SIMULATED_SYN, 1, 0);
      segment.to = simulated_nat_public (&router.nat, router.inside.port, &router.remote);
      segment.from = router.remote;
      segment.from.port++;
      g_assert_cmpint (simulated_nat_in (&router.nat, &segment), ==, SIMULATED_REJECT);
      segment.from.port--;
      segment.to.port ^= 1;
      g_assert_cmpint (simulated_nat_in (&router.nat, &segment), ==, SIMULATED_REJECT);
      segment.to.port ^= 1;
      g_assert_cmpint (simulated_nat_in (&router.nat, &segment), ==, SIMULATED_PASS);
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

/* --- Where every connection gets another port -----------------------------------------
 */

/* Whoever calls, whatever the routers refuse: all in the first round, and quietly. */
static void
assert_all_meet (SimulatedNatKind one, SimulatedNatKind other)
{
  for (guint32 i = 0; i < 8 * G_N_ELEMENTS (delays_us); i++)
    {
      SimulatedScenario scenario = {
        .nat = { i & 4 ? other : one, i & 4 ? one : other },
        .rejects = { i & 1, i & 2 },
        .delay_us = delays_us[i / 8],
      };

      for (guint32 seed = 0; seed < 5; seed++)
        {
          SimulatedNetwork network;

          simulated_network_run (&network, &scenario, seed);
          g_assert_true (simulated_network_met (&network));
          g_assert_cmpuint (network.sides[0].punch.round, ==, 1);
          for (guint who = 0; who < 2; who++)
            g_assert_cmpuint (network.sides[who].punch.n_syns, <=,
                              KH_PUNCH_PORTS_V4 * KH_PUNCH_QUICK_REFUSALS
                                  + KH_SPRAY_FORETOLD * (1 + KH_SPRAY_MAX_REFUSALS));
          simulated_network_clear (&network);
        }
    }
}

static void
test_a_stepping_router_meets_every_other_kind (void)
{
  for (guint kind = SIMULATED_OPEN; kind <= SIMULATED_PORT_RESTRICTED; kind++)
    assert_all_meet (SIMULATED_STEPPING, kind);
}

static void
test_two_stepping_routers_meet (void)
{
  assert_all_meet (SIMULATED_STEPPING, SIMULATED_STEPPING);
}

static void
test_loss_costs_a_stepping_router_time_but_not_the_meeting (void)
{
  for (guint rejects = 0; rejects < 2; rejects++)
    {
      SimulatedScenario scenario = {
        .nat = { SIMULATED_STEPPING, SIMULATED_PORT_RESTRICTED },
        .rejects = { rejects, rejects },
        .delay_us = 10 * MS,
        .loss_percent = 10,
      };

      g_assert_cmpuint (count_meetings (&scenario), >=, 90);
    }
}

/* What is lost delays what is known of the ports; no dial may come before. */
static void
test_two_stepping_routers_meet_under_loss (void)
{
  SimulatedScenario scenario = {
    .nat = { SIMULATED_STEPPING, SIMULATED_STEPPING },
    .delay_us = 20 * MS,
    .loss_percent = 10,
  };

  g_test_message ("%u of %u", count_meetings (&scenario), N_SEEDS);
  g_assert_cmpuint (count_meetings (&scenario), >=, 50);
}

/* A random router calls or is called, and each of both refuses or not. Where both do, and
 * a round trip takes a millisecond, no two dials stand at the same time long enough. */
static SimulatedScenario
random_router_scenario (SimulatedNatKind other, guint32 seed)
{
  static const gint64 longer_us[] = { 5 * MS, 10 * MS, 50 * MS };

  return (SimulatedScenario){
    .nat = { seed & 1 ? SIMULATED_RANDOM : other, seed & 1 ? other : SIMULATED_RANDOM },
    .rejects = { (seed & 2) != 0, (seed & 4) != 0 },
    .delay_us = longer_us[seed % G_N_ELEMENTS (longer_us)],
    .many = TRUE,
  };
}

static void
test_a_random_router_mostly_meets_one_that_filters (void)
{
  static const SimulatedNatKind others[]
      = { SIMULATED_PORT_RESTRICTED, SIMULATED_FIREWALL };
  enum
  {
    N = 40
  };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      guint n = 0;

      for (guint32 seed = 0; seed < N; seed++)
        {
          SimulatedScenario scenario = random_router_scenario (others[i], seed);
          SimulatedNetwork network;

          simulated_network_run (&network, &scenario, seed);
          n += simulated_network_met (&network);
          for (guint who = 0; who < 2; who++)
            g_assert_cmpuint (network.sides[who].punch.n_syns, <=, KH_PUNCH_MAX_SYNS);
          simulated_network_clear (&network);
        }
      g_test_message ("%u of %u", n, (guint)N);
      g_assert_cmpuint (n, >=, N * 9 / 10);
    }
}

/* Nor does it need to: whoever lets all in is found by a plain dial. */
static void
test_a_random_router_meets_one_that_filters_nothing_without_a_spray (void)
{
  static const SimulatedNatKind others[] = { SIMULATED_OPEN, SIMULATED_FULL_CONE };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    for (guint32 seed = 0; seed < 24; seed++)
      {
        SimulatedScenario scenario = random_router_scenario (others[i], seed);
        SimulatedNetwork network;

        simulated_network_run (&network, &scenario, seed);
        g_assert_true (simulated_network_met (&network));
        g_assert_cmpuint (network.sides[0].punch.spray.n_dials, ==, 0);
        g_assert_cmpuint (network.sides[1].punch.spray.n_dials, ==, 0);
        simulated_network_clear (&network);
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

static void
test_random_ports_that_may_not_be_sprayed_are_not_found (void)
{
  for (guint32 seed = 0; seed < 8; seed++)
    {
      SimulatedScenario scenario
          = random_router_scenario (SIMULATED_PORT_RESTRICTED, seed & 1);

      scenario.many = FALSE;
      assert_failures (&scenario, KH_PUNCH_SILENT, KH_PUNCH_SILENT);
    }
}

/* Also if random ports may be sprayed, and without further rounds. */
static void
test_two_routers_that_nobody_can_foretell_are_named (void)
{
  static const SimulatedNatKind pairs[][2] = { { SIMULATED_RANDOM, SIMULATED_RANDOM },
                                               { SIMULATED_RANDOM, SIMULATED_STEPPING },
                                               { SIMULATED_STEPPING, SIMULATED_RANDOM } };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    for (guint rejects = 0; rejects < 4; rejects++)
      {
        SimulatedScenario scenario = {
          .nat = { pairs[i][0], pairs[i][1] },
          .rejects = { rejects & 1, rejects & 2 },
          .delay_us = 10 * MS,
          .many = TRUE,
        };
        SimulatedNetwork network;

        assert_failures (&scenario, KH_PUNCH_BOTH_SYMMETRIC, KH_PUNCH_BOTH_SYMMETRIC);
        simulated_network_run (&network, &scenario, 2);
        for (guint who = 0; who < 2; who++)
          {
            g_assert_cmpuint (network.sides[who].punch.round, ==, 1);
            g_assert_cmpint (network.sides[who].over_us, <=,
                             network.go_us + KH_PUNCH_FIRST_ROUND_US
                                 + 2 * rtt_us (&network));
          }
        simulated_network_clear (&network);
      }
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

/* The same with routers of every kind, and sprays. */
static void
test_every_spray_comes_to_an_end (void)
{
  for (guint i = 0; i < 60; i++)
    {
      SimulatedScenario scenario = any_scenario ();
      SimulatedNetwork network;

      scenario.nat[i & 1] = (SimulatedNatKind)g_test_rand_int_range (
          SIMULATED_STEPPING, SIMULATED_RANDOM + 1);
      scenario.nat[1 - (i & 1)]
          = (SimulatedNatKind)g_test_rand_int_range (0, SIMULATED_RANDOM + 1);
      scenario.many = g_test_rand_bit ();
      simulated_network_run (&network, &scenario, (guint32)g_test_rand_int ());
      g_assert_cmpint (network.now_us, <=,
                       KH_PUNCH_SPRAY_TOTAL_US + KH_PUNCH_HANDSHAKE_US
                           + 2 * rtt_us (&network));
      for (guint who = 0; who < 2; who++)
        g_assert_cmpuint (network.sides[who].punch.n_syns, <=, KH_PUNCH_MAX_SYNS);
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
  g_test_add_func ("/punch-network/the-router-gives-every-flow-a-port",
                   test_the_router_gives_every_flow_a_port);
  g_test_add_func ("/punch-network/the-router-lets-nobody-else-in-at-the-port-of-a-flow",
                   test_the_router_lets_nobody_else_in_at_the_port_of_a_flow);
  g_test_add_func ("/punch-network/two-port-restricted-routers-meet-in-two-round-trips",
                   test_two_port_restricted_routers_meet_in_two_round_trips);
  g_test_add_func ("/punch-network/every-pair-of-routers-meets-in-two-round-trips",
                   test_every_pair_of_routers_meets_in_two_round_trips);
  g_test_add_func ("/punch-network/a-late-start-costs-itself-and-a-round-trip",
                   test_a_late_start_costs_itself_and_a_round_trip);
  g_test_add_func ("/punch-network/loss-costs-time-but-not-the-meeting",
                   test_loss_costs_time_but_not_the_meeting);
  g_test_add_func ("/punch-network/a-stepping-router-meets-every-other-kind",
                   test_a_stepping_router_meets_every_other_kind);
  g_test_add_func ("/punch-network/two-stepping-routers-meet",
                   test_two_stepping_routers_meet);
  g_test_add_func ("/punch-network/loss-costs-a-stepping-router-time-but-not-the-meeting",
                   test_loss_costs_a_stepping_router_time_but_not_the_meeting);
  g_test_add_func ("/punch-network/a-random-router-mostly-meets-one-that-filters",
                   test_a_random_router_mostly_meets_one_that_filters);
  g_test_add_func (
      "/punch-network/a-random-router-meets-one-that-filters-nothing-without-a-spray",
      test_a_random_router_meets_one_that_filters_nothing_without_a_spray);
  g_test_add_func ("/punch-network/a-blocked-assist-port-is-named",
                   test_a_blocked_assist_port_is_named);
  g_test_add_func ("/punch-network/a-dead-path-is-silence", test_a_dead_path_is_silence);
  g_test_add_func ("/punch-network/random-ports-that-may-not-be-sprayed-are-not-found",
                   test_random_ports_that_may_not_be_sprayed_are_not_found);
  g_test_add_func ("/punch-network/two-routers-that-nobody-can-foretell-are-named",
                   test_two_routers_that_nobody_can_foretell_are_named);
  g_test_add_func ("/punch-network/every-punch-comes-to-an-end",
                   test_every_punch_comes_to_an_end);
  g_test_add_func ("/punch-network/every-spray-comes-to-an-end",
                   test_every_spray_comes_to_an_end);
  g_test_add_func ("/punch-network/two-stepping-routers-meet-under-loss",
                   test_two_stepping_routers_meet_under_loss);
  return g_test_run ();
}

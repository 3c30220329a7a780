/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "punch-side.h"

static KhEndpoint
endpoint (const char *text)
{
  KhEndpoint self;

  g_assert_true (kh_endpoint_parse (&self, text));
  return self;
}

/* A side whose first pair dials, at a clock of its own; nothing remembered. */
static void
begin_dialling (Side *side, gboolean caller, gboolean may_relay)
{
  side_begin_as (side, &(KhPunchSetup){ .caller = caller }, may_relay);
  side_tell (side, 0);
  if (!caller)
    side_hear_go (side);
  side_wait_until (side, SIDE_BEGIN + SIDE_RTT / 2);
  g_assert_cmpuint (side_count_dials (side, 0), ==, 1);
  side_forget (side);
}

/* --- IPv6 -----------------------------------------------------------------------------
 */

static void
test_ipv6_has_a_port_where_there_is_ipv6 (void)
{
  for (guint ipv6 = 0; ipv6 < 2; ipv6++)
    {
      Side side;

      side_begin_as (&side, &(KhPunchSetup){ .ipv6 = ipv6 != 0 }, FALSE);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_OPEN), ==, KH_PUNCH_PORTS_V4 + ipv6);
      side_hear_round (&side, 2);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_OPEN), ==,
                        2 * (KH_PUNCH_PORTS_V4 + ipv6));
    }
}

static void
test_ipv6_alone_is_enough_and_dials_at_once (void)
{
  KhEndpoint own = endpoint ("[2001:db8::1]:31000");
  KhEndpoint peer = endpoint ("[2001:db8::2]:32000");
  Side side;

  side_begin_as (&side, &(KhPunchSetup){ .caller = true, .ipv6 = true }, FALSE);
  side_forget (&side);
  side_tell_one (&side, KH_PUNCH_PORT_V6, &own, &peer);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_SEND_GO), ==, 1);
  side_wait_until (&side, SIDE_BEGIN + SIDE_RTT / 2);
  g_assert_cmpuint (side.n_actions, ==, 2);
  g_assert_cmpuint (side.actions[1].pair, ==, KH_PUNCH_PORT_V6);
  g_assert_cmpuint (side.actions[1].port, ==, KH_PUNCH_PORT_V6);
  g_assert_true (kh_endpoint_equal (&side.actions[1].endpoint, &peer));
  g_assert_cmpint (kh_punch_path_kind (&side.punch, KH_PUNCH_PORT_V6, &peer), ==,
                   KH_PATH_IPV6);
}

/* --- What a server that lies may not do ------------------------------------------------
 */

/* Where this side is seen, what the server says of the peer, and whether that is dialled.
 */
static const struct
{
  const char *own;
  const char *peer;
  gboolean dialled;
} told[] = {
  { "203.0.113.1:20000", "198.51.100.2:20000", TRUE },
  { "203.0.113.1:20000", "198.51.100.2:1024", TRUE },
  { "203.0.113.1:20000", "198.51.100.2:1023", FALSE },
  { "203.0.113.1:20000", "198.51.100.2:22", FALSE },
  { "203.0.113.1:20000", "127.0.0.1:20000", FALSE },
  { "203.0.113.1:20000", "192.168.1.1:20000", FALSE },
  { "203.0.113.1:20000", "100.64.0.1:20000", FALSE },
  { "203.0.113.1:20000", "169.254.1.1:20000", FALSE },
  { "203.0.113.1:20000", "0.0.0.1:20000", FALSE },
  { "203.0.113.1:20000", "224.0.0.1:20000", FALSE },
  { "203.0.113.1:20000", "255.255.255.255:20000", FALSE },
  { "192.168.1.7:20000", "192.168.1.1:20000", TRUE },
  { "192.168.1.7:20000", "127.0.0.1:20000", FALSE },
  { "127.0.0.1:20000", "127.0.0.1:20001", TRUE },
  { "192.168.1.7:20000", "198.51.100.2:20000", TRUE },
};

static void
test_a_server_can_not_aim_at_the_own_network (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (told); i++)
    {
      KhEndpoint own = endpoint (told[i].own), peer = endpoint (told[i].peer);
      Side side;

      side_begin_as (&side, &(KhPunchSetup){ 0 }, FALSE);
      side_tell_one (&side, 0, &own, &peer);
      side_hear_go (&side);
      g_assert_cmpuint (side_count_dials (&side, 0), ==, told[i].dialled ? 1 : 0);
    }
}

/* Ports that step at somebody else's address are not sprayed either. */
static void
test_nothing_is_sprayed_there (void)
{
  KhEndpoint own = endpoint ("203.0.113.1:20000");
  KhEndpoint peers[] = { endpoint ("192.168.1.1:20000"), endpoint ("192.168.1.1:20001"),
                         endpoint ("192.168.1.1:20002"), endpoint ("192.168.1.1:20003") };
  const guint indices[] = { 0, KH_PUNCH_SEEN_AGAIN, 1, 2 };
  Side side;

  side_begin_as (&side, &(KhPunchSetup){ .many = true }, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    side_tell_one (&side, indices[i], &own, &peers[i]);
  side_hear_go (&side);
  side_wait (&side, 1000 * SIDE_MS);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_SPRAY), ==, 0);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, 0);
}

/* A mapped port is the peer's, or one of the server's own network. */
static void
test_a_mapped_port_of_a_third_is_not_dialled (void)
{
  static const struct
  {
    const char *mapped;
    gboolean dialled;
  } ports[] = { { "203.0.113.2:4000", TRUE },
                { "198.51.100.9:4000", TRUE }, /* the server */
                { "198.51.100.8:4000", FALSE },
                { "203.0.113.2:80", FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    {
      KhEndpoint mapped = endpoint (ports[i].mapped);
      Side side;

      side_begin_as (&side, &(KhPunchSetup){ .server = endpoint ("198.51.100.9:7470") },
                     FALSE);
      side_tell (&side, 0);
      side_tell_one (&side, KH_PUNCH_SEEN_MAPPED, NULL, &mapped);
      side_hear_go (&side);
      g_assert_cmpuint (side_count_dials (&side, KH_PUNCH_PAIR_MAPPED), ==,
                        ports[i].dialled ? 1 : 0);
    }
}

/* --- A mapped port --------------------------------------------------------------------
 */

static void
test_a_mapped_port_is_dialled_at_once_from_the_first (void)
{
  KhEndpoint mapped = side_endpoint (2, 5000), again = side_endpoint (2, 0);
  Side side;

  side_begin_as (&side, &(KhPunchSetup){ 0 }, FALSE);
  side_tell_one (&side, KH_PUNCH_SEEN_AGAIN, NULL, &again);
  side_tell_one (&side, KH_PUNCH_SEEN_MAPPED, NULL, &mapped);
  side_forget (&side);
  side_hear_go (&side);
  g_assert_cmpuint (side.n_actions, ==, 1);
  g_assert_cmpint (side.actions[0].kind, ==, KH_PUNCH_CONNECT);
  g_assert_cmpuint (side.actions[0].pair, ==, KH_PUNCH_PAIR_MAPPED);
  g_assert_cmpuint (side.actions[0].port, ==, 0);
  g_assert_true (kh_endpoint_equal (&side.actions[0].endpoint, &mapped));
  g_assert_cmpint (kh_punch_path_kind (&side.punch, KH_PUNCH_PAIR_MAPPED, &mapped), ==,
                   KH_PATH_MAPPED);
  g_assert_false (side.punch.seen_peer);
}

/* The server does not say so before it has seen the peer, but this is not relied on. */
static void
test_a_mapped_port_is_no_reason_to_go (void)
{
  KhEndpoint mapped = side_endpoint (2, 5000);
  Side side;

  side_begin_as (&side, &(KhPunchSetup){ .caller = true }, FALSE);
  side_tell_one (&side, KH_PUNCH_SEEN_MAPPED, NULL, &mapped);
  side_wait (&side, KH_PUNCH_GATHER_US - 1);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_SEND_GO), ==, 0);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, 0);
}

static void
test_a_mapped_port_can_not_be_changed (void)
{
  KhEndpoint mapped = side_endpoint (2, 5000), other = side_endpoint (9, 5001);
  Side side;

  side_begin_as (&side, &(KhPunchSetup){ 0 }, FALSE);
  side_tell_one (&side, KH_PUNCH_SEEN_MAPPED, NULL, &mapped);
  side_tell_one (&side, KH_PUNCH_SEEN_MAPPED, NULL, &other);
  side_hear_go (&side);
  g_assert_true (
      kh_endpoint_equal (&side.punch.pairs[KH_PUNCH_PAIR_MAPPED].peer, &mapped));
}

/* --- The same private network ---------------------------------------------------------
 */

static void
test_an_address_on_our_link_is_dialled_at_once (void)
{
  KhEndpoint lan = endpoint ("192.168.1.20:31000");
  Side side;

  side_begin_as (&side, &(KhPunchSetup){ 0 }, FALSE);
  side_tell_lan (&side, &lan, TRUE);
  side_forget (&side);
  side_hear_go (&side);
  g_assert_cmpuint (side.n_actions, ==, 1);
  g_assert_cmpuint (side.actions[0].pair, ==, KH_PUNCH_PAIR_LAN);
  g_assert_cmpuint (side.actions[0].port, ==, 0);
  g_assert_true (kh_endpoint_equal (&side.actions[0].endpoint, &lan));
  g_assert_cmpint (kh_punch_path_kind (&side.punch, KH_PUNCH_PAIR_LAN, &lan), ==,
                   KH_PATH_LAN);

  /* What comes later is not too late. */
  lan.port++;
  side_tell_lan (&side, &lan, TRUE);
  g_assert_cmpuint (side_count_dials (&side, KH_PUNCH_PAIR_LAN + 1), ==, 1);
}

static void
test_another_private_network_is_dialled_behind_one_address_only (void)
{
  KhEndpoint lan = endpoint ("10.0.0.20:31000");
  KhEndpoint own = side_endpoint (1, 0), same = side_endpoint (1, 7);
  KhEndpoint other = side_endpoint (2, 0);
  Side side;

  /* Where we are seen nobody knows, and then elsewhere. */
  side_begin_as (&side, &(KhPunchSetup){ 0 }, FALSE);
  side_tell_lan (&side, &lan, FALSE);
  side_hear_go (&side);
  side_tell_one (&side, 0, NULL, &other);
  side_wait (&side, 500 * SIDE_MS);
  side_tell_one (&side, 0, &own, NULL);
  side_wait (&side, 500 * SIDE_MS);
  g_assert_cmpuint (side_count_dials (&side, KH_PUNCH_PAIR_LAN), ==, 0);

  side_begin_as (&side, &(KhPunchSetup){ 0 }, FALSE);
  side_tell_lan (&side, &lan, FALSE);
  side_hear_go (&side);
  side_tell_one (&side, 0, &own, &same);
  g_assert_cmpuint (side_count_dials (&side, KH_PUNCH_PAIR_LAN), ==, 1);
}

static void
test_four_addresses_of_a_network_are_enough (void)
{
  Side side;

  side_begin_as (&side, &(KhPunchSetup){ 0 }, FALSE);
  for (guint i = 0; i < 1000; i++)
    {
      KhEndpoint lan = endpoint ("192.168.1.20:31000");

      lan.port = (guint16)(lan.port + i);
      side_tell_lan (&side, &lan, TRUE);
    }
  side_hear_go (&side);
  side_wait (&side, 1000 * SIDE_MS);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, KH_PUNCH_LAN_MAX);
}

static void
test_an_address_said_twice_is_one (void)
{
  KhEndpoint lan = endpoint ("192.168.1.20:31000");
  Side side;

  side_begin_as (&side, &(KhPunchSetup){ 0 }, FALSE);
  side_hear_go (&side);
  side_tell_lan (&side, &lan, FALSE);
  side_tell_lan (&side, &lan, TRUE);
  side_tell_lan (&side, &lan, TRUE);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, 1);
}

static void
test_addresses_of_another_round_are_dropped (void)
{
  KhEndpoint lan = endpoint ("192.168.1.20:31000");
  Side side;

  side_begin_as (&side, &(KhPunchSetup){ 0 }, FALSE);
  kh_punch_lan (&side.punch, 0, &lan, true);
  kh_punch_lan (&side.punch, 2, &lan, true);
  kh_punch_lan (&side.punch, 255, &lan, true);
  side_hear_go (&side);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, 0);

  kh_punch_lan (&side.punch, 1, &lan, true);
  side_drain (&side);
  side_hear_round (&side, 2);
  side_hear_go (&side);
  g_assert_cmpuint (side_count_dials (&side, KH_PUNCH_PAIR_LAN), ==, 1);
}

/* --- Which path counts ----------------------------------------------------------------
 */

static void
test_the_first_path_is_nominated_at_once (void)
{
  static const KhPathKind kinds[]
      = { KH_PATH_LAN, KH_PATH_IPV6, KH_PATH_MAPPED, KH_PATH_PUNCHED, KH_PATH_PREDICTED };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      Side side;

      begin_dialling (&side, TRUE, FALSE);
      side_come_up (&side, KH_PUNCH_NO_PAIR);
      side_authenticate (&side, kinds[i]);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 1);
    }
}

/* What is better, as a pair that dials, and what has authenticated. */
typedef struct
{
  guint index;
  const char *peer;
  KhPathKind kind;
} Better;

static void
begin_with_better (Side *side, const Better *better)
{
  KhEndpoint peer = endpoint (better->peer);

  side_begin_as (side, &(KhPunchSetup){ .caller = true, .ipv6 = true }, FALSE);
  side_tell (side, 0);
  if (better->kind == KH_PATH_LAN)
    side_tell_lan (side, &peer, TRUE);
  else
    side_tell_one (side, better->index, NULL, &peer);
  side_wait_until (side, SIDE_BEGIN + SIDE_RTT / 2);
  g_assert_cmpuint (side_count (side, KH_PUNCH_CONNECT), ==, 2);
  side_come_up (side, 0);
}

static const Better betters[] = {
  { 0, "192.168.1.20:31000", KH_PATH_LAN },
  { KH_PUNCH_PORT_V6, "[2001:db8::2]:31000", KH_PATH_IPV6 },
  { KH_PUNCH_SEEN_MAPPED, "203.0.113.2:31000", KH_PATH_MAPPED },
};

static void
test_a_better_path_that_is_dialled_is_waited_for_a_moment (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (betters); i++)
    {
      Side side;

      begin_with_better (&side, &betters[i]);
      side_authenticate (&side, KH_PATH_PUNCHED);
      side_wait (&side, KH_PUNCH_BETTER_US - 1);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 0);
      side_authenticate (&side, KH_PATH_PREDICTED); /* no second wait */
      side_wait (&side, 1);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 1);
    }
}

static void
test_a_better_path_that_comes_is_nominated_at_once (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (betters); i++)
    {
      Side side;

      begin_with_better (&side, &betters[i]);
      side_authenticate (&side, KH_PATH_PUNCHED);
      side_wait (&side, 10 * SIDE_MS);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 0);
      side_authenticate (&side, betters[i].kind);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 1);
      g_assert_cmpint (side.punch.best, ==, betters[i].kind);
    }
}

static void
test_a_better_path_that_is_lost_is_not_waited_for (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (betters); i++)
    {
      Side side;

      begin_with_better (&side, &betters[i]);
      for (guint pair = 1; pair < KH_PUNCH_PAIRS; pair++)
        side_dialled (&side, pair, KH_DIAL_NO_ROUTE);
      side_authenticate (&side, KH_PATH_PUNCHED);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 1);
    }
}

static void
test_a_worse_path_is_not_waited_for (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (betters); i++)
    {
      Side side;

      begin_with_better (&side, &betters[i]);
      side_authenticate (&side, KH_PATH_LAN);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 1);
    }
}

/* --- The relay ------------------------------------------------------------------------
 */

static void
test_the_relay_is_dialled_once_after_two_seconds (void)
{
  for (guint caller = 0; caller < 2; caller++)
    {
      Side side;

      begin_dialling (&side, caller != 0, TRUE);
      side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_RELAY_US - 1);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_RELAY), ==, 0);
      side_wait (&side, 1);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_RELAY), ==, 1);
      side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_TOTAL_US);
      g_assert_cmpint (side.punch.state, ==, KH_PUNCH_FAILED);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_RELAY), ==, 1);
    }
}

static void
test_the_relay_needs_no_word_of_the_server (void)
{
  Side side;

  side_begin_as (&side, &(KhPunchSetup){ 0 }, TRUE);
  side_wait (&side, KH_PUNCH_RELAY_US);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_RELAY), ==, 1);
}

static void
test_the_relay_is_not_dialled_where_it_may_not_be (void)
{
  Side side;

  begin_dialling (&side, TRUE, FALSE);
  side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_TOTAL_US);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_RELAY), ==, 0);

  side_begin_as (&side, &(KhPunchSetup){ .caller = true }, FALSE);
  side_tell_routers (&side, KH_FORECAST_NONE, KH_FORECAST_NONE);
  side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_TOTAL_US);
  g_assert_cmpint (side.punch.failure, ==, KH_PUNCH_BOTH_SYMMETRIC);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_RELAY), ==, 0);
}

/* A direct path has its moment first, as long as one is dialled. */
static void
test_the_relay_is_nominated_last (void)
{
  Side side;

  begin_dialling (&side, TRUE, TRUE);
  side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_RELAY_US);
  side_authenticate (&side, KH_PATH_RELAY);
  side_wait (&side, KH_PUNCH_BETTER_US - 1);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 0);
  side_wait (&side, 1);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 1);
  g_assert_cmpint (side.punch.best, ==, KH_PATH_RELAY);

  begin_dialling (&side, TRUE, TRUE);
  side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_RELAY_US);
  side_authenticate (&side, KH_PATH_RELAY);
  side_come_up (&side, 0);
  side_authenticate (&side, KH_PATH_PUNCHED);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 1);
  g_assert_cmpint (side.punch.best, ==, KH_PATH_PUNCHED);
}

static void
test_the_relay_outlives_a_round (void)
{
  Side side;

  /* Nominated: nothing is said again, and the peer may still confirm it. */
  begin_dialling (&side, TRUE, TRUE);
  side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_RELAY_US);
  side_authenticate (&side, KH_PATH_RELAY);
  side_wait (&side, KH_PUNCH_BETTER_US);
  side_hear_round (&side, 2);
  g_assert_true (side.punch.nominated);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 1);
  kh_punch_confirmed (&side.punch);
  g_assert_cmpint (side.punch.state, ==, KH_PUNCH_WON);

  /* About to be: in the next round it is. */
  begin_dialling (&side, TRUE, TRUE);
  side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_RELAY_US);
  side_authenticate (&side, KH_PATH_RELAY);
  side_hear_round (&side, 2);
  side_wait (&side, KH_PUNCH_BETTER_US);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 1);
}

static void
test_a_direct_nominee_ends_with_its_round (void)
{
  Side side;

  begin_dialling (&side, TRUE, FALSE);
  side_come_up (&side, 0);
  side_authenticate (&side, KH_PATH_PUNCHED);
  side_hear_round (&side, 2);
  g_assert_false (side.punch.nominated);
  side_tell (&side, 0);
  side_wait (&side, SIDE_RTT);
  side_come_up (&side, 0);
  side_authenticate (&side, KH_PATH_PUNCHED);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 2);
}

/* The relay stood all the time, whichever of the two came first. */
static void
test_the_relay_takes_the_place_of_a_nominee_that_ends_with_its_round (void)
{
  for (guint relay_first = 0; relay_first < 2; relay_first++)
    {
      Side side;

      begin_dialling (&side, TRUE, TRUE);
      side_wait_until (&side, SIDE_BEGIN + KH_PUNCH_RELAY_US);
      side_come_up (&side, 0);
      if (relay_first)
        side_authenticate (&side, KH_PATH_RELAY);
      side_authenticate (&side, KH_PATH_PUNCHED);
      if (!relay_first)
        side_authenticate (&side, KH_PATH_RELAY);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 1);
      side_forget (&side);
      side_hear_round (&side, 2);
      g_assert_cmpint (side.actions[0].kind, ==, KH_PUNCH_CLOSE);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 1);
      g_assert_cmpint (side.punch.best, ==, KH_PATH_RELAY);

      /* It did not: what was said of it is forgotten. */
      kh_punch_nominee_lost (&side.punch);
      side_hear_round (&side, 3);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_NOMINATE), ==, 1);
    }
}

/* --- Without the server ---------------------------------------------------------------
 */

static void
test_who_hears_no_go_starts_after_two_seconds (void)
{
  Side side;

  side_begin_as (&side, &(KhPunchSetup){ 0 }, FALSE);
  side_tell (&side, 0);
  side_wait (&side, KH_PUNCH_GATHER_US - 1);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, 0);
  side_wait (&side, 1);
  g_assert_cmpuint (side_count_dials (&side, 0), ==, 1);
  g_assert_cmpuint (side.punch.round, ==, 1);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_SEND_GO), ==, 0);

  /* A GO that comes after all starts nothing anew. */
  side_hear_go (&side);
  g_assert_cmpint (side.punch.round_at_us, ==,
                   SIDE_BEGIN + KH_PUNCH_GATHER_US + KH_PUNCH_FIRST_ROUND_US);
}

/* The address of the peer's network is known from the peer itself. */
static void
test_a_caller_starts_with_what_is_there (void)
{
  KhEndpoint lan = endpoint ("192.168.1.20:31000");
  KhEndpoint mapped = side_endpoint (2, 5000);

  for (guint i = 0; i < 2; i++)
    {
      Side side;

      side_begin_as (&side, &(KhPunchSetup){ .caller = true }, FALSE);
      if (i == 0)
        side_tell_lan (&side, &lan, TRUE);
      else
        {
          side_tell_one (&side, KH_PUNCH_SEEN_AGAIN, NULL, &mapped);
          side_tell_one (&side, KH_PUNCH_SEEN_MAPPED, NULL, &mapped);
        }
      side_wait (&side, KH_PUNCH_GATHER_US - 1);
      side_forget (&side);
      side_wait (&side, 1);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_SEND_GO), ==, 1);
      g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, 1);
      g_assert_cmpuint (side.punch.round, ==, 1);
      g_assert_cmpint (side.punch.failure, ==, KH_PUNCH_FAILURE_NONE);
    }
}

static void
test_with_nothing_there_the_next_round_begins (void)
{
  KhEndpoint elsewhere = endpoint ("10.0.0.20:31000");
  Side side;

  side_begin_as (&side, &(KhPunchSetup){ .caller = true }, FALSE);
  side_tell_lan (&side, &elsewhere, FALSE);
  side_wait (&side, KH_PUNCH_GATHER_US);
  g_assert_cmpuint (side.punch.round, ==, 2);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_SEND_GO), ==, 0);
  g_assert_cmpuint (side_count (&side, KH_PUNCH_CONNECT), ==, 0);
}

int
main (int argc, char *argv[])
{
#define ADD(path, test) g_test_add_func ("/punch-ways/" path, test)
  g_test_init (&argc, &argv, NULL);
  ADD ("ipv6-has-a-port-where-there-is-ipv6", test_ipv6_has_a_port_where_there_is_ipv6);
  ADD ("ipv6-alone-is-enough-and-dials-at-once",
       test_ipv6_alone_is_enough_and_dials_at_once);
  ADD ("a-mapped-port-is-dialled-at-once-from-the-first",
       test_a_mapped_port_is_dialled_at_once_from_the_first);
  ADD ("a-mapped-port-is-no-reason-to-go", test_a_mapped_port_is_no_reason_to_go);
  ADD ("a-mapped-port-can-not-be-changed", test_a_mapped_port_can_not_be_changed);
  ADD ("an-address-on-our-link-is-dialled-at-once",
       test_an_address_on_our_link_is_dialled_at_once);
  ADD ("another-private-network-is-dialled-behind-one-address-only",
       test_another_private_network_is_dialled_behind_one_address_only);
  ADD ("four-addresses-of-a-network-are-enough",
       test_four_addresses_of_a_network_are_enough);
  ADD ("an-address-said-twice-is-one", test_an_address_said_twice_is_one);
  ADD ("addresses-of-another-round-are-dropped",
       test_addresses_of_another_round_are_dropped);
  ADD ("the-first-path-is-nominated-at-once", test_the_first_path_is_nominated_at_once);
  ADD ("a-better-path-that-is-dialled-is-waited-for-a-moment",
       test_a_better_path_that_is_dialled_is_waited_for_a_moment);
  ADD ("a-better-path-that-comes-is-nominated-at-once",
       test_a_better_path_that_comes_is_nominated_at_once);
  ADD ("a-better-path-that-is-lost-is-not-waited-for",
       test_a_better_path_that_is_lost_is_not_waited_for);
  ADD ("a-worse-path-is-not-waited-for", test_a_worse_path_is_not_waited_for);
  ADD ("the-relay-is-dialled-once-after-two-seconds",
       test_the_relay_is_dialled_once_after_two_seconds);
  ADD ("the-relay-needs-no-word-of-the-server",
       test_the_relay_needs_no_word_of_the_server);
  ADD ("the-relay-is-not-dialled-where-it-may-not-be",
       test_the_relay_is_not_dialled_where_it_may_not_be);
  ADD ("the-relay-is-nominated-last", test_the_relay_is_nominated_last);
  ADD ("the-relay-outlives-a-round", test_the_relay_outlives_a_round);
  ADD ("a-direct-nominee-ends-with-its-round", test_a_direct_nominee_ends_with_its_round);
  ADD ("the-relay-takes-the-place-of-a-nominee-that-ends-with-its-round",
       test_the_relay_takes_the_place_of_a_nominee_that_ends_with_its_round);
  ADD ("who-hears-no-go-starts-after-two-seconds",
       test_who_hears_no_go_starts_after_two_seconds);
  ADD ("a-caller-starts-with-what-is-there", test_a_caller_starts_with_what_is_there);
  ADD ("with-nothing-there-the-next-round-begins",
       test_with_nothing_there_the_next_round_begins);
#undef ADD
  g_test_add_func ("/punch-ways/a-server-can-not-aim-at-the-own-network",
                   test_a_server_can_not_aim_at_the_own_network);
  g_test_add_func ("/punch-ways/nothing-is-sprayed-there", test_nothing_is_sprayed_there);
  g_test_add_func ("/punch-ways/a-mapped-port-of-a-third-is-not-dialled",
                   test_a_mapped_port_of_a_third_is_not_dialled);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/nat.h"

#include <glib.h>

/* A router as the words of RFC 4787 describe it. */
typedef struct
{
  const char *name;
  KhNatBehaviour mapping;
  KhNatBehaviour filtering;
  KhPortAllocation allocation;
  KhNatDial refusal; /* how it answers who is not let in */
} Router;

typedef enum
{
  TWO_ADDRESSES,
  ONE_ADDRESS,
  HELPER, /* the other address is another server, which does not tell what it met */
} Servers;

#define NONE KH_NAT_BEHAVIOUR_NONE
#define EIM KH_NAT_BEHAVIOUR_ENDPOINT_INDEPENDENT
#define ADM KH_NAT_BEHAVIOUR_ADDRESS_DEPENDENT
#define APDM KH_NAT_BEHAVIOUR_ADDRESS_AND_PORT_DEPENDENT
#define UNKNOWN KH_NAT_BEHAVIOUR_UNKNOWN
#define PRESERVING KH_PORT_ALLOCATION_PRESERVING
#define SEQUENTIAL KH_PORT_ALLOCATION_SEQUENTIAL
#define RANDOM KH_PORT_ALLOCATION_RANDOM
#define SILENT KH_NAT_DIAL_SILENT
#define REFUSED KH_NAT_DIAL_REFUSED

static const Router OPEN = { "open", NONE, EIM, PRESERVING, REFUSED };
static const Router FIREWALL = { "firewall", NONE, APDM, PRESERVING, SILENT };
static const Router FULL = { "full cone", EIM, EIM, PRESERVING, SILENT };
static const Router RESTRICTED = { "restricted cone", EIM, ADM, PRESERVING, SILENT };
static const Router PORT = { "port-restricted cone", EIM, APDM, PRESERVING, SILENT };
static const Router PORT_RST = { "the same with RST", EIM, APDM, PRESERVING, REFUSED };
static const Router SHUFFLING = { "cone of random ports", EIM, APDM, RANDOM, SILENT };
static const Router COUNTING = { "cone that counts", EIM, ADM, SEQUENTIAL, SILENT };
static const Router SYMMETRIC = { "symmetric", APDM, APDM, RANDOM, SILENT };
static const Router SEQUENCE
    = { "symmetric, sequential", APDM, APDM, SEQUENTIAL, SILENT };
static const Router BY_ADDRESS = { "symmetric by address", ADM, APDM, RANDOM, SILENT };

static const guint8 HOME[4] = { 192, 168, 1, 2 };
static const guint8 OUTSIDE[4] = { 198, 51, 100, 7 };
static const guint8 SERVERS[2][4] = { { 203, 0, 113, 1 }, { 203, 0, 113, 2 } };

#define LOCAL_PORT 20000
#define MAIN_PORT 7470
#define ASSIST_PORT 7471

static guint16
random_port (void)
{
  return (guint16)g_test_rand_int_range (30000, 60000);
}

/* The outside port of a mapping, by what it depends on. */
static guint16
map_port (const Router *router, guint16 ports[3][2][2], guint socket, guint address,
          guint port, guint16 *next)
{
  guint a = router->mapping == EIM ? 0 : address;
  guint p = router->mapping == APDM ? port : 0;
  guint16 *at = &ports[socket][a][p];

  if (router->allocation == PRESERVING)
    return (guint16)(LOCAL_PORT + socket);
  if (*at == 0)
    *at = router->allocation == RANDOM ? random_port () : (*next += 3);
  return *at;
}

static void
observe (KhNatFacts *facts, const Router *router, Servers servers)
{
  guint16 ports[3][2][2] = { 0 };
  guint16 next = random_port ();

  for (guint socket = 0; socket < 3; socket++)
    for (guint i = 0; i < (servers == ONE_ADDRESS ? 2 : 3); i++)
      {
        guint address = i == 2 ? 1 : 0;
        guint port = i == 1 ? 1 : 0;
        KhNatObservation observation
            = { .server
                = kh_endpoint_v4 (SERVERS[address], port ? MAIN_PORT : ASSIST_PORT) };

        observation.local = kh_endpoint_v4 (router->mapping == NONE ? OUTSIDE : HOME,
                                            (guint16)(LOCAL_PORT + socket));
        observation.seen = kh_endpoint_v4 (
            OUTSIDE, map_port (router, ports, socket, address, port, &next));
        kh_nat_add (facts, &observation);
      }
}

static KhNatFacts
probe (const Router *router, Servers servers)
{
  KhNatFacts facts = { 0 };
  gboolean any = router->filtering == EIM;

  observe (&facts, router, servers);
  facts.other_port = router->filtering == APDM ? router->refusal : KH_NAT_DIAL_HEARD;
  if (servers == TWO_ADDRESSES)
    facts.other_address = any ? KH_NAT_DIAL_HEARD : router->refusal;
  else if (servers == HELPER)
    facts.other_address = any ? KH_NAT_DIAL_HEARD : SILENT;
  if (router->mapping == NONE)
    facts.unused_port = any ? KH_NAT_DIAL_HEARD : SILENT;
  if (any)
    facts.closed_port = router->refusal;
  return facts;
}

static void
expect (const Router *router, Servers servers, KhNatType type)
{
  KhNatFacts facts = probe (router, servers);
  KhNat nat = kh_nat_classify (&facts);

  g_test_message ("%s, servers %d", router->name, servers);
  g_assert_cmpint (nat.type, ==, type);
  g_assert_cmpint (nat.allocation, ==, router->allocation);
  g_assert_cmpint (nat.step, ==, router->allocation == SEQUENTIAL ? 3 : 0);
  g_assert_cmpint (nat.unsolicited, ==, router->refusal);
  g_assert_cmpint (nat.behind_nat, ==,
                   router->mapping == NONE ? KH_TRISTATE_NO : KH_TRISTATE_YES);
  if (servers != ONE_ADDRESS)
    {
      g_assert_cmpint (nat.mapping, ==, router->mapping);
      g_assert_cmpint (nat.filtering, ==, router->filtering);
    }
}

static void
test_a_second_address_tells_all_kinds (void)
{
  for (Servers servers = TWO_ADDRESSES; servers <= HELPER; servers += HELPER)
    {
      expect (&OPEN, servers, KH_NAT_OPEN);
      expect (&FIREWALL, servers, KH_NAT_FIREWALL);
      expect (&FULL, servers, KH_NAT_FULL_CONE);
      expect (&RESTRICTED, servers, KH_NAT_RESTRICTED_CONE);
      expect (&PORT, servers, KH_NAT_PORT_RESTRICTED_CONE);
      expect (&PORT_RST, servers, KH_NAT_PORT_RESTRICTED_CONE);
      expect (&SHUFFLING, servers, KH_NAT_PORT_RESTRICTED_CONE);
      expect (&COUNTING, servers, KH_NAT_RESTRICTED_CONE);
      expect (&SYMMETRIC, servers, KH_NAT_SYMMETRIC);
      expect (&SEQUENCE, servers, KH_NAT_SYMMETRIC);
      expect (&BY_ADDRESS, servers, KH_NAT_SYMMETRIC);
    }
}

static void
test_one_address_says_what_it_can_tell (void)
{
  KhNatFacts facts;

  expect (&OPEN, ONE_ADDRESS, KH_NAT_OPEN);
  expect (&FIREWALL, ONE_ADDRESS, KH_NAT_FIREWALL);
  expect (&FULL, ONE_ADDRESS, KH_NAT_FULL_OR_RESTRICTED_CONE);
  expect (&PORT, ONE_ADDRESS, KH_NAT_PORT_RESTRICTED_CONE);
  expect (&SYMMETRIC, ONE_ADDRESS, KH_NAT_SYMMETRIC);
  expect (&SEQUENCE, ONE_ADDRESS, KH_NAT_SYMMETRIC);

  facts = probe (&RESTRICTED, ONE_ADDRESS);
  g_assert_cmpint (kh_nat_classify (&facts).type, ==, KH_NAT_FULL_OR_RESTRICTED_CONE);
  g_assert_cmpint (kh_nat_classify (&facts).filtering, ==, UNKNOWN);

  /* The mapping differs by port or is not known. */
  for (guint i = 0; i < 3; i++)
    {
      const Router *const cones[] = { &FULL, &RESTRICTED, &PORT };

      facts = probe (cones[i], ONE_ADDRESS);
      g_assert_cmpint (kh_nat_classify (&facts).mapping, ==, UNKNOWN);
    }
  facts = probe (&SYMMETRIC, ONE_ADDRESS);
  g_assert_cmpint (kh_nat_classify (&facts).mapping, ==, APDM);

  /* As the design says: this one looks like a cone from one address. */
  facts = probe (&BY_ADDRESS, ONE_ADDRESS);
  g_assert_cmpint (kh_nat_classify (&facts).type, ==, KH_NAT_PORT_RESTRICTED_CONE);
}

/* Whatever was not tried: the kind is right or unknown, or says less. */
static void
test_what_is_missing_makes_nothing_wrong (void)
{
  const Router *const routers[] = { &OPEN, &FIREWALL,  &FULL,      &RESTRICTED,
                                    &PORT, &SHUFFLING, &SYMMETRIC, &SEQUENCE };

  for (guint i = 0; i < G_N_ELEMENTS (routers); i++)
    for (guint missing = 0; missing < 16; missing++)
      {
        KhNatFacts facts = probe (routers[i], TWO_ADDRESSES);
        KhNatType right = kh_nat_classify (&facts).type;
        KhNatType type;

        if (missing & 1)
          facts.other_port = KH_NAT_DIAL_UNKNOWN;
        if (missing & 2)
          facts.other_address = KH_NAT_DIAL_UNKNOWN;
        if (missing & 4)
          facts.unused_port = KH_NAT_DIAL_UNKNOWN;
        if (missing & 8)
          facts.n = 0;
        type = kh_nat_classify (&facts).type;
        if (type == KH_NAT_FULL_OR_RESTRICTED_CONE)
          g_assert_true (right == KH_NAT_FULL_CONE || right == KH_NAT_RESTRICTED_CONE);
        else if (type != KH_NAT_UNKNOWN)
          g_assert_cmpint (type, ==, right);
      }
}

static void
test_nothing_observed_is_unknown (void)
{
  KhNat nat = kh_nat_classify (&(KhNatFacts){ 0 });

  g_assert_cmpint (nat.type, ==, KH_NAT_UNKNOWN);
  g_assert_cmpint (nat.mapping, ==, UNKNOWN);
  g_assert_cmpint (nat.filtering, ==, UNKNOWN);
  g_assert_cmpint (nat.allocation, ==, KH_PORT_ALLOCATION_UNKNOWN);
  g_assert_cmpint (nat.behind_nat, ==, KH_TRISTATE_UNKNOWN);
  g_assert_cmpint (nat.unsolicited, ==, KH_NAT_DIAL_UNKNOWN);
}

/* One port, several places, and what the router made of it each time. */
static KhNat
classify_ports (const guint16 *ports, guint n)
{
  KhNatFacts facts = { 0 };

  for (guint i = 0; i < n; i++)
    {
      const KhNatObservation observation
          = { .local = kh_endpoint_v4 (HOME, LOCAL_PORT),
              .server = kh_endpoint_v4 (SERVERS[0], (guint16)(100 + i)),
              .seen = kh_endpoint_v4 (OUTSIDE, ports[i]) };

      kh_nat_add (&facts, &observation);
    }
  return kh_nat_classify (&facts);
}

static void
test_a_sequence_may_be_disturbed_once (void)
{
  static const guint16 busy[] = { 100, 101, 103, 104, 109 };
  static const guint16 down[] = { 5009, 5008, 5007, 5006 };
  static const guint16 anew[] = { 34094, 34095, 30000, 30001, 30002 };
  static const guint16 twice[] = { 100, 101, 40000, 40001, 7 };
  static const guint16 short_one[] = { 100, 101 };
  static const guint16 broken[] = { 100, 101, 900 };

  g_assert_cmpint (classify_ports (busy, 5).step, ==, 1);
  g_assert_cmpint (classify_ports (down, 4).step, ==, -1);
  g_assert_cmpint (classify_ports (anew, 5).step, ==, 1);
  g_assert_cmpint (classify_ports (twice, 5).allocation, ==, RANDOM);
  g_assert_cmpint (classify_ports (short_one, 2).allocation, ==,
                   KH_PORT_ALLOCATION_UNKNOWN);
  g_assert_cmpint (classify_ports (broken, 3).allocation, ==, RANDOM);
}

/* A port that someone forwarded says nothing of the others. */
static void
test_a_forwarded_port_makes_no_full_cone (void)
{
  KhNatFacts facts = probe (&PORT, TWO_ADDRESSES);

  facts.unused_port = KH_NAT_DIAL_HEARD;
  g_assert_cmpint (kh_nat_classify (&facts).type, ==, KH_NAT_PORT_RESTRICTED_CONE);
}

/* Several outside addresses: not endpoint-independent, whatever the ports are. */
static void
test_another_outside_address_is_another_mapping (void)
{
  KhNatFacts facts = probe (&PORT, TWO_ADDRESSES);

  facts.observations[2].seen.address[3]++;
  g_assert_cmpint (kh_nat_classify (&facts).type, ==, KH_NAT_SYMMETRIC);
  g_assert_cmpint (kh_nat_classify (&facts).mapping, ==, ADM);
}

static void
test_more_than_fits_is_dropped (void)
{
  KhNatFacts facts = { 0 };
  const KhNatObservation observation = { .local = kh_endpoint_v4 (HOME, 1) };

  for (guint i = 0; i < 2 * KH_NAT_OBSERVATIONS_MAX; i++)
    kh_nat_add (&facts, &observation);
  g_assert_cmpuint (facts.n, ==, KH_NAT_OBSERVATIONS_MAX);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nat/a-second-address-tells-all-kinds",
                   test_a_second_address_tells_all_kinds);
  g_test_add_func ("/nat/one-address-says-what-it-can-tell",
                   test_one_address_says_what_it_can_tell);
  g_test_add_func ("/nat/what-is-missing-makes-nothing-wrong",
                   test_what_is_missing_makes_nothing_wrong);
  g_test_add_func ("/nat/nothing-observed-is-unknown", test_nothing_observed_is_unknown);
  g_test_add_func ("/nat/a-sequence-may-be-disturbed-once",
                   test_a_sequence_may_be_disturbed_once);
  g_test_add_func ("/nat/a-forwarded-port-makes-no-full-cone",
                   test_a_forwarded_port_makes_no_full_cone);
  g_test_add_func ("/nat/another-outside-address-is-another-mapping",
                   test_another_outside_address_is_another_mapping);
  g_test_add_func ("/nat/more-than-fits-is-dropped", test_more_than_fits_is_dropped);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/lan-candidates.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

/* A caller and a callee, what the caller says, and how it looks sealed. */
typedef struct
{
  KhKeyPair caller;
  KhKeyPair callee;
  KhKeyPair stranger;
  guint8 call_id[KH_CALL_ID_LEN];
  guint8 nonce[KH_LAN_NONCE_LEN];
  KhLanCandidates said;
  guint8 sealed[KH_CANDIDATES_LEN_MAX];
  gsize len;
} Fixture;

static void
make_keys (KhKeyPair *self, guint8 seed)
{
  guint8 secret[KH_KEY_LEN];

  memset (secret, seed, sizeof secret);
  kh_noise_key_pair_from_secret (self, secret);
}

static KhEndpoint
endpoint (const char *text)
{
  KhEndpoint self;

  g_assert_true (kh_endpoint_parse (&self, text));
  return self;
}

/* What the caller seals, and what the callee opens it with. */
static KhLanEnds
of_caller (const Fixture *fixture)
{
  return (KhLanEnds){ .call_id = fixture->call_id,
                      .from_caller = true,
                      .own = &fixture->caller,
                      .peer = fixture->callee.public_key };
}

static KhLanEnds
at_callee (const Fixture *fixture)
{
  return (KhLanEnds){ .call_id = fixture->call_id,
                      .from_caller = true,
                      .own = &fixture->callee,
                      .peer = fixture->caller.public_key };
}

static void
set_up (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  KhLanEnds ends;

  g_assert_cmpint (sodium_init (), >=, 0);
  make_keys (&fixture->caller, 0x11);
  make_keys (&fixture->callee, 0x22);
  make_keys (&fixture->stranger, 0x33);
  memset (fixture->call_id, 0x44, sizeof fixture->call_id);
  memset (fixture->nonce, 0x55, sizeof fixture->nonce);
  fixture->said = (KhLanCandidates){ .round = 2, .n = 2 };
  fixture->said.endpoints[0] = endpoint ("192.168.1.20:31000");
  fixture->said.endpoints[1] = endpoint ("10.3.4.5:31000");
  ends = of_caller (fixture);
  fixture->len
      = kh_lan_candidates_seal (&fixture->said, &ends, fixture->nonce, fixture->sealed);
}

static void
tear_down (G_GNUC_UNUSED Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
}

static void
assert_same (const KhLanCandidates *one, const KhLanCandidates *other)
{
  g_assert_cmpuint (one->round, ==, other->round);
  g_assert_cmpuint (one->n, ==, other->n);
  for (guint i = 0; i < one->n; i++)
    g_assert_true (kh_endpoint_equal (&one->endpoints[i], &other->endpoints[i]));
}

static void
assert_closed (const Fixture *fixture, const KhLanEnds *ends)
{
  KhLanCandidates heard;

  g_assert_false (kh_lan_candidates_open (&heard, ends, fixture->sealed, fixture->len));
}

/* Bytes that the caller really sealed, whatever is in them. */
static gboolean
open_plain (const Fixture *fixture, const guint8 *plain, gsize len,
            KhLanCandidates *heard)
{
  guint8 sealed[KH_CANDIDATES_LEN_MAX];
  KhLanEnds ends = at_callee (fixture);

  g_assert_cmpuint (KH_LAN_NONCE_LEN + crypto_box_MACBYTES + len, <=, sizeof sealed);
  memcpy (sealed, fixture->nonce, KH_LAN_NONCE_LEN);
  g_assert_cmpint (crypto_box_easy (sealed + KH_LAN_NONCE_LEN, plain, len, fixture->nonce,
                                    fixture->callee.public_key,
                                    fixture->caller.secret_key),
                   ==, 0);
  return kh_lan_candidates_open (heard, &ends, sealed,
                                 KH_LAN_NONCE_LEN + crypto_box_MACBYTES + len);
}

/* --- Sealing and opening --------------------------------------------------------------
 */

static void
test_the_peer_reads_what_was_sealed (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  KhLanEnds ends = at_callee (fixture);
  KhLanCandidates heard;

  g_assert_cmpuint (fixture->len, ==,
                    KH_LAN_NONCE_LEN + crypto_box_MACBYTES + KH_CALL_ID_LEN + 3 + 2 * 7);
  g_assert_true (kh_lan_candidates_open (&heard, &ends, fixture->sealed, fixture->len));
  assert_same (&heard, &fixture->said);
}

static void
test_the_callee_speaks_in_the_same_way (Fixture *fixture,
                                        G_GNUC_UNUSED gconstpointer data)
{
  KhLanEnds own = at_callee (fixture), peer = of_caller (fixture);
  KhLanCandidates heard;

  own.from_caller = peer.from_caller = false;
  fixture->len
      = kh_lan_candidates_seal (&fixture->said, &own, fixture->nonce, fixture->sealed);
  g_assert_true (kh_lan_candidates_open (&heard, &peer, fixture->sealed, fixture->len));
  assert_same (&heard, &fixture->said);
}

static void
test_any_number_fits (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  KhLanEnds own = of_caller (fixture), peer = at_callee (fixture);
  KhLanCandidates heard;

  for (guint8 n = 0; n <= KH_LAN_CANDIDATES_MAX; n++)
    {
      fixture->said.n = n;
      for (guint8 i = 0; i < n; i++)
        fixture->said.endpoints[i] = endpoint ("[fd00:1:2:3:4:5:6:7]:31000");
      fixture->len = kh_lan_candidates_seal (&fixture->said, &own, fixture->nonce,
                                             fixture->sealed);
      g_assert_cmpuint (fixture->len, >, 0);
      g_assert_true (
          kh_lan_candidates_open (&heard, &peer, fixture->sealed, fixture->len));
      assert_same (&heard, &fixture->said);
    }
}

/* Everybody on the way sees an equal length and nothing else. */
static void
test_nobody_else_reads_an_address (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  const KhEndpoint *said = &fixture->said.endpoints[0];

  for (gsize i = 0; i + 4 <= fixture->len; i++)
    g_assert_cmpint (memcmp (fixture->sealed + i, said->address, 4), !=, 0);
}

static void
test_what_is_no_endpoint_is_not_sealed (Fixture *fixture,
                                        G_GNUC_UNUSED gconstpointer data)
{
  KhLanEnds ends = of_caller (fixture);

  fixture->said.endpoints[1] = (KhEndpoint){ 0 };
  g_assert_cmpuint (
      kh_lan_candidates_seal (&fixture->said, &ends, fixture->nonce, fixture->sealed), ==,
      0);
}

static void
test_it_is_good_for_one_call_side_and_peer (Fixture *fixture,
                                            G_GNUC_UNUSED gconstpointer data)
{
  KhLanEnds ends = at_callee (fixture);
  guint8 other_call[KH_CALL_ID_LEN];

  memcpy (other_call, fixture->call_id, sizeof other_call);
  other_call[KH_CALL_ID_LEN - 1] ^= 1;
  ends.call_id = other_call;
  assert_closed (fixture, &ends);

  /* Sent back to where it came from. */
  ends = of_caller (fixture);
  ends.from_caller = false;
  assert_closed (fixture, &ends);

  ends = at_callee (fixture);
  ends.peer = fixture->stranger.public_key;
  assert_closed (fixture, &ends);
  ends = at_callee (fixture);
  ends.own = &fixture->stranger;
  assert_closed (fixture, &ends);
}

static void
test_a_changed_bit_is_noticed (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  KhLanEnds ends = at_callee (fixture);

  for (gsize i = 0; i < fixture->len; i++)
    {
      fixture->sealed[i] ^= (guint8)(1 << i % 8);
      assert_closed (fixture, &ends);
      fixture->sealed[i] ^= (guint8)(1 << i % 8);
    }
}

static void
test_a_part_is_nothing (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  KhLanEnds ends = at_callee (fixture);

  for (gsize len = 0; len < fixture->len; len++)
    {
      g_autofree guint8 *part = g_memdup2 (fixture->sealed, MAX (len, 1));
      KhLanCandidates heard;

      g_assert_false (kh_lan_candidates_open (&heard, &ends, part, len));
    }
}

static void
test_what_is_too_long_is_not_looked_at (Fixture *fixture,
                                        G_GNUC_UNUSED gconstpointer data)
{
  static const gsize lengths[] = { KH_CANDIDATES_LEN_MAX + 1, 65535, 1024 * 1024 };
  KhLanEnds ends = at_callee (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree guint8 *plain = g_malloc0 (lengths[i]);
      g_autofree guint8 *sealed = g_malloc0 (lengths[i]);
      KhLanCandidates heard;

      memcpy (plain, fixture->call_id, KH_CALL_ID_LEN);
      plain[KH_CALL_ID_LEN] = 1;
      memcpy (sealed, fixture->nonce, KH_LAN_NONCE_LEN);
      g_assert_cmpint (
          crypto_box_easy (sealed + KH_LAN_NONCE_LEN, plain,
                           lengths[i] - KH_LAN_NONCE_LEN - crypto_box_MACBYTES,
                           fixture->nonce, fixture->callee.public_key,
                           fixture->caller.secret_key),
          ==, 0);
      g_assert_false (kh_lan_candidates_open (&heard, &ends, sealed, lengths[i]));
    }
}

/* The peer itself may say anything: what it says more than it may is left out. */
static void
test_a_peer_can_not_name_more_than_four (Fixture *fixture,
                                         G_GNUC_UNUSED gconstpointer data)
{
  guint8 plain[KH_CALL_ID_LEN + 3 + 60 * 7];
  KhLanCandidates heard;
  KhWriter writer;

  kh_writer_init (&writer, plain, sizeof plain);
  kh_writer_bytes (&writer, fixture->call_id, KH_CALL_ID_LEN);
  kh_writer_u8 (&writer, 1);
  kh_writer_u8 (&writer, 3);
  kh_writer_u8 (&writer, 60);
  for (guint i = 0; i < 60; i++)
    kh_endpoint_write (&fixture->said.endpoints[0], &writer);
  g_assert_true (kh_writer_done (&writer));
  g_assert_true (open_plain (fixture, plain, sizeof plain, &heard));
  g_assert_cmpuint (heard.n, ==, KH_LAN_CANDIDATES_MAX);
}

/* Bytes behind the last field are there for growth; fields that are missing are not. */
static void
test_a_peer_may_say_more_but_not_less (Fixture *fixture, G_GNUC_UNUSED gconstpointer data)
{
  guint8 plain[KH_CALL_ID_LEN + 3 + 2 * 7 + 1];
  KhLanCandidates heard;
  KhWriter writer;

  kh_writer_init (&writer, plain, sizeof plain);
  kh_writer_bytes (&writer, fixture->call_id, KH_CALL_ID_LEN);
  kh_writer_u8 (&writer, 1);
  kh_writer_u8 (&writer, 3);
  kh_writer_u8 (&writer, 2);
  for (guint i = 0; i < 2; i++)
    kh_endpoint_write (&fixture->said.endpoints[i], &writer);
  kh_writer_u8 (&writer, 99);
  g_assert_true (kh_writer_done (&writer));
  g_assert_true (open_plain (fixture, plain, sizeof plain, &heard));
  g_assert_true (open_plain (fixture, plain, sizeof plain - 1, &heard));
  for (gsize len = 0; len < sizeof plain - 1; len++)
    g_assert_false (open_plain (fixture, plain, len, &heard));

  plain[KH_CALL_ID_LEN + 3] = 5; /* no family */
  g_assert_false (open_plain (fixture, plain, sizeof plain, &heard));
}

/* --- What may be dialled --------------------------------------------------------------
 */

static KhLanNetwork
network (const char *address, guint8 prefix_len)
{
  KhLanNetwork self = { .prefix_len = prefix_len };

  g_assert_true (kh_endpoint_parse_address (&self.address, address, strlen (address), 0));
  return self;
}

typedef struct
{
  const char *candidate;
  KhLanVerdict verdict;
} Verdict;

static void
assert_verdicts (const Verdict *verdicts, gsize n, const KhLanNetwork *networks,
                 gsize n_networks)
{
  KhLanNetwork router = network ("192.168.1.1", 24);

  for (gsize i = 0; i < n; i++)
    {
      KhEndpoint candidate = endpoint (verdicts[i].candidate);

      g_test_message ("%s", verdicts[i].candidate);
      g_assert_cmpint (kh_lan_judge (&candidate, networks, n_networks, &router.address),
                       ==, verdicts[i].verdict);
    }
}

static void
test_a_host_of_our_own_network_is_dialled (void)
{
  static const Verdict verdicts[] = {
    { "192.168.1.20:31000", KH_LAN_ON_LINK },
    { "192.168.1.254:1024", KH_LAN_ON_LINK },
    { "192.168.1.2:65535", KH_LAN_ON_LINK },
    { "192.168.2.20:31000", KH_LAN_SAME_PUBLIC },
    { "10.0.0.7:31000", KH_LAN_SAME_PUBLIC },
    { "172.16.0.7:31000", KH_LAN_SAME_PUBLIC },
  };
  KhLanNetwork home = network ("192.168.1.9", 24);

  assert_verdicts (verdicts, G_N_ELEMENTS (verdicts), &home, 1);
  assert_verdicts (&verdicts[3], G_N_ELEMENTS (verdicts) - 3, NULL, 0);
}

static void
test_the_router_and_what_is_no_host_are_never_dialled (void)
{
  static const Verdict verdicts[] = {
    { "192.168.1.1:31000", KH_LAN_NEVER },
    { "192.168.1.0:31000", KH_LAN_NEVER },
    { "192.168.1.255:31000", KH_LAN_NEVER },
  };
  KhLanNetwork home = network ("192.168.1.9", 24);

  assert_verdicts (verdicts, G_N_ELEMENTS (verdicts), &home, 1);
  /* The router is known, wherever it is. */
  assert_verdicts (verdicts, 1, NULL, 0);
}

static void
test_an_unknown_router_shuts_nothing (void)
{
  KhEndpoint candidate = endpoint ("192.168.1.1:31000"), nobody = { 0 };
  KhLanNetwork home = network ("192.168.1.9", 24);

  g_assert_cmpint (kh_lan_judge (&candidate, &home, 1, &nobody), ==, KH_LAN_ON_LINK);
}

static void
test_only_private_addresses_are_dialled (void)
{
  static const Verdict verdicts[] = {
    { "203.0.113.7:31000", KH_LAN_NEVER },      { "8.8.8.8:31000", KH_LAN_NEVER },
    { "127.0.0.1:31000", KH_LAN_NEVER },        { "127.255.0.3:31000", KH_LAN_NEVER },
    { "169.254.3.4:31000", KH_LAN_NEVER },      { "0.0.0.0:31000", KH_LAN_NEVER },
    { "0.1.2.3:31000", KH_LAN_NEVER },          { "224.0.0.251:31000", KH_LAN_NEVER },
    { "239.1.2.3:31000", KH_LAN_NEVER },        { "255.255.255.255:31000", KH_LAN_NEVER },
    { "172.15.0.1:31000", KH_LAN_NEVER },       { "172.32.0.1:31000", KH_LAN_NEVER },
    { "192.167.1.1:31000", KH_LAN_NEVER },      { "[::1]:31000", KH_LAN_NEVER },
    { "[fd00::1]:31000", KH_LAN_NEVER },        { "[2001:db8::1]:31000", KH_LAN_NEVER },
    { "[fe80::1]:31000", KH_LAN_NEVER },        { "[ff02::1]:31000", KH_LAN_NEVER },
    { "[::ffff:8.8.8.8]:31000", KH_LAN_NEVER },
  };
  KhLanNetwork home = network ("192.168.1.9", 24);

  assert_verdicts (verdicts, G_N_ELEMENTS (verdicts), &home, 1);
}

/* IPv4 in the clothes of IPv6 is judged as what it is. */
static void
test_a_mapped_address_is_what_is_in_it (void)
{
  static const Verdict verdicts[] = {
    { "[::ffff:192.168.1.20]:31000", KH_LAN_ON_LINK },
    { "[::ffff:192.168.1.1]:31000", KH_LAN_NEVER },
    { "[::ffff:127.0.0.1]:31000", KH_LAN_NEVER },
  };
  KhLanNetwork home = network ("192.168.1.9", 24);

  assert_verdicts (verdicts, G_N_ELEMENTS (verdicts), &home, 1);
}

/* Clients never listen there, but services do. */
static void
test_low_ports_are_never_dialled (void)
{
  static const Verdict verdicts[] = {
    { "192.168.1.20:0", KH_LAN_NEVER },      { "192.168.1.20:1", KH_LAN_NEVER },
    { "192.168.1.20:22", KH_LAN_NEVER },     { "192.168.1.20:80", KH_LAN_NEVER },
    { "192.168.1.20:1023", KH_LAN_NEVER },   { "10.0.0.7:1023", KH_LAN_NEVER },
    { "10.0.0.7:1024", KH_LAN_SAME_PUBLIC },
  };
  KhLanNetwork home = network ("192.168.1.9", 24);

  assert_verdicts (verdicts, G_N_ELEMENTS (verdicts), &home, 1);
}

static void
test_addresses_behind_a_carrier_are_private (void)
{
  static const Verdict verdicts[] = {
    { "100.64.0.5:31000", KH_LAN_ON_LINK },
    { "100.64.255.255:31000", KH_LAN_NEVER },
    { "100.127.255.254:31000", KH_LAN_SAME_PUBLIC },
    { "100.63.255.255:31000", KH_LAN_NEVER },
    { "100.128.0.1:31000", KH_LAN_NEVER },
  };
  KhLanNetwork carrier = network ("100.64.7.7", 16);

  assert_verdicts (verdicts, G_N_ELEMENTS (verdicts), &carrier, 1);
}

/* RFC 3021: a network of two has two hosts; one of one is this computer alone, whose own
 * address may be another computer's in a network that only that one is in. */
static void
test_small_networks_have_hosts_only (void)
{
  static const Verdict two[] = {
    { "10.0.0.6:31000", KH_LAN_SAME_PUBLIC },
    { "10.0.0.7:31000", KH_LAN_ON_LINK },
    { "10.0.0.8:31000", KH_LAN_SAME_PUBLIC },
    { "10.0.0.5:31000", KH_LAN_SAME_PUBLIC },
  };
  static const Verdict one[] = {
    { "10.0.0.6:31000", KH_LAN_SAME_PUBLIC },
    { "10.0.0.7:31000", KH_LAN_SAME_PUBLIC },
  };
  static const Verdict four[] = {
    { "10.0.0.4:31000", KH_LAN_NEVER },
    { "10.0.0.5:31000", KH_LAN_ON_LINK },
    { "10.0.0.6:31000", KH_LAN_SAME_PUBLIC },
    { "10.0.0.7:31000", KH_LAN_NEVER },
  };
  KhLanNetwork self = network ("10.0.0.6", 31);

  assert_verdicts (two, G_N_ELEMENTS (two), &self, 1);
  self.prefix_len = 32;
  assert_verdicts (one, G_N_ELEMENTS (one), &self, 1);
  self.prefix_len = 30;
  assert_verdicts (four, G_N_ELEMENTS (four), &self, 1);
}

static void
test_each_network_of_this_computer_counts (void)
{
  static const Verdict verdicts[] = {
    { "192.168.1.20:31000", KH_LAN_ON_LINK }, { "10.8.3.4:31000", KH_LAN_ON_LINK },
    { "172.16.5.1:31000", KH_LAN_ON_LINK },   { "172.16.5.255:31000", KH_LAN_NEVER },
    { "10.9.0.1:31000", KH_LAN_SAME_PUBLIC }, { "192.168.1.1:31000", KH_LAN_NEVER },
  };
  const KhLanNetwork networks[] = {
    network ("192.168.1.9", 24),
    network ("10.8.0.1", 16),
    network ("172.16.5.130", 24),
  };

  assert_verdicts (verdicts, G_N_ELEMENTS (verdicts), networks, G_N_ELEMENTS (networks));
}

/* An address that this computer has of a public network, or of IPv6, is no LAN. */
static void
test_networks_that_are_not_private_say_nothing (void)
{
  static const Verdict verdicts[] = {
    { "203.0.113.7:31000", KH_LAN_NEVER },
    { "192.168.1.20:31000", KH_LAN_SAME_PUBLIC },
  };
  const KhLanNetwork networks[] = {
    network ("203.0.113.9", 24),
    network ("fd00::9", 0),
    { .prefix_len = 0 },
  };

  assert_verdicts (verdicts, G_N_ELEMENTS (verdicts), networks, G_N_ELEMENTS (networks));
}

/* Whatever a peer names: nothing but a private host, other than the router, at a port of
 * clients. Replay with --seed. */
static void
test_any_candidate_keeps_to_the_rules (void)
{
  guint n_good = 0;

  for (guint i = 0; i < 100000; i++)
    {
      static const guint8 firsts[] = { 10, 100, 127, 172, 192, 224, 169, 203, 0 };
      guint8 address[4] = { firsts[g_test_rand_int_range (0, G_N_ELEMENTS (firsts))],
                            (guint8)g_test_rand_int_range (0, 256),
                            (guint8)g_test_rand_int_range (0, 256),
                            (guint8)g_test_rand_int_range (0, 256) };
      KhEndpoint candidate
          = kh_endpoint_v4 (address, (guint16)g_test_rand_int_range (0, 3000));
      KhLanNetwork home = { .prefix_len = (guint8)g_test_rand_int_range (0, 33) };
      KhEndpoint gateway = candidate;
      KhLanVerdict verdict;

      home.address = kh_endpoint_v4 ((const guint8[]){ 10, 1, 2, 3 }, 0);
      gateway.address[3] ^= (guint8)g_test_rand_int_range (0, 4);
      verdict = kh_lan_judge (&candidate, &home, 1, &gateway);
      if (verdict == KH_LAN_NEVER)
        continue;
      n_good++;
      g_assert_cmpint (kh_endpoint_kind (&candidate), ==, KH_ENDPOINT_PRIVATE);
      g_assert_cmpuint (candidate.port, >=, KH_CALL_PORT_MIN);
      g_assert_false (kh_endpoint_same_address (&candidate, &gateway));
    }
  g_assert_cmpuint (n_good, >, 1000);
}

int
main (int argc, char *argv[])
{
#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("/lan-candidates/the-peer-reads-what-was-sealed",
       test_the_peer_reads_what_was_sealed);
  ADD ("/lan-candidates/the-callee-speaks-in-the-same-way",
       test_the_callee_speaks_in_the_same_way);
  ADD ("/lan-candidates/any-number-fits", test_any_number_fits);
  ADD ("/lan-candidates/nobody-else-reads-an-address", test_nobody_else_reads_an_address);
  ADD ("/lan-candidates/what-is-no-endpoint-is-not-sealed",
       test_what_is_no_endpoint_is_not_sealed);
  ADD ("/lan-candidates/it-is-good-for-one-call-side-and-peer",
       test_it_is_good_for_one_call_side_and_peer);
  ADD ("/lan-candidates/a-changed-bit-is-noticed", test_a_changed_bit_is_noticed);
  ADD ("/lan-candidates/a-part-is-nothing", test_a_part_is_nothing);
  ADD ("/lan-candidates/what-is-too-long-is-not-looked-at",
       test_what_is_too_long_is_not_looked_at);
  ADD ("/lan-candidates/a-peer-can-not-name-more-than-four",
       test_a_peer_can_not_name_more_than_four);
  ADD ("/lan-candidates/a-peer-may-say-more-but-not-less",
       test_a_peer_may_say_more_but_not_less);
#undef ADD
#define ADD(path, test) g_test_add_func (path, test)
  ADD ("/lan-candidates/a-host-of-our-own-network-is-dialled",
       test_a_host_of_our_own_network_is_dialled);
  ADD ("/lan-candidates/the-router-and-what-is-no-host-are-never-dialled",
       test_the_router_and_what_is_no_host_are_never_dialled);
  ADD ("/lan-candidates/an-unknown-router-shuts-nothing",
       test_an_unknown_router_shuts_nothing);
  ADD ("/lan-candidates/only-private-addresses-are-dialled",
       test_only_private_addresses_are_dialled);
  ADD ("/lan-candidates/a-mapped-address-is-what-is-in-it",
       test_a_mapped_address_is_what_is_in_it);
  ADD ("/lan-candidates/low-ports-are-never-dialled", test_low_ports_are_never_dialled);
  ADD ("/lan-candidates/addresses-behind-a-carrier-are-private",
       test_addresses_behind_a_carrier_are_private);
  ADD ("/lan-candidates/small-networks-have-hosts-only",
       test_small_networks_have_hosts_only);
  ADD ("/lan-candidates/each-network-of-this-computer-counts",
       test_each_network_of_this_computer_counts);
  ADD ("/lan-candidates/networks-that-are-not-private-say-nothing",
       test_networks_that_are_not_private_say_nothing);
  ADD ("/lan-candidates/any-candidate-keeps-to-the-rules",
       test_any_candidate_keeps_to_the_rules);
#undef ADD
  return g_test_run ();
}

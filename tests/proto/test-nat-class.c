/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/nat-class.h"

#include <glib.h>
#include <string.h>

#define N_KINDS 16 /* that four bits can say */
#define N_CLASSES 128

/* L direct very likely, P possible, - no direct way, ? unknown. Of what was measured
 * behind kernel NATs (tests/lab/README.md): whoever has an easy router reaches everybody,
 * a sequence is foretold, many sockets find a port that is not. */
static const char *const PAIRS[N_KINDS] = {
  /* in this order, and then kinds that are still to come */
  [KH_NAT_KIND_UNKNOWN] = "?LPLLLP?????????",
  [KH_NAT_KIND_OPEN] = "LLLLLLLLLLLLLLLL",
  [KH_NAT_KIND_FIREWALL] = "PLLLLLLLPPPPPPPP",
  [KH_NAT_KIND_FULL_CONE] = "LLLLLLLLLLLLLLLL",
  [KH_NAT_KIND_RESTRICTED_CONE] = "LLLLLLLLLLLLLLLL",
  [KH_NAT_KIND_FULL_OR_RESTRICTED_CONE] = "LLLLLLLLLLLLLLLL",
  [KH_NAT_KIND_PORT_RESTRICTED_CONE] = "PLLLLLLLPPPPPPPP",
  [KH_NAT_KIND_SEQUENTIAL] = "?LLLLLLP--??????",
  [KH_NAT_KIND_RANDOM] = "?LPLLLP---??????",
  [KH_NAT_KIND_ADDRESS_DEPENDENT] = "?LPLLLP---??????",
  [10] = "?LPLLLP?????????",
  [11] = "?LPLLLP?????????",
  [12] = "?LPLLLP?????????",
  [13] = "?LPLLLP?????????",
  [14] = "?LPLLLP?????????",
  [15] = "?LPLLLP?????????",
};

static KhOutlook
outlook_of_letter (char letter, bool relay)
{
  switch (letter)
    {
    case 'L':
      return KH_OUTLOOK_LIKELY;
    case 'P':
      return KH_OUTLOOK_POSSIBLE;
    case '-':
      return relay ? KH_OUTLOOK_RELAY_ONLY : KH_OUTLOOK_NEEDS_MAPPING;
    default:
      g_assert_cmpint (letter, ==, '?');
      return KH_OUTLOOK_UNKNOWN;
    }
}

/* Kinds alone, with a relay and without. */
static void
test_every_pair_of_kinds (void)
{
  for (guint one = 0; one < N_KINDS; one++)
    {
      g_assert_cmpuint (strlen (PAIRS[one]), ==, N_KINDS);
      for (guint other = 0; other < N_KINDS; other++)
        for (guint relay = 0; relay < 2; relay++)
          g_assert_cmpint (
              kh_nat_class_outlook ((KhNatClass)one, (KhNatClass)other, relay != 0), ==,
              outlook_of_letter (PAIRS[one][other], relay != 0));
    }
}

/* Every byte with every other: flags count as they are meant to, and the order does not.
 */
static void
test_every_pair_of_classes (void)
{
  for (guint one = 0; one < N_CLASSES; one++)
    for (guint other = 0; other < N_CLASSES; other++)
      for (guint relayed = 0; relayed < 2; relayed++)
        {
          bool mapped = (one & 0x10) != 0 || (other & 0x10) != 0;
          bool ipv6 = (one & 0x20) != 0 && (other & 0x20) != 0;
          bool refused = (one & 0x40) != 0 || (other & 0x40) != 0;
          KhOutlook expected
              = outlook_of_letter (PAIRS[one & 15][other & 15], relayed != 0 && !refused);
          KhOutlook found
              = kh_nat_class_outlook ((KhNatClass)one, (KhNatClass)other, relayed != 0);

          g_assert_cmpint (found, ==, mapped || ipv6 ? KH_OUTLOOK_LIKELY : expected);
          g_assert_cmpint (
              found, ==,
              kh_nat_class_outlook ((KhNatClass)other, (KhNatClass)one, relayed != 0));
        }
}

static void
test_a_network_has_its_byte (void)
{
  static const struct
  {
    KhNat nat;
    KhNatClass class;
  } networks[] = {
    { { .type = KH_NAT_UNKNOWN, .mapping = KH_NAT_BEHAVIOUR_ADDRESS_DEPENDENT }, 0 },
    { { .type = KH_NAT_OPEN }, 1 },
    { { .type = KH_NAT_FIREWALL }, 2 },
    { { .type = KH_NAT_FULL_CONE }, 3 },
    { { .type = KH_NAT_RESTRICTED_CONE }, 4 },
    { { .type = KH_NAT_FULL_OR_RESTRICTED_CONE }, 5 },
    { { .type = KH_NAT_PORT_RESTRICTED_CONE,
        .allocation = KH_PORT_ALLOCATION_SEQUENTIAL },
      6 },
    { { .type = KH_NAT_SYMMETRIC,
        .mapping = KH_NAT_BEHAVIOUR_ADDRESS_AND_PORT_DEPENDENT,
        .allocation = KH_PORT_ALLOCATION_SEQUENTIAL },
      7 },
    { { .type = KH_NAT_SYMMETRIC,
        .mapping = KH_NAT_BEHAVIOUR_ADDRESS_AND_PORT_DEPENDENT,
        .allocation = KH_PORT_ALLOCATION_RANDOM },
      8 },
    /* One that keeps the port for the first of each: for others it does not. */
    { { .type = KH_NAT_SYMMETRIC, .allocation = KH_PORT_ALLOCATION_PRESERVING }, 8 },
    { { .type = KH_NAT_SYMMETRIC }, 8 },
    { { .type = KH_NAT_SYMMETRIC,
        .mapping = KH_NAT_BEHAVIOUR_ADDRESS_DEPENDENT,
        .allocation = KH_PORT_ALLOCATION_SEQUENTIAL },
      9 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      const KhNat *nat = &networks[i].nat;
      KhNatClass class = networks[i].class;

      g_assert_cmpuint (kh_nat_class_of (nat, false, KH_TRISTATE_UNKNOWN, false), ==,
                        class);
      g_assert_cmpuint (kh_nat_class_of (nat, true, KH_TRISTATE_NO, false), ==,
                        class + 0x10);
      g_assert_cmpuint (kh_nat_class_of (nat, false, KH_TRISTATE_YES, false), ==,
                        class + 0x20);
      g_assert_cmpuint (kh_nat_class_of (nat, false, KH_TRISTATE_NO, true), ==,
                        class + 0x40);
      g_assert_cmpint (kh_nat_class_kind (class + 0x70), ==, class);
    }
}

/* Of a later version, or of a liar: also the bit that no client sends. */
static void
test_any_byte_has_a_kind (void)
{
  for (guint byte = 0; byte <= G_MAXUINT8; byte++)
    {
      guint kind = byte & 15;

      g_assert_cmpint (kh_nat_class_kind ((KhNatClass)byte), ==, kind < 10 ? kind : 0);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nat-class/every-pair-of-kinds", test_every_pair_of_kinds);
  g_test_add_func ("/nat-class/every-pair-of-classes", test_every_pair_of_classes);
  g_test_add_func ("/nat-class/a-network-has-its-byte", test_a_network_has_its_byte);
  g_test_add_func ("/nat-class/any-byte-has-a-kind", test_any_byte_has_a_kind);
  return g_test_run ();
}

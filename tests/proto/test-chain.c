/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/chain.h"

#include <glib.h>
#include <stddef.h>

#define N 12

typedef struct
{
  guint32 link;
  KhLinks links;
} Slot;

static void
check (const KhChain *chain, const KhSlots *slots, GArray *expected)
{
  guint32 at = chain->first, before = 0;

  for (guint i = 0; i < expected->len; i++)
    {
      const Slot *slot;

      g_assert_cmpuint (at, ==, g_array_index (expected, guint32, i));
      slot = kh_slots_at (slots, at);
      g_assert_cmpuint (slot->links.prev, ==, before);
      before = at;
      at = slot->links.next;
    }
  g_assert_cmpuint (at, ==, 0);
  g_assert_cmpuint (chain->last, ==, before);
}

/* Whatever is put where and taken out, both directions agree with an array. */
static void
test_any_order (void)
{
  Slot memory[N] = { 0 };
  KhSlots slots;
  KhChain chain = { 0 };
  g_autoptr (GArray) expected = g_array_new (FALSE, FALSE, sizeof (guint32));
  gboolean in[N + 1] = { FALSE };

  kh_slots_init (&slots, memory, sizeof (Slot), N);
  for (guint i = 0; i < N; i++)
    kh_slots_take (&slots);
  for (guint step = 0; step < 20000; step++)
    {
      guint32 number = (guint32)g_test_rand_int_range (1, N + 1);
      guint place = (guint)g_test_rand_int_range (0, (gint)expected->len + 1);

      if (in[number])
        {
          for (guint i = 0; i < expected->len; i++)
            if (g_array_index (expected, guint32, i) == number)
              {
                g_array_remove_index (expected, i);
                break;
              }
          kh_chain_remove (&chain, &slots, offsetof (Slot, links), number);
        }
      else if (place == expected->len)
        {
          g_array_append_val (expected, number);
          kh_chain_append (&chain, &slots, offsetof (Slot, links), number);
        }
      else
        {
          kh_chain_insert_before (&chain, &slots, offsetof (Slot, links), number,
                                  g_array_index (expected, guint32, place));
          g_array_insert_val (expected, place, number);
        }
      in[number] = !in[number];
      check (&chain, &slots, expected);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chain/any-order", test_any_order);
  return g_test_run ();
}

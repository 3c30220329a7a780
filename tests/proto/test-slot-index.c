/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/slot-index.h"

#include <glib.h>

#define N 60

typedef struct
{
  guint32 link;
  guint32 key;
} Slot;

static guint32
find (const KhSlotIndex *index, const KhSlots *slots, guint32 key)
{
  guint32 number = kh_slot_index_first (index, key % 7);

  while (number != 0 && ((Slot *)kh_slots_at (slots, number))->key != key)
    number = kh_slot_index_next (slots, number);
  return number;
}

/* With a bad hash, so that buckets are shared: exactly what was added is found. */
static void
test_any_order (void)
{
  Slot memory[N] = { 0 };
  guint32 buckets[16] = { 0 };
  guint32 where[100] = { 0 };
  KhSlots slots;
  KhSlotIndex index;

  kh_slots_init (&slots, memory, sizeof (Slot), N);
  kh_slot_index_init (&index, buckets, G_N_ELEMENTS (buckets));
  for (guint step = 0; step < 20000; step++)
    {
      guint32 key = (guint32)g_test_rand_int_range (0, G_N_ELEMENTS (where));

      if (where[key] != 0)
        {
          kh_slot_index_remove (&index, &slots, key % 7, where[key]);
          kh_slots_put (&slots, where[key]);
          where[key] = 0;
        }
      else if ((where[key] = kh_slots_take (&slots)) != 0)
        {
          ((Slot *)kh_slots_at (&slots, where[key]))->key = key;
          kh_slot_index_add (&index, &slots, key % 7, where[key]);
        }
      key = (guint32)g_test_rand_int_range (0, G_N_ELEMENTS (where));
      g_assert_cmpuint (find (&index, &slots, key), ==, where[key]);
    }
}

static void
test_sizes_are_powers_of_two (void)
{
  g_assert_cmpuint (kh_slot_index_size (1), ==, 16);
  g_assert_cmpuint (kh_slot_index_size (16), ==, 16);
  g_assert_cmpuint (kh_slot_index_size (17), ==, 32);
  g_assert_cmpuint (kh_slot_index_size (10000), ==, 16384);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slot-index/any-order", test_any_order);
  g_test_add_func ("/slot-index/sizes-are-powers-of-two", test_sizes_are_powers_of_two);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/slots.h"

#include <glib.h>

typedef struct
{
  guint32 link;
  guint32 value;
} Slot;

static void
test_all_can_be_taken_once (void)
{
  Slot memory[5] = { 0 };
  KhSlots slots;

  kh_slots_init (&slots, memory, sizeof (Slot), G_N_ELEMENTS (memory));
  for (guint32 i = 1; i <= 5; i++)
    g_assert_cmpuint (kh_slots_take (&slots), ==, i);
  g_assert_cmpuint (kh_slots_take (&slots), ==, 0);
  kh_slots_put (&slots, 3);
  g_assert_cmpuint (kh_slots_take (&slots), ==, 3);
  g_assert_cmpuint (kh_slots_take (&slots), ==, 0);
}

/* A slot that is taken is zeroed and nobody else's. */
static void
test_any_order (void)
{
  Slot memory[20] = { 0 };
  gboolean taken[21] = { FALSE };
  guint n_taken = 0;
  KhSlots slots;

  kh_slots_init (&slots, memory, sizeof (Slot), G_N_ELEMENTS (memory));
  for (guint step = 0; step < 20000; step++)
    {
      guint32 number = (guint32)g_test_rand_int_range (1, 21);

      if (taken[number])
        {
          const Slot *slot = kh_slots_at (&slots, number);

          g_assert_cmpuint (slot->value, ==, number);
          kh_slots_put (&slots, number);
          taken[number] = FALSE;
          n_taken--;
        }
      else
        {
          Slot *slot;

          number = kh_slots_take (&slots);
          g_assert_false (taken[number]);
          slot = kh_slots_at (&slots, number);
          g_assert_cmpuint (slot->link, ==, 0);
          g_assert_cmpuint (slot->value, ==, 0);
          slot->value = number;
          taken[number] = TRUE;
          n_taken++;
        }
      g_assert_cmpuint (slots.n_used, ==, n_taken);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slots/all-can-be-taken-once", test_all_can_be_taken_once);
  g_test_add_func ("/slots/any-order", test_any_order);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/volume-limit.h"

#include <glib.h>
#include <sodium.h>

#define DAY_US INT64_C (1000000)
#define SLOTS 64

typedef struct
{
  KhVolumeSlot slots[SLOTS];
  KhVolumeTable table;
} Fixture;

static void
set_up (Fixture *self, G_GNUC_UNUSED gconstpointer unused)
{
  const guint8 key[KH_VOLUME_LIMIT_KEY_LEN] = { 9 };

  kh_volume_limit_init (&self->table, self->slots, SLOTS, 100, DAY_US, key);
}

static void
add (Fixture *self, guint32 who, guint64 n_bytes, gint64 now_us)
{
  kh_volume_limit_add (&self->table, (const guint8 *)&who, sizeof who, n_bytes, now_us);
}

static gboolean
is_used_up (const Fixture *self, guint32 who, gint64 now_us)
{
  return kh_volume_limit_is_used_up (&self->table, (const guint8 *)&who, sizeof who,
                                     now_us);
}

static void
test_a_day_has_so_many_bytes (Fixture *self, G_GNUC_UNUSED gconstpointer unused)
{
  g_assert_false (is_used_up (self, 1, 5));
  add (self, 1, 99, 5);
  g_assert_false (is_used_up (self, 1, 5));
  add (self, 1, 1, 6);
  g_assert_true (is_used_up (self, 1, 6));
  g_assert_false (is_used_up (self, 2, 6));
  g_assert_true (is_used_up (self, 1, 5 + DAY_US - 1));
  g_assert_false (is_used_up (self, 1, 5 + DAY_US));
}

static void
test_the_next_day_begins_with_its_first_byte (Fixture *self,
                                              G_GNUC_UNUSED gconstpointer unused)
{
  add (self, 1, 1000, 0);
  add (self, 1, 60, DAY_US + 7);
  g_assert_false (is_used_up (self, 1, DAY_US + 7));
  add (self, 1, 39, 2 * DAY_US + 6);
  g_assert_false (is_used_up (self, 1, 2 * DAY_US + 6));
  add (self, 1, 1, 2 * DAY_US + 6);
  g_assert_true (is_used_up (self, 1, 2 * DAY_US + 6));
  g_assert_false (is_used_up (self, 1, 2 * DAY_US + 7));
}

/* However many come with a little, who has used it up is not forgotten for them. */
static void
test_a_crowd_makes_nobody_forgotten (Fixture *self, G_GNUC_UNUSED gconstpointer unused)
{
  add (self, 1, 100, 0);
  for (guint32 who = 2; who < 5000; who++)
    add (self, who, 1 + who % 90, 1);
  g_assert_true (is_used_up (self, 1, 1));
}

/* With room for all, each has exactly what was added in its day. */
static void
test_any_order (Fixture *self, G_GNUC_UNUSED gconstpointer unused)
{
  guint64 n_bytes[3] = { 0 };
  gint64 began_at_us[3] = { 0 };
  gint64 now_us = 0;

  for (guint step = 0; step < 20000; step++)
    {
      guint who = (guint)g_test_rand_int_range (0, 3);
      guint n = (guint)g_test_rand_int_range (1, 30);

      now_us += g_test_rand_int_range (0, (gint32)DAY_US / 5);
      if (n_bytes[who] == 0 || now_us - began_at_us[who] >= DAY_US)
        {
          n_bytes[who] = 0;
          began_at_us[who] = now_us;
        }
      n_bytes[who] += n;
      add (self, who, n, now_us);
      g_assert_cmpint (is_used_up (self, who, now_us), ==, n_bytes[who] >= 100);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
#define TEST(path, function)                                                             \
  g_test_add ("/volume-limit/" path, Fixture, NULL, set_up, function, NULL)
  TEST ("a-day-has-so-many-bytes", test_a_day_has_so_many_bytes);
  TEST ("the-next-day-begins-with-its-first-byte",
        test_the_next_day_begins_with_its_first_byte);
  TEST ("a-crowd-makes-nobody-forgotten", test_a_crowd_makes_nobody_forgotten);
  TEST ("any-order", test_any_order);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/admission.h"

#include <glib.h>

static KhEndpoint
from (guint8 last)
{
  const guint8 address[4] = { 192, 0, 2, last };

  return kh_endpoint_v4 (address, 1);
}

static void
test_time_runs_out_in_order (void)
{
  KhAdmission admission;
  int owners[3];
  void *evicted;
  KhEndpoint remote = from (1);
  guint32 second;

  kh_admission_init (&admission, 10, 10, 1000);
  g_assert_cmpint (kh_admission_deadline (&admission), ==, G_MAXINT64);
  kh_admission_add (&admission, &owners[0], &remote, 0, &evicted);
  second = kh_admission_add (&admission, &owners[1], &remote, 100, &evicted);
  kh_admission_add (&admission, &owners[2], &remote, 200, &evicted);
  g_assert_cmpint (kh_admission_deadline (&admission), ==, 1000);
  g_assert_null (kh_admission_expired (&admission, 999));
  g_assert_true (kh_admission_expired (&admission, 1000) == &owners[0]);
  kh_admission_remove (&admission, second);
  g_assert_null (kh_admission_expired (&admission, 1199));
  g_assert_true (kh_admission_expired (&admission, 1200) == &owners[2]);
  g_assert_cmpint (kh_admission_deadline (&admission), ==, G_MAXINT64);
  kh_admission_clear (&admission);
}

static void
test_a_full_network_ends_its_own_oldest (void)
{
  KhAdmission admission;
  int owners[5];
  void *evicted;
  KhEndpoint one = from (1), other = from (2);

  kh_admission_init (&admission, 10, 2, 1000);
  kh_admission_add (&admission, &owners[0], &other, 0, &evicted);
  kh_admission_add (&admission, &owners[1], &one, 0, &evicted);
  kh_admission_add (&admission, &owners[2], &one, 0, &evicted);
  g_assert_null (evicted);
  kh_admission_add (&admission, &owners[3], &one, 0, &evicted);
  g_assert_true (evicted == &owners[1]);
  kh_admission_add (&admission, &owners[4], &other, 0, &evicted);
  g_assert_null (evicted);
  kh_admission_clear (&admission);
}

/* Never more than the maxima, and nobody is ever refused. */
static void
test_any_order (void)
{
  KhAdmission admission;
  guint32 tickets[64] = { 0 }; /* by owner */
  guint8 network[64];
  gint64 now_us = 0;

  kh_admission_init (&admission, 20, 4, 5000);
  for (guint step = 0; step < 50000; step++)
    {
      guint owner = (guint)g_test_rand_int_range (0, G_N_ELEMENTS (tickets));
      guint32 *expired, *evicted = NULL;
      guint n[8] = { 0 }, n_all = 0;

      now_us += g_test_rand_int_range (0, 300);
      while ((expired = kh_admission_expired (&admission, now_us)) != NULL)
        *expired = 0;
      if (tickets[owner] != 0)
        {
          kh_admission_remove (&admission, tickets[owner]);
          tickets[owner] = 0;
        }
      else
        {
          KhEndpoint remote;

          network[owner] = (guint8)g_test_rand_int_range (0, 8);
          remote = from (network[owner]);
          tickets[owner] = kh_admission_add (&admission, &tickets[owner], &remote, now_us,
                                             (void **)&evicted);
          g_assert_cmpuint (tickets[owner], !=, 0);
          if (evicted != NULL)
            *evicted = 0;
        }
      for (guint i = 0; i < G_N_ELEMENTS (tickets); i++)
        if (tickets[i] != 0)
          {
            n_all++;
            g_assert_cmpuint (++n[network[i]], <=, 4);
          }
      g_assert_cmpuint (n_all, <=, 20);
      g_assert_cmpint (kh_admission_deadline (&admission), >, now_us);
    }
  kh_admission_clear (&admission);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/admission/time-runs-out-in-order", test_time_runs_out_in_order);
  g_test_add_func ("/admission/a-full-network-ends-its-own-oldest",
                   test_a_full_network_ends_its_own_oldest);
  g_test_add_func ("/admission/any-order", test_any_order);
  return g_test_run ();
}

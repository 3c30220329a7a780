/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/attempt-private.h"

#include <string.h>

static const KhPeerId peer = { { 1, 2, 3 } };

static KhEndpoint
endpoint (const char *text)
{
  KhEndpoint parsed;

  g_assert_true (kh_endpoint_parse (&parsed, text));
  return parsed;
}

static void
take_outcome (KhAttempt *attempt, guint round, guint number, const char *to,
              KhCandidateOutcome outcome)
{
  KhAttemptWay way = {
    .round = round, .number = number, .kind = KH_PATH_PUNCHED, .peer = endpoint (to)
  };

  kh_attempt_take_outcome (attempt, &way, outcome, 1);
}

/* A port in each of two rounds, a stranger, and one that won. */
static KhAttempt *
make_attempt (void)
{
  KhAttempt *attempt = kh_attempt_new (&peer, "bob", TRUE);
  KhEndpoint own = endpoint ("203.0.113.5:2000");
  KhEndpoint won = endpoint ("[2001:db8::1]:4000");

  kh_attempt_take_step (attempt, 1, 1, 0, NULL, NULL);
  kh_attempt_take_step (attempt, 2, 1, 0, &own, NULL);
  kh_attempt_take_step (attempt, 3, 1, 20000, NULL, &own);
  kh_attempt_set_state (attempt, KH_ATTEMPT_PUNCHING);
  take_outcome (attempt, 1, 0, "198.51.100.1:3000", KH_CANDIDATE_FOUND);
  kh_attempt_take_port (attempt, 1, 0, 20000);
  kh_attempt_take_own (attempt, 1, 0, &own);
  take_outcome (attempt, 1, 0, "198.51.100.1:3000", KH_CANDIDATE_DIALLED);
  take_outcome (attempt, 1, 0, "198.51.100.1:3000", KH_CANDIDATE_REFUSED);
  take_outcome (attempt, 1, 0, "198.51.100.1:3000", KH_CANDIDATE_DIALLED);
  take_outcome (attempt, 1, 0, "192.0.2.9:1", KH_CANDIDATE_STRANGER);
  kh_attempt_take_step (attempt, 3, 2, 20001, NULL, NULL);
  kh_attempt_take_port (attempt, 2, 1, 20001);
  kh_attempt_take_connected (
      attempt,
      &(KhAttemptWay){ .round = 2, .number = 1, .kind = KH_PATH_IPV6, .peer = won },
      "ChaCha20-Poly1305");
  return attempt;
}

static void
expect_same_endpoint (const KhEndpoint *one, const KhEndpoint *other)
{
  g_assert_cmpmem (one->address, sizeof one->address, other->address,
                   sizeof other->address);
  g_assert_cmpuint (one->family, ==, other->family);
  g_assert_cmpuint (one->port, ==, other->port);
}

static void
expect_same (KhAttempt *one, KhAttempt *other)
{
  g_assert_cmpstr (kh_attempt_get_name (one), ==, kh_attempt_get_name (other));
  g_assert_cmpint (kh_attempt_get_began_at_ms (one), ==,
                   kh_attempt_get_began_at_ms (other));
  g_assert_cmpint (kh_attempt_get_ms (one), ==, kh_attempt_get_ms (other));
  g_assert_cmpint (kh_attempt_get_caller (one), ==, kh_attempt_get_caller (other));
  g_assert_cmpint (kh_attempt_get_state (one), ==, kh_attempt_get_state (other));
  g_assert_cmpuint (kh_attempt_get_round (one), ==, kh_attempt_get_round (other));
  g_assert_cmpint (kh_attempt_get_end (one), ==, kh_attempt_get_end (other));
  g_assert_cmpint (kh_attempt_get_failure (one), ==, kh_attempt_get_failure (other));
  g_assert_cmpint (kh_attempt_get_stranger (one), ==, kh_attempt_get_stranger (other));
  g_assert_cmpint (kh_attempt_get_wait_ms (one), ==, kh_attempt_get_wait_ms (other));
  g_assert_cmpint (kh_attempt_get_path (one), ==, kh_attempt_get_path (other));
  g_assert_cmpstr (kh_attempt_get_cipher (one), ==, kh_attempt_get_cipher (other));
  for (guint i = 1; i <= KH_ATTEMPT_STEPS; i++)
    {
      const KhAttemptStep *a = kh_attempt_get_step (one, i);
      const KhAttemptStep *b = kh_attempt_get_step (other, i);

      g_assert_cmpint (a->at_ms, ==, b->at_ms);
      g_assert_cmpuint (a->port, ==, b->port);
      expect_same_endpoint (&a->own, &b->own);
      expect_same_endpoint (&a->remote, &b->remote);
    }
}

static void
expect_same_candidates (KhAttempt *one, KhAttempt *other)
{
  g_assert_cmpuint (kh_attempt_get_n_candidates (one), ==,
                    kh_attempt_get_n_candidates (other));
  for (guint i = 0; i < kh_attempt_get_n_candidates (one); i++)
    {
      const KhCandidate *a = kh_attempt_get_candidate (one, i);
      const KhCandidate *b = kh_attempt_get_candidate (other, i);

      g_assert_cmpint (a->kind, ==, b->kind);
      g_assert_cmpuint (a->round, ==, b->round);
      g_assert_cmpuint (a->port, ==, b->port);
      expect_same_endpoint (&a->own, &b->own);
      expect_same_endpoint (&a->peer, &b->peer);
      g_assert_cmpuint (a->n_dials, ==, b->n_dials);
      g_assert_cmpint (a->first_ms, ==, b->first_ms);
      g_assert_cmpint (a->last_ms, ==, b->last_ms);
      g_assert_cmpint (a->outcome, ==, b->outcome);
    }
}

/* --- Tests ------------------------------------------------------------------------ */

static void
test_a_candidate_keeps_the_furthest_that_it_got (void)
{
  g_autoptr (KhAttempt) attempt = make_attempt ();
  const KhCandidate *first = kh_attempt_get_candidate (attempt, 0);
  const KhCandidate *stranger = kh_attempt_get_candidate (attempt, 1);
  const KhCandidate *won = kh_attempt_get_candidate (attempt, 2);

  g_assert_cmpuint (kh_attempt_get_n_candidates (attempt), ==, 3);
  g_assert_cmpint (first->outcome, ==, KH_CANDIDATE_REFUSED);
  g_assert_cmpuint (first->n_dials, ==, 2);
  g_assert_cmpint (stranger->outcome, ==, KH_CANDIDATE_STRANGER);
  g_assert_cmpint (won->outcome, ==, KH_CANDIDATE_WON);
  g_assert_cmpint (won->kind, ==, KH_PATH_IPV6);
  g_assert_cmpuint (won->round, ==, 2);
}

/* The server may tell of the peer before the port is open. */
static void
test_a_port_that_is_known_late_belongs_to_its_candidates (void)
{
  g_autoptr (KhAttempt) attempt = make_attempt ();
  const KhCandidate *first = kh_attempt_get_candidate (attempt, 0);

  g_assert_cmpuint (first->port, ==, 20000);
  g_assert_cmpuint (first->own.port, ==, 2000);
}

static void
test_a_new_round_has_its_own_steps (void)
{
  g_autoptr (KhAttempt) attempt = make_attempt ();

  g_assert_cmpint (kh_attempt_get_step (attempt, 2)->at_ms, >=, 0);
  g_assert_cmpuint (kh_attempt_get_step (attempt, 3)->port, ==, 20001);
  g_assert_cmpuint (kh_attempt_get_step (attempt, 3)->round, ==, 2);
  g_assert_cmpint (kh_attempt_get_step (attempt, 4)->at_ms, ==, -1);
}

static void
count (G_GNUC_UNUSED KhAttempt *attempt, guint *n)
{
  ++*n;
}

static void
test_final_is_final (void)
{
  g_autoptr (KhAttempt) attempt = make_attempt ();
  guint n_changed = 0;
  gint64 ms = kh_attempt_get_ms (attempt);

  g_signal_connect (attempt, "changed", G_CALLBACK (count), &n_changed);
  kh_attempt_take_failed (attempt, KH_CALL_END_NO_PATH, KH_PUNCH_SILENT, TRUE, 5);
  kh_attempt_set_state (attempt, KH_ATTEMPT_CALLING);
  kh_attempt_take_step (attempt, 8, 3, 1, NULL, NULL);
  take_outcome (attempt, 3, 0, "198.51.100.1:3000", KH_CANDIDATE_DIALLED);
  g_assert_cmpuint (n_changed, ==, 0);
  g_assert_cmpint (kh_attempt_get_state (attempt), ==, KH_ATTEMPT_CONNECTED);
  g_assert_cmpuint (kh_attempt_get_n_candidates (attempt), ==, 3);
  g_assert_cmpint (kh_attempt_get_ms (attempt), ==, ms);
}

/* Strangers may come in any number, and from any port number that there is not. */
static void
test_strangers_do_not_fill_memory (void)
{
  g_autoptr (KhAttempt) attempt = kh_attempt_new (&peer, "bob", TRUE);
  guint8 address[4] = { 198, 51, 100, 1 };

  for (guint i = 1; i < 1000; i++)
    {
      KhEndpoint from = kh_endpoint_v4 (address, (guint16)i);

      KhAttemptWay way = { .round = i % 5, .number = i % 6, .peer = from };

      kh_attempt_take_outcome (attempt, &way, KH_CANDIDATE_STRANGER, 0);
    }
  g_assert_cmpuint (kh_attempt_get_n_candidates (attempt), ==, KH_ATTEMPT_CANDIDATES_MAX);
}

static void
test_what_is_written_is_read_back (void)
{
  g_autoptr (KhAttempt) won = make_attempt ();
  g_autoptr (KhAttempt) lost = kh_attempt_new (&peer, "", FALSE);
  KhAttempt *attempts[] = { won, lost };

  kh_attempt_set_dials_only (lost, TRUE);
  kh_attempt_take_failed (lost, KH_CALL_END_WAIT, KH_PUNCH_STRANGER, TRUE, 30000);
  for (guint i = 0; i < G_N_ELEMENTS (attempts); i++)
    {
      g_autoptr (GBytes) bytes = kh_attempt_write (attempts[i]);
      g_autoptr (KhAttempt) read = kh_attempt_read (&peer, bytes);

      g_assert_nonnull (read);
      expect_same (attempts[i], read);
      expect_same_candidates (attempts[i], read);
      g_assert_cmpint (kh_attempt_get_ms (read), ==, kh_attempt_get_ms (attempts[i]));
      g_assert_cmpint (kh_attempt_get_dials_only (read), ==, attempts[i] == lost);
    }
}

/* Version 1 did not have the last value. */
static void
test_reports_of_version_1_are_read (void)
{
  g_autoptr (KhAttempt) attempt = make_attempt ();
  g_autoptr (GBytes) bytes = kh_attempt_write (attempt);
  g_autoptr (GVariant) outer = g_variant_ref_sink (
      g_variant_new_from_bytes (G_VARIANT_TYPE ("(uv)"), bytes, FALSE));
  g_autoptr (GVariant) boxed = g_variant_get_child_value (outer, 1);
  g_autoptr (GVariant) inner = g_variant_get_variant (boxed);
  g_autoptr (GPtrArray) values
      = g_ptr_array_new_with_free_func ((GDestroyNotify)g_variant_unref);
  g_autoptr (GVariant) old = NULL;
  g_autoptr (GBytes) old_bytes = NULL;
  g_autoptr (KhAttempt) read = NULL;

  for (gsize i = 0; i + 1 < g_variant_n_children (inner); i++)
    g_ptr_array_add (values, g_variant_get_child_value (inner, i));
  old = g_variant_ref_sink (g_variant_new (
      "(uv)", 1, g_variant_new_tuple ((GVariant **)values->pdata, values->len)));
  old_bytes = g_variant_get_data_as_bytes (old);
  read = kh_attempt_read (&peer, old_bytes);
  g_assert_nonnull (read);
  expect_same (attempt, read);
  g_assert_false (kh_attempt_get_dials_only (read));
}

static void
test_another_version_is_no_report (void)
{
  g_autoptr (GVariant) later = g_variant_ref_sink (
      g_variant_new ("(uv)", KH_ATTEMPT_VERSION + 1, g_variant_new_string ("later")));
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (later);

  g_assert_null (kh_attempt_read (&peer, bytes));
}

/* Whatever stands in the store, reading ends well: NULL, or a report within bounds. */
static void
test_damage_is_no_report_or_a_sound_one (void)
{
  g_autoptr (KhAttempt) attempt = make_attempt ();
  g_autoptr (GBytes) good = kh_attempt_write (attempt);
  gsize len = g_bytes_get_size (good);

  for (guint round = 0; round < 5000; round++)
    {
      guint8 *copy = g_memdup2 (g_bytes_get_data (good, NULL), len);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (KhAttempt) read = NULL;

      for (gint i = g_test_rand_int_range (1, 4); i > 0; i--)
        copy[g_test_rand_int_range (0, (gint32)len)] = (guint8)g_test_rand_int ();
      bytes = g_bytes_new_take (copy, (gsize)g_test_rand_int_range (0, (gint32)len + 1));
      read = kh_attempt_read (&peer, bytes);
      if (read == NULL)
        continue;
      g_assert_cmpuint (kh_attempt_get_n_candidates (read), <=,
                        KH_ATTEMPT_CANDIDATES_MAX);
      g_assert_cmpint (kh_attempt_get_state (read), >=, KH_ATTEMPT_CONNECTED);
      g_assert_cmpint (kh_attempt_get_end (read), <=, KH_CALL_END_INCOMPATIBLE);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/attempt/a-candidate-keeps-the-furthest-that-it-got",
                   test_a_candidate_keeps_the_furthest_that_it_got);
  g_test_add_func ("/attempt/a-port-that-is-known-late-belongs-to-its-candidates",
                   test_a_port_that_is_known_late_belongs_to_its_candidates);
  g_test_add_func ("/attempt/a-new-round-has-its-own-steps",
                   test_a_new_round_has_its_own_steps);
  g_test_add_func ("/attempt/final-is-final", test_final_is_final);
  g_test_add_func ("/attempt/strangers-do-not-fill-memory",
                   test_strangers_do_not_fill_memory);
  g_test_add_func ("/attempt/what-is-written-is-read-back",
                   test_what_is_written_is_read_back);
  g_test_add_func ("/attempt/reports-of-version-1-are-read",
                   test_reports_of_version_1_are_read);
  g_test_add_func ("/attempt/another-version-is-no-report",
                   test_another_version_is_no_report);
  g_test_add_func ("/attempt/damage-is-no-report-or-a-sound-one",
                   test_damage_is_no_report_or_a_sound_one);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/statement.h"
#include "scratch.h"

#include <string.h>

static const char select_three[] = "SELECT ?, ?, ?";

static void
test_values_come_back (Scratch *self, gconstpointer unused)
{
  static const guint8 sent[4] = { 0, 1, 0, 255 };
  g_autoptr (GError) error = NULL;

  (void)unused;
  for (guint round = 0; round < 3; round++)
    {
      KhStatement query = kh_statement_begin (self->store, select_three);
      g_autofree char *text = NULL;
      guint8 bytes[4];

      kh_statement_bind_int (&query, G_MININT64);
      kh_statement_bind_bytes (&query, sent, sizeof sent);
      kh_statement_bind_text (&query, round == 1 ? NULL : "\U0001F600'");
      g_assert_true (kh_statement_next (&query));
      g_assert_cmpint (kh_statement_int (&query, 0), ==, G_MININT64);
      kh_statement_bytes (&query, 1, bytes, sizeof bytes);
      g_assert_cmpmem (bytes, sizeof bytes, sent, sizeof sent);
      text = kh_statement_text (&query, 2);
      g_assert_cmpstr (text, ==, round == 1 ? NULL : "\U0001F600'");
      g_assert_false (kh_statement_next (&query));
      g_assert_true (kh_statement_end (&query, &error));
    }
  g_assert_cmpuint (g_hash_table_size (self->store->statements), ==, 1);
}

/* What was bound for one use is not seen by the next. */
static void
test_next_use_begins_empty (Scratch *self, gconstpointer unused)
{
  KhStatement query = kh_statement_begin (self->store, select_three);
  g_autofree char *text = NULL;

  (void)unused;
  kh_statement_bind_text (&query, "left over");
  g_assert_true (kh_statement_next (&query));
  g_assert_true (kh_statement_end (&query, NULL));

  query = kh_statement_begin (self->store, select_three);
  g_assert_true (kh_statement_next (&query));
  text = kh_statement_text (&query, 0);
  g_assert_null (text);
  g_assert_true (kh_statement_end (&query, NULL));
}

static void
test_bytes_of_another_length_are_damage (Scratch *self, gconstpointer unused)
{
  (void)unused;
  for (gsize len = 0; len < 6; len++)
    {
      KhStatement query = kh_statement_begin (self->store, select_three);
      g_autoptr (GError) error = NULL;
      guint8 bytes[4] = { 1, 1, 1, 1 };

      kh_statement_bind_bytes (&query, "abcdef", len);
      g_assert_true (kh_statement_next (&query));
      kh_statement_bytes (&query, 0, bytes, sizeof bytes);
      g_assert_cmpint (kh_statement_end (&query, &error), ==, len == 4);
      if (len == 4)
        continue;
      g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_DAMAGED);
      g_assert_cmpmem (bytes, sizeof bytes, "\0\0\0\0", 4);
    }
}

static void
test_failure_stays_until_told (Scratch *self, gconstpointer unused)
{
  KhStatement query = kh_statement_begin (self->store, "SELECT x FROM nowhere");
  g_autoptr (GError) error = NULL;
  gint64 n_changed = 7;
  guint8 byte = 1;

  (void)unused;
  kh_statement_bind_int (&query, 1);
  kh_statement_bind_text (&query, "x");
  kh_statement_bind_bytes (&query, "x", 1);
  g_assert_false (kh_statement_next (&query));
  g_assert_cmpint (kh_statement_int (&query, 0), ==, 0);
  g_assert_null (kh_statement_text (&query, 0));
  kh_statement_bytes (&query, 0, &byte, 1);
  g_assert_cmpuint (byte, ==, 0);
  g_assert_false (kh_statement_run (&query, &n_changed, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "nowhere"));
  g_assert_cmpint (n_changed, ==, 0);
}

static void
test_one_parameter_too_many_is_an_error (Scratch *self, gconstpointer unused)
{
  KhStatement query = kh_statement_begin (self->store, "SELECT ?");

  (void)unused;
  kh_statement_bind_int (&query, 1);
  kh_statement_bind_int (&query, 2);
  g_assert_false (kh_statement_run (&query, NULL, NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/statement/values-come-back", test_values_come_back);
  SCRATCH_ADD ("/statement/next-use-begins-empty", test_next_use_begins_empty);
  SCRATCH_ADD ("/statement/bytes-of-another-length-are-damage",
               test_bytes_of_another_length_are_damage);
  SCRATCH_ADD ("/statement/failure-stays-until-told", test_failure_stays_until_told);
  SCRATCH_ADD ("/statement/one-parameter-too-many-is-an-error",
               test_one_parameter_too_many_is_an_error);
  return g_test_run ();
}

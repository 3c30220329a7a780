/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/lines.h"

#include "pipe.h"

#include <string.h>
#include <unistd.h>

#define LONGEST 8
#define DEADLINE_US (60 * G_USEC_PER_SEC)

typedef struct
{
  int input; /* where a test writes */
  KhLines *lines;
  GPtrArray *seen; /* "<end>" for the end of input */
  guint pause_after;
} Fixture;

static void
on_line (const char *line, gpointer data)
{
  Fixture *self = data;

  g_ptr_array_add (self->seen, g_strdup (line != NULL ? line : "<end>"));
  if (self->pause_after > 0 && self->seen->len == self->pause_after)
    kh_lines_pause (self->lines, TRUE);
}

static void
set_up (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  int ends[2];

  g_assert_true (kh_pipe_open (ends));
  self->input = ends[1];
  self->seen = g_ptr_array_new_with_free_func (g_free);
  self->lines = kh_lines_new (ends[0], LONGEST, on_line, self);
}

static void
tear_down (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  kh_lines_free (self->lines);
  g_ptr_array_unref (self->seen);
}

static void
type (Fixture *self, const char *text, gsize len)
{
  g_assert_cmpint (write (self->input, text, len), ==, (gssize)len);
}

static void
wait_for (Fixture *self, guint n)
{
  gint64 deadline_us = g_get_monotonic_time () + DEADLINE_US;

  while (self->seen->len < n && g_get_monotonic_time () < deadline_us)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (self->seen->len, ==, n);
}

static void
assert_seen (Fixture *self, guint index, const char *text)
{
  g_assert_cmpstr (g_ptr_array_index (self->seen, index), ==, text);
}

static void
test_lines_come_one_by_one (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  kh_lines_pause (self->lines, FALSE);
  type (self, "one\r\ntw", 7);
  wait_for (self, 1);
  type (self, "o\n\nlast", 7);
  close (self->input);
  wait_for (self, 5);
  assert_seen (self, 0, "one");
  assert_seen (self, 1, "two");
  assert_seen (self, 2, "");
  assert_seen (self, 3, "last");
  assert_seen (self, 4, "<end>");
}

static void
test_a_pause_loses_nothing (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  self->pause_after = 2;
  kh_lines_pause (self->lines, FALSE);
  type (self, "a\nb\nc\nd\n", 8);
  close (self->input);
  wait_for (self, 2);
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (self->seen->len, ==, 2);
  kh_lines_pause (self->lines, FALSE);
  wait_for (self, 5);
  assert_seen (self, 2, "c");
  assert_seen (self, 3, "d");
  assert_seen (self, 4, "<end>");
}

static void
test_long_lines_are_cut (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  kh_lines_pause (self->lines, FALSE);
  type (self, "12345678\n123456789\n1234567890123\nx\n", 35);
  wait_for (self, 4);
  assert_seen (self, 0, "12345678");
  assert_seen (self, 1, "123456789");
  assert_seen (self, 2, "123456789");
  assert_seen (self, 3, "x");
  close (self->input);
}

static void
test_a_nul_is_no_text (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  kh_lines_pause (self->lines, FALSE);
  type (self, "a\0b\n", 4);
  wait_for (self, 1);
  g_assert_false (g_utf8_validate (g_ptr_array_index (self->seen, 0), -1, NULL));
  close (self->input);
}

/* /dev/null and a closed terminal are always readable. */
static void
test_the_end_does_not_spin (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  kh_lines_pause (self->lines, FALSE);
  close (self->input);
  wait_for (self, 1);
  g_assert_false (g_main_context_pending (NULL));
  kh_lines_pause (self->lines, TRUE);
  kh_lines_pause (self->lines, FALSE);
  g_assert_false (g_main_context_pending (NULL));
  g_assert_cmpuint (self->seen->len, ==, 1);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/lines/lines-come-one-by-one", test_lines_come_one_by_one);
  ADD ("/lines/a-pause-loses-nothing", test_a_pause_loses_nothing);
  ADD ("/lines/long-lines-are-cut", test_long_lines_are_cut);
  ADD ("/lines/a-nul-is-no-text", test_a_nul_is_no_text);
  ADD ("/lines/the-end-does-not-spin", test_the_end_does_not_spin);
  return g_test_run ();
}

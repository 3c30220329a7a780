/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/questions.h"

typedef struct
{
  KhOutput *output;
  KhQuestions *questions;
  GString *answers; /* 'y' and 'n' in their order */
  guint n_freed;
} Fixture;

static void
set_up (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  self->output = kh_output_new (FALSE);
  self->questions = kh_questions_new (self->output);
  self->answers = g_string_new (NULL);
}

static void
tear_down (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  kh_questions_free (self->questions);
  kh_output_free (self->output);
  g_string_free (self->answers, TRUE);
}

static void
on_answer (gboolean yes, gpointer data)
{
  Fixture *self = data;

  g_string_append_c (self->answers, yes ? 'y' : 'n');
}

static void
on_free (gpointer data)
{
  Fixture *self = data;

  self->n_freed++;
}

static void
ask (Fixture *self, const char *key)
{
  kh_questions_ask (self->questions, key, "Really?", on_answer, self, on_free);
}

static void
test_only_a_yes_is_a_yes (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  static const char *const lines[]
      = { "y", "YES", " yes ", "", "n", "yesterday", "maybe" };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      ask (self, "key");
      kh_questions_answer (self->questions, lines[i]);
    }
  g_assert_cmpstr (self->answers->str, ==, "yyynnnn");
  g_assert_cmpuint (self->n_freed, ==, G_N_ELEMENTS (lines));
}

static void
test_questions_wait_for_their_turn (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  ask (self, "one");
  ask (self, "two");
  kh_questions_answer (self->questions, "n");
  g_assert_true (kh_questions_is_asking (self->questions));
  kh_questions_answer (self->questions, "y");
  g_assert_false (kh_questions_is_asking (self->questions));
  g_assert_cmpstr (self->answers->str, ==, "ny");
}

static void
test_the_end_of_input_is_a_no_to_all (Fixture *self, G_GNUC_UNUSED gconstpointer data)
{
  ask (self, "one");
  ask (self, "two");
  kh_questions_answer (self->questions, NULL);
  g_assert_false (kh_questions_is_asking (self->questions));
  g_assert_cmpstr (self->answers->str, ==, "nn");
}

static void
test_a_withdrawn_question_is_never_answered (Fixture *self,
                                             G_GNUC_UNUSED gconstpointer data)
{
  ask (self, "one");
  ask (self, "two");
  kh_questions_withdraw (self->questions, "one");
  kh_questions_withdraw (self->questions, "other");
  kh_questions_answer (self->questions, "y");
  g_assert_false (kh_questions_is_asking (self->questions));
  g_assert_cmpstr (self->answers->str, ==, "y");
  g_assert_cmpuint (self->n_freed, ==, 2);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/questions/only-a-yes-is-a-yes", test_only_a_yes_is_a_yes);
  ADD ("/questions/questions-wait-for-their-turn", test_questions_wait_for_their_turn);
  ADD ("/questions/the-end-of-input-is-a-no-to-all",
       test_the_end_of_input_is_a_no_to_all);
  ADD ("/questions/a-withdrawn-question-is-never-answered",
       test_a_withdrawn_question_is_never_answered);
  return g_test_run ();
}

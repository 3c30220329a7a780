/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/questions.h"

typedef struct
{
  char *key;
  char *text;
  KhAnswerFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Question;

struct _KhQuestions
{
  /* Borrowed */
  KhOutput *output;
  /* Owned */
  GQueue waiting; /* of Question; the first one has been asked */
};

static void
question_free (gpointer data)
{
  Question *question = data;

  if (question->destroy != NULL)
    question->destroy (question->data);
  g_free (question->key);
  g_free (question->text);
  g_free (question);
}

static void
show_first (KhQuestions *self)
{
  Question *first = g_queue_peek_head (&self->waiting);
  g_autofree char *text = NULL;

  if (first == NULL)
    return;
  text = g_strdup_printf ("%s [y/N]", first->text);
  kh_output_ask (self->output, text);
}

KhQuestions *
kh_questions_new (KhOutput *output)
{
  KhQuestions *self = g_new0 (KhQuestions, 1);

  self->output = output;
  g_queue_init (&self->waiting);
  return self;
}

void
kh_questions_free (KhQuestions *self)
{
  g_queue_clear_full (&self->waiting, question_free);
  g_free (self);
}

void
kh_questions_ask (KhQuestions *self, const char *key, const char *text, KhAnswerFunc func,
                  gpointer data, GDestroyNotify destroy)
{
  Question *question = g_new0 (Question, 1);

  question->key = g_strdup (key);
  question->text = g_strdup (text);
  question->func = func;
  question->data = data;
  question->destroy = destroy;
  g_queue_push_tail (&self->waiting, question);
  if (self->waiting.length == 1)
    show_first (self);
}

gboolean
kh_questions_is_asking (const KhQuestions *self)
{
  return self->waiting.length > 0;
}

void
kh_questions_answer (KhQuestions *self, const char *line)
{
  Question *question = g_queue_pop_head (&self->waiting);

  if (question == NULL)
    return;
  kh_output_answered (self->output);
  question->func (kh_questions_is_yes (line), question->data);
  question_free (question);
  if (line == NULL)
    kh_questions_answer (self, NULL);
  else
    show_first (self);
}

void
kh_questions_withdraw (KhQuestions *self, const char *key)
{
  Question *first = g_queue_peek_head (&self->waiting);

  for (GList *link = self->waiting.head, *next; link != NULL; link = next)
    {
      Question *question = link->data;

      next = link->next;
      if (g_str_equal (question->key, key))
        {
          g_queue_delete_link (&self->waiting, link);
          question_free (question);
        }
    }
  if (first == NULL || g_queue_peek_head (&self->waiting) == first)
    return;
  kh_output_answered (self->output);
  kh_output_note (self->output, "\nnot needed any more");
  show_first (self);
}

gboolean
kh_questions_is_yes (const char *line)
{
  g_autofree char *word = line != NULL ? g_strstrip (g_strdup (line)) : NULL;

  return word != NULL
         && (g_ascii_strcasecmp (word, "y") == 0
             || g_ascii_strcasecmp (word, "yes") == 0);
}

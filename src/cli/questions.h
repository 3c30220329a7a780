/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * questions.h - asks the person at the terminal, one question at a time.
 *
 * ask(); while is_asking(), give each line of input to answer(). withdraw() a question
 * whose reason has gone. What is not a yes is a no.
 */
#pragma once

#include "cli/output.h"

typedef struct _KhQuestions KhQuestions;

typedef void (*KhAnswerFunc) (gboolean yes, gpointer data);

/* @output is borrowed. */
KhQuestions *kh_questions_new (KhOutput *output);
void kh_questions_free (KhQuestions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhQuestions, kh_questions_free)

/* @key names the question for withdraw(). @text must be clean; " [y/N]" is put after it.
 * @data is freed with @destroy, also when it is never answered. */
void kh_questions_ask (KhQuestions *self, const char *key, const char *text,
                       KhAnswerFunc func, gpointer data, GDestroyNotify destroy);

gboolean kh_questions_is_asking (const KhQuestions *self);

/* @line NULL, the end of input, is a no to everything. */
void kh_questions_answer (KhQuestions *self, const char *line);

void kh_questions_withdraw (KhQuestions *self, const char *key);

/* Also for who asks without a main loop. @line may be NULL. */
gboolean kh_questions_is_yes (const char *line);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * notification-text.h - what a notification says of one person: what has come since
 * somebody looked.
 *
 * Pure. A KhNews is zero at first; add() to it, then ask for the body.
 */
#pragma once

#include <glib.h>

typedef struct
{
  guint n_messages;
  char *message;     /* the last one */
  GPtrArray *offers; /* char *: what they are called; NULL: none */
  char *outcome;     /* how the last transfer ended: a sentence */
  gboolean calls;
} KhNews;

void kh_news_add_message (KhNews *self, const char *text);
void kh_news_add_offer (KhNews *self, const char *name);

/* The one at @index of those that are left. */
void kh_news_remove_offer (KhNews *self, guint index);
guint kh_news_get_n_offers (const KhNews *self);

void kh_news_set_outcome (KhNews *self, const char *sentence);
void kh_news_clear (KhNews *self);

gboolean kh_news_is_empty (const KhNews *self);

/* Free it. */
char *kh_news_text_body (const KhNews *self);

/* A text in one line of bounded length, for a body or a title. Free it. */
char *kh_news_text_shorten (const char *text);

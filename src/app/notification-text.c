/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/notification-text.h"

#include "app/name-isolate.h"

#include <glib/gi18n.h>
#include <string.h>

/* Characters: what a notification shows at all, on any desktop. */
#define LONGEST 200

char *
kh_news_text_shorten (const char *text)
{
  g_autofree char *start = NULL;

  if (g_utf8_strlen (text, -1) <= LONGEST)
    return g_strdup (text);
  start = g_utf8_substring (text, 0, LONGEST - 1);
  /* Translators: the beginning of a text that goes on */
  return g_strdup_printf (_ ("%s…"), start);
}

void
kh_news_add_message (KhNews *self, const char *text)
{
  g_free (self->message);
  self->message = kh_news_text_shorten (text);
  self->n_messages++;
}

void
kh_news_add_offer (KhNews *self, const char *name)
{
  if (self->offers == NULL)
    self->offers = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->offers, kh_news_text_shorten (name));
}

void
kh_news_remove_offer (KhNews *self, guint index)
{
  g_return_if_fail (index < kh_news_get_n_offers (self));
  g_ptr_array_remove_index (self->offers, index);
}

guint
kh_news_get_n_offers (const KhNews *self)
{
  return self->offers != NULL ? self->offers->len : 0;
}

void
kh_news_set_outcome (KhNews *self, const char *sentence)
{
  g_free (self->outcome);
  self->outcome = g_strdup (sentence);
}

void
kh_news_clear (KhNews *self)
{
  g_free (self->message);
  g_clear_pointer (&self->offers, g_ptr_array_unref);
  g_free (self->outcome);
  *self = (KhNews){ 0 };
}

gboolean
kh_news_is_empty (const KhNews *self)
{
  return !self->calls && self->n_messages == 0 && kh_news_get_n_offers (self) == 0
         && self->outcome == NULL;
}

static void
add_line (GPtrArray *lines, char *line)
{
  if (line != NULL)
    g_ptr_array_add (lines, line);
}

static char *
messages_line (const KhNews *self)
{
  if (self->n_messages == 0)
    return NULL;
  if (self->n_messages == 1)
    return g_strdup (self->message);
  return g_strdup_printf (
      ngettext ("%u new message", "%u new messages", self->n_messages), self->n_messages);
}

static char *
offers_line (const KhNews *self)
{
  guint n = kh_news_get_n_offers (self);
  g_autofree char *name = NULL;

  if (n == 0)
    return NULL;
  if (n == 1)
    {
      name = kh_name_isolate (g_ptr_array_index (self->offers, 0));
      /* Translators: %s is the name of a file or a folder */
      return g_strdup_printf (_ ("Wants to send you %s"), name);
    }
  return g_strdup_printf (ngettext ("%u offer of files", "%u offers of files", n), n);
}

char *
kh_news_text_body (const KhNews *self)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  if (self->calls)
    add_line (lines, g_strdup (_ ("Wants to talk to you")));
  add_line (lines, messages_line (self));
  add_line (lines, offers_line (self));
  add_line (lines, g_strdup (self->outcome));
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **)lines->pdata);
}

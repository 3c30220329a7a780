/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench-store - how long the store takes for what a window asks of it, with 100,000
 * messages in one conversation and 2,000 others. Prints one line per question.
 */
#include "scratch.h"
#include "store/conversations.h"
#include "store/forget.h"
#include "store/search.h"

#include <stdio.h>
#include <string.h>

#define N_MESSAGES 100000
#define N_PEERS 2000

static const char *const some_words[]
    = { "the",     "lighthouse", "keeper", "wrote",   "about", "his",  "boat",
        "weather", "tomorrow",   "nobody", "answers", "a",     "call", "before" };

static void
report (const char *what, gint64 since_us)
{
  printf ("%-46s %8.1f ms\n", what, (double)(g_get_monotonic_time () - since_us) / 1000);
}

static void
add (Scratch *self, guint peer, guint number, const char *text)
{
  guint8 id[KH_FRAME_ID_LEN] = { 0 };
  gboolean is_new;

  memcpy (id, &number, sizeof number);
  g_assert_true (kh_messages_add_incoming (self->store,
                                           &(KhNewMessage){ .peer = scratch_peer (peer),
                                                            .id = id,
                                                            .text = text,
                                                            .sent_at_ms = number,
                                                            .stored_at_ms = number,
                                                            .keep = TRUE },
                                           &is_new, NULL));
}

static void
fill (Scratch *self)
{
  for (guint i = 0; i < N_MESSAGES + N_PEERS; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      guint n = (guint)g_random_int_range (3, 20);

      for (guint word = 0; word < n; word++)
        g_string_append_printf (
            text, "%s ", some_words[g_random_int_range (0, G_N_ELEMENTS (some_words))]);
      g_string_append_printf (text, "%s%u", i % 7 == 0 ? "\u6f6e\u6c50" : "no", i);
      if (i % 100 == 0)
        g_assert_true (kh_store_batch_begin (self->store, NULL));
      add (self, i < N_MESSAGES ? 1 : 2 + i - N_MESSAGES, i, text->str);
      if (i % 100 == 99 || i == N_MESSAGES + N_PEERS - 1)
        g_assert_true (kh_store_batch_commit (self->store, NULL));
    }
}

static void
search (Scratch *self, const char *text)
{
  g_autofree char *what = g_strdup_printf ("search \"%s\"", text);
  gint64 since_us = g_get_monotonic_time ();
  g_autoptr (GPtrArray) hits
      = kh_search_find (self->store, NULL, text, 0, 100, NULL, NULL, NULL);

  report (what, since_us);
  printf ("%46s %8u hits\n", "", hits->len);
}

int
main (void)
{
  static const char *const texts[]
      = { "lighthouse",   "no77777", "nobody", "ights ouse", "\u6f6e",
          "\u6f6e\u6c50", "zq",      "zqxj",   "the" };
  Scratch self = { 0 };
  gint64 since_us;

  scratch_set_up (&self, NULL);
  since_us = g_get_monotonic_time ();
  fill (&self);
  report ("store 102,000 messages in batches of 100", since_us);
  scratch_reopen (&self);
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (GPtrArray) page = NULL;
      g_autoptr (GPtrArray) list = NULL;

      since_us = g_get_monotonic_time ();
      page = kh_things_page (self.store, scratch_peer (1), 0, 100, NULL);
      report ("newest page of 100", since_us);
      g_assert_cmpuint (page->len, ==, 100);
      g_clear_pointer (&page, g_ptr_array_unref);
      since_us = g_get_monotonic_time ();
      page = kh_things_page (self.store, scratch_peer (1), 50000, 100, NULL);
      report ("a page in the middle", since_us);
      since_us = g_get_monotonic_time ();
      list = kh_conversations_list (self.store, NULL);
      report ("conversations of 2,000 peers, all unread", since_us);
      g_assert_cmpuint (list->len, ==, N_PEERS + 1);
      g_assert_true (kh_conversations_mark_read (self.store, scratch_peer (1), 0, NULL));
    }
  for (guint round = 0; round < 12; round++)
    search (&self, "lighthouse");
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    search (&self, texts[i]);
  since_us = g_get_monotonic_time ();
  g_assert_true (kh_forget_history (self.store, scratch_peer (5),
                                    N_MESSAGES * G_GINT64_CONSTANT (2), NULL));
  report ("forget a conversation of one message", since_us);
  since_us = g_get_monotonic_time ();
  g_assert_true (kh_forget_history (self.store, NULL, G_MAXINT64, NULL));
  report ("forget all", since_us);
  scratch_tear_down (&self, NULL);
  return 0;
}

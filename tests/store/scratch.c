/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch.h"

#include <glib/gstdio.h>
#include <string.h>

static void
open_store (Scratch *self)
{
  g_autoptr (GError) error = NULL;

  self->lock = kh_folder_lock_take (self->folder, "a test", &error);
  g_assert_no_error (error);
  self->store = kh_store_open (self->lock, &error);
  g_assert_no_error (error);
}

void
scratch_set_up (Scratch *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  (void)unused;
  self->folder = g_dir_make_tmp ("knothole-store-XXXXXX", &error);
  g_assert_no_error (error);
  open_store (self);
}

void
scratch_close (Scratch *self)
{
  g_clear_pointer (&self->store, kh_store_close);
  g_clear_pointer (&self->lock, kh_folder_lock_release);
}

void
scratch_reopen (Scratch *self)
{
  scratch_close (self);
  open_store (self);
}

char *
scratch_path (const Scratch *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

void
scratch_remove_folder (const char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_dir_close (dir);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

void
scratch_tear_down (Scratch *self, gconstpointer unused)
{
  (void)unused;
  scratch_close (self);
  scratch_remove_folder (self->folder);
  g_free (self->folder);
}

/* Sixteen values that stay good until the seventeenth is asked for. */
static const guint8 *
fill (guint8 *bytes, gsize len, guint number)
{
  memset (bytes, 0, len);
  bytes[1] = (guint8)(number >> 8);
  bytes[len - 1] = (guint8)number;
  return bytes;
}

const guint8 *
scratch_peer (guint number)
{
  static guint8 peers[16][KH_ID_LEN];
  static guint next;

  return fill (peers[next++ % 16], KH_ID_LEN, number);
}

const guint8 *
scratch_id (guint number)
{
  static guint8 ids[16][KH_FRAME_ID_LEN];
  static guint next;

  return fill (ids[next++ % 16], KH_FRAME_ID_LEN, number);
}

static KhNewMessage
message_of (guint peer, guint id, const char *text)
{
  return (KhNewMessage){ .peer = scratch_peer (peer),
                         .id = scratch_id (id),
                         .text = text,
                         .sent_at_ms = id,
                         .stored_at_ms = 1000 + id,
                         .keep = TRUE };
}

void
scratch_receive (Scratch *self, guint peer, guint id, const char *text)
{
  KhNewMessage message = message_of (peer, id, text);
  g_autoptr (GError) error = NULL;
  gboolean is_new = FALSE;

  kh_messages_add_incoming (self->store, &message, &is_new, &error);
  g_assert_no_error (error);
  g_assert_true (is_new);
}

void
scratch_send (Scratch *self, guint peer, guint id, const char *text)
{
  KhNewMessage message = message_of (peer, id, text);
  g_autoptr (GError) error = NULL;

  kh_messages_add_outgoing (self->store, &message, &error);
  g_assert_no_error (error);
}

GPtrArray *
scratch_history (KhStore *store, guint peer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) things
      = kh_things_page (store, scratch_peer (peer), 0, 9999, &error);
  GPtrArray *messages
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_stored_message_free);

  g_assert_no_error (error);
  for (guint i = 0; i < things->len; i++)
    {
      KhStoredThing *thing = g_ptr_array_index (things, i);

      if (thing->message != NULL)
        g_ptr_array_add (messages, g_steal_pointer (&thing->message));
    }
  return messages;
}

KhStoredConversation *
scratch_conversation (KhStore *store, guint peer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = kh_conversations_list (store, &error);
  KhStoredConversation *found = NULL;

  g_assert_no_error (error);
  for (guint i = list->len; i > 0; i--)
    {
      const KhStoredConversation *listed = g_ptr_array_index (list, i - 1);

      if (memcmp (listed->peer, scratch_peer (peer), KH_ID_LEN) != 0)
        continue;
      g_assert_null (found);
      found = g_ptr_array_steal_index (list, i - 1);
    }
  return found;
}

char *
scratch_random_text (gsize max)
{
  static const char *const pieces[]
      = { "a", "'",      "\"",         "%",      "\n",   "\x01",
          "ä", "\u20ac", "\U0001F600", "\u202e", "';--", "\\" };
  gsize wanted = 1 + (gsize)g_test_rand_int_range (0, (gint32)max);
  GString *text = g_string_new ("x");

  for (;;)
    {
      const char *piece
          = pieces[g_test_rand_int_range (0, (gint32)G_N_ELEMENTS (pieces))];

      if (text->len + strlen (piece) > wanted)
        return g_string_free (text, FALSE);
      g_string_append (text, piece);
    }
}

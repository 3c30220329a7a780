/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "timeline-fixture.h"

#include "core/history.h"

#include <string.h>

/* --- Two people ------------------------------------------------------------------ */

void
pair_set_up (Pair *pair, gconstpointer data)
{
  KhConsent consent = data != NULL ? KH_CONSENT_ASK : KH_CONSENT_ALL;

  server_start (&pair->server, NULL, NULL);
  client_start (&pair->alice, &pair->server, "alice", KH_CONSENT_ALL, NULL);
  client_start (&pair->bob, &pair->server, "bob", consent, NULL);
  wait_until_sees (&pair->alice, &pair->bob);
  wait_until_sees (&pair->bob, &pair->alice);
  pair->source = make_folder ();
}

void
pair_tear_down (Pair *pair, G_GNUC_UNUSED gconstpointer data)
{
  client_close_and_remove (&pair->alice);
  client_close_and_remove (&pair->bob);
  server_stop (&pair->server);
  remove_folder (pair->source);
  g_free (pair->source);
}

void
pair_connect (Pair *pair)
{
  kh_client_call (pair->alice.client, &pair->bob.id);
  WAIT_UNTIL (count_seen (&pair->bob, KH_EVENT_CONNECTED) > 0
              || count_seen (&pair->bob, KH_EVENT_CALL_REQUEST) > 0);
  if (count_seen (&pair->bob, KH_EVENT_CALL_REQUEST) > 0)
    {
      wait_past (&pair->bob, KH_EVENT_CALL_REQUEST);
      kh_client_answer_call (pair->bob.client, &pair->alice.id, TRUE);
    }
  wait_past (&pair->alice, KH_EVENT_CONNECTED);
  wait_past (&pair->bob, KH_EVENT_CONNECTED);
}

void
pair_cut (Pair *pair)
{
  clients_cut (&pair->alice, &pair->bob);
}

void
person_restart (Person *person, const Server *server, const char *name, KhConsent consent)
{
  g_autofree char *folder = g_strdup (person->folder);

  client_close (person);
  client_start (person, server, name, consent, folder);
}

KhStore *
store_open_in (const char *folder, KhFolderLock **lock)
{
  g_autoptr (GError) error = NULL;
  KhStore *store;

  *lock = kh_folder_lock_take (folder, "the test", &error);
  g_assert_no_error (error);
  store = kh_store_open (*lock, &error);
  g_assert_no_error (error);
  return store;
}

void
store_close_in (KhStore *store, KhFolderLock *lock)
{
  kh_store_close (store);
  kh_folder_lock_release (lock);
}

static void
on_deleted (GObject *client, GAsyncResult *result, gpointer deleted)
{
  g_assert_true (kh_client_delete_history_finish (KH_CLIENT (client), result, NULL));
  *(gboolean *)deleted = TRUE;
}

void
delete_history (Person *person, const KhPeerId *peer)
{
  gboolean deleted = FALSE;

  kh_client_delete_history_async (person->client, peer, on_deleted, &deleted);
  WAIT_UNTIL (deleted);
}

char *
write_file (const Pair *pair, const char *name, gsize size)
{
  return write_pattern (pair->source, name, size, 0);
}

/* --- Watching -------------------------------------------------------------------- */

static void
assert_in_order (const Watch *watch)
{
  g_autoptr (GHashTable) ids
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gint64 position = 0;

  for (guint i = 0; i < watch->copy->len; i++)
    {
      KhTimelineItem *item = g_ptr_array_index (watch->copy, i);
      g_autofree char *id = kh_item_id_to_text (kh_timeline_item_get_id (item));

      g_assert_true (g_hash_table_add (
          ids, g_strdup_printf ("%d%d%s", kh_timeline_item_get_kind (item),
                                kh_timeline_item_is_outgoing (item), id)));
      if (kh_timeline_item_get_position (item) == 0)
        continue;
      g_assert_cmpint (kh_timeline_item_get_position (item), >, position);
      position = kh_timeline_item_get_position (item);
    }
}

static void
on_items_changed (GListModel *model, guint at, guint n_removed, guint n_added,
                  Watch *watch)
{
  guint tail;

  watch->n_changes++;
  if (n_removed > 0)
    g_ptr_array_remove_range (watch->copy, at, n_removed);
  tail = watch->copy->len - at;
  g_ptr_array_set_size (watch->copy, (gint)(watch->copy->len + n_added));
  memmove (watch->copy->pdata + at + n_added, watch->copy->pdata + at,
           tail * sizeof (gpointer));
  for (guint i = 0; i < n_added; i++)
    watch->copy->pdata[at + i] = g_list_model_get_item (model, at + i);
  g_assert_cmpuint (watch->copy->len, ==, g_list_model_get_n_items (model));
  if (watch->copy->len > 2000)
    return; /* it would take long */
  for (guint i = 0; i < watch->copy->len; i++)
    {
      g_autoptr (KhTimelineItem) item = g_list_model_get_item (model, i);

      g_assert_true (item == g_ptr_array_index (watch->copy, i));
    }
  assert_in_order (watch);
}

void
watch_open (Watch *watch, const Person *person, const Person *peer)
{
  watch->timeline = kh_timeline_new (person->client, &peer->id);
  watch->copy = g_ptr_array_new_with_free_func (g_object_unref);
  watch->n_changes = 0;
  g_signal_connect (watch->timeline, "items-changed", G_CALLBACK (on_items_changed),
                    watch);
}

void
watch_load (Watch *watch, const Person *person, const Person *peer)
{
  watch_open (watch, person, peer);
  WAIT_UNTIL (kh_timeline_is_loaded (watch->timeline));
}

void
watch_close (Watch *watch)
{
  assert_in_order (watch);
  g_signal_handlers_disconnect_by_data (watch->timeline, watch);
  /* What was read for it may still be on its way. */
  g_object_add_weak_pointer (G_OBJECT (watch->timeline), (gpointer *)&watch->timeline);
  g_object_unref (watch->timeline);
  g_ptr_array_unref (watch->copy);
  WAIT_UNTIL (watch->timeline == NULL);
}

KhTimelineItem *
watch_get (const Watch *watch, guint index)
{
  g_assert_cmpuint (index, <, watch->copy->len);
  return g_ptr_array_index (watch->copy, index);
}

KhTimelineItem *
watch_last (const Watch *watch)
{
  g_assert_cmpuint (watch->copy->len, >, 0);
  return g_ptr_array_index (watch->copy, watch->copy->len - 1);
}

static void
assert_same_item (KhTimelineItem *one, KhTimelineItem *other)
{
  const KhTransferInfo *a = kh_timeline_item_get_transfer (one);
  const KhTransferInfo *b = kh_timeline_item_get_transfer (other);

  g_assert_cmpint (kh_timeline_item_get_position (one), ==,
                   kh_timeline_item_get_position (other));
  g_assert_cmpint (kh_timeline_item_get_kind (one), ==,
                   kh_timeline_item_get_kind (other));
  g_assert_cmpmem (kh_timeline_item_get_id (one), sizeof (KhItemId),
                   kh_timeline_item_get_id (other), sizeof (KhItemId));
  g_assert_cmpint (kh_timeline_item_is_outgoing (one), ==,
                   kh_timeline_item_is_outgoing (other));
  g_assert_cmpstr (kh_timeline_item_get_text (one), ==,
                   kh_timeline_item_get_text (other));
  g_assert_cmpint (kh_timeline_item_get_message_state (one), ==,
                   kh_timeline_item_get_message_state (other));
  g_assert_cmpint (kh_timeline_item_get_at_ms (one), ==,
                   kh_timeline_item_get_at_ms (other));
  g_assert_cmpint (a != NULL, ==, b != NULL);
  if (a == NULL)
    return;
  g_assert_cmpint (a->phase, ==, b->phase);
  g_assert_cmpstr (a->name, ==, b->name);
  g_assert_cmpuint (a->done_files, ==, b->done_files);
  g_assert_cmpuint (a->done_bytes, ==, b->done_bytes);
  /* The live one has its own clock until it is read again. */
  g_assert_cmpint (ABS (a->ended_at_ms - b->ended_at_ms), <=, 1000);
}

void
watch_assert_reopens (const Watch *watch, const Person *person, const Person *peer)
{
  Watch again;

  watch_load (&again, person, peer);
  g_assert_cmpuint (again.copy->len, ==, watch->copy->len);
  for (guint i = 0; i < again.copy->len; i++)
    assert_same_item (watch_get (watch, i), watch_get (&again, i));
  watch_close (&again);
}

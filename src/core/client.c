/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/client.h"

#include "core/history-private.h"
#include "core/link-private.h"
#include "core/name-clean.h"
#include "core/news.h"
#include "core/profile.h"
#include "core/unsaved.h"
#include "proto/room.h"
#include "store/forget.h"
#include "store/identity-store.h"
#include "store/messages.h"
#include "store/server-keys.h"
#include "store/settings.h"
#include "store/things.h"

#include <sodium.h>
#include <string.h>

/* How long peers may take to hear the goodbye. */
#define CLOSE_MS 2000

/* A peer with whom a transfer has failed may call to try it again for so long; one who
 * never comes back is not expected for ever. */
#define FAILED_MS (INT64_C (7) * 24 * 60 * 60 * 1000)
#define MOST_FAILED 1000

G_DEFINE_FINAL_TYPE (KhClient, kh_client, G_TYPE_OBJECT)
G_DEFINE_QUARK (kh - client - error - quark, kh_client_error)

enum
{
  EVENT,
  NEWS,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

void
kh_client_emit (KhClient *self, const KhEvent *event)
{
  kh_client_count_event (self, event);
  g_signal_emit (self, signals[EVENT], 0, event);
}

void
kh_client_emit_trouble (KhClient *self, const GError *error)
{
  int code = error->domain == KH_STORE_ERROR ? error->code : (int)KH_STORE_ERROR_FAILED;

  kh_client_emit (
      self, &(KhEvent){ .kind = KH_EVENT_TROUBLE, .text = error->message, .code = code });
}

void
kh_client_tell (KhClient *self, const KhNews *news)
{
  kh_client_count_news (self, news);
  g_signal_emit (self, signals[NEWS], 0, news);
}

static void
free_online_peer (gpointer data)
{
  KhOnlinePeer *peer = data;

  g_free (peer->name);
  g_free (peer);
}

static void
kh_client_finalize (GObject *object)
{
  KhClient *self = KH_CLIENT (object);

  kh_resume_stop (self);
  kh_history_close (self);
  g_clear_pointer (&self->wish_box, kh_wish_box_stop);
  g_hash_table_unref (self->calls);
  g_hash_table_unref (self->links);
  g_ptr_array_unref (self->old_links);
  kh_client_drop_main (self);
  g_clear_pointer (&self->network_test, kh_network_test_free);
  g_clear_pointer (&self->network_watch, kh_network_watch_free);
  kh_client_reach_free (self);
  g_free (self->helper);
  g_clear_pointer (&self->store, kh_store_thread_stop);
  g_clear_pointer (&self->lock, kh_folder_lock_release);
  g_hash_table_unref (self->contacts);
  g_hash_table_unref (self->peers);
  g_hash_table_unref (self->failures);
  g_ptr_array_unref (self->transfers);
  g_hash_table_unref (self->failed);
  g_hash_table_unref (self->resumes);
  g_hash_table_unref (self->gone_out);
  g_hash_table_unref (self->taken_back);
  g_ptr_array_unref (self->unsaved);
  g_hash_table_unref (self->settings);
  g_hash_table_unref (self->conversations);
  g_hash_table_unref (self->attempts);
  g_ptr_array_unref (self->old_mains);
  g_strfreev (self->only);
  g_free (self->name);
  g_free (self->room);
  g_free (self->save_to);
  sodium_memzero (&self->identity, sizeof self->identity);
  G_OBJECT_CLASS (kh_client_parent_class)->finalize (object);
}

static void
kh_client_class_init (KhClientClass *class)
{
  G_OBJECT_CLASS (class)->finalize = kh_client_finalize;

  signals[EVENT] = g_signal_new ("event", KH_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[NEWS] = g_signal_new ("news", KH_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
kh_client_init (KhClient *self)
{
  self->gone_out
      = g_hash_table_new_full (kh_item_id_hash, kh_item_id_equal_func, g_free, NULL);
  self->taken_back
      = g_hash_table_new_full (kh_item_id_hash, kh_item_id_equal_func, g_free, NULL);
  self->unsaved = g_ptr_array_new_with_free_func (kh_unsaved_free);
  self->contacts = g_hash_table_new_full (kh_peer_id_hash, kh_peer_id_equal_func, g_free,
                                          (GDestroyNotify)kh_stored_contact_free);
  self->peers = g_hash_table_new_full (kh_peer_id_hash, kh_peer_id_equal_func, NULL,
                                       free_online_peer);
  self->calls = g_hash_table_new_full (kh_peer_id_hash, kh_peer_id_equal_func, g_free,
                                       (GDestroyNotify)kh_call_free);
  self->links = g_hash_table_new_full (kh_peer_id_hash, kh_peer_id_equal_func, NULL,
                                       (GDestroyNotify)kh_link_free);
  self->old_links = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_link_free);
  self->transfers = g_ptr_array_new_with_free_func (kh_live_transfer_free);
  self->failed
      = g_hash_table_new_full (kh_peer_id_hash, kh_peer_id_equal_func, g_free, NULL);
  self->resumes
      = g_hash_table_new_full (kh_peer_id_hash, kh_peer_id_equal_func, g_free, g_free);
  self->settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->conversations
      = g_hash_table_new_full (kh_peer_id_hash, kh_peer_id_equal_func, g_free, g_free);
  self->attempts = g_hash_table_new_full (kh_peer_id_hash, kh_peer_id_equal_func, g_free,
                                          g_object_unref);
  self->old_mains
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_main_connection_free);
  self->failures
      = g_hash_table_new_full (kh_peer_id_hash, kh_peer_id_equal_func, NULL, g_free);
}

/* --- Opening ------------------------------------------------------------------------ */

/* What was given, else what is remembered. */
static bool
choose (KhStore *store, const char *given, KhSetting setting, char **value,
        GError **error)
{
  if (given != NULL)
    {
      *value = g_strdup (given);
      return true;
    }
  return kh_settings_get (store, setting, value, error);
}

static bool
choose_server (KhClient *self, KhStore *store, const KhClientOptions *options,
               GError **error)
{
  g_autofree char *text = NULL;

  if (!choose (store, options->server, KH_SETTING_SERVER, &text, error))
    return false;
  if (text == NULL && options->may_wait)
    return true;
  if (text == NULL)
    {
      g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_NO_SERVER,
                   "No server is known yet: name one with its address or with an invite");
      return false;
    }
  if (!kh_client_parse_server (text, &self->server, error))
    return false;
  return self->server.has_key
         || kh_server_keys_find (store, self->server.host, self->server.port,
                                 self->remembered_key, &self->has_remembered_key, error);
}

/* What the system calls the person whose computer this is. */
static char *
first_name (bool real)
{
  const char *name = g_get_real_name ();

  if (real && strcmp (name, "Unknown") != 0 && *name != '\0'
      && strlen (name) <= KH_NAME_LEN_MAX && g_utf8_validate (name, -1, NULL))
    return g_strdup (name);
  return g_strdup (g_get_user_name ());
}

static bool
choose_name (KhClient *self, KhStore *store, const KhClientOptions *options,
             GError **error)
{
  g_autofree char *name = NULL;

  if (!choose (store, options->name, KH_SETTING_NAME, &name, error))
    return false;
  if (name == NULL)
    name = first_name (options->may_wait);
  self->name = kh_client_check_name (name, error);
  return self->name != NULL;
}

/* The room of an invite counts before the remembered one, the typed one before both. */
static bool
choose_room (KhClient *self, KhStore *store, const char *given, GError **error)
{
  const char *wanted
      = given != NULL || *self->server.room == '\0' ? given : self->server.room;
  g_autofree char *word = NULL;

  if (!choose (store, wanted, KH_SETTING_ROOM, &word, error))
    return false;
  self->room = kh_profile_check_room (word != NULL ? word : "", error);
  if (self->room == NULL)
    return false;
  self->room_is_weak = given != NULL && kh_client_is_weak (self->room);
  return true;
}

/* One that nobody chose is made. */
static bool
choose_save_to (KhClient *self, KhStore *store, const KhClientOptions *options,
                GError **error)
{
  const char *downloads;

  if (options->may_wait
      && !kh_settings_get (store, KH_SETTING_SAVE_TO, &self->save_to, error))
    return false;
  if (self->save_to != NULL || options->asks_folder)
    return true;
  if (options->save_to != NULL || !options->may_wait)
    {
      self->save_to = g_strdup (options->save_to != NULL ? options->save_to : ".");
      return true;
    }
  downloads = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);
  self->save_to = g_build_filename (downloads != NULL ? downloads : g_get_home_dir (),
                                    "Knothole", NULL);
  g_mkdir_with_parents (self->save_to, 0755);
  return true;
}

static bool
load_identity (KhClient *self, KhStore *store, GError **error)
{
  KhIdentityKeys keys;

  if (!kh_identity_store_load_or_make (store, g_get_real_time () / 1000, &keys, error))
    return false;
  memcpy (self->identity.public_key, keys.public_key, sizeof keys.public_key);
  memcpy (self->identity.secret_key, keys.secret_key, sizeof keys.secret_key);
  memcpy (self->id.bytes, keys.public_key, sizeof keys.public_key);
  kh_identity_store_wipe (&keys);
  return true;
}

/* One that was kept before names were cleaned. */
static void
clean_name (char **name)
{
  char *clean = kh_name_clean (*name, -1);

  g_free (*name);
  *name = clean;
}

static bool
load_contacts (KhClient *self, KhStore *store, GError **error)
{
  g_autoptr (GPtrArray) contacts = kh_contacts_list (store, error);

  if (contacts == NULL)
    return false;
  for (guint i = 0; i < contacts->len; i++)
    {
      KhStoredContact *contact = g_steal_pointer (&g_ptr_array_index (contacts, i));

      clean_name (&contact->petname);
      clean_name (&contact->announced_name);
      g_hash_table_insert (self->contacts, g_memdup2 (contact->id, sizeof (KhPeerId)),
                           contact);
    }
  return true;
}

static bool
load_transfers (KhClient *self, KhStore *store, GError **error)
{
  g_autoptr (GPtrArray) transfers = kh_transfers_list_open (store, error);

  if (transfers == NULL)
    return false;
  for (guint i = 0; i < transfers->len; i++)
    {
      const KhStoredTransfer *stored = g_ptr_array_index (transfers, i);
      KhLiveTransfer *transfer;

      /* Whose list was not complete can't be sent. */
      if (stored->direction == KH_STORE_OUTGOING
          && stored->state == KH_STORED_TRANSFER_LISTING)
        {
          if (!kh_transfers_finish (store, stored->seq, KH_STORED_TRANSFER_FAILED,
                                    KH_FRAME_STATUS_NOT_LISTED, g_get_real_time () / 1000,
                                    error))
            return false;
          continue;
        }
      transfer = kh_live_transfer_add_stored (self, stored);
      if (!kh_things_find (store, KH_STORED_THING_TRANSFER, stored->seq, &transfer->place,
                           error))
        return false;
      transfer->reaccept = stored->direction == KH_STORE_INCOMING && stored->path != NULL
                           && stored->done_files == 0;
    }
  return true;
}

/* With whom one of the newest has failed. */
static bool
load_failed (KhClient *self, KhStore *store, GError **error)
{
  g_autoptr (GPtrArray) transfers
      = kh_transfers_list (store, NULL, 0, MOST_FAILED, error);
  gint64 since_ms = g_get_real_time () / 1000 - FAILED_MS;

  if (transfers == NULL)
    return false;
  for (guint i = 0; i < transfers->len; i++)
    {
      const KhStoredTransfer *stored = g_ptr_array_index (transfers, i);
      KhPeerId id;

      memcpy (id.bytes, stored->peer, sizeof id.bytes);
      if (kh_live_transfer_can_retry (stored) && stored->ended_at_ms >= since_ms)
        g_hash_table_add (self->failed, g_memdup2 (&id, sizeof id));
    }
  return true;
}

static bool
load_limit (KhStore *store, KhSetting setting, guint64 *limit, GError **error)
{
  g_autofree char *text = NULL;

  if (!kh_settings_get (store, setting, &text, error))
    return false;
  *limit = text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;
  return true;
}

bool
kh_client_load (KhClient *self, const KhClientOptions *options, KhStore **opened,
                GError **error)
{
  g_autoptr (KhStore) store = NULL;

  self->lock = kh_folder_lock_take (options->data_dir, options->holder, error);
  if (self->lock == NULL)
    return false;
  store = kh_store_open (self->lock, error);
  if (store == NULL || !load_identity (self, store, error)
      || !load_contacts (self, store, error) || !load_transfers (self, store, error)
      || !load_failed (self, store, error) || !kh_history_open (self, store, error)
      || !kh_client_load_conversations (self, store, error)
      || !kh_client_load_settings (self, store, error)
      || !load_limit (store, KH_SETTING_LIMIT_UP, &self->limit_up, error)
      || !load_limit (store, KH_SETTING_LIMIT_DOWN, &self->limit_down, error)
      || !kh_forget_older_ids (store, g_get_real_time () / 1000, error)
      || !choose_server (self, store, options, error)
      || !choose_name (self, store, options, error)
      || !choose_room (self, store, options->room, error)
      || !choose_save_to (self, store, options, error))
    return false;
  *opened = g_steal_pointer (&store);
  return true;
}

/* --- Closing -------------------------------------------------------------------------
 */

static gboolean
finish_close (gpointer data)
{
  KhClient *self = data;
  g_autoptr (GTask) task = g_steal_pointer (&self->close_task);

  g_hash_table_remove_all (self->links);
  g_ptr_array_set_size (self->old_links, 0);
  kh_client_drop_main (self);
  kh_history_close (self);
  g_clear_pointer (&self->store, kh_store_thread_stop);
  g_clear_pointer (&self->lock, kh_folder_lock_release);
  g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

void
kh_client_check_closed (KhClient *self)
{
  /* From an idle: the caller may be an event of a link. */
  if (self->close_task != NULL && g_hash_table_size (self->links) == 0
      && self->mapper == NULL)
    {
      GSource *source = g_task_get_task_data (self->close_task);

      g_source_set_ready_time (source, 0);
    }
}

static void
destroy_source (gpointer data)
{
  GSource *source = data;

  g_source_destroy (source);
  g_source_unref (source);
}

void
kh_client_close_async (KhClient *self, GAsyncReadyCallback callback, gpointer data)
{
  GHashTableIter iter;
  gpointer link;
  GSource *source;

  g_return_if_fail (self->close_task == NULL);
  self->closing = true;
  kh_client_saw_all (self);
  kh_resume_stop (self);
  g_clear_pointer (&self->wish_box, kh_wish_box_stop);
  self->close_task = g_task_new (self, NULL, callback, data);
  source = g_timeout_source_new (CLOSE_MS);
  g_source_set_callback (source, finish_close, self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  g_task_set_task_data (self->close_task, source, destroy_source);

  g_hash_table_iter_init (&iter, self->calls);
  while (g_hash_table_iter_next (&iter, NULL, &link))
    kh_call_say_end (link, KH_HANG_UP_CANCELLED);
  g_hash_table_remove_all (self->calls);
  g_hash_table_iter_init (&iter, self->links);
  while (g_hash_table_iter_next (&iter, NULL, &link))
    kh_link_close (link, KH_FRAME_BYE_CLOSING);
  kh_client_reach_close (self);
  kh_client_check_closed (self);
}

void
kh_client_close_finish (KhClient *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));
  g_task_propagate_boolean (G_TASK (result), NULL);
}

/* --- What there is to know
 * -------------------------------------------------------------- */

const KhPeerId *
kh_client_get_id (KhClient *self)
{
  return &self->id;
}

const char *
kh_client_get_name (KhClient *self)
{
  return self->name;
}

const char *
kh_client_get_room (KhClient *self)
{
  return self->room;
}

gboolean
kh_client_room_is_weak (KhClient *self)
{
  return self->room_is_weak;
}

/* --- Over the channel
 * -------------------------------------------------------------------- */

gboolean
kh_client_send_message (KhClient *self, const KhPeerId *id, const char *text,
                        KhItemId *message, GError **error)
{
  const char *problem = NULL;

  if (self->store == NULL)
    {
      g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_NOT_CONNECTED,
                   "The data folder is closed");
      return FALSE;
    }
  if (*text == '\0')
    problem = "An empty message says nothing";
  else if (strlen (text) > KH_MESSAGE_TEXT_MAX)
    problem = "The message is too long: at most 32 KiB of text, send a file instead";
  else if (!g_utf8_validate (text, -1, NULL))
    problem = "The message is not valid UTF-8 text";
  if (problem != NULL)
    {
      g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_TEXT, "%s", problem);
      return FALSE;
    }
  kh_link_store_message (self, id, text, message);
  kh_resume_wanted (self, id);
  return TRUE;
}

gboolean
kh_client_ping (KhClient *self, const KhPeerId *id)
{
  KhLink *link = g_hash_table_lookup (self->links, id);

  return link != NULL && kh_link_ping (link);
}

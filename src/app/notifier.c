/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/notifier.h"

#include "app/body-markup.h"
#include "app/name-isolate.h"
#include "app/notice.h"
#include "app/notification-text.h"
#include "app/person-text.h"
#include "app/window.h"

#include <glib/gi18n.h>
#include <string.h>

/* What comes together is told together; more often than this a desktop only flickers. */
#define BATCH_MS 400

/* What has come of one person and not been seen. */
typedef struct
{
  KhNews news;
  GArray *offers; /* KhItemId of those that wait for an answer, as news.offers */
  gboolean dirty;
  gboolean told;
} Entry;

struct _KhNotifier
{
  GObject parent_instance;

  /* Owned */
  GCancellable *cancellable;
  GHashTable *entries; /* KhPeerId to Entry */
  KhClient *client;
  KhPeople *people;

  /* Borrowed */
  KhApplication *application;

  /* State */
  gboolean takes_markup; /* the desktop, of bodies, when it was last asked */
  guint batch;
};

G_DEFINE_FINAL_TYPE (KhNotifier, kh_notifier, G_TYPE_OBJECT)

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  kh_news_clear (&entry->news);
  g_array_unref (entry->offers);
  g_free (entry);
}

static char *
notification_id (const KhPeerId *peer)
{
  g_autofree char *id = kh_peer_id_to_text (peer);

  return g_strconcat ("person-", id, NULL);
}

/* --- Telling --------------------------------------------------------------------------
 */

static void
add_offer_buttons (GNotification *notification, const Entry *entry, const char *peer)
{
  g_autofree char *transfer
      = kh_item_id_to_text (&g_array_index (entry->offers, KhItemId, 0));

  g_notification_add_button_with_target (notification, _ ("Accept"), "app.accept-offer",
                                         "(ss)", peer, transfer);
  g_notification_add_button_with_target (notification, _ ("Show"), "app.show-person", "s",
                                         peer);
}

static void
tell (KhNotifier *self, const KhPeerId *peer, const Entry *entry)
{
  KhPerson *person = kh_people_find (self->people, peer);
  g_autofree char *id = notification_id (peer);
  g_autofree char *text = kh_peer_id_to_text (peer);
  g_autofree char *body = kh_news_text_body (&entry->news);
  g_autofree char *markup = g_markup_escape_text (body, -1);
  g_autofree char *title = NULL;
  g_autoptr (GNotification) notification = NULL;

  if (person == NULL)
    return;
  title = kh_person_text_name_of (person);
  notification = g_notification_new (title);
  g_notification_set_body (notification, self->takes_markup ? markup : body);
  g_notification_set_default_action_and_target (notification, "app.show-person", "s",
                                                text);
  if (entry->news.calls)
    {
      g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_HIGH);
      g_notification_add_button_with_target (notification, _ ("Accept"),
                                             "app.accept-call", "s", text);
      g_notification_add_button_with_target (notification, _ ("Decline"),
                                             "app.decline-call", "s", text);
    }
  else if (kh_news_get_n_offers (&entry->news) == 1)
    add_offer_buttons (notification, entry, text);
  else if (entry->news.n_messages > 0)
    g_notification_add_button_with_target (notification, _ ("Reply"), "app.show-person",
                                           "s", text);
  kh_notice_send (G_APPLICATION (self->application),
                  &(KhNotice){ id, title, body, text, notification });
}

static void
withdraw (KhNotifier *self, const KhPeerId *peer)
{
  g_autofree char *id = notification_id (peer);

  kh_notice_withdraw (G_APPLICATION (self->application), id);
}

static void
on_asked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean takes_markup = kh_body_markup_ask_finish (result, &error);
  KhNotifier *self = data;
  GHashTableIter iter;
  gpointer peer, value;

  if (error != NULL)
    return;
  self->takes_markup = takes_markup;
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &peer, &value))
    {
      Entry *entry = value;

      if (!entry->dirty)
        continue;
      entry->dirty = FALSE;
      entry->told = TRUE;
      tell (self, peer, entry);
    }
}

static gboolean
on_batch (gpointer data)
{
  KhNotifier *self = data;

  self->batch = 0;
  kh_body_markup_ask (
      g_application_get_dbus_connection (G_APPLICATION (self->application)),
      self->cancellable, on_asked, self);
  return G_SOURCE_REMOVE;
}

/* --- Hearing --------------------------------------------------------------------------
 */

void
kh_notifier_seen (KhNotifier *self, const KhPeerId *peer)
{
  const Entry *entry = g_hash_table_lookup (self->entries, peer);

  if (entry == NULL)
    return;
  if (entry->told)
    withdraw (self, peer);
  g_hash_table_remove (self->entries, peer);
}

static gboolean
may_tell (KhNotifier *self, const KhPeerId *peer)
{
  const char *wanted = kh_client_get_setting (self->client, "app-notifications");
  KhPerson *person = kh_people_find (self->people, peer);
  GtkWindow *window
      = gtk_application_get_active_window (GTK_APPLICATION (self->application));

  if (g_strcmp0 (wanted, "no") == 0 || person == NULL || kh_person_is_muted (person)
      || kh_person_is_blocked (person))
    return FALSE;
  return window == NULL || !KH_IS_WINDOW (window)
         || !kh_window_is_watching (KH_WINDOW (window), peer);
}

/* The entry to put news into, which are told soon; NULL: nothing is to be told. */
static Entry *
entry_for (KhNotifier *self, const KhPeerId *peer)
{
  Entry *entry;

  if (!may_tell (self, peer))
    return NULL;
  entry = g_hash_table_lookup (self->entries, peer);
  if (entry == NULL)
    {
      entry = g_new0 (Entry, 1);
      entry->offers = g_array_new (FALSE, FALSE, sizeof (KhItemId));
      g_hash_table_insert (self->entries, g_memdup2 (peer, sizeof *peer), entry);
    }
  entry->dirty = TRUE;
  if (self->batch == 0)
    self->batch = g_timeout_add (BATCH_MS, on_batch, self);
  return entry;
}

/* What is left after something was answered elsewhere. */
static void
lessen (KhNotifier *self, const KhPeerId *peer, Entry *entry)
{
  if (kh_news_is_empty (&entry->news))
    kh_notifier_seen (self, peer);
  else if (entry->told)
    tell (self, peer, entry);
}

static void
end_call_request (KhNotifier *self, const KhPeerId *peer)
{
  Entry *entry = g_hash_table_lookup (self->entries, peer);

  if (entry == NULL || !entry->news.calls)
    return;
  entry->news.calls = FALSE;
  lessen (self, peer, entry);
}

static void
end_offer (KhNotifier *self, const KhEvent *event)
{
  Entry *entry = g_hash_table_lookup (self->entries, &event->peer);

  for (guint i = 0; entry != NULL && i < entry->offers->len; i++)
    if (memcmp (&g_array_index (entry->offers, KhItemId, i), &event->item,
                sizeof event->item)
        == 0)
      {
        g_array_remove_index (entry->offers, i);
        kh_news_remove_offer (&entry->news, i);
        lessen (self, &event->peer, entry);
        return;
      }
}

static void
add_outcome (KhNotifier *self, const KhEvent *event, char *sentence)
{
  Entry *entry = entry_for (self, &event->peer);

  if (entry != NULL)
    kh_news_set_outcome (&entry->news, sentence);
  g_free (sentence);
}

static void
on_offer (KhNotifier *self, const KhEvent *event)
{
  Entry *entry
      = event->waiting && !event->repeated ? entry_for (self, &event->peer) : NULL;

  if (entry == NULL)
    return;
  kh_news_add_offer (&entry->news, event->text);
  g_array_append_val (entry->offers, event->item);
}

static void
on_message (KhNotifier *self, const KhEvent *event)
{
  Entry *entry = entry_for (self, &event->peer);

  if (entry != NULL)
    kh_news_add_message (&entry->news, event->text);
}

static void
on_call_request (KhNotifier *self, const KhEvent *event)
{
  Entry *entry = entry_for (self, &event->peer);

  if (entry != NULL)
    entry->news.calls = TRUE;
}

static void
on_transfer_ended (KhNotifier *self, const KhEvent *event)
{
  g_autofree char *name = kh_name_isolate (event->text);

  end_offer (self, event);
  /* Who ended it here knows. */
  if (event->here)
    return;
  if (event->transfer_end == KH_TRANSFER_END_DECLINED)
    /* Translators: %s is the name of a file or a folder */
    add_outcome (self, event, g_strdup_printf (_ ("%s was declined"), name));
  else if (event->transfer_end == KH_TRANSFER_END_CANCELLED)
    /* Translators: %s is the name of a file or a folder */
    add_outcome (self, event, g_strdup_printf (_ ("%s was cancelled"), name));
  else
    /* Translators: %s is the name of a file or a folder */
    add_outcome (self, event, g_strdup_printf (_ ("%s did not arrive whole"), name));
}

static void
on_done (KhNotifier *self, const KhEvent *event)
{
  g_autofree char *name = kh_name_isolate (event->text);

  end_offer (self, event);
  add_outcome (self, event,
               event->outgoing
                   /* Translators: %s is the name of a file or a folder */
                   ? g_strdup_printf (_ ("Has received %s"), name)
                   /* Translators: %s is the name of a file or a folder */
                   : g_strdup_printf (_ ("%s has arrived"), name));
}

static void
on_event (KhNotifier *self, const KhEvent *event)
{
  switch (event->kind)
    {
    case KH_EVENT_MESSAGE:
      on_message (self, event);
      break;
    case KH_EVENT_CALL_REQUEST:
      on_call_request (self, event);
      break;
    case KH_EVENT_OFFER:
      on_offer (self, event);
      break;
    case KH_EVENT_CALL_ENDED:
    case KH_EVENT_CONNECTED:
    case KH_EVENT_PUNCH:
      end_call_request (self, &event->peer);
      break;
    case KH_EVENT_TRANSFER:
      if (!event->outgoing && event->phase != KH_PHASE_OFFERED)
        end_offer (self, event);
      break;
    case KH_EVENT_DONE:
      on_done (self, event);
      break;
    case KH_EVENT_TRANSFER_ENDED:
      on_transfer_ended (self, event);
      break;
    default:
      break;
    }
}

/* --- The object -----------------------------------------------------------------------
 */

static void
kh_notifier_dispose (GObject *object)
{
  KhNotifier *self = KH_NOTIFIER (object);
  GHashTableIter iter;
  gpointer peer;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->batch, g_source_remove);
  if (self->entries != NULL)
    {
      /* Without the program nobody can answer. */
      g_hash_table_iter_init (&iter, self->entries);
      while (g_hash_table_iter_next (&iter, &peer, NULL))
        withdraw (self, peer);
    }
  g_clear_pointer (&self->entries, g_hash_table_unref);
  g_clear_object (&self->people);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_notifier_parent_class)->dispose (object);
}

static void
kh_notifier_class_init (KhNotifierClass *class)
{
  G_OBJECT_CLASS (class)->dispose = kh_notifier_dispose;
}

static void
kh_notifier_init (KhNotifier *self)
{
  self->cancellable = g_cancellable_new ();
  self->entries = g_hash_table_new_full (kh_peer_id_hash, kh_peer_id_equal_func, g_free,
                                         free_entry);
}

KhNotifier *
kh_notifier_new (KhApplication *application)
{
  KhNotifier *self = g_object_new (KH_TYPE_NOTIFIER, NULL);

  self->application = application;
  self->client = g_object_ref (kh_application_get_client (application));
  self->people = g_object_ref (kh_application_get_people (application));
  g_signal_connect_object (self->client, "event", G_CALLBACK (on_event), self,
                           G_CONNECT_SWAPPED);
  return self;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/dialogs.h"
#include "app/entry-list.h"
#include "app/entry-row.h"
#include "app/offer-answer.h"
#include "app/show.h"
#include "app/toast.h"
#include "app/transfer-look.h"
#include "app/wrap-layout.h"

#include <glib/gi18n.h>
#include <string.h>

/* Often enough to see files arrive. */
#define REFRESH_MS 700

/* As many as are kept of a transfer that has ended. */
#define N_ROOTS 256

#define KH_TYPE_TRANSFER_DIALOG (kh_transfer_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KhTransferDialog, kh_transfer_dialog, KH, TRANSFER_DIALOG,
                      AdwWindow)

struct _KhTransferDialog
{
  AdwWindow parent_instance;

  /* Owned */
  KhClient *client;
  char *name;           /* of the other side; NULL: not known */
  KhTransferInfo *info; /* NULL: not read yet */
  KhEntryList *entries;
  GCancellable *cancellable;

  /* Children of the template */
  GtkWidget *heading;
  GtkWidget *status;
  GtkWidget *advice;
  GtkWidget *list;
  GtkWidget *note;
  GtkWidget *foot;
  GtkWidget *always;
  GtkWidget *always_label;
  GtkWidget *accept_button;
  GtkWidget *save_button;
  GtkWidget *decline_button;
  GtkWidget *retry_button;

  /* State */
  KhPeerId peer;
  KhItemId item;
  guint n_roots; /* 0: not known yet */
  gboolean folder;
  gboolean focused; /* the list, once */
  guint refresh_source;
};

G_DEFINE_FINAL_TYPE (KhTransferDialog, kh_transfer_dialog, ADW_TYPE_WINDOW)

/* --- What it says ---------------------------------------------------------------- */

static KhTransferView
get_view (KhTransferDialog *self)
{
  return (KhTransferView){
    .info = self->info,
    .peer = self->name,
    .speed = { .left_ms = -1 },
    .connected = kh_client_is_connected (self->client, &self->peer),
    .waits = self->info->phase == KH_PHASE_OFFERED && !self->info->outgoing,
    .n_roots = self->n_roots,
    .folder = self->folder,
  };
}

/* Of an ended transfer not all is kept. */
static char *
get_note (KhTransferDialog *self, const KhTransferView *view)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->entries));

  if (self->info->phase < KH_PHASE_DONE || !kh_entry_list_is_complete (self->entries)
      || n >= self->info->n_files)
    return NULL;
  if (self->info->phase == KH_PHASE_FAILED)
    return g_strdup (
        _ ("Of a transfer that has ended only what did not arrive is listed."));
  return g_strdup (_ ("Of a transfer that has ended only the top is listed."));
}

static void
show (KhTransferDialog *self)
{
  KhTransferView view = get_view (self);
  gboolean retry = self->info->phase == KH_PHASE_FAILED && self->info->can_retry;
  g_autofree char *title = NULL;
  g_autofree char *counts = NULL;
  g_autofree char *peer = kh_transfer_text_peer (&view);

  title = kh_transfer_text_title (&view);
  counts = kh_transfer_text_counts (&view);
  adw_window_title_set_title (ADW_WINDOW_TITLE (self->heading), title);
  adw_window_title_set_subtitle (ADW_WINDOW_TITLE (self->heading), counts);
  kh_show_take_text (self->status, kh_transfer_text_status (&view));
  kh_show_take_text (self->advice, kh_transfer_text_advice (&view));
  kh_show_take_text (self->note, get_note (self, &view));
  kh_show_take_text (self->always_label,
                     g_strdup_printf (_ ("Accept files from %s without asking"), peer));
  gtk_widget_set_visible (self->always, view.waits);
  gtk_widget_set_visible (self->accept_button, view.waits);
  gtk_widget_set_visible (self->save_button, view.waits);
  gtk_widget_set_visible (self->decline_button, view.waits);
  gtk_widget_set_visible (self->retry_button, retry);
  gtk_widget_set_visible (self->foot, view.waits || retry);
}

/* --- Rows ------------------------------------------------------------------------ */

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item, KhTransferDialog *self)
{
  gtk_list_item_set_activatable (item, FALSE);
  gtk_list_item_set_child (item, kh_entry_row_new ());
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, KhTransferDialog *self)
{
  kh_entry_row_set_item (KH_ENTRY_ROW (gtk_list_item_get_child (item)),
                         gtk_list_item_get_item (item), self->info->outgoing);
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *item, KhTransferDialog *self)
{
  kh_entry_row_set_item (KH_ENTRY_ROW (gtk_list_item_get_child (item)), NULL, FALSE);
}

static void
show_list (KhTransferDialog *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkNoSelection *selection;

  g_signal_connect_object (factory, "setup", G_CALLBACK (on_setup), self, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), self, 0);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (on_unbind), self, 0);
  gtk_list_view_set_factory (GTK_LIST_VIEW (self->list), factory);
  g_object_unref (factory);
  selection = gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->entries)));
  gtk_list_view_set_model (GTK_LIST_VIEW (self->list), GTK_SELECTION_MODEL (selection));
  g_object_unref (selection);
}

/* What is looked at comes first, not the question whether to take it unseen. */
static void
focus_list (KhTransferDialog *self)
{
  if (self->focused || gtk_list_view_get_model (GTK_LIST_VIEW (self->list)) == NULL
      || g_list_model_get_n_items (G_LIST_MODEL (self->entries)) == 0)
    return;
  self->focused = TRUE;
  gtk_widget_grab_focus (self->list);
}

/* --- Following it ---------------------------------------------------------------- */

/* One that has not ended is known without a look at the disk. */
static KhTransferInfo *
steal_live (KhTransferDialog *self)
{
  g_autoptr (GPtrArray) all = kh_client_list_transfers (self->client);

  for (guint i = 0; i < all->len; i++)
    {
      const KhTransferInfo *info = g_ptr_array_index (all, i);

      if (kh_peer_id_equal (&info->peer, &self->peer)
          && memcmp (&info->item, &self->item, sizeof info->item) == 0)
        return g_ptr_array_steal_index_fast (all, i);
    }
  return NULL;
}

static void
take_info (KhTransferDialog *self, KhTransferInfo *info)
{
  g_clear_pointer (&self->info, kh_transfer_info_free);
  self->info = info;
  show (self);
  if (gtk_list_view_get_model (GTK_LIST_VIEW (self->list)) == NULL)
    show_list (self);
  focus_list (self);
}

static void
on_info (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhTransferDialog) self = data;
  g_autoptr (GError) error = NULL;
  KhTransferInfo *info
      = kh_client_get_transfer_finish (KH_CLIENT (source), result, &error);

  if (info != NULL)
    take_info (self, info);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gtk_window_close (GTK_WINDOW (self)); /* it was withdrawn, or deleted */
}

static void
read_info (KhTransferDialog *self)
{
  KhTransferInfo *live = steal_live (self);

  if (live != NULL)
    take_info (self, live);
  else
    kh_client_get_transfer_async (self->client, &self->peer, &self->item,
                                  self->cancellable, on_info, g_object_ref (self));
}

static gboolean
on_refresh (gpointer data)
{
  KhTransferDialog *self = data;

  self->refresh_source = 0;
  read_info (self);
  kh_entry_list_refresh (self->entries);
  return G_SOURCE_REMOVE;
}

static void
on_event (KhClient *client, const KhEvent *event, KhTransferDialog *self)
{
  gboolean channel
      = event->kind == KH_EVENT_CONNECTED || event->kind == KH_EVENT_DISCONNECTED;

  if (!kh_peer_id_equal (&event->peer, &self->peer)
      || (!channel && memcmp (&event->item, &self->item, sizeof self->item) != 0))
    return;
  if (self->refresh_source == 0)
    self->refresh_source = g_timeout_add (REFRESH_MS, on_refresh, self);
}

static void
on_roots (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhTransferDialog) self = data;
  g_autoptr (GPtrArray) roots
      = kh_client_list_roots_finish (KH_CLIENT (source), result, NULL);

  if (roots == NULL || roots->len == 0)
    return;
  self->n_roots = roots->len;
  self->folder = roots->len == 1
                 && ((KhEntryInfo *)g_ptr_array_index (roots, 0))->kind == KH_TREE_FOLDER;
  if (self->info != NULL)
    show (self);
}

static void
on_loaded (KhEntryList *entries, KhTransferDialog *self)
{
  if (self->info != NULL)
    show (self);
  focus_list (self);
}

/* --- Answers --------------------------------------------------------------------- */

static gboolean
take_always (KhTransferDialog *self)
{
  return gtk_check_button_get_active (GTK_CHECK_BUTTON (self->always));
}

static void
on_accept (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KhTransferDialog *self = KH_TRANSFER_DIALOG (widget);

  kh_offer_answer_accept (GTK_WIDGET (gtk_window_get_transient_for (GTK_WINDOW (self))),
                          self->client, &self->peer, &self->item, take_always (self));
  gtk_window_close (GTK_WINDOW (self));
}

static void
on_save_to (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KhTransferDialog *self = KH_TRANSFER_DIALOG (widget);

  kh_offer_answer_choose (widget, self->client, &self->peer, &self->item,
                          take_always (self));
}

static void
on_decline (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KhTransferDialog *self = KH_TRANSFER_DIALOG (widget);

  kh_client_answer_offer (self->client, &self->peer, &self->item, FALSE, NULL, NULL);
  gtk_window_close (GTK_WINDOW (self));
}

static void
on_retry (GtkWidget *widget, const char *name, GVariant *parameter)
{
  KhTransferDialog *self = KH_TRANSFER_DIALOG (widget);

  if (!kh_client_retry_transfer (self->client, &self->peer, &self->item, NULL))
    kh_toast_show (self->status, _ ("This is not possible any more"));
}

/* --- The window ------------------------------------------------------------------ */

static void
kh_transfer_dialog_dispose (GObject *object)
{
  KhTransferDialog *self = KH_TRANSFER_DIALOG (object);

  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->refresh_source, g_source_remove);
  g_clear_pointer (&self->info, kh_transfer_info_free);
  G_OBJECT_CLASS (kh_transfer_dialog_parent_class)->dispose (object);
  g_clear_object (&self->entries);
  g_clear_object (&self->client);
}

static void
kh_transfer_dialog_finalize (GObject *object)
{
  g_free (KH_TRANSFER_DIALOG (object)->name);
  G_OBJECT_CLASS (kh_transfer_dialog_parent_class)->finalize (object);
}

#define BIND(child)                                                                      \
  gtk_widget_class_bind_template_child (widget_class, KhTransferDialog, child)

static void
kh_transfer_dialog_class_init (KhTransferDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_transfer_dialog_dispose;
  G_OBJECT_CLASS (class)->finalize = kh_transfer_dialog_finalize;
  g_type_ensure (KH_TYPE_WRAP_LAYOUT);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/transfer-dialog.ui");
  BIND (heading);
  BIND (status);
  BIND (advice);
  BIND (list);
  BIND (note);
  BIND (foot);
  BIND (always);
  BIND (always_label);
  BIND (accept_button);
  BIND (save_button);
  BIND (decline_button);
  BIND (retry_button);
  gtk_widget_class_install_action (widget_class, "transfer.accept", NULL, on_accept);
  gtk_widget_class_install_action (widget_class, "transfer.save-to", NULL, on_save_to);
  gtk_widget_class_install_action (widget_class, "transfer.decline", NULL, on_decline);
  gtk_widget_class_install_action (widget_class, "transfer.retry", NULL, on_retry);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
kh_transfer_dialog_init (KhTransferDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_visible (self->foot, FALSE);
  self->cancellable = g_cancellable_new ();
}

/* Of one that has ended the store has no name. */
static char *
find_name (KhClient *client, const KhPeerId *peer)
{
  g_autoptr (GPtrArray) peers = kh_client_list_peers (client);

  for (guint i = 0; i < peers->len; i++)
    {
      const KhPeerInfo *info = g_ptr_array_index (peers, i);

      if (kh_peer_id_equal (&info->id, peer))
        return g_strdup (info->petname != NULL ? info->petname : info->name);
    }
  return NULL;
}

void
kh_transfer_dialog_present (GtkWindow *parent, KhClient *client, const KhPeerId *peer,
                            const KhItemId *transfer)
{
  KhTransferDialog *self
      = g_object_new (KH_TYPE_TRANSFER_DIALOG, "transient-for", parent, NULL);

  self->client = g_object_ref (client);
  self->peer = *peer;
  self->item = *transfer;
  self->entries = kh_entry_list_new (client, peer, transfer);
  g_signal_connect_object (self->entries, "loaded", G_CALLBACK (on_loaded), self, 0);
  g_signal_connect_object (client, "event", G_CALLBACK (on_event), self, 0);
  self->name = find_name (client, peer);
  kh_client_list_roots_async (client, peer, transfer, N_ROOTS, self->cancellable,
                              on_roots, g_object_ref (self));
  read_info (self);
  gtk_window_present (GTK_WINDOW (self));
}

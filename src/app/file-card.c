/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/file-card-private.h"

#include "app/show.h"
#include "app/tree-text.h"
#include "app/wrap-layout.h"

#include <glib/gi18n.h>
#include <string.h>

/* Ten times a second is as often as a person can read. */
#define UPDATE_MS 100

/* How often it is asked whether another one still moves: one that has been still for so
 * long has stopped. */
#define OTHERS_LOOK_MS 1500

G_DEFINE_FINAL_TYPE (KhFileCard, kh_file_card, GTK_TYPE_WIDGET)

/* --- What is known --------------------------------------------------------------- */

static gboolean
is_queued (KhFileCard *self, const KhTransferInfo *info)
{
  g_autoptr (GPtrArray) all = kh_client_list_transfers (self->client);

  return kh_transfer_text_is_queued (all, info, self->others_source != 0);
}

gboolean
kh_file_card_get_view (KhFileCard *self, KhTransferView *view)
{
  const KhTransferInfo *info
      = self->item != NULL ? kh_timeline_item_get_transfer (self->item) : NULL;
  const KhEntryInfo *only;

  if (info == NULL)
    return FALSE;
  only = kh_file_card_get_only (self);
  *view = (KhTransferView){
    .info = info,
    .speed = kh_timeline_item_get_speed (self->item),
    .connected = kh_timeline_item_is_connected (self->item),
    .by = kh_timeline_item_get_cancelled_by (self->item),
    .n_roots = self->roots != NULL ? self->roots->len : 0,
    .folder = only != NULL && only->kind == KH_TREE_FOLDER,
  };
  view->waits = kh_timeline_item_waits_for_answer (self->item, &view->over_quota);
  if (view->n_roots == KH_FILE_CARD_ROOTS)
    view->n_roots = MAX (info->n_files, view->n_roots);
  if (view->connected && view->speed.rate == 0 && info->phase == KH_PHASE_RUNNING)
    view->queued = is_queued (self, info);
  if (only != NULL && only->state == KH_ENTRY_HAS_FAILED)
    view->reason = only->status;
  for (guint i = 0; self->roots != NULL && i < self->roots->len && !view->has_place; i++)
    view->has_place = ((KhEntryInfo *)g_ptr_array_index (self->roots, i))->place != NULL;
  return TRUE;
}

/* --- Showing it ------------------------------------------------------------------ */

static void
show_class (KhFileCard *self, const char *name)
{
  GtkWidget *widgets[] = { self->status, self->status_icon };

  if (g_strcmp0 (name, self->status_class) == 0)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (widgets); i++)
    {
      if (self->status_class != NULL)
        gtk_widget_remove_css_class (widgets[i], self->status_class);
      if (name != NULL)
        gtk_widget_add_css_class (widgets[i], name);
    }
  self->status_class = name;
}

static void
show_status (KhFileCard *self, const KhTransferView *view)
{
  KhTransferStanding standing = kh_transfer_text_standing (view);
  const char *icon = kh_transfer_look_icon (standing);
  g_autofree char *status = kh_transfer_text_status (view);
  g_autofree char *left = standing == KH_STANDING_MOVING
                              ? kh_transfer_text_left (view->speed.left_ms)
                              : NULL;

  if (left != NULL)
    /* Translators: what happens, and how long it will take: "Sending: 3 of 12, about 2
     * minutes left". */
    kh_show_take_text (self->status, g_strdup_printf (_ ("%s, %s"), status, left));
  else
    kh_show_take_text (self->status, g_steal_pointer (&status));
  gtk_image_set_from_icon_name (GTK_IMAGE (self->status_icon), icon);
  gtk_widget_set_visible (self->status_icon, icon != NULL);
  show_class (self, kh_transfer_look_class (standing));
}

static void
show_progress (KhFileCard *self, const KhTransferView *view)
{
  KhTransferStanding standing = kh_transfer_text_standing (view);
  double fraction = kh_transfer_text_fraction (view);

  gtk_widget_set_visible (self->progress, fraction >= 0);
  if (fraction >= 0)
    gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress), fraction);
  kh_show_class (self->progress, "still",
                 standing != KH_STANDING_MOVING && standing != KH_STANDING_FINISHING);
  kh_show_take_text (self->amount, kh_transfer_text_amount (view));
}

static void
show_buttons (KhFileCard *self, const KhTransferView *view)
{
  const struct
  {
    GtkWidget *button;
    KhTransferActions action;
    gboolean with_text;
  } buttons[] = {
    { self->first_button, KH_TRANSFER_FIRST, FALSE },
    { self->pause_button, KH_TRANSFER_PAUSE, FALSE },
    { self->resume_button, KH_TRANSFER_RESUME, FALSE },
    { self->cancel_button, KH_TRANSFER_CANCEL, FALSE },
    { self->open_button, KH_TRANSFER_OPEN, FALSE },
    { self->show_button, KH_TRANSFER_SHOW, FALSE },
    { self->accept_button, KH_TRANSFER_ACCEPT, TRUE },
    { self->save_button, KH_TRANSFER_SAVE_TO, TRUE },
    { self->decline_button, KH_TRANSFER_DECLINE, TRUE },
    { self->retry_button, KH_TRANSFER_RETRY, TRUE },
  };
  gboolean question = (self->actions & (KH_TRANSFER_ACCEPT | KH_TRANSFER_RETRY)) != 0;
  gboolean details = (self->actions & KH_TRANSFER_DETAILS) != 0;
  gboolean any_icon = details && !question;

  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    {
      gboolean visible = (self->actions & buttons[i].action) != 0;

      gtk_widget_set_visible (buttons[i].button, visible);
      any_icon = any_icon || (visible && !buttons[i].with_text);
    }
  gtk_widget_set_visible (self->list_button, details && !question);
  gtk_widget_set_visible (self->details_button, details && question);
  gtk_widget_set_visible (self->buttons, question);
  gtk_widget_set_visible (self->icon_buttons, any_icon);
  gtk_button_set_label (GTK_BUTTON (self->details_button),
                        view->waits ? _ ("Show All") : _ ("Details"));
}

/* The check that makes this the last question. */
static void
show_always (KhFileCard *self, const KhTransferView *view)
{
  gboolean asked = (self->actions & KH_TRANSFER_ACCEPT) != 0 && !view->over_quota;
  g_autofree char *peer = kh_transfer_text_peer (view);

  gtk_widget_set_visible (self->always, asked);
  if (asked)
    kh_show_take_text (self->always_label,
                       g_strdup_printf (_ ("Accept files from %s without asking"), peer));
}

/* Of a waiting offer: its first names. */
static void
show_preview (KhFileCard *self, const KhTransferView *view)
{
  gboolean several = view->info->n_files != 1 || view->folder;
  char *names = NULL;

  if (view->waits && several && self->names != NULL)
    names = kh_tree_text_names (self->names, KH_FILE_CARD_NAMES, view->info->n_files);
  kh_show_take_text (self->preview, names);
}

/* What has to be known before an answer is given. */
static char *
offer_advice (KhFileCard *self, const KhTransferView *view)
{
  const KhEntryInfo *only = kh_file_card_get_only (self);

  if (!view->waits || only == NULL || only->kind != KH_TREE_FILE
      || !kh_transfer_look_is_program (only->path))
    return NULL;
  return g_strdup (_ ("This is a program. Accept it only if you know what it is."));
}

static void
tell_screen_reader (KhFileCard *self, const KhTransferView *view)
{
  g_autofree char *whole = kh_transfer_text_whole (view);

  if (g_strcmp0 (whole, self->whole) == 0)
    return;
  g_free (self->whole);
  self->whole = g_steal_pointer (&whole);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->whole, -1);
}

static void
show_view (KhFileCard *self, const KhTransferView *view)
{
  g_autoptr (GIcon) icon = kh_transfer_look_kind (view);
  char *advice = offer_advice (self, view);

  self->actions = kh_transfer_look_actions (view);
  gtk_image_set_from_gicon (GTK_IMAGE (self->icon), icon);
  kh_show_take_text (self->title, kh_transfer_text_title (view));
  gtk_widget_set_tooltip_text (self->title, gtk_label_get_text (GTK_LABEL (self->title)));
  kh_show_take_text (self->counts, kh_transfer_text_counts (view));
  kh_show_take_text (self->advice,
                     advice != NULL ? advice : kh_transfer_text_advice (view));
  show_progress (self, view);
  show_status (self, view);
  show_preview (self, view);
  show_always (self, view);
  show_buttons (self, view);
  kh_file_card_enable_actions (self);
  tell_screen_reader (self, view);
}

static void
update (KhFileCard *self)
{
  KhTransferView view;

  self->updated_at_us = g_get_monotonic_time ();
  if (!kh_file_card_get_view (self, &view))
    return;
  kh_file_card_read (self);
  show_view (self, &view);
}

static gboolean
on_time (gpointer data)
{
  KhFileCard *self = data;

  self->update_source = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

void
kh_file_card_queue_update (KhFileCard *self)
{
  gint64 since_ms = (g_get_monotonic_time () - self->updated_at_us) / 1000;

  if (self->update_source != 0 || self->item == NULL)
    return;
  if (since_ms >= UPDATE_MS)
    update (self);
  else
    self->update_source = g_timeout_add ((guint)(UPDATE_MS - since_ms), on_time, self);
}

static gboolean
look_at_others (gpointer data)
{
  KhFileCard *self = data;

  if (self->others_moved)
    {
      self->others_moved = FALSE;
      return G_SOURCE_CONTINUE;
    }
  self->others_source = 0;
  kh_file_card_queue_update (self);
  return G_SOURCE_REMOVE;
}

/* Another file comes in from the same peer. */
static void
note_others (KhFileCard *self)
{
  self->others_moved = TRUE;
  if (self->others_source != 0)
    return;
  self->others_source = g_timeout_add (OTHERS_LOOK_MS, look_at_others, self);
  kh_file_card_queue_update (self);
}

/* Another one that moves, has ended or was put first may keep this one or let it go. */
static void
on_event (KhClient *client, const KhEvent *event, KhFileCard *self)
{
  const KhTransferInfo *info
      = self->item != NULL ? kh_timeline_item_get_transfer (self->item) : NULL;

  if (info == NULL || info->phase != KH_PHASE_RUNNING
      || !kh_peer_id_equal (&event->peer, &info->peer))
    return;
  if (event->kind == KH_EVENT_TRANSFER || event->kind == KH_EVENT_DONE
      || event->kind == KH_EVENT_TRANSFER_ENDED)
    kh_file_card_queue_update (self);
  else if (event->kind == KH_EVENT_PROGRESS && !event->outgoing && !info->outgoing
           && memcmp (&event->item, &info->item, sizeof info->item) != 0)
    note_others (self);
}

/* --- The widget ------------------------------------------------------------------ */

/* A card does not get all of the width that a row has. */
static int
card_width (KhFileCard *self, int width)
{
  int minimum;

  gtk_widget_measure (self->body, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL,
                      NULL);
  return MIN (width, MAX (minimum, KH_FILE_CARD_WIDTH));
}

static void
kh_file_card_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                      int *minimum, int *natural, int *minimum_baseline,
                      int *natural_baseline)
{
  KhFileCard *self = KH_FILE_CARD (widget);

  if (orientation == GTK_ORIENTATION_VERTICAL && for_size > KH_FILE_CARD_WIDTH)
    for_size = card_width (self, for_size);
  gtk_widget_measure (self->body, orientation, for_size, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *natural = MAX (*minimum, KH_FILE_CARD_WIDTH);
}

static void
kh_file_card_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  KhFileCard *self = KH_FILE_CARD (widget);

  gtk_widget_size_allocate (self->body, &(GtkAllocation){ 0, 0, width, height }, -1);
  if (self->menu != NULL)
    gtk_popover_present (GTK_POPOVER (self->menu));
}

static GtkSizeRequestMode
kh_file_card_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
kh_file_card_dispose (GObject *object)
{
  KhFileCard *self = KH_FILE_CARD (object);

  kh_file_card_set_item (self, NULL);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  g_clear_pointer (&self->body, gtk_widget_unparent);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_file_card_parent_class)->dispose (object);
}

static void
kh_file_card_finalize (GObject *object)
{
  g_free (KH_FILE_CARD (object)->whole);
  G_OBJECT_CLASS (kh_file_card_parent_class)->finalize (object);
}

#define BIND(child) gtk_widget_class_bind_template_child (widget_class, KhFileCard, child)

static void
bind_children (GtkWidgetClass *widget_class)
{
  BIND (body);
  BIND (thumbnail_button);
  BIND (thumbnail);
  BIND (face);
  BIND (icon);
  BIND (title);
  BIND (counts);
  BIND (icon_buttons);
  BIND (list_button);
  BIND (first_button);
  BIND (pause_button);
  BIND (resume_button);
  BIND (cancel_button);
  BIND (open_button);
  BIND (show_button);
  BIND (preview);
  BIND (progress);
  BIND (amount);
  BIND (status_icon);
  BIND (status);
  BIND (advice);
  BIND (always);
  BIND (always_label);
  BIND (buttons);
  BIND (accept_button);
  BIND (save_button);
  BIND (decline_button);
  BIND (retry_button);
  BIND (details_button);
}

static void
kh_file_card_class_init (KhFileCardClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = kh_file_card_dispose;
  object_class->finalize = kh_file_card_finalize;
  widget_class->measure = kh_file_card_measure;
  widget_class->size_allocate = kh_file_card_size_allocate;
  widget_class->get_request_mode = kh_file_card_get_request_mode;
  g_type_ensure (KH_TYPE_WRAP_LAYOUT);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/file-card.ui");
  bind_children (widget_class);
  gtk_widget_class_set_css_name (widget_class, "filecard");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  kh_file_card_install_actions (widget_class);
}

static void
kh_file_card_init (KhFileCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_label_set_xalign (GTK_LABEL (self->preview), 0);
  kh_file_card_install_menu (self);
  kh_file_card_install_drag (self);
}

GtkWidget *
kh_file_card_new (KhClient *client)
{
  KhFileCard *self = g_object_new (KH_TYPE_FILE_CARD, NULL);

  self->client = g_object_ref (client);
  g_signal_connect_object (client, "event", G_CALLBACK (on_event), self, 0);
  return GTK_WIDGET (self);
}

static void
leave_item (KhFileCard *self)
{
  if (self->menu != NULL)
    gtk_popover_popdown (GTK_POPOVER (self->menu));
  kh_file_card_forget (self);
  g_clear_handle_id (&self->update_source, g_source_remove);
  g_clear_handle_id (&self->others_source, g_source_remove);
  g_clear_signal_handler (&self->changed_handler, self->item);
  g_clear_object (&self->item);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->always), FALSE);
  self->actions = 0;
}

void
kh_file_card_set_item (KhFileCard *self, KhTimelineItem *item)
{
  if (item == self->item)
    return;
  if (self->item != NULL)
    leave_item (self);
  if (item == NULL)
    return;
  self->item = g_object_ref (item);
  self->changed_handler = g_signal_connect_swapped (
      item, "changed", G_CALLBACK (kh_file_card_queue_update), self);
  update (self);
}

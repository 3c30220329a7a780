/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/timeline-view.h"

#include "app/message-look.h"
#include "app/message-text.h"
#include "app/name-isolate.h"
#include "app/portal.h"
#include "app/row-list.h"
#include "app/time-text.h"
#include "app/timeline-row.h"
#include "core/history.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* Older ones are asked for when so few rows are left above the view: a page comes from
 * the disk in less time than it takes to scroll over them. */
#define OLDER_WITHIN 60

/* A first page that is here sooner flashes no spinner. */
#define SPINNER_AFTER_MS 250

/* Whether "Today" is still today. */
#define DAY_CHECK_S 30

#define SPOKEN_CHARS 2000

struct _KhTimelineView
{
  GtkWidget parent_instance;

  /* Owned */
  KhClient *client;
  KhTimeline *timeline;
  KhPerson *person;
  GCancellable *cancellable; /* of what was asked for this timeline */
  GHashTable *unfolded;      /* KhTimelineItem that are shown in full */
  char *name;                /* as the rows show it */

  /* Borrowed */
  GtkWidget *overlay;
  GtkStack *stack;
  GtkScrolledWindow *scrolled;
  GtkSpinner *loading;
  GtkSpinner *older;
  AdwStatusPage *empty;
  GtkRevealer *revealer;
  GtkWidget *to_end;
  GtkLabel *n_new;
  KhRowList *list;
  KhTimelineItem *first_unread; /* in the timeline */
  KhTimelineItem *flash;        /* lights up when it has a row */

  /* State */
  KhMessageReach reach; /* as the rows show it */
  guint n_unseen;       /* came while it was not at the end */
  guint n_items;        /* before the last change */
  gint64 day_ms;        /* a time of the day that the rows show as today */
  guint moved_source;
  guint spinner_source;
  guint day_source;
};

G_DEFINE_FINAL_TYPE (KhTimelineView, kh_timeline_view, GTK_TYPE_WIDGET)

static gint64
now_ms (void)
{
  return g_get_real_time () / 1000;
}

/* --- Rows -------------------------------------------------------------------------- */

static KhMessageNeighbour
neighbour (KhTimelineView *self, guint index)
{
  g_autoptr (KhTimelineItem) item
      = g_list_model_get_item (G_LIST_MODEL (self->timeline), index);
  KhMessageNeighbour neighbour = { 0 };

  if (item == NULL)
    return neighbour;
  neighbour.exists = TRUE;
  neighbour.kind = kh_timeline_item_get_kind (item);
  neighbour.outgoing = kh_timeline_item_is_outgoing (item);
  neighbour.at_ms = kh_timeline_item_get_at_ms (item);
  if (neighbour.kind == KH_ITEM_MESSAGE)
    neighbour.state = kh_timeline_item_get_message_state (item);
  return neighbour;
}

static char *
spoken_text (KhTimelineView *self, KhTimelineItem *item)
{
  g_autofree char *clock = kh_time_text_clock (kh_timeline_item_get_at_ms (item));
  g_autofree char *text = NULL;

  switch (kh_timeline_item_get_kind (item))
    {
    case KH_ITEM_MESSAGE:
      text = kh_message_text_preview (kh_timeline_item_get_text (item), SPOKEN_CHARS);
      return kh_message_look_spoken (kh_timeline_item_get_message_state (item),
                                     self->reach, self->name, clock, text);
    case KH_ITEM_TRANSFER:
      return kh_message_look_spoken_file (kh_timeline_item_is_outgoing (item), self->name,
                                          clock,
                                          kh_timeline_item_get_transfer (item)->name);
    case KH_ITEM_NOTE:
    default:
      return kh_message_look_note (kh_timeline_item_get_note_kind (item),
                                   kh_timeline_item_get_text (item), self->name);
    }
}

static gboolean
is_unkept (KhTimelineView *self, guint index)
{
  g_autoptr (KhTimelineItem) item
      = g_list_model_get_item (G_LIST_MODEL (self->timeline), index);

  return kh_timeline_item_get_kind (item) == KH_ITEM_MESSAGE
         && kh_timeline_item_get_position (item) == 0
         && kh_timeline_item_get_message_state (item) != KH_MESSAGE_FAILED;
}

/* While history is off: what came before is kept. The search ends at the next message. */
static gboolean
begins_unkept (KhTimelineView *self, guint index)
{
  if (kh_client_get_keeps_history (self->client) || !is_unkept (self, index))
    return FALSE;
  while (index > 0)
    if (is_unkept (self, --index))
      return FALSE;
  return TRUE;
}

static guint
kind_of (gpointer item, gpointer data)
{
  return kh_timeline_item_get_kind (item);
}

static void
on_unfold (KhTimelineView *self, GtkWidget *row)
{
  KhTimelineItem *item = kh_timeline_row_get_item (KH_TIMELINE_ROW (row));

  if (item == NULL)
    return;
  g_hash_table_add (self->unfolded, g_object_ref (item));
  kh_row_list_rebind_row (self->list, row);
}

static void
on_item_changed (KhTimelineView *self, GtkWidget *row)
{
  kh_row_list_rebind_row (self->list, row);
}

static GtkWidget *
create_row (guint kind, gpointer data)
{
  KhTimelineView *self = data;
  GtkWidget *row = kh_timeline_row_new (self->client, kind);

  g_signal_connect_object (row, "unfold", G_CALLBACK (on_unfold), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "item-changed", G_CALLBACK (on_item_changed), self,
                           G_CONNECT_SWAPPED);
  return row;
}

static void
bind_row (GtkWidget *row, gpointer item, guint index, gpointer data)
{
  KhTimelineView *self = data;
  KhMessageNeighbour before = { 0 };
  KhMessageNeighbour own = neighbour (self, index);
  KhMessageNeighbour after = neighbour (self, index + 1);
  KhTimelineRowLook look = { .begins_unread = item == self->first_unread };
  g_autofree char *day = NULL;
  g_autofree char *spoken = spoken_text (self, item);

  if (index > 0)
    before = neighbour (self, index - 1);
  if (kh_message_look_begins_day (&before, own.at_ms))
    day = kh_time_text_day (own.at_ms, now_ms ());
  if (begins_unkept (self, index))
    look.note = _ ("History is off: messages from here on are gone when Knothole closes");
  look.day = day;
  look.spoken = spoken;
  look.message.joins_before
      = kh_message_look_joins (&before, &own) && day == NULL && !look.begins_unread;
  look.message.joins_after = kh_message_look_joins (&own, &after);
  look.message.tells_waiting
      = own.kind == KH_ITEM_MESSAGE && kh_message_look_tells_waiting (own.state, &after);
  look.message.unfolded = g_hash_table_contains (self->unfolded, item);
  look.message.reach = self->reach;
  look.message.name = self->name;
  kh_timeline_row_bind (KH_TIMELINE_ROW (row), item, &look);
  if (self->flash == item)
    {
      kh_timeline_row_flash (KH_TIMELINE_ROW (row));
      self->flash = NULL;
    }
}

static void
unbind_row (GtkWidget *row, gpointer data)
{
  kh_timeline_row_unbind (KH_TIMELINE_ROW (row));
}

/* --- Where one is ------------------------------------------------------------------ */

static void
show_unseen (KhTimelineView *self)
{
  gboolean at_end = kh_row_list_is_at_end (self->list);
  g_autofree char *text = NULL;

  if (at_end)
    self->n_unseen = 0;
  if (self->n_unseen > 0)
    text = g_strdup_printf (
        /* Translators: on a button that goes to them. */
        ngettext ("%u new message", "%u new messages", self->n_unseen), self->n_unseen);
  gtk_label_set_text (self->n_new, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->n_new), text != NULL);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self->to_end), GTK_ACCESSIBLE_PROPERTY_LABEL,
      text != NULL ? text : _ ("Go to the newest message"), -1);
  gtk_revealer_set_reveal_child (self->revealer, !at_end);
  gtk_widget_set_can_target (GTK_WIDGET (self->revealer), !at_end);
}

static gboolean
look_around (gpointer data)
{
  KhTimelineView *self = data;
  gboolean older = self->timeline != NULL && kh_timeline_has_older (self->timeline);
  guint first = 0;
  guint last = 0;

  self->moved_source = 0;
  show_unseen (self);
  if (!kh_row_list_get_visible (self->list, &first, &last))
    return G_SOURCE_REMOVE;
  if (older && first < OLDER_WITHIN)
    kh_timeline_load_older (self->timeline);
  gtk_widget_set_visible (GTK_WIDGET (self->older), older && first == 0);
  gtk_spinner_set_spinning (self->older, older && first == 0);
  return G_SOURCE_REMOVE;
}

/* While places are given: nothing may change its size then. */
static void
on_moved (KhTimelineView *self)
{
  if (self->moved_source == 0)
    self->moved_source = g_idle_add_full (G_PRIORITY_DEFAULT, look_around, self, NULL);
}

/* --- What the person is ------------------------------------------------------------ */

static KhMessageReach
reach_of (KhPerson *person)
{
  if (kh_person_get_state (person) == KH_PERSON_CONNECTED)
    return KH_REACH_CONNECTED;
  return kh_person_is_online (person) ? KH_REACH_ONLINE : KH_REACH_AWAY;
}

static void
show_name (KhTimelineView *self)
{
  g_autofree char *hello = NULL;
  g_autofree char *more = NULL;
  const char *text
      = kh_client_get_keeps_history (self->client)
            ? _ ("Messages and files are encrypted from your computer to theirs.")
            : _ ("History is off: what is said here is gone when Knothole closes.");

  /* Translators: where nothing was said yet; %s is a person's name. */
  hello = g_strdup_printf (_ ("Say Hello to %s"), self->name);
  adw_status_page_set_title (self->empty, hello);
  if (kh_portal_is_sandboxed ())
    more = g_strdup_printf ("%s\n%s", text,
                            _ ("Drop files here to send them. A folder goes by its "
                               "button beside the message."));
  adw_status_page_set_description (self->empty, more != NULL ? more : text);
}

/* "changed" also comes with every measure of speed: only what rows show counts. */
static void
on_person_changed (KhTimelineView *self)
{
  g_autofree char *name = kh_name_isolate (kh_person_get_name (self->person));
  KhMessageReach reach = reach_of (self->person);

  if (reach == self->reach && g_strcmp0 (name, self->name) == 0)
    return;
  self->reach = reach;
  g_free (self->name);
  self->name = g_steal_pointer (&name);
  show_name (self);
  kh_row_list_rebind (self->list);
}

static gboolean
check_day (gpointer data)
{
  KhTimelineView *self = data;

  if (kh_time_text_same_day (self->day_ms, now_ms ()))
    return G_SOURCE_CONTINUE;
  self->day_ms = now_ms ();
  kh_row_list_rebind (self->list);
  return G_SOURCE_CONTINUE;
}

/* --- The timeline ------------------------------------------------------------------ */

static void
show_page (KhTimelineView *self)
{
  const char *page = "loading";
  GListModel *model = G_LIST_MODEL (self->timeline);

  if (self->timeline == NULL)
    page = "nothing";
  else if (g_list_model_get_n_items (model) > 0)
    page = "log";
  else if (kh_timeline_is_loaded (self->timeline))
    page = "empty";
  else if (self->spinner_source != 0)
    page = "nothing";
  gtk_stack_set_visible_child_name (self->stack, page);
  gtk_spinner_set_spinning (self->loading, g_str_equal (page, "loading"));
}

static gboolean
show_spinner (gpointer data)
{
  KhTimelineView *self = data;

  self->spinner_source = 0;
  show_page (self);
  return G_SOURCE_REMOVE;
}

static void
find_unread (KhTimelineView *self)
{
  guint index = kh_timeline_get_first_unread (self->timeline);
  g_autoptr (KhTimelineItem) item = NULL;

  if (index == G_MAXUINT || self->first_unread != NULL)
    return;
  item = g_list_model_get_item (G_LIST_MODEL (self->timeline), index);
  self->first_unread = item; /* the timeline keeps it */
}

static void
on_loaded (KhTimelineView *self)
{
  guint index = kh_timeline_get_first_unread (self->timeline);

  find_unread (self);
  show_page (self);
  kh_row_list_rebind (self->list);
  if (index != G_MAXUINT && self->flash == NULL)
    kh_row_list_scroll_to (self->list, index, 0.1);
}

/* Own ones are gone to, those of others are counted. */
static void
notice (KhTimelineView *self, guint from, gboolean was_at_end)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->timeline));

  for (guint i = from; i < n; i++)
    {
      KhMessageNeighbour item = neighbour (self, i);

      if (item.kind == KH_ITEM_NOTE)
        continue;
      if (item.outgoing)
        kh_row_list_scroll_to_end (self->list);
      else if (!was_at_end)
        self->n_unseen++;
    }
}

static void
on_items_changed (KhTimelineView *self, guint position, guint removed, guint added)
{
  guint before = self->n_items;
  gboolean at_end = kh_row_list_is_at_end (self->list);

  self->n_items = before - removed + added;
  if (removed > added)
    self->first_unread = NULL;
  if (!kh_timeline_is_loaded (self->timeline))
    return;
  if (position == 0 && before > 0 && self->first_unread == NULL && removed == 0)
    find_unread (self);
  if (position + removed == before && before > 0 && added > removed)
    notice (self, position + removed, at_end);
  show_page (self);
  on_moved (self);
}

static void
leave_timeline (KhTimelineView *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->spinner_source, g_source_remove);
  if (self->timeline != NULL)
    g_signal_handlers_disconnect_by_data (self->timeline, self);
  if (self->person != NULL)
    g_signal_handlers_disconnect_by_data (self->person, self);
  kh_row_list_set_model (self->list, NULL);
  g_hash_table_remove_all (self->unfolded);
  self->first_unread = NULL;
  self->flash = NULL;
  self->n_unseen = 0;
  self->n_items = 0;
  g_clear_object (&self->timeline);
  g_clear_object (&self->person);
}

static void
enter_timeline (KhTimelineView *self)
{
  self->cancellable = g_cancellable_new ();
  self->n_items = g_list_model_get_n_items (G_LIST_MODEL (self->timeline));
  self->reach = reach_of (self->person);
  g_free (self->name);
  self->name = kh_name_isolate (kh_person_get_name (self->person));
  show_name (self);
  g_signal_connect_object (self->timeline, "loaded", G_CALLBACK (on_loaded), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->timeline, "notify::has-older", G_CALLBACK (on_moved),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->person, "changed", G_CALLBACK (on_person_changed), self,
                           G_CONNECT_SWAPPED);
  /* Before the list: it asks whether that was at the end. */
  g_signal_connect_object (self->timeline, "items-changed", G_CALLBACK (on_items_changed),
                           self, G_CONNECT_SWAPPED);
  kh_row_list_set_model (self->list, G_LIST_MODEL (self->timeline));
  if (kh_timeline_is_loaded (self->timeline))
    on_loaded (self);
  else
    self->spinner_source = g_timeout_add (SPINNER_AFTER_MS, show_spinner, self);
}

void
kh_timeline_view_set_timeline (KhTimelineView *self, KhTimeline *timeline,
                               KhPerson *person)
{
  if (self->timeline == timeline)
    return;
  leave_timeline (self);
  g_set_object (&self->timeline, timeline);
  g_set_object (&self->person, person);
  if (timeline != NULL)
    enter_timeline (self);
  show_page (self);
  on_moved (self);
}

static void
load_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhTimelineView) self = data;
  KhTimeline *timeline = KH_TIMELINE (source);
  g_autoptr (KhTimelineItem) item = NULL;
  GtkWidget *row;
  guint index;

  if (!kh_timeline_load_to_finish (timeline, result, &index, NULL)
      || timeline != self->timeline)
    return;
  item = g_list_model_get_item (G_LIST_MODEL (timeline), index);
  show_page (self);
  self->flash = item;
  kh_row_list_scroll_to (self->list, index, 0.4);
  row = kh_row_list_get_row (self->list, index);
  if (row == NULL)
    return; /* it lights up when it is there */
  kh_timeline_row_flash (KH_TIMELINE_ROW (row));
  self->flash = NULL;
}

void
kh_timeline_view_show_item (KhTimelineView *self, gint64 position)
{
  if (self->timeline != NULL)
    kh_timeline_load_to_async (self->timeline, position, self->cancellable, load_done,
                               g_object_ref (self));
}

gboolean
kh_timeline_view_focus (KhTimelineView *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self->list)))
    return FALSE;
  kh_row_list_focus_row (self->list);
  return TRUE;
}

/* --- The widget -------------------------------------------------------------------- */

static void
map (GtkWidget *widget)
{
  KhTimelineView *self = KH_TIMELINE_VIEW (widget);

  GTK_WIDGET_CLASS (kh_timeline_view_parent_class)->map (widget);
  check_day (self);
  self->day_source = g_timeout_add_seconds (DAY_CHECK_S, check_day, self);
}

static void
unmap (GtkWidget *widget)
{
  KhTimelineView *self = KH_TIMELINE_VIEW (widget);

  g_clear_handle_id (&self->day_source, g_source_remove);
  GTK_WIDGET_CLASS (kh_timeline_view_parent_class)->unmap (widget);
}

static void
dispose (GObject *object)
{
  KhTimelineView *self = KH_TIMELINE_VIEW (object);

  g_clear_handle_id (&self->moved_source, g_source_remove);
  g_clear_handle_id (&self->day_source, g_source_remove);
  if (self->overlay != NULL)
    leave_timeline (self);
  g_clear_handle_id (&self->moved_source, g_source_remove);
  g_clear_pointer (&self->overlay, gtk_widget_unparent);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_timeline_view_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  KhTimelineView *self = KH_TIMELINE_VIEW (object);

  g_hash_table_unref (self->unfolded);
  g_free (self->name);
  G_OBJECT_CLASS (kh_timeline_view_parent_class)->finalize (object);
}

static void
kh_timeline_view_class_init (KhTimelineViewClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = dispose;
  object_class->finalize = finalize;
  widget_class->map = map;
  widget_class->unmap = unmap;
  gtk_widget_class_set_css_name (widget_class, "timeline");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LOG);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/timeline-view.ui");
  gtk_widget_class_bind_template_child (widget_class, KhTimelineView, overlay);
  gtk_widget_class_bind_template_child (widget_class, KhTimelineView, stack);
  gtk_widget_class_bind_template_child (widget_class, KhTimelineView, scrolled);
  gtk_widget_class_bind_template_child (widget_class, KhTimelineView, loading);
  gtk_widget_class_bind_template_child (widget_class, KhTimelineView, older);
  gtk_widget_class_bind_template_child (widget_class, KhTimelineView, empty);
  gtk_widget_class_bind_template_child (widget_class, KhTimelineView, revealer);
  gtk_widget_class_bind_template_child (widget_class, KhTimelineView, to_end);
  gtk_widget_class_bind_template_child (widget_class, KhTimelineView, n_new);
}

static void
kh_timeline_view_init (KhTimelineView *self)
{
  static const KhRowListFunctions functions = {
    .kind = kind_of,
    .create = create_row,
    .bind = bind_row,
    .unbind = unbind_row,
  };

  g_type_ensure (ADW_TYPE_STATUS_PAGE);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->unfolded = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->day_ms = now_ms ();
  self->list = KH_ROW_LIST (kh_row_list_new (&functions, self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Messages"), -1);
  gtk_scrolled_window_set_child (self->scrolled, GTK_WIDGET (self->list));
  g_signal_connect_object (self->list, "moved", G_CALLBACK (on_moved), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->to_end, "clicked",
                           G_CALLBACK (kh_row_list_scroll_to_end), self->list,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
kh_timeline_view_new (KhClient *client)
{
  KhTimelineView *self = g_object_new (KH_TYPE_TIMELINE_VIEW, NULL);

  self->client = g_object_ref (client);
  return GTK_WIDGET (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/people-list.h"

#include "app/file-drop.h"
#include "app/people-order.h"
#include "app/people-selection.h"
#include "app/person-actions.h"
#include "app/person-row.h"

#include <adwaita.h>

/* More than the first layout after the list comes back takes. */
#define FOCUS_FRAMES 5

struct _KhPeopleList
{
  GtkWidget parent_instance;

  /* Owned */
  KhClient *client;
  KhPeople *people;
  GPtrArray *listed; /* KhPerson, as in people */
  GHashTable *keys;  /* KhPerson, borrowed from listed, to KhPeopleKey */
  GtkSorter *sorter;
  GtkFilter *filter;
  KhPeopleSelection *selection;
  KhPersonActions *actions;
  KhPerson *menu_person;
  GPtrArray *spare_rows; /* KhPersonRow in no list */
  GtkWidget *menu;
  GtkWidget *menu_row; /* weak: has the cursor again after the menu */
  char **words;        /* of the search; NULL: none */

  /* Template */
  GtkSearchEntry *search;
  GtkStack *stack;
  GtkWidget *invite;
  GtkListView *list;

  /* State */
  gboolean show_blocked;
  gboolean order_changed;
  guint n_focus; /* frames in which the cursor is still tried to be put here */
};

enum
{
  OPEN,
  VISIT,
  N_SIGNALS,
};

enum
{
  PROP_0,
  PROP_SHOW_BLOCKED,
  N_PROPS,
};

static guint signals[N_SIGNALS];
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (KhPeopleList, kh_people_list, GTK_TYPE_WIDGET)

static void
emit_open (KhPeopleList *self, KhPerson *person)
{
  g_signal_emit (self, signals[OPEN], 0, person);
}

/* --- Order and search ----------------------------------------------------------------
 */

static const KhPeopleKey *
key_of (KhPeopleList *self, gconstpointer person)
{
  return g_hash_table_lookup (self->keys, person);
}

static KhPeopleKey *
make_key (KhPerson *person)
{
  g_autofree char *id = kh_peer_id_to_text (kh_person_get_id (person));
  KhPersonFacts facts;

  kh_person_facts_read (&facts, person);
  return kh_people_key_new (&facts, id);
}

static int
compare_people (gconstpointer one, gconstpointer other, gpointer data)
{
  KhPeopleList *self = data;
  const KhPeopleKey *first = key_of (self, one);
  const KhPeopleKey *second = key_of (self, other);

  return first != NULL && second != NULL ? kh_people_key_compare (first, second) : 0;
}

static gboolean
is_shown (gpointer person, gpointer data)
{
  KhPeopleList *self = data;
  const KhPeopleKey *key = key_of (self, person);

  return key != NULL && kh_people_key_matches (key, self->words, self->show_blocked);
}

static void
on_person_changed (KhPeopleList *self, KhPerson *person)
{
  KhPeopleKey *key = make_key (person);
  const KhPeopleKey *before = key_of (self, person);

  if (before != NULL && kh_people_key_equal (before, key))
    {
      kh_people_key_free (key);
      return;
    }
  g_hash_table_insert (self->keys, person, key);
  self->order_changed = TRUE;
}

/* After each batch of changes: the list is put in order once. */
static void
on_people_changed (KhPeopleList *self)
{
  if (!self->order_changed)
    return;
  self->order_changed = FALSE;
  gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

static void
forget_listed (KhPeopleList *self, KhPerson *person)
{
  g_signal_handlers_disconnect_by_func (person, on_person_changed, self);
  g_hash_table_remove (self->keys, person);
}

/* Before the sorter sees the change, which it does as it was connected later. */
static void
on_items_changed (KhPeopleList *self, guint first, guint removed, guint added)
{
  for (guint i = 0; i < removed; i++)
    forget_listed (self, g_ptr_array_index (self->listed, first + i));
  if (removed > 0)
    g_ptr_array_remove_range (self->listed, first, removed);
  for (guint i = first; i < first + added; i++)
    {
      KhPerson *person = g_list_model_get_item (G_LIST_MODEL (self->people), i);

      g_ptr_array_insert (self->listed, (int)i, person);
      g_hash_table_insert (self->keys, person, make_key (person));
      g_signal_connect_object (person, "changed", G_CALLBACK (on_person_changed), self,
                               G_CONNECT_SWAPPED);
    }
}

/* --- What is shown -------------------------------------------------------------------
 */

static void
update_page (KhPeopleList *self)
{
  const char *page = "list";

  if (g_list_model_get_n_items (G_LIST_MODEL (self->selection)) == 0)
    page = self->words != NULL ? "nothing" : "alone";
  gtk_stack_set_visible_child_name (self->stack, page);
}

static void
on_search_changed (KhPeopleList *self)
{
  g_strfreev (self->words);
  self->words = kh_people_words (gtk_editable_get_text (GTK_EDITABLE (self->search)));
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  update_page (self);
}

static void
on_search_activated (KhPeopleList *self)
{
  g_autoptr (KhPerson) person = NULL;

  /* The entry waits for a pause in the typing; Enter does not. */
  on_search_changed (self);
  person = g_list_model_get_item (G_LIST_MODEL (self->selection), 0);
  if (person == NULL || self->words == NULL)
    return;
  emit_open (self, person);
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
}

static void
on_stop_search (KhPeopleList *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  kh_people_list_focus (self);
}

static gboolean
on_search_key (KhPeopleList *self, guint key)
{
  if (key != GDK_KEY_Down && key != GDK_KEY_KP_Down)
    return GDK_EVENT_PROPAGATE;
  kh_people_list_focus (self);
  return GDK_EVENT_STOP;
}

static void
on_activated (KhPeopleList *self, guint position)
{
  g_autoptr (KhPerson) person
      = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (person != NULL)
    emit_open (self, person);
}

/* --- The menu ------------------------------------------------------------------------
 */

static KhPerson *
get_menu_person (gpointer data)
{
  KhPeopleList *self = data;

  return self->menu_person;
}

static KhPersonRow *
row_around (GtkWidget *widget)
{
  GtkWidget *row
      = widget != NULL ? gtk_widget_get_ancestor (widget, KH_TYPE_PERSON_ROW) : NULL;

  /* What has the focus is the list's own row around ours. */
  if (row == NULL && widget != NULL)
    row = gtk_widget_get_first_child (widget);
  return row != NULL && KH_IS_PERSON_ROW (row) ? KH_PERSON_ROW (row) : NULL;
}

static void
on_menu_closed (KhPeopleList *self)
{
  if (self->menu_row != NULL)
    gtk_widget_grab_focus (self->menu_row);
}

static void
make_menu (KhPeopleList *self)
{
  self->menu = gtk_popover_menu_new_from_model (NULL);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_popover_set_position (GTK_POPOVER (self->menu), GTK_POS_BOTTOM);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
  g_signal_connect_object (self->menu, "closed", G_CALLBACK (on_menu_closed), self,
                           G_CONNECT_SWAPPED);
}

static void
open_menu (KhPeopleList *self, KhPersonRow *row, const GdkRectangle *at)
{
  g_autoptr (GMenuModel) model = NULL;

  g_set_object (&self->menu_person, kh_person_row_get_person (row));
  if (self->menu_person == NULL)
    return;
  g_set_weak_pointer (&self->menu_row, gtk_widget_get_parent (GTK_WIDGET (row)));
  kh_person_actions_update (self->actions);
  model = kh_person_menu_new (self->menu_person, "person");
  if (self->menu == NULL)
    make_menu (self);
  gtk_popover_menu_set_menu_model (GTK_POPOVER_MENU (self->menu), model);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), at);
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static gboolean
open_menu_at (KhPeopleList *self, double x, double y)
{
  GtkWidget *list = GTK_WIDGET (self->list);
  GtkWidget *hit = gtk_widget_pick (list, x, y, GTK_PICK_DEFAULT);
  KhPersonRow *row = row_around (hit);
  double left, top;

  if (row == NULL
      || !gtk_widget_translate_coordinates (list, GTK_WIDGET (self), x, y, &left, &top))
    return FALSE;
  open_menu (self, row, &(GdkRectangle){ (int)left, (int)top, 1, 1 });
  return TRUE;
}

static void
on_secondary_click (GtkGestureClick *gesture, int n_press, double x, double y,
                    gpointer data)
{
  if (open_menu_at (data, x, y))
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
on_long_press (GtkGestureLongPress *gesture, double x, double y, gpointer data)
{
  if (open_menu_at (data, x, y))
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
}

static gboolean
on_menu_key (GtkWidget *list, GVariant *arguments, gpointer data)
{
  KhPeopleList *self = data;
  KhPersonRow *row = row_around (gtk_root_get_focus (gtk_widget_get_root (list)));
  graphene_rect_t bounds;

  if (row == NULL
      || !gtk_widget_compute_bounds (GTK_WIDGET (row), GTK_WIDGET (self), &bounds))
    return FALSE;
  open_menu (self, row,
             &(GdkRectangle){ (int)bounds.origin.x, (int)bounds.origin.y,
                              (int)bounds.size.width, (int)bounds.size.height });
  return TRUE;
}

static void
add_menu_ways (KhPeopleList *self)
{
  GtkWidget *list = GTK_WIDGET (self->list);
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *press = gtk_gesture_long_press_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect_object (click, "pressed", G_CALLBACK (on_secondary_click), self, 0);
  gtk_widget_add_controller (list, GTK_EVENT_CONTROLLER (click));
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (press), TRUE);
  g_signal_connect_object (press, "pressed", G_CALLBACK (on_long_press), self, 0);
  gtk_widget_add_controller (list, GTK_EVENT_CONTROLLER (press));
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("Menu|<Shift>F10"),
                        gtk_callback_action_new (on_menu_key, self, NULL)));
  gtk_widget_add_controller (list, keys);
}

/* --- Rows ----------------------------------------------------------------------------
 */

static KhPerson *
get_drop_person (GtkWidget *row, gpointer data)
{
  return kh_person_row_get_person (KH_PERSON_ROW (row));
}

/* GTK makes its rows anew for whoever a search shows; ours go on from one to another. */
static void
set_up_row (KhPeopleList *self, GtkListItem *item)
{
  g_autoptr (GtkWidget) row = NULL;

  if (self->spare_rows->len > 0)
    row = g_ptr_array_steal_index_fast (self->spare_rows, self->spare_rows->len - 1);
  else
    {
      row = g_object_ref_sink (kh_person_row_new ());
      kh_file_drop_install (row, NULL, self->client, get_drop_person, NULL);
    }
  gtk_list_item_set_child (item, row);
}

static void
tear_down_row (KhPeopleList *self, GtkListItem *item)
{
  GtkWidget *row = gtk_list_item_get_child (item);

  if (self->spare_rows != NULL && row != NULL)
    g_ptr_array_add (self->spare_rows, g_object_ref (row));
  gtk_list_item_set_child (item, NULL);
}

static void
bind_row (KhPeopleList *self, GtkListItem *item)
{
  kh_person_row_set_person (KH_PERSON_ROW (gtk_list_item_get_child (item)),
                            gtk_list_item_get_item (item));
}

static void
unbind_row (KhPeopleList *self, GtkListItem *item)
{
  kh_person_row_set_person (KH_PERSON_ROW (gtk_list_item_get_child (item)), NULL);
}

/* --- The object ----------------------------------------------------------------------
 */

static void
kh_people_list_dispose (GObject *object)
{
  KhPeopleList *self = KH_PEOPLE_LIST (object);
  GtkWidget *child;

  g_clear_pointer (&self->spare_rows, g_ptr_array_unref);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  g_clear_weak_pointer (&self->menu_row);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  if (self->listed != NULL)
    for (guint i = 0; i < self->listed->len; i++)
      forget_listed (self, g_ptr_array_index (self->listed, i));
  g_clear_object (&self->actions);
  g_clear_object (&self->selection);
  g_clear_object (&self->menu_person);
  g_clear_pointer (&self->listed, g_ptr_array_unref);
  g_clear_object (&self->people);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_people_list_parent_class)->dispose (object);
}

static void
kh_people_list_finalize (GObject *object)
{
  KhPeopleList *self = KH_PEOPLE_LIST (object);

  g_clear_object (&self->sorter);
  g_clear_object (&self->filter);
  g_hash_table_unref (self->keys);
  g_strfreev (self->words);
  G_OBJECT_CLASS (kh_people_list_parent_class)->finalize (object);
}

static void
kh_people_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  KhPeopleList *self = KH_PEOPLE_LIST (object);

  if (id == PROP_SHOW_BLOCKED)
    g_value_set_boolean (value, self->show_blocked);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
kh_people_list_set_property (GObject *object, guint id, const GValue *value,
                             GParamSpec *spec)
{
  KhPeopleList *self = KH_PEOPLE_LIST (object);

  if (id != PROP_SHOW_BLOCKED)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
      return;
    }
  if (self->show_blocked == g_value_get_boolean (value))
    return;
  self->show_blocked = g_value_get_boolean (value);
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  update_page (self);
  g_object_notify_by_pspec (object, spec);
}

static void
kh_people_list_class_init (KhPeopleListClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = kh_people_list_dispose;
  object_class->finalize = kh_people_list_finalize;
  object_class->get_property = kh_people_list_get_property;
  object_class->set_property = kh_people_list_set_property;
  properties[PROP_SHOW_BLOCKED] = g_param_spec_boolean (
      "show-blocked", NULL, NULL, FALSE,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[OPEN] = g_signal_new ("open", KH_TYPE_PEOPLE_LIST, G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 1, KH_TYPE_PERSON);
  signals[VISIT] = g_signal_new ("visit", KH_TYPE_PEOPLE_LIST, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, KH_TYPE_PERSON);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/people-list.ui");
  gtk_widget_class_bind_template_child (widget_class, KhPeopleList, search);
  gtk_widget_class_bind_template_child (widget_class, KhPeopleList, stack);
  gtk_widget_class_bind_template_child (widget_class, KhPeopleList, invite);
  gtk_widget_class_bind_template_child (widget_class, KhPeopleList, list);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_search);
  gtk_widget_class_bind_template_callback (widget_class, on_search_key);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
  gtk_widget_class_bind_template_callback (widget_class, set_up_row);
  gtk_widget_class_bind_template_callback (widget_class, tear_down_row);
  gtk_widget_class_bind_template_callback (widget_class, bind_row);
  gtk_widget_class_bind_template_callback (widget_class, unbind_row);
}

static void
kh_people_list_init (KhPeopleList *self)
{
  self->spare_rows = g_ptr_array_new_with_free_func (g_object_unref);
  self->listed = g_ptr_array_new_with_free_func (g_object_unref);
  self->keys
      = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)kh_people_key_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_search_entry_set_key_capture_widget (self->search, GTK_WIDGET (self->list));
}

/* Sorted, then searched: a search that goes on does not sort again. */
static void
build_models (KhPeopleList *self)
{
  GtkSortListModel *sorted;
  GtkFilterListModel *filtered;

  self->sorter = GTK_SORTER (gtk_custom_sorter_new (compare_people, self, NULL));
  self->filter = GTK_FILTER (gtk_custom_filter_new (is_shown, self, NULL));
  sorted = gtk_sort_list_model_new (G_LIST_MODEL (g_object_ref (self->people)),
                                    g_object_ref (self->sorter));
  filtered
      = gtk_filter_list_model_new (G_LIST_MODEL (sorted), g_object_ref (self->filter));
  self->selection = kh_people_selection_new (G_LIST_MODEL (filtered));
  g_signal_connect_object (self->selection, "items-changed", G_CALLBACK (update_page),
                           self, G_CONNECT_SWAPPED);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
}

GtkWidget *
kh_people_list_new (KhClient *client, KhPeople *people)
{
  KhPeopleList *self = g_object_new (KH_TYPE_PEOPLE_LIST, NULL);
  GSimpleActionGroup *group = g_simple_action_group_new ();

  self->client = g_object_ref (client);
  self->people = g_object_ref (people);
  on_items_changed (self, 0, 0, g_list_model_get_n_items (G_LIST_MODEL (people)));
  g_signal_connect_object (people, "items-changed", G_CALLBACK (on_items_changed), self,
                           G_CONNECT_SWAPPED);
  build_models (self);
  g_signal_connect_object (people, "changed", G_CALLBACK (on_people_changed), self,
                           G_CONNECT_SWAPPED);

  self->actions = kh_person_actions_new (client, G_ACTION_MAP (group), GTK_WIDGET (self),
                                         get_menu_person, self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "person", G_ACTION_GROUP (group));
  g_object_unref (group);
  add_menu_ways (self);
  update_page (self);
  return GTK_WIDGET (self);
}

void
kh_people_list_set_narrow (KhPeopleList *self, gboolean narrow)
{
  gtk_widget_set_visible (self->invite, narrow);
}

void
kh_people_list_select (KhPeopleList *self, KhPerson *person)
{
  kh_people_selection_set_person (self->selection, person);
}

static gboolean
focus_again (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  KhPeopleList *self = data;

  if (gtk_widget_get_focus_child (GTK_WIDGET (self)) == NULL)
    gtk_widget_child_focus (GTK_WIDGET (self->stack), GTK_DIR_TAB_FORWARD);
  return --self->n_focus > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Where it was behind the conversation, its rows take the cursor only once they have a
 * place again. */
void
kh_people_list_focus (KhPeopleList *self)
{
  gboolean waits = self->n_focus > 0;

  if (gtk_widget_get_mapped (GTK_WIDGET (self->list))
      && gtk_widget_child_focus (GTK_WIDGET (self->stack), GTK_DIR_TAB_FORWARD))
    return;
  self->n_focus = FOCUS_FRAMES;
  if (!waits)
    gtk_widget_add_tick_callback (GTK_WIDGET (self->stack), focus_again, self, NULL);
}

void
kh_people_list_start_search (KhPeopleList *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

void
kh_people_list_step (KhPeopleList *self, int step)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  guint at = kh_people_selection_get_position (self->selection);
  g_autoptr (KhPerson) person = NULL;

  if (n == 0)
    return;
  if (at == GTK_INVALID_LIST_POSITION)
    at = step > 0 ? 0 : n - 1;
  else if ((step < 0 && at == 0) || (step > 0 && at == n - 1))
    return;
  else
    at = step > 0 ? at + 1 : at - 1;
  person = g_list_model_get_item (G_LIST_MODEL (self->selection), at);
  g_signal_emit (self, signals[VISIT], 0, person);
}

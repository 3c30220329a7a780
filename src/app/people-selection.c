/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/people-selection.h"

struct _KhPeopleSelection
{
  GObject parent_instance;

  /* Owned */
  GListModel *model;
  KhPerson *person;

  /* State */
  guint position;
};

static void list_model_init (GListModelInterface *iface);
static void selection_model_init (GtkSelectionModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (KhPeopleSelection, kh_people_selection, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init)
                                   G_IMPLEMENT_INTERFACE (GTK_TYPE_SELECTION_MODEL,
                                                          selection_model_init))

static GType
get_item_type (GListModel *list)
{
  return KH_TYPE_PERSON;
}

static guint
get_n_items (GListModel *list)
{
  return g_list_model_get_n_items (KH_PEOPLE_SELECTION (list)->model);
}

static gpointer
get_item (GListModel *list, guint position)
{
  return g_list_model_get_item (KH_PEOPLE_SELECTION (list)->model, position);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static gboolean
is_selected (GtkSelectionModel *model, guint position)
{
  return KH_PEOPLE_SELECTION (model)->position == position;
}

/* Those that would change it keep their default, which refuses. */
static void
selection_model_init (GtkSelectionModelInterface *iface)
{
  iface->is_selected = is_selected;
}

static guint
find_position (KhPeopleSelection *self, guint first, guint n)
{
  for (guint i = first; self->person != NULL && i < first + n; i++)
    {
      g_autoptr (KhPerson) person = g_list_model_get_item (self->model, i);

      if (person == self->person)
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

static void
on_items_changed (GListModel *model, guint first, guint removed, guint added,
                  gpointer data)
{
  KhPeopleSelection *self = data;

  if (self->position == GTK_INVALID_LIST_POSITION)
    self->position = find_position (self, first, added);
  else if (self->position >= first + removed)
    self->position = self->position - removed + added;
  else if (self->position >= first)
    self->position = find_position (self, first, added);
  g_list_model_items_changed (G_LIST_MODEL (self), first, removed, added);
}

static void
kh_people_selection_dispose (GObject *object)
{
  KhPeopleSelection *self = KH_PEOPLE_SELECTION (object);

  g_clear_object (&self->model);
  g_clear_object (&self->person);
  G_OBJECT_CLASS (kh_people_selection_parent_class)->dispose (object);
}

static void
kh_people_selection_class_init (KhPeopleSelectionClass *class)
{
  G_OBJECT_CLASS (class)->dispose = kh_people_selection_dispose;
}

static void
kh_people_selection_init (KhPeopleSelection *self)
{
  self->position = GTK_INVALID_LIST_POSITION;
}

KhPeopleSelection *
kh_people_selection_new (GListModel *model)
{
  KhPeopleSelection *self = g_object_new (KH_TYPE_PEOPLE_SELECTION, NULL);

  self->model = model;
  g_signal_connect_object (model, "items-changed", G_CALLBACK (on_items_changed), self,
                           0);
  return self;
}

void
kh_people_selection_set_person (KhPeopleSelection *self, KhPerson *person)
{
  guint before = self->position;

  if (!g_set_object (&self->person, person))
    return;
  self->position = find_position (self, 0, get_n_items (G_LIST_MODEL (self)));
  if (before != GTK_INVALID_LIST_POSITION)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), before, 1);
  if (self->position != GTK_INVALID_LIST_POSITION)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), self->position, 1);
}

guint
kh_people_selection_get_position (KhPeopleSelection *self)
{
  return self->position;
}

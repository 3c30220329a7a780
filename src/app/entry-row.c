/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/entry-row.h"

#include "app/show.h"
#include "app/tree-text.h"

/* A step to the side for each folder around, while there is room. */
#define INDENT 20
#define DEEPEST 8

struct _KhEntryRow
{
  GtkWidget parent_instance;

  /* Owned */
  KhEntryItem *item;

  /* Children of the template */
  GtkWidget *box;
  GtkWidget *icon;
  GtkWidget *name;
  GtkWidget *other_name;
  GtkWidget *state;
  GtkWidget *size;

  /* State */
  gulong changed_handler;
  gboolean outgoing;
  const char *state_class;
};

G_DEFINE_FINAL_TYPE (KhEntryRow, kh_entry_row, GTK_TYPE_WIDGET)

static void
show_state (KhEntryRow *self, const KhEntryInfo *info)
{
  const char *name = kh_tree_text_class (info);

  if (self->state_class != NULL)
    gtk_widget_remove_css_class (self->state, self->state_class);
  gtk_widget_add_css_class (self->state, name);
  self->state_class = name;
  kh_show_take_text (self->state, kh_tree_text_state (info, self->outgoing));
}

static void
update (KhEntryRow *self)
{
  const KhEntryInfo *info = kh_entry_item_get_info (self->item);
  g_autoptr (GIcon) icon = kh_tree_text_icon (info);
  g_autofree char *whole = kh_tree_text_whole (info, self->outgoing);

  gtk_widget_set_margin_start (self->box, (int)MIN (info->depth, DEEPEST) * INDENT);
  gtk_image_set_from_gicon (GTK_IMAGE (self->icon), icon);
  kh_show_take_text (self->name, kh_tree_text_name (info, self->outgoing));
  gtk_widget_set_tooltip_text (self->name, self->outgoing ? info->path : info->safe_path);
  kh_show_take_text (self->other_name, kh_tree_text_other_name (info, self->outgoing));
  kh_show_take_text (self->size, kh_tree_text_size (info));
  show_state (self, info);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  whole, -1);
}

void
kh_entry_row_set_item (KhEntryRow *self, KhEntryItem *item, gboolean outgoing)
{
  if (self->item != NULL)
    {
      kh_entry_item_set_shown (self->item, FALSE);
      g_clear_signal_handler (&self->changed_handler, self->item);
      g_clear_object (&self->item);
    }
  if (item == NULL)
    return;
  self->item = g_object_ref (item);
  self->outgoing = outgoing;
  kh_entry_item_set_shown (item, TRUE);
  self->changed_handler
      = g_signal_connect_swapped (item, "changed", G_CALLBACK (update), self);
  update (self);
}

static void
kh_entry_row_dispose (GObject *object)
{
  KhEntryRow *self = KH_ENTRY_ROW (object);

  kh_entry_row_set_item (self, NULL, FALSE);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (kh_entry_row_parent_class)->dispose (object);
}

static void
kh_entry_row_class_init (KhEntryRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_entry_row_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/entry-row.ui");
  gtk_widget_class_bind_template_child (widget_class, KhEntryRow, box);
  gtk_widget_class_bind_template_child (widget_class, KhEntryRow, icon);
  gtk_widget_class_bind_template_child (widget_class, KhEntryRow, name);
  gtk_widget_class_bind_template_child (widget_class, KhEntryRow, other_name);
  gtk_widget_class_bind_template_child (widget_class, KhEntryRow, state);
  gtk_widget_class_bind_template_child (widget_class, KhEntryRow, size);
}

static void
kh_entry_row_init (KhEntryRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
kh_entry_row_new (void)
{
  return g_object_new (KH_TYPE_ENTRY_ROW, NULL);
}

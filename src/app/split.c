/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/split.h"

#include <adwaita.h>

#define SLIDE_MS 200

struct _KhSplit
{
  GtkWidget parent_instance;

  /* Owned */
  GtkWidget *sidebar;
  GtkWidget *content;
  GtkWidget *line;
  AdwAnimation *slide;

  /* State */
  gboolean narrow;
  gboolean told_narrow;
  gboolean show_content;
  double shift; /* 0: the sidebar is at its place, 1: the content */
  guint settle_source;
};

enum
{
  PROP_0,
  PROP_NARROW,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void kh_split_buildable_init (GtkBuildableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (KhSplit, kh_split, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_BUILDABLE,
                                                      kh_split_buildable_init))

static GtkBuildableIface *parent_buildable;

static void
take_child (KhSplit *self, GtkWidget **place_of, GObject *child)
{
  g_clear_pointer (place_of, gtk_widget_unparent);
  *place_of = GTK_WIDGET (child);
  gtk_widget_set_parent (*place_of, GTK_WIDGET (self));
}

static void
add_child (GtkBuildable *buildable, GtkBuilder *builder, GObject *child, const char *type)
{
  if (g_strcmp0 (type, "sidebar") == 0)
    take_child (KH_SPLIT (buildable), &KH_SPLIT (buildable)->sidebar, child);
  else if (g_strcmp0 (type, "content") == 0)
    take_child (KH_SPLIT (buildable), &KH_SPLIT (buildable)->content, child);
  else
    parent_buildable->add_child (buildable, builder, child, type);
}

static void
kh_split_buildable_init (GtkBuildableIface *iface)
{
  parent_buildable = g_type_interface_peek_parent (iface);
  iface->add_child = add_child;
}

/* --- Layout ------------------------------------------------------------------------- */

static void
measure_child (GtkWidget *child, GtkOrientation orientation, int for_size, int *least,
               int *natural)
{
  *least = *natural = 0;
  if (child != NULL && gtk_widget_get_visible (child))
    gtk_widget_measure (child, orientation, for_size, least, natural, NULL, NULL);
}

/* Of a height for a width, each child gets the width that it would have. */
static void
kh_split_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *least,
                  int *natural, int *least_baseline, int *natural_baseline)
{
  KhSplit *self = KH_SPLIT (widget);
  int sidebar_width = for_size;
  int content_width = for_size;
  int sidebar_least, sidebar_natural, content_least, content_natural;

  if (orientation == GTK_ORIENTATION_VERTICAL && for_size >= KH_SPLIT_WIDE)
    {
      sidebar_width = KH_SPLIT_SIDEBAR;
      content_width = for_size - KH_SPLIT_SIDEBAR - 1;
    }
  measure_child (self->sidebar, orientation, sidebar_width, &sidebar_least,
                 &sidebar_natural);
  measure_child (self->content, orientation, content_width, &content_least,
                 &content_natural);
  *least = MAX (sidebar_least, content_least);
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL
                 ? MAX (sidebar_least, KH_SPLIT_SIDEBAR) + 1 + content_natural
                 : MAX (sidebar_natural, content_natural);
}

/* Hides what is out of sight, so that the cursor can't go there. Not within a layout: the
 * cursor that leaves a hidden child changes others, whose layout may be over. */
static gboolean
settle (gpointer data)
{
  KhSplit *self = data;

  self->settle_source = 0;
  if (self->sidebar != NULL)
    gtk_widget_set_child_visible (self->sidebar, !self->narrow || self->shift < 1);
  if (self->content != NULL)
    gtk_widget_set_child_visible (self->content, !self->narrow || self->shift > 0);
  gtk_widget_set_child_visible (self->line, !self->narrow);
  if (self->told_narrow != self->narrow)
    {
      self->told_narrow = self->narrow;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
    }
  return G_SOURCE_REMOVE;
}

static void
settle_soon (KhSplit *self)
{
  if (self->settle_source == 0)
    self->settle_source = g_idle_add_full (GDK_PRIORITY_REDRAW - 10, settle, self, NULL);
}

static void
place (GtkWidget *child, gboolean in_sight, int x, int width, int height)
{
  if (child == NULL)
    return;
  if (in_sight)
    gtk_widget_set_child_visible (child, TRUE);
  if (gtk_widget_get_child_visible (child))
    gtk_widget_size_allocate (child, &(GtkAllocation){ x, 0, width, height }, -1);
}

/* The one that is shown slides in over the other. */
static void
place_narrow (KhSplit *self, int width, int height)
{
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  int side = rtl ? -1 : 1;
  int shift = (int)(self->shift * width);

  place (self->sidebar, self->shift < 1, -side * shift, width, height);
  place (self->content, self->shift > 0, side * (width - shift), width, height);
  place (self->line, FALSE, -1, 1, height);
}

static void
place_wide (KhSplit *self, int width, int height)
{
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  int least, natural, sidebar, content;

  measure_child (self->sidebar, GTK_ORIENTATION_HORIZONTAL, -1, &least, &natural);
  sidebar = MAX (least, KH_SPLIT_SIDEBAR);
  content = width - sidebar - 1;
  place (self->sidebar, TRUE, rtl ? width - sidebar : 0, sidebar, height);
  place (self->line, TRUE, rtl ? content : sidebar, 1, height);
  place (self->content, TRUE, rtl ? 0 : sidebar + 1, content, height);
}

/* Where large text needs more than the usual width, it is narrow earlier. */
static int
wide_from (KhSplit *self)
{
  int sidebar, content, natural;

  measure_child (self->sidebar, GTK_ORIENTATION_HORIZONTAL, -1, &sidebar, &natural);
  measure_child (self->content, GTK_ORIENTATION_HORIZONTAL, -1, &content, &natural);
  return MAX (KH_SPLIT_WIDE, MAX (sidebar, KH_SPLIT_SIDEBAR) + 1 + content);
}

static void
kh_split_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  KhSplit *self = KH_SPLIT (widget);

  self->narrow = width < wide_from (self);
  settle_soon (self);
  if (self->narrow)
    place_narrow (self, width, height);
  else
    place_wide (self, width, height);
}

static GtkSizeRequestMode
kh_split_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
on_slide (double value, gpointer data)
{
  KhSplit *self = data;

  self->shift = value;
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

/* --- The object --------------------------------------------------------------------- */

static void
kh_split_dispose (GObject *object)
{
  KhSplit *self = KH_SPLIT (object);

  g_clear_handle_id (&self->settle_source, g_source_remove);
  if (self->slide != NULL)
    adw_animation_reset (self->slide);
  g_clear_object (&self->slide);
  g_clear_pointer (&self->sidebar, gtk_widget_unparent);
  g_clear_pointer (&self->content, gtk_widget_unparent);
  g_clear_pointer (&self->line, gtk_widget_unparent);
  G_OBJECT_CLASS (kh_split_parent_class)->dispose (object);
}

static void
kh_split_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_NARROW)
    g_value_set_boolean (value, KH_SPLIT (object)->narrow);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
kh_split_class_init (KhSplitClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = kh_split_dispose;
  object_class->get_property = kh_split_get_property;
  widget_class->measure = kh_split_measure;
  widget_class->size_allocate = kh_split_size_allocate;
  widget_class->get_request_mode = kh_split_get_request_mode;

  properties[PROP_NARROW] = g_param_spec_boolean (
      "narrow", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_css_name (widget_class, "split");
}

static void
kh_split_init (KhSplit *self)
{
  AdwAnimationTarget *target = adw_callback_animation_target_new (on_slide, self, NULL);

  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  self->slide = adw_timed_animation_new (GTK_WIDGET (self), 0, 1, SLIDE_MS, target);
  self->line = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  gtk_widget_add_css_class (self->line, "sidebar");
  gtk_widget_set_parent (self->line, GTK_WIDGET (self));
}

gboolean
kh_split_is_narrow (KhSplit *self)
{
  return self->narrow;
}

gboolean
kh_split_get_show_content (KhSplit *self)
{
  return self->show_content;
}

void
kh_split_set_show_content (KhSplit *self, gboolean show)
{
  if (self->show_content == show)
    return;
  self->show_content = show;
  /* Where both are there, or nobody sees it, this is done at once. */
  adw_timed_animation_set_value_from (ADW_TIMED_ANIMATION (self->slide), self->shift);
  adw_timed_animation_set_value_to (ADW_TIMED_ANIMATION (self->slide), show ? 1 : 0);
  adw_animation_play (self->slide);
  if (!self->narrow)
    adw_animation_skip (self->slide);
}

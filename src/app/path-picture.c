/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/path-picture.h"

#include "app/nat-text.h"
#include "app/path-drawing.h"
#include "app/show.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* What is tried moves by one dash in this time; drawn anew this often. */
#define PHASE_US 700000
#define FRAME_US 33000

#define WIDTH_NATURAL 440
/* Between the labels of two nodes. */
#define LABEL_MARGIN 2

struct _KhPathPicture
{
  GtkWidget parent_instance;

  /* Owned */
  KhAttempt *attempt;
  KhPathDrawing *drawing;
  GtkWidget *image;
  GtkWidget *labels[KH_PICTURE_NODES];
  GtkWidget *router_kind;

  /* State */
  gulong changed_handler;
  guint tick;
  gint64 drawn_us;
  KhPictureLooks looks;
  KhNetworkInfo network;
  gboolean has_network;
};

G_DEFINE_FINAL_TYPE (KhPathPicture, kh_path_picture, GTK_TYPE_WIDGET)

static gboolean
on_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  KhPathPicture *self = KH_PATH_PICTURE (widget);
  gint64 now_us = gdk_frame_clock_get_frame_time (clock);

  if (now_us - self->drawn_us < FRAME_US)
    return G_SOURCE_CONTINUE;
  self->drawn_us = now_us;
  kh_path_drawing_set_phase (self->drawing, (double)(now_us % PHASE_US) / PHASE_US);
  return G_SOURCE_CONTINUE;
}

static gboolean
may_move (KhPathPicture *self)
{
  gboolean animations = TRUE;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return FALSE;
  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-enable-animations",
                &animations, NULL);
  return animations && kh_path_picture_moves (&self->looks);
}

static void
update_tick (KhPathPicture *self)
{
  if (may_move (self) == (self->tick != 0))
    return;
  if (self->tick == 0)
    {
      self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);
      return;
    }
  gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
}

static void
update_labels (KhPathPicture *self)
{
  const char *name = self->attempt != NULL ? kh_attempt_get_name (self->attempt) : NULL;
  g_autofree char *words = kh_path_picture_describe (&self->looks, name);
  const char *kind = kh_nat_text_router (self->has_network ? &self->network : NULL);
  gboolean relayed = kh_path_picture_is_relayed (&self->looks);

  if (name != NULL)
    gtk_label_set_label (GTK_LABEL (self->labels[KH_PICTURE_THEM]), name);
  gtk_label_set_label (GTK_LABEL (self->router_kind), kind);
  gtk_label_set_label (GTK_LABEL (self->labels[KH_PICTURE_SERVER]),
                       relayed ? C_ ("node of the picture", "Server, relaying")
                               : C_ ("node of the picture", "Server"));
  kh_show_class (GTK_WIDGET (self), "relayed", relayed);
  for (guint i = 0; i < KH_PICTURE_NODES; i++)
    {
      KhPictureLook look = self->looks.nodes[i];

      gtk_widget_set_visible (self->labels[i], look != KH_PICTURE_HIDDEN);
      kh_show_class (self->labels[i], "dim-label", look == KH_PICTURE_DIM);
    }
  gtk_widget_set_visible (
      self->router_kind,
      *kind != '\0' && self->looks.nodes[KH_PICTURE_YOUR_ROUTER] != KH_PICTURE_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  words, -1);
}

static void
update (KhPathPicture *self)
{
  if (self->attempt != NULL)
    kh_path_picture_look (self->attempt, &self->looks);
  else
    kh_path_picture_look_network (self->has_network ? &self->network : NULL,
                                  &self->looks);
  kh_path_drawing_set_looks (self->drawing, &self->looks);
  update_labels (self);
  update_tick (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
update_style (KhPathPicture *self)
{
  kh_path_drawing_set_style (
      self->drawing, gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL,
      adw_style_manager_get_high_contrast (adw_style_manager_get_default ()));
}

static int
label_width (float share)
{
  return MAX ((int)share - 2 * LABEL_MARGIN, 1);
}

/* The height of the labels where each node has @share of the width. */
static int
measure_labels (KhPathPicture *self, float share)
{
  int height = 0;

  for (guint i = 0; i < KH_PICTURE_NODES; i++)
    {
      int label = 0;
      int kind = 0;

      if (!gtk_widget_should_layout (self->labels[i]))
        continue;
      gtk_widget_measure (self->labels[i], GTK_ORIENTATION_VERTICAL, label_width (share),
                          NULL, &label, NULL, NULL);
      if (i == KH_PICTURE_YOUR_ROUTER && gtk_widget_should_layout (self->router_kind))
        gtk_widget_measure (self->router_kind, GTK_ORIENTATION_VERTICAL,
                            label_width (share), NULL, &kind, NULL, NULL);
      height = MAX (height, label + kind);
    }
  return height;
}

static void
kh_path_picture_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                         int *minimum, int *natural, int *minimum_baseline,
                         int *natural_baseline)
{
  KhPathPicture *self = KH_PATH_PICTURE (widget);
  KhPicturePlaces places;

  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = KH_PICTURE_WIDTH_MIN;
      *natural = WIDTH_NATURAL;
      return;
    }
  kh_path_picture_place (&self->looks, (float)(for_size > 0 ? for_size : WIDTH_NATURAL),
                         &places);
  *minimum = *natural = (int)places.labels_y + measure_labels (self, places.label_width);
}

static void
allocate_label (KhPathPicture *self, GtkWidget *label, const KhPicturePlaces *places,
                float x, int *y)
{
  int width = label_width (places->label_width);
  int height = 0;

  if (!gtk_widget_should_layout (label))
    return;
  gtk_widget_measure (label, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
  gtk_widget_size_allocate (
      label, &(GtkAllocation){ (int)(x - (float)width / 2), *y, width, height }, -1);
  *y += height;
}

static void
kh_path_picture_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  KhPathPicture *self = KH_PATH_PICTURE (widget);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  KhPicturePlaces places;

  kh_path_picture_place (&self->looks, (float)width, &places);
  /* A square, of which only the upper part is drawn. */
  gtk_widget_size_allocate (self->image, &(GtkAllocation){ 0, 0, width, width }, -1);
  for (guint i = 0; i < KH_PICTURE_NODES; i++)
    {
      float x = rtl ? (float)width - places.nodes[i].x : places.nodes[i].x;
      int y = (int)places.labels_y;

      allocate_label (self, self->labels[i], &places, x, &y);
      if (i == KH_PICTURE_YOUR_ROUTER)
        allocate_label (self, self->router_kind, &places, x, &y);
    }
}

static GtkSizeRequestMode
kh_path_picture_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
kh_path_picture_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (kh_path_picture_parent_class)->map (widget);
  update_tick (KH_PATH_PICTURE (widget));
}

static void
kh_path_picture_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (kh_path_picture_parent_class)->unmap (widget);
  update_tick (KH_PATH_PICTURE (widget));
}

static void
kh_path_picture_direction_changed (GtkWidget *widget, GtkTextDirection previous)
{
  update_style (KH_PATH_PICTURE (widget));
  GTK_WIDGET_CLASS (kh_path_picture_parent_class)->direction_changed (widget, previous);
}

static GtkWidget *
new_label (KhPathPicture *self, const char *text)
{
  GtkWidget *label = g_object_new (
      GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, "label", text,
      "wrap", TRUE, "wrap-mode", PANGO_WRAP_WORD_CHAR, "justify", GTK_JUSTIFY_CENTER,
      "ellipsize", PANGO_ELLIPSIZE_END, "lines", 2, "yalign", 0.0, NULL);

  gtk_widget_add_css_class (label, "caption");
  gtk_widget_set_parent (label, GTK_WIDGET (self));
  return label;
}

static void
kh_path_picture_dispose (GObject *object)
{
  KhPathPicture *self = KH_PATH_PICTURE (object);

  kh_path_picture_set_attempt (self, NULL);
  if (self->image != NULL && self->tick != 0)
    {
      gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
      self->tick = 0;
    }
  g_clear_pointer (&self->image, gtk_widget_unparent);
  for (guint i = 0; i < KH_PICTURE_NODES; i++)
    g_clear_pointer (&self->labels[i], gtk_widget_unparent);
  g_clear_pointer (&self->router_kind, gtk_widget_unparent);
  g_clear_object (&self->drawing);
  G_OBJECT_CLASS (kh_path_picture_parent_class)->dispose (object);
}

static void
kh_path_picture_class_init (KhPathPictureClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_path_picture_dispose;
  widget_class->measure = kh_path_picture_measure;
  widget_class->size_allocate = kh_path_picture_size_allocate;
  widget_class->get_request_mode = kh_path_picture_get_request_mode;
  widget_class->map = kh_path_picture_map;
  widget_class->unmap = kh_path_picture_unmap;
  widget_class->direction_changed = kh_path_picture_direction_changed;
  gtk_widget_class_set_css_name (widget_class, "pathpicture");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
kh_path_picture_init (KhPathPicture *self)
{
  const char *texts[KH_PICTURE_NODES] = {
    /* Translators: this and the next four stand under the nodes of the picture of a
     * connection: few letters, at most two lines */
    C_ ("node of the picture", "You"),    C_ ("node of the picture", "Your router"),
    C_ ("node of the picture", "Server"), C_ ("node of the picture", "Their router"),
    C_ ("node of the picture", "They"),
  };

  self->drawing = kh_path_drawing_new ();
  self->image
      = g_object_new (GTK_TYPE_IMAGE, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION,
                      "paintable", self->drawing, NULL);
  gtk_widget_set_parent (self->image, GTK_WIDGET (self));
  for (guint i = 0; i < KH_PICTURE_NODES; i++)
    self->labels[i] = new_label (self, texts[i]);
  self->router_kind = new_label (self, "");
  gtk_widget_add_css_class (self->router_kind, "dim-label");
  g_signal_connect_object (adw_style_manager_get_default (), "notify::high-contrast",
                           G_CALLBACK (update_style), self, G_CONNECT_SWAPPED);
  update_style (self);
  update (self);
}

void
kh_path_picture_set_attempt (KhPathPicture *self, KhAttempt *attempt)
{
  if (self->attempt == attempt)
    return;
  if (self->attempt != NULL)
    g_clear_signal_handler (&self->changed_handler, self->attempt);
  g_set_object (&self->attempt, attempt);
  if (attempt != NULL)
    self->changed_handler = g_signal_connect_object (
        attempt, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  if (self->image != NULL)
    update (self);
}

void
kh_path_picture_set_network (KhPathPicture *self, const KhNetworkInfo *network)
{
  self->has_network = network != NULL;
  if (network != NULL)
    self->network = *network;
  update (self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fits.h"

/* What rounding and the edge of a header bar may be off. */
#define EDGE 1.5f

typedef struct
{
  GtkWidget *window;
  FitsFound found;
  gpointer data;
} Look;

/* Its text, or what kind of thing it is, and in which widget of Knothole's. */
static char *
words_of (GtkWidget *widget)
{
  GtkWidget *around = widget;

  if (GTK_IS_LABEL (widget))
    return g_strdup (gtk_label_get_text (GTK_LABEL (widget)));
  if (GTK_IS_BUTTON (widget) && gtk_button_get_label (GTK_BUTTON (widget)) != NULL)
    return g_strdup (gtk_button_get_label (GTK_BUTTON (widget)));
  while (gtk_widget_get_parent (around) != NULL
         && !g_str_has_prefix (G_OBJECT_TYPE_NAME (around), "Kh"))
    around = gtk_widget_get_parent (around);
  return g_strdup_printf ("%s of %s", G_OBJECT_TYPE_NAME (widget),
                          G_OBJECT_TYPE_NAME (around));
}

static void
say (Look *self, const char *how, GtkWidget *widget)
{
  g_autofree char *words = words_of (widget);

  self->found (how, words, self->data);
}

gboolean
fits_is_broken (PangoLayout *layout)
{
  const char *text = pango_layout_get_text (layout);
  const PangoLogAttr *attributes = pango_layout_get_log_attrs_readonly (layout, NULL);

  for (int i = 1; i < pango_layout_get_line_count (layout); i++)
    {
      PangoLayoutLine *line = pango_layout_get_line_readonly (layout, i);
      glong at = g_utf8_pointer_to_offset (text, text + line->start_index);

      if (!attributes[at].is_line_break)
        return TRUE;
    }
  return FALSE;
}

/* Its text is cut off by itself, or larger than its place. */
static void
look_at_label (Look *self, GtkLabel *label)
{
  PangoLayout *layout = gtk_label_get_layout (label);
  int width, height;

  if (*gtk_label_get_text (label) == '\0')
    return;
  pango_layout_get_pixel_size (layout, &width, &height);
  if (pango_layout_is_ellipsized (layout))
    say (self, "ellipsized", GTK_WIDGET (label));
  if (fits_is_broken (layout))
    say (self, "broken", GTK_WIDGET (label));
  if ((float)width > (float)gtk_widget_get_width (GTK_WIDGET (label)) + EDGE
      || (float)height > (float)gtk_widget_get_height (GTK_WIDGET (label)) + EDGE)
    say (self, "squeezed", GTK_WIDGET (label));
}

static gboolean
is_beyond (GtkWidget *widget, GtkWidget *around, gboolean scrolls)
{
  graphene_rect_t at;

  if (!gtk_widget_compute_bounds (widget, around, &at))
    return FALSE;
  if (at.origin.x < -EDGE
      || at.origin.x + at.size.width > (float)gtk_widget_get_width (around) + EDGE)
    return TRUE;
  return !scrolls
         && (at.origin.y < -EDGE
             || at.origin.y + at.size.height
                    > (float)gtk_widget_get_height (around) + EDGE);
}

/* It reaches out of the window, or of something that shows nothing outside of itself. */
static void
look_at_place (Look *self, GtkWidget *widget)
{
  gboolean scrolls = FALSE;

  for (GtkWidget *around = gtk_widget_get_parent (widget);
       around != NULL && around != self->window; around = gtk_widget_get_parent (around))
    {
      scrolls = scrolls || GTK_IS_SCROLLABLE (around);
      if (gtk_widget_get_overflow (around) == GTK_OVERFLOW_HIDDEN
          && is_beyond (widget, around, scrolls))
        {
          say (self, "clipped", widget);
          return;
        }
    }
  if (is_beyond (widget, self->window, scrolls))
    say (self, "outside", widget);
}

static gboolean
is_seen_whole (GtkWidget *widget)
{
  return GTK_IS_LABEL (widget) || GTK_IS_BUTTON (widget) || GTK_IS_SWITCH (widget)
         || GTK_IS_EDITABLE (widget);
}

/* A menu is as wide as it likes to be; X11 and Wayland cut off what leaves the screen. */
static void
look_at_menu (Look *self, GtkMenuButton *button, int width)
{
  GtkPopover *popover = gtk_menu_button_get_popover (button);
  int natural;

  if (popover == NULL)
    return;
  gtk_widget_measure (GTK_WIDGET (popover), GTK_ORIENTATION_HORIZONTAL, -1, NULL,
                      &natural, NULL, NULL);
  if (natural > width)
    say (self, "too wide", GTK_WIDGET (button));
}

static void
look_inside (Look *self, GtkWidget *widget, int width)
{
  if (!gtk_widget_get_mapped (widget) || GTK_IS_POPOVER (widget))
    return;
  if (GTK_IS_LABEL (widget))
    look_at_label (self, GTK_LABEL (widget));
  if (GTK_IS_MENU_BUTTON (widget))
    look_at_menu (self, GTK_MENU_BUTTON (widget), width);
  if (is_seen_whole (widget))
    look_at_place (self, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    look_inside (self, child, width);
}

/* The innermost widget that wants so much. */
static GtkWidget *
who_is_wide (GtkWidget *widget, int width)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int minimum = 0;

      if (gtk_widget_get_mapped (child))
        gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL,
                            NULL);
      if (minimum > width)
        return who_is_wide (child, width);
    }
  return widget;
}

void
fits_look (GtkWindow *window, int width, FitsFound found, gpointer data)
{
  Look look = { GTK_WIDGET (window), found, data };
  int minimum;

  gtk_widget_measure (GTK_WIDGET (window), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL,
                      NULL, NULL);
  if (minimum > width)
    say (&look, "too wide", who_is_wide (GTK_WIDGET (window), width));
  else if (gtk_widget_get_width (GTK_WIDGET (window)) > width)
    say (&look, "too wide", GTK_WIDGET (window)); /* it can't be made smaller */
  look_inside (&look, GTK_WIDGET (window), width);
}

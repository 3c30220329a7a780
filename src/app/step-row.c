/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/step-row.h"

#include "app/call-text.h"
#include "app/show.h"

#include <glib/gi18n.h>

struct _KhStepRow
{
  GtkWidget parent_instance;

  /* Owned */
  KhAttempt *attempt;
  GtkWidget *dots[KH_ATTEMPT_STEPS];

  /* State */
  gulong changed_handler;
};

G_DEFINE_FINAL_TYPE (KhStepRow, kh_step_row, GTK_TYPE_WIDGET)

static void
update_dot (KhStepRow *self, guint step, guint newest)
{
  GtkWidget *dot = self->dots[step - 1];
  gboolean done
      = self->attempt != NULL && kh_attempt_get_step (self->attempt, step)->at_ms >= 0;
  g_autofree char *words = NULL;

  kh_show_class (dot, "done", done);
  kh_show_class (dot, "newest", done && step == newest);
  if (done)
    /* Translators: %1$u is the number of a step, %2$s what it is */
    words = g_strdup_printf (_ ("Step %1$u, done: %2$s"), step,
                             kh_call_text_step_title (step));
  else
    words = g_strdup_printf (_ ("Step %1$u: %2$s"), step, kh_call_text_step_title (step));
  gtk_accessible_update_property (GTK_ACCESSIBLE (dot), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  words, -1);
}

static void
update (KhStepRow *self)
{
  guint newest = self->attempt != NULL ? kh_call_text_newest_step (self->attempt) : 0;

  for (guint step = 1; step <= KH_ATTEMPT_STEPS; step++)
    update_dot (self, step, newest);
}

static GtkWidget *
new_dot (guint step)
{
  g_autofree char *number = g_strdup_printf ("%u", step);
  GtkWidget *dot = g_object_new (GTK_TYPE_LABEL, "accessible-role",
                                 GTK_ACCESSIBLE_ROLE_LIST_ITEM, "label", number,
                                 "tooltip-text", kh_call_text_step_title (step), NULL);

  gtk_widget_add_css_class (dot, "step");
  gtk_widget_add_css_class (dot, "numeric");
  return dot;
}

static void
kh_step_row_dispose (GObject *object)
{
  KhStepRow *self = KH_STEP_ROW (object);

  if (self->attempt != NULL)
    g_clear_signal_handler (&self->changed_handler, self->attempt);
  g_clear_object (&self->attempt);
  for (guint i = 0; i < KH_ATTEMPT_STEPS; i++)
    g_clear_pointer (&self->dots[i], gtk_widget_unparent);
  G_OBJECT_CLASS (kh_step_row_parent_class)->dispose (object);
}

static void
kh_step_row_class_init (KhStepRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_step_row_dispose;
  gtk_widget_class_set_css_name (widget_class, "steprow");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST);
}

static void
kh_step_row_init (KhStepRow *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 6);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Steps of connecting"), -1);
  for (guint step = 1; step <= KH_ATTEMPT_STEPS; step++)
    {
      self->dots[step - 1] = new_dot (step);
      gtk_widget_set_parent (self->dots[step - 1], GTK_WIDGET (self));
    }
  update (self);
}

void
kh_step_row_set_attempt (KhStepRow *self, KhAttempt *attempt)
{
  if (self->attempt == attempt)
    return;
  if (self->attempt != NULL)
    g_clear_signal_handler (&self->changed_handler, self->attempt);
  g_set_object (&self->attempt, attempt);
  if (attempt != NULL)
    self->changed_handler = g_signal_connect_object (
        attempt, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

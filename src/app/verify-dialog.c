/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/dialogs.h"
#include "app/name-isolate.h"
#include "app/person-questions.h"
#include "app/safety-text.h"

#include <glib/gi18n.h>

/* Read from a screen at arm's length. */
#define PICTURE_SCALE 2.4

/* Around a picture, as between the pictures. */
#define MARGIN 6

#define KH_TYPE_VERIFY_DIALOG (kh_verify_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KhVerifyDialog, kh_verify_dialog, KH, VERIFY_DIALOG, AdwWindow)

struct _KhVerifyDialog
{
  AdwWindow parent_instance;

  /* Owned */
  KhClient *client;
  KhPerson *person;

  /* Template children */
  GtkLabel *heading;
  GtkLabel *how;
  GtkFlowBox *pictures;
  GtkLabel *number;
  GtkWidget *questions;
  GtkWidget *take_back_button;
};

G_DEFINE_FINAL_TYPE (KhVerifyDialog, kh_verify_dialog, ADW_TYPE_WINDOW)

/* Where no font has pictures, boxes with numbers in them would only confuse. */
static gboolean
can_draw (GtkWidget *widget, const char *text)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);

  return pango_layout_get_unknown_glyphs_count (layout) == 0;
}

static GtkWidget *
make_picture (KhVerifyDialog *self, guint picture)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *name = gtk_label_new (kh_safety_text_name (picture));
  GtkWidget *child = gtk_flow_box_child_new ();
  const char *emoji = kh_safety_text_emoji (picture);

  if (can_draw (GTK_WIDGET (self), emoji))
    {
      GtkWidget *drawn = gtk_label_new (emoji);
      g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

      pango_attr_list_insert (attributes, pango_attr_scale_new (PICTURE_SCALE));
      gtk_label_set_attributes (GTK_LABEL (drawn), attributes);
      gtk_accessible_update_state (GTK_ACCESSIBLE (drawn), GTK_ACCESSIBLE_STATE_HIDDEN,
                                   TRUE, -1);
      gtk_box_append (GTK_BOX (box), drawn);
    }
  gtk_widget_add_css_class (name, "caption"); /* four in a row, in any language */
  gtk_label_set_wrap (GTK_LABEL (name), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (name), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_justify (GTK_LABEL (name), GTK_JUSTIFY_CENTER);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_margin_top (box, MARGIN);
  gtk_widget_set_margin_bottom (box, MARGIN);
  gtk_box_append (GTK_BOX (box), name);
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), box);
  gtk_widget_set_focusable (child, FALSE);
  return child;
}

static void
show_number (KhVerifyDialog *self)
{
  guint8 pictures[KH_SAFETY_PICTURES];
  g_autofree char *number
      = kh_client_safety_number (self->client, kh_person_get_id (self->person), pictures);
  g_autofree char *rows = kh_safety_text_rows (number);

  gtk_label_set_text (self->number, rows);
  /* Both read digits and pictures in the same order, whatever they write. */
  gtk_widget_set_direction (GTK_WIDGET (self->number), GTK_TEXT_DIR_LTR);
  gtk_widget_set_direction (GTK_WIDGET (self->pictures), GTK_TEXT_DIR_LTR);
  for (guint i = 0; i < KH_SAFETY_PICTURES; i++)
    gtk_flow_box_append (self->pictures, make_picture (self, pictures[i]));
}

static void
update (KhVerifyDialog *self)
{
  g_autofree char *name = kh_name_isolate (kh_person_question_name (self->person));
  gboolean verified = kh_person_is_verified (self->person);
  g_autofree char *heading = NULL;
  g_autofree char *how = NULL;

  if (verified)
    {
      /* Translators: %s is a person's name. */
      heading = g_strdup_printf (_ ("%s is verified"), name);
      how = g_strdup_printf (_ ("You have compared these with %s. Nobody can sit between "
                                "you without the two of you seeing other ones."),
                             name);
    }
  else
    {
      /* Translators: %s is a person's name. */
      heading = g_strdup_printf (_ ("Is it really %s?"), name);
      how = g_strdup_printf (
          _ ("%s sees pictures and digits, too. Read yours to each other over the "
             "telephone or side by side, not in Knothole. The pictures or the digits are "
             "enough."),
          name);
    }
  gtk_label_set_text (self->heading, heading);
  gtk_label_set_text (self->how, how);
  gtk_widget_set_visible (self->questions, !verified);
  gtk_widget_set_visible (self->take_back_button, verified);
}

static void
set_verified (KhVerifyDialog *self, gboolean verified)
{
  kh_client_set_contact (self->client, kh_person_get_id (self->person),
                         KH_CONTACT_VERIFIED, verified);
}

static void
on_same (KhVerifyDialog *self)
{
  set_verified (self, TRUE);
  gtk_window_close (GTK_WINDOW (self));
}

static void
on_take_back (KhVerifyDialog *self)
{
  set_verified (self, FALSE);
}

static void
on_stop (KhVerifyDialog *self, const char *response)
{
  if (!g_str_equal (response, "block"))
    return;
  kh_client_hang_up (self->client, kh_person_get_id (self->person));
  kh_person_block (self->client, self->person);
  gtk_window_close (GTK_WINDOW (self));
}

static void
on_differ (KhVerifyDialog *self)
{
  g_autofree char *name = kh_name_isolate (kh_person_question_name (self->person));
  /* Translators: %s is a person's name. */
  g_autofree char *heading = g_strdup_printf (_ ("This may not be %s"), name);
  AdwMessageDialog *dialog = kh_person_question_new (
      GTK_WINDOW (self), heading,
      _ ("First make sure that both of you look at this same page for each other. If "
         "they "
         "still differ, somebody sits between you or uses their name: send nothing that "
         "only they should have."));

  adw_message_dialog_add_response (dialog, "block", _ ("_Hang Up and Block"));
  adw_message_dialog_set_response_appearance (dialog, "block", ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_stop), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
kh_verify_dialog_dispose (GObject *object)
{
  KhVerifyDialog *self = KH_VERIFY_DIALOG (object);

  g_clear_object (&self->client);
  g_clear_object (&self->person);
  G_OBJECT_CLASS (kh_verify_dialog_parent_class)->dispose (object);
}

static void
kh_verify_dialog_class_init (KhVerifyDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_verify_dialog_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/verify-dialog.ui");
#define BIND(name)                                                                       \
  gtk_widget_class_bind_template_child (widget_class, KhVerifyDialog, name)
  BIND (heading);
  BIND (how);
  BIND (pictures);
  BIND (number);
  BIND (questions);
  BIND (take_back_button);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_same);
  gtk_widget_class_bind_template_callback (widget_class, on_differ);
  gtk_widget_class_bind_template_callback (widget_class, on_take_back);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
kh_verify_dialog_init (KhVerifyDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
kh_verify_dialog_present (GtkWindow *parent, KhClient *client, KhPerson *person)
{
  KhVerifyDialog *self
      = g_object_new (KH_TYPE_VERIFY_DIALOG, "transient-for", parent, NULL);

  self->client = g_object_ref (client);
  self->person = g_object_ref (person);
  g_signal_connect_object (person, "changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  show_number (self);
  update (self);
  gtk_window_present (GTK_WINDOW (self));
  /* Enter answers nothing before somebody has gone to an answer; and the digits, which
   * would come first, are not selected. */
  gtk_label_select_region (self->number, 0, 0);
  gtk_window_set_focus (GTK_WINDOW (self), NULL);
}

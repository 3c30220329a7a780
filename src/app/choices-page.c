/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/person-questions.h"
#include "app/person-text.h"
#include "app/preferences-pages.h"

#include <glib/gi18n.h>

struct _KhChoicesPage
{
  AdwPreferencesPage parent_instance;

  /* Owned */
  KhClient *client;
  GtkFilter *filters[2]; /* of the two lists */

  /* Template children */
  GtkListBox *trusted_list;
  GtkListBox *blocked_list;
};

G_DEFINE_FINAL_TYPE (KhChoicesPage, kh_choices_page, ADW_TYPE_PREFERENCES_PAGE)

static gboolean
is_trusted (gpointer item, gpointer data)
{
  return kh_person_accepts_offers (item) && !kh_person_is_blocked (item);
}

static gboolean
is_blocked (gpointer item, gpointer data)
{
  return kh_person_is_blocked (item);
}

/* What the button of a row takes back. */
typedef struct
{
  KhClient *client;
  KhPerson *person;
  KhContactFlag flag;
} Choice;

static void
free_choice (gpointer data, GClosure *closure)
{
  Choice *choice = data;

  g_object_unref (choice->client);
  g_object_unref (choice->person);
  g_free (choice);
}

static void
take_back (GtkButton *button, Choice *choice)
{
  kh_client_set_contact (choice->client, kh_person_get_id (choice->person), choice->flag,
                         FALSE);
}

static GtkWidget *
make_row (KhChoicesPage *self, KhPerson *person, KhContactFlag flag, const char *label)
{
  const char *name = kh_person_question_name (person);
  g_autofree char *initials = kh_person_text_initials (name);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_button_new_with_label (label);
  Choice *choice = g_new0 (Choice, 1);
  /* Translators: for a screen reader; the first %s is what a button does, like "Unblock",
   * the second a person's name. */
  g_autofree char *description = g_strdup_printf (_ ("%s: %s"), label, name);

  choice->client = g_object_ref (self->client);
  choice->person = g_object_ref (person);
  choice->flag = flag;
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), adw_avatar_new (32, initials, TRUE));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  description, -1);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_data (button, "clicked", G_CALLBACK (take_back), choice, free_choice,
                         0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static GtkWidget *
make_trusted_row (gpointer item, gpointer data)
{
  /* Translators: a button: ask about the files of this person again, whose files have
   * been accepted without a question */
  return make_row (data, item, KH_CONTACT_ACCEPTS_OFFERS, _ ("Ask Again"));
}

static GtkWidget *
make_blocked_row (gpointer item, gpointer data)
{
  return make_row (data, item, KH_CONTACT_BLOCKED, _ ("Unblock"));
}

static GtkFilter *
fill (KhChoicesPage *self, GtkListBox *list, KhPeople *people, GtkCustomFilterFunc wanted,
      GtkListBoxCreateWidgetFunc make)
{
  GtkFilter *filter = GTK_FILTER (gtk_custom_filter_new (wanted, NULL, NULL));
  g_autoptr (GtkFilterListModel) model = gtk_filter_list_model_new (
      g_object_ref (G_LIST_MODEL (people)), g_object_ref (filter));

  gtk_list_box_bind_model (list, G_LIST_MODEL (model), make, self, NULL);
  return filter;
}

static void
on_people_changed (KhChoicesPage *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (self->filters); i++)
    if (self->filters[i] != NULL)
      gtk_filter_changed (self->filters[i], GTK_FILTER_CHANGE_DIFFERENT);
}

static void
kh_choices_page_dispose (GObject *object)
{
  KhChoicesPage *self = KH_CHOICES_PAGE (object);

  for (gsize i = 0; i < G_N_ELEMENTS (self->filters); i++)
    g_clear_object (&self->filters[i]);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_choices_page_parent_class)->dispose (object);
}

static void
kh_choices_page_class_init (KhChoicesPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_choices_page_dispose;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/choices-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KhChoicesPage, trusted_list);
  gtk_widget_class_bind_template_child (widget_class, KhChoicesPage, blocked_list);
}

static void
kh_choices_page_init (KhChoicesPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
kh_choices_page_new (KhApplication *application)
{
  KhChoicesPage *self = g_object_new (KH_TYPE_CHOICES_PAGE, NULL);
  KhPeople *people = kh_application_get_people (application);

  self->client = g_object_ref (kh_application_get_client (application));
  self->filters[0]
      = fill (self, self->trusted_list, people, is_trusted, make_trusted_row);
  self->filters[1]
      = fill (self, self->blocked_list, people, is_blocked, make_blocked_row);
  g_signal_connect_object (people, "changed", G_CALLBACK (on_people_changed), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

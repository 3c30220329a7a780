/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/call-text.h"
#include "app/dialogs.h"
#include "app/name-isolate.h"
#include "app/path-text.h"
#include "app/report-text.h"

#include <glib/gi18n.h>

struct _KhReportsDialog
{
  AdwWindow parent_instance;

  /* Owned */
  KhClient *client;
  GPtrArray *attempts; /* in the order of the rows; NULL until they are read */

  /* Template */
  AdwWindowTitle *heading;
  GtkStack *stack;
  AdwStatusPage *nothing;
  GtkListBox *list;
};

#define KH_TYPE_REPORTS_DIALOG (kh_reports_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KhReportsDialog, kh_reports_dialog, KH, REPORTS_DIALOG, AdwWindow)
G_DEFINE_FINAL_TYPE (KhReportsDialog, kh_reports_dialog, ADW_TYPE_WINDOW)

static void
on_row_activated (KhReportsDialog *self, AdwActionRow *row)
{
  int index = gtk_list_box_row_get_index (GTK_LIST_BOX_ROW (row));

  if (index >= 0 && (guint)index < self->attempts->len)
    kh_report_dialog_present (GTK_WINDOW (self), self->attempts->pdata[index]);
}

static GtkWidget *
new_icon (KhAttempt *attempt)
{
  gboolean connected = kh_attempt_get_state (attempt) == KH_ATTEMPT_CONNECTED;
  const char *name = connected ? kh_path_text_icon (kh_attempt_get_path (attempt))
                               : "dialog-warning-symbolic";
  GtkWidget *icon
      = g_object_new (GTK_TYPE_IMAGE, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION,
                      "icon-name", name, NULL);

  gtk_widget_add_css_class (icon, connected ? "success" : "warning");
  return icon;
}

static void
add_attempt (KhReportsDialog *self, KhAttempt *attempt)
{
  g_autofree char *name = kh_name_isolate (kh_attempt_get_name (attempt));
  g_autofree char *outcome = kh_call_text_outcome (attempt, name);
  g_autofree char *began = kh_report_text_began (attempt);
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title",
                                 outcome, "subtitle", began, "activatable", TRUE, NULL);
  GtkWidget *arrow
      = g_object_new (GTK_TYPE_IMAGE, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION,
                      "icon-name", "go-next-symbolic", NULL);

  adw_action_row_add_prefix (ADW_ACTION_ROW (row), new_icon (attempt));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), arrow);
  g_signal_connect_object (row, "activated", G_CALLBACK (on_row_activated), self,
                           G_CONNECT_SWAPPED);
  gtk_list_box_append (self->list, row);
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhReportsDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) attempts
      = kh_client_list_attempts_finish (KH_CLIENT (source), result, &error);

  /* It may have been closed meanwhile. */
  if (self->client == NULL)
    return;
  if (attempts == NULL)
    {
      adw_status_page_set_title (self->nothing, _ ("The Reports Can’t Be Read"));
      adw_status_page_set_description (self->nothing, "");
    }
  if (attempts == NULL || attempts->len == 0)
    {
      gtk_stack_set_visible_child_name (self->stack, "nothing");
      return;
    }
  self->attempts = g_steal_pointer (&attempts);
  for (guint i = 0; i < self->attempts->len; i++)
    add_attempt (self, self->attempts->pdata[i]);
  gtk_stack_set_visible_child_name (self->stack, "list");
}

static void
kh_reports_dialog_dispose (GObject *object)
{
  KhReportsDialog *self = KH_REPORTS_DIALOG (object);

  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_reports_dialog_parent_class)->dispose (object);
}

static void
kh_reports_dialog_finalize (GObject *object)
{
  KhReportsDialog *self = KH_REPORTS_DIALOG (object);

  g_clear_pointer (&self->attempts, g_ptr_array_unref);
  G_OBJECT_CLASS (kh_reports_dialog_parent_class)->finalize (object);
}

static void
kh_reports_dialog_class_init (KhReportsDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_reports_dialog_dispose;
  G_OBJECT_CLASS (class)->finalize = kh_reports_dialog_finalize;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/reports-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, KhReportsDialog, heading);
  gtk_widget_class_bind_template_child (widget_class, KhReportsDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, KhReportsDialog, nothing);
  gtk_widget_class_bind_template_child (widget_class, KhReportsDialog, list);
}

static void
kh_reports_dialog_init (KhReportsDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
kh_reports_dialog_present (GtkWindow *parent, KhClient *client, KhPerson *person)
{
  KhReportsDialog *self
      = g_object_new (KH_TYPE_REPORTS_DIALOG, "transient-for", parent, NULL);

  self->client = g_object_ref (client);
  adw_window_title_set_subtitle (self->heading, kh_person_get_name (person));
  kh_client_list_attempts_async (client, kh_person_get_id (person), KH_ATTEMPTS_KEPT,
                                 on_listed, g_object_ref (self));
  gtk_window_present (GTK_WINDOW (self));
}

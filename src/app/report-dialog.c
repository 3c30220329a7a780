/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/call-text.h"
#include "app/dialogs.h"
#include "app/fact-row.h"
#include "app/name-isolate.h"
#include "app/path-picture.h"
#include "app/path-text.h"
#include "app/report-text.h"

#include <glib/gi18n.h>

struct _KhReportDialog
{
  AdwWindow parent_instance;

  /* Owned */
  KhAttempt *attempt;

  /* Template */
  AdwWindowTitle *heading;
  AdwToastOverlay *toasts;
  KhPathPicture *picture;
  GtkLabel *outcome;
  GtkLabel *advice;
  GtkListBox *steps;
  GtkListBox *candidates;
};

#define KH_TYPE_REPORT_DIALOG (kh_report_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KhReportDialog, kh_report_dialog, KH, REPORT_DIALOG, AdwWindow)
G_DEFINE_FINAL_TYPE (KhReportDialog, kh_report_dialog, ADW_TYPE_WINDOW)

static void
add_step (KhReportDialog *self, guint number)
{
  const KhAttemptStep *step = kh_attempt_get_step (self->attempt, number);
  g_autofree char *name = kh_name_isolate (kh_attempt_get_name (self->attempt));
  g_autofree char *sentence = kh_call_text_step (self->attempt, number, name);
  g_autofree char *title = NULL;
  g_autofree char *ends = kh_report_text_step_ends (step);
  g_autofree char *at = NULL;

  if (step->at_ms < 0)
    at = g_strdup (_ ("Has not happened"));
  else if (step->at_ms < 1000)
    /* Translators: milliseconds since a call began */
    at = g_strdup_printf (_ ("After %d ms"), (int)step->at_ms);
  else
    /* Translators: seconds since a call began */
    at = g_strdup_printf (_ ("After %.2f s"), (double)step->at_ms / 1000);
  /* Translators: %1$u is the number of a step, %2$s a sentence that says what it is */
  title = g_strdup_printf (_ ("%1$u. %2$s"), number, sentence);
  gtk_list_box_append (self->steps, kh_fact_row_new (title, ends, NULL, at));
}

static void
add_candidate (KhReportDialog *self, const KhCandidate *candidate)
{
  g_autofree char *way = kh_report_text_way (candidate);
  g_autofree char *tries = kh_report_text_tries (candidate);
  GtkWidget *row
      = kh_fact_row_new (kh_report_text_kind (candidate->kind), way, NULL, tries);

  kh_fact_row_set_mark (GTK_LIST_BOX_ROW (row),
                        kh_report_text_outcome (candidate->outcome),
                        kh_report_text_outcome_class (candidate->outcome));
  gtk_list_box_append (self->candidates, row);
}

static char *
advice_text (KhReportDialog *self)
{
  KhAttemptState state = kh_attempt_get_state (self->attempt);
  g_autofree char *name = kh_name_isolate (kh_attempt_get_name (self->attempt));

  if (state == KH_ATTEMPT_CONNECTED)
    return g_strdup (kh_path_text_meaning (kh_attempt_get_path (self->attempt)));
  if (state == KH_ATTEMPT_FAILED)
    return kh_call_text_advice (kh_attempt_get_end (self->attempt),
                                kh_call_text_failure (self->attempt),
                                kh_attempt_get_relay (self->attempt), name);
  return g_strdup (_ ("This attempt is still under way."));
}

static void
update (KhReportDialog *self)
{
  g_autofree char *name = kh_name_isolate (kh_attempt_get_name (self->attempt));
  g_autofree char *began = kh_report_text_began (self->attempt);
  g_autofree char *outcome = kh_call_text_outcome (self->attempt, name);
  g_autofree char *advice = advice_text (self);

  adw_window_title_set_title (self->heading, _ ("Report"));
  adw_window_title_set_subtitle (self->heading, began);
  gtk_label_set_label (self->outcome, outcome);
  gtk_label_set_label (self->advice, advice);
  kh_fact_list_clear (self->steps);
  for (guint step = 1; step <= KH_ATTEMPT_STEPS; step++)
    add_step (self, step);
  kh_fact_list_clear (self->candidates);
  for (guint i = 0; i < kh_attempt_get_n_candidates (self->attempt); i++)
    add_candidate (self, kh_attempt_get_candidate (self->attempt, i));
}

static void
on_copy_clicked (KhReportDialog *self)
{
  g_autofree char *text = kh_report_text_new (self->attempt);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  adw_toast_overlay_add_toast (self->toasts,
                               adw_toast_new (_ ("Copied, addresses replaced")));
}

static void
kh_report_dialog_dispose (GObject *object)
{
  KhReportDialog *self = KH_REPORT_DIALOG (object);

  if (self->attempt != NULL)
    g_signal_handlers_disconnect_by_data (self->attempt, self);
  g_clear_object (&self->attempt);
  G_OBJECT_CLASS (kh_report_dialog_parent_class)->dispose (object);
}

static void
kh_report_dialog_class_init (KhReportDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_report_dialog_dispose;
  g_type_ensure (KH_TYPE_PATH_PICTURE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/report-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, KhReportDialog, heading);
  gtk_widget_class_bind_template_child (widget_class, KhReportDialog, toasts);
  gtk_widget_class_bind_template_child (widget_class, KhReportDialog, picture);
  gtk_widget_class_bind_template_child (widget_class, KhReportDialog, outcome);
  gtk_widget_class_bind_template_child (widget_class, KhReportDialog, advice);
  gtk_widget_class_bind_template_child (widget_class, KhReportDialog, steps);
  gtk_widget_class_bind_template_child (widget_class, KhReportDialog, candidates);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked);
}

static void
kh_report_dialog_init (KhReportDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
kh_report_dialog_present (GtkWindow *parent, KhAttempt *attempt)
{
  KhReportDialog *self
      = g_object_new (KH_TYPE_REPORT_DIALOG, "transient-for", parent, NULL);

  self->attempt = g_object_ref (attempt);
  g_signal_connect_object (attempt, "changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  kh_path_picture_set_attempt (self->picture, attempt);
  update (self);
  gtk_window_present (GTK_WINDOW (self));
}

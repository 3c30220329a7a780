/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/fact-row.h"
#include "app/nat-badge.h"
#include "app/nat-text.h"
#include "app/path-picture.h"

#include <adwaita.h>

struct _KhNatDialog
{
  AdwWindow parent_instance;

  /* Owned */
  KhClient *client;

  /* Template */
  KhPathPicture *picture;
  GtkLabel *type;
  GtkLabel *meaning;
  GtkListBox *facts;
  GtkButton *test;
  GtkSpinner *spinner;
};

#define KH_TYPE_NAT_DIALOG (kh_nat_dialog_get_type ())
G_DECLARE_FINAL_TYPE (KhNatDialog, kh_nat_dialog, KH, NAT_DIALOG, AdwWindow)
G_DEFINE_FINAL_TYPE (KhNatDialog, kh_nat_dialog, ADW_TYPE_WINDOW)

static void
update_facts (KhNatDialog *self, const KhNetworkInfo *network)
{
  g_autoptr (GPtrArray) facts = kh_nat_text_facts (network);

  kh_fact_list_clear (self->facts);
  for (guint i = 0; i < facts->len; i++)
    {
      const KhNatFact *fact = facts->pdata[i];

      gtk_list_box_append (self->facts, kh_fact_row_new (fact->title, fact->value,
                                                         fact->known ? NULL : "dim-label",
                                                         fact->meaning));
    }
}

static void
update (KhNatDialog *self)
{
  const KhNetworkInfo *network = kh_client_get_network (self->client);
  gboolean measuring = network != NULL && network->measuring;

  kh_path_picture_set_network (self->picture, network);
  gtk_label_set_label (self->type, kh_nat_text_type (network));
  gtk_label_set_label (self->meaning, kh_nat_text_meaning (network));
  gtk_spinner_set_spinning (self->spinner, measuring);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), measuring);
  gtk_widget_set_sensitive (GTK_WIDGET (self->test), !measuring);
  update_facts (self, network);
}

static void
on_event (KhNatDialog *self, const KhEvent *event)
{
  if (event->kind == KH_EVENT_NETWORK)
    update (self);
}

static void
on_test_clicked (KhNatDialog *self)
{
  kh_client_test_network (self->client);
  update (self);
}

static void
kh_nat_dialog_dispose (GObject *object)
{
  KhNatDialog *self = KH_NAT_DIALOG (object);

  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_nat_dialog_parent_class)->dispose (object);
}

static void
kh_nat_dialog_class_init (KhNatDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_nat_dialog_dispose;
  g_type_ensure (KH_TYPE_PATH_PICTURE);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/nat-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, KhNatDialog, picture);
  gtk_widget_class_bind_template_child (widget_class, KhNatDialog, type);
  gtk_widget_class_bind_template_child (widget_class, KhNatDialog, meaning);
  gtk_widget_class_bind_template_child (widget_class, KhNatDialog, facts);
  gtk_widget_class_bind_template_child (widget_class, KhNatDialog, test);
  gtk_widget_class_bind_template_child (widget_class, KhNatDialog, spinner);
  gtk_widget_class_bind_template_callback (widget_class, on_test_clicked);
}

static void
kh_nat_dialog_init (KhNatDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
kh_nat_dialog_present (GtkWindow *parent, KhClient *client)
{
  KhNatDialog *self = g_object_new (KH_TYPE_NAT_DIALOG, "transient-for", parent, NULL);

  self->client = g_object_ref (client);
  g_signal_connect_object (client, "event", G_CALLBACK (on_event), self,
                           G_CONNECT_SWAPPED);
  update (self);
  gtk_window_present (GTK_WINDOW (self));
}

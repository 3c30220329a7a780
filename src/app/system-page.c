/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/autostart.h"
#include "app/preferences-pages.h"

#include <glib/gi18n.h>

#define SETTING_NOTIFICATIONS "app-notifications"
#define SETTING_BACKGROUND "app-background"

struct _KhSystemPage
{
  AdwPreferencesPage parent_instance;

  /* Owned */
  KhClient *client;
  char *data_dir;

  /* Template children */
  GtkSwitch *notifications_switch;
  GtkSwitch *background_switch;
  GtkSwitch *autostart_switch;

  /* State */
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (KhSystemPage, kh_system_page, ADW_TYPE_PREFERENCES_PAGE)

static gboolean
get (KhSystemPage *self, const char *key, gboolean if_not_set)
{
  const char *value = kh_client_get_setting (self->client, key);

  return value != NULL ? g_str_equal (value, "yes") : if_not_set;
}

static void
set (KhSystemPage *self, const char *key, GtkSwitch *by)
{
  if (!self->updating)
    kh_client_set_setting (self->client, key, gtk_switch_get_active (by) ? "yes" : "no");
}

static void
on_notifications_switched (KhSystemPage *self)
{
  set (self, SETTING_NOTIFICATIONS, self->notifications_switch);
}

static void
on_background_switched (KhSystemPage *self)
{
  set (self, SETTING_BACKGROUND, self->background_switch);
}

static void
show_autostart (KhSystemPage *self, gboolean on)
{
  self->updating = TRUE;
  gtk_switch_set_active (self->autostart_switch, on);
  self->updating = FALSE;
}

static void
on_autostart_known (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhSystemPage) self = data;
  gboolean on = kh_autostart_query_finish (result);

  if (self->client == NULL)
    return;
  show_autostart (self, on);
  gtk_widget_set_sensitive (GTK_WIDGET (self->autostart_switch), TRUE);
}

static void
on_autostart_set (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhSystemPage) self = data;
  g_autoptr (GError) error = NULL;
  GtkRoot *window;

  if (kh_autostart_set_finish (result, &error) || self->client == NULL)
    return;
  show_autostart (self, !gtk_switch_get_active (self->autostart_switch));
  window = gtk_widget_get_root (GTK_WIDGET (self));
  if (ADW_IS_PREFERENCES_WINDOW (window))
    adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (window),
                                      adw_toast_new (_ ("This could not be changed")));
}

static void
on_autostart_switched (KhSystemPage *self)
{
  if (!self->updating)
    kh_autostart_set_async (self->data_dir,
                            gtk_switch_get_active (self->autostart_switch),
                            on_autostart_set, g_object_ref (self));
}

static void
kh_system_page_dispose (GObject *object)
{
  KhSystemPage *self = KH_SYSTEM_PAGE (object);

  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_system_page_parent_class)->dispose (object);
}

static void
kh_system_page_finalize (GObject *object)
{
  g_free (KH_SYSTEM_PAGE (object)->data_dir);
  G_OBJECT_CLASS (kh_system_page_parent_class)->finalize (object);
}

static void
kh_system_page_class_init (KhSystemPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_system_page_dispose;
  G_OBJECT_CLASS (class)->finalize = kh_system_page_finalize;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/system-page.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, KhSystemPage, name)
  BIND (notifications_switch);
  BIND (background_switch);
  BIND (autostart_switch);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_notifications_switched);
  gtk_widget_class_bind_template_callback (widget_class, on_background_switched);
  gtk_widget_class_bind_template_callback (widget_class, on_autostart_switched);
}

static void
kh_system_page_init (KhSystemPage *self)
{
  self->updating = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
kh_system_page_new (KhApplication *application)
{
  KhSystemPage *self = g_object_new (KH_TYPE_SYSTEM_PAGE, NULL);

  self->client = g_object_ref (kh_application_get_client (application));
  self->data_dir = g_strdup (kh_application_get_data_dir (application));
  gtk_switch_set_active (self->notifications_switch,
                         get (self, SETTING_NOTIFICATIONS, TRUE));
  gtk_switch_set_active (self->background_switch, get (self, SETTING_BACKGROUND, FALSE));
  self->updating = FALSE;
  gtk_widget_set_sensitive (GTK_WIDGET (self->autostart_switch), FALSE);
  kh_autostart_query_async (self->data_dir, on_autostart_known, g_object_ref (self));
  return GTK_WIDGET (self);
}

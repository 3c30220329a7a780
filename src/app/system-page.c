/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/autostart.h"
#include "app/preferences-pages.h"
#include "app/show.h"
#include "app/ways.h"

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
  GtkSwitch *mapping_switch;
  GtkSwitch *many_switch;
  GtkSwitch *relay_switch;
  GtkEditable *port_row;
  GtkWidget *port_note;

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
toast (KhSystemPage *self, const char *text)
{
  GtkRoot *window = gtk_widget_get_root (GTK_WIDGET (self));

  if (ADW_IS_PREFERENCES_WINDOW (window))
    adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (window),
                                      adw_toast_new (text));
}

/* Also the desktop may have a say in what a program does without a window. */
static void
say_why (KhSystemPage *self, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    toast (self, _ ("The desktop does not allow it: see its settings of apps"));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    toast (self, _ ("This desktop can't start a Flatpak by itself"));
  else
    toast (self, _ ("This could not be changed"));
}

static void
on_background_asked (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhSystemPage) self = data;
  g_autoptr (GError) error = NULL;

  /* Where there is nobody to ask, nobody forbids it. */
  if (kh_autostart_ask_background_finish (result, &error) || self->client == NULL
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    return;
  gtk_switch_set_active (self->background_switch, FALSE);
  say_why (self, error);
}

static void
on_background_switched (KhSystemPage *self)
{
  set (self, SETTING_BACKGROUND, self->background_switch);
  if (!self->updating && gtk_switch_get_active (self->background_switch))
    kh_autostart_ask_background_async (self->data_dir,
                                       gtk_switch_get_active (self->autostart_switch),
                                       on_background_asked, g_object_ref (self));
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

  if (kh_autostart_set_finish (result, &error) || self->client == NULL)
    return;
  show_autostart (self, !gtk_switch_get_active (self->autostart_switch));
  say_why (self, error);
}

static void
on_autostart_switched (KhSystemPage *self)
{
  if (!self->updating)
    kh_autostart_set_async (self->data_dir,
                            gtk_switch_get_active (self->autostart_switch),
                            on_autostart_set, g_object_ref (self));
}

/* --- Ways to connect -----------------------------------------------------------------
 */

/* Also what stands in the row of the port, once it has been applied. */
static void
on_ways_switched (KhSystemPage *self)
{
  KhReach reach;

  if (self->updating)
    return;
  kh_ways_read (self->client, &reach);
  reach.no_port_mapping = !gtk_switch_get_active (self->mapping_switch);
  reach.no_spray = !gtk_switch_get_active (self->many_switch);
  reach.no_relay = !gtk_switch_get_active (self->relay_switch);
  kh_ways_keep (self->client, &reach);
}

/* In the row, under it, and for who can't see either. */
static void
say_of_port (KhSystemPage *self, gboolean wrong)
{
  gtk_widget_set_visible (self->port_note, wrong);
  kh_show_class (GTK_WIDGET (self->port_row), "error", wrong);
  gtk_accessible_update_state (
      GTK_ACCESSIBLE (self->port_row), GTK_ACCESSIBLE_STATE_INVALID,
      wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
}

static void
on_port_changed (KhSystemPage *self)
{
  guint16 port;

  if (!self->updating)
    say_of_port (self,
                 !kh_ways_parse_port (gtk_editable_get_text (self->port_row), &port));
}

static void
on_port_applied (KhSystemPage *self)
{
  KhReach reach;
  guint16 port;

  if (!kh_ways_parse_port (gtk_editable_get_text (self->port_row), &port))
    return;
  kh_ways_read (self->client, &reach);
  reach.forwarded_port = port;
  kh_ways_keep (self->client, &reach);
}

static void
show_ways (KhSystemPage *self)
{
  KhReach reach;
  g_autofree char *port = NULL;

  kh_ways_read (self->client, &reach);
  port = g_strdup_printf ("%u", reach.forwarded_port);
  gtk_switch_set_active (self->mapping_switch, !reach.no_port_mapping);
  gtk_switch_set_active (self->many_switch, !reach.no_spray);
  gtk_switch_set_active (self->relay_switch, !reach.no_relay);
  gtk_editable_set_text (self->port_row, reach.forwarded_port != 0 ? port : "");
}

/* --- The page ------------------------------------------------------------------------
 */

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
  BIND (mapping_switch);
  BIND (many_switch);
  BIND (relay_switch);
  BIND (port_row);
  BIND (port_note);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_notifications_switched);
  gtk_widget_class_bind_template_callback (widget_class, on_background_switched);
  gtk_widget_class_bind_template_callback (widget_class, on_autostart_switched);
  gtk_widget_class_bind_template_callback (widget_class, on_ways_switched);
  gtk_widget_class_bind_template_callback (widget_class, on_port_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_port_applied);
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
  show_ways (self);
  self->updating = FALSE;
  gtk_widget_set_sensitive (GTK_WIDGET (self->autostart_switch), FALSE);
  kh_autostart_query_async (self->data_dir, on_autostart_known, g_object_ref (self));
  return GTK_WIDGET (self);
}

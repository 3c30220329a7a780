/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/application-private.h"

#include "app/frame-log.h"
#include "app/instance.h"
#include "app/notice.h"
#include "app/real-path.h"
#include "app/terminate.h"

#include <glib/gi18n.h>

/* Characters of the hash of a data folder in the application's id. */
#define SUFFIX_LEN 16

/* Seconds after the last key. */
#define CURSOR_BLINKS_S 3

G_DEFINE_FINAL_TYPE (KhApplication, kh_application, ADW_TYPE_APPLICATION)

/* --- Options -------------------------------------------------------------------------
 */

static const GOptionEntry options[] = {
  { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version and exit"), NULL },
  { "background", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Start without showing the window"),
    NULL },
  { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, NULL,
    N_ ("Keep identity, contacts and messages in DIR: a second profile"), N_ ("DIR") },
  { NULL },
};

/* Another data folder is another program to the desktop: each has one window. */
static void
use_data_dir (KhApplication *self, const char *dir)
{
  g_autofree char *path = kh_real_path (dir);
  g_autofree char *usual = kh_real_path (self->data_dir);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, path, -1);
  g_autofree char *id = g_strdup_printf ("%s.p%.*s", KH_APP_ID, SUFFIX_LEN, hash);

  /* Named or not, it is the same one: who starts with the session names it. */
  if (g_str_equal (path, usual))
    return;
  g_free (self->data_dir);
  self->data_dir = g_steal_pointer (&path);
  g_application_set_application_id (G_APPLICATION (self), id);
}

static int
kh_application_handle_local_options (GApplication *application, GVariantDict *given)
{
  KhApplication *self = KH_APPLICATION (application);
  g_autofree char *dir = NULL;
  g_autoptr (GError) error = NULL;

  if (g_variant_dict_contains (given, "version"))
    {
      g_print ("knothole %s\n", KH_VERSION);
      return 0;
    }
  if (g_variant_dict_lookup (given, "data-dir", "^ay", &dir))
    use_data_dir (self, dir);
  self->background = g_variant_dict_contains (given, "background");
  if (!kh_instance_claim (application, self->background))
    return 0;
  if (!g_application_register (application, NULL, &error))
    {
      g_printerr ("knothole: %s\n", error->message);
      return 1;
    }
  /* It runs already, and was asked to show nothing. */
  if (self->background && g_application_get_is_remote (application))
    return 0;
  return -1;
}

/* --- Life ----------------------------------------------------------------------------
 */

static gboolean
on_terminate (gpointer data)
{
  kh_application_end (data);
  return G_SOURCE_CONTINUE;
}

/* GTK fades a blinking cursor in and out, with a frame for each step: it stops sooner
 * than by itself, so that an open conversation costs nothing while nobody types. */
static void
let_cursor_rest (void)
{
  GtkSettings *settings = gtk_settings_get_default ();

  if (settings != NULL)
    g_object_set (settings, "gtk-cursor-blink-timeout", CURSOR_BLINKS_S, NULL);
}

static void
kh_application_startup (GApplication *application)
{
  KhApplication *self = KH_APPLICATION (application);

  G_APPLICATION_CLASS (kh_application_parent_class)->startup (application);
  gtk_window_set_default_icon_name (KH_APP_ID);
  let_cursor_rest ();
  self->meeting_point = kh_meeting_point_new (self->data_dir);
  kh_application_add_actions (self);
  kh_terminate_watch (on_terminate, self);
  kh_notice_start (application);
  kh_application_open_client (self);
}

static void
make_window (KhApplication *self)
{
  KhWindow *window = kh_window_new (self);

  g_set_weak_pointer (&self->window, window);
  kh_frame_log_watch (GTK_WIDGET (window));
  if (self->client != NULL)
    kh_window_ready (window);
  else if (self->failure != NULL)
    kh_window_show_failure (window, self->failure, self->data_dir);
}

static void
kh_application_activate (GApplication *application)
{
  KhApplication *self = KH_APPLICATION (application);
  gboolean hidden = self->background;

  self->background = FALSE;
  if (self->ending)
    return;
  if (self->window == NULL)
    make_window (self);
  if (!hidden)
    kh_window_show (self->window);
}

static void
kh_application_open (GApplication *application, GFile **files, int n_files,
                     const char *hint)
{
  KhApplication *self = KH_APPLICATION (application);

  self->background = FALSE;
  g_application_activate (application);
  for (int i = 0; i < n_files; i++)
    {
      g_autofree char *uri = g_file_get_uri (files[i]);

      kh_application_open_link (self, uri);
    }
}

static void
kh_application_shutdown (GApplication *application)
{
  kh_notice_stop (application);
  G_APPLICATION_CLASS (kh_application_parent_class)->shutdown (application);
}

static void
kh_application_finalize (GObject *object)
{
  KhApplication *self = KH_APPLICATION (object);

  g_clear_weak_pointer (&self->window);
  g_clear_weak_pointer (&self->question);
  g_clear_object (&self->notifier);
  g_clear_object (&self->people);
  g_clear_object (&self->client);
  g_clear_object (&self->meeting_point);
  g_clear_error (&self->failure);
  g_ptr_array_unref (self->links);
  g_free (self->data_dir);
  G_OBJECT_CLASS (kh_application_parent_class)->finalize (object);
}

static void
kh_application_class_init (KhApplicationClass *class)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = kh_application_finalize;
  application_class->handle_local_options = kh_application_handle_local_options;
  application_class->startup = kh_application_startup;
  application_class->shutdown = kh_application_shutdown;
  application_class->activate = kh_application_activate;
  application_class->open = kh_application_open;
}

static void
kh_application_init (KhApplication *self)
{
  GApplication *application = G_APPLICATION (self);

  self->links = g_ptr_array_new_with_free_func (g_free);
  self->data_dir = g_build_filename (g_get_user_data_dir (), "knothole", NULL);
  g_application_add_main_option_entries (application, options);
  g_application_set_option_context_parameter_string (application, _ ("[LINK…]"));
  g_application_set_option_context_summary (
      application, _ ("Talk and send files directly from computer to computer. LINK is "
                      "an invite or the address of a server: knothole:…"));
}

KhApplication *
kh_application_new (void)
{
  return g_object_new (KH_TYPE_APPLICATION, "application-id", KH_APP_ID,
                       "resource-base-path", "/io/github/knothole/Knothole", "flags",
                       G_APPLICATION_HANDLES_OPEN | kh_instance_flags (), NULL);
}

KhClient *
kh_application_get_client (KhApplication *self)
{
  return self->client;
}

KhPeople *
kh_application_get_people (KhApplication *self)
{
  return self->people;
}

KhMeetingPoint *
kh_application_get_meeting_point (KhApplication *self)
{
  return self->meeting_point;
}

const char *
kh_application_get_data_dir (KhApplication *self)
{
  return self->data_dir;
}

void
kh_application_seen (KhApplication *self, const KhPeerId *peer)
{
  if (self->notifier != NULL)
    kh_notifier_seen (self->notifier, peer);
}

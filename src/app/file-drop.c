/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/file-drop.h"

#include "app/folder-text.h"
#include "app/parent-window.h"
#include "app/send-text.h"
#include "app/show.h"
#include "app/toast.h"

#include <glib/gi18n.h>

/* --- Sending ------------------------------------------------------------------------ */

typedef struct
{
  /* Owned */
  GtkWidget *widget;
  KhClient *client;
  KhPerson *person;
  GPtrArray *paths; /* char *: what is to be sent, less what can't be */
  char *bad;        /* the name of the first that can't; NULL: there is none */

  /* State */
  KhSendProblem problem;
  guint n_bad;
  gboolean unseen; /* the conversation is not where it was dropped */
} Sending;

static void
sending_free (gpointer data)
{
  Sending *self = data;

  g_object_unref (self->widget);
  g_object_unref (self->client);
  g_object_unref (self->person);
  g_ptr_array_unref (self->paths);
  g_free (self->bad);
  g_free (self);
}

static void
note_bad (Sending *self, KhSendProblem problem, GFile *file)
{
  if (self->n_bad++ > 0)
    return;
  self->bad = g_file_get_basename (file);
  self->problem = problem;
}

static void
check_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Sending *self = data;
  GPtrArray *good = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->paths->len; i++)
    {
      const char *path = g_ptr_array_index (self->paths, i);
      g_autoptr (GFile) file = g_file_new_for_path (path);
      KhSendProblem problem = kh_send_text_check (path);

      if (problem == KH_SEND_FINE)
        g_ptr_array_add (good, g_strdup (path));
      else
        note_bad (self, problem, file);
    }
  g_ptr_array_add (good, NULL);
  g_ptr_array_unref (self->paths);
  self->paths = good;
  g_task_return_boolean (task, TRUE);
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GtkWidget) widget = data;
  g_autoptr (GError) error = NULL;

  if (!kh_client_send_finish (KH_CLIENT (source), result, NULL, &error)
      && g_error_matches (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_FILE))
    kh_toast_show (widget, _ ("A file has just gone: nothing was sent"));
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  const Sending *self = g_task_get_task_data (G_TASK (result));
  const KhPeerId *id = kh_person_get_id (self->person);
  g_autofree char *name = self->bad != NULL ? g_filename_display_name (self->bad) : NULL;
  g_autofree char *text = NULL;

  if (self->paths->len > 1)
    kh_client_send_async (self->client, id, (const char *const *)self->paths->pdata, NULL,
                          on_sent, g_object_ref (self->widget));
  if (self->n_bad > 0)
    text = kh_send_text_problem (self->problem, name, self->n_bad);
  else if (self->unseen && self->paths->len > 1)
    text = kh_send_text_taken (kh_person_get_name (self->person),
                               kh_client_is_connected (self->client, id));
  if (text != NULL)
    kh_toast_show (self->widget, text);
}

/* A sentence; NULL: something may be sent to them. */
static const char *
find_objection (KhPerson *person)
{
  if (kh_person_is_blocked (person))
    return _ ("You have blocked them: nothing is sent");
  if (kh_person_get_namesake (person) != NULL)
    return _ ("Nothing is sent before you have said who this is");
  return NULL;
}

static void
send_files (GtkWidget *widget, KhClient *client, KhPerson *person, GListModel *files,
            gboolean unseen)
{
  const char *objection = find_objection (person);
  g_autoptr (GTask) task = NULL;
  Sending *self;

  if (objection != NULL)
    {
      kh_toast_show (widget, objection);
      return;
    }
  self = g_new0 (Sending, 1);
  self->widget = g_object_ref (widget);
  self->client = g_object_ref (client);
  self->person = g_object_ref (person);
  self->paths = g_ptr_array_new_with_free_func (g_free);
  self->unseen = unseen;
  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);

      if (g_file_is_native (file))
        g_ptr_array_add (self->paths, g_file_get_path (file));
      else
        note_bad (self, KH_SEND_REMOTE, file);
    }
  task = g_task_new (NULL, NULL, on_checked, NULL);
  g_task_set_task_data (task, self, sending_free);
  g_task_run_in_thread (task, check_in_thread);
}

void
kh_file_drop_send (GtkWidget *widget, KhClient *client, KhPerson *person,
                   GListModel *files)
{
  send_files (widget, client, person, files, FALSE);
}

/* --- Dropping ------------------------------------------------------------------------
 */

typedef struct
{
  /* Owned */
  KhClient *client;

  /* Borrowed: they live as long as the widget */
  GtkWidget *widget;
  GtkWidget *cover; /* NULL: there is no overlay */
  GtkWidget *text;
  KhFileDropTarget target;
  gpointer data;
} Drop;

static void
drop_free (gpointer data, GClosure *closure)
{
  Drop *self = data;

  g_object_unref (self->client);
  g_free (self);
}

static void
set_hovered (Drop *self, KhPerson *person)
{
  g_autofree char *text
      = person != NULL ? kh_send_text_hover (kh_person_get_name (person)) : NULL;

  kh_show_class (self->widget, "drop", person != NULL);
  if (self->cover == NULL)
    return;
  if (text != NULL)
    gtk_label_set_text (GTK_LABEL (self->text), text);
  gtk_widget_set_visible (self->cover, person != NULL);
}

/* Whom it is for. Files of the conversation itself are not sent back into it by a slip
 * of the hand. */
static KhPerson *
find_target (Drop *self, GdkDrop *drop)
{
  if (self->cover != NULL && gdk_drop_get_drag (drop) != NULL)
    return NULL;
  return self->target (self->widget, self->data);
}

static GdkDragAction
on_enter (GtkDropTargetAsync *target, GdkDrop *drop, double x, double y, Drop *self)
{
  KhPerson *person = find_target (self, drop);

  if (person == NULL)
    return 0;
  set_hovered (self, person);
  return GDK_ACTION_COPY;
}

static GdkDragAction
on_motion (GtkDropTargetAsync *target, GdkDrop *drop, double x, double y, Drop *self)
{
  return find_target (self, drop) != NULL ? GDK_ACTION_COPY : 0;
}

static void
on_leave (GtkDropTargetAsync *target, GdkDrop *drop, Drop *self)
{
  set_hovered (self, NULL);
}

/* What was dropped, until it was read. */
typedef struct
{
  /* Owned */
  GtkWidget *widget;
  KhClient *client;
  KhPerson *person;

  /* State */
  gboolean unseen; /* as of Sending */
} Dropped;

static void
dropped_free (Dropped *self)
{
  g_object_unref (self->widget);
  g_object_unref (self->client);
  g_object_unref (self->person);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Dropped, dropped_free)

/* A sandbox may be handed no folder, and nothing that the other program may not read
 * itself: it is only found out here. */
static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Dropped) dropped = data;
  GdkDrop *drop = GDK_DROP (source);
  const GValue *value = gdk_drop_read_value_finish (drop, result, NULL);
  GSList *list
      = value != NULL ? gdk_file_list_get_files (g_value_get_boxed (value)) : NULL;
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);

  for (const GSList *link = list; link != NULL; link = link->next)
    g_list_store_append (files, link->data);
  g_slist_free (list);
  if (g_list_model_get_n_items (G_LIST_MODEL (files)) == 0)
    {
      gdk_drop_finish (drop, 0);
      kh_toast_show (dropped->widget, kh_send_text_unread ());
      return;
    }
  gdk_drop_finish (drop, GDK_ACTION_COPY);
  send_files (dropped->widget, dropped->client, dropped->person, G_LIST_MODEL (files),
              dropped->unseen);
}

static gboolean
on_drop (GtkDropTargetAsync *target, GdkDrop *drop, double x, double y, Drop *self)
{
  KhPerson *person = find_target (self, drop);
  Dropped *dropped;

  set_hovered (self, NULL);
  /* GTK 4.18 leaves it on. */
  gtk_widget_unset_state_flags (self->widget, GTK_STATE_FLAG_DROP_ACTIVE);
  if (person == NULL)
    return FALSE;
  dropped = g_new0 (Dropped, 1);
  dropped->widget = g_object_ref (self->widget);
  dropped->client = g_object_ref (self->client);
  dropped->person = g_object_ref (person);
  dropped->unseen = self->cover == NULL;
  gdk_drop_read_value_async (drop, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL, on_read,
                             dropped);
  return TRUE;
}

static void
add_cover (Drop *self, GtkOverlay *overlay)
{
  GtkWidget *icon = gtk_image_new_from_icon_name ("document-send-symbolic");
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  self->text = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->text), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_justify (GTK_LABEL (self->text), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (self->text, "title-2");
  gtk_image_set_pixel_size (GTK_IMAGE (icon), 48);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), self->text);
  self->cover = adw_bin_new ();
  adw_bin_set_child (ADW_BIN (self->cover), box);
  gtk_widget_add_css_class (self->cover, "drop-cover");
  gtk_widget_set_can_target (self->cover, FALSE);
  gtk_widget_set_visible (self->cover, FALSE);
  gtk_overlay_add_overlay (overlay, self->cover);
}

void
kh_file_drop_install (GtkWidget *widget, GtkOverlay *overlay, KhClient *client,
                      KhFileDropTarget target, gpointer data)
{
  GtkDropTargetAsync *controller = gtk_drop_target_async_new (
      gdk_content_formats_new_for_gtype (GDK_TYPE_FILE_LIST), GDK_ACTION_COPY);
  Drop *self = g_new0 (Drop, 1);

  self->client = g_object_ref (client);
  self->widget = widget;
  self->target = target;
  self->data = data;
  if (overlay != NULL)
    add_cover (self, overlay);
  /* Before the text in it takes the names of files as words. */
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (controller),
                                              GTK_PHASE_CAPTURE);
  g_signal_connect (controller, "drag-enter", G_CALLBACK (on_enter), self);
  g_signal_connect (controller, "drag-motion", G_CALLBACK (on_motion), self);
  g_signal_connect (controller, "drag-leave", G_CALLBACK (on_leave), self);
  g_signal_connect_data (controller, "drop", G_CALLBACK (on_drop), self, drop_free, 0);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (controller));
}

/* --- Choosing ------------------------------------------------------------------------
 */

/* Where files were chosen last, in this run of the program. */
static GFile *last_folder;

static void
remember_folder (GtkFileChooser *chooser)
{
  GFile *folder = gtk_file_chooser_get_current_folder (chooser);

  g_autofree char *path = folder != NULL ? g_file_get_path (folder) : NULL;

  /* One of a sandbox means nothing to the desktop's chooser. */
  if (path == NULL || kh_folder_text_is_document (path))
    {
      g_clear_object (&folder);
      return;
    }
  g_clear_object (&last_folder);
  last_folder = folder;
}

static void
on_chosen (GtkNativeDialog *dialog, int response, gpointer data)
{
  const Sending *wish = data;
  g_autoptr (GListModel) files = NULL;

  if (response != GTK_RESPONSE_ACCEPT)
    return;
  remember_folder (GTK_FILE_CHOOSER (dialog));
  files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));
  send_files (wish->widget, wish->client, wish->person, files, FALSE);
}

static void
free_wish (gpointer data, GClosure *closure)
{
  sending_free (data);
}

/* The chooser is its own owner until it is answered. */
static void
on_answered (GtkNativeDialog *dialog, int response, gpointer data)
{
  g_object_unref (dialog);
}

void
kh_file_drop_choose (GtkWidget *widget, KhClient *client, KhPerson *person,
                     gboolean folder)
{
  GtkFileChooserNative *chooser = gtk_file_chooser_native_new (
      folder ? _ ("Send Folder") : _ ("Send Files"), kh_parent_window_of (widget),
      folder ? GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER : GTK_FILE_CHOOSER_ACTION_OPEN,
      _ ("_Send"), NULL);
  Sending *wish = g_new0 (Sending, 1);

  wish->widget = g_object_ref (widget);
  wish->client = g_object_ref (client);
  wish->person = g_object_ref (person);
  wish->paths = g_ptr_array_new ();
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (chooser), TRUE);
  if (last_folder != NULL)
    gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (chooser), last_folder, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (chooser), TRUE);
  g_signal_connect_data (chooser, "response", G_CALLBACK (on_chosen), wish, free_wish, 0);
  g_signal_connect_after (chooser, "response", G_CALLBACK (on_answered), NULL);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/paste.h"

#include "app/send-text.h"
#include "app/toast.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* Of the small version that is shown, in pixels. */
#define PREVIEW_HEIGHT 220

typedef struct
{
  GtkWidget *widget;
  KhPeerId peer;
  KhPasteFunctions functions;
  gpointer data;
  GdkTexture *texture;
} Paste;

static void
free_paste (Paste *self)
{
  g_object_unref (self->widget);
  g_clear_object (&self->texture);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Paste, free_paste)

static gboolean
has_window (Paste *self)
{
  return gtk_widget_get_root (self->widget) != NULL;
}

static void
files_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Paste) self = data;
  const GValue *value
      = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, NULL);
  g_autoptr (GListStore) files = g_list_store_new (G_TYPE_FILE);
  const GSList *at = value != NULL ? g_value_get_boxed (value) : NULL;

  if (!has_window (self))
    return;
  for (; at != NULL; at = at->next)
    g_list_store_append (files, at->data);
  if (g_list_model_get_n_items (G_LIST_MODEL (files)) == 0)
    kh_toast_show (self->widget, kh_send_text_unread ());
  else
    self->functions.files (G_LIST_MODEL (files), self->data);
}

static void
text_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Paste) self = data;
  char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);

  if (text != NULL && has_window (self))
    self->functions.text (text, &self->peer, self->data);
  else
    g_free (text);
}

static void
on_answered (AdwMessageDialog *dialog, const char *response, Paste *self)
{
  if (g_str_equal (response, "send") && has_window (self))
    self->functions.picture (self->texture, &self->peer, self->data);
}

static void
forget_paste (gpointer data, GClosure *closure)
{
  free_paste (data);
}

/* Takes @self. */
static void
ask (Paste *self)
{
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (gtk_widget_get_root (self->widget)), _ ("Send This Picture?"), NULL);
  GtkWidget *preview = gtk_picture_new_for_paintable (GDK_PAINTABLE (self->texture));

  gtk_picture_set_can_shrink (GTK_PICTURE (preview), TRUE);
  gtk_picture_set_alternative_text (GTK_PICTURE (preview),
                                    _ ("The picture from the clipboard"));
  gtk_widget_set_size_request (preview, -1, PREVIEW_HEIGHT);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), preview);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"),
                                    "send", _ ("_Send"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "send",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "send");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_answered), self, forget_paste,
                         0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
picture_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Paste) self = data;

  self->texture
      = gdk_clipboard_read_texture_finish (GDK_CLIPBOARD (source), result, NULL);
  if (!has_window (self))
    return;
  if (self->texture == NULL)
    kh_toast_show (self->widget, _ ("The picture in the clipboard can’t be read"));
  else
    ask (g_steal_pointer (&self));
}

gboolean
kh_paste_take (GtkWidget *widget, const KhPeerId *peer, const KhPasteFunctions *functions,
               gpointer data)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (widget);
  GdkContentFormats *formats = gdk_clipboard_get_formats (clipboard);
  gboolean files = gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST);
  gboolean text = gdk_content_formats_contain_gtype (formats, G_TYPE_STRING);
  gboolean picture = gdk_content_formats_contain_gtype (formats, GDK_TYPE_TEXTURE);
  Paste *self;

  if (!files && !text && !picture)
    return FALSE;
  self = g_new0 (Paste, 1);
  self->widget = g_object_ref (widget);
  self->peer = *peer;
  self->functions = *functions;
  self->data = data;
  if (files)
    gdk_clipboard_read_value_async (clipboard, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT,
                                    NULL, files_read, self);
  /* A table's cells are offered as text and as a picture of them: that is text. */
  else if (text)
    gdk_clipboard_read_text_async (clipboard, NULL, text_read, self);
  else
    gdk_clipboard_read_texture_async (clipboard, NULL, picture_read, self);
  return TRUE;
}

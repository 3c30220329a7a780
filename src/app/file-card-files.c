/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/file-card-private.h"

#include "app/thumbnail.h"

/* --- What is known --------------------------------------------------------------- */

const KhEntryInfo *
kh_file_card_get_only (KhFileCard *self)
{
  return self->roots != NULL && self->roots->len == 1 ? g_ptr_array_index (self->roots, 0)
                                                      : NULL;
}

char **
kh_file_card_get_places (KhFileCard *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  gboolean any = FALSE;

  for (guint i = 0; self->roots != NULL && i < self->roots->len; i++)
    {
      const KhEntryInfo *entry = g_ptr_array_index (self->roots, i);

      if (entry->place == NULL)
        continue;
      g_strv_builder_add (builder, entry->place);
      any = TRUE;
    }
  return any ? g_strv_builder_end (builder) : NULL;
}

/* --- The thumbnail --------------------------------------------------------------- */

static void
show_thumbnail (KhFileCard *self, GdkTexture *texture)
{
  int width = texture != NULL ? gdk_texture_get_width (texture) : 0;
  int height = texture != NULL ? gdk_texture_get_height (texture) : 0;
  double scaled = width > 0 ? (double)height * KH_FILE_CARD_WIDTH / width : 0;
  gboolean small = width > 0 && width < KH_FILE_CARD_WIDTH;

  gtk_picture_set_paintable (GTK_PICTURE (self->thumbnail),
                             texture != NULL ? GDK_PAINTABLE (texture) : NULL);
  /* A small one is not blown up. */
  gtk_picture_set_content_fit (GTK_PICTURE (self->thumbnail),
                               small ? GTK_CONTENT_FIT_SCALE_DOWN
                                     : GTK_CONTENT_FIT_COVER);
  gtk_widget_set_size_request (
      self->thumbnail, -1,
      (int)CLAMP (small ? height : scaled, KH_FILE_CARD_LOWEST, KH_FILE_CARD_HIGHEST));
  gtk_widget_set_visible (self->thumbnail_button, texture != NULL);
}

static void
on_thumbnail (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhFileCard) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = kh_thumbnail_load_finish (result, &error);

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_thumbnail (self, texture);
}

/* Of one picture that is whole on this computer. */
static void
load_thumbnail (KhFileCard *self)
{
  const KhEntryInfo *only = kh_file_card_get_only (self);
  gboolean outgoing = kh_timeline_item_is_outgoing (self->item);

  if (only == NULL || only->kind != KH_TREE_FILE || only->place == NULL
      || !kh_thumbnail_fits (outgoing ? only->path : only->safe_path, only->size))
    return;
  if (kh_thumbnail_peek (only->place) != NULL)
    show_thumbnail (self, kh_thumbnail_peek (only->place));
  kh_thumbnail_load_async (only->place, self->reading, on_thumbnail, g_object_ref (self));
}

/* --- Reading --------------------------------------------------------------------- */

static void
on_roots (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhFileCard) self = data;
  g_autoptr (GError) error = NULL;
  GPtrArray *roots = kh_client_list_roots_finish (KH_CLIENT (source), result, &error);

  if (roots == NULL)
    return;
  g_clear_pointer (&self->roots, g_ptr_array_unref);
  self->roots = roots;
  load_thumbnail (self);
  kh_file_card_queue_update (self);
}

/* Who asked is told apart by the cancellable: names have none of their own. */
typedef struct
{
  KhFileCard *card;
  GCancellable *reading;
} NamesJob;

static void
on_names (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree NamesJob *job = data;
  g_autoptr (KhFileCard) self = job->card;
  g_autoptr (GCancellable) reading = job->reading;
  GPtrArray *names = kh_client_list_entries_finish (KH_CLIENT (source), result, NULL);

  if (names == NULL || g_cancellable_is_cancelled (reading))
    {
      g_clear_pointer (&names, g_ptr_array_unref);
      return;
    }
  g_clear_pointer (&self->names, g_ptr_array_unref);
  self->names = names;
  kh_file_card_queue_update (self);
}

static void
read_names (KhFileCard *self, const KhTransferInfo *info)
{
  NamesJob *job = g_new0 (NamesJob, 1);

  job->card = g_object_ref (self);
  job->reading = g_object_ref (self->reading);
  kh_client_list_entries_async (self->client, &info->peer, &info->item, 0,
                                KH_FILE_CARD_NAMES + 1, on_names, job);
}

void
kh_file_card_read (KhFileCard *self)
{
  const KhTransferInfo *info = kh_timeline_item_get_transfer (self->item);

  if (info->phase == KH_PHASE_LISTING
      || (self->reading != NULL && self->read_phase == info->phase))
    return;
  if (self->reading != NULL)
    g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  self->reading = g_cancellable_new ();
  self->read_phase = info->phase;
  kh_client_list_roots_async (self->client, &info->peer, &info->item, KH_FILE_CARD_ROOTS,
                              self->reading, on_roots, g_object_ref (self));
  if (info->phase == KH_PHASE_OFFERED && !info->outgoing)
    read_names (self, info);
}

void
kh_file_card_forget (KhFileCard *self)
{
  if (self->reading != NULL)
    g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  g_clear_pointer (&self->roots, g_ptr_array_unref);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  show_thumbnail (self, NULL);
}

/* --- Dragging it out ------------------------------------------------------------- */

/* All of it, or nothing: half a tree would be a surprise. */
static GdkContentProvider *
on_prepare (GtkDragSource *source, double x, double y, KhFileCard *self)
{
  KhTransferView view;
  g_auto (GStrv) places = kh_file_card_get_places (self);
  GSList *files = NULL;
  GdkFileList *list;
  GdkContentProvider *provider;

  if (places == NULL || !kh_file_card_get_view (self, &view)
      || view.info->phase != KH_PHASE_DONE || g_strv_length (places) != view.n_roots)
    return NULL;
  for (guint i = 0; places[i] != NULL; i++)
    files = g_slist_prepend (files, g_file_new_for_path (places[i]));
  files = g_slist_reverse (files);
  list = gdk_file_list_new_from_list (files);
  provider = gdk_content_provider_new_typed (GDK_TYPE_FILE_LIST, list);
  g_boxed_free (GDK_TYPE_FILE_LIST, list);
  g_slist_free_full (files, g_object_unref);
  return provider;
}

static void
on_drag_begin (GtkDragSource *source, GdkDrag *drag, KhFileCard *self)
{
  GdkPaintable *picture = gtk_picture_get_paintable (GTK_PICTURE (self->thumbnail));
  GIcon *icon = gtk_image_get_gicon (GTK_IMAGE (self->icon));
  GtkIconTheme *theme
      = gtk_icon_theme_get_for_display (gtk_widget_get_display (GTK_WIDGET (self)));
  g_autoptr (GtkIconPaintable) drawn = NULL;
  GtkWidget *image;

  if (icon == NULL)
    return;
  drawn = gtk_icon_theme_lookup_by_gicon (
      theme, icon, 32, gtk_widget_get_scale_factor (GTK_WIDGET (self)),
      gtk_widget_get_direction (GTK_WIDGET (self)), 0);
  image
      = gtk_image_new_from_paintable (picture != NULL ? picture : GDK_PAINTABLE (drawn));
  gtk_image_set_pixel_size (GTK_IMAGE (image), picture != NULL ? 96 : 32);
  gtk_drag_icon_set_child (GTK_DRAG_ICON (gtk_drag_icon_get_for_drag (drag)), image);
}

void
kh_file_card_install_drag (KhFileCard *self)
{
  GtkWidget *handles[] = { self->face, self->thumbnail_button };

  for (guint i = 0; i < G_N_ELEMENTS (handles); i++)
    {
      GtkDragSource *source = gtk_drag_source_new ();

      gtk_drag_source_set_actions (source, GDK_ACTION_COPY);
      g_signal_connect_object (source, "prepare", G_CALLBACK (on_prepare), self, 0);
      g_signal_connect_object (source, "drag-begin", G_CALLBACK (on_drag_begin), self, 0);
      gtk_widget_add_controller (handles[i], GTK_EVENT_CONTROLLER (source));
    }
}

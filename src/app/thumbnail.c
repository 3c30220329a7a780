/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/thumbnail.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

#define N_THREADS 2
#define CHUNK (64u << 10)

/* What is decoded of a stranger's bytes: what people send each other, and whose decoders
 * are looked after. No SVG, which can name other files. */
static const char *const types[]
    = { "image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp" };

/* One that was made. */
typedef struct
{
  char *path;
  guint64 stamp; /* of the file: when it was changed last */
  GdkTexture *texture;
  gsize bytes;
} Kept;

/* The last used ones first. Main loop only. */
static GQueue kept = G_QUEUE_INIT;
static gsize kept_bytes;

/* --- What is kept ---------------------------------------------------------------- */

static void
kept_free (Kept *self)
{
  g_free (self->path);
  g_object_unref (self->texture);
  g_free (self);
}

static GList *
find_kept (const char *path)
{
  for (GList *link = kept.head; link != NULL; link = link->next)
    if (g_str_equal (((Kept *)link->data)->path, path))
      return link;
  return NULL;
}

static void
drop_kept (GList *link)
{
  Kept *self = link->data;

  kept_bytes -= self->bytes;
  g_queue_delete_link (&kept, link);
  kept_free (self);
}

static void
keep (const char *path, guint64 stamp, GdkTexture *texture)
{
  GList *old = find_kept (path);
  Kept *self = g_new0 (Kept, 1);

  if (old != NULL)
    drop_kept (old);
  self->path = g_strdup (path);
  self->stamp = stamp;
  self->texture = g_object_ref (texture);
  self->bytes
      = (gsize)gdk_texture_get_width (texture) * gdk_texture_get_height (texture) * 4;
  kept_bytes += self->bytes;
  g_queue_push_head (&kept, self);
  while (kept_bytes > KH_THUMBNAIL_CACHE_BYTES)
    drop_kept (kept.tail);
}

GdkTexture *
kh_thumbnail_peek (const char *path)
{
  GList *link = find_kept (path);

  if (link == NULL)
    return NULL;
  g_queue_unlink (&kept, link);
  g_queue_push_head_link (&kept, link);
  return ((Kept *)link->data)->texture;
}

gsize
kh_thumbnail_get_cache_bytes (void)
{
  return kept_bytes;
}

/* --- Decoding, on a thread ------------------------------------------------------- */

typedef struct
{
  char *path;
  guint64 known_stamp; /* of the one that is kept; 0: none is */
  guint64 stamp;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->path);
  g_free (job);
}

static const char *
type_of (const char *name, const guchar *bytes, gsize len)
{
  g_autofree char *guessed = g_content_type_guess (name, bytes, len, NULL);
  g_autofree char *mime = g_content_type_get_mime_type (guessed);

  for (guint i = 0; mime != NULL && i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (mime, types[i]))
      return types[i];
  return NULL;
}

gboolean
kh_thumbnail_fits (const char *name, guint64 size)
{
  return size > 0 && size <= KH_THUMBNAIL_FILE_MAX && type_of (name, NULL, 0) != NULL;
}

typedef struct
{
  guint64 pixels_max;
  gboolean too_large;
} Bounds;

static void
on_size (GdkPixbufLoader *loader, int width, int height, gpointer data)
{
  Bounds *bounds = data;
  double scale = MIN ((double)KH_THUMBNAIL_WIDTH / MAX (width, 1),
                      (double)KH_THUMBNAIL_HEIGHT / MAX (height, 1));

  bounds->too_large
      = width < 1 || height < 1 || (guint64)width * (guint64)height > bounds->pixels_max;
  if (bounds->too_large)
    gdk_pixbuf_loader_set_size (loader, 0, 0); /* nothing is decoded */
  else if (scale < 1)
    gdk_pixbuf_loader_set_size (loader, MAX ((int)(width * scale), 1),
                                MAX ((int)(height * scale), 1));
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, why);
  return FALSE;
}

/* Until the end or the first thing that is wrong. @len bytes are in @chunk already. */
static gboolean
feed (GdkPixbufLoader *loader, const Bounds *bounds, GInputStream *stream, guchar *chunk,
      gsize len, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  guint64 total = 0;
  gboolean good;

  while (len > 0)
    {
      total += len;
      if (total > KH_THUMBNAIL_FILE_MAX)
        return refuse (error, "The file is too large");
      good = gdk_pixbuf_loader_write (loader, chunk, len, &local);
      if (bounds->too_large)
        return refuse (error, "The picture is too large");
      if (!good)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (!g_input_stream_read_all (stream, chunk, CHUNK, &len, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static GdkTexture *
finish_picture (GdkPixbufLoader *loader, GError **error)
{
  GdkPixbuf *pixbuf = gdk_pixbuf_loader_get_pixbuf (loader);
  g_autoptr (GdkPixbuf) turned = NULL;

  if (pixbuf == NULL)
    {
      refuse (error, "There is no picture in the file");
      return NULL;
    }
  turned = gdk_pixbuf_apply_embedded_orientation (pixbuf);
  return gdk_texture_new_for_pixbuf (turned);
}

static GdkTexture *
decode (const char *path, GInputStream *stream, GCancellable *cancellable, GError **error)
{
  g_autofree guchar *chunk = g_malloc (CHUNK);
  g_autoptr (GdkPixbufLoader) loader = NULL;
  Bounds bounds = { .pixels_max = KH_THUMBNAIL_PIXELS_MAX };
  const char *type;
  gboolean good;
  gsize len;

  if (!g_input_stream_read_all (stream, chunk, CHUNK, &len, cancellable, error))
    return NULL;
  type = type_of (path, chunk, len);
  if (type == NULL)
    {
      refuse (error, "The file is no picture of a known kind");
      return NULL;
    }
  loader = gdk_pixbuf_loader_new_with_mime_type (type, error);
  if (loader == NULL)
    return NULL;
  if (type == types[0])
    bounds.pixels_max = KH_THUMBNAIL_JPEG_PIXELS_MAX;
  g_signal_connect (loader, "size-prepared", G_CALLBACK (on_size), &bounds);
  good = feed (loader, &bounds, stream, chunk, len, cancellable, error);
  good = gdk_pixbuf_loader_close (loader, good ? error : NULL) && good;
  return good ? finish_picture (loader, error) : NULL;
}

/* NULL without an error: the one that is kept is good. */
static GdkTexture *
make (Job *job, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (job->path);
  g_autoptr (GFileInfo) info = g_file_query_info (
      file,
      G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE
                                     "," G_FILE_ATTRIBUTE_TIME_MODIFIED
                                     "," G_FILE_ATTRIBUTE_TIME_MODIFIED_USEC,
      G_FILE_QUERY_INFO_NONE, cancellable, error);
  g_autoptr (GFileInputStream) stream = NULL;

  if (info == NULL)
    return NULL;
  if (g_file_info_get_file_type (info) != G_FILE_TYPE_REGULAR
      || (guint64)g_file_info_get_size (info) > KH_THUMBNAIL_FILE_MAX)
    {
      refuse (error, "It is no file, or too large");
      return NULL;
    }
  job->stamp
      = g_file_info_get_attribute_uint64 (info, G_FILE_ATTRIBUTE_TIME_MODIFIED) * 1000000
        + g_file_info_get_attribute_uint32 (info, G_FILE_ATTRIBUTE_TIME_MODIFIED_USEC);
  if (job->stamp == job->known_stamp)
    return NULL;
  stream = g_file_read (file, cancellable, error);
  return stream != NULL ? decode (job->path, G_INPUT_STREAM (stream), cancellable, error)
                        : NULL;
}

static void
make_in_thread (gpointer data, gpointer unused)
{
  g_autoptr (GTask) task = data;
  Job *job = g_task_get_task_data (task);
  GError *error = NULL;
  GdkTexture *texture;

  if (g_task_return_error_if_cancelled (task))
    return;
  texture = make (job, g_task_get_cancellable (task), &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, texture, g_object_unref);
}

void
kh_thumbnail_load_async (const char *path, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer data)
{
  static GThreadPool *pool;
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  GList *known = find_kept (path);
  Job *job = g_new0 (Job, 1);

  job->path = g_strdup (path);
  job->known_stamp = known != NULL ? ((Kept *)known->data)->stamp : 0;
  g_task_set_task_data (task, job, job_free);
  if (pool == NULL)
    pool = g_thread_pool_new (make_in_thread, NULL, N_THREADS, FALSE, NULL);
  g_thread_pool_push (pool, task, NULL);
}

GdkTexture *
kh_thumbnail_load_finish (GAsyncResult *result, GError **error)
{
  const Job *job = g_task_get_task_data (G_TASK (result));
  GError *local = NULL;
  GdkTexture *texture = g_task_propagate_pointer (G_TASK (result), &local);

  if (local != NULL)
    {
      g_propagate_error (error, local);
      return NULL;
    }
  if (texture != NULL)
    {
      keep (job->path, job->stamp, texture);
      return texture;
    }
  texture = kh_thumbnail_peek (job->path);
  if (texture != NULL)
    return g_object_ref (texture);
  /* It was good, and was dropped meanwhile for others. */
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "Too many pictures at once");
  return NULL;
}

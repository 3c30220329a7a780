/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * thumbnail.h - small pictures of picture files, made beside the main loop.
 *
 * fits() says from name and size whether one is tried at all; peek() what was made
 * before; load_async() makes it on one of two threads. What is made is kept while it is
 * among the last ones used. A file that is no picture, a broken or a huge one is an
 * error: then there is an icon.
 *
 * Only files of this computer that are whole. Sizes are bytes or pixels.
 */
#pragma once

#include <gtk/gtk.h>

/* A photo of a good camera is half of it; more is not looked at. */
#define KH_THUMBNAIL_FILE_MAX (G_GUINT64_CONSTANT (32) << 20)

/* Pixels of what is decoded. JPEG is made small while it is read, the others are whole in
 * memory for a moment, at four bytes a pixel. */
#define KH_THUMBNAIL_JPEG_PIXELS_MAX (G_GUINT64_CONSTANT (100) * 1000 * 1000)
#define KH_THUMBNAIL_PIXELS_MAX (G_GUINT64_CONSTANT (32) * 1000 * 1000)

/* A card is at most so wide and a picture on it so high, on a screen of two pixels a
 * pixel. */
#define KH_THUMBNAIL_WIDTH 880
#define KH_THUMBNAIL_HEIGHT 520

/* Of all thumbnails that are kept: a conversation's worth of photos. */
#define KH_THUMBNAIL_CACHE_BYTES ((gsize)16 << 20)

gboolean kh_thumbnail_fits (const char *name, guint64 size);

/* Borrowed; NULL where there is none yet. load_async() all the same: the file may be
 * another by now. */
GdkTexture *kh_thumbnail_peek (const char *path);

void kh_thumbnail_load_async (const char *path, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer data);
GdkTexture *kh_thumbnail_load_finish (GAsyncResult *result, GError **error);

/* How much is kept now. */
gsize kh_thumbnail_get_cache_bytes (void);

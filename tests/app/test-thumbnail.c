/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/thumbnail.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <utime.h>

typedef struct
{
  char *folder;
  GPtrArray *paths; /* of what was made in it */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("knothole-thumbnail-XXXXXX", NULL);
  g_assert_nonnull (self->folder);
  self->paths = g_ptr_array_new_with_free_func (g_free);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < self->paths->len; i++)
    g_remove (g_ptr_array_index (self->paths, i));
  g_ptr_array_unref (self->paths);
  g_rmdir (self->folder);
  g_free (self->folder);
}

static const char *
path_of (Fixture *self, const char *name)
{
  char *path = g_build_filename (self->folder, name, NULL);

  g_ptr_array_add (self->paths, path);
  return path;
}

static const char *
write_picture (Fixture *self, const char *name, const char *type, int width, int height)
{
  g_autoptr (GdkPixbuf) pixbuf
      = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, width, height);
  const char *path = path_of (self, name);

  gdk_pixbuf_fill (pixbuf, 0x336699ff);
  g_assert_true (gdk_pixbuf_save (pixbuf, path, type, NULL, NULL));
  return path;
}

static const char *
write_bytes (Fixture *self, const char *name, const char *bytes, gssize len)
{
  const char *path = path_of (self, name);

  g_assert_true (g_file_set_contents (path, bytes, len, NULL));
  return path;
}

typedef struct
{
  gboolean done;
  GdkTexture *texture;
  GError *error;
} Answer;

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  Answer *answer = data;

  answer->texture = kh_thumbnail_load_finish (result, &answer->error);
  answer->done = TRUE;
}

static GdkTexture *
load (const char *path, GCancellable *cancellable, GError **error)
{
  Answer answer = { 0 };

  kh_thumbnail_load_async (path, cancellable, on_loaded, &answer);
  while (!answer.done)
    g_main_context_iteration (NULL, TRUE);
  if (answer.error != NULL)
    g_propagate_error (error, answer.error);
  return answer.texture;
}

static void
test_a_large_picture_becomes_small (Fixture *self, gconstpointer data)
{
  static const char *const kinds[] = { "png", "jpeg" };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *name = g_strconcat ("large.", kinds[i], NULL);
      const char *path = write_picture (self, name, kinds[i], 3000, 1000);
      g_autoptr (GError) error = NULL;
      g_autoptr (GdkTexture) texture = load (path, NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpint (gdk_texture_get_width (texture), ==, KH_THUMBNAIL_WIDTH);
      g_assert_cmpint (gdk_texture_get_height (texture), <=, 300);
      g_assert_true (kh_thumbnail_peek (path) == texture);
    }
}

static void
test_a_small_one_stays_as_it_is (Fixture *self, gconstpointer data)
{
  const char *path = write_picture (self, "small.png", "png", 20, 10);
  g_autoptr (GdkTexture) texture = load (path, NULL, NULL);

  g_assert_cmpint (gdk_texture_get_width (texture), ==, 20);
  g_assert_cmpint (gdk_texture_get_height (texture), ==, 10);
}

static void
assert_refused (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture = load (path, NULL, &error);

  g_assert_null (texture);
  g_assert_nonnull (error);
  g_assert_null (kh_thumbnail_peek (path));
}

static void
test_what_is_no_picture_is_refused (Fixture *self, gconstpointer data)
{
  static const char svg[]
      = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>";
  const char *pipe = path_of (self, "pipe.png");

  assert_refused (write_bytes (self, "text.png", "hello, this is no picture", -1));
  assert_refused (write_bytes (self, "empty.png", "", 0));
  assert_refused (write_bytes (self, "drawing.svg", svg, -1));
  assert_refused (write_bytes (self, "drawing.png", svg, -1));
  assert_refused ("/nonexistent.png");
  /* Opening it would wait for ever. */
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  assert_refused (pipe);
}

/* A header of 40,000 by 40,000 pixels, and then noise. */
static void
test_a_huge_one_is_refused_by_its_header (Fixture *self, gconstpointer data)
{
  static const guint8 head[]
      = { 0x89, 'P',  'N', 'G', '\r', '\n', 0x1a, '\n', 0,    0,    0,
          13,   'I',  'H', 'D', 'R',  0,    0,    0x9c, 0x40, 0,    0,
          0x9c, 0x40, 8,   2,   0,    0,    0,    0xde, 0x6e, 0x99, 0x52,
          0,    0,    15,  0,   'I',  'D',  'A',  'T',  0x78, 0x9c };
  guint8 bytes[4096] = { 0 };
  g_autoptr (GError) error = NULL;
  const char *path;

  memcpy (bytes, head, sizeof head);
  path = write_bytes (self, "huge.png", (const char *)bytes, sizeof bytes);
  g_assert_null (load (path, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

/* Some decoders show what there is, others refuse it. */
static void
test_half_a_picture_does_no_harm (Fixture *self, gconstpointer data)
{
  static const char *const kinds[] = { "png", "jpeg", "bmp" };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const char *path = write_picture (self, "whole", kinds[i], 400, 300);
      g_autoptr (GdkTexture) texture = NULL;
      g_autofree char *bytes = NULL;
      gsize len;

      g_assert_true (g_file_get_contents (path, &bytes, &len, NULL));
      path = write_bytes (self, "half", bytes, (gssize)len / 2);
      texture = load (path, NULL, NULL);
      g_assert_true (texture == NULL || gdk_texture_get_width (texture) == 400);
    }
}

static void
test_a_changed_file_is_made_anew (Fixture *self, gconstpointer data)
{
  const char *path = write_picture (self, "changed.png", "png", 20, 10);
  g_autoptr (GdkTexture) first = load (path, NULL, NULL);
  g_autoptr (GdkTexture) again = load (path, NULL, NULL);
  g_autoptr (GdkTexture) other = NULL;

  g_assert_true (first == again);
  write_picture (self, "changed.png", "png", 30, 10);
  /* Another time in any case. */
  g_assert_cmpint (g_utime (path, &(struct utimbuf){ .actime = 1, .modtime = 1 }), ==, 0);
  other = load (path, NULL, NULL);
  g_assert_cmpint (gdk_texture_get_width (other), ==, 30);
}

static void
test_who_does_not_want_it_any_more_gets_none (Fixture *self, gconstpointer data)
{
  const char *path = write_picture (self, "cancelled.png", "png", 20, 10);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (load (path, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_what_is_kept_is_bounded (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 24; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.png", i);
      const char *path = write_picture (self, name, "png", 880, 520);
      g_autoptr (GdkTexture) texture = load (path, NULL, NULL);

      g_assert_nonnull (texture);
      g_assert_cmpuint (kh_thumbnail_get_cache_bytes (), <=, KH_THUMBNAIL_CACHE_BYTES);
      g_assert_nonnull (kh_thumbnail_peek (path));
    }
  g_assert_null (kh_thumbnail_peek (g_ptr_array_index (self->paths, 0)));
}

static void
test_only_pictures_are_tried (void)
{
  g_assert_true (kh_thumbnail_fits ("a.jpg", 1000));
  g_assert_true (kh_thumbnail_fits ("a.PNG", 1000));
  g_assert_false (kh_thumbnail_fits ("a.svg", 1000));
  g_assert_false (kh_thumbnail_fits ("a.txt", 1000));
  g_assert_false (kh_thumbnail_fits ("a.jpg", 0));
  g_assert_false (kh_thumbnail_fits ("a.jpg", KH_THUMBNAIL_FILE_MAX + 1));
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/thumbnail/a-large-picture-becomes-small", test_a_large_picture_becomes_small);
  ADD ("/thumbnail/a-small-one-stays-as-it-is", test_a_small_one_stays_as_it_is);
  ADD ("/thumbnail/what-is-no-picture-is-refused", test_what_is_no_picture_is_refused);
  ADD ("/thumbnail/a-huge-one-is-refused-by-its-header",
       test_a_huge_one_is_refused_by_its_header);
  ADD ("/thumbnail/half-a-picture-does-no-harm", test_half_a_picture_does_no_harm);
  ADD ("/thumbnail/a-changed-file-is-made-anew", test_a_changed_file_is_made_anew);
  ADD ("/thumbnail/who-does-not-want-it-any-more-gets-none",
       test_who_does_not_want_it_any_more_gets_none);
  ADD ("/thumbnail/what-is-kept-is-bounded", test_what_is_kept_is_bounded);
  g_test_add_func ("/thumbnail/only-pictures-are-tried", test_only_pictures_are_tried);
  return g_test_run ();
}

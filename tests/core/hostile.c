/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hostile.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEADLINE_US (DEADLINE_S * G_USEC_PER_SEC)

/* Frames for the liar that were not heard: hooked in at the linker, whom nobody can give
 * a pointer. */
static GArray *heard;
static const KhClient *listening;

bool __real_kh_link_receive_file_frame (KhLink *link, const KhFrame *frame,
                                        const uint8_t *bytes, size_t len);
bool __wrap_kh_link_receive_file_frame (KhLink *link, const KhFrame *frame,
                                        const uint8_t *bytes, size_t len);

bool
__wrap_kh_link_receive_file_frame (KhLink *link, const KhFrame *frame,
                                   const uint8_t *bytes, size_t len)
{
  if (link->client != listening)
    return __real_kh_link_receive_file_frame (link, frame, bytes, len);
  g_array_append_val (heard, *frame);
  return true;
}

/* --- What is on the disk ------------------------------------------------------------ */

static char *
state_of (const char *path)
{
  g_autofree char *content = NULL;
  struct stat info;
  gsize len = 0;

  g_assert_cmpint (lstat (path, &info), ==, 0);
  if (S_ISDIR (info.st_mode))
    return g_strdup ("a folder");
  if (S_ISLNK (info.st_mode))
    return g_file_read_link (path, NULL);
  g_assert_true (g_file_get_contents (path, &content, &len, NULL));
  return g_strdup_printf ("%o %" G_GINT64_FORMAT " %.*s", (guint)info.st_mode,
                          (gint64)info.st_mtim.tv_sec, (int)len, content);
}

/* All below @folder, by path. */
static void
look_at (GHashTable *found, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      char *path = g_build_filename (folder, name, NULL);

      g_hash_table_insert (found, path, state_of (path));
      if (g_file_test (path, G_FILE_TEST_IS_DIR)
          && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        look_at (found, path);
    }
}

static GHashTable *
look (const Hostile *self)
{
  GHashTable *found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  look_at (found, self->guarded);
  return found;
}

static int
compare_strings (gconstpointer one, gconstpointer other)
{
  return strcmp (*(const char *const *)one, *(const char *const *)other);
}

static bool
is_partial (const char *path)
{
  return strrchr (path, '/')[1] == '.' && g_str_has_suffix (path, ".part");
}

/* What is new, below the folder that it is to be in. */
static char *
list_new (Hostile *self, GHashTable *now)
{
  g_autofree char *below = g_strconcat (self->save, "/", NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer path;
  gpointer state;

  g_hash_table_iter_init (&iter, now);
  while (g_hash_table_iter_next (&iter, &path, &state))
    {
      if (g_hash_table_contains (self->before, path))
        continue;
      g_assert_true (g_str_has_prefix (path, below));
      if (!is_partial (path))
        g_ptr_array_add (names,
                         g_strconcat ((char *)path + strlen (below),
                                      strcmp (state, "a folder") == 0 ? "/" : "", NULL));
    }
  g_ptr_array_sort (names, compare_strings);
  g_ptr_array_add (names, NULL);
  return g_strjoinv ("\n", (char **)names->pdata);
}

void
expect_unharmed (Hostile *self, const char *arrived)
{
  g_autoptr (GHashTable) now = look (self);
  g_autofree char *found = list_new (self, now);
  GHashTableIter iter;
  gpointer path;
  gpointer state;

  g_hash_table_iter_init (&iter, self->before);
  while (g_hash_table_iter_next (&iter, &path, &state))
    g_assert_cmpstr (g_hash_table_lookup (now, path), ==, state);
  g_assert_cmpstr (found, ==, arrived);
}

static void
write_text (const Hostile *self, const char *below, const char *text)
{
  g_autofree char *path = g_build_filename (self->guarded, below, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

void
hostile_look_again (Hostile *self)
{
  g_clear_pointer (&self->before, g_hash_table_unref);
  self->before = look (self);
}

gsize
resident_bytes (void)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  return (gsize)g_ascii_strtoull (strchr (text, ' '), NULL, 10)
         * (gsize)sysconf (_SC_PAGESIZE);
}

/* --- Beginning and end ----------------------------------------------------------------
 */

void
hostile_set_up (Hostile *self, gconstpointer consent)
{
  g_autofree char *link = NULL;

  g_mutex_init (&self->disk);
  self->guarded = make_folder ();
  self->save = g_build_filename (self->guarded, "save", NULL);
  self->source = make_folder ();
  write_text (self, "secret.txt", "a secret");
  write_text (self, "outside/secret.txt", "another");
  write_text (self, "save/own.txt", "of the victim");
  write_text (self, "save/own/kept.txt", "of the victim too");
  link = g_build_filename (self->save, "evil", NULL);
  g_assert_cmpint (symlink ("../outside", link), ==, 0);
  hostile_look_again (self);

  server_start (&self->server, NULL, NULL);
  self->victim.save_to = self->save;
  client_start (&self->liar, &self->server, "liar", KH_CONSENT_NONE, NULL);
  client_start (&self->victim, &self->server, "victim",
                (KhConsent)GPOINTER_TO_UINT (consent), NULL);
  wait_until_sees (&self->liar, &self->victim);
  heard = g_array_new (FALSE, FALSE, sizeof (KhFrame));
  listening = self->liar.client;
}

void
hostile_tear_down (Hostile *self, G_GNUC_UNUSED gconstpointer consent)
{
  hostile_let_go (self);
  listening = NULL;
  g_clear_pointer (&heard, g_array_unref);
  client_close_and_remove (&self->liar);
  client_close_and_remove (&self->victim);
  server_stop (&self->server);
  remove_folder (self->guarded);
  remove_folder (self->source);
  g_hash_table_unref (self->before);
  g_mutex_clear (&self->disk);
  g_free (self->guarded);
  g_free (self->save);
  g_free (self->source);
}

void
hostile_connect (Hostile *self)
{
  g_array_set_size (heard, 0);
  clients_connect (&self->liar, &self->victim);
}

static gboolean
wait_for_disk (G_GNUC_UNUSED KhStore *store, gpointer data, G_GNUC_UNUSED GError **error)
{
  GMutex *disk = data;

  g_mutex_lock (disk);
  g_mutex_unlock (disk);
  return TRUE;
}

void
hostile_hold_disk (Hostile *self)
{
  g_mutex_lock (&self->disk);
  self->held = true;
  kh_store_thread_push (self->victim.client->store, wait_for_disk, NULL, &self->disk,
                        NULL);
}

void
hostile_let_go (Hostile *self)
{
  if (self->held)
    g_mutex_unlock (&self->disk);
  self->held = false;
}

KhLink *
hostile_victims_link (const Hostile *self)
{
  return g_hash_table_lookup (self->victim.client->links, &self->liar.id);
}

/* --- Lying -------------------------------------------------------------------------- */

bool
lie_raw (Hostile *self, const uint8_t *bytes, size_t len)
{
  gint64 until_us = g_get_monotonic_time () + DEADLINE_US;

  for (;;)
    {
      KhLink *link = g_hash_table_lookup (self->liar.client->links, &self->victim.id);

      if (link == NULL || link->closing)
        return false;
      if (kh_channel_worker_send (link->worker, bytes, len))
        return true;
      /* It waits until the victim has read some: both run in this loop. */
      g_main_context_iteration (NULL, FALSE);
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
    }
}

bool
lie (Hostile *self, const KhFrame *frame)
{
  g_autofree uint8_t *bytes = g_malloc (KH_FRAME_MAX);
  size_t len = kh_frame_write (frame, bytes, KH_FRAME_MAX);

  g_assert_cmpuint (len, >, 0);
  return lie_raw (self, bytes, len);
}

KhFrame
offer_of (Hostile *self, guint8 id, uint32_t stream, const Entry *entries, guint n)
{
  KhFrame frame = { .type = KH_FRAME_OFFER, .offer.stream = stream };
  size_t len = 0;

  memset (frame.offer.transfer, id, sizeof frame.offer.transfer);
  for (guint i = 0; i < n; i++)
    {
      len = kh_tree_write (
          &(KhTreeEntry){
              .kind = entries[i].kind,
              .depth = entries[i].depth,
              .size = entries[i].size,
              .modified_ms = HOSTILE_TIME_MS,
              .name = { entries[i].name, strlen (entries[i].name) },
          },
          self->page, len);
      g_assert_cmpuint (len, >, 0);
      frame.offer.n_files += entries[i].kind == KH_TREE_FILE;
      frame.offer.total += entries[i].size;
    }
  frame.offer.n_entries = n;
  frame.offer.page = (KhTreePage){ self->page, len };
  return frame;
}

void
offer_and_hear_want (Hostile *self, guint8 id, uint32_t stream, const Entry *entries,
                     guint n)
{
  KhFrame frame = offer_of (self, id, stream, entries, n);

  g_assert_true (lie (self, &frame));
  frame = hear (self, KH_FRAME_REPLY);
  g_assert_cmpint (frame.reply.verdict, ==, KH_FRAME_ACCEPT);
  frame = hear (self, KH_FRAME_WANT);
  g_assert_cmpuint (frame.run.stream, ==, stream);
}

void
lie_piece (Hostile *self, uint32_t stream, uint32_t file, uint64_t offset,
           const char *text)
{
  lie (self, &(KhFrame){ .type = KH_FRAME_PIECE,
                         .piece = { .stream = stream,
                                    .file = file,
                                    .offset = offset,
                                    .bytes = (const uint8_t *)text,
                                    .len = strlen (text) } });
}

void
lie_end (Hostile *self, uint32_t stream, uint32_t file, uint64_t size,
         KhFrameStatus status)
{
  lie (self, &(KhFrame){ .type = KH_FRAME_FILE_END,
                         .file = { .stream = stream,
                                   .file = file,
                                   .size = size,
                                   .status = (uint8_t)status } });
}

void
lie_file (Hostile *self, uint32_t stream, uint32_t file, const char *text)
{
  if (*text != '\0')
    lie_piece (self, stream, file, 0, text);
  lie_end (self, stream, file, strlen (text), KH_FRAME_STATUS_COMPLETE);
}

void
lie_cancel (Hostile *self, guint8 id, KhFrameStatus status)
{
  KhFrame frame = { .type = KH_FRAME_CANCEL, .cancel.status = (uint8_t)status };

  memset (frame.cancel.transfer, id, sizeof frame.cancel.transfer);
  lie (self, &frame);
}

static bool
take_heard (KhFrameType type, KhFrame *frame)
{
  for (guint i = 0; i < heard->len; i++)
    if (g_array_index (heard, KhFrame, i).type == type)
      {
        *frame = g_array_index (heard, KhFrame, i);
        g_array_remove_index (heard, i);
        return true;
      }
  return false;
}

static gboolean
on_deadline (gpointer data)
{
  *(bool *)data = true;
  return G_SOURCE_REMOVE;
}

KhFrame
hear (G_GNUC_UNUSED Hostile *self, KhFrameType type)
{
  bool too_late = false;
  guint timer = g_timeout_add (DEADLINE_US / 1000, on_deadline, &too_late);
  KhFrame frame;

  while (!take_heard (type, &frame))
    {
      if (too_late)
        g_error ("the liar waited in vain for frame 0x%02x", type);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (timer);
  return frame;
}

guint
count_heard (KhFrameType type)
{
  guint n = 0;

  for (guint i = 0; i < heard->len; i++)
    n += g_array_index (heard, KhFrame, i).type == type;
  return n;
}

/* --- What has become of it ---------------------------------------------------------- */

static void
talk (Person *from, Person *to)
{
  say (from, to, "still here");
  wait_past (to, KH_EVENT_MESSAGE);
  wait_past (from, KH_EVENT_DELIVERED);
}

void
expect_talking (Hostile *self)
{
  talk (&self->liar, &self->victim);
  talk (&self->victim, &self->liar);
  g_assert_cmpuint (count_seen (&self->victim, KH_EVENT_DISCONNECTED), ==, 0);
  g_assert_cmpuint (count_seen (&self->victim, KH_EVENT_TROUBLE), ==, 0);
}

void
expect_closed (Hostile *self)
{
  g_autoptr (Seen) seen = wait_for (&self->victim, KH_EVENT_DISCONNECTED);

  g_assert_cmpint (seen->event.link_end, ==, KH_LINK_END_BAD);
  wait_past (&self->liar, KH_EVENT_DISCONNECTED);
  g_assert_cmpuint (count_seen (&self->victim, KH_EVENT_TROUBLE), ==, 0);
}

void
expect_failed (Hostile *self, KhFrameStatus status)
{
  g_autoptr (Seen) seen = wait_for (&self->victim, KH_EVENT_TRANSFER_ENDED);
  KhFrame cancel = hear (self, KH_FRAME_CANCEL);

  g_assert_cmpint (seen->event.transfer_end, ==, KH_TRANSFER_END_FAILED);
  g_assert_cmpint (seen->event.status, ==, status);
  g_assert_cmpint (cancel.cancel.status, ==, status);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "client-fixture.h"
#include "core/link-private.h"

#include <glib/gstdio.h>
#include <stdbool.h>
#include <string.h>

/* --- The server ------------------------------------------------------------------ */

static char *
read_address (GSubprocess *process)
{
  g_autoptr (GDataInputStream) output
      = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  g_autoptr (GError) error = NULL;
  char *line = g_data_input_stream_read_line (output, NULL, NULL, &error);

  g_assert_no_error (error);
  return line;
}

void
server_start (Server *server, const char *folder, const char *address)
{
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;

  server->folder = folder != NULL ? g_strdup (folder) : make_folder ();
  data = g_build_filename (server->folder, "server", NULL);
  /* It ends with this process, also where a test aborts. */
  server->process = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
          | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
      &error, g_getenv ("KNOTHOLE_SERVER"), "--until-eof", "--data-dir", data, "--listen",
      address != NULL ? address : "127.0.0.1:0", "--assist", "127.0.0.1:0", NULL);
  g_assert_no_error (error);
  server->address = read_address (server->process);
  g_assert_nonnull (server->address);
}

void
server_stop (Server *server)
{
  g_subprocess_send_signal (server->process, 15);
  g_subprocess_wait (server->process, NULL, NULL);
  g_clear_object (&server->process);
  remove_folder (server->folder);
  g_clear_pointer (&server->folder, g_free);
  g_clear_pointer (&server->address, g_free);
}

char *
make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("knothole-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

void
remove_folder (const char *folder)
{
  g_autoptr (GDir) directory = g_dir_open (folder, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR)
          && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        remove_folder (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}

/* --- Clients ---------------------------------------------------------------------- */

static void
on_event (G_GNUC_UNUSED KhClient *client, gpointer data, gpointer person_data)
{
  Person *person = person_data;
  const KhEvent *event = data;
  Seen *seen = g_new0 (Seen, 1);

  seen->kind = event->kind;
  seen->peer = event->peer;
  seen->item = event->item;
  seen->text = g_strdup (event->text);
  seen->name = g_strdup (event->name);
  seen->event = *event;
  g_ptr_array_add (person->seen, seen);
}

void
client_open (Person *person, const Server *server, const char *name, KhConsent consent,
             const char *folder)
{
  g_autoptr (GError) error = NULL;

  person->folder = folder != NULL ? g_strdup (folder) : make_folder ();
  person->seen = g_ptr_array_new_with_free_func ((GDestroyNotify)seen_free);
  person->client = kh_client_new (&(KhClientOptions){ .data_dir = person->folder,
                                                      .holder = "the test",
                                                      .server = server->address,
                                                      .name = name,
                                                      .consent = consent,
                                                      .resume = person->resume,
                                                      .asks_folder = person->asks_folder,
                                                      .save_to = person->save_to != NULL
                                                                     ? person->save_to
                                                                     : person->folder },
                                  &error);
  g_assert_no_error (error);
  person->id = *kh_client_get_id (person->client);
  g_signal_connect (person->client, "event", G_CALLBACK (on_event), person);
  kh_client_go_online (person->client);
}

void
client_start (Person *person, const Server *server, const char *name, KhConsent consent,
              const char *folder)
{
  client_open (person, server, name, consent, folder);
  wait_past (person, KH_EVENT_PEERS_READY);
}

gboolean
on_deadline_passed (gpointer passed)
{
  *(gboolean *)passed = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer data)
{
  gboolean *closed = data;

  kh_client_close_finish (KH_CLIENT (source), result);
  *closed = TRUE;
}

void
client_close (Person *person)
{
  gboolean closed = FALSE;

  kh_client_close_async (person->client, on_closed, &closed);
  WAIT_UNTIL (closed);
  g_assert_finalize_object (person->client);
  g_ptr_array_unref (person->seen);
  g_clear_pointer (&person->folder, g_free);
}

void
client_close_and_remove (Person *person)
{
  g_autofree char *folder = g_strdup (person->folder);

  if (folder == NULL)
    return;
  client_close (person);
  remove_folder (folder);
}

void
seen_free (Seen *seen)
{
  g_free (seen->text);
  g_free (seen->name);
  g_free (seen);
}

static Seen *
take (Person *person, KhEventKind kind)
{
  for (guint i = 0; i < person->seen->len; i++)
    if (((Seen *)g_ptr_array_index (person->seen, i))->kind == kind)
      return g_ptr_array_steal_index (person->seen, i);
  return NULL;
}

Seen *
wait_for (Person *person, KhEventKind kind)
{
  gboolean too_late = FALSE;
  guint timer = g_timeout_add_seconds (DEADLINE_S, on_deadline_passed, &too_late);
  Seen *seen;

  while ((seen = take (person, kind)) == NULL && !too_late)
    g_main_context_iteration (NULL, TRUE);
  if (seen == NULL)
    g_error ("%s waited in vain for event %d", kh_client_get_name (person->client), kind);
  g_source_remove (timer);
  return seen;
}

void
wait_past (Person *person, KhEventKind kind)
{
  seen_free (wait_for (person, kind));
}

static bool
sees (const Person *person, const KhPeerId *id)
{
  g_autoptr (GPtrArray) infos = kh_client_list_peers (person->client);

  for (guint i = 0; i < infos->len; i++)
    {
      const KhPeerInfo *info = g_ptr_array_index (infos, i);

      if (info->online && kh_peer_id_equal (&info->id, id))
        return true;
    }
  return false;
}

void
wait_until_sees (Person *person, const Person *other)
{
  while (!sees (person, &other->id))
    wait_past (person, KH_EVENT_PEER);
}

void
clients_connect (Person *caller, Person *called)
{
  kh_client_call (caller->client, &called->id);
  wait_past (caller, KH_EVENT_CONNECTED);
  wait_past (called, KH_EVENT_CONNECTED);
}

void
clients_cut (Person *one, Person *other)
{
  kh_link_close (g_hash_table_lookup (other->client->links, &one->id),
                 KH_FRAME_BYE_CLOSING);
  wait_past (one, KH_EVENT_DISCONNECTED);
  wait_past (other, KH_EVENT_DISCONNECTED);
}

static gboolean
on_silence (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

void
wait_in_silence (guint ms)
{
  gboolean over = FALSE;

  g_timeout_add (ms, on_silence, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

KhItemId
say (Person *from, const Person *to, const char *text)
{
  g_autoptr (GError) error = NULL;
  KhItemId id = { { 0 } };

  kh_client_send_message (from->client, &to->id, text, &id, &error);
  g_assert_no_error (error);
  return id;
}

KhItemId
send_path (Person *from, const Person *to, const char *path)
{
  const char *paths[] = { path, NULL };
  g_autoptr (GError) error = NULL;
  KhItemId id = { { 0 } };

  kh_client_send (from->client, &to->id, paths, &id, &error);
  g_assert_no_error (error);
  return id;
}

char *
write_pattern (const char *folder, const char *name, gsize size, guint8 seed)
{
  char *path = g_build_filename (folder, name, NULL);
  g_autofree char *inner = g_path_get_dirname (path);
  g_autofree char *content = g_malloc (size + 1);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < size; i++)
    content[i] = (char)(seed + i + (i >> 12));
  g_assert_cmpint (g_mkdir_with_parents (inner, 0700), ==, 0);
  g_file_set_contents (path, content, (gssize)size, &error);
  g_assert_no_error (error);
  return path;
}

guint
count_seen (const Person *person, KhEventKind kind)
{
  guint n = 0;

  for (guint i = 0; i < person->seen->len; i++)
    n += ((Seen *)g_ptr_array_index (person->seen, i))->kind == kind;
  return n;
}

void
run_what_is_ready (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

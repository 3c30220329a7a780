/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "live-server.h"
#include "proto/identity.h"

#include <glib/gstdio.h>
#include <sodium.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *
server_path (void)
{
  const char *path = g_getenv ("KNOTHOLE_SERVER");

  g_assert_nonnull (path);
  return path;
}

static gboolean
wait_for (int fd, short events, gint timeout_ms)
{
  struct pollfd poll_fd = { .fd = fd, .events = events };
  int n;

  do
    n = poll (&poll_fd, 1, timeout_ms);
  while (n < 0 && errno == EINTR);
  return n > 0;
}

static char *
read_line (int fd)
{
  GString *line = g_string_new (NULL);
  char c;

  for (;;)
    {
      g_assert_true (wait_for (fd, POLLIN, LIVE_PATIENCE_MS));
      if (read (fd, &c, 1) != 1 || c == '\n')
        return g_string_free (line, FALSE);
      g_string_append_c (line, c);
    }
}

static void
parse_address (LiveServer *server)
{
  static const char prefix[] = "knothole://127.0.0.1:";
  char *slash;

  g_assert_true (g_str_has_prefix (server->address, prefix));
  server->port
      = (guint16)g_ascii_strtoull (server->address + sizeof prefix - 1, &slash, 10);
  g_assert_cmpint (*slash, ==, '/');
  g_assert_cmpint (kh_identity_from_text (KH_IDENTITY_SERVER, slash + 1,
                                          strlen (slash + 1), server->id, NULL),
                   ==, KH_IDENTITY_OK);
}

static char *
write_config (const char *dir, const char *limits)
{
  char *path = g_build_filename (dir, "config", NULL);
  g_autofree char *text = g_strdup_printf (
      "[server]\nlisten=127.0.0.1:0\nassist=127.0.0.1:0\n[limits]\n%s\n",
      limits != NULL ? limits : "");

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

LiveServer *
live_server_start_in (const char *dir, const char *limits, const char *argument)
{
  LiveServer *server = g_new0 (LiveServer, 1);
  g_autofree char *config = write_config (dir, limits);
  g_autofree char *errors = g_build_filename (dir, "errors", NULL);
  char *arguments[] = { (char *)server_path (),
                        (char *)"--config",
                        config,
                        (char *)"--data-dir",
                        (char *)dir,
                        (char *)argument,
                        NULL };
  int err_fd = g_open (errors, O_CREAT | O_WRONLY | O_APPEND, 0600);
  GError *error = NULL;

  server->dir = g_strdup (dir);
  g_spawn_async_with_pipes_and_fds (
      NULL, (const char *const *)arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
      -1, -1, err_fd, NULL, NULL, 0, &server->pid, NULL, &server->out_fd, NULL, &error);
  g_assert_no_error (error);
  close (err_fd);
  server->address = read_line (server->out_fd);
  parse_address (server);
  return server;
}

LiveServer *
live_server_start (const char *limits, const char *argument)
{
  g_autofree char *dir = g_dir_make_tmp ("knothole-server-XXXXXX", NULL);

  g_assert_nonnull (dir);
  return live_server_start_in (dir, limits, argument);
}

static void
remove_dir (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_unlink (file);
    }
  g_clear_pointer (&dir, g_dir_close);
  g_rmdir (path);
}

int
live_server_stop (LiveServer *server, int number, gboolean keep_dir)
{
  gint64 until_us = g_get_monotonic_time () + LIVE_PATIENCE_MS * 1000;
  int status = 0;

  g_assert_cmpint (kill (server->pid, number), ==, 0);
  while (waitpid (server->pid, &status, WNOHANG) == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      wait_for (-1, 0, 5);
    }
  close (server->out_fd);
  if (!keep_dir)
    remove_dir (server->dir);
  g_free (server->dir);
  g_free (server->address);
  g_free (server);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 1000 + status;
}

char *
live_server_errors (const LiveServer *server)
{
  g_autofree char *path = g_build_filename (server->dir, "errors", NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

guint
live_server_memory_kb (const LiveServer *server)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", (int)server->pid);
  g_autofree char *text = NULL;
  const char *line;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  line = strstr (text, "RssAnon:");
  g_assert_nonnull (line);
  return (guint)g_ascii_strtoull (line + 8, NULL, 10);
}

int
live_server_run (char **out, char **err, const char *const arguments[])
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  GError *error = NULL;
  int status;

  g_ptr_array_add (all, (char *)server_path ());
  for (gsize i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (all, (char *)arguments[i]);
  g_ptr_array_add (all, NULL);
  g_spawn_sync (NULL, (char **)all->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, out, err,
                &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

int
live_dial (const char *source, guint16 source_port, guint16 port)
{
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int one = 1;
  struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = htons (source_port) };
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (port) };

  g_assert_cmpint (fd, >=, 0);
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  inet_pton (AF_INET, source, &from.sin_addr);
  inet_pton (AF_INET, "127.0.0.1", &to.sin_addr);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&from, sizeof from), ==, 0);
  g_assert_cmpint (connect (fd, (struct sockaddr *)&to, sizeof to), ==, 0);
  return fd;
}

void
live_write (int fd, const void *bytes, gsize len)
{
  const guint8 *at = bytes;

  while (len > 0)
    {
      ssize_t n = send (fd, at, len, MSG_NOSIGNAL);

      if (n < 0 && errno != EINTR)
        return; /* the other end has gone: what it said tells more */
      at += MAX (n, 0);
      len -= (gsize)MAX (n, 0);
    }
}

gboolean
live_ends_within (int fd, gint timeout_ms)
{
  gint64 until_us = g_get_monotonic_time () + timeout_ms * 1000;
  guint8 bytes[4096];

  for (;;)
    {
      gint64 left_us = until_us - g_get_monotonic_time ();

      if (left_us <= 0 || !wait_for (fd, POLLIN, (gint)(left_us / 1000 + 1)))
        return FALSE;
      if (recv (fd, bytes, sizeof bytes, 0) <= 0)
        return TRUE;
    }
}

gboolean
live_read (int fd, void *bytes, gsize len)
{
  guint8 *at = bytes;

  while (len > 0)
    {
      ssize_t n;

      g_assert_true (wait_for (fd, POLLIN, LIVE_PATIENCE_MS));
      n = recv (fd, at, len, 0);
      if (n <= 0)
        return FALSE;
      at += n;
      len -= (gsize)n;
    }
  return TRUE;
}

static gboolean
read_record (int fd, guint8 *record, gsize capacity, gsize *len)
{
  guint8 head[2];

  if (!live_read (fd, head, 2))
    return FALSE;
  *len = (gsize)(head[0] << 8 | head[1]);
  g_assert_cmpuint (*len, <=, capacity);
  return live_read (fd, record, *len);
}

static void
make_keys (guint32 seed, KhKeyPair *key, KhKeyPair *ephemeral)
{
  guint8 secret[KH_KEY_LEN];

  memset (secret, 7, sizeof secret);
  memcpy (secret + 8, &seed, sizeof seed); /* X25519 ignores some bits at the ends */
  kh_noise_key_pair_from_secret (key, secret);
  randombytes_buf (secret, sizeof secret);
  kh_noise_key_pair_from_secret (ephemeral, secret);
}

gsize
live_client_first_record (const LiveServer *server, guint32 seed, guint8 record[100],
                          KhNoiseHandshake *noise, gboolean xx)
{
  guint8 prologue[15] = "knothole main";
  KhKeyPair key, ephemeral;
  gsize len;

  prologue[13] = 1;
  prologue[14] = xx ? 2 : 1;
  make_keys (seed, &key, &ephemeral);
  g_assert_true (kh_noise_handshake_start (
      noise, xx ? KH_NOISE_XX : KH_NOISE_IK, KH_NOISE_CHACHAPOLY, true, prologue,
      sizeof prologue, &key, &ephemeral, xx ? NULL : server->id));
  g_assert_true (kh_noise_handshake_write (noise, NULL, 0, record + 4, 96, &len));
  record[0] = 0;
  record[1] = (guint8)(len + 2);
  memcpy (record + 2, prologue + 13, 2);
  return len + 4;
}

LiveClient *
live_client_handshake (const LiveServer *server, int fd, guint32 seed, gboolean xx)
{
  LiveClient *client = g_new0 (LiveClient, 1);
  KhNoiseHandshake noise;
  KhKeyPair unused;
  guint8 record[100], payload[100];
  gsize len = live_client_first_record (server, seed, record, &noise, xx);
  gsize payload_len;

  client->fd = fd;
  make_keys (seed, &client->key, &unused);
  live_write (fd, record, len);
  if (!read_record (fd, record, sizeof record, &len)
      || !kh_noise_handshake_read (&noise, record, len, payload, sizeof payload,
                                   &payload_len))
    {
      live_client_free (client);
      return NULL;
    }
  if (xx)
    {
      g_assert_true (kh_noise_handshake_write (&noise, NULL, 0, record + 2,
                                               sizeof record - 2, &len));
      record[0] = 0;
      record[1] = (guint8)len;
      live_write (fd, record, len + 2);
    }
  g_assert_cmpmem (kh_noise_handshake_remote_static (&noise), 32, server->id, 32);
  g_assert_true (kh_noise_handshake_split (&noise, &client->send, &client->receive));
  return client;
}

void
live_client_hello (LiveClient *client)
{
  live_client_send (client,
                    &(KhMessage){ .type = KH_MESSAGE_HELLO,
                                  .hello = { .version = 1, .name = { "somebody", 8 } } });
}

LiveClient *
live_client_new_from (const LiveServer *server, guint32 seed, const char *source)
{
  LiveClient *client
      = live_client_handshake (server, live_dial (source, 0, server->port), seed, FALSE);

  g_assert_nonnull (client);
  live_client_hello (client);
  client->welcome = live_client_expect (client, KH_MESSAGE_WELCOME).welcome;
  return client;
}

LiveClient *
live_client_new (const LiveServer *server, guint32 seed)
{
  return live_client_new_from (server, seed, "127.0.0.1");
}

void
live_client_free (LiveClient *client)
{
  close (client->fd);
  g_free (client);
}

gsize
live_client_seal (LiveClient *client, const KhMessage *message, guint8 *record)
{
  guint8 bytes[KH_MESSAGE_LEN_MAX];
  KhWriter writer;

  kh_writer_init (&writer, bytes, sizeof bytes);
  g_assert_true (kh_messages_write (&writer, message));
  kh_writer_patch_u16 (record, (guint16)(writer.len + KH_NOISE_TAG_LEN));
  g_assert_true (kh_noise_seal (&client->send, NULL, record + 2, bytes, writer.len));
  return 2 + writer.len + KH_NOISE_TAG_LEN;
}

void
live_client_send (LiveClient *client, const KhMessage *message)
{
  guint8 record[2 + KH_MESSAGE_LEN_MAX + KH_NOISE_TAG_LEN];

  live_write (client->fd, record, live_client_seal (client, message, record));
}

gboolean
live_client_receive (LiveClient *client, KhMessage *message)
{
  guint8 record[KH_MESSAGE_LEN_MAX + KH_NOISE_TAG_LEN];
  gsize len;

  if (!read_record (client->fd, record, sizeof record, &len))
    return FALSE;
  g_assert_true (kh_noise_open (&client->receive, NULL, client->last, record, len));
  g_assert_cmpint (kh_messages_read (message, client->last, len - KH_NOISE_TAG_LEN), ==,
                   KH_MESSAGE_READ);
  return TRUE;
}

KhMessage
live_client_expect (LiveClient *client, KhMessageType type)
{
  KhMessage message;

  do
    g_assert_true (live_client_receive (client, &message));
  while (message.type != type);
  return message;
}

void
live_client_expect_none (LiveClient *client, KhMessageType type)
{
  KhMessage message;

  live_client_send (client, &(KhMessage){ .type = KH_MESSAGE_PING });
  do
    {
      g_assert_true (live_client_receive (client, &message));
      g_assert_cmpint (message.type, !=, type);
    }
  while (message.type != KH_MESSAGE_PONG);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * caller.c - a client that does what its standard input says. For the tests of the lab,
 * which need more of one client than a command of knothole-cli does.
 *
 *   caller DATA-DIR SERVER NAME SAVE-TO
 *
 * Lines on standard input: call ID, hang-up ID, ping ID, message ID TEXT, send ID PATH,
 * pause ID ITEM, resume ID ITEM, cancel ID ITEM, retry ID ITEM, quit; ITEM is a transfer
 * as events name it. End of input is quit. Calls and files of everybody are taken, and
 * whoever has an unfinished transfer is called. Each event is a line of JSON on standard
 * output; `peer` is the identity it is about.
 */
#include "core/client.h"

#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS_US (G_USEC_PER_SEC / 20)

typedef struct
{
  /* Owned */
  KhClient *client;
  GMainLoop *loop;
  GDataInputStream *input;
  /* State */
  gint64 progress_at_us;
} Driver;

static void
print_text (const char *key, const char *text)
{
  printf (",\"%s\":\"", key);
  for (const char *at = text != NULL ? text : ""; *at != '\0'; at++)
    if (*at == '"' || *at == '\\' || (guchar)*at < 0x20)
      printf ("\\u%04x", (guchar)*at);
    else
      putchar (*at);
  putchar ('"');
}

static void
print_number (const char *key, gint64 number)
{
  printf (",\"%s\":%" G_GINT64_FORMAT, key, number);
}

static void
print_item (const KhItemId *item)
{
  g_autofree char *text = kh_item_id_to_text (item);

  print_text ("item", text);
}

static void
begin (const char *kind, const KhPeerId *peer)
{
  g_autofree char *id = peer != NULL ? kh_peer_id_to_text (peer) : NULL;

  printf ("{\"event\":\"%s\"", kind);
  if (id != NULL)
    print_text ("peer", id);
}

static void
end (void)
{
  puts ("}");
  fflush (stdout);
}

static void
print_connected (const KhEvent *event)
{
  print_number ("ms", event->ms);
  print_number ("round", event->round);
  print_number ("caller", event->caller);
}

static void
print_transfer (const KhEvent *event)
{
  print_item (&event->item);
  print_number ("outgoing", event->outgoing);
  print_text ("text", event->text);
  print_number ("bytes", (gint64)event->bytes);
}

/* Of what has come to an end. */
static void
print_outcome (const KhEvent *event)
{
  print_transfer (event);
  print_number ("files", event->n_files);
  print_number ("there", event->n_there);
  print_number ("left_out", event->n_left_out);
  print_number ("failed", event->n_failed);
  print_number ("end", event->transfer_end);
  print_number ("status", event->status);
}

/* What is said of an event, or NULL where it is not printed. */
static const char *
kind_of (const KhEvent *event)
{
  static const char *const kinds[] = {
    [KH_EVENT_ONLINE] = "online",
    [KH_EVENT_OFFLINE] = "offline",
    [KH_EVENT_PEERS_READY] = "ready",
    [KH_EVENT_PEER] = "peer",
    [KH_EVENT_STRANGER] = "stranger",
    [KH_EVENT_CONNECTED] = "connected",
    [KH_EVENT_CALL_ENDED] = "call-ended",
    [KH_EVENT_DISCONNECTED] = "disconnected",
    [KH_EVENT_MESSAGE] = "message",
    [KH_EVENT_DELIVERED] = "delivered",
    [KH_EVENT_PROGRESS] = "progress",
    [KH_EVENT_FILE] = "file",
    [KH_EVENT_FILE_RESTARTED] = "file-restarted",
    [KH_EVENT_FILE_FAILED] = "file-failed",
    [KH_EVENT_TRANSFER] = "transfer",
    [KH_EVENT_INTERRUPTED] = "interrupted",
    [KH_EVENT_DONE] = "done",
    [KH_EVENT_TRANSFER_ENDED] = "transfer-ended",
    [KH_EVENT_PONG] = "pong",
    [KH_EVENT_TROUBLE] = "trouble",
  };

  return (guint)event->kind < G_N_ELEMENTS (kinds) ? kinds[event->kind] : NULL;
}

/* Of an event about a transfer. */
static void
print_transfer_details (const KhEvent *event)
{
  switch (event->kind)
    {
    case KH_EVENT_PROGRESS:
    case KH_EVENT_INTERRUPTED:
      print_transfer (event);
      print_number ("total", (gint64)event->total);
      break;
    case KH_EVENT_FILE:
      print_transfer (event);
      print_number ("there", event->there);
      break;
    case KH_EVENT_FILE_RESTARTED:
      print_transfer (event);
      break;
    case KH_EVENT_FILE_FAILED:
      print_transfer (event);
      print_number ("status", event->status);
      break;
    case KH_EVENT_TRANSFER:
      print_transfer (event);
      print_number ("phase", event->phase);
      print_number ("paused_here", event->paused_here);
      print_number ("paused_there", event->paused_there);
      break;
    case KH_EVENT_DONE:
    case KH_EVENT_TRANSFER_ENDED:
      print_outcome (event);
      break;
    default:
      break;
    }
}

static void
print_details (const KhEvent *event)
{
  switch (event->kind)
    {
    case KH_EVENT_PEER:
      print_number ("online", event->online);
      break;
    case KH_EVENT_CONNECTED:
      print_connected (event);
      break;
    case KH_EVENT_CALL_ENDED:
      print_number ("reason", event->call_end);
      print_number ("failure", event->failure);
      print_number ("stranger", event->stranger);
      break;
    case KH_EVENT_DISCONNECTED:
      print_number ("reason", event->link_end);
      break;
    case KH_EVENT_MESSAGE:
    case KH_EVENT_DELIVERED:
      print_item (&event->item);
      print_text ("text", event->text);
      break;
    case KH_EVENT_PONG:
      print_number ("us", event->round_trip_us);
      break;
    case KH_EVENT_OFFLINE:
    case KH_EVENT_TROUBLE:
      print_text ("text", event->text);
      break;
    default:
      print_transfer_details (event);
      break;
    }
}

static void
on_event (G_GNUC_UNUSED KhClient *client, const KhEvent *event, gpointer data)
{
  Driver *self = data;
  const char *kind = kind_of (event);
  gint64 now_us = g_get_monotonic_time ();
  g_autofree char *own_id = NULL;

  if (kind == NULL)
    return;
  if (event->kind == KH_EVENT_PROGRESS)
    {
      if (now_us - self->progress_at_us < PROGRESS_US)
        return;
      self->progress_at_us = now_us;
    }
  if (event->kind == KH_EVENT_ONLINE)
    own_id = kh_peer_id_to_text (kh_client_get_id (self->client));
  begin (kind, own_id == NULL ? &event->peer : NULL);
  if (own_id != NULL)
    print_text ("id", own_id);
  print_details (event);
  end ();
}

static void
on_closed (GObject *client, GAsyncResult *result, gpointer data)
{
  Driver *self = data;

  kh_client_close_finish (KH_CLIENT (client), result);
  g_main_loop_quit (self->loop);
}

static void
send_item (Driver *self, gboolean is_file, const KhPeerId *peer, const char *rest)
{
  g_autoptr (GError) error = NULL;
  const char *const paths[] = { rest, NULL };
  KhItemId item;
  gboolean good = is_file
                      ? kh_client_send (self->client, peer, paths, &item, &error)
                      : kh_client_send_message (self->client, peer, rest, &item, &error);

  begin (good ? "sending" : "not-sent", peer);
  if (good)
    print_item (&item);
  print_text ("text", good ? rest : error->message);
  end ();
}

/* The identity's text as kh_client_find() takes it; it need not be online. */
static gboolean
read_peer (Driver *self, const char *text, KhPeerId *peer)
{
  KhFindResult found = kh_client_find (self->client, text, peer);

  return found == KH_FIND_CONTACT || found == KH_FIND_ID || found == KH_FIND_OFFLINE;
}

static gboolean
read_item (const char *text, KhItemId *item)
{
  for (guint i = 0; i < sizeof item->bytes; i++)
    {
      if (!g_ascii_isxdigit (text[2 * i]) || !g_ascii_isxdigit (text[2 * i + 1]))
        return FALSE;
      item->bytes[i] = (guint8)(g_ascii_xdigit_value (text[2 * i]) << 4
                                | g_ascii_xdigit_value (text[2 * i + 1]));
    }
  return text[2 * sizeof item->bytes] == '\0';
}

/* False where @word is no change of a transfer. What is not possible is an event. */
static gboolean
change (Driver *self, const char *word, const KhPeerId *peer, const char *item_text)
{
  g_autoptr (GError) error = NULL;
  KhItemId item;

  if (!read_item (item_text, &item))
    return FALSE;
  if (strcmp (word, "pause") == 0)
    kh_client_pause_transfer (self->client, peer, &item, TRUE, &error);
  else if (strcmp (word, "resume") == 0)
    kh_client_pause_transfer (self->client, peer, &item, FALSE, &error);
  else if (strcmp (word, "cancel") == 0)
    kh_client_cancel_transfer (self->client, peer, &item, FALSE, &error);
  else if (strcmp (word, "retry") == 0)
    kh_client_retry_transfer (self->client, peer, &item, &error);
  else
    return FALSE;
  if (error != NULL)
    {
      begin ("not-changed", peer);
      print_item (&item);
      print_text ("text", error->message);
      end ();
    }
  return TRUE;
}

static gboolean
obey (Driver *self, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 3);
  guint n = g_strv_length (words);
  KhPeerId peer;

  if (n < 2 || !read_peer (self, words[1], &peer))
    return FALSE;
  if (strcmp (words[0], "call") == 0)
    kh_client_call (self->client, &peer);
  else if (strcmp (words[0], "hang-up") == 0)
    kh_client_hang_up (self->client, &peer);
  else if (strcmp (words[0], "ping") == 0)
    (void)kh_client_ping (self->client, &peer);
  else if (n == 3 && strcmp (words[0], "message") == 0)
    send_item (self, FALSE, &peer, words[2]);
  else if (n == 3 && strcmp (words[0], "send") == 0)
    send_item (self, TRUE, &peer, words[2]);
  else
    return n == 3 && change (self, words[0], &peer, words[2]);
  return TRUE;
}

static void
on_line (GObject *input, GAsyncResult *result, gpointer data)
{
  Driver *self = data;
  g_autofree char *line = g_data_input_stream_read_line_finish (
      G_DATA_INPUT_STREAM (input), result, NULL, NULL);

  if (line == NULL || strcmp (line, "quit") == 0)
    {
      kh_client_close_async (self->client, on_closed, self);
      return;
    }
  if (!obey (self, line))
    g_printerr ("caller: not understood: %s\n", line);
  g_data_input_stream_read_line_async (self->input, G_PRIORITY_DEFAULT, NULL, on_line,
                                       self);
}

int
main (int argc, char *argv[])
{
  Driver self = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) standard_input = NULL;
  KhClientOptions options;

  if (argc != 5)
    {
      g_printerr ("usage: caller DATA-DIR SERVER NAME SAVE-TO\n");
      return 2;
    }
  options = (KhClientOptions){ .data_dir = argv[1],
                               .holder = "caller",
                               .server = argv[2],
                               .name = argv[3],
                               .consent = KH_CONSENT_ALL,
                               .save_to = argv[4],
                               .resume = KH_RESUME_ALL };
  self.client = kh_client_new (&options, &error);
  if (self.client == NULL)
    {
      g_printerr ("caller: %s\n", error->message);
      return 2;
    }
  self.loop = g_main_loop_new (NULL, FALSE);
  standard_input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  self.input = g_data_input_stream_new (standard_input);
  g_signal_connect (self.client, "event", G_CALLBACK (on_event), &self);
  kh_client_go_online (self.client);
  g_data_input_stream_read_line_async (self.input, G_PRIORITY_DEFAULT, NULL, on_line,
                                       &self);
  g_main_loop_run (self.loop);

  g_clear_object (&self.input);
  g_clear_object (&self.client);
  g_main_loop_unref (self.loop);
  return 0;
}

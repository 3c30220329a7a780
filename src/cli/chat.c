/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"
#include "cli/run.h"
#include "cli/text.h"

#include <string.h>

/* After the last message was sent: longer than a lost connection takes to be noticed. */
#define DELIVERY_S 30

/* A peer that comes back at once may be told as never gone: then nothing but a call
 * shows that it is there. */
#define AGAIN_S 3

typedef struct
{
  GPtrArray *texts; /* of --message; empty: interactive */
  GHashTable *undelivered;
  guint delivery;
  gboolean ended; /* no further message will be sent */
  gboolean refused;
  guint again; /* runs while a lost peer is waited for */
} Chat;

static guint
n_undelivered (const Chat *self)
{
  return g_hash_table_size (self->undelivered);
}

static void
end_if_delivered (KhRun *run)
{
  Chat *self = run->data;

  if (self->ended && n_undelivered (self) == 0)
    kh_run_end (run, self->refused ? KH_STATUS_USAGE : KH_STATUS_DONE);
}

static void
fail_undelivered (KhRun *run, const char *why)
{
  Chat *self = run->data;
  g_autofree char *count
      = kh_text_count (n_undelivered (self), "message is", "messages are");

  if (n_undelivered (self) == 0)
    kh_run_fail (run, KH_STATUS_NO_PATH, "%s", why);
  kh_run_fail (run, KH_STATUS_NO_PATH,
               "%s: %s not delivered, but kept for the next connection", why, count);
}

static gboolean
on_not_delivered (gpointer data)
{
  KhRun *run = data;
  Chat *self = run->data;

  self->delivery = 0;
  fail_undelivered (run, "no word from the other side");
  return G_SOURCE_REMOVE;
}

static void
say (KhRun *run, const char *text)
{
  Chat *self = run->data;
  g_autoptr (GError) error = NULL;
  KhItemId id;

  if (!kh_client_send_message (run->client, &run->peer, text, &id, &error))
    {
      g_autofree char *why = kh_text_clean (error->message);

      kh_output_warn (run->output, "not sent: %s", why);
      self->refused = TRUE;
      return;
    }
  g_hash_table_add (self->undelivered, kh_item_id_to_text (&id));
  if (n_undelivered (self) >= KH_RUN_MOST_UNDELIVERED)
    kh_run_want_lines (run, FALSE);
}

static void
finish (KhRun *run)
{
  Chat *self = run->data;

  self->ended = TRUE;
  kh_run_want_lines (run, FALSE);
  self->delivery = g_timeout_add_seconds (DELIVERY_S, on_not_delivered, run);
  end_if_delivered (run);
}

static void
on_connected (KhRun *run)
{
  Chat *self = run->data;

  g_clear_handle_id (&self->again, g_source_remove);
  if (self->ended)
    return;
  for (guint i = 0; i < self->texts->len; i++)
    say (run, g_ptr_array_index (self->texts, i));
  if (self->texts->len > 0)
    finish (run);
  else
    kh_run_want_lines (run, TRUE);
}

static void
on_line (KhRun *run, const char *line)
{
  if (line == NULL)
    finish (run);
  else if (*line != '\0')
    say (run, line);
}

static void
on_delivered (KhRun *run, const KhEvent *event)
{
  Chat *self = run->data;
  g_autofree char *id = kh_item_id_to_text (&event->item);

  if (!g_hash_table_remove (self->undelivered, id))
    return;
  if (kh_output_status_width (run->output) > 0)
    kh_output_detail (run->output, "  \342\234\223 delivered"); /* check mark */
  if (!self->ended)
    kh_run_want_lines (run, TRUE);
  end_if_delivered (run);
}

/* Whoever said goodbye is gone; a connection that broke is made again. */
static void
on_disconnected (KhRun *run, const KhEvent *event)
{
  Chat *self = run->data;

  if (run->is_connected)
    return;
  if (event->link_end != KH_LINK_END_PEER_LEFT)
    {
      kh_output_note (run->output, "calling again");
      kh_run_want_lines (run, FALSE);
      kh_run_call_again (run);
    }
  else if (n_undelivered (self) > 0)
    fail_undelivered (run, "the other side has left");
  else
    kh_run_end (run, KH_STATUS_DONE);
}

static gboolean
on_again (gpointer data)
{
  KhRun *run = data;

  if (!run->is_ending)
    kh_client_call (run->client, &run->peer);
  return G_SOURCE_CONTINUE;
}

/* Whoever was just lost may be back in a moment: --timeout says how long to wait. */
static void
on_call_ended (KhRun *run, const KhEvent *event)
{
  Chat *self = run->data;
  g_autofree char *why = kh_text_call_ended (event);

  if (run->is_connected)
    return;
  if (event->call_end == KH_CALL_END_NOT_ONLINE || event->call_end == KH_CALL_END_OFFLINE)
    {
      if (self->again == 0)
        {
          kh_output_note (run->output, "%s: waiting", why);
          self->again = g_timeout_add_seconds (AGAIN_S, on_again, run);
        }
      return;
    }
  fail_undelivered (run, why);
}

static void
on_peer (KhRun *run, const KhEvent *event)
{
  const Chat *self = run->data;

  if (event->online && self->again != 0)
    kh_client_call (run->client, &run->peer);
}

static void
on_event (KhRun *run, const KhEvent *event)
{
  /* It has been reported; nothing can be kept, and nothing is sent that is not kept. */
  if (event->kind == KH_EVENT_TROUBLE)
    kh_run_end (run, KH_STATUS_TRANSFER);
  if (!kh_run_is_peer (run, event))
    return;
  if (event->kind == KH_EVENT_PEER)
    on_peer (run, event);
  else if (event->kind == KH_EVENT_DELIVERED)
    on_delivered (run, event);
  else if (event->kind == KH_EVENT_DISCONNECTED)
    on_disconnected (run, event);
  else if (event->kind == KH_EVENT_CALL_ENDED)
    on_call_ended (run, event);
}

static KhStatus
on_stopped (KhRun *run)
{
  Chat *self = run->data;
  g_autofree char *count
      = kh_text_count (n_undelivered (self), "message is", "messages are");

  if (n_undelivered (self) == 0)
    return KH_STATUS_DONE;
  kh_output_warn (run->output, "%s not delivered, but kept for the next connection",
                  count);
  return KH_STATUS_NO_PATH;
}

/* --message A --message B, and what follows PEER: `--message A B` is natural too. */
static GPtrArray *
gather_texts (const KhOptions *options)
{
  GPtrArray *texts = g_ptr_array_new ();

  for (char **text = options->messages; text != NULL && *text != NULL; text++)
    g_ptr_array_add (texts, *text);
  for (guint i = 1; i < options->n_arguments; i++)
    g_ptr_array_add (texts, options->arguments[i]);
  return texts;
}

/* Before anybody is called. */
static KhStatus
check_texts (GPtrArray *texts, KhOutput *output)
{
  for (guint i = 0; i < texts->len; i++)
    {
      const char *text = g_ptr_array_index (texts, i);
      const char *mistake = NULL;

      if (*text == '\0')
        mistake = "--message is empty";
      else if (strlen (text) > KH_MESSAGE_TEXT_MAX)
        mistake = "--message is longer than 32 KiB: send it as a file";
      else if (!g_utf8_validate (text, -1, NULL))
        mistake = "--message is not UTF-8 text";
      if (mistake != NULL)
        {
          kh_output_error (output, KH_STATUS_USAGE, mistake);
          return KH_STATUS_USAGE;
        }
    }
  return KH_STATUS_DONE;
}

KhStatus
kh_chat_run (const KhOptions *options)
{
  g_autoptr (KhOutput) output = kh_output_new (options->json);
  g_autoptr (GPtrArray) texts = gather_texts (options);
  g_autoptr (GHashTable) undelivered
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Chat self = { .texts = texts, .undelivered = undelivered };
  KhErrand errand = {
    .peer = options->arguments[0],
    .consent = texts->len > 0 ? KH_CONSENT_NONE : KH_CONSENT_ASK,
    .connected = on_connected,
    .event = on_event,
    .line = on_line,
    .stopped = on_stopped,
  };
  KhStatus status = check_texts (texts, output);

  if (status != KH_STATUS_DONE)
    return status;
  status = kh_run (options, &errand, &self);
  g_clear_handle_id (&self.delivery, g_source_remove);
  g_clear_handle_id (&self.again, g_source_remove);
  return status;
}

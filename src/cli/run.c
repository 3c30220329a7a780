/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run.h"

#include "cli/reach.h"
#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/interrupt.h"
#include "cli/requests.h"
#include "cli/terminal.h"
#include "cli/text.h"
#include "core/profile.h"

static void
on_closed (GObject *client, GAsyncResult *result, gpointer data)
{
  KhRun *self = data;

  kh_client_close_finish (KH_CLIENT (client), result);
  g_main_loop_quit (self->loop);
}

/* Not from inside a signal of the client that it closes. */
static gboolean
on_idle_close (gpointer data)
{
  KhRun *self = data;

  kh_client_close_async (self->client, on_closed, self);
  return G_SOURCE_REMOVE;
}

void
kh_run_end (KhRun *self, KhStatus status)
{
  if (self->is_ending)
    return;
  self->is_ending = TRUE;
  self->status = status;
  kh_interrupt_set_status (status);
  kh_lines_pause (self->lines, TRUE);
  g_clear_handle_id (&self->timeout, g_source_remove);
  g_idle_add (on_idle_close, self);
}

void
kh_run_fail (KhRun *self, KhStatus status, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list rest;

  if (self->is_ending)
    return;
  va_start (rest, format);
  message = g_strdup_vprintf (format, rest);
  va_end (rest);
  kh_output_error (self->output, status, message);
  kh_run_end (self, status);
}

void
kh_run_update_lines (KhRun *self)
{
  gboolean wanted = self->want_lines || kh_questions_is_asking (self->questions);

  kh_lines_pause (self->lines, self->is_ending || !wanted);
}

void
kh_run_want_lines (KhRun *self, gboolean want)
{
  self->want_lines = want;
  kh_run_update_lines (self);
}

static void
on_line (const char *line, gpointer data)
{
  KhRun *self = data;

  if (self->is_ending)
    return;
  if (kh_questions_is_asking (self->questions))
    {
      kh_questions_answer (self->questions, line);
      if (line != NULL)
        {
          kh_run_update_lines (self);
          return;
        }
    }
  if (self->want_lines && self->errand->line != NULL && !self->is_ending)
    self->errand->line (self, line);
  kh_run_update_lines (self);
}

static gboolean
on_timeout (gpointer data)
{
  KhRun *self = data;
  int waited_s = self->options->timeout_s;

  self->timeout = 0;
  if (!self->was_online)
    kh_run_fail (self, KH_STATUS_SERVER, "the server did not answer within %d s",
                 waited_s);
  else if (!self->is_ready)
    kh_run_fail (self, KH_STATUS_SERVER,
                 "the server did not say within %d s who is online", waited_s);
  else if (!self->has_peer)
    kh_run_fail (self, KH_STATUS_NO_PEER, "the question was not answered within %d s",
                 waited_s);
  else if (self->is_asked)
    kh_run_fail (self, KH_STATUS_DECLINED, "nobody there answered within %d s", waited_s);
  else
    kh_run_fail (self, KH_STATUS_NO_PATH,
                 "no connection within %d s; --timeout allows more", waited_s);
  return G_SOURCE_REMOVE;
}

void
kh_run_begin_timeout (KhRun *self)
{
  g_clear_handle_id (&self->timeout, g_source_remove);
  self->timeout = g_timeout_add_seconds (self->options->timeout_s, on_timeout, self);
}

void
kh_run_call_again (KhRun *self)
{
  self->is_asked = FALSE;
  kh_run_begin_timeout (self);
  kh_client_call (self->client, &self->peer);
}

static void
on_interrupt (gboolean quiet, gpointer data)
{
  KhRun *self = data;
  KhStatus status = KH_STATUS_DONE;

  if (self->is_ending)
    return;
  if (quiet)
    kh_output_drop (self->output);
  kh_report_unfinished (self->report);
  if (self->errand->peer != NULL && !self->was_connected)
    {
      kh_output_warn (self->output, "ended before there was a connection");
      status = KH_STATUS_NO_PATH;
    }
  else
    status = self->errand->stopped (self);
  kh_run_end (self, status);
}

static void
on_offline (KhRun *self, const KhEvent *event)
{
  g_autofree char *why = kh_text_clean (event->text);
  gboolean was_online = self->is_online;

  self->is_online = FALSE;
  if (!self->was_online || event->final)
    kh_run_fail (self, KH_STATUS_SERVER, "%s", why);
  else if (self->errand->lost != NULL)
    kh_run_fail (self, KH_STATUS_SERVER, "%s: %s", self->errand->lost, why);
  else if (!self->is_ready)
    kh_run_fail (self, KH_STATUS_SERVER, "%s", why);
  else if (was_online)
    {
      g_autofree char *message
          = g_strdup_printf ("offline: %s; it is dialled again until it answers", why);

      kh_output_error (self->output, KH_STATUS_SERVER, message);
    }
}

static void
on_ready (KhRun *self)
{
  if (self->is_ready)
    return;
  self->is_ready = TRUE;
  if (self->errand->peer != NULL)
    kh_reach_begin (self);
  else
    g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->errand->ready != NULL && !self->is_ending)
    self->errand->ready (self);
}

/* What every errand does about an event. */
static void
follow (KhRun *self, const KhEvent *event)
{
  switch (event->kind)
    {
    case KH_EVENT_ONLINE:
      self->is_online = TRUE;
      self->was_online = TRUE;
      break;
    case KH_EVENT_OFFLINE:
      on_offline (self, event);
      break;
    case KH_EVENT_ROOM_REFUSED:
      if (!self->errand->needs_no_room)
        {
          g_autofree char *why = kh_text_clean (event->text);

          kh_run_fail (self, KH_STATUS_SERVER, "%s", why);
        }
      break;
    case KH_EVENT_PEERS_READY:
      on_ready (self);
      break;
    default:
      break;
    }
}

/* While it ends, only what nobody would learn otherwise. The list of peers is printed in
 * one go by those who want it. */
static gboolean
is_worth_telling (const KhRun *self, const KhEvent *event)
{
  if (self->is_ending)
    return event->kind == KH_EVENT_MESSAGE || event->kind == KH_EVENT_FILE
           || event->kind == KH_EVENT_DELIVERED || event->kind == KH_EVENT_DONE;
  return (event->kind != KH_EVENT_PEER && event->kind != KH_EVENT_PEER_NETWORK)
         || self->is_ready;
}

static void
on_event (G_GNUC_UNUSED KhClient *client, const KhEvent *event, gpointer data)
{
  KhRun *self = data;

  if (is_worth_telling (self, event))
    kh_report_event (self->report, event);
  if (!self->is_ending)
    follow (self, event);
  if (!self->is_ending)
    kh_requests_event (self, event);
  if (!self->is_ending && self->errand->peer != NULL)
    kh_reach_event (self, event);
  if (!self->is_ending && self->errand->event != NULL)
    self->errand->event (self, event);
  if (kh_output_is_closed (self->output))
    on_interrupt (TRUE, self);
}

/* What was not given stays as it is remembered. */
static void
limit (const KhRun *self, KhClient *client)
{
  const KhOptions *options = self->options;
  guint64 up;
  guint64 down;

  if (!options->has_limit_up && !options->has_limit_down)
    return;
  kh_client_get_limits (client, &up, &down);
  kh_client_set_limits (client, options->has_limit_up ? options->limit_up : up,
                        options->has_limit_down ? options->limit_down : down);
}

static KhClient *
make_client (KhRun *self)
{
  g_autofree char *holder
      = g_strdup_printf ("knothole-cli %s", self->options->command->name);
  g_autoptr (GError) error = NULL;
  KhClientOptions options = {
    .data_dir = self->options->data_dir,
    .holder = holder,
    .server = self->options->server,
    .name = self->options->name,
    .room = self->options->room,
    .consent = self->errand->consent,
    .save_to = self->errand->save_to != NULL ? self->errand->save_to : ".",
    .only = self->errand->only,
    .quota = self->errand->quota,
    .reach = { .no_relay = self->options->no_relay,
               .no_port_mapping = self->options->no_port_mapping,
               .forwarded_port = (guint16)MAX (self->options->forwarded_port, 0) },
    .resume = self->errand->resume,
  };
  KhClient *client = kh_client_new (&options, &error);

  if (client == NULL)
    kh_folder_fail (self->options, self->output, error);
  else
    limit (self, client);
  return client;
}

/* False when the peer's id has a mistake: that is known without a server. */
static gboolean
check_peer (KhRun *self)
{
  g_autofree char *problem = NULL;
  g_autofree char *message = NULL;
  KhPeerId id;

  if (self->errand->peer == NULL
      || kh_client_find (self->client, self->errand->peer, &id) != KH_FIND_BAD_ID)
    return TRUE;
  problem = kh_profile_explain_id (self->errand->peer);
  message = kh_text_clean (problem);
  kh_output_error (self->output, KH_STATUS_USAGE, message);
  return FALSE;
}

static KhStatus
go (KhRun *self)
{
  if (kh_client_room_is_weak (self->client))
    kh_output_warn (self->output,
                    "the room's word is short: who runs the server can find it "
                    "out. `knothole-cli invite --new-room` makes a good one");
  self->loop = g_main_loop_new (NULL, FALSE);
  self->report = kh_report_new (self->output, self->client);
  self->lines = kh_lines_new (KH_TERMINAL_INPUT, KH_MESSAGE_TEXT_MAX, on_line, self);
  g_signal_connect (self->client, "event", G_CALLBACK (on_event), self);
  kh_interrupt_watch (on_interrupt, self);
  if (!self->errand->stays)
    kh_run_begin_timeout (self);
  kh_client_go_online (self->client);
  g_main_loop_run (self->loop);
  kh_interrupt_unwatch ();
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_handle_id (&self->timeout, g_source_remove);
  return self->status;
}

KhStatus
kh_run (const KhOptions *options, const KhErrand *errand, gpointer data)
{
  KhRun self = { .options = options, .errand = errand, .data = data };
  KhStatus status = KH_STATUS_USAGE;

  self.output = kh_output_new (options->json);
  self.questions = kh_questions_new (self.output);
  self.client = make_client (&self);
  if (self.client != NULL && check_peer (&self))
    status = go (&self);
  g_clear_pointer (&self.lines, kh_lines_free);
  g_clear_pointer (&self.report, kh_report_free);
  g_clear_pointer (&self.loop, g_main_loop_unref);
  g_clear_object (&self.client);
  kh_questions_free (self.questions);
  kh_output_free (self.output);
  return status;
}

gboolean
kh_run_is_peer (const KhRun *self, const KhEvent *event)
{
  return self->has_peer && kh_peer_id_equal (&self->peer, &event->peer);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/run.h"
#include "cli/text.h"

#define INTERVAL_S 1

/* After the last ping. */
#define LAST_ANSWER_S 5

typedef struct
{
  guint n_sent;
  guint n_answered;
  gint64 least_us;
  gint64 most_us;
  gint64 sum_us;
  guint timer;
} Ping;

static void
summarise (KhRun *run)
{
  Ping *self = run->data;
  g_autofree char *sent = kh_text_count (self->n_sent, "ping", "pings");
  g_autofree char *answered = kh_text_count (self->n_answered, "answer", "answers");

  if (self->n_answered == 0)
    kh_output_result (run->output, "%s, no answer", sent);
  else
    kh_output_result (run->output, "%s, %s; least/mean/most %.3f/%.3f/%.3f ms", sent,
                      answered, (double)self->least_us / 1000,
                      (double)self->sum_us / self->n_answered / 1000,
                      (double)self->most_us / 1000);
}

static KhStatus
result (const Ping *self)
{
  return self->n_answered > 0 ? KH_STATUS_DONE : KH_STATUS_NO_PATH;
}

static gboolean
on_late (gpointer data)
{
  KhRun *run = data;
  Ping *self = run->data;

  self->timer = 0;
  summarise (run);
  kh_run_end (run, result (self));
  return G_SOURCE_REMOVE;
}

static gboolean
on_due (gpointer data)
{
  KhRun *run = data;
  Ping *self = run->data;

  self->timer = 0;
  if (!kh_client_ping (run->client, &run->peer))
    return G_SOURCE_REMOVE; /* the end of the channel is on its way here */
  self->n_sent++;
  if (self->n_sent < (guint)run->options->count)
    self->timer = g_timeout_add_seconds (INTERVAL_S, on_due, run);
  else
    self->timer = g_timeout_add_seconds (LAST_ANSWER_S, on_late, run);
  return G_SOURCE_REMOVE;
}

static void
on_connected (KhRun *run)
{
  const Ping *self = run->data;

  /* A channel that takes the place of another finds the clock running. */
  if (self->timer == 0)
    on_due (run);
}

static void
on_pong (KhRun *run, const KhEvent *event)
{
  Ping *self = run->data;
  gint64 trip_us = event->round_trip_us;

  if (self->n_answered == self->n_sent)
    return;
  self->least_us = self->n_answered == 0 ? trip_us : MIN (self->least_us, trip_us);
  self->most_us = MAX (self->most_us, trip_us);
  self->sum_us += trip_us;
  self->n_answered++;
  kh_output_take_json (run->output,
                       kh_json_event (event, kh_client_get_id (run->client)));
  kh_output_result (run->output, "%u  %.3f ms", self->n_answered, (double)trip_us / 1000);
  if (self->n_answered < (guint)run->options->count)
    return;
  summarise (run);
  kh_run_end (run, KH_STATUS_DONE);
}

static void
on_event (KhRun *run, const KhEvent *event)
{
  if (!kh_run_is_peer (run, event))
    return;
  if (event->kind == KH_EVENT_PONG)
    on_pong (run, event);
  else if (event->kind == KH_EVENT_DISCONNECTED && !run->is_connected)
    {
      summarise (run);
      kh_run_fail (run, KH_STATUS_NO_PATH, "the connection was lost: %s",
                   kh_text_link_end (event->link_end));
    }
}

static KhStatus
on_stopped (KhRun *run)
{
  summarise (run);
  return result (run->data);
}

KhStatus
kh_ping_run (const KhOptions *options)
{
  Ping self = { 0 };
  KhErrand errand = {
    .peer = options->arguments[0],
    .consent = KH_CONSENT_NONE,
    .connected = on_connected,
    .event = on_event,
    .stopped = on_stopped,
  };
  KhStatus status = kh_run (options, &errand, &self);

  g_clear_handle_id (&self.timer, g_source_remove);
  return status;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"
#include "cli/people.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "cli/text.h"

typedef struct
{
  KhPeerId last; /* who wrote last */
  char *last_name;
  guint n_undelivered;
} Listen;

static void
on_ready (KhRun *run)
{
  guint n = kh_people_print (run);
  g_autofree char *count = kh_text_count (n, "other is", "others are");
  g_autofree char *name = kh_text_clean (kh_client_get_name (run->client));
  g_autofree char *room = kh_text_clean (kh_client_get_room (run->client));

  kh_report_show_peers (run->report, TRUE);
  kh_output_note (run->output, "here as %s in %s%s; %s online", name,
                  *room != '\0' ? "the room " : "the lobby", room, count);
  kh_run_want_lines (run, TRUE);
}

static void
remember (Listen *self, const KhEvent *event)
{
  self->last = event->peer;
  g_free (self->last_name);
  self->last_name = kh_text_name (event);
}

static void
on_call_ended (KhRun *run, const KhEvent *event)
{
  g_autofree char *sentence = kh_text_call_ended (event);

  /* That somebody gave up or was declined is no trouble here. */
  if (kh_text_call_status (event->call_end) == KH_STATUS_NO_PATH
      && event->call_end != KH_CALL_END_CANCELLED)
    kh_output_error (run->output, KH_STATUS_NO_PATH, sentence);
}

static void
on_event (KhRun *run, const KhEvent *event)
{
  Listen *self = run->data;

  if (event->kind == KH_EVENT_ONLINE && run->is_ready)
    kh_output_note (run->output, "online again");
  else if (event->kind == KH_EVENT_MESSAGE)
    remember (self, event);
  else if (event->kind == KH_EVENT_CALL_ENDED)
    on_call_ended (run, event);
  else if (event->kind == KH_EVENT_DELIVERED && self->n_undelivered > 0)
    {
      self->n_undelivered--;
      kh_run_want_lines (run, TRUE);
    }
}

static void
on_line (KhRun *run, const char *line)
{
  Listen *self = run->data;
  g_autoptr (GError) error = NULL;
  KhItemId message;

  if (line == NULL || *line == '\0')
    return;
  if (self->last_name == NULL)
    {
      kh_output_warn (run->output, "nobody has written yet, so that line went nowhere");
      return;
    }
  if (!kh_client_send_message (run->client, &self->last, line, &message, &error))
    {
      g_autofree char *why = kh_text_clean (error->message);

      kh_output_warn (run->output, "not sent: %s", why);
      return;
    }
  self->n_undelivered++;
  if (!kh_client_is_connected (run->client, &self->last))
    kh_output_note (run->output, "kept until %s is connected again", self->last_name);
  else if (self->n_undelivered >= KH_RUN_MOST_UNDELIVERED)
    kh_run_want_lines (run, FALSE);
}

static KhStatus
on_stopped (KhRun *run)
{
  Listen *self = run->data;
  g_autofree char *count = kh_text_count (self->n_undelivered, "message", "messages");

  if (self->n_undelivered > 0)
    kh_output_warn (run->output, "%s not delivered yet: kept for the next connection",
                    count);
  return KH_STATUS_DONE;
}

KhStatus
kh_listen_run (const KhOptions *options)
{
  g_autoptr (KhOutput) output = kh_output_new (options->json);
  gboolean has_person = kh_output_has_person (output);
  const char *save_to = options->save_to != NULL ? options->save_to : ".";
  g_autofree char *shown = kh_text_clean (save_to);
  Listen self = { 0 };
  KhErrand errand = {
    .consent = options->accept,
    .save_to = save_to,
    .only = (const char *const *)options->only,
    .quota = options->quota,
    .resume = KH_RESUME_TRANSFERS,
    .stays = TRUE,
    .ready = on_ready,
    .event = on_event,
    .line = on_line,
    .stopped = on_stopped,
  };
  KhStatus status;

  if (!g_file_test (save_to, G_FILE_TEST_IS_DIR))
    {
      g_autofree char *message
          = g_strdup_printf ("--save-to: there is no folder %s", shown);

      kh_output_error (output, KH_STATUS_USAGE, message);
      return KH_STATUS_USAGE;
    }
  if (options->accept == KH_CONSENT_ASK && !has_person)
    kh_output_warn (output,
                    "calls and files are declined: there is no terminal to ask on "
                    "(see --accept)");
  status = kh_run (options, &errand, &self);
  g_free (self.last_name);
  return status;
}

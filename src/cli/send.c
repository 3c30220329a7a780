/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"
#include "cli/outcome.h"
#include "cli/run.h"
#include "cli/text.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  const char *const *paths;
  KhItemId item;
  gboolean is_sent; /* the client has it, and @item is set */
  guint lost;       /* runs while there is no connection */
  /* What was said last of why there is none. */
  gboolean has_reason;
  KhCallEnd reason;
} Send;

static gboolean
is_ours (const KhRun *run, const KhEvent *event)
{
  const Send *self = run->data;

  return self->is_sent && event->outgoing
         && memcmp (&event->item, &self->item, sizeof self->item) == 0;
}

/* The transfer lives on: says so, and what ends it. */
static void
fail_for_now (KhRun *run, KhStatus status, const char *why)
{
  const Send *self = run->data;
  g_autofree char *id = kh_outcome_short_id (&self->item);

  kh_run_fail (run, status,
               "%s; the transfer %s is kept and goes on the next time both are online: "
               "`knothole-cli listen` waits for that, `knothole-cli transfers` shows it, "
               "`knothole-cli transfers cancel %s` ends it",
               why, id, id);
}

static gboolean
on_lost (gpointer data)
{
  KhRun *run = data;
  Send *self = run->data;
  g_autofree char *why
      = g_strdup_printf ("no new connection within %d s", run->options->timeout_s);

  self->lost = 0;
  fail_for_now (run, KH_STATUS_TRANSFER, why);
  return G_SOURCE_REMOVE;
}

static void
begin (KhRun *run)
{
  Send *self = run->data;
  g_autoptr (GError) error = NULL;

  if (!kh_client_send (run->client, &run->peer, self->paths, &self->item, &error))
    {
      g_autofree char *why = kh_text_clean (error->message);

      kh_run_fail (run, KH_STATUS_TRANSFER, "%s", why);
      return;
    }
  self->is_sent = TRUE;
  kh_report_expect (run->report, &run->peer, &self->item, self->paths[0],
                    g_strv_length ((char **)self->paths));
}

static void
on_connected (KhRun *run)
{
  Send *self = run->data;

  g_clear_handle_id (&self->lost, g_source_remove);
  self->has_reason = FALSE;
  if (!self->is_sent)
    begin (run);
}

/* The client calls again by itself. */
static void
on_disconnected (KhRun *run)
{
  Send *self = run->data;

  if (run->is_connected || self->lost != 0)
    return;
  kh_output_note (run->output, "calling again, for %d s at most",
                  run->options->timeout_s);
  self->lost = g_timeout_add_seconds ((guint)run->options->timeout_s, on_lost, run);
}

static void
on_call_ended (KhRun *run, const KhEvent *event)
{
  Send *self = run->data;
  g_autofree char *why = kh_text_call_ended (event);

  if (run->is_connected || !self->is_sent)
    return;
  if (event->call_end == KH_CALL_END_DECLINED)
    fail_for_now (run, KH_STATUS_DECLINED, why);
  else if (!self->has_reason || self->reason != event->call_end)
    kh_output_note (run->output, "%s; still trying", why);
  self->has_reason = TRUE;
  self->reason = event->call_end;
}

static void
on_event (KhRun *run, const KhEvent *event)
{
  /* It has been reported; what can't be kept can't go on. */
  if (event->kind == KH_EVENT_TROUBLE)
    kh_run_end (run, KH_STATUS_TRANSFER);
  if (!kh_run_is_peer (run, event))
    return;
  if (event->kind == KH_EVENT_DISCONNECTED)
    on_disconnected (run);
  else if (event->kind == KH_EVENT_CALL_ENDED)
    on_call_ended (run, event);
  else if (event->kind == KH_EVENT_DONE && is_ours (run, event))
    kh_run_end (run, kh_outcome_is_nothing (event) ? KH_STATUS_DECLINED : KH_STATUS_DONE);
  else if (event->kind == KH_EVENT_TRANSFER_ENDED && is_ours (run, event))
    kh_run_end (run, kh_outcome_status (event->transfer_end));
}

/* What was under way has been told by the report. */
static KhStatus
on_stopped (KhRun *run)
{
  const Send *self = run->data;

  if (!self->is_sent)
    kh_output_warn (run->output, "nothing was sent");
  return KH_STATUS_TRANSFER;
}

/* A sentence about why @path can't be sent, or NULL. */
static char *
find_mistake (const char *path)
{
  g_autofree char *shown = kh_text_clean (path);
  GStatBuf info;

  if (g_stat (path, &info) != 0)
    return g_strdup_printf ("%s: %s", shown, g_strerror (errno));
  if (!S_ISREG (info.st_mode) && !S_ISDIR (info.st_mode))
    return g_strdup_printf ("%s is neither a file nor a folder", shown);
  if (g_access (path, R_OK) != 0)
    return g_strdup_printf ("%s can't be read: %s", shown, g_strerror (errno));
  return NULL;
}

KhStatus
kh_send_run (const KhOptions *options)
{
  g_autoptr (KhOutput) output = kh_output_new (options->json);
  Send self = { .paths = (const char *const *)options->arguments + 1 };
  KhErrand errand = {
    .peer = options->arguments[0],
    .consent = KH_CONSENT_NONE,
    .resume = KH_RESUME_CALLED,
    .connected = on_connected,
    .event = on_event,
    .stopped = on_stopped,
  };
  KhStatus status;

  for (const char *const *path = self.paths; *path != NULL; path++)
    {
      g_autofree char *mistake = find_mistake (*path);

      if (mistake != NULL)
        {
          kh_output_error (output, KH_STATUS_USAGE, mistake);
          return KH_STATUS_USAGE;
        }
    }
  status = kh_run (options, &errand, &self);
  g_clear_handle_id (&self.lost, g_source_remove);
  return status;
}

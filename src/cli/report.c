/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report.h"

#include "cli/files.h"
#include "cli/json.h"
#include "cli/nat-words.h"
#include "cli/text.h"

#include <time.h>

/* A message older than this is shown with its day. */
#define TODAY_S (12 * 3600)

struct _KhReport
{
  /* Borrowed */
  KhOutput *output;
  KhClient *client;
  /* Owned */
  KhFiles *files;
  /* State */
  gboolean show_peers;
};

/* @at_ms comes from the peer, so it can be anything. */
static char *
time_text (gint64 at_ms)
{
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  gint64 at_s = at_ms / 1000;
  g_autoptr (GDateTime) local = g_date_time_new_from_unix_local (at_s);

  if (local == NULL)
    return g_strdup ("?");
  return g_date_time_format (local,
                             ABS (now_s - at_s) < TODAY_S ? "%H:%M" : "%Y-%m-%d %H:%M");
}

static void
say_message (KhReport *self, const KhEvent *event, const char *name)
{
  g_autofree char *at = time_text (event->at_ms);
  g_autofree char *bold = kh_output_bold (self->output, name);
  g_autofree char *text = kh_text_message (event->text);

  kh_output_result (self->output, "%s %s: %s", at, bold, text);
}

static void
say_peer (KhReport *self, const KhEvent *event, const char *name)
{
  g_autofree char *id = kh_peer_id_to_text (&event->peer);

  if (self->show_peers)
    kh_output_result (self->output, "%s is %s (%s)", name,
                      event->online ? "online" : "offline", id);
}

static void
say_peer_network (KhReport *self, const KhEvent *event, const char *name)
{
  const char *direct = kh_nat_words_say_outlook (event->outlook);

  if (self->show_peers && direct != NULL)
    kh_output_result (self->output, "%s: direct connection %s", name, direct);
}

/* What has a plain line and a JSON line. */
static void
say (KhReport *self, const KhEvent *event)
{
  g_autofree char *name = kh_text_name (event);
  g_autofree char *text = kh_text_clean (event->text);
  g_autofree char *sentence = NULL;

  switch (event->kind)
    {
    case KH_EVENT_ONLINE:
      kh_output_detail (self->output, "online at %s", text);
      break;
    case KH_EVENT_PEER:
      say_peer (self, event, name);
      break;
    case KH_EVENT_PEER_NETWORK:
      say_peer_network (self, event, name);
      break;
    case KH_EVENT_CALL_WAITING:
      kh_output_note (self->output, "%s is being asked whether to connect", name);
      break;
    case KH_EVENT_PUNCH:
      sentence = kh_text_step (event);
      kh_output_detail (self->output, "%u  %s", event->step, sentence);
      break;
    case KH_EVENT_STRANGER:
      kh_output_note (self->output, "someone else answered at %s's address: ignored",
                      name);
      break;
    case KH_EVENT_CONNECTED:
      sentence = kh_text_connected (event);
      kh_output_note (self->output, "%s", sentence);
      break;
    case KH_EVENT_DISCONNECTED:
      kh_output_note (self->output, "%s is disconnected: %s", name,
                      kh_text_link_end (event->link_end));
      break;
    case KH_EVENT_MESSAGE:
      say_message (self, event, name);
      break;
    default:
      break;
    }
}

KhReport *
kh_report_new (KhOutput *output, KhClient *client)
{
  KhReport *self = g_new0 (KhReport, 1);

  self->output = output;
  self->client = client;
  self->files = kh_files_new (output, client);
  return self;
}

void
kh_report_free (KhReport *self)
{
  kh_files_free (self->files);
  g_free (self);
}

void
kh_report_show_peers (KhReport *self, gboolean show)
{
  self->show_peers = show;
}

void
kh_report_expect (KhReport *self, const KhPeerId *peer, const KhItemId *item,
                  const char *path, guint n_paths)
{
  kh_files_expect (self->files, peer, item, path, n_paths);
}

void
kh_report_event (KhReport *self, const KhEvent *event)
{
  /* A channel also measures itself: pongs belong to the command that asked. */
  if (kh_files_event (self->files, event) || event->kind == KH_EVENT_PONG)
    return;
  if (kh_output_is_json (self->output))
    kh_output_take_json (self->output,
                         kh_json_event (event, kh_client_get_id (self->client)));
  else
    say (self, event);
  if (event->kind == KH_EVENT_TROUBLE)
    {
      g_autofree char *sentence = kh_text_clean (event->text);

      kh_output_error (self->output, KH_STATUS_TRANSFER, sentence);
    }
}

void
kh_report_unfinished (KhReport *self)
{
  kh_files_unfinished (self->files);
}

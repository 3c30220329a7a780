/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report.h"

#include "cli/json.h"
#include "cli/progress.h"
#include "cli/text.h"

#include <string.h>
#include <time.h>

/* A message older than this is shown with its day. */
#define TODAY_S (12 * 3600)

/* A file on its way. */
typedef struct
{
  KhItemId item;
  char *name; /* clean */
  gboolean outgoing;
  KhProgress progress;
  gint64 drawn_at_us;
  gint64 logged_at_us;
} Bar;

struct _KhReport
{
  /* Borrowed */
  KhOutput *output;
  /* Owned */
  GPtrArray *bars;
  /* State */
  KhPeerId own_id;
  gboolean show_peers;
};

static void
bar_free (gpointer data)
{
  Bar *bar = data;

  g_free (bar->name);
  g_free (bar);
}

static Bar *
find_bar (KhReport *self, const KhItemId *item, guint *index)
{
  for (guint i = 0; i < self->bars->len; i++)
    {
      Bar *bar = g_ptr_array_index (self->bars, i);

      if (memcmp (&bar->item, item, sizeof *item) == 0)
        {
          *index = i;
          return bar;
        }
    }
  return NULL;
}

static Bar *
add_bar (KhReport *self, const KhEvent *event)
{
  Bar *bar = g_new0 (Bar, 1);
  gint64 now_us = g_get_monotonic_time ();

  bar->item = event->item;
  bar->name = kh_text_clean (event->text);
  bar->outgoing = event->outgoing;
  bar->logged_at_us = now_us;
  kh_progress_start (&bar->progress, now_us, event->total);
  g_ptr_array_add (self->bars, bar);
  return bar;
}

static void
drop_bar (KhReport *self, const KhItemId *item)
{
  guint index;

  if (find_bar (self, item, &index) == NULL)
    return;
  kh_output_set_status (self->output, NULL);
  g_ptr_array_remove_index (self->bars, index);
}

/* The one that has run longest stands for all of them. */
static void
draw (KhReport *self)
{
  Bar *bar = g_ptr_array_index (self->bars, 0);
  guint width = kh_output_status_width (self->output);
  g_autofree char *line = kh_progress_bar (&bar->progress, bar->name, width);

  kh_output_set_status (self->output, line);
}

static void
on_progress (KhReport *self, const KhEvent *event)
{
  gint64 now_us = g_get_monotonic_time ();
  guint index = self->bars->len;
  Bar *bar = find_bar (self, &event->item, &index);

  if (bar == NULL)
    bar = add_bar (self, event);
  kh_progress_advance (&bar->progress, now_us, event->bytes);
  if (now_us - bar->drawn_at_us < KH_REPORT_DRAW_US && event->bytes < event->total)
    return;
  bar->drawn_at_us = now_us;
  if (kh_output_is_json (self->output))
    kh_output_take_json (self->output, kh_json_event (event, &self->own_id));
  else if (kh_output_status_width (self->output) > 0 && index == 0)
    draw (self);
  else if (kh_output_status_width (self->output) == 0
           && now_us - bar->logged_at_us >= KH_REPORT_LOG_US)
    {
      g_autofree char *line = kh_progress_line (&bar->progress, bar->name);

      bar->logged_at_us = now_us;
      kh_output_note (self->output, "%s", line);
    }
}

/* @at_ms comes from the peer, so it can be anything. */
static char *
time_text (gint64 at_ms)
{
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  time_t at_s = (time_t)(at_ms / 1000);
  struct tm local;
  char text[64];

  if (localtime_r (&at_s, &local) == NULL)
    return g_strdup ("?");
  if (ABS (now_s - (gint64)at_s) < TODAY_S)
    strftime (text, sizeof text, "%H:%M", &local);
  else
    strftime (text, sizeof text, "%Y-%m-%d %H:%M", &local);
  return g_strdup (text);
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
say_offer (KhReport *self, const KhEvent *event, const char *name)
{
  g_autofree char *file = kh_text_clean (event->text);
  g_autofree char *size = kh_text_size (event->total);

  kh_output_note (self->output, "%s offers %s (%s)", name, file, size);
}

static void
say_file (KhReport *self, const KhEvent *event, const char *name)
{
  g_autofree char *path = kh_text_clean (event->text);
  g_autofree char *size = kh_text_size (event->bytes);

  if (!event->outgoing)
    kh_output_result (self->output, "received from %s: %s (%s)", name, path, size);
}

/* A channel that ended does not say how far the file was. */
static void
say_ended (KhReport *self, const KhEvent *event)
{
  KhStatus status = event->transfer_end == KH_TRANSFER_END_DECLINED ? KH_STATUS_DECLINED
                                                                    : KH_STATUS_TRANSFER;
  KhEvent ended = *event;
  guint index;
  Bar *bar = find_bar (self, &event->item, &index);
  g_autofree char *sentence = NULL;

  if (bar != NULL)
    ended.bytes = MAX (ended.bytes, bar->progress.bytes);
  drop_bar (self, &event->item);
  sentence = kh_text_transfer_ended (&ended);
  kh_output_error (self->output, status, sentence);
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
    case KH_EVENT_OFFER:
      say_offer (self, event, name);
      break;
    case KH_EVENT_FILE:
      say_file (self, event, name);
      break;
    default:
      break;
    }
}

KhReport *
kh_report_new (KhOutput *output, const KhPeerId *own_id)
{
  KhReport *self = g_new0 (KhReport, 1);

  self->output = output;
  self->own_id = *own_id;
  self->bars = g_ptr_array_new_with_free_func (bar_free);
  return self;
}

void
kh_report_free (KhReport *self)
{
  g_ptr_array_unref (self->bars);
  g_free (self);
}

void
kh_report_show_peers (KhReport *self, gboolean show)
{
  self->show_peers = show;
}

void
kh_report_event (KhReport *self, const KhEvent *event)
{
  if (event->kind == KH_EVENT_PROGRESS)
    {
      on_progress (self, event);
      return;
    }
  if (event->kind == KH_EVENT_TRANSFER_ENDED)
    {
      say_ended (self, event);
      return;
    }
  if (event->kind == KH_EVENT_DONE)
    drop_bar (self, &event->item);
  /* A channel also measures itself: pongs belong to the command that asked. */
  if (event->kind == KH_EVENT_PONG)
    return;
  if (kh_output_is_json (self->output))
    kh_output_take_json (self->output, kh_json_event (event, &self->own_id));
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
  kh_output_set_status (self->output, NULL);
  for (guint i = 0; i < self->bars->len; i++)
    {
      Bar *bar = g_ptr_array_index (self->bars, i);
      g_autofree char *bytes = kh_text_size (bar->progress.bytes);
      g_autofree char *total = kh_text_size (bar->progress.total);

      if (!bar->outgoing)
        kh_output_warn (self->output, "not received: %s (%s of %s had come)", bar->name,
                        bytes, total);
    }
}

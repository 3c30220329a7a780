/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/files.h"

#include "cli/json.h"
#include "cli/offer.h"
#include "cli/outcome.h"
#include "cli/progress.h"
#include "cli/text.h"

#include <string.h>

/* A transfer on its way. */
typedef struct
{
  KhPeerId peer;
  KhItemId item;
  gboolean outgoing;
  /* Owned, clean */
  char *name;
  char *folder; /* NULL until it is known */
  char *place;  /* of the file that came last; NULL */
  /* State */
  gboolean has_begun;
  gboolean is_moving; /* bytes have come since the last pause or interruption */
  gboolean paused_here;
  gboolean paused_there;
  guint n_more; /* paths beside the one that the client calls it by */
  guint n_files;
  guint n_failed;
  guint n_restarted;
  KhFrameStatus status; /* of the file that failed last */
  KhProgress progress;
  guint64 drawn_bytes;
  gint64 drawn_at_us;
  gint64 logged_at_us;
} Track;

struct _KhFiles
{
  /* Borrowed */
  KhOutput *output;
  KhClient *client;
  /* Owned */
  GPtrArray *tracks;
};

static void
track_free (gpointer data)
{
  Track *track = data;

  g_free (track->name);
  g_free (track->folder);
  g_free (track->place);
  g_free (track);
}

static Track *
find_track (const KhFiles *self, const KhEvent *event)
{
  for (guint i = 0; i < self->tracks->len; i++)
    {
      Track *track = g_ptr_array_index (self->tracks, i);

      if (memcmp (&track->item, &event->item, sizeof track->item) == 0
          && kh_peer_id_equal (&track->peer, &event->peer)
          && track->outgoing == event->outgoing)
        return track;
    }
  return NULL;
}

/* "f.bin and 2 more". @track may be NULL. */
static char *
call_it (const Track *track, const char *text)
{
  g_autofree char *name = kh_text_clean (text);
  g_autofree char *more = kh_text_number (track != NULL ? track->n_more : 0);

  if (track == NULL || track->n_more == 0)
    return g_steal_pointer (&name);
  return g_strdup_printf ("%s and %s more", name, more);
}

/* What the client knows of it beyond the events. */
static void
learn (const KhFiles *self, Track *track)
{
  g_autoptr (GPtrArray) infos = kh_client_list_transfers (self->client);

  for (guint i = 0; i < infos->len; i++)
    {
      const KhTransferInfo *info = g_ptr_array_index (infos, i);

      if (memcmp (&info->item, &track->item, sizeof info->item) != 0
          || !kh_peer_id_equal (&info->peer, &track->peer)
          || info->outgoing != track->outgoing)
        continue;
      g_free (track->name);
      track->name = call_it (track, info->name);
      if (track->folder == NULL && info->folder != NULL)
        track->folder = kh_text_clean (info->folder);
      track->n_files = info->wanted_files;
      kh_progress_count (&track->progress,
                         info->done_files + info->there_files + info->failed_files,
                         info->wanted_files);
      return;
    }
}

static Track *
add_track (KhFiles *self, const KhEvent *event)
{
  Track *track = g_new0 (Track, 1);

  track->peer = event->peer;
  track->item = event->item;
  track->outgoing = event->outgoing;
  track->name = kh_text_clean (event->text);
  track->logged_at_us = g_get_monotonic_time ();
  learn (self, track);
  g_ptr_array_add (self->tracks, track);
  return track;
}

static Track *
find_or_add_track (KhFiles *self, const KhEvent *event)
{
  Track *track = find_track (self, event);

  return track != NULL ? track : add_track (self, event);
}

static void
stop_moving (KhFiles *self, Track *track)
{
  if (track->is_moving)
    kh_output_set_status (self->output, NULL);
  track->is_moving = FALSE;
}

static void
drop_track (KhFiles *self, Track *track)
{
  if (track == NULL)
    return;
  stop_moving (self, track);
  g_ptr_array_remove (self->tracks, track);
}

/* The one that has run longest stands for all of them. */
static gboolean
has_bar (const KhFiles *self, const Track *track)
{
  for (guint i = 0; i < self->tracks->len; i++)
    {
      const Track *one = g_ptr_array_index (self->tracks, i);

      if (one->is_moving)
        return one == track;
    }
  return FALSE;
}

static void
draw (KhFiles *self, Track *track, const KhEvent *event, gint64 now_us)
{
  guint width = kh_output_status_width (self->output);
  g_autofree char *line = NULL;

  if (width > 0)
    {
      g_autofree char *base = g_path_get_basename (event->text);
      g_autofree char *file = kh_text_clean (base);

      if (!has_bar (self, track))
        return;
      learn (self, track);
      line = kh_progress_bar (&track->progress, file, width);
      kh_output_set_status (self->output, line);
    }
  else if (now_us - track->logged_at_us >= KH_FILES_LOG_US)
    {
      track->logged_at_us = now_us;
      learn (self, track);
      line = kh_progress_line (&track->progress, track->name);
      kh_output_note (self->output, "%s", line);
    }
}

static void
on_progress (KhFiles *self, const KhEvent *event)
{
  Track *track = find_or_add_track (self, event);
  gint64 now_us = g_get_monotonic_time ();
  gboolean is_last;

  if (!track->is_moving)
    kh_progress_start (&track->progress, now_us, event->bytes, event->total);
  kh_progress_advance (&track->progress, now_us, event->bytes, event->total);
  kh_progress_file (&track->progress, event->file_bytes, event->file_total);
  track->has_begun = TRUE;
  track->is_moving = TRUE;
  is_last = event->bytes >= event->total && track->drawn_bytes < event->total;
  if (now_us - track->drawn_at_us < KH_FILES_DRAW_US && !is_last)
    return;
  track->drawn_at_us = now_us;
  track->drawn_bytes = event->bytes;
  if (kh_output_is_json (self->output))
    kh_output_take_json (self->output,
                         kh_json_event (event, kh_client_get_id (self->client)));
  else
    draw (self, track, event, now_us);
}

/* Where a person is asked, the question says it. */
static void
say_offer (KhFiles *self, const KhEvent *event)
{
  g_autofree char *peer = kh_text_name (event);
  g_autofree char *summary = kh_offer_summary (event);

  if (!event->waiting || !kh_output_has_person (self->output))
    kh_output_note (self->output, "%s offers %s", peer, summary);
}

static void
on_file (KhFiles *self, const KhEvent *event)
{
  Track *track = find_or_add_track (self, event);

  if (track->folder == NULL && track->place == NULL)
    learn (self, track);
  g_free (track->place);
  track->place = kh_text_clean (event->text);
}

static void
on_restarted (KhFiles *self, const KhEvent *event)
{
  Track *track = find_or_add_track (self, event);
  g_autofree char *path = kh_text_clean (event->text);

  if (++track->n_restarted <= KH_FILES_NAMED)
    kh_output_note (self->output, "%s: its source has changed, so it begins again", path);
}

static void
on_failed (KhFiles *self, const KhEvent *event)
{
  Track *track = find_or_add_track (self, event);
  g_autofree char *path = kh_text_clean (event->text);

  track->status = event->status;
  /* Of one file alone, the end of the transfer says it. */
  if (++track->n_failed <= KH_FILES_NAMED && track->n_files != 1)
    kh_output_note (self->output, "failed: %s: %s", path,
                    kh_outcome_reason (event->status));
}

static void
say_pause (KhFiles *self, Track *track, const KhEvent *event)
{
  g_autofree char *peer = kh_outcome_peer (event->name);
  g_autofree char *pause
      = kh_outcome_describe_pause (event->paused_here, event->paused_there, peer);

  if (event->paused_here == track->paused_here
      && event->paused_there == track->paused_there)
    return;
  track->paused_here = event->paused_here;
  track->paused_there = event->paused_there;
  stop_moving (self, track);
  kh_output_note (self->output, "%s: %s", track->name,
                  pause != NULL ? pause : "goes on after the pause");
}

static void
say_skipped (KhFiles *self, const Track *track, guint n)
{
  g_autofree char *count
      = kh_text_count (n, "pipe, socket or device is", "pipes, sockets or devices are");

  kh_output_warn (self->output, "%s: %s left out", track->name, count);
}

static void
on_transfer (KhFiles *self, const KhEvent *event)
{
  Track *track = find_track (self, event);
  g_autofree char *peer = kh_outcome_peer (event->name);

  if (event->phase >= KH_PHASE_DONE
      || (event->phase == KH_PHASE_OFFERED && !event->outgoing))
    return;
  if (track == NULL)
    track = add_track (self, event);
  else
    learn (self, track);
  if (event->n_left_out > 0)
    say_skipped (self, track, event->n_left_out);
  if (event->phase == KH_PHASE_OFFERED && !track->paused_here && !event->paused_here)
    kh_output_detail (self->output, "%s: waiting for %s to answer", track->name, peer);
  say_pause (self, track, event);
}

static void
on_interrupted (KhFiles *self, const KhEvent *event)
{
  Track *track = find_or_add_track (self, event);
  g_autofree char *bytes = kh_text_size (event->bytes);
  g_autofree char *total = kh_text_size (event->total);

  stop_moving (self, track);
  kh_output_note (self->output,
                  "%s: interrupted after %s of %s; it goes on by itself as soon as there "
                  "is a connection again",
                  track->name, bytes, total);
}

static void
say_received (KhFiles *self, const KhEvent *event, const Track *track, const char *peer)
{
  g_autofree char *name = kh_text_clean (event->text);
  g_autofree char *done = kh_outcome_done (event, name);
  g_autofree char *size = kh_text_size (event->bytes);

  if (track != NULL && track->place != NULL && event->n_files == 1)
    kh_output_result (self->output, "received from %s: %s (%s)", peer, track->place,
                      size);
  else if (track != NULL && track->folder != NULL)
    kh_output_result (self->output, "received from %s: %s in %s", peer, done,
                      track->folder);
  else
    kh_output_result (self->output, "received from %s: %s", peer, done);
}

static void
on_done (KhFiles *self, const KhEvent *event)
{
  Track *track = find_track (self, event);
  g_autofree char *peer = kh_text_name (event);
  g_autofree char *name = call_it (track, event->text);
  g_autofree char *done = kh_outcome_done (event, name);

  if (!event->outgoing)
    say_received (self, event, track, peer);
  else if (kh_outcome_is_nothing (event))
    kh_output_result (self->output, "%s left out everything of %s", peer, name);
  else
    kh_output_result (self->output, "arrived at %s: %s", peer, done);
  drop_track (self, track);
}

static void
say_how_to_retry (KhFiles *self, const KhEvent *event)
{
  g_autofree char *id = kh_outcome_short_id (&event->item);

  if (event->transfer_end == KH_TRANSFER_END_FAILED && event->code == KH_TREE_GOOD)
    kh_output_note (self->output,
                    "`knothole-cli transfers retry %s` tries again what failed", id);
}

static void
on_ended (KhFiles *self, const KhEvent *event)
{
  KhStatus status = kh_outcome_status (event->transfer_end);
  Track *track = find_track (self, event);
  KhEvent ended = *event;
  g_autofree char *name = call_it (track, event->text);
  g_autofree char *sentence = NULL;

  ended.text = name;
  if (track != NULL)
    {
      ended.bytes = MAX (ended.bytes, track->progress.bytes);
      if (ended.status == KH_FRAME_STATUS_COMPLETE)
        ended.status = track->status;
      if (track->n_failed > KH_FILES_NAMED)
        {
          g_autofree char *more = kh_text_number (track->n_failed - KH_FILES_NAMED);

          kh_output_note (self->output, "failed: and %s more", more);
        }
    }
  drop_track (self, track);
  sentence = kh_outcome_ended (&ended);
  kh_output_take_error (
      self->output, sentence,
      kh_json_transfer_error (status, sentence, &event->item, event->n_failed));
  say_how_to_retry (self, event);
}

/* All but progress, which is too much to be told each time. */
static void
follow (KhFiles *self, const KhEvent *event)
{
  switch (event->kind)
    {
    case KH_EVENT_OFFER:
      say_offer (self, event);
      break;
    case KH_EVENT_FILE:
      on_file (self, event);
      break;
    case KH_EVENT_FILE_RESTARTED:
      on_restarted (self, event);
      break;
    case KH_EVENT_FILE_FAILED:
      on_failed (self, event);
      break;
    case KH_EVENT_TRANSFER:
      on_transfer (self, event);
      break;
    case KH_EVENT_INTERRUPTED:
      on_interrupted (self, event);
      break;
    case KH_EVENT_DONE:
      on_done (self, event);
      break;
    default:
      break;
    }
}

KhFiles *
kh_files_new (KhOutput *output, KhClient *client)
{
  KhFiles *self = g_new0 (KhFiles, 1);

  self->output = output;
  self->client = client;
  self->tracks = g_ptr_array_new_with_free_func (track_free);
  return self;
}

void
kh_files_free (KhFiles *self)
{
  g_ptr_array_unref (self->tracks);
  g_free (self);
}

void
kh_files_expect (KhFiles *self, const KhPeerId *peer, const KhItemId *item,
                 const char *path, guint n_paths)
{
  KhEvent event = { .peer = *peer, .item = *item, .outgoing = TRUE, .text = path };
  Track *track = find_or_add_track (self, &event);

  track->n_more = n_paths - 1;
  g_free (track->name);
  track->name = call_it (track, path);
  learn (self, track);
}

gboolean
kh_files_event (KhFiles *self, const KhEvent *event)
{
  switch (event->kind)
    {
    case KH_EVENT_PROGRESS:
      on_progress (self, event);
      return TRUE;
    case KH_EVENT_TRANSFER_ENDED:
      on_ended (self, event);
      return TRUE;
    case KH_EVENT_OFFER:
    case KH_EVENT_FILE:
    case KH_EVENT_FILE_RESTARTED:
    case KH_EVENT_FILE_FAILED:
    case KH_EVENT_TRANSFER:
    case KH_EVENT_INTERRUPTED:
    case KH_EVENT_DONE:
      kh_output_take_json (self->output,
                           kh_json_event (event, kh_client_get_id (self->client)));
      follow (self, event);
      return TRUE;
    default:
      return FALSE;
    }
}

void
kh_files_unfinished (KhFiles *self)
{
  kh_output_set_status (self->output, NULL);
  for (guint i = 0; i < self->tracks->len; i++)
    {
      const Track *track = g_ptr_array_index (self->tracks, i);
      g_autofree char *id = kh_outcome_short_id (&track->item);
      g_autofree char *bytes = kh_text_size (track->progress.bytes);
      g_autofree char *total = kh_text_size (track->progress.total);
      g_autofree char *far
          = track->has_begun
                ? g_strdup_printf ("%s of %s %s", bytes, total,
                                   track->outgoing ? "were under way" : "had come")
                : g_strdup ("had not begun");

      kh_output_warn (self->output,
                      "not %s: %s (%s); it is kept and goes on when both are online, "
                      "`knothole-cli transfers cancel %s` ends it",
                      track->outgoing ? "sent" : "received", track->name, far, id);
    }
}

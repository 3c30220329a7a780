/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/outcome.h"

#include "cli/text.h"

/* Shorter ones are told with tenths of a second. */
#define ROUND_MS 10000

/* Why @code, a KhTreeVerdict, keeps files from being listed. */
static const char *
verdict_reason (int code)
{
  switch (code)
    {
    case KH_TREE_TOO_MANY:
      return "more files and folders than one transfer can have (262,144, with 64 MiB of "
             "names): send them in parts, or pack them into an archive";
    case KH_TREE_TOO_DEEP:
      return "folders more than 63 deep in each other: pack them into an archive";
    case KH_TREE_TOO_LONG:
      return "a path of more than 4,095 bytes: pack the files into an archive";
    case KH_TREE_TOO_LARGE:
      return "more bytes than can be counted";
    case KH_TREE_BAD_NAME:
      return "a name that is no text in UTF-8, or is too long: rename that file";
    case KH_TREE_BAD_ENTRY:
    default:
      return "something that is neither file nor folder";
    }
}

/* "5.0 GB in 12 s, 417.0 MB/s" */
static char *
pace (guint64 bytes, gint64 ms, gboolean with_speed)
{
  g_autofree char *size = kh_text_size (bytes);
  g_autofree char *duration = NULL;
  g_autofree char *speed = NULL;

  if (bytes == 0 || ms < 0)
    return g_steal_pointer (&size);
  duration = ms < ROUND_MS ? g_strdup_printf ("%.1f s", (double)ms / 1000)
                           : kh_text_duration ((ms + 500) / 1000);
  if (!with_speed)
    return g_strdup_printf ("%s in %s", size, duration);
  speed = kh_text_size ((guint64)((double)bytes * 1000 / (double)MAX (ms, 1)));
  return g_strdup_printf ("%s in %s, %s/s", size, duration, speed);
}

/* " (after 3.2 MB)", or nothing where nothing had come. */
static char *
after (const KhEvent *event)
{
  g_autofree char *bytes = kh_text_size (event->bytes);

  return event->bytes > 0 ? g_strdup_printf (" (after %s)", bytes) : g_strdup ("");
}

static char *
failed (const KhEvent *event, const char *name)
{
  g_autofree char *far = after (event);
  g_autofree char *number = kh_text_number (event->n_failed);
  g_autofree char *all = kh_text_number (event->n_files + event->n_failed);

  if (event->code != KH_TREE_GOOD)
    return g_strdup_printf ("%s can't be sent: %s", name, verdict_reason (event->code));
  if (event->n_failed > 0 && event->n_files + event->n_failed > 1)
    return g_strdup_printf ("%s: %s of %s files failed", name, number, all);
  return g_strdup_printf ("%s: %s%s", name, kh_outcome_reason (event->status), far);
}

static char *
failed_state (const KhTransferInfo *info)
{
  g_autofree char *number = kh_text_number (info->failed_files);
  g_autofree char *all = kh_text_count (info->wanted_files, "file", "files");

  if (info->failed_files > 0)
    return g_strdup_printf ("failed: %s of %s", number, all);
  return g_strdup_printf ("failed: %s", kh_outcome_reason (info->status));
}

static char *
done_state (const KhTransferInfo *info)
{
  g_autofree char *number = kh_text_number (info->n_files - info->wanted_files);

  if (info->wanted_files >= info->n_files)
    return g_strdup ("done");
  return g_strdup_printf ("done, %s left out", number);
}

/* Of one that has not ended. */
static char *
open_state (const KhTransferInfo *info, const char *name)
{
  g_autofree char *paused
      = kh_outcome_describe_pause (info->paused_here, info->paused_there, name);

  if (paused != NULL)
    return g_steal_pointer (&paused);
  if (info->phase == KH_PHASE_LISTING)
    return g_strdup ("its files are being listed");
  if (info->phase == KH_PHASE_RUNNING)
    return g_strdup ("unfinished, goes on when both are online");
  if (info->outgoing)
    return g_strdup_printf ("waiting for %s to answer", name);
  return g_strdup ("not answered yet");
}

const char *
kh_outcome_reason (KhFrameStatus status)
{
  switch (status)
    {
    case KH_FRAME_STATUS_SHRANK:
      return "the file became shorter while it was sent";
    case KH_FRAME_STATUS_CHANGED:
      return "the file changed while it was sent";
    case KH_FRAME_STATUS_UNREADABLE:
      return "the file could not be read at the sender";
    case KH_FRAME_STATUS_GONE:
      return "the file is not there any more at the sender";
    case KH_FRAME_STATUS_NOT_LISTED:
      return "its files could not be listed";
    case KH_FRAME_STATUS_DISK_FULL:
      return "the receiver's disk is full";
    case KH_FRAME_STATUS_NOT_WRITABLE:
      return "the receiver's folder can't be written";
    case KH_FRAME_STATUS_WRITE_ERROR:
      return "the receiver's disk reported an error";
    case KH_FRAME_STATUS_SIZE_DIFFERS:
      return "what arrived is not what was announced";
    case KH_FRAME_STATUS_GREW:
      return "it grew too much since it was offered";
    case KH_FRAME_STATUS_OVER_QUOTA:
      return "it is more than the receiver takes in a day without a question";
    case KH_FRAME_STATUS_CANCELLED:
      return "it was cancelled";
    case KH_FRAME_STATUS_COMPLETE:
    default:
      return "the other side reported a failure that this version does not know";
    }
}

char *
kh_outcome_ended (const KhEvent *event)
{
  g_autofree char *name = kh_text_clean (event->text);
  g_autofree char *peer = kh_outcome_peer (event->name);
  g_autofree char *far = after (event);

  switch (event->transfer_end)
    {
    case KH_TRANSFER_END_DECLINED:
      return g_strdup_printf ("%s: the other side declined it", name);
    case KH_TRANSFER_END_CANCELLED:
      return g_strdup_printf ("%s: cancelled %s%s%s", name, event->here ? "here" : "by ",
                              event->here ? "" : peer, far);
    case KH_TRANSFER_END_FAILED:
    default:
      return failed (event, name);
    }
}

char *
kh_outcome_why (const KhTransferInfo *info)
{
  g_autofree char *number = kh_text_number (info->failed_files);
  g_autofree char *all = kh_text_count (info->wanted_files, "file", "files");

  if (info->phase != KH_PHASE_FAILED && info->phase != KH_PHASE_CANCELLED)
    return NULL;
  /* Each of them may have had its own. */
  if (info->status == KH_FRAME_STATUS_COMPLETE && info->failed_files > 0)
    return g_strdup_printf ("%s of %s failed", number, all);
  return g_strdup (kh_outcome_reason (info->status));
}

KhStatus
kh_outcome_status (KhTransferEnd end)
{
  return end == KH_TRANSFER_END_DECLINED ? KH_STATUS_DECLINED : KH_STATUS_TRANSFER;
}

char *
kh_outcome_done (const KhEvent *event, const char *name)
{
  g_autofree char *files = kh_text_count (event->n_files, "file, ", "files, ");
  /* What was there took no time. */
  g_autofree char *speed = pace (event->bytes, event->ms, event->n_there == 0);
  g_autofree char *there = kh_text_count (event->n_there, "file", "files");
  g_autofree char *left_out = kh_text_count (event->n_left_out, "file", "files");
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s (%s%s", name, event->n_files != 1 ? files : "",
                          speed);
  if (event->n_there > 0)
    g_string_append_printf (text, "; %s there already", there);
  if (event->n_left_out > 0)
    g_string_append_printf (text, "; %s left out", left_out);
  return g_string_free (g_string_append_c (text, ')'), FALSE);
}

gboolean
kh_outcome_is_nothing (const KhEvent *event)
{
  return event->n_left_out > 0 && event->n_files == 0 && event->n_there == 0;
}

char *
kh_outcome_peer (const char *name)
{
  g_autofree char *clean = kh_text_clean (name);

  return *clean != '\0' ? g_steal_pointer (&clean) : g_strdup ("the other side");
}

char *
kh_outcome_describe_pause (gboolean here, gboolean there, const char *peer)
{
  if (here && there)
    return g_strdup ("paused by both");
  if (here)
    return g_strdup ("paused here");
  return there ? g_strdup_printf ("paused by %s", peer) : NULL;
}

char *
kh_outcome_state (const KhTransferInfo *info, const char *peer)
{
  switch (info->phase)
    {
    case KH_PHASE_DONE:
      return done_state (info);
    case KH_PHASE_DECLINED:
      return info->outgoing ? g_strdup_printf ("declined by %s", peer)
                            : g_strdup ("declined here");
    case KH_PHASE_CANCELLED:
      return g_strdup ("cancelled");
    case KH_PHASE_FAILED:
      return failed_state (info);
    case KH_PHASE_LISTING:
    case KH_PHASE_OFFERED:
    case KH_PHASE_RUNNING:
    default:
      return open_state (info, peer);
    }
}

const char *
kh_outcome_phase (KhTransferPhase phase)
{
  switch (phase)
    {
    case KH_PHASE_LISTING:
      return "listing";
    case KH_PHASE_OFFERED:
      return "offered";
    case KH_PHASE_RUNNING:
      return "running";
    case KH_PHASE_DONE:
      return "done";
    case KH_PHASE_DECLINED:
      return "declined";
    case KH_PHASE_CANCELLED:
      return "cancelled";
    case KH_PHASE_FAILED:
    default:
      return "failed";
    }
}

const char *
kh_outcome_paused (gboolean here, gboolean there)
{
  if (here && there)
    return "both";
  return here ? "here" : there ? "there" : "none";
}

char *
kh_outcome_short_id (const KhItemId *id)
{
  g_autofree char *text = kh_item_id_to_text (id);

  return g_strndup (text, KH_OUTCOME_SHORT_ID_LEN);
}

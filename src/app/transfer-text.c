/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/transfer-text.h"

#include "app/name-isolate.h"
#include "app/transfer-reason.h"
#include "core/name-clean.h"

#include <glib/gi18n.h>
#include <string.h>

#define SECOND_MS 1000
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (G_GINT64_CONSTANT (24) * HOUR_MS)

/* Below this seconds are no promise that could be kept. */
#define FEW_SECONDS_MS (10 * SECOND_MS)
/* Seconds are told in steps of so many, so that they don't flicker. */
#define STEP_SECONDS 5

static gboolean
goes_on (const KhTransferInfo *info)
{
  return info->phase == KH_PHASE_RUNNING && !info->paused_here && !info->paused_there;
}

gboolean
kh_transfer_text_is_queued (const GPtrArray *all, const KhTransferInfo *info,
                            gboolean others_move)
{
  gboolean before = TRUE;
  gboolean any = FALSE;

  if (!goes_on (info))
    return FALSE;
  for (guint i = 0; i < all->len; i++)
    {
      const KhTransferInfo *other = g_ptr_array_index (all, i);

      if (other->outgoing != info->outgoing
          || !kh_peer_id_equal (&other->peer, &info->peer))
        continue;
      if (memcmp (&other->item, &info->item, sizeof other->item) == 0)
        before = FALSE;
      else if (goes_on (other) && before)
        return TRUE;
      else
        any = any || goes_on (other);
    }
  return any && others_move && !info->outgoing;
}

static KhTransferStanding
running_standing (const KhTransferView *view)
{
  const KhTransferInfo *info = view->info;

  if (info->paused_here && info->paused_there)
    return KH_STANDING_PAUSED_BOTH;
  if (info->paused_here)
    return KH_STANDING_PAUSED_HERE;
  if (info->paused_there)
    return KH_STANDING_PAUSED_THERE;
  if (!view->connected)
    return KH_STANDING_AWAY;
  if (view->speed.rate > 0)
    return KH_STANDING_MOVING;
  if (view->queued)
    return KH_STANDING_QUEUED;
  if (info->wanted_bytes > 0 && info->done_bytes >= info->wanted_bytes)
    return KH_STANDING_FINISHING;
  return info->done_bytes == 0 ? KH_STANDING_STARTING : KH_STANDING_STALLED;
}

static KhTransferStanding
offered_standing (const KhTransferView *view)
{
  if (!view->info->outgoing)
    return view->waits ? KH_STANDING_ASKING : KH_STANDING_PREPARING;
  return view->connected ? KH_STANDING_OFFERED : KH_STANDING_OFFERED_AWAY;
}

KhTransferStanding
kh_transfer_text_standing (const KhTransferView *view)
{
  const KhTransferInfo *info = view->info;

  switch (info->phase)
    {
    case KH_PHASE_LISTING:
      return info->outgoing ? KH_STANDING_LISTING : KH_STANDING_GETTING_LIST;
    case KH_PHASE_OFFERED:
      return offered_standing (view);
    case KH_PHASE_RUNNING:
      return running_standing (view);
    case KH_PHASE_DONE:
      return KH_STANDING_DONE;
    case KH_PHASE_DECLINED:
      return KH_STANDING_DECLINED;
    case KH_PHASE_CANCELLED:
      return KH_STANDING_CANCELLED;
    case KH_PHASE_FAILED:
    default:
      return info->failed_files > 0 && info->wanted_files > 1
                     && info->status == KH_FRAME_STATUS_COMPLETE
                 ? KH_STANDING_FAILED_PARTLY
                 : KH_STANDING_FAILED;
    }
}

char *
kh_transfer_text_peer (const KhTransferView *view)
{
  const char *name = view->peer != NULL ? view->peer : view->info->peer_name;

  return kh_name_isolate (name != NULL && *name != '\0' ? name : _ ("the other side"));
}

/* --- What it is ------------------------------------------------------------------ */

static char *
files_text (guint n)
{
  return g_strdup_printf (ngettext ("%'u file", "%'u files", n), n);
}

char *
kh_transfer_text_title (const KhTransferView *view)
{
  const KhTransferInfo *info = view->info;
  g_autofree char *name = kh_name_isolate (info->name);

  if (view->n_roots == 1 && view->folder)
    /* Translators: a folder that is sent: its name. */
    return g_strdup_printf (_ ("%s (folder)"), name);
  if (view->n_roots <= 1)
    return kh_name_clean (info->name, -1);
  if (info->n_files == view->n_roots || info->n_files == 0)
    return files_text (view->n_roots);
  /* Translators: the name of the first of several files and folders, and how many more
   * there are beside it. */
  return g_strdup_printf (
      ngettext ("%s and %'u more", "%s and %'u more", view->n_roots - 1), name,
      view->n_roots - 1);
}

static char *
counts_of_several (const KhTransferInfo *info, const char *size)
{
  g_autofree char *files = files_text (info->n_files);

  if (info->wanted_files < info->n_files)
    /* Translators: how many are wanted, "12 files", and their size: "3 of 12 files, 5 MB"
     */
    return g_strdup_printf (ngettext ("%'u of %s, %s", "%'u of %s, %s", info->n_files),
                            info->wanted_files, files, size);
  /* Translators: how many files, and their size together: "12 files, 3.4 GB". */
  return g_strdup_printf (_ ("%s, %s"), files, size);
}

char *
kh_transfer_text_counts (const KhTransferView *view)
{
  const KhTransferInfo *info = view->info;
  g_autofree char *size = g_format_size (info->wanted_bytes);

  if (info->phase == KH_PHASE_LISTING && info->n_files == 0)
    return g_strdup ("");
  if (info->n_files == 0)
    return g_strdup (_ ("no files"));
  if (info->n_files == 1 && info->wanted_files == 1 && !view->folder)
    return g_steal_pointer (&size);
  /* The title says how many. */
  if (view->n_roots > 1 && view->n_roots == info->n_files
      && info->wanted_files == info->n_files)
    return g_steal_pointer (&size);
  return counts_of_several (info, size);
}

/* --- How far it is ---------------------------------------------------------------- */

char *
kh_transfer_text_left (gint64 left_ms)
{
  gint64 n;

  if (left_ms < 0)
    return NULL;
  if (left_ms < FEW_SECONDS_MS)
    return g_strdup (_ ("a few seconds left"));
  if (left_ms < MINUTE_MS)
    {
      n = (left_ms / SECOND_MS + STEP_SECONDS - 1) / STEP_SECONDS * STEP_SECONDS;
      return g_strdup_printf (
          ngettext ("about %u second left", "about %u seconds left", (gulong)n),
          (guint)n);
    }
  if (left_ms < HOUR_MS)
    {
      n = (left_ms + MINUTE_MS / 2) / MINUTE_MS;
      return g_strdup_printf (
          ngettext ("about %u minute left", "about %u minutes left", (gulong)n),
          (guint)n);
    }
  if (left_ms < 2 * DAY_MS)
    {
      n = (left_ms + HOUR_MS / 2) / HOUR_MS;
      return g_strdup_printf (
          ngettext ("about %u hour left", "about %u hours left", (gulong)n), (guint)n);
    }
  n = MIN ((left_ms + DAY_MS / 2) / DAY_MS, 9999);
  return g_strdup_printf (ngettext ("about %u day left", "about %u days left", (gulong)n),
                          (guint)n);
}

/* It ended, and only a part has arrived. */
static gboolean
is_cut_off (const KhTransferInfo *info)
{
  return (info->phase == KH_PHASE_CANCELLED || info->phase == KH_PHASE_FAILED)
         && info->done_bytes > 0 && info->done_bytes < info->wanted_bytes;
}

char *
kh_transfer_text_amount (const KhTransferView *view)
{
  const KhTransferInfo *info = view->info;
  g_autofree char *done = g_format_size (info->done_bytes);
  g_autofree char *all = g_format_size (info->wanted_bytes);
  g_autofree char *rate = g_format_size (view->speed.rate);

  if (info->phase != KH_PHASE_RUNNING && !is_cut_off (info))
    return NULL;
  if (kh_transfer_text_standing (view) == KH_STANDING_MOVING)
    /* Translators: how much is there, of how much, how fast: "1.2 MB of 3.4 MB, 210
     * kB/s". */
    return g_strdup_printf (_ ("%s of %s, %s/s"), done, all, rate);
  /* Translators: how much is there, of how much: "1.2 MB of 3.4 MB". */
  return g_strdup_printf (_ ("%s of %s"), done, all);
}

double
kh_transfer_text_fraction (const KhTransferView *view)
{
  const KhTransferInfo *info = view->info;

  if (info->phase != KH_PHASE_RUNNING)
    return -1;
  if (info->wanted_bytes == 0)
    return 0;
  return CLAMP ((double)info->done_bytes / (double)info->wanted_bytes, 0, 1);
}

/* --- How it stands ---------------------------------------------------------------- */

static char *
done_status (const KhTransferView *view)
{
  const KhTransferInfo *info = view->info;
  guint left_out = info->n_files - MIN (info->wanted_files, info->n_files);

  if (left_out > 0 && info->wanted_files == 0)
    /* Translators: whoever files were offered to has chosen none of them */
    return g_strdup (_ ("Nothing of it was wanted"));
  if (left_out > 0 && info->outgoing)
    return g_strdup_printf (
        ngettext ("Sent, without %'u file", "Sent, without %'u files", left_out),
        left_out);
  if (left_out > 0)
    return g_strdup_printf (
        ngettext ("Received, without %'u file", "Received, without %'u files", left_out),
        left_out);
  if (info->there_files > 0 && info->there_files >= info->wanted_files)
    return g_strdup (_ ("Was there already"));
  return g_strdup (info->outgoing ? _ ("Sent") : _ ("Received"));
}

static char *
declined_status (const KhTransferView *view, const char *peer)
{
  return view->info->outgoing ? g_strdup_printf (_ ("Declined by %s"), peer)
                              : g_strdup (_ ("You declined it"));
}

static char *
cancelled_status (const KhTransferView *view, const char *peer)
{
  if (view->by == KH_CANCELLED_HERE)
    return g_strdup (_ ("You cancelled it"));
  return view->by == KH_CANCELLED_THERE ? g_strdup_printf (_ ("Cancelled by %s"), peer)
                                        : g_strdup (_ ("Cancelled"));
}

static char *
partly_status (const KhTransferView *view)
{
  const KhTransferInfo *info = view->info;

  return g_strdup_printf (
      /* Translators: the second number, of all files, decides the form */
      ngettext ("%'u of %'u file failed", "%'u of %'u files failed", info->wanted_files),
      info->failed_files, info->wanted_files);
}

static KhFrameStatus
reason_of (const KhTransferView *view)
{
  return view->reason != KH_FRAME_STATUS_COMPLETE ? view->reason : view->info->status;
}

static char *
moving_status (const KhTransferView *view)
{
  const KhTransferInfo *info = view->info;
  guint n_done = MIN (info->done_files + info->there_files, info->wanted_files);

  if (info->wanted_files > 1)
    return info->outgoing
               /* Translators: of files: how many have been sent, of how many. */
               ? g_strdup_printf (_ ("Sending: %'u of %'u"), n_done, info->wanted_files)
               : g_strdup_printf (_ ("Receiving: %'u of %'u"), n_done,
                                  info->wanted_files);
  return g_strdup (info->outgoing ? _ ("Sending") : _ ("Receiving"));
}

/* Of one that has not ended. */
static char *
open_status (const KhTransferView *view, KhTransferStanding standing, const char *peer)
{
  switch (standing)
    {
    case KH_STANDING_LISTING:
      return g_strdup (_ ("Looking up the files…"));
    case KH_STANDING_GETTING_LIST:
      return g_strdup_printf (_ ("Getting the list of files from %s…"), peer);
    case KH_STANDING_OFFERED:
      return g_strdup_printf (_ ("Waiting for %s to accept"), peer);
    case KH_STANDING_ASKING:
      return g_strdup_printf (_ ("%s wants to send you this"), peer);
    case KH_STANDING_PREPARING:
      return g_strdup (_ ("Getting ready…"));
    case KH_STANDING_STARTING:
      return g_strdup (_ ("Starting…"));
    case KH_STANDING_STALLED:
      return g_strdup (_ ("Nothing moves at the moment"));
    case KH_STANDING_FINISHING:
      return g_strdup (_ ("Finishing…"));
    case KH_STANDING_QUEUED:
      return g_strdup (_ ("Waiting for other files to finish"));
    case KH_STANDING_PAUSED_HERE:
      return g_strdup (_ ("Paused by you"));
    case KH_STANDING_PAUSED_THERE:
      return g_strdup_printf (_ ("Paused by %s"), peer);
    case KH_STANDING_PAUSED_BOTH:
      return g_strdup_printf (_ ("Paused by you and by %s"), peer);
    case KH_STANDING_OFFERED_AWAY:
    case KH_STANDING_AWAY:
      return g_strdup_printf (_ ("%s is not connected"), peer);
    default:
      return moving_status (view);
    }
}

char *
kh_transfer_text_status (const KhTransferView *view)
{
  KhTransferStanding standing = kh_transfer_text_standing (view);
  g_autofree char *peer = kh_transfer_text_peer (view);

  switch (standing)
    {
    case KH_STANDING_DONE:
      return done_status (view);
    case KH_STANDING_DECLINED:
      return declined_status (view, peer);
    case KH_STANDING_CANCELLED:
      return cancelled_status (view, peer);
    case KH_STANDING_FAILED:
      return kh_transfer_reason_text (reason_of (view), view->info->outgoing, peer);
    case KH_STANDING_FAILED_PARTLY:
      return partly_status (view);
    default:
      return open_status (view, standing, peer);
    }
}

char *
kh_transfer_text_advice (const KhTransferView *view)
{
  g_autofree char *peer = kh_transfer_text_peer (view);

  switch (kh_transfer_text_standing (view))
    {
    case KH_STANDING_OFFERED_AWAY:
      return g_strdup (_ ("It is kept, and offered when you are connected again."));
    case KH_STANDING_AWAY:
      return g_strdup (_ ("It goes on by itself when you are connected again."));
    case KH_STANDING_ASKING:
      return view->over_quota ? g_strdup_printf (
                 _ ("It is more than is taken from %s in a day without a question."),
                 peer)
                              : NULL;
    case KH_STANDING_PAUSED_THERE:
      return g_strdup_printf (_ ("%s can resume it."), peer);
    case KH_STANDING_FAILED:
      return kh_transfer_reason_advice (reason_of (view), view->info->outgoing,
                                        view->info->can_retry, peer);
    case KH_STANDING_FAILED_PARTLY:
      return g_strdup (view->info->can_retry ? _ (
                           "“Details” says why. Those that failed can be tried again.")
                                             : _ ("“Details” says why."));
    default:
      return NULL;
    }
}

char *
kh_transfer_text_whole (const KhTransferView *view)
{
  g_autofree char *title = kh_transfer_text_title (view);
  g_autofree char *counts = kh_transfer_text_counts (view);
  g_autofree char *status = kh_transfer_text_status (view);
  g_autofree char *amount = kh_transfer_text_amount (view);

  if (amount != NULL)
    /* Translators: for a screen reader: what is sent, how much, what happens, how far. */
    return g_strdup_printf (_ ("%s, %s: %s, %s"), title, counts, status, amount);
  if (*counts == '\0')
    /* Translators: for a screen reader: what is sent, what happens. */
    return g_strdup_printf (_ ("%s: %s"), title, status);
  /* Translators: for a screen reader: what is sent, how much, what happens. */
  return g_strdup_printf (_ ("%s, %s: %s"), title, counts, status);
}

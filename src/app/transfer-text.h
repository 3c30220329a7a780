/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * transfer-text.h - how a transfer stands, in words.
 *
 * Fill in a KhTransferView, ask standing() once, and give it to the others: everything
 * that is said, drawn (transfer-look.h) and offered about a transfer follows from it.
 * Pure functions; texts are translated, and freed by the caller.
 *
 * Sizes are bytes, durations milliseconds.
 */
#pragma once

#include "core/timeline-item.h"

/* What is known of one transfer at this moment. Borrowed pointers. */
typedef struct
{
  const KhTransferInfo *info;
  const char *peer; /* how the other side is called; NULL: as the info says */
  KhTransferSpeed speed;
  gboolean connected;
  gboolean waits;       /* for the answer of the person here */
  gboolean over_quota;  /* which would not be needed but for the size */
  gboolean queued;      /* others go first */
  gboolean has_place;   /* something of it is on this computer and can be shown */
  guint n_roots;        /* entries of the top; 0: not known */
  gboolean folder;      /* the only one of the top is a folder */
  KhFrameStatus reason; /* why the only file failed; COMPLETE: as the info says */
  KhCancelledBy by;
} KhTransferView;

typedef enum
{
  KH_STANDING_LISTING,      /* outgoing: its files are looked up */
  KH_STANDING_GETTING_LIST, /* incoming: the tree of the offer is coming in */
  KH_STANDING_OFFERED,      /* the person there is asked */
  KH_STANDING_OFFERED_AWAY, /* will be, once they are back */
  KH_STANDING_ASKING,       /* the person here is asked */
  KH_STANDING_PREPARING,    /* accepted; folders are made */
  KH_STANDING_STARTING,     /* nothing has moved yet */
  KH_STANDING_MOVING,
  KH_STANDING_STALLED, /* nothing moves */
  KH_STANDING_FINISHING,
  KH_STANDING_QUEUED,
  KH_STANDING_PAUSED_HERE,
  KH_STANDING_PAUSED_THERE,
  KH_STANDING_PAUSED_BOTH,
  KH_STANDING_AWAY, /* goes on when there is a channel */
  KH_STANDING_DONE,
  KH_STANDING_DECLINED,
  KH_STANDING_CANCELLED,
  KH_STANDING_FAILED,       /* wholly, or nothing has arrived */
  KH_STANDING_FAILED_PARTLY /* some files */
} KhTransferStanding;

/* Others go first, of @all as kh_client_list_transfers() has them. The sender has an
 * order and sends one at a time. Who receives knows the order in which they came, and,
 * since the sender may have changed that, whether @others_move. */
gboolean kh_transfer_text_is_queued (const GPtrArray *all, const KhTransferInfo *info,
                                     gboolean others_move);

KhTransferStanding kh_transfer_text_standing (const KhTransferView *view);

/* How to call the other side in a sentence. */
char *kh_transfer_text_peer (const KhTransferView *view);

/* "photo.jpg", "holiday (folder)", "3 files" */
char *kh_transfer_text_title (const KhTransferView *view);

/* "12 files, 3.4 GB"; of one file its size. */
char *kh_transfer_text_counts (const KhTransferView *view);

/* What happens, or what became of it: a sentence without a full stop. */
char *kh_transfer_text_status (const KhTransferView *view);

/* What the person here can do about it, or what follows by itself: a sentence. NULL where
 * the status says all. */
char *kh_transfer_text_advice (const KhTransferView *view);

/* "1.2 MB of 3.4 MB, 2.1 MB/s"; NULL where nothing has to be said. */
char *kh_transfer_text_amount (const KhTransferView *view);

/* "about 2 minutes left"; NULL where @left_ms is below 0. */
char *kh_transfer_text_left (gint64 left_ms);

/* 0 to 1; below 0: there is nothing to be shown. */
double kh_transfer_text_fraction (const KhTransferView *view);

/* All of it in a few words, for a screen reader. */
char *kh_transfer_text_whole (const KhTransferView *view);

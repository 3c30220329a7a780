/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * live-transfer.h - the transfers that have not ended, of all peers.
 *
 * load() them when the store is opened; find() and find_stream() one; add() a new one.
 * What outlives a channel is in the store too and is changed there first or at the same
 * time; what belongs to a channel is forgotten by detach() when that ends.
 *
 * listing.c lists what is to be sent, outgoing-offer.c and outgoing.c send it;
 * incoming-offer.c takes offers, incoming.c what comes; client-transfers.c is what people
 * want of them, resume.c calls the peers of unfinished ones.
 *
 * Source: src/PROTOCOL.md section 6.1.
 */
#pragma once

#include "core/client.h"
#include "core/link.h"
#include "core/types.h"
#include "net/channel-worker.h"
#include "net/tree-lister.h"
#include "proto/tree.h"
#include "store/entries.h"

#include <gio/gio.h>

/* Entries loaded from the store at a time; twice so many are under way. */
#define KH_LIVE_PAGE 512
#define KH_LIVE_PAGE_BYTES (64u << 10)

/* Pages of a tree for one TREE_WANT: half a megabyte for a round trip. */
#define KH_LIVE_TREE_PAGES 16

/* A run of files that the peer wants. */
typedef struct
{
  guint32 first;
  guint32 n;
  guint64 offset;
} KhWantedRun;

typedef struct
{
  /* As in the store */
  gint64 seq;   /* 0 until it is stored */
  gint64 place; /* in the conversation; 0 until it is stored */
  KhPeerId peer;
  KhItemId id;
  bool outgoing;
  KhTransferPhase phase;
  char *name;
  char *folder;
  guint32 n_entries;
  guint32 n_files;
  guint32 n_folders;
  guint64 n_bytes;
  guint32 wanted_files;
  guint64 wanted_bytes;
  guint32 done_files;
  guint32 there_files;
  guint32 failed_files;
  guint64 done_bytes;
  bool paused_here;
  bool paused_there;
  bool cancelled_here;
  gint64 position;
  gint64 started_at_ms;

  /* Of this run of the program */
  gint64 began_us;  /* when it was accepted, or first went on */
  guint generation; /* a job that was begun under another one counts no more */
  bool fresh;    /* accepted in this run and on this channel: nothing can be there yet */
  bool reaccept; /* incoming: its places are to be made first, as at the first time */
  bool answered; /* incoming: by a person or a standing choice */
  bool repeated; /* its offer was told before */
  bool over_quota;

  /* While it is listed */
  KhTree *tree;
  KhTreeLister *lister;

  /* On the channel that stands */
  KhLink *link; /* Borrowed; NULL without one */
  uint32_t stream;
  bool stream_open; /* at the worker */
  bool loading;     /* from the store */
  bool exhausted;   /* incoming: all that is pending is under way */
  bool finishing;
  guint32 next_entry;
  guint n_pages;       /* of the tree: got, or to be sent */
  guint32 tree_at;     /* outgoing: the next entry to be sent */
  guint n_storing;     /* results on their way to the disk */
  GHashTable *items;   /* KhStoredEntry by number: under way */
  GQueue wanted;       /* outgoing: KhWantedRun */
  guint32 part_entry;  /* the last that progress was told of */
  guint64 part_bytes;  /* that have come of it */
  gint64 part_at_us;   /* when the store was told so; 0: not on this channel */
  guint64 base_bytes;  /* that had arrived when the stream was opened */
  guint64 shown_bytes; /* of the last progress: it never goes back */
} KhLiveTransfer;

/* Adds one, which the list owns. */
KhLiveTransfer *kh_live_transfer_add (KhClient *client, const KhPeerId *peer,
                                      const KhItemId *id, bool outgoing,
                                      const char *name);

/* Adds what @stored says; @stored is borrowed. */
KhLiveTransfer *kh_live_transfer_add_stored (KhClient *client,
                                             const KhStoredTransfer *stored);

/* Takes over what the store has counted. */
void kh_live_transfer_update (KhLiveTransfer *self, const KhStoredTransfer *stored);

/* In the order of the queue. */
void kh_live_transfers_sort (KhClient *client);

KhLiveTransfer *kh_live_transfer_find (KhClient *client, const KhPeerId *peer,
                                       const guint8 id[KH_FRAME_ID_LEN], bool outgoing);
KhLiveTransfer *kh_live_transfer_find_seq (KhClient *client, gint64 seq);
KhLiveTransfer *kh_live_transfer_find_stream (KhLink *link, uint32_t stream,
                                              bool outgoing);

/* No channel any more, or not for this one: nothing of it is under way. */
void kh_live_transfer_detach (KhLiveTransfer *self);

/* Ends it in the store and takes it off the list. The worker's stream is stopped. */
void kh_live_transfer_end (KhClient *client, KhLiveTransfer *self, KhTransferPhase phase,
                           KhFrameStatus status, bool discard_partial);

/* The same, and tells people: KH_EVENT_DONE or _TRANSFER_ENDED. Others may go on then. */
void kh_live_transfer_conclude (KhClient *client, KhLiveTransfer *self,
                                KhTransferPhase phase, KhFrameStatus status);

/* The same for one that failed at this side as a whole, which the other side hears of. */
void kh_live_transfer_give_up (KhClient *client, KhLiveTransfer *self,
                               KhFrameStatus status);

void kh_live_transfer_free (gpointer transfer);

/* An event about it, with what all of them have. */
KhEvent kh_live_transfer_event (KhClient *client, const KhLiveTransfer *self,
                                KhEventKind kind);

/* KH_EVENT_TRANSFER: its phase or its pauses have changed. */
void kh_live_transfer_emit_state (KhClient *client, const KhLiveTransfer *self);

/* KH_EVENT_PROGRESS, @bytes over the stream so far. */
void kh_live_transfer_progress (KhLiveTransfer *self, const KhChannelEvent *event,
                                const char *path);

/* What the store says and what people see. */
KhTransferPhase kh_live_transfer_phase_of (KhStoredTransferState state);
/* It failed, and its tree is still known and its folder chosen. */
bool kh_live_transfer_can_retry (const KhStoredTransfer *stored);
KhTransferInfo *kh_live_transfer_info_of (const KhStoredTransfer *stored);

/* What is known of one that lives. */
KhTransferInfo *kh_live_transfer_info (KhClient *client, const KhLiveTransfer *self);

/* A person is to answer it. */
bool kh_live_transfer_waits (const KhLiveTransfer *self);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * link-private.h - a link from inside, for link.c, link-messages.c and link-files.c.
 */
#pragma once

#include "core/client-private.h"
#include "core/link.h"
#include "core/live-transfer.h"
#include "core/resume.h"
#include "core/transfer-disk.h"
#include "net/channel-worker.h"
#include "proto/session.h"
#include "store/messages.h"

struct _KhLink
{
  /* Borrowed */
  KhClient *client;

  /* Owned */
  KhChannelWorker *worker;
  GHashTable *texts; /* KhStoredMessage by their ids: loaded, not delivered yet */

  /* State */
  KhPeerId peer;
  KhPathKind path;
  KhEndpoint local;
  bool caller;
  KhSession session;
  gint64 loaded_seq; /* of the last message that was loaded */
  bool loading;
  bool load_again;
  guint n_storing; /* messages of the peer on their way to the disk */
  guint n_pings;   /* asked for, not answered yet */
  guint number;    /* no other link of this run has it */
  guint n_offers;  /* of the peer, that the store is looked through for */
  guint n_jobs;    /* on the store, that the peer has caused */
  uint32_t last_stream;
  uint32_t peer_stream; /* the last one that the peer has picked */
  guint64 told_rate;    /* what the peer was told of ours */
  guint64 peer_rate;    /* what the peer wants to receive at most a second; 0: no limit */
  guint ask_source;     /* asks for transfers that were not offered */
  KhLinkEnd close_reason;
  bool greeted;
  bool closing;
};

/* False when the channel can't take it; then it is being closed. */
bool kh_link_send_frame (KhLink *self, const KhFrame *frame);

/* The peer broke a rule. */
void kh_link_end_bad (KhLink *self);

/* link-messages.c */
void kh_link_receive_message (KhLink *self, const KhFrame *frame);
void kh_link_receive_delivered (KhLink *self, const KhFrame *frame);

void kh_link_send_cancel (KhLink *self, const KhItemId *transfer, KhFrameStatus status);

/* link-files.c */
void kh_link_begin_files (KhLink *self);
void kh_link_end_files (KhLink *self);
void kh_link_file_event (KhLink *self, const KhChannelEvent *event);

/* Has the peer offer a transfer again. */
void kh_link_ask_for (KhLink *self, const KhLiveTransfer *transfer);

/* True: it was one about transfers. */
bool kh_link_receive_file_frame (KhLink *self, const KhFrame *frame, const uint8_t *bytes,
                                 size_t len);

/* Tells worker and peer how fast they may send. */
void kh_link_update_rates (KhLink *self);
void kh_link_file_restarted (KhLiveTransfer *transfer, const KhChannelEvent *event);

/* client-transfers.c: keeps both switches. */
void kh_client_store_pauses (KhClient *self, KhLiveTransfer *transfer);

/* listing.c */
void kh_listing_begin (KhClient *client, const KhPeerId *peer, const char *const *paths,
                       KhItemId *id);

/* outgoing-offer.c and outgoing.c: what goes to the peer of a link. */

/* Where there is a channel and it has not been offered over it. */
void kh_outgoing_offer (KhClient *client, KhLiveTransfer *transfer);
void kh_outgoing_offer_all (KhClient *client, const KhPeerId *peer);
void kh_outgoing_say_ended (KhLink *link, const guint8 id[KH_FRAME_ID_LEN]);

/* Whose pieces are sent now; NULL: nobody's. */
KhLiveTransfer *kh_outgoing_active (KhLink *link);
void kh_outgoing_update_queue (KhLink *link);
void kh_outgoing_receive_tree_want (KhLink *link, const KhFrame *frame);
void kh_outgoing_receive_want (KhLink *link, const KhFrame *frame);
void kh_outgoing_receive_reply (KhLink *link, const KhFrame *frame);
void kh_outgoing_receive_result (KhLink *link, const KhFrame *frame);
void kh_outgoing_receive_finished (KhLink *link, const KhFrame *frame);
void kh_outgoing_receive_retry (KhLink *link, const KhFrame *frame);

/* incoming-offer.c: what the peer offers. */
void kh_incoming_receive_offer (KhLink *link, const KhFrame *frame, const uint8_t *bytes,
                                size_t len);
void kh_incoming_receive_tree (KhLink *link, const KhFrame *frame);
void kh_incoming_answer (KhClient *client, KhLiveTransfer *transfer, bool accept,
                         const char *folder, const char *const *only);

/* incoming.c: what comes. */

/* Asks for what is pending, where it is accepted and on a channel. */
void kh_incoming_go_on (KhLiveTransfer *transfer);
void kh_incoming_take_results (KhLiveTransfer *transfer, const KhChannelEvent *event);
void kh_incoming_stream_failed (KhLiveTransfer *transfer, KhFrameStatus status);
void kh_incoming_say_finished (KhLink *link, const KhStoredTransfer *stored);

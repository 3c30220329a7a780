/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * link-private.h - a link from inside, for link.c, link-messages.c and link-files.c.
 */
#pragma once

#include "core/client-private.h"
#include "core/link.h"
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
  GPtrArray *files;  /* KhLinkFile */

  /* State */
  KhPeerId peer;
  KhSession session;
  gint64 loaded_seq; /* of the last message that was loaded */
  bool loading;
  bool load_again;
  guint n_storing; /* messages of the peer on their way to the disk */
  guint n_pings;   /* asked for, not answered yet */
  uint32_t last_stream;
  KhLinkEnd close_reason;
  bool closing;
};

/* False when the channel can't take it; then it is being closed. */
bool kh_link_send_frame (KhLink *self, const KhFrame *frame);

/* The peer broke a rule. */
void kh_link_end_bad (KhLink *self);

/* link-messages.c */
void kh_link_receive_message (KhLink *self, const KhFrame *frame);
void kh_link_receive_delivered (KhLink *self, const KhFrame *frame);

/* link-files.c */
void kh_link_receive_offer (KhLink *self, const KhFrame *frame);
void kh_link_receive_reply (KhLink *self, const KhFrame *frame);
void kh_link_receive_cancel (KhLink *self, const KhFrame *frame);
void kh_link_file_event (KhLink *self, const KhChannelEvent *event);
void kh_link_lose_files (KhLink *self);
void kh_link_file_free (gpointer file);

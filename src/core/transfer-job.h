/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * transfer-job.h - work on the store for one transfer.
 *
 * new(), fill in what the work needs, push(). When it is done, find() the transfer
 * again: NULL when it has ended meanwhile, or its channel has.
 *
 * One struct for all jobs, of which each uses what it names.
 */
#pragma once

#include "core/link-private.h"

typedef struct
{
  /* Owned */
  KhClient *client;
  KhStoredTransfer *stored; /* as of after the work */
  GPtrArray *entries;       /* of KhStoredEntry */
  GArray *items;            /* of KhChannelItem */
  GArray *results;          /* of KhChannelResult */
  GArray *new_entries;      /* of KhNewEntry, their names in @names */
  GStringChunk *names;
  GBytes *page;
  KhTree *tree;
  KhTreeLister *lister;
  char *folder;
  char **only;
  GTask *task;

  /* State */
  KhPeerId peer;
  gint64 seq;
  gint64 place;
  guint generation;
  guint link; /* the number of the one whose peer has caused it; 0: nobody has */
  guint32 first;
  guint32 n;
  guint64 offset;
  KhFrameStatus status;
  KhTreeVerdict verdict;
  KhItemId id;
  guint64 modified_ms;
  bool flag;
  bool refuse; /* an offer that nobody is asked about */
} KhTransferJob;

/* Counts as one of the link's that @transfer is on. */
KhTransferJob *kh_transfer_job_new (KhClient *client, const KhLiveTransfer *transfer);

/* The live transfer, unless it has lost its channel since new(). */
KhLiveTransfer *kh_transfer_job_find (const KhTransferJob *job);

/* Reads the transfer's row into @stored, and its place where that is not known. FALSE
 * also where there is none. */
gboolean kh_transfer_job_reload (KhTransferJob *job, KhStore *store, GError **error);

/* Runs @work on the store's thread, then @done; takes @job. */
void kh_transfer_job_push (KhTransferJob *job, KhStoreWork work, KhStoreDone done);

/* One that was not pushed. */
void kh_transfer_job_free (KhTransferJob *job);

/* Tells a person that the store can't be written. */
void kh_transfer_job_tell (const KhTransferJob *job, const GError *error);

/* The same, and the transfer can't go on: it fails at both ends, to be tried again. */
void kh_transfer_job_fail (const KhTransferJob *job, KhLiveTransfer *transfer,
                           const GError *error);

/* For work that its channel waits for: the live transfer where there is something to go
 * on with. NULL where it or the channel has ended, or the work has failed: then it has
 * fail()ed. */
KhLiveTransfer *kh_transfer_job_go_on (const KhTransferJob *job, const GError *error);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * news.h - what open conversations hear and nobody else.
 *
 * Events (types.h) say what a person is told. News say how the list of what was said
 * changes: what was written here, where it is in the store, what became of an offer that
 * was declined here. tell() emits the signal "news" of the client, with a const KhNews *.
 * A message or transfer is told here just before its event.
 *
 * Main loop only. Everything in it is borrowed for the time of the signal.
 */
#pragma once

#include "core/client.h"
#include "core/live-transfer.h"
#include "core/timeline-item.h"

typedef enum
{
  KH_NEWS_WRITTEN,   /* item, text, at_ms: a message of ours, not in the store yet */
  KH_NEWS_STORED,    /* item, position: that message is */
  KH_NEWS_FAILED,    /* item, text, at_ms: it could not be stored, see unsaved.h */
  KH_NEWS_GONE,      /* item: that message was taken back */
  KH_NEWS_RECEIVED,  /* item, text, position, at_ms */
  KH_NEWS_NOTE,      /* note, text, position, at_ms */
  KH_NEWS_NOTE_GONE, /* position: a newer note tells it too, or it is not so any more */
  KH_NEWS_TRANSFER,  /* transfer: it is new, or something of it has changed */
  KH_NEWS_ENDED, /* transfer, phase, status: it is about to leave the list of those that
                    live */
  KH_NEWS_FORGOTTEN, /* peer, or everybody: what is stored is gone but for what lives */
} KhNewsKind;

typedef struct _KhNews
{
  KhNewsKind kind;
  KhPeerId peer;
  gboolean everybody;
  KhItemId item;
  const char *text;
  gint64 position; /* 0: not kept */
  gint64 at_ms;
  KhNoteKind note;
  const KhLiveTransfer *transfer;
  KhTransferPhase phase;
  KhFrameStatus status;
} KhNews;

/* client.c */
void kh_client_tell (KhClient *self, const KhNews *news);

/* KH_NEWS_TRANSFER. */
void kh_client_tell_transfer (KhClient *self, const KhLiveTransfer *transfer);

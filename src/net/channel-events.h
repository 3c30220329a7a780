/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * channel-events.h - the queue from a channel's thread to the main context.
 *
 * new() on the main context; push() from the thread, as long as it holds its
 * reference; destroy() on the main context, after which no callback comes.
 *
 * Nothing is refused: whoever pushes asks is_full() before it makes more. When
 * there is room again, the waker given to new() is woken.
 */
#pragma once

#include "net/channel-worker.h"
#include "net/waker.h"

typedef struct _KhChannelEvents KhChannelEvents;

KhChannelEvents *kh_channel_events_new (GMainContext *context, KhWaker *waker,
                                        KhChannelCallback callback, gpointer data);

/* Frees the queue once no dispatch runs any more. */
void kh_channel_events_destroy (KhChannelEvents *self);

/* Copies @event and what it points to. */
void kh_channel_events_push (KhChannelEvents *self, const KhChannelEvent *event);

bool kh_channel_events_is_full (KhChannelEvents *self);

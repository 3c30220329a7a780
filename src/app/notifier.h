/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * notifier.h - tells the desktop what has come while nobody was looking.
 *
 * One notification per person at a time: it is replaced as more comes, and withdrawn when
 * the conversation was seen or there is nothing more to answer. Nothing is told of who is
 * muted, nor where the setting "app-notifications" is "no".
 */
#pragma once

#include "app/application.h"

#define KH_TYPE_NOTIFIER (kh_notifier_get_type ())
G_DECLARE_FINAL_TYPE (KhNotifier, kh_notifier, KH, NOTIFIER, GObject)

/* The application, which has its client, is borrowed and outlives it. */
KhNotifier *kh_notifier_new (KhApplication *application);

/* Somebody looked at this conversation. */
void kh_notifier_seen (KhNotifier *self, const KhPeerId *peer);

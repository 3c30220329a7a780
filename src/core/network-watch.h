/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * network-watch.h - tells when this computer's network has changed.
 *
 * Another Wi-Fi, a cable, a new address, a new way out; and when the computer has slept.
 * Changes that come together are told once, a moment after the first. Main loop only.
 */
#pragma once

#include <glib.h>

typedef struct _KhNetworkWatch KhNetworkWatch;

KhNetworkWatch *kh_network_watch_new (void (*changed) (gpointer data), gpointer data);
void kh_network_watch_free (KhNetworkWatch *self);

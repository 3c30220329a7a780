/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * made-file.h - files that exist only to be sent: a pasted picture, a long text.
 *
 * Each is in a folder of its own below the user's cache, and stays there until its
 * transfer has ended, over restarts of the program. sweep() once at the start removes
 * those whose transfer ended meanwhile.
 *
 * Main loop only; the disk is written on a thread.
 */
#pragma once

#include "core/client.h"

#include <gdk/gdk.h>

void kh_made_file_send_text (KhClient *client, const KhPeerId *peer, const char *text,
                             GAsyncReadyCallback callback, gpointer data);
void kh_made_file_send_picture (KhClient *client, const KhPeerId *peer,
                                GdkTexture *texture, GAsyncReadyCallback callback,
                                gpointer data);

/* For both. */
gboolean kh_made_file_send_finish (GAsyncResult *result, GError **error);

/* Once a client: what has ended is removed, now and as it ends. */
void kh_made_file_sweep (KhClient *client);

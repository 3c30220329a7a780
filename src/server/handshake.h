/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * handshake.h - the server's side of the first records of a main connection.
 *
 * Give each record to take() and send the answer it makes, if any; after each try
 * split(), which succeeds once the client has proven its key. Then id() is the client.
 *
 * Source: src/PROTOCOL.md, section 2.1.
 */
#pragma once

#include "proto/messages.h"
#include "proto/noise.h"

#include <glib.h>

typedef struct _KhHandshake KhHandshake;

/* The token of a first record that asks for no handshake but to be observed, or NULL. */
const guint8 *kh_handshake_find_token (const guint8 *record, gsize len);

KhHandshake *kh_handshake_new (void);
void kh_handshake_free (KhHandshake *self);

/* @answer has room for KH_FIRST_RECORD_LEN_MAX bytes. FALSE: end the connection. */
gboolean kh_handshake_take (KhHandshake *self, const KhKeyPair *key, const guint8 *record,
                            gsize len, guint8 *answer, gsize *answer_len);
gboolean kh_handshake_split (KhHandshake *self, KhNoiseCipherState *send,
                             KhNoiseCipherState *receive);
const guint8 *kh_handshake_id (const KhHandshake *self);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * path-text.h - a path that stands, in words: kind, family, round trip, speed, cipher.
 *
 * No widgets. Texts are translated; those returned as char * are the caller's.
 */
#pragma once

#include "core/person.h"

const char *kh_path_text_kind (KhPathKind kind);

/* A few words more, where the kind's name does not say all: "by an open port"; NULL:
 * none.
 */
const char *kh_path_text_way (KhPathKind kind);

/* The same for the row of a person: "Connected through the server". */
const char *kh_path_text_status (KhPathKind kind);

/* A sentence or some: what that kind means. */
const char *kh_path_text_meaning (KhPathKind kind);

/* What it means for what is sent, without a full stop: whether a server carries it. */
const char *kh_path_text_promise (KhPathKind kind);

/* All that there is to say of it, two lines: what it means, and from where to where it
 * goes. The far end of a relay is the server. */
char *kh_path_text_sentences (const KhPathInfo *path);

/* "IPv4", "IPv6", or "" while unknown. */
const char *kh_path_text_family (const KhEndpoint *endpoint);

/* "23 ms"; NULL while it was not measured. */
char *kh_path_text_round_trip (gint64 round_trip_us);

/* "↑ 1.2 MB/s", "↓ 3 MB/s" or both; NULL where no file runs. */
char *kh_path_text_speed (guint64 up_rate, guint64 down_rate);

/* The cipher's name as its designers write it. */
const char *kh_path_text_cipher (const char *cipher);

/* All of it in one line: "IPv4 · 23 ms · ChaCha20-Poly1305". */
char *kh_path_text_details (const KhPathInfo *path);

const char *kh_path_text_icon (KhPathKind kind);

/* A style class: "success" where the way is direct, "warning" where a server relays. */
const char *kh_path_text_class (KhPathKind kind);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * directory-world.h - a directory, a virtual clock and some clients, for tests.
 *
 * Clients are numbered from 0. What the directory says to one waits in its inbox;
 * take() and expect() take it out. Whatever is said or happens is also given to
 * @on_message, so that a property test sees all of it in order.
 */
#pragma once

#include "proto/directory.h"

#include <glib.h>

#define WORLD_CLIENTS 24

typedef struct
{
  KhMessage message; /* points into @bytes */
  GBytes *bytes;
} WorldLetter;

typedef struct
{
  guint32 number; /* 0: offline */
  guint8 id[KH_ID_LEN];
  char name[16];
  KhEndpoint endpoint;
  guint8 secret[KH_TOKEN_SECRET_LEN];
  GQueue inbox;
  gboolean blocked; /* does not read: lists wait */
  guint n_pages_unread;
} WorldClient;

typedef struct _World World;

struct _World
{
  KhDirectory *directory;
  KhDirectoryConfig config;
  gint64 now_us;
  const char *helper; /* what WELCOME tells; NULL: none */
  WorldClient clients[WORLD_CLIENTS];
  GArray *ended;        /* guint32: handles */
  GArray *relays;       /* guint32: those that somebody has joined and that live */
  GArray *relays_ended; /* guint32 */
  GArray *dials;        /* KhDirectoryEvent: what the server shall dial */
  void (*on_message) (World *world, guint client, const KhMessage *message);
  void *data;
};

World *world_new (const KhDirectoryConfig *config);
void world_free (World *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

/* Logs in, and reads WELCOME. Returns the refusal, 0 when it is in. */
guint8 world_try_login (World *world, guint client);
void world_login (World *world, guint client);
void world_disconnect (World *world, guint client);

void world_send (World *world, guint client, const KhMessage *message);
void world_send_bytes (World *world, guint client, const guint8 *bytes, gsize len);
guint32 world_observe (World *world, const guint8 token[KH_TOKEN_LEN], const char *remote,
                       const char *local);

/* Lets time pass, ticking at every deadline on the way. */
void world_pass (World *world, gint64 us);
/* The client has read what was waiting. */
void world_unblock (World *world, guint client);

/* The next message, or NULL; free it. */
WorldLetter *world_take (World *world, guint client);
void world_letter_free (WorldLetter *letter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorldLetter, world_letter_free)

/* The next message but PEERS must be of @type; PEERS before it are dropped. */
WorldLetter *world_expect (World *world, guint client, KhMessageType type);
/* Nothing but PEERS waits. */
void world_expect_nothing (World *world, guint client);
void world_clear_inbox (World *world, guint client);

/* Shorthands */
void world_join (World *world, guint client, guint8 room);
KhJoinedResult world_try_join (World *world, guint client, guint8 room);
void world_call (World *world, guint caller, guint callee, guint8 call);
void world_answer (World *world, guint callee, guint8 call, KhVerdict verdict);
void world_round (World *world, guint client, guint8 call, guint8 round);
void world_hang_up (World *world, guint client, guint8 call, KhHangUpReason reason);
void world_token (World *world, guint client, guint8 call, guint8 round, guint8 index,
                  guint8 token[KH_TOKEN_LEN]);
/* Shows that token from @remote; the server's address is 198.51.100.1. */
gboolean world_dial (World *world, guint client, guint8 call, guint8 round, guint8 index,
                     const char *remote);
void world_mapped (World *world, guint client, guint8 call, guint8 round, guint16 port);
void world_candidates (World *world, guint client, guint8 call, guint8 len);
void world_class (World *world, guint client, guint8 nat_class);
/* Shows the token for the relay of a call; its number and in @side which end, or 0. */
guint32 world_relay (World *world, guint client, guint8 call, const char *remote,
                     guint *side);
void world_relayed (World *world, guint32 relay, guint side, guint64 n_bytes);
void world_end_relay (World *world, guint32 relay);
/* Probes: the same with the number of a probe. */
void world_probe (World *world, guint client, guint8 probe);
/* Shows the token of @index at the assist port; the handle or 0. */
guint32 world_show (World *world, guint client, guint8 probe, guint8 index,
                    const char *remote);
void world_ask_dial (World *world, guint client, guint8 probe, guint8 index,
                     KhProbeDial from, guint16 port);
/* The oldest dial that has no result yet, which there must be; it stays. */
const KhDirectoryEvent *world_dial_to_make (World *world);
/* Takes it out and says what became of it. */
void world_dialled (World *world, KhProbeResult result);
void world_dialled_as (World *world, guint32 handle, guint32 dial, KhProbeResult result);

void world_call_id (guint8 call, guint8 id[KH_CALL_ID_LEN]);
void world_room_id (guint8 room, guint8 id[KH_ROOM_ID_LEN]);

/* Who is in @room and online according to the PEERS in the inbox, applied to @known
 * (bits by client number); leaves other messages where they are. */
guint32 world_read_peers (World *world, guint client, guint8 room, guint32 known);

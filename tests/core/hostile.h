/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * hostile.h - an honest client, the victim, with a peer that speaks the protocol and
 * lies.
 *
 * hostile_set_up() makes both and a guarded folder, in which the victim saves into one
 * folder; connect() them. The liar says what is given to lie(), or lie_raw() where no
 * honest program could write it; what the victim says about transfers is not handled by
 * its client, but kept for hear(). After each lie look with expect_unharmed() whether
 * something happened to what was there before, and with expect_talking() or
 * expect_closed() what became of the channel.
 *
 * The test links with --wrap=kh_link_receive_file_frame.
 */
#pragma once

#include "client-fixture.h"
#include "core/link-private.h"

typedef struct
{
  Server server;
  Person victim;
  Person liar;
  char *guarded; /* all that a lie could reach */
  char *save;    /* in it: where the victim saves to */
  char *source;  /* what the victim sends is in here */
  GHashTable *before;
  GMutex disk; /* whoever has it keeps the victim's store from working */
  bool held;
  uint8_t page[KH_TREE_PAGE_MAX]; /* of the last offer */
} Hostile;

/* An entry of a made-up tree. */
typedef struct
{
  guint8 kind;
  guint8 depth;
  guint64 size;
  const char *name;
} Entry;

/* What both ends together may take of memory, and the allocator keep, whatever one says
 * to the other. The sanitizer keeps for a while what was freed. */
#ifdef __SANITIZE_ADDRESS__
#define HOSTILE_MEMORY_MAX (G_GUINT64_CONSTANT (4) << 30)
#else
#define HOSTILE_MEMORY_MAX (G_GUINT64_CONSTANT (48) << 20)
#endif

#define HOSTILE_TIME_MS G_GUINT64_CONSTANT (1600000000000)

/* @consent: of the victim, as GUINT_TO_POINTER (KhConsent). */
void hostile_set_up (Hostile *self, gconstpointer consent);
void hostile_tear_down (Hostile *self, gconstpointer consent);

void hostile_connect (Hostile *self);

/* What is there now is what was there before. */
void hostile_look_again (Hostile *self);

/* The victim's disk does nothing until it is let go, at the latest at the end. */
void hostile_hold_disk (Hostile *self);
void hostile_let_go (Hostile *self);

/* The victim's channel to the liar; NULL without one. */
KhLink *hostile_victims_link (const Hostile *self);

/* --- Lying -------------------------------------------------------------------------- */

/* False: there is no channel any more. */
bool lie_raw (Hostile *self, const uint8_t *bytes, size_t len);
bool lie (Hostile *self, const KhFrame *frame);

/* Of all these entries, in the one page; valid until the next one. All 16 bytes of the
 * transfer's id are @id. */
KhFrame offer_of (Hostile *self, guint8 id, uint32_t stream, const Entry *entries,
                  guint n);

/* Offers and waits until the victim, who takes everything, wants the first file. */
void offer_and_hear_want (Hostile *self, guint8 id, uint32_t stream, const Entry *entries,
                          guint n);

void lie_piece (Hostile *self, uint32_t stream, uint32_t file, uint64_t offset,
                const char *text);
void lie_end (Hostile *self, uint32_t stream, uint32_t file, uint64_t size,
              KhFrameStatus status);

/* The whole file. */
void lie_file (Hostile *self, uint32_t stream, uint32_t file, const char *text);
void lie_cancel (Hostile *self, guint8 id, KhFrameStatus status);

/* The next frame of that type from the victim; its pointers are gone. */
KhFrame hear (Hostile *self, KhFrameType type);

/* How many of that type have come and were not heard. */
guint count_heard (KhFrameType type);

/* --- What has become of it ---------------------------------------------------------- */

/* Nothing that was there before has changed, and what has come with a final name is just
 * @arrived: paths below the folder, sorted, one a line, a folder with a slash. */
void expect_unharmed (Hostile *self, const char *arrived);

/* A message goes both ways: all that was said before is handled. */
void expect_talking (Hostile *self);

/* The victim has ended the channel because a rule was broken. */
void expect_closed (Hostile *self);

/* The victim is told that it failed, with this status, and so is the liar. */
void expect_failed (Hostile *self, KhFrameStatus status);

/* Of this process, in bytes. */
gsize resident_bytes (void);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * message-look.h - how a message or note looks beside its text: grouping, mark, words.
 *
 * Pure functions of values. Results of type char * are translated and the caller's to
 * free; @name is what the other person is called.
 */
#pragma once

#include "core/timeline-item.h"

/* Longer apart than this they are two groups. */
#define KH_MESSAGE_LOOK_GROUP_MS (INT64_C (5) * 60 * 1000)

/* What of a neighbour counts. */
typedef struct
{
  gboolean exists;
  KhTimelineKind kind;
  gboolean outgoing;
  gint64 at_ms;
  KhMessageState state;
} KhMessageNeighbour;

/* Whether the person could be reached now. */
typedef enum
{
  KH_REACH_AWAY,
  KH_REACH_ONLINE, /* but there is no channel */
  KH_REACH_CONNECTED,
} KhMessageReach;

/* The second follows the first without a gap, as one group of bubbles. */
gboolean kh_message_look_joins (const KhMessageNeighbour *first,
                                const KhMessageNeighbour *second);

/* The first item of its day. */
gboolean kh_message_look_begins_day (const KhMessageNeighbour *before, gint64 at_ms);

/* A line below says what it waits for: the last of those that wait. One that failed says
 * so too. */
gboolean kh_message_look_tells_waiting (KhMessageState state,
                                        const KhMessageNeighbour *after);

/* NULL for incoming ones. */
const char *kh_message_look_icon (KhMessageState state);

/* What the mark says in words; "" for incoming ones. */
char *kh_message_look_mark (KhMessageState state, KhMessageReach reach, const char *name);

/* The whole message for a screen reader. */
char *kh_message_look_spoken (KhMessageState state, KhMessageReach reach,
                              const char *name, const char *clock, const char *text);

char *kh_message_look_spoken_file (gboolean outgoing, const char *name, const char *clock,
                                   const char *file);

char *kh_message_look_note (KhNoteKind kind, const char *text, const char *name);

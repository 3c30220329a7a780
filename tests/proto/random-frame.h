/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * random-frame.h - any frame that may be sent, for tests.
 *
 * Make a Scratch, fill in a frame of one of RANDOM_FRAME_TYPES with random_frame(), and
 * write it before the next one is made: its texts and pages lie in the Scratch. Random
 * numbers are those of GTest, so --seed replays.
 */
#pragma once

#include "proto/frame.h"

#include <glib.h>

/* What frames point to, and room to write them to. */
typedef struct
{
  char text[KH_FRAME_TEXT_MAX];
  guint8 page[KH_TREE_PAGE_MAX];
  guint8 bytes[KH_FRAME_MAX + 1];
  guint8 again[KH_FRAME_MAX + 1];
} Scratch;

/* Every type there is, and how many. */
#define RANDOM_FRAME_TYPES 24
extern const guint8 random_frame_types[RANDOM_FRAME_TYPES];

void random_frame (Scratch *scratch, KhFrame *frame, guint8 type);

/* From one entry to @n_most of them, or as many as a page holds. */
KhTreePage random_page (Scratch *scratch, guint n_most);

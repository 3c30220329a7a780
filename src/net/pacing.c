/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pacing.h"

#include <glib.h>

#define US_PER_S 1000000
#define DUE_MIN_US 5000
#define DUE_MAX_US 50000

static uint64_t
highest_rate (const KhPacing *self)
{
  uint64_t highest = 0;

  for (unsigned i = 0; i < KH_PACING_WINDOWS; i++)
    highest = MAX (highest, self->rates[i]);
  return highest;
}

static void
begin_window (KhPacing *self, int64_t now_us, const KhSocketPath *path)
{
  self->window_at_us = now_us;
  self->window = *path;
}

static int64_t
target_us (const KhPacing *self)
{
  return CLAMP (self->shortest_us / KH_PACING_TARGET_SHARE, KH_PACING_TARGET_MIN_US,
                KH_PACING_TARGET_MAX_US);
}

static int64_t
queue_us (const KhPacing *self, const KhSocketPath *path)
{
  return path->rtt_us - self->shortest_us;
}

/* Limiting does not empty the queue. */
static bool
is_crowded (const KhPacing *self, const KhSocketPath *path)
{
  int64_t queue = queue_us (self, path), target = target_us (self);

  if (self->rate == 0)
    return false;
  return queue > 2 * target
         || (queue > target
             && highest_rate (self) < self->best / KH_PACING_CROWDED_SHARE);
}

/* At the end of a window, which is a round trip. */
static void
measure (KhPacing *self, int64_t now_us, const KhSocketPath *path)
{
  uint64_t took_us = (uint64_t)(now_us - self->window_at_us), rate;

  if (is_crowded (self, path))
    self->n_crowded++;
  else
    self->n_crowded = 0;
  /* It counts packets of a size that can change. */
  if (path->delivered < self->window.delivered)
    return;
  rate = (path->delivered - self->window.delivered) * US_PER_S / took_us;
  /* Where it was the receiver that had no room, the line may be faster. */
  if (path->receiver_full_us == self->window.receiver_full_us
      || rate > highest_rate (self))
    self->rates[self->next_rate++ % KH_PACING_WINDOWS] = rate;
}

/* In flight is then rate × round trip = highest rate × (shortest round trip + target). */
static uint64_t
rate_for (const KhPacing *self, const KhSocketPath *path)
{
  uint64_t highest = highest_rate (self);
  uint64_t wanted_us = (uint64_t)(self->shortest_us + target_us (self));

  if (highest == 0 || highest > KH_PACING_RATE_MAX)
    return 0;
  return MAX (highest * wanted_us / (uint64_t)path->rtt_us,
              KH_PACING_FLIGHT_MIN * US_PER_S / wanted_us);
}

/* Limiting begins with half the queue that it allows: until it takes hold, as much again
 * has come. */
static bool
is_limiting (const KhPacing *self, int64_t now_us, const KhSocketPath *path)
{
  if (now_us < self->pause_until_us)
    return false;
  return self->rate > 0 || queue_us (self, path) > target_us (self) / 2;
}

void
kh_pacing_init (KhPacing *self)
{
  *self = (KhPacing){ 0 };
}

void
kh_pacing_heard (KhPacing *self, int64_t rtt_us)
{
  if (rtt_us > 0 && (self->shortest_us == 0 || rtt_us < self->shortest_us))
    self->shortest_us = rtt_us;
}

bool
kh_pacing_update (KhPacing *self, int64_t now_us, const KhSocketPath *path)
{
  uint64_t before = self->rate;

  self->due_at_us = now_us + CLAMP (path->rtt_us / 4, DUE_MIN_US, DUE_MAX_US);
  /* Only of a line that is busy is the round trip that of its queue: on an idle one the
   * peer's system waits before it acknowledges. */
  if (path->unsent == 0 || path->rtt_us <= 0 || self->shortest_us == 0)
    return false;
  if (now_us - self->updated_at_us > KH_PACING_FORGET_US)
    {
      *self = (KhPacing){ .shortest_us = self->shortest_us };
      begin_window (self, now_us, path);
    }
  self->updated_at_us = now_us;
  if (now_us - self->window_at_us >= MAX (path->rtt_us, KH_PACING_WINDOW_MIN_US))
    {
      measure (self, now_us, path);
      begin_window (self, now_us, path);
    }
  if (self->n_crowded == KH_PACING_CROWDED_WINDOWS)
    self->pause_until_us = now_us + KH_PACING_PAUSE_US;
  self->rate = is_limiting (self, now_us, path) ? rate_for (self, path) : 0;
  self->best = self->rate > 0 ? MAX (self->best, highest_rate (self)) : 0;
  return self->rate != before;
}

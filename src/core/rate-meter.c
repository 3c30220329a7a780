/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/rate-meter.h"

#include <string.h>

/* A rate over less than this says nothing yet. */
#define LEAST_US G_GINT64_CONSTANT (200000)

void
kh_rate_meter_reset (KhRateMeter *self)
{
  self->n_steps = 0;
}

/* The last step before the window stays: the window begins with it. */
static guint
first_in_window (const KhRateMeter *self, gint64 now_us)
{
  guint first = 0;

  while (first + 1 < self->n_steps
         && self->steps[first + 1].at_us <= now_us - KH_RATE_METER_US)
    first++;
  return first;
}

static void
drop (KhRateMeter *self, guint n)
{
  self->n_steps -= n;
  memmove (self->steps, self->steps + n, self->n_steps * sizeof self->steps[0]);
}

void
kh_rate_meter_add (KhRateMeter *self, gint64 now_us, guint64 count)
{
  guint n = self->n_steps;

  if (n > 0 && count < self->steps[n - 1].count)
    kh_rate_meter_reset (self);
  else if (n > 1 && now_us - self->steps[n - 2].at_us < KH_RATE_METER_STEP_US)
    self->n_steps--;
  drop (self, first_in_window (self, now_us));
  if (self->n_steps == KH_RATE_METER_STEPS)
    drop (self, 1);
  self->steps[self->n_steps].at_us = now_us;
  self->steps[self->n_steps].count = count;
  self->n_steps++;
}

gboolean
kh_rate_meter_is_still (const KhRateMeter *self, gint64 now_us)
{
  return self->n_steps == 0
         || self->steps[self->n_steps - 1].at_us <= now_us - KH_RATE_METER_US;
}

guint64
kh_rate_meter_rate (const KhRateMeter *self, gint64 now_us)
{
  guint first = first_in_window (self, now_us);
  guint64 grown;
  gint64 passed_us;

  if (self->n_steps < 2 || kh_rate_meter_is_still (self, now_us))
    return 0;
  grown = self->steps[self->n_steps - 1].count - self->steps[first].count;
  passed_us = now_us - MAX (self->steps[first].at_us, now_us - KH_RATE_METER_US);
  if (passed_us < LEAST_US)
    return 0;
  return (guint64)((double)grown * G_USEC_PER_SEC / (double)passed_us);
}

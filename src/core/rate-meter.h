/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rate-meter.h - how fast a count grows, over the last three seconds.
 *
 * add() what has been counted so far, whenever it is known; rate() at any time. Where
 * nothing is added for a while the rate goes down by itself, to 0 after three seconds.
 * reset() where it has stopped: what comes next begins anew.
 *
 * Times are microseconds on the caller's monotonic clock.
 */
#pragma once

#include <glib.h>

/* Long enough that a pause of the disk does not show, short enough that a change does. */
#define KH_RATE_METER_US G_GINT64_CONSTANT (3000000)

/* Counts nearer to each other than this are one. */
#define KH_RATE_METER_STEP_US G_GINT64_CONSTANT (100000)

#define KH_RATE_METER_STEPS 32

/* Change it only through the functions below; zeros are a new one. */
typedef struct
{
  struct
  {
    gint64 at_us;
    guint64 count;
  } steps[KH_RATE_METER_STEPS]; /* oldest first */
  guint n_steps;
} KhRateMeter;

void kh_rate_meter_reset (KhRateMeter *self);
void kh_rate_meter_add (KhRateMeter *self, gint64 now_us, guint64 count);

/* Nothing was added for so long that the rate is 0. */
gboolean kh_rate_meter_is_still (const KhRateMeter *self, gint64 now_us);

/* A second. */
guint64 kh_rate_meter_rate (const KhRateMeter *self, gint64 now_us);

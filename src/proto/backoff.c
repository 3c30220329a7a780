/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/backoff.h"

void
kh_backoff_init (KhBackoff *self)
{
  *self = (KhBackoff){ .delay_us = KH_BACKOFF_FIRST_US, .retry_at_us = KH_NEVER };
}

void
kh_backoff_failed (KhBackoff *self, int64_t now_us, uint32_t random)
{
  int64_t spread_us = self->delay_us / 2 * (int64_t)(random % 1024) / 1024;

  self->retry_at_us = now_us + self->delay_us + spread_us;
  self->delay_us *= 2;
  if (self->delay_us > KH_BACKOFF_LONGEST_US)
    self->delay_us = KH_BACKOFF_LONGEST_US;
}

void
kh_backoff_succeeded (KhBackoff *self)
{
  kh_backoff_init (self);
}

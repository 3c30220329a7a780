/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * backoff.h - when to dial the rendezvous server again.
 *
 * Call failed() after each failed dial and wait until retry_at_us; call
 * succeeded() once the server has answered. Delays double from one second to
 * five minutes and are spread by up to half, so that a thousand clients that
 * lost one server do not return in the same instant.
 *
 * Nothing here waits or reads a clock. Times are microseconds on the caller's
 * monotonic clock.
 *
 * Source: src/PROTOCOL.md, "Staying online".
 */
#pragma once

#include <stdint.h>

#define KH_NEVER INT64_MAX
#define KH_BACKOFF_FIRST_US INT64_C (1000000)
#define KH_BACKOFF_LONGEST_US INT64_C (300000000)

/* Read any field; change them only through the functions below. */
typedef struct
{
  int64_t delay_us;    /* before spreading; doubles with each failure */
  int64_t retry_at_us; /* KH_NEVER while connected */
} KhBackoff;

void kh_backoff_init (KhBackoff *self);

/* @random is any 32 random bits: they choose the spread. */
void kh_backoff_failed (KhBackoff *self, int64_t now_us, uint32_t random);

void kh_backoff_succeeded (KhBackoff *self);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * forecast.h - which outside port a router will give next.
 *
 * A side of a call dials the server four times, one right after the other: from its
 * first port to two places, and from two more ports. What the server saw of these tells
 * whether the router keeps one outside endpoint for a port, counts its ports up, or does
 * something that nobody can foretell.
 *
 * Values only. Source: RFC 4787 section 4.1 (the words); Ford, Srisuresh, Kegel,
 * "Peer-to-Peer Communication Across Network Address Translators" (2005), section 5.1
 * (port prediction).
 */
#pragma once

#include "proto/endpoint.h"

#include <stdint.h>

#define KH_FORECAST_SEEN 4

/* Steps further than this are no sequence: too many others' connections in between. */
#define KH_FORECAST_STEP_MAX 16

typedef enum
{
  KH_FORECAST_UNKNOWN, /* too little was seen */
  KH_FORECAST_SAME,    /* a port has one outside endpoint, wherever it goes */
  KH_FORECAST_STEPS,   /* every connection gets the next port */
  KH_FORECAST_NONE,    /* every connection gets one that can't be foretold */
} KhForecastKind;

typedef struct
{
  KhForecastKind kind;
  int step;      /* STEPS: not 0, may be negative */
  uint16_t last; /* STEPS: the port of the last connection that was seen */
} KhForecast;

/* In the order in which they were begun: the first port to one place and to another, the
 * second port, the third. Family 0: not seen. */
KhForecast kh_forecast_make (const KhEndpoint seen[KH_FORECAST_SEEN]);

/* The port of the @k-th connection from now on, from 1; 0 where that is below 1024. */
uint16_t kh_forecast_port (const KhForecast *self, unsigned k);

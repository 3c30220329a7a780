/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/forecast.h"

static int
size_of (int change)
{
  return change < 0 ? -change : change;
}

/* Others' connections may have come in between: the smallest step is the router's. */
static int
find_step (const KhEndpoint seen[KH_FORECAST_SEEN])
{
  int step = 0;

  for (unsigned i = 1; i < KH_FORECAST_SEEN; i++)
    {
      int change = (int)seen[i].port - (int)seen[i - 1].port;

      if (change == 0 || size_of (change) > KH_FORECAST_STEP_MAX
          || (step != 0 && (change > 0) != (step > 0)))
        return 0;
      if (step == 0 || size_of (change) < size_of (step))
        step = change;
    }
  return step;
}

KhForecast
kh_forecast_make (const KhEndpoint seen[KH_FORECAST_SEEN])
{
  KhForecast forecast = { .kind = KH_FORECAST_UNKNOWN };

  if (seen[0].family == 0 || seen[1].family == 0)
    return forecast;
  forecast.kind = KH_FORECAST_SAME;
  if (kh_endpoint_equal (&seen[0], &seen[1]))
    return forecast;
  forecast.kind = KH_FORECAST_NONE;
  if (!kh_endpoint_same_address (&seen[0], &seen[1]))
    return forecast;
  for (unsigned i = 2; i < KH_FORECAST_SEEN; i++)
    if (seen[i].family == 0)
      {
        forecast.kind = KH_FORECAST_UNKNOWN;
        return forecast;
      }
  for (unsigned i = 2; i < KH_FORECAST_SEEN; i++)
    if (!kh_endpoint_same_address (&seen[0], &seen[i]))
      return forecast;
  forecast.step = find_step (seen);
  if (forecast.step == 0)
    return forecast;
  forecast.kind = KH_FORECAST_STEPS;
  forecast.last = seen[KH_FORECAST_SEEN - 1].port;
  return forecast;
}

uint16_t
kh_forecast_port (const KhForecast *self, unsigned k)
{
  int port = (int)self->last + self->step * (int)k;

  return port >= 1024 && port <= UINT16_MAX ? (uint16_t)port : 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/probe-mapping.h"

#include <sodium.h>
#include <string.h>

#define STEPS (KH_PROBE_MAPPING_SOCKETS * KH_PROBE_MAPPING_PLACES)

/* What dials back to these ports is a stranger. */
static void
on_heard (G_GNUC_UNUSED gpointer data, G_GNUC_UNUSED KhProbeLine *line,
          G_GNUC_UNUSED const uint8_t token[KH_TOKEN_LEN])
{
}

static const KhProbeLineListener line_listener = { .heard = on_heard };

void
kh_probe_mapping_init (KhProbeMapping *self, const KhProbePlace *places,
                       const uint8_t probe_id[KH_CALL_ID_LEN], unsigned first_index)
{
  *self = (KhProbeMapping){ .first_index = first_index, .due_at_us = G_MAXINT64 };
  memcpy (self->places, places, sizeof self->places);
  memcpy (self->probe_id, probe_id, sizeof self->probe_id);
}

void
kh_probe_mapping_clear (KhProbeMapping *self)
{
  for (unsigned i = 0; i < KH_PROBE_MAPPING_SOCKETS; i++)
    g_clear_pointer (&self->sockets[i], kh_probe_line_free);
  sodium_memzero (self, sizeof *self);
}

static bool
show (KhProbeMapping *self)
{
  const KhProbePlace *place = &self->places[self->step % KH_PROBE_MAPPING_PLACES];
  KhProbeLine **line = &self->sockets[self->step / KH_PROBE_MAPPING_PLACES];
  uint8_t token[KH_TOKEN_LEN];

  if (place->endpoint.family == 0)
    return false;
  if (*line == NULL)
    *line = kh_probe_line_new (place->endpoint.family, &line_listener, NULL);
  if (*line == NULL)
    return false;
  kh_token_compute (token, place->secret, self->probe_id, 0,
                    (uint8_t)(self->first_index + self->step), KH_TOKEN_PROBE);
  self->observation = (KhNatObservation){ .server = place->endpoint };
  return kh_probe_line_show (*line, &place->endpoint, place->is_main, token,
                             &self->observation.local);
}

static void
go_on (KhProbeMapping *self)
{
  self->shown = false;
  self->due_at_us = G_MAXINT64;
  self->step++;
}

bool
kh_probe_mapping_next (KhProbeMapping *self)
{
  while (!self->shown && self->step < STEPS)
    {
      self->shown = show (self);
      if (self->shown)
        self->due_at_us = g_get_monotonic_time ()
                          + KH_PROBE_MAPPING_SHOW_MS * G_GINT64_CONSTANT (1000);
      else
        self->step++;
    }
  return self->shown;
}

bool
kh_probe_mapping_probed (KhProbeMapping *self, unsigned server, const KhMsgProbed *probed,
                         KhNatFacts *facts)
{
  if (!self->shown || server != self->places[self->step % KH_PROBE_MAPPING_PLACES].server
      || probed->index != self->first_index + self->step)
    return false;
  self->observation.seen = probed->endpoint;
  kh_nat_add (facts, &self->observation);
  go_on (self);
  return true;
}

void
kh_probe_mapping_tick (KhProbeMapping *self, gint64 now_us)
{
  if (self->shown && self->due_at_us <= now_us)
    go_on (self);
}

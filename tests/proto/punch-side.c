/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "punch-side.h"

void
side_drain (Side *side)
{
  guint n = 0;

  while (
      kh_punch_next_action (&side->punch, side->now_us, &side->actions[side->n_actions]))
    {
      g_assert_cmpuint (++n, <=, SIDE_MAX_ACTIONS);
      g_assert_cmpuint (++side->n_actions, <, G_N_ELEMENTS (side->actions));
    }
}

void
side_forget (Side *side)
{
  side->n_actions = 0;
}

guint
side_count (const Side *side, KhPunchActionKind kind)
{
  guint n = 0;

  for (guint i = 0; i < side->n_actions; i++)
    n += side->actions[i].kind == kind;
  return n;
}

guint
side_count_dials (const Side *side, guint pair)
{
  guint n = 0;

  for (guint i = 0; i < side->n_actions; i++)
    n += side->actions[i].kind == KH_PUNCH_CONNECT && side->actions[i].pair == pair;
  return n;
}

void
side_wait_until (Side *side, gint64 at_us)
{
  for (guint i = 0; kh_punch_deadline (&side->punch) <= at_us; i++)
    {
      g_assert_cmpuint (i, <, 1000);
      side->now_us = MAX (side->now_us, kh_punch_deadline (&side->punch));
      kh_punch_tick (&side->punch, side->now_us);
      side_drain (side);
    }
  side->now_us = at_us;
}

void
side_wait (Side *side, gint64 us)
{
  side_wait_until (side, side->now_us + us);
}

void
side_begin (Side *side, gboolean caller)
{
  *side = (Side){ .now_us = SIDE_BEGIN };
  kh_punch_start (&side->punch, side->now_us, &(KhPunchSetup){ .caller = caller });
  if (!caller)
    kh_punch_accepted (&side->punch, side->now_us, 0, false);
  side_drain (side);
}

void
side_begin_as (Side *side, const KhPunchSetup *setup, gboolean may_relay)
{
  *side = (Side){ .now_us = SIDE_BEGIN };
  kh_punch_start (&side->punch, side->now_us, setup);
  kh_punch_accepted (&side->punch, side->now_us, SIDE_RTT, may_relay);
  side_drain (side);
}

KhEndpoint
side_endpoint (guint last, guint pair)
{
  const guint8 address[4] = { 203, 0, 113, (guint8)last };

  return kh_endpoint_v4 (address, (guint16)(20000 + pair));
}

void
side_tell (Side *side, guint pair)
{
  KhEndpoint own = side_endpoint (1, pair), peer = side_endpoint (2, pair);

  kh_punch_observed (&side->punch, side->now_us, side->punch.round, pair, &own);
  kh_punch_endpoint (&side->punch, side->now_us, side->punch.round, pair, &peer);
  side_drain (side);
}

void
side_tell_all (Side *side)
{
  for (guint pair = 0; pair < KH_PUNCH_PORTS_V4; pair++)
    side_tell (side, pair);
}

void
side_tell_one (Side *side, guint index, const KhEndpoint *own, const KhEndpoint *peer)
{
  if (own != NULL)
    kh_punch_observed (&side->punch, side->now_us, side->punch.round, index, own);
  if (peer != NULL)
    kh_punch_endpoint (&side->punch, side->now_us, side->punch.round, index, peer);
  side_drain (side);
}

/* What the server sees of a router: port 0 by both ways, ports 1 and 2. */
static void
see_router (KhForecastKind kind, guint last, KhEndpoint seen[KH_FORECAST_SEEN])
{
  static const guint ports[][KH_FORECAST_SEEN] = {
    [KH_FORECAST_UNKNOWN] = { 0, 0, 1, 2 },
    [KH_FORECAST_SAME] = { 0, 0, 1, 2 },
    [KH_FORECAST_STEPS] = { 100, 101, 102, 103 },
    [KH_FORECAST_NONE] = { 900, 17000, 300, 8000 },
  };

  for (guint i = 0; i < KH_FORECAST_SEEN; i++)
    seen[i] = side_endpoint (last, ports[kind][i]);
}

void
side_tell_routers (Side *side, KhForecastKind own, KhForecastKind peer)
{
  static const guint indices[KH_FORECAST_SEEN] = { 1, KH_PUNCH_SEEN_AGAIN, 2, 0 };
  static const guint places[KH_FORECAST_SEEN] = { 2, 1, 3, 0 };
  KhEndpoint ours[KH_FORECAST_SEEN], theirs[KH_FORECAST_SEEN];

  see_router (own, 1, ours);
  see_router (peer, 2, theirs);
  /* The first port comes last: with it a caller may begin. */
  for (guint i = 0; i < KH_FORECAST_SEEN; i++)
    {
      guint index = indices[i];
      gboolean again = index == KH_PUNCH_SEEN_AGAIN;

      side_tell_one (side, index,
                     again && own == KH_FORECAST_UNKNOWN ? NULL : &ours[places[i]],
                     again && peer == KH_FORECAST_UNKNOWN ? NULL : &theirs[places[i]]);
    }
}

void
side_tell_lan (Side *side, const KhEndpoint *peer, gboolean on_link)
{
  kh_punch_lan (&side->punch, side->punch.round, peer, on_link);
  side_drain (side);
}

void
side_accept_call (Side *side)
{
  kh_punch_accepted (&side->punch, side->now_us, SIDE_RTT, false);
  side_drain (side);
}

void
side_hear_go (Side *side)
{
  kh_punch_go (&side->punch, side->now_us, side->punch.round);
  side_drain (side);
}

void
side_hear_round (Side *side, guint round)
{
  kh_punch_peer_round (&side->punch, side->now_us, round);
  side_drain (side);
}

void
side_dialled (Side *side, guint pair, KhDialResult result)
{
  kh_punch_dialled (&side->punch, side->now_us, pair, result);
  side_drain (side);
}

void
side_sprayed (Side *side, guint number, KhDialResult result)
{
  kh_punch_sprayed (&side->punch, side->now_us, number, result);
  side_drain (side);
}

void
side_come_up (Side *side, guint pair)
{
  kh_punch_up (&side->punch, pair);
  side_drain (side);
}

void
side_go_down (Side *side, guint pair, gboolean stranger)
{
  kh_punch_down (&side->punch, side->now_us, pair, stranger);
  side_drain (side);
}

void
side_authenticate (Side *side, KhPathKind kind)
{
  kh_punch_authenticated (&side->punch, side->now_us, kind);
  side_drain (side);
}

void
side_begin_dialling (Side *side)
{
  side_begin (side, FALSE);
  side_tell_all (side);
  side_hear_go (side);
  g_assert_cmpuint (side_count (side, KH_PUNCH_CONNECT), ==, 1);
  side_forget (side);
}

void
side_begin_round (Side *side, guint round)
{
  side_begin_dialling (side);
  while (side->punch.round < round)
    side_hear_round (side, side->punch.round + 1);
  side_forget (side);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Many clients do anything in any order; what must hold is checked against a simple
 * model after every message and every step. Replay with --seed.
 */
#include "directory-world.h"

#include <sodium.h>
#include <string.h>

#define N 8 /* clients that act */
#define ROOMS 3
#define CALLS 12
#define STEPS 60000

typedef struct
{
  guint caller, callee;
  gboolean alive, accepted;
  guint8 round[2];
  /* Which endpoint was observed in the present rounds, by port; 0: none. */
  guint16 port[2][KH_CALL_INDICES]; /* of a mapped one: what was named */
  gboolean used[2][KH_CALL_TOKENS];
  guint n_candidates[2];
  gboolean has_relayed[2]; /* the token was used */
  gint64 opened_at_us[2];
} ModelCall;

typedef struct
{
  guint8 id; /* 0: none */
  gint64 opened_at_us;
  guint16 port[KH_PROBE_INDICES]; /* where it was seen; 0: not yet */
  guint n_dials;                  /* of the client, ever */
} ModelProbe;

typedef struct
{
  gboolean in_room[N][ROOMS + 1]; /* rooms from 1 */
  ModelCall calls[CALLS];
  ModelProbe probes[N];
  guint16 next_port;
  guint n_endpoints, n_mapped, n_candidates, n_called, n_probed, n_dialled;
  guint n_relays, n_refused;
} Model;

static gboolean
share_room (const Model *model, guint one, guint other)
{
  for (guint room = 1; room <= ROOMS; room++)
    if (model->in_room[one][room] && model->in_room[other][room])
      return TRUE;
  return FALSE;
}

static gboolean
is_caller (const ModelCall *call, guint client)
{
  return call->caller == client;
}

/* Only the other side of an accepted call gets an endpoint, and only one that was
 * observed in this call from the port of that index, or a mapped port at such. */
static void
check_endpoint (World *world, guint client, const KhMsgEndpoint *msg, gboolean own)
{
  Model *model = world->data;
  const ModelCall *call = &model->calls[msg->call_id[0] - 1];
  guint side = is_caller (call, client) ? 0 : 1;

  g_assert_true (call->alive);
  g_assert_true (client == call->caller || client == call->callee);
  if (!own)
    {
      g_assert_true (call->accepted);
      side = 1 - side;
      model->n_endpoints++;
    }
  if (msg->index == KH_CALL_INDEX_MAPPED)
    {
      guint from = side == 0 ? call->caller : call->callee;

      g_assert_false (own);
      g_assert_cmpuint (msg->endpoint.address[3], ==, from + 1);
      g_assert_cmpuint (msg->endpoint.port, >=, KH_CALL_PORT_MIN);
      model->n_mapped++;
    }
  g_assert_cmpuint (msg->endpoint.port, !=, 0);
  g_assert_cmpuint (msg->endpoint.port, ==, call->port[side][msg->index]);
  g_assert_cmpuint (msg->round, ==, call->round[side]);
}

static void
check_probed (World *world, guint client, const KhMsgProbed *msg)
{
  Model *model = world->data;
  const ModelProbe *probe = &model->probes[client];

  g_assert_cmpuint (msg->probe_id[0], ==, probe->id);
  g_assert_cmpuint (msg->endpoint.port, ==, probe->port[msg->index]);
  model->n_probed++;
}

/* Nobody hears whether a port is open that it named or that the server chose. */
static void
check_dialled (World *world, guint client, const KhMsgDial *msg)
{
  Model *model = world->data;
  const ModelProbe *probe = &model->probes[client];

  if (msg->result != KH_DIALLED_IMPOSSIBLE)
    g_assert_cmpuint (msg->probe_id[0], ==, probe->id);
  if (msg->from == KH_DIAL_TO_CLOSED_PORT)
    g_assert_cmpuint (msg->result, !=, KH_DIALLED_CONNECTED);
  if (msg->from == KH_DIAL_TO_NAMED_PORT)
    g_assert_true (msg->result == KH_DIALLED_NOTHING
                   || msg->result >= KH_DIALLED_IMPOSSIBLE);
  g_assert_cmpint (msg->wait_s > 0, ==, msg->result == KH_DIALLED_LATER);
  model->n_dialled++;
}

static void
check_candidates (World *world, guint client, const KhMsgCandidates *msg)
{
  Model *model = world->data;
  ModelCall *call = &model->calls[msg->call_id[0] - 1];
  guint from = is_caller (call, client) ? 1 : 0;

  g_assert_true (call->alive && call->accepted);
  g_assert_true (client == call->caller || client == call->callee);
  g_assert_cmpuint (++call->n_candidates[from], <=, KH_CALL_CANDIDATES_MAX);
  model->n_candidates++;
}

static void
check_peers (World *world, guint client, KhMsgPeers peers)
{
  const Model *model = world->data;
  KhMsgPeer peer;

  g_assert_cmpuint (peers.room_id[0], >=, 1);
  g_assert_true (model->in_room[client][peers.room_id[0]]);
  while (kh_messages_next_peer (&peers, &peer))
    if (peer.online)
      g_assert_cmpuint (peer.name.len, >, 0);
}

static void
on_message (World *world, guint client, const KhMessage *message)
{
  Model *model = world->data;
  ModelCall *call;

  switch ((int)message->type)
    {
    case KH_MESSAGE_PEERS:
      check_peers (world, client, message->peers);
      break;
    case KH_MESSAGE_OBSERVED:
      check_endpoint (world, client, &message->endpoint, TRUE);
      break;
    case KH_MESSAGE_ENDPOINT:
      check_endpoint (world, client, &message->endpoint, FALSE);
      break;
    case KH_MESSAGE_PEER_CANDIDATES:
      check_candidates (world, client, &message->candidates);
      break;
    case KH_MESSAGE_RELAY_REFUSED:
      g_assert_cmpuint (message->relay_refused.reason, >=, KH_RELAY_REFUSED_VOLUME);
      model->n_refused++;
      break;
    case KH_MESSAGE_PROBED:
      check_probed (world, client, &message->probed);
      break;
    case KH_MESSAGE_DIALLED:
      check_dialled (world, client, &message->dial);
      break;
    case KH_MESSAGE_CALLED:
      call = &model->calls[message->call.call_id[0] - 1];
      g_assert_cmpuint (call->callee, ==, client);
      g_assert_true (share_room (model, call->caller, client));
      model->n_called++;
      break;
    case KH_MESSAGE_ANSWERED:
    case KH_MESSAGE_PEER_GO:
    case KH_MESSAGE_PEER_ROUND:
      /* All begin with the call id. */
      call = &model->calls[message->round.call_id[0] - 1];
      g_assert_true (call->alive);
      g_assert_true (client == call->caller || client == call->callee);
      break;
    case KH_MESSAGE_HUNG_UP:
      /* Final: the model forgets the call, so that anything more about it fails. */
      model->calls[message->hang_up.call_id[0] - 1].alive = FALSE;
      break;
    }
}

/* Mostly a call that the client is in, so that calls get somewhere. */
static guint8
pick_call (const Model *model, guint client)
{
  guint8 first = (guint8)g_test_rand_int_range (0, CALLS);

  for (guint8 i = 0; i < CALLS && g_test_rand_int_range (0, 20) != 0; i++)
    {
      const ModelCall *call = &model->calls[(first + i) % CALLS];

      if (call->alive && (call->caller == client || call->callee == client))
        return (guint8)((first + i) % CALLS + 1);
    }
  return (guint8)(first + 1);
}

static void
forget_client (Model *model, guint client)
{
  memset (model->in_room[client], 0, sizeof model->in_room[client]);
  model->probes[client] = (ModelProbe){ .n_dials = model->probes[client].n_dials };
}

static void
step_login (World *world, guint client)
{
  Model *model = world->data;

  if (world->clients[client].number != 0)
    return;
  world_clear_inbox (world, client);
  forget_client (model, client);
  world_login (world, client);
}

static void
step_disconnect (World *world, guint client)
{
  Model *model = world->data;

  if (g_test_rand_int_range (0, 10) != 0)
    return;
  world_disconnect (world, client);
  forget_client (model, client);
  for (guint i = 0; i < CALLS; i++)
    if (model->calls[i].caller == client || model->calls[i].callee == client)
      model->calls[i].alive = FALSE;
}

static void
step_join (World *world, guint client)
{
  Model *model = world->data;
  guint8 room = (guint8)g_test_rand_int_range (1, ROOMS + 1);
  gboolean before = model->in_room[client][room];

  model->in_room[client][room] = TRUE; /* its list may come with the answer */
  if (world_try_join (world, client, room) != KH_JOINED)
    model->in_room[client][room] = before;
}

static void
step_leave (World *world, guint client)
{
  Model *model = world->data;
  guint8 room = (guint8)g_test_rand_int_range (1, ROOMS + 1);
  KhMessage leave = { .type = KH_MESSAGE_LEAVE };

  world_room_id (room, leave.room.id);
  model->in_room[client][room] = FALSE;
  world_send (world, client, &leave);
}

static void
step_call (World *world, guint client)
{
  Model *model = world->data;
  guint8 number = (guint8)g_test_rand_int_range (1, CALLS + 1);
  ModelCall *call = &model->calls[number - 1];

  if (call->alive)
    return;
  *call = (ModelCall){ .caller = client,
                       .callee = (guint)g_test_rand_int_range (0, N),
                       .alive = TRUE,
                       .round = { 1, 1 } };
  call->opened_at_us[0] = world->now_us;
  world_call (world, client, call->callee, number); /* HUNG_UP if it may not */
}

static void
step_answer (World *world, guint client)
{
  Model *model = world->data;
  guint8 number = pick_call (model, client);
  ModelCall *call = &model->calls[number - 1];
  KhVerdict verdict
      = g_test_rand_bit () ? KH_VERDICT_ACCEPT : (KhVerdict)g_test_rand_int_range (1, 5);
  gboolean counts = call->alive && call->callee == client && !call->accepted;

  if (counts && verdict == KH_VERDICT_ACCEPT)
    {
      call->accepted = TRUE;
      call->opened_at_us[0] = call->opened_at_us[1] = world->now_us;
    }
  world_answer (world, client, number, verdict);
  if (counts && verdict >= KH_VERDICT_DECLINE)
    call->alive = FALSE;
}

static void
step_round (World *world, guint client)
{
  Model *model = world->data;
  guint8 number = pick_call (model, client);
  guint8 round = (guint8)g_test_rand_int_range (1, 4);
  ModelCall *call = &model->calls[number - 1];
  guint side = is_caller (call, client) ? 0 : 1;

  if (call->alive && call->accepted && (client == call->caller || client == call->callee)
      && round == call->round[side] + 1)
    {
      call->round[side] = round;
      memset (call->port[side], 0, sizeof call->port[side]);
      memset (call->used[side], 0, sizeof call->used[side]);
      call->opened_at_us[side] = world->now_us;
    }
  world_round (world, client, number, round);
}

static void
step_dial (World *world, guint client)
{
  Model *model = world->data;
  guint8 number = pick_call (model, client);
  guint8 index = (guint8)g_test_rand_int_range (0, KH_CALL_TOKENS);
  ModelCall *call = &model->calls[number - 1];
  guint side = is_caller (call, client) ? 0 : 1;
  guint8 round = g_test_rand_int_range (0, 5) != 0 ? call->round[side] : 1;
  gboolean may_be_good = call->alive && (client == call->caller || client == call->callee)
                         && (side == 0 || call->accepted) && round == call->round[side]
                         && !call->used[side][index]
                         && world->now_us - call->opened_at_us[side] <= KH_TOKEN_GOOD_US;
  guint16 before = call->port[side][index];
  g_autofree char *remote
      = g_strdup_printf ("203.0.113.%u:%u", client + 1, ++model->next_port % 60000 + 1);

  if (may_be_good)
    call->port[side][index] = (guint16)(model->next_port % 60000 + 1);
  if (world_dial (world, client, number, round, index, remote))
    {
      g_assert_true (may_be_good);
      call->used[side][index] = TRUE;
    }
  else if (may_be_good)
    call->port[side][index] = before; /* other calls needed the token's place */
}

static void
step_mapped (World *world, guint client)
{
  Model *model = world->data;
  guint8 number = pick_call (model, client);
  ModelCall *call = &model->calls[number - 1];
  guint side = is_caller (call, client) ? 0 : 1;
  guint8 round = g_test_rand_int_range (0, 5) != 0 ? MAX (call->round[side], 1) : 2;
  guint16 port = (guint16)g_test_rand_int_range (0, 5000);
  guint16 *own = &call->port[side][KH_CALL_INDEX_MAPPED];

  if (call->alive
      && (client == call->caller || (client == call->callee && call->accepted))
      && round == call->round[side] && port >= KH_CALL_PORT_MIN && *own == 0)
    *own = port;
  world_mapped (world, client, number, round, port);
}

static void
step_candidates (World *world, guint client)
{
  world_candidates (world, client, pick_call (world->data, client), 77);
}

static void
step_relay (World *world, guint client)
{
  Model *model = world->data;
  guint8 number = pick_call (model, client);
  ModelCall *call = &model->calls[number - 1];
  guint side = 7, expected = is_caller (call, client) ? 0 : 1;
  g_autofree char *remote = g_strdup_printf ("203.0.113.%u:1", client + 1);

  if (world_relay (world, client, number, remote, &side) == 0)
    return;
  g_assert_true (call->alive && call->accepted);
  g_assert_true (client == call->caller || client == call->callee);
  g_assert_cmpuint (side, ==, expected);
  g_assert_false (call->has_relayed[side]);
  call->has_relayed[side] = TRUE;
  model->n_relays += call->has_relayed[1 - side];
}

static void
step_carry (World *world, G_GNUC_UNUSED guint client)
{
  guint n = world->relays->len;
  guint32 relay;

  if (n == 0)
    return;
  relay = g_array_index (world->relays, guint32, g_test_rand_int_range (0, (gint)n));
  if (g_test_rand_int_range (0, 6) == 0)
    world_end_relay (world, relay);
  else
    world_relayed (world, relay, g_test_rand_bit (),
                   (guint64)g_test_rand_int_range (0, 1000));
}

static void
step_class (World *world, guint client)
{
  world_class (world, client, (guint8)g_test_rand_int_range (0, 4));
}

static void
step_hang_up (World *world, guint client)
{
  Model *model = world->data;
  guint8 number = pick_call (model, client);
  ModelCall *call = &model->calls[number - 1];

  if (g_test_rand_int_range (0, 4) != 0)
    return;
  world_hang_up (world, client, number, KH_HANG_UP_CANCELLED);
  if (client == call->caller || client == call->callee)
    call->alive = FALSE;
}

static void
step_pass (World *world, G_GNUC_UNUSED guint client)
{
  static const gint64 spans_us[]
      = { 1000, 20000, 20000, 20000, 300000, 300000, 2000000, 31000000 };
  Model *model = world->data;

  world_pass (world, spans_us[g_test_rand_int_range (0, G_N_ELEMENTS (spans_us))]);
  for (guint i = 0; i < N; i++)
    if (world->clients[i].number == 0) /* was silent for too long */
      forget_client (model, i);
    else if (world->now_us - model->probes[i].opened_at_us >= KH_TOKEN_GOOD_US)
      model->probes[i].id = 0;
}

static void
step_probe (World *world, guint client)
{
  Model *model = world->data;
  ModelProbe *probe = &model->probes[client];

  if (probe->id != 0 && g_test_rand_int_range (0, 4) != 0)
    return;
  *probe = (ModelProbe){ .id = (guint8)g_test_rand_int_range (1, 5),
                         .opened_at_us = world->now_us,
                         .n_dials = probe->n_dials };
  world_probe (world, client, probe->id);
}

static void
step_show (World *world, guint client)
{
  Model *model = world->data;
  ModelProbe *probe = &model->probes[client];
  guint8 id = probe->id != 0 ? probe->id : 1;
  guint8 index = (guint8)g_test_rand_int_range (0, KH_PROBE_INDICES);
  guint16 before = probe->port[index];
  guint16 port = (guint16)(++model->next_port % 60000 + 1);
  g_autofree char *remote = g_strdup_printf ("203.0.113.%u:%u", client + 1, port);
  gboolean good = probe->id != 0 && before == 0;

  if (good)
    probe->port[index] = port;
  g_assert_cmpint (world_show (world, client, id, index, remote) != 0, ==, good);
}

static void
step_ask_dial (World *world, guint client)
{
  Model *model = world->data;
  ModelProbe *probe = &model->probes[client];
  guint8 index = (guint8)g_test_rand_int_range (0, KH_PROBE_INDICES);
  KhProbeDial from = (KhProbeDial)g_test_rand_int_range (0, 6);
  guint16 port = (guint16)g_test_rand_int_range (0, 2000);
  guint n = world->dials->len;
  const KhDirectoryEvent *event;

  world_ask_dial (world, client, probe->id, index, from, port);
  if (world->dials->len == n)
    return;
  event = &g_array_index (world->dials, KhDirectoryEvent, n);
  g_assert_cmpuint (probe->id, !=, 0);
  g_assert_cmpuint (event->client, ==, world->clients[client].number);
  g_assert_cmpint (event->dial.from, ==, from);
  /* Nobody can aim the server at another. */
  g_assert_true (
      kh_endpoint_same_address (&event->dial.remote, &world->clients[client].endpoint));
  if (from == KH_DIAL_TO_NAMED_PORT)
    g_assert_cmpuint (port, >=, KH_PROBE_PORT_MIN);
  g_assert_cmpuint (event->dial.remote.port, !=, 0);
  g_assert_cmpuint (event->dial.remote.port, ==,
                    from == KH_DIAL_TO_NAMED_PORT ? port : probe->port[index]);
  g_assert_cmpuint (++probe->n_dials, <=,
                    10 + world->now_us / (60 * G_USEC_PER_SEC / 10));
}

static void
step_dialled (World *world, G_GNUC_UNUSED guint client)
{
  KhProbeResult result
      = (KhProbeResult)g_test_rand_int_range (KH_DIALLED_CONNECTED, KH_DIALLED_LATER + 1);

  if (world->dials->len > 0)
    world_dialled (world, result);
}

static void
check_counts (World *world)
{
  const Model *model = world->data;
  KhDirectoryStats stats = kh_directory_stats (world->directory);
  guint n_clients = 0, n_alive = 0, n_probes = 0;

  for (guint i = 0; i < N; i++)
    {
      n_clients += world->clients[i].number != 0;
      n_probes += model->probes[i].id != 0;
    }
  for (guint i = 0; i < CALLS; i++)
    n_alive += model->calls[i].alive;
  g_assert_cmpuint (stats.n_clients, ==, n_clients);
  g_assert_cmpuint (stats.n_calls, ==, n_alive);
  g_assert_cmpuint (stats.n_probes, ==, n_probes);
  g_assert_cmpuint (stats.n_relays, ==, world->relays->len);
  g_assert_cmpuint (stats.n_rooms, <=, ROOMS);
  g_assert_cmpint (kh_directory_deadline (world->directory), >, world->now_us);
}

/* After some quiet everybody knows exactly who is in the room. */
static void
check_views (World *world)
{
  const Model *model = world->data;

  world_pass (world, G_USEC_PER_SEC);
  for (guint8 room = 1; room <= ROOMS; room++)
    for (guint i = 0; i < N; i++)
      {
        guint32 expected = 0;

        if (world->clients[i].number == 0 || !model->in_room[i][room])
          continue;
        for (guint other = 0; other < N; other++)
          if (other != i && model->in_room[other][room]
              && world->clients[other].number != 0)
            expected |= 1u << other;
        g_assert_cmphex (world_read_peers (world, i, room, 0xffffffff), ==, expected);
      }
}

static void
act (World *world)
{
  static void (*const steps[]) (World *, guint)
      = { step_join,     step_leave,      step_call,   step_answer,  step_dial,
          step_dial,     step_dial,       step_round,  step_hang_up, step_pass,
          step_pass,     step_disconnect, step_probe,  step_show,    step_show,
          step_ask_dial, step_dialled,    step_mapped, step_mapped,  step_candidates,
          step_class,    step_relay,      step_relay,  step_carry };
  guint client = (guint)g_test_rand_int_range (0, N);

  if (world->clients[client].number == 0)
    step_login (world, client);
  else
    steps[g_test_rand_int_range (0, G_N_ELEMENTS (steps))](world, client);
}

static void
test_anything_in_any_order (void)
{
  KhDirectoryConfig config = kh_directory_defaults ();
  Model model = { .next_port = 1 };
  g_autoptr (World) world = NULL;

  config.max_clients = N;
  config.joins_per_minute = 1000;
  config.relay_volume = 4000;
  world = world_new (&config);
  world->on_message = on_message;
  world->data = &model;
  for (guint step = 0; step < STEPS; step++)
    {
      act (world);
      check_counts (world);
    }
  g_test_message ("%u calls, %u endpoints, %u of them mapped, %u candidates, %u probed, "
                  "%u dialled",
                  model.n_called, model.n_endpoints, model.n_mapped, model.n_candidates,
                  model.n_probed, model.n_dialled);
  g_test_message ("%u relays, %u refusals", model.n_relays, model.n_refused);
  g_assert_cmpuint (model.n_relays, >, 2);
  g_assert_cmpuint (model.n_refused, >, 2);
  g_assert_cmpuint (model.n_mapped, >, 5);
  g_assert_cmpuint (model.n_candidates, >, 20);
  g_assert_cmpuint (model.n_probed, >, 50);
  g_assert_cmpuint (model.n_dialled, >, 50);
  g_assert_cmpuint (model.n_endpoints, >, 50); /* or it tested nothing */
}

static void
test_views_come_together (void)
{
  KhDirectoryConfig config = kh_directory_defaults ();
  Model model = { .next_port = 1 };
  g_autoptr (World) world = NULL;

  config.max_clients = N;
  config.joins_per_minute = 10000;
  config.silent_us = G_MAXINT64 / 4;
  config.messages_burst = 10000;
  world = world_new (&config);
  world->on_message = on_message;
  world->data = &model;
  for (guint round = 0; round < 30; round++)
    {
      for (guint i = 0; i < N; i++)
        {
          if (world->clients[i].number != 0)
            world_disconnect (world, i);
          step_login (world, i);
        }
      for (guint step = 0; step < 60; step++)
        {
          guint client = (guint)g_test_rand_int_range (0, N);

          if (world->clients[client].number == 0)
            step_login (world, client);
          else if (g_test_rand_bit ())
            step_join (world, client);
          else if (g_test_rand_bit ())
            step_class (world, client);
          else if (g_test_rand_bit ())
            step_leave (world, client);
          else
            step_disconnect (world, client);
          if (g_test_rand_int_range (0, 4) == 0)
            world_pass (world, g_test_rand_int_range (0, 400000));
        }
      check_views (world);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/directory-random/anything-in-any-order", test_anything_in_any_order);
  g_test_add_func ("/directory-random/views-come-together", test_views_come_together);
  return g_test_run ();
}

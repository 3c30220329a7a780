/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A directory and six clients that do what the input says, three bytes a step: what is
 * done, by whom, and a number. Whatever is done, everything the directory says can be
 * read, only known clients are spoken to, and when all have gone nothing is left.
 */
#include "../proto/directory-world.h"

#include <string.h>

#define N_CLIENTS 6
#define STEP_LEN 3

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
leave (World *world, guint client, guint8 room)
{
  KhMessage message = { .type = KH_MESSAGE_LEAVE };

  world_room_id (room, message.room.id);
  world_send (world, client, &message);
}

static void
go (World *world, guint client, guint8 call, guint8 round)
{
  KhMessage message = { .type = KH_MESSAGE_GO, .round = { .round = round } };

  world_call_id (call, message.round.call_id);
  world_send (world, client, &message);
}

static void
dial (World *world, guint client, guint8 number)
{
  static const char *const remotes[]
      = { "203.0.113.1:1",   "10.0.0.1:2",     "127.0.0.1:3",
          "[2001:db8::1]:4", "198.51.100.1:5", "[::]:6" };

  world_dial (world, client, number % 8, (guint8)(1 + number / 8 % 3),
              number / 24 % KH_CALL_TOKENS, remotes[number % G_N_ELEMENTS (remotes)]);
}

static const char *
pick_remote (guint8 number)
{
  static const char *const remotes[] = { "203.0.113.1:1", "[2001:db8::1]:4",
                                         "198.51.100.1:5", "224.0.0.1:6", "1.2.3.4:0" };

  return remotes[number % G_N_ELEMENTS (remotes)];
}

/* What has to do with probes. */
static void
probe (World *world, guint client, guint8 what, guint8 number)
{
  switch (what % 4)
    {
    case 0:
      world_probe (world, client, number % 3);
      break;
    case 1:
      world_show (world, client, number % 3, number / 3 % KH_PROBE_INDICES,
                  pick_remote (number));
      break;
    case 2:
      world_ask_dial (world, client, number % 3, number / 3 % KH_PROBE_INDICES,
                      (KhProbeDial)(number / 48), (guint16)(number * 100));
      break;
    default:
      if (world->dials->len > 0 && number % 8 != 0)
        world_dialled (world, (KhProbeResult)(1 + number % 6));
      else
        world_dialled_as (world, number, number, KH_DIALLED_SILENT);
    }
}

static void
relay (World *world, guint client, guint8 number)
{
  guint32 first = world->relays->len > 0 ? g_array_index (world->relays, guint32, 0) : 0;
  guint side;

  if (number < 0xc0)
    world_relay (world, client, number % 8, pick_remote (number / 8), &side);
  else if (first != 0 && number < 0xf0)
    world_relayed (world, first, number % 2, (guint64)number << 22);
  else if (first != 0)
    world_end_relay (world, first);
}

/* What goes with calls beside their steps, and a class. */
static void
tell (World *world, guint client, guint8 what, guint8 number)
{
  switch (what % 4)
    {
    case 0:
      world_mapped (world, client, number % 8, (guint8)(1 + number / 8 % 3),
                    (guint16)(number * 200));
      break;
    case 1:
      world_candidates (world, client, number % 8, number);
      break;
    case 2:
      relay (world, client, number);
      break;
    default:
      world_class (world, client, number);
    }
}

/* The bytes of a message as the input has them. Returns how many it took. */
static gsize
send_raw (World *world, guint client, const guint8 *bytes, gsize len)
{
  world_send_bytes (world, client, bytes, len);
  return len;
}

/* What a client does that is online. Returns how many bytes more it took. */
static gsize
act (World *world, guint client, guint8 what, guint8 number, const guint8 *rest,
     gsize len)
{
  switch (what % 16)
    {
    case 0:
      world_disconnect (world, client);
      break;
    case 1:
      world_try_login (world, client);
      world->clients[WORLD_CLIENTS - 1].number = 0; /* the older one was dropped */
      break;
    case 2:
      leave (world, client, number % 10);
      break;
    case 3:
    case 4:
      world_call (world, client, number % N_CLIENTS, number % 8);
      break;
    case 5:
      world_answer (world, client, number % 8, (KhVerdict)(number / 8 % 5));
      break;
    case 6:
      world_round (world, client, number % 8, (guint8)(1 + number / 8 % 3));
      break;
    case 7:
      go (world, client, number % 8, (guint8)(1 + number / 8 % 3));
      break;
    case 8:
      world_hang_up (world, client, number % 8, (KhHangUpReason)(number / 8));
      break;
    case 9:
      dial (world, client, number);
      break;
    case 10:
      return send_raw (world, client, rest, MIN (len, number));
    case 12:
    case 13:
    case 14:
    case 15:
      if (what & 0x80)
        tell (world, client, what, number);
      else
        probe (world, client, what, number);
      break;
    default:
      {
        KhMessage message = { .type = KH_MESSAGE_JOIN };

        world_room_id (number % 10, message.room.id);
        world_send (world, client, &message);
      }
    }
  return 0;
}

static void
check_nothing_is_left (World *world)
{
  KhDirectoryStats stats;

  for (guint i = 0; i < WORLD_CLIENTS; i++)
    if (world->clients[i].number != 0)
      world_disconnect (world, i);
  while (world->relays->len > 0) /* they outlive the clients */
    world_end_relay (world, g_array_index (world->relays, guint32, 0));
  world_pass (world, G_USEC_PER_SEC);
  stats = kh_directory_stats (world->directory);
  g_assert_cmpuint (stats.n_clients, ==, 0);
  g_assert_cmpuint (stats.n_rooms, ==, 0);
  g_assert_cmpuint (stats.n_calls, ==, 0);
  g_assert_cmpuint (stats.n_probes, ==, 0);
  g_assert_cmpuint (stats.n_relays, ==, 0);
  g_assert_cmpuint (world->dials->len, ==, 0);
  g_assert_cmpint (kh_directory_deadline (world->directory), ==, G_MAXINT64);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  KhDirectoryConfig config = kh_directory_defaults ();
  g_autoptr (World) world = NULL;

  config.max_clients = N_CLIENTS;
  world = world_new (&config);
  while (size >= STEP_LEN)
    {
      guint8 what = data[0], number = data[2];
      guint client = data[1] % N_CLIENTS;

      data += STEP_LEN;
      size -= STEP_LEN;
      if (data[-2] & 0x80) /* time passes */
        world_pass (world, (gint64)number * number * 1000);
      else if (world->clients[client].number == 0)
        world_try_login (world, client);
      else
        {
          gsize used = act (world, client, what, number, data, size);

          data += used;
          size -= used;
        }
      for (guint i = 0; i < WORLD_CLIENTS; i++)
        world_clear_inbox (world, i);
    }
  check_nothing_is_left (world);
  return 0;
}

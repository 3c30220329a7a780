/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A path is one line with a queue before it, and a sender that always has more to send:
 * without a limit twice as much as the line can carry.
 */
#include "net/pacing.h"

#include <glib.h>

#define MS INT64_C (1000)
#define ROUND_TRIP_US (80 * MS)
#define TARGET_US (ROUND_TRIP_US / KH_PACING_TARGET_SHARE)
#define LINE_RATE 2500000
#define QUEUE_MAX (LINE_RATE / 1000 * 500)
#define LEAST (KH_PACING_FLIGHT_MIN * G_USEC_PER_SEC / 1025000)
/* A power of two; a sender learns of a queue a round trip later. */
#define HISTORY 128

typedef struct
{
  KhPacing pacing;
  gint64 now_us;
  gint64 line_rate;
  gint64 others_rate; /* what other people send into the same queue */
  gint64 queue;       /* bytes */
  gint64 further_us;  /* that the way takes longer than it did, whoever sends what */
  gint64 rtts[HISTORY];
  gint64 delivered[HISTORY];
  gint64 arrived;
  gint64 receiver_full_us;
  gboolean receiver_is_full;
  guint step;
} Path;

static void
set_up (Path *path, gconstpointer data)
{
  *path = (Path){ .line_rate = LINE_RATE, .now_us = 100 * G_USEC_PER_SEC };
  kh_pacing_init (&path->pacing);
  for (guint i = 0; i < HISTORY; i++)
    path->rtts[i] = ROUND_TRIP_US;
}

static void
tear_down (Path *path, gconstpointer data)
{
}

static gint64
queue_us (const Path *path)
{
  return path->queue * G_USEC_PER_SEC / path->line_rate;
}

/* One millisecond of sender, queue and line. */
static void
pass_ms (Path *path)
{
  gint64 sending = path->pacing.rate > 0 ? (gint64)path->pacing.rate : 2 * LINE_RATE;
  gint64 leaving;

  if (path->receiver_is_full)
    {
      sending = LINE_RATE / 10;
      path->receiver_full_us += MS;
    }
  path->queue += (sending + path->others_rate) / 1000;
  leaving = MIN (path->queue, path->line_rate / 1000);
  path->queue = MIN (path->queue - leaving, QUEUE_MAX);
  path->arrived += leaving * sending / (sending + path->others_rate);
  path->step++;
  path->now_us += MS;
  path->rtts[path->step % HISTORY] = ROUND_TRIP_US + queue_us (path) + path->further_us;
  path->delivered[path->step % HISTORY] = path->arrived;
}

static bool
update (Path *path)
{
  guint then = path->step - (guint)(ROUND_TRIP_US / MS);
  KhSocketPath seen = {
    .rtt_us = path->rtts[then % HISTORY],
    .delivered = (guint64)path->delivered[then % HISTORY],
    .unsent = 1,
    .receiver_full_us = path->receiver_full_us,
  };

  return kh_pacing_update (&path->pacing, path->now_us, &seen);
}

static void
run (Path *path, guint ms)
{
  for (guint i = 0; i < ms; i++)
    {
      pass_ms (path);
      if (path->now_us >= path->pacing.due_at_us)
        update (path);
    }
}

/* Bytes a second over the next @ms. */
static gint64
speed (Path *path, guint ms)
{
  gint64 before = path->arrived;

  run (path, ms);
  return (path->arrived - before) * 1000 / ms;
}

static void
test_nothing_is_limited_before_a_queue_is_seen (Path *path, gconstpointer data)
{
  kh_pacing_heard (&path->pacing, ROUND_TRIP_US);
  path->line_rate = 4 * LINE_RATE;
  run (path, 5000);
  g_assert_cmpuint (path->pacing.rate, ==, 0);
}

static void
test_nothing_is_limited_while_the_path_is_not_known (Path *path, gconstpointer data)
{
  run (path, 5000);
  g_assert_cmpuint (path->pacing.rate, ==, 0);
  g_assert_cmpint (path->queue, >, QUEUE_MAX / 2);
}

static void
test_the_queue_settles_and_the_line_is_full (Path *path, gconstpointer data)
{
  kh_pacing_heard (&path->pacing, ROUND_TRIP_US);
  run (path, 3000);
  for (guint i = 0; i < 5000; i++)
    {
      run (path, 1);
      g_assert_cmpint (queue_us (path), >, 0);
      g_assert_cmpint (queue_us (path), <, TARGET_US * 3 / 2);
    }
  g_assert_cmpint (speed (path, 1000), >=, LINE_RATE * 98 / 100);
}

static void
test_a_faster_line_is_found (Path *path, gconstpointer data)
{
  kh_pacing_heard (&path->pacing, ROUND_TRIP_US);
  path->line_rate = LINE_RATE / 4;
  run (path, 3000);
  g_assert_cmpuint (path->pacing.rate, <, LINE_RATE / 2);
  path->line_rate = LINE_RATE;
  run (path, 2000);
  g_assert_cmpint (speed (path, 1000), >=, LINE_RATE * 95 / 100);
}

/* One that is much slower looks like others at first, and is found after the pause. */
static void
test_a_slower_line_is_found (Path *path, gconstpointer data)
{
  kh_pacing_heard (&path->pacing, ROUND_TRIP_US);
  run (path, 3000);
  path->line_rate = LINE_RATE * 3 / 4;
  run (path, 3000);
  g_assert_cmpint (queue_us (path), <, TARGET_US * 3 / 2);
  path->line_rate = LINE_RATE / 4;
  run (path, (guint)(KH_PACING_PAUSE_US / MS) + 15000);
  g_assert_cmpint (queue_us (path), <, TARGET_US * 3 / 2);
}

/* What a receiver takes while its disk is busy says nothing of the line. */
static void
test_a_receiver_without_room_does_not_count (Path *path, gconstpointer data)
{
  kh_pacing_heard (&path->pacing, ROUND_TRIP_US);
  run (path, 3000);
  path->receiver_is_full = TRUE;
  run (path, 3000);
  path->receiver_is_full = FALSE;
  g_assert_cmpint (speed (path, 500), >=, LINE_RATE * 9 / 10);
}

/* A radio link that has become worse, a computer that is busy: no limit makes it shorter,
 * and each round trip that is taken for a queue would lower the rate by its share. */
static void
test_a_way_that_became_longer_is_no_queue (Path *path, gconstpointer data)
{
  for (gint64 quarters = 1; quarters <= 12; quarters++)
    {
      set_up (path, data);
      kh_pacing_heard (&path->pacing, ROUND_TRIP_US);
      run (path, 3000);
      path->further_us = TARGET_US * quarters / 4;
      run (path, 5000);
      g_assert_cmpint (speed (path, 60000), >=, LINE_RATE * 9 / 10);
    }
}

/* Whoever steps back where others fill the queue gets nothing. */
static void
test_where_others_fill_the_queue_nothing_is_limited (Path *path, gconstpointer data)
{
  guint paused = 0;

  kh_pacing_heard (&path->pacing, ROUND_TRIP_US);
  run (path, 3000);
  path->others_rate = 2 * LINE_RATE;
  for (guint i = 0; i < 60000; i++)
    {
      run (path, 1);
      paused += path->pacing.rate == 0 ? 1 : 0;
    }
  g_assert_cmpuint (paused, >, 60000 / 2);
  /* And when they have gone, it limits again. */
  path->others_rate = 0;
  run (path, (guint)(KH_PACING_PAUSE_US / MS) + 5000);
  g_assert_cmpuint (path->pacing.rate, >, 0);
  g_assert_cmpint (queue_us (path), <, TARGET_US * 3 / 2);
}

static void
test_a_file_after_a_while_begins_anew (Path *path, gconstpointer data)
{
  kh_pacing_heard (&path->pacing, ROUND_TRIP_US);
  run (path, 3000);
  g_assert_cmpuint (path->pacing.rate, >, 0);
  path->queue = 0;
  path->now_us += KH_PACING_FORGET_US + 1;
  for (guint i = 0; i < HISTORY; i++)
    path->rtts[i] = ROUND_TRIP_US;
  g_assert_true (update (path));
  g_assert_cmpuint (path->pacing.rate, ==, 0);
}

/* On an idle line the peer's system takes its time to acknowledge. */
static void
test_an_idle_line_says_nothing (Path *path, gconstpointer data)
{
  KhSocketPath idle = { .rtt_us = 10 * ROUND_TRIP_US, .delivered = 1 };

  kh_pacing_heard (&path->pacing, ROUND_TRIP_US);
  for (guint i = 0; i < 100; i++)
    {
      path->now_us += 100 * MS;
      idle.delivered += 100;
      g_assert_false (kh_pacing_update (&path->pacing, path->now_us, &idle));
    }
  g_assert_cmpuint (path->pacing.rate, ==, 0);
}

static void
test_fast_lines_are_left_alone (Path *path, gconstpointer data)
{
  KhSocketPath fast = { .rtt_us = 40 * MS, .unsent = 1 };

  kh_pacing_heard (&path->pacing, MS);
  for (guint i = 0; i < 100; i++)
    {
      path->now_us += 50 * MS;
      fast.delivered += KH_PACING_RATE_MAX / 10;
      kh_pacing_update (&path->pacing, path->now_us, &fast);
      g_assert_cmpuint (path->pacing.rate, ==, 0);
    }
}

/* Whatever a system says, a limit is never a standstill: two packets in the longest round
 * trip that was heard, and what may wait besides. */
static void
test_any_numbers (Path *path, gconstpointer data)
{
  for (guint i = 0; i < 20000; i++)
    {
      KhSocketPath any = {
        .rtt_us = g_test_rand_int_range (-1, 3000000),
        .delivered = (guint32)g_test_rand_int (),
        .unsent = (guint64)g_test_rand_int_range (0, 3),
        .receiver_full_us = g_test_rand_int_range (0, 2),
      };

      kh_pacing_heard (&path->pacing, g_test_rand_int_range (-1, 1000000));
      path->now_us += g_test_rand_int_range (0, 200000);
      kh_pacing_update (&path->pacing, path->now_us, &any);
      g_assert_cmpuint (path->pacing.rate, <, UINT64_C (1) << 62);
      g_assert_true (path->pacing.rate == 0 || path->pacing.rate >= LEAST);
      g_assert_cmpint (path->pacing.due_at_us, <=, path->now_us + 50 * MS);
    }
}

#define ADD(name, test) g_test_add ("/pacing/" name, Path, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("nothing-is-limited-before-a-queue-is-seen",
       test_nothing_is_limited_before_a_queue_is_seen);
  ADD ("nothing-is-limited-while-the-path-is-not-known",
       test_nothing_is_limited_while_the_path_is_not_known);
  ADD ("the-queue-settles-and-the-line-is-full",
       test_the_queue_settles_and_the_line_is_full);
  ADD ("a-faster-line-is-found", test_a_faster_line_is_found);
  ADD ("a-slower-line-is-found", test_a_slower_line_is_found);
  ADD ("a-receiver-without-room-does-not-count",
       test_a_receiver_without_room_does_not_count);
  ADD ("a-way-that-became-longer-is-no-queue", test_a_way_that_became_longer_is_no_queue);
  ADD ("where-others-fill-the-queue-nothing-is-limited",
       test_where_others_fill_the_queue_nothing_is_limited);
  ADD ("a-file-after-a-while-begins-anew", test_a_file_after_a_while_begins_anew);
  ADD ("an-idle-line-says-nothing", test_an_idle_line_says_nothing);
  ADD ("fast-lines-are-left-alone", test_fast_lines_are_left_alone);
  ADD ("any-numbers", test_any_numbers);
  return g_test_run ();
}

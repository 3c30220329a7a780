/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/path-picture-layout.h"

#include "attempts.h"

#include <string.h>

static void
look (KhAttempt *attempt, KhPictureLooks *looks)
{
  kh_path_picture_look (attempt, looks);
  g_object_unref (attempt);
}

static void
test_a_question_is_on_its_way_beyond_the_server (void)
{
  KhPictureLooks looks;

  look (attempt_new (KH_ATTEMPT_WAITING, TRUE, 2), &looks);
  g_assert_cmpint (looks.lines[KH_PICTURE_TO_ROUTER], ==, KH_PICTURE_LIT);
  g_assert_cmpint (looks.lines[KH_PICTURE_TO_SERVER], ==, KH_PICTURE_LIT);
  g_assert_cmpint (looks.lines[KH_PICTURE_TO_THEM], ==, KH_PICTURE_TRIED);
  g_assert_false (looks.towards_you[KH_PICTURE_TO_THEM]);
  g_assert_cmpint (looks.lines[KH_PICTURE_DIRECT], ==, KH_PICTURE_HIDDEN);
}

static void
test_their_question_comes_towards_you (void)
{
  KhPictureLooks looks;

  look (attempt_new (KH_ATTEMPT_ASKING, FALSE, 2), &looks);
  g_assert_cmpint (looks.lines[KH_PICTURE_TO_ROUTER], ==, KH_PICTURE_TRIED);
  g_assert_true (looks.towards_you[KH_PICTURE_TO_ROUTER]);
  g_assert_cmpint (looks.lines[KH_PICTURE_TO_THEM], ==, KH_PICTURE_LIT);
}

/* The first port is the caller's, whoever that is. */
static void
test_steps_light_the_side_that_takes_them (void)
{
  KhPictureLooks looks;

  look (attempt_new (KH_ATTEMPT_PUNCHING, TRUE, 3), &looks);
  g_assert_cmpint (looks.lines[KH_PICTURE_TO_SERVER], ==, KH_PICTURE_TRIED);
  look (attempt_new (KH_ATTEMPT_PUNCHING, TRUE, 4), &looks);
  g_assert_cmpint (looks.lines[KH_PICTURE_TO_SERVER], ==, KH_PICTURE_LIT);
  g_assert_cmpint (looks.lines[KH_PICTURE_TO_THEIR_ROUTER], ==, KH_PICTURE_TRIED);
  look (attempt_new (KH_ATTEMPT_PUNCHING, FALSE, 4), &looks);
  g_assert_cmpint (looks.lines[KH_PICTURE_TO_SERVER], ==, KH_PICTURE_TRIED);
  g_assert_cmpint (looks.lines[KH_PICTURE_TO_THEIR_ROUTER], ==, KH_PICTURE_LIT);
}

static void
test_the_arc_is_tried_from_the_sixth_step_on (void)
{
  KhPictureLooks looks;

  look (attempt_new (KH_ATTEMPT_PUNCHING, TRUE, 5), &looks);
  g_assert_cmpint (looks.lines[KH_PICTURE_DIRECT], ==, KH_PICTURE_HIDDEN);
  look (attempt_new (KH_ATTEMPT_PUNCHING, TRUE, 6), &looks);
  g_assert_cmpint (looks.lines[KH_PICTURE_DIRECT], ==, KH_PICTURE_TRIED);
  g_assert_true (looks.towards_you[KH_PICTURE_DIRECT]);
  look (attempt_new (KH_ATTEMPT_PUNCHING, TRUE, 8), &looks);
  g_assert_false (looks.towards_you[KH_PICTURE_DIRECT]);
}

static void
test_a_connection_leaves_the_server_out (void)
{
  KhPictureLooks looks;

  look (attempt_new_connected ("198.51.100.9:50001"), &looks);
  g_assert_cmpint (looks.lines[KH_PICTURE_DIRECT], ==, KH_PICTURE_WON);
  g_assert_cmpint (looks.nodes[KH_PICTURE_YOUR_ROUTER], ==, KH_PICTURE_WON);
  g_assert_cmpint (looks.lines[KH_PICTURE_TO_SERVER], ==, KH_PICTURE_DIM);
  g_assert_cmpint (looks.nodes[KH_PICTURE_SERVER], ==, KH_PICTURE_DIM);
  g_assert_false (looks.between_computers);
}

static void
test_a_relay_leads_through_the_server (void)
{
  KhPictureLooks looks;
  g_autofree char *words = NULL;

  look (attempt_new_connected_by (KH_PATH_RELAY, "192.0.2.1:7471"), &looks);
  g_assert_true (kh_path_picture_is_relayed (&looks));
  for (guint node = 0; node < KH_PICTURE_NODES; node++)
    g_assert_cmpint (looks.nodes[node], ==, KH_PICTURE_RELAYED);
  for (guint line = KH_PICTURE_TO_ROUTER; line <= KH_PICTURE_TO_THEM; line++)
    g_assert_cmpint (looks.lines[line], ==, KH_PICTURE_RELAYED);
  g_assert_cmpint (looks.lines[KH_PICTURE_DIRECT], ==, KH_PICTURE_HIDDEN);
  g_assert_false (kh_path_picture_moves (&looks));
  words = kh_path_picture_describe (&looks, "Bob");
  g_assert_nonnull (strstr (words, "through the server"));
  g_assert_null (strstr (words, "directly"));
}

/* Whatever led to it, but the one network of both. */
static void
test_every_direct_kind_has_the_arc (void)
{
  for (int kind = KH_PATH_LAN; kind < KH_PATH_RELAY; kind++)
    {
      KhPictureLooks looks;

      look (attempt_new_connected_by (kind, "198.51.100.9:50001"), &looks);
      g_assert_false (kh_path_picture_is_relayed (&looks));
      g_assert_cmpint (looks.lines[KH_PICTURE_DIRECT], ==, KH_PICTURE_WON);
      g_assert_cmpint (looks.between_computers, ==, kind == KH_PATH_LAN);
    }
}

static void
test_in_one_network_the_arc_joins_computers (void)
{
  KhPictureLooks looks;

  look (attempt_new_connected ("192.168.1.9:50001"), &looks);
  g_assert_true (looks.between_computers);
  g_assert_cmpint (looks.nodes[KH_PICTURE_YOUR_ROUTER], ==, KH_PICTURE_DIM);
  g_assert_cmpint (looks.nodes[KH_PICTURE_THEM], ==, KH_PICTURE_WON);
}

static void
test_a_failure_is_shown_where_it_was (void)
{
  KhPictureLooks looks;

  look (attempt_new_failed (KH_CALL_END_NO_PATH, KH_PUNCH_SILENT), &looks);
  g_assert_cmpint (looks.lines[KH_PICTURE_DIRECT], ==, KH_PICTURE_BAD);
  look (attempt_new_failed (KH_CALL_END_NO_PATH, KH_PUNCH_NOT_OBSERVED), &looks);
  g_assert_cmpint (looks.lines[KH_PICTURE_TO_SERVER], ==, KH_PICTURE_BAD);
  g_assert_cmpint (looks.lines[KH_PICTURE_DIRECT], ==, KH_PICTURE_HIDDEN);
  look (attempt_new_failed (KH_CALL_END_NO_PATH, KH_PUNCH_PEER_NOT_OBSERVED), &looks);
  g_assert_cmpint (looks.lines[KH_PICTURE_TO_THEIR_ROUTER], ==, KH_PICTURE_BAD);
  look (attempt_new_failed (KH_CALL_END_DECLINED, 0), &looks);
  g_assert_cmpint (looks.nodes[KH_PICTURE_THEM], ==, KH_PICTURE_BAD);
  look (attempt_new_failed (KH_CALL_END_OFFLINE, 0), &looks);
  g_assert_cmpint (looks.lines[KH_PICTURE_TO_SERVER], ==, KH_PICTURE_BAD);
}

/* Whatever has ended stands still: nothing is drawn again and again. */
static void
test_what_has_ended_does_not_move (void)
{
  KhPictureLooks looks;

  for (int end = KH_CALL_END_NOT_ONLINE; end <= KH_CALL_END_INCOMPATIBLE; end++)
    for (int failure = KH_PUNCH_FAILURE_NONE; failure <= KH_PUNCH_BOTH_SYMMETRIC;
         failure++)
      {
        look (attempt_new_failed (end, failure), &looks);
        g_assert_false (kh_path_picture_moves (&looks));
      }
  look (attempt_new_connected ("198.51.100.9:50001"), &looks);
  g_assert_false (kh_path_picture_moves (&looks));
  look (attempt_new (KH_ATTEMPT_PUNCHING, TRUE, 6), &looks);
  g_assert_true (kh_path_picture_moves (&looks));
}

static void
test_a_network_shows_this_side_only (void)
{
  KhNetworkInfo network
      = { .public_seen = endpoint ("203.0.113.7:1"), .behind_nat = KH_TRISTATE_NO };
  KhPictureLooks looks;

  kh_path_picture_look_network (NULL, &looks);
  g_assert_cmpint (looks.nodes[KH_PICTURE_SERVER], ==, KH_PICTURE_DIM);
  g_assert_cmpint (looks.nodes[KH_PICTURE_THEM], ==, KH_PICTURE_HIDDEN);
  kh_path_picture_look_network (&network, &looks);
  g_assert_cmpint (looks.nodes[KH_PICTURE_YOUR_ROUTER], ==, KH_PICTURE_HIDDEN);
  g_assert_cmpint (looks.lines[KH_PICTURE_TO_SERVER], ==, KH_PICTURE_LIT);
  network.measuring = TRUE;
  kh_path_picture_look_network (&network, &looks);
  g_assert_true (kh_path_picture_moves (&looks));
}

/* At every width: nodes in order, lines between them, all inside. */
static void
test_everything_stays_inside (void)
{
  KhPictureLooks looks;

  look (attempt_new (KH_ATTEMPT_PUNCHING, TRUE, 8), &looks);
  for (float width = KH_PICTURE_WIDTH_MIN; width < 2000; width += 7)
    {
      KhPicturePlaces places;
      float end = 0;

      kh_path_picture_place (&looks, width, &places);
      for (guint i = 0; i < KH_PICTURE_NODES; i++)
        {
          float half = places.node_size / 2;

          g_assert_cmpfloat (places.nodes[i].x - half, >=, end);
          g_assert_cmpfloat (places.nodes[i].y - half, >=, 0);
          g_assert_cmpfloat (places.nodes[i].y + half, <=, places.labels_y);
          end = places.nodes[i].x + half;
          if (i < KH_PICTURE_TO_THEM)
            g_assert_cmpfloat (places.lines[i][0].x, <, places.lines[i][1].x);
        }
      g_assert_cmpfloat (end, <=, width);
      g_assert_cmpfloat ((places.arc_top.y + places.lines[KH_PICTURE_DIRECT][0].y) / 2,
                         >=, 0);
    }
}

static void
test_words_say_what_is_shown (void)
{
  KhPictureLooks looks;
  g_autofree char *tried = NULL;
  g_autofree char *won = NULL;
  g_autofree char *failed = NULL;

  look (attempt_new (KH_ATTEMPT_PUNCHING, TRUE, 8), &looks);
  tried = kh_path_picture_describe (&looks, "Bob");
  look (attempt_new_connected ("198.51.100.9:50001"), &looks);
  won = kh_path_picture_describe (&looks, "Bob");
  look (attempt_new_failed (KH_CALL_END_NO_PATH, KH_PUNCH_SILENT), &looks);
  failed = kh_path_picture_describe (&looks, "Bob");
  g_assert_nonnull (strstr (tried, "being tried"));
  g_assert_nonnull (strstr (won, "connected directly"));
  g_assert_nonnull (strstr (failed, "failed"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/path-picture-layout/a-question-is-on-its-way-beyond-the-server",
                   test_a_question_is_on_its_way_beyond_the_server);
  g_test_add_func ("/path-picture-layout/their-question-comes-towards-you",
                   test_their_question_comes_towards_you);
  g_test_add_func ("/path-picture-layout/steps-light-the-side-that-takes-them",
                   test_steps_light_the_side_that_takes_them);
  g_test_add_func ("/path-picture-layout/the-arc-is-tried-from-the-sixth-step-on",
                   test_the_arc_is_tried_from_the_sixth_step_on);
  g_test_add_func ("/path-picture-layout/a-connection-leaves-the-server-out",
                   test_a_connection_leaves_the_server_out);
  g_test_add_func ("/path-picture-layout/a-relay-leads-through-the-server",
                   test_a_relay_leads_through_the_server);
  g_test_add_func ("/path-picture-layout/every-direct-kind-has-the-arc",
                   test_every_direct_kind_has_the_arc);
  g_test_add_func ("/path-picture-layout/in-one-network-the-arc-joins-computers",
                   test_in_one_network_the_arc_joins_computers);
  g_test_add_func ("/path-picture-layout/a-failure-is-shown-where-it-was",
                   test_a_failure_is_shown_where_it_was);
  g_test_add_func ("/path-picture-layout/what-has-ended-does-not-move",
                   test_what_has_ended_does_not_move);
  g_test_add_func ("/path-picture-layout/a-network-shows-this-side-only",
                   test_a_network_shows_this_side_only);
  g_test_add_func ("/path-picture-layout/everything-stays-inside",
                   test_everything_stays_inside);
  g_test_add_func ("/path-picture-layout/words-say-what-is-shown",
                   test_words_say_what_is_shown);
  return g_test_run ();
}

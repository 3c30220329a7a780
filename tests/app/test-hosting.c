/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A client at a meeting point of its own: a real server, on ports of the kernel's choice.
 */
#include "app/hosting.h"

#include <glib/gstdio.h>

#include <string.h>

#define PATIENCE_MS 60000

typedef struct
{
  char *dir;
  char *script;
  KhMeetingPoint *point;
  KhClient *client;
  gboolean closed;
} Fixture;

static void
open_client (Fixture *f)
{
  g_autofree char *data = g_build_filename (f->dir, "data", NULL);
  const KhClientOptions options = { .data_dir = data,
                                    .holder = "test",
                                    .name = "Ada",
                                    .consent = KH_CONSENT_ASK,
                                    .save_to = f->dir,
                                    .may_wait = TRUE };
  GError *error = NULL;

  f->client = kh_client_new (&options, &error);
  g_assert_no_error (error);
  kh_hosting_attach (f->point, f->client);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;

  f->dir = g_dir_make_tmp ("knothole-app-XXXXXX", NULL);
  f->script = g_build_filename (f->dir, "server", NULL);
  /* On the address that the meeting point tells: this computer's on its network. */
  text = g_strdup_printf ("#!/bin/sh\nexec '%s' --listen=[::]:0 --assist=[::]:0 \"$@\"\n",
                          g_getenv ("KNOTHOLE_TEST_SERVER"));
  g_assert_true (g_file_set_contents_full (f->script, text, -1, 0, 0700, NULL));
  g_setenv ("KNOTHOLE_SERVER", f->script, TRUE);
  f->point = kh_meeting_point_new (f->dir);
  open_client (f);
}

static gboolean
on_tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

typedef gboolean (*Condition) (Fixture *f);

static void
wait_until (Fixture *f, Condition condition)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_MS * 1000;
  guint tick = g_timeout_add (20, on_tick, NULL);

  while (!condition (f))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until_us);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (tick);
}

static gboolean
is_on (Fixture *f)
{
  return kh_meeting_point_get_state (f->point) == KH_MEETING_POINT_ON;
}

static gboolean
is_online (Fixture *f)
{
  return kh_client_get_server_state (f->client) == KH_SERVER_ONLINE;
}

static gboolean
is_closed (Fixture *f)
{
  return f->closed;
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer data)
{
  Fixture *f = data;

  kh_client_close_finish (KH_CLIENT (source), result);
  f->closed = TRUE;
}

static void
close_client (Fixture *f)
{
  f->closed = FALSE;
  kh_client_close_async (f->client, on_closed, f);
  wait_until (f, is_closed);
  g_clear_object (&f->client);
}

static void
remove_tree (const char *path)
{
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_clear_pointer (&dir, g_dir_close);
  g_remove (path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  close_client (f);
  kh_meeting_point_stop (f->point);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (f->point);
  remove_tree (f->dir);
  g_free (f->dir);
  g_free (f->script);
}

static void
host (Fixture *f)
{
  GError *error = NULL;

  kh_hosting_set_wanted (f->point, f->client, TRUE);
  wait_until (f, is_on);
  g_assert_false (kh_hosting_is_joined (f->point, f->client));
  g_assert_true (kh_hosting_join (f->point, f->client, "Bob", &error));
  g_assert_no_error (error);
  wait_until (f, is_online);
}

static void
test_the_host_is_in_a_room_of_its_own (Fixture *f, gconstpointer data)
{
  g_autofree char *invite = NULL;
  KhAddress address;

  g_assert_false (kh_hosting_is_wanted (f->client));
  host (f);
  g_assert_true (kh_hosting_is_joined (f->point, f->client));
  g_assert_cmpstr (kh_client_get_name (f->client), ==, "Bob");
  invite = kh_hosting_make_invite (f->point, f->client);
  g_assert_cmpint (kh_address_parse (invite, &address), ==, KH_ADDRESS_OK);
  g_assert_true (address.has_key);
  g_assert_true (address.has_peer);
  g_assert_cmpstr (address.room, ==, kh_client_get_room (f->client));
  g_assert_false (kh_room_word_weak (address.room, strlen (address.room)));
}

static void
test_an_invite_has_the_host_for_outside (Fixture *f, gconstpointer data)
{
  g_autofree char *invite = NULL;

  host (f);
  kh_client_set_setting (f->client, KH_SETTING_MEETING_POINT_HOST, "home.example.org");
  invite = kh_hosting_make_invite (f->point, f->client);
  g_assert_nonnull (strstr (invite, "home.example.org"));
}

/* The server has another port then, as if this computer had another address. */
static void
test_the_client_follows_after_a_restart (Fixture *f, gconstpointer data)
{
  host (f);
  close_client (f);
  kh_meeting_point_stop (f->point);
  open_client (f);
  g_assert_true (kh_hosting_is_wanted (f->client));
  kh_client_go_online (f->client);
  wait_until (f, is_on);
  wait_until (f, is_online);
  g_assert_true (kh_hosting_is_joined (f->point, f->client));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define TEST(path, function)                                                             \
  g_test_add ("/hosting/" path, Fixture, NULL, set_up, function, tear_down)
  TEST ("the-host-is-in-a-room-of-its-own", test_the_host_is_in_a_room_of_its_own);
  TEST ("an-invite-has-the-host-for-outside", test_an_invite_has_the_host_for_outside);
  TEST ("the-client-follows-after-a-restart", test_the_client_follows_after_a_restart);
  return g_test_run ();
}

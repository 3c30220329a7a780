/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/ways.h"

#include <glib/gstdio.h>

typedef struct
{
  char *dir;
  KhClient *client;
} Fixture;

static void
open_client (Fixture *f)
{
  const KhClientOptions options = { .data_dir = f->dir,
                                    .holder = "test",
                                    .name = "Ada",
                                    .consent = KH_CONSENT_ASK,
                                    .save_to = f->dir,
                                    .may_wait = TRUE };
  GError *error = NULL;

  f->client = kh_client_new (&options, &error);
  g_assert_no_error (error);
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer closed)
{
  kh_client_close_finish (KH_CLIENT (source), result);
  *(gboolean *)closed = TRUE;
}

static void
close_client (Fixture *f)
{
  gboolean closed = FALSE;

  kh_client_close_async (f->client, on_closed, &closed);
  while (!closed)
    g_main_context_iteration (NULL, TRUE);
  g_clear_object (&f->client);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->dir = g_dir_make_tmp ("knothole-ways-XXXXXX", NULL);
  open_client (f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  close_client (f);
  dir = g_dir_open (f->dir, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (f->dir, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (f->dir), ==, 0);
  g_free (f->dir);
}

static void
check_reach (Fixture *f, const KhReach *wanted)
{
  KhReach reach;

  kh_ways_read (f->client, &reach);
  g_assert_cmpint (reach.no_relay, ==, wanted->no_relay);
  g_assert_cmpint (reach.no_port_mapping, ==, wanted->no_port_mapping);
  g_assert_cmpint (reach.no_spray, ==, wanted->no_spray);
  g_assert_cmpuint (reach.forwarded_port, ==, wanted->forwarded_port);
}

static void
test_at_first_all_is_allowed (Fixture *f, gconstpointer data)
{
  check_reach (f, &(KhReach){ 0 });
}

/* Each by itself, and over a restart. */
static void
test_what_was_chosen_is_kept (Fixture *f, gconstpointer data)
{
  static const KhReach CHOICES[]
      = { { .no_relay = TRUE },        { .no_port_mapping = TRUE },
          { .no_spray = TRUE },        { .forwarded_port = KH_WAYS_PORT_MIN },
          { .forwarded_port = 65535 }, { 0 } };

  for (gsize i = 0; i < G_N_ELEMENTS (CHOICES); i++)
    {
      kh_ways_keep (f->client, &CHOICES[i]);
      check_reach (f, &CHOICES[i]);
      close_client (f);
      open_client (f);
      check_reach (f, &CHOICES[i]);
    }
}

static void
test_other_words_forbid_nothing (Fixture *f, gconstpointer data)
{
  kh_client_set_setting (f->client, "app-relay", "perhaps");
  kh_client_set_setting (f->client, "app-forwarded-port", "80");
  check_reach (f, &(KhReach){ 0 });
}

static void
test_a_port_is_checked (void)
{
  static const char *const BAD[]
      = { "1",     "80",    "1023",  "65536",  "99999", "100000",
          "-2000", "5000x", "5 000", "0x2000", "+5000", "５０００" };
  static const struct
  {
    const char *text;
    guint16 port;
  } GOOD[]
      = { { "", 0 },         { " ", 0 },           { "0", 0 },        { "1024", 1024 },
          { "05000", 5000 }, { " 40123 ", 40123 }, { "65535", 65535 } };
  guint16 port = 7;

  for (gsize i = 0; i < G_N_ELEMENTS (BAD); i++)
    g_assert_false (kh_ways_parse_port (BAD[i], &port));
  g_assert_cmpuint (port, ==, 7);
  for (gsize i = 0; i < G_N_ELEMENTS (GOOD); i++)
    {
      g_assert_true (kh_ways_parse_port (GOOD[i].text, &port));
      g_assert_cmpuint (port, ==, GOOD[i].port);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define TEST(path, function)                                                             \
  g_test_add ("/ways/" path, Fixture, NULL, set_up, function, tear_down)
  TEST ("at-first-all-is-allowed", test_at_first_all_is_allowed);
  TEST ("what-was-chosen-is-kept", test_what_was_chosen_is_kept);
  TEST ("other-words-forbid-nothing", test_other_words_forbid_nothing);
  g_test_add_func ("/ways/a-port-is-checked", test_a_port_is_checked);
  return g_test_run ();
}

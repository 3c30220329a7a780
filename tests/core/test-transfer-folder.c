/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A client for which no folder is made, as in a sandbox: what waits for one.
 */
#include "client-fixture.h"

#include <glib/gstdio.h>

typedef struct
{
  Server server;
  Person alice;
  Person bob;
  char *source; /* what alice sends is in here */
  char *target; /* where bob may choose to have it */
} Fixture;

static void
set_up (Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
  f->source = make_folder ();
  f->target = make_folder ();
  f->bob.asks_folder = TRUE;
  server_start (&f->server, NULL, NULL);
  client_start (&f->alice, &f->server, "alice", KH_CONSENT_NONE, NULL);
  client_start (&f->bob, &f->server, "bob", KH_CONSENT_ALL, NULL);
  wait_until_sees (&f->alice, &f->bob);
  clients_connect (&f->alice, &f->bob);
}

static void
tear_down (Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
  client_close_and_remove (&f->alice);
  client_close_and_remove (&f->bob);
  server_stop (&f->server);
  remove_folder (f->source);
  remove_folder (f->target);
  g_free (f->source);
  g_free (f->target);
}

static Seen *
offer (Fixture *f, const char *name)
{
  g_autofree char *path = write_pattern (f->source, name, 100, 1);

  send_path (&f->alice, &f->bob, path);
  return wait_for (&f->bob, KH_EVENT_OFFER);
}

static void
assert_arrives (Fixture *f, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (Seen) file = wait_for (&f->bob, KH_EVENT_FILE);

  g_assert_cmpstr (file->text, ==, path);
  wait_past (&f->alice, KH_EVENT_DONE);
}

/* Bob takes everything without a question, but there is nowhere for it. */
static void
test_an_offer_waits_for_a_folder (Fixture *f, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (Seen) first = offer (f, "first.txt");
  g_autoptr (Seen) second = NULL;

  g_assert_null (kh_client_get_save_to (f->bob.client));
  g_assert_true (first->event.waiting);
  /* That is no answer. */
  kh_client_answer_offer (f->bob.client, &f->alice.id, &first->item, TRUE, NULL, NULL);
  kh_client_set_save_to (f->bob.client, f->target);
  kh_client_answer_offer (f->bob.client, &f->alice.id, &first->item, TRUE, NULL, NULL);
  assert_arrives (f, f->target, "first.txt");

  second = offer (f, "second.txt");
  g_assert_false (second->event.waiting);
  assert_arrives (f, f->target, "second.txt");
}

static void
test_an_offer_waits_where_the_folder_is_gone (Fixture *f,
                                              G_GNUC_UNUSED gconstpointer data)
{
  g_autofree char *gone = g_build_filename (f->target, "gone", NULL);
  g_autoptr (Seen) one = NULL;

  kh_client_set_save_to (f->bob.client, gone);
  one = offer (f, "one.txt");
  g_assert_true (one->event.waiting);
  kh_client_answer_offer (f->bob.client, &f->alice.id, &one->item, TRUE, f->target, NULL);
  assert_arrives (f, f->target, "one.txt");
  g_assert_false (g_file_test (gone, G_FILE_TEST_EXISTS));
}

int
main (int argc, char *argv[])
{
#define ADD(path, test)                                                                  \
  g_test_add ("/transfer-folder/" path, Fixture, NULL, set_up, test, tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("an-offer-waits-for-a-folder", test_an_offer_waits_for_a_folder);
  ADD ("an-offer-waits-where-the-folder-is-gone",
       test_an_offer_waits_where_the_folder_is_gone);
#undef ADD
  return g_test_run ();
}

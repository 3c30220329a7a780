/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/server-text.h"
#include "core/client.h"

#include <string.h>

static const char *
problem_of (const char *text)
{
  KhAddress address;

  return kh_server_text_address_problem (kh_address_parse (text, &address));
}

static void
test_every_mistake_has_a_sentence (void)
{
  for (guint error = KH_ADDRESS_OK + 1; error <= KH_ADDRESS_ROOM_TOO_LONG; error++)
    g_assert_cmpuint (strlen (kh_server_text_address_problem (error)), >, 20);
  g_assert_cmpstr (kh_server_text_address_problem (KH_ADDRESS_OK), ==, "");
}

static void
test_what_is_typed_is_explained (void)
{
  g_assert_cmpstr (problem_of ("meet.example.org"), ==, "");
  g_assert_nonnull (strstr (problem_of ("https://example.org/"), "knothole://"));
  g_assert_nonnull (strstr (problem_of ("knothole://a.example:99999"), "port"));
  g_assert_nonnull (strstr (problem_of ("knothole://a.example/abc"), "missing"));
  g_assert_nonnull (strstr (problem_of (""), "Paste"));
}

static void
assert_leads_to (const char *text, const char *wanted)
{
  KhAddress address;
  g_autofree char *got = NULL;

  g_assert_cmpint (kh_address_parse (text, &address), ==, KH_ADDRESS_OK);
  got = kh_server_text_leads_to (&address);
  g_assert_cmpstr (got, ==, wanted);
}

static void
test_an_invite_says_where_it_leads (void)
{
  KhAddress address = { .host = "2001:db8::1",
                        .port = KH_ADDRESS_DEFAULT_PORT,
                        .room = "lusab babad",
                        .has_peer = true };
  g_autofree char *text = kh_server_text_leads_to (&address);

  assert_leads_to ("meet.example.org", "Leads to meet.example.org.");
  assert_leads_to ("192.0.2.1:99", "Leads to 192.0.2.1:99.");
  assert_leads_to ("[2001:db8::1]:99", "Leads to [2001:db8::1]:99.");
  assert_leads_to ("knothole://a.example#room=tea%20party",
                   "An invite to a.example, room “tea party”.");
  g_assert_cmpstr (text, ==,
                   "An invite to 2001:db8::1, room “lusab babad”, from somebody there.");
}

static void
test_every_loss_says_what_to_do (void)
{
  for (guint code = KH_MAIN_ERROR_UNREACHABLE; code <= KH_MAIN_ERROR_REPLACED; code++)
    {
      g_assert_cmpstr (kh_server_text_offline (code), !=, "");
      g_assert_cmpuint (strlen (kh_server_text_offline_advice (code)), >, 20);
    }
}

static void
test_a_refused_room_says_which (void)
{
  g_assert_nonnull (strstr (kh_server_text_room_refused (""), "word"));
  g_assert_nonnull (strstr (kh_server_text_room_refused ("tea"), "Wait"));
}

static void
test_errors_of_a_form (void)
{
  g_autoptr (GError) name
      = g_error_new_literal (KH_CLIENT_ERROR, KH_CLIENT_ERROR_NAME, "in English");
  g_autoptr (GError) length
      = g_error_new_literal (KH_CLIENT_ERROR, KH_CLIENT_ERROR_NAME_LONG, "in English");
  g_autoptr (GError) taken
      = g_error_new_literal (KH_CLIENT_ERROR, KH_CLIENT_ERROR_PETNAME, "in English");
  g_autoptr (GError) other
      = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "as it is");
  g_autoptr (GError) file
      = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NO_SPACE, "in English");
  g_autoptr (GError) local
      = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_NOSPC, "in English");
  g_autoptr (GError) folder
      = g_error_new_literal (KH_STORE_ERROR, KH_STORE_ERROR_DISK_FULL, "in English");

  g_assert_cmpstr (kh_server_text_error (file), !=, "in English");
  g_assert_cmpstr (kh_server_text_error (local), ==, kh_server_text_error (file));
  g_assert_cmpstr (kh_server_text_error (folder), !=, "in English");
  g_assert_nonnull (strstr (kh_server_text_error (name), "empty"));
  g_assert_nonnull (strstr (kh_server_text_error (length), "too long"));
  g_assert_nonnull (strstr (kh_server_text_error (taken), "Another contact"));
  g_assert_cmpstr (kh_server_text_error (other), ==, "as it is");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func ("/server-text/" path, function)
  TEST ("every-mistake-has-a-sentence", test_every_mistake_has_a_sentence);
  TEST ("what-is-typed-is-explained", test_what_is_typed_is_explained);
  TEST ("an-invite-says-where-it-leads", test_an_invite_says_where_it_leads);
  TEST ("every-loss-says-what-to-do", test_every_loss_says_what_to_do);
  TEST ("a-refused-room-says-which", test_a_refused_room_says_which);
  TEST ("errors-of-a-form", test_errors_of_a_form);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Addresses and invites. What is read is written as a text that is read as the same;
 * what is not read has a sentence that says why.
 */
#include "proto/address.h"

#include <glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
check_good (const KhAddress *address)
{
  KhAddress again;
  char text[KH_ADDRESS_TEXT_MAX];

  g_assert_cmpuint (strlen (address->host), >, 0);
  g_assert_cmpuint (strlen (address->host), <=, KH_ADDRESS_HOST_MAX);
  g_assert_cmpuint (address->port, >, 0);
  g_assert_true (g_utf8_validate (address->room, -1, NULL));

  g_assert_true (kh_address_to_text (address, text, sizeof text));
  g_assert_cmpint (kh_address_parse (text, &again), ==, KH_ADDRESS_OK);
  g_assert_cmpstr (again.host, ==, address->host);
  g_assert_cmpuint (again.port, ==, address->port);
  g_assert_cmpint (again.has_key, ==, address->has_key);
  g_assert_cmpmem (again.key, 32, address->key, 32);
  g_assert_cmpstr (again.room, ==, address->room);
  g_assert_cmpint (again.has_peer, ==, address->has_peer);
  g_assert_cmpmem (again.peer, 32, address->peer, 32);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *)data, size);
  char sentence[KH_ADDRESS_PROBLEM_MAX];
  KhAddress address;

  if (kh_address_explain (kh_address_parse (text, &address), sentence, sizeof sentence))
    check_good (&address);
  else
    g_assert_cmpuint (strlen (sentence), >, 0);
  return 0;
}

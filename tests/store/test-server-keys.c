/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/server-keys.h"
#include "scratch.h"

#include <string.h>

/* @number 0: none is remembered. Peers' ids serve as keys. */
static void
assert_key (Scratch *self, const char *host, guint16 port, guint number)
{
  g_autoptr (GError) error = NULL;
  guint8 key[KH_ID_LEN];
  gboolean found = FALSE;

  g_assert_true (kh_server_keys_find (self->store, host, port, key, &found, &error));
  g_assert_no_error (error);
  g_assert_cmpint (found, ==, number != 0);
  g_assert_cmpmem (key, sizeof key, scratch_peer (number), KH_ID_LEN);
}

static void
test_first_key_is_kept_until_replaced (Scratch *self, gconstpointer unused)
{
  KhStore *store = self->store;
  g_autoptr (GError) error = NULL;

  (void)unused;
  assert_key (self, "a.example", 7470, 0);
  g_assert_true (
      kh_server_keys_remember (store, "a.example", 7470, scratch_peer (1), 1, &error));
  g_assert_true (
      kh_server_keys_remember (store, "a.example", 7470, scratch_peer (1), 2, &error));
  g_assert_false (
      kh_server_keys_remember (store, "a.example", 7470, scratch_peer (2), 3, &error));
  g_assert_error (error, KH_STORE_ERROR, KH_STORE_ERROR_EXISTS);
  g_clear_error (&error);
  assert_key (self, "a.example", 7470, 1);

  g_assert_true (
      kh_server_keys_replace (store, "a.example", 7470, scratch_peer (2), 4, &error));
  scratch_reopen (self);
  assert_key (self, "a.example", 7470, 2);
}

static void
test_host_and_port_together (Scratch *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  (void)unused;
  kh_server_keys_remember (self->store, "A.Example.", 1, scratch_peer (1), 1, &error);
  kh_server_keys_remember (self->store, "a.example", 65535, scratch_peer (2), 1, &error);
  kh_server_keys_remember (self->store, "::1", 1, scratch_peer (3), 1, &error);
  g_assert_no_error (error);
  assert_key (self, "a.example", 1, 1);
  assert_key (self, "a.EXAMPLE", 65535, 2);
  assert_key (self, "::1", 1, 3);
  assert_key (self, "a.example", 2, 0);
  assert_key (self, "b.example", 1, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  SCRATCH_ADD ("/server-keys/first-key-is-kept-until-replaced",
               test_first_key_is_kept_until_replaced);
  SCRATCH_ADD ("/server-keys/host-and-port-together", test_host_and_port_together);
  return g_test_run ();
}

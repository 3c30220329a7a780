/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/autostart.h"
#include "autostart-command.h"

#include <glib.h>

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **kept = data;

  *kept = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (result);
}

static gboolean
is_on (const char *data_dir)
{
  GAsyncResult *pending = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  kh_autostart_query_async (data_dir, on_done, &pending);
  result = wait_for (&pending);
  return kh_autostart_query_finish (result);
}

static void
set (const char *data_dir, gboolean on)
{
  GAsyncResult *pending = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  GError *error = NULL;

  kh_autostart_set_async (data_dir, on, on_done, &pending);
  result = wait_for (&pending);
  g_assert_true (kh_autostart_set_finish (result, &error));
  g_assert_no_error (error);
}

/* A folder for it need not be there, and two profiles do not meet. */
static void
test_it_comes_and_goes (void)
{
  g_assert_false (is_on ("/one"));
  set ("/one", FALSE);
  set ("/one", TRUE);
  g_assert_true (is_on ("/one"));
  g_assert_false (is_on ("/two"));
  set ("/one", TRUE);
  set ("/one", FALSE);
  g_assert_false (is_on ("/one"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define TEST(path, function) g_test_add_func ("/autostart/" path, function)
  TEST ("the-command-is-what-is-read", test_the_command_is_what_is_read);
  TEST ("it-comes-and-goes", test_it_comes_and_goes);
  return g_test_run ();
}

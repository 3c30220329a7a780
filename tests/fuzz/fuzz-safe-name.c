/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * File names from a stranger: whatever comes in, a safe name comes out, stays as it is
 * and can be numbered.
 */
#include "proto/safe-name.h"

#include <glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
check_safe (const char *name)
{
  gsize len = strlen (name);
  char again[KH_SAFE_NAME_LEN];

  g_assert_cmpuint (len, >, 0);
  g_assert_cmpuint (len, <=, KH_SAFE_NAME_MAX);
  g_assert_true (g_utf8_validate (name, -1, NULL));
  g_assert_null (strpbrk (name, "/\\<>:\"|?*"));
  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    g_assert_false (g_unichar_iscntrl (g_utf8_get_char (at)));
  g_assert_null (strchr (". ", name[0]));
  g_assert_null (strchr (". ", name[len - 1]));
  g_assert_false (kh_safe_name (name, len, again));
  g_assert_cmpstr (again, ==, name);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  char safe[KH_SAFE_NAME_LEN], numbered[KH_SAFE_NAME_LEN];
  gboolean changed = kh_safe_name ((const char *)data, size, safe);

  g_assert_cmpint (changed, ==, strlen (safe) != size || memcmp (safe, data, size) != 0);
  check_safe (safe);
  kh_safe_name_numbered (safe, 2, numbered);
  g_assert_cmpuint (strlen (numbered), ==, strlen (safe) + strlen (" (2)"));
  g_assert_true (g_utf8_validate (numbered, -1, NULL));
  return 0;
}

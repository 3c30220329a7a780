/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The text of an identity. The input is a text, and if it is long enough a key too.
 * Whatever is read as a key is written as the same text, and the other way round.
 */
#include "proto/identity.h"

#include <glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
check_text (KhIdentityKind kind, const char *text, gsize len)
{
  guint8 key[32];
  char again[KH_IDENTITY_TEXT_LEN + 1];
  gsize position = G_MAXSIZE;
  KhIdentityError error = kh_identity_from_text (kind, text, len, key, &position);

  if (error == KH_IDENTITY_WRONG_CHARACTER)
    g_assert_cmpuint (position, <, len);
  else
    g_assert_cmpuint (position, ==, G_MAXSIZE);
  if (error != KH_IDENTITY_OK)
    return;
  kh_identity_to_text (kind, key, again);
  g_assert_cmpuint (len, ==, KH_IDENTITY_TEXT_LEN);
  g_assert_cmpint (g_ascii_strncasecmp (text, again, len), ==, 0);
}

static void
check_key (KhIdentityKind kind, const guint8 key[32])
{
  char text[KH_IDENTITY_TEXT_LEN + 1];
  guint8 again[32];
  KhIdentityError error;

  kh_identity_to_text (kind, key, text);
  error = kh_identity_from_text (kind, text, strlen (text), again, NULL);
  if (error == KH_IDENTITY_OK)
    g_assert_cmpmem (again, 32, key, 32);
  else
    g_assert_cmpint (error, ==, KH_IDENTITY_LOW_ORDER);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  for (guint kind = KH_IDENTITY_PEER; kind <= KH_IDENTITY_SERVER; kind++)
    {
      check_text ((KhIdentityKind)kind, (const char *)data, size);
      if (size >= 32)
        check_key ((KhIdentityKind)kind, data);
    }
  return 0;
}

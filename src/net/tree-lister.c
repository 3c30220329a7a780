/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tree-lister.h"

#include "proto/utf8.h"

#include <string.h>

void
kh_tree_lister_wire_name (const char *name, char wire[KH_TREE_NAME_MAX + 1])
{
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  size_t len = kh_utf8_truncate (valid, strlen (valid), KH_TREE_NAME_MAX);

  memcpy (wire, valid, len);
  wire[len] = '\0';
}

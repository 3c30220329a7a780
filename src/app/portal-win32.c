/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/portal.h"

/* The rest of portal.h is for those who are in one. */
gboolean
kh_portal_is_sandboxed (void)
{
  return FALSE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/instance.h"

GApplicationFlags
kh_instance_flags (void)
{
  return G_APPLICATION_DEFAULT_FLAGS;
}

gboolean
kh_instance_claim (G_GNUC_UNUSED GApplication *application,
                   G_GNUC_UNUSED gboolean background)
{
  return TRUE;
}

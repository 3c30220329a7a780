/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/background.h"

void
kh_background_enter (void)
{
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/descriptor-limit.h"

/* Handles, which sockets and files are, are only limited by memory. */
void
kh_descriptor_limit_raise (void)
{
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/terminate.h"

/* Windows closes the windows of a program, which is an orderly end. */
void
kh_terminate_watch (GSourceFunc callback, gpointer data)
{
}

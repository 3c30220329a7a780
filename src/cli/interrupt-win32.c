/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Source: "HandlerRoutine callback function" of the Windows API.
 */
#include "cli/interrupt.h"

#include <windows.h>

/* As a shell elsewhere shows an end by Ctrl+C. */
#define STATUS_INTERRUPTED 130

/* A handler has no other way to its data. Both threads use what is atomic. */
static struct
{
  KhInterruptFunc func;
  gpointer data;
  gint n_interrupts; /* atomic */
  gint status;       /* atomic; -1: none was set */
} watch = { .status = -1 };

static gboolean
on_interrupted (G_GNUC_UNUSED gpointer data)
{
  if (watch.func != NULL)
    watch.func (FALSE, watch.data);
  return G_SOURCE_REMOVE;
}

/* On a thread of its own. After the console was closed the process is ended when this
 * returns, or seconds later: it stays here while the main loop ends in good order. */
static BOOL WINAPI
on_control (DWORD kind)
{
  gint status = g_atomic_int_get (&watch.status);

  if (g_atomic_int_add (&watch.n_interrupts, 1) > 0)
    ExitProcess ((UINT)(status >= 0 ? status : STATUS_INTERRUPTED));
  g_idle_add_full (G_PRIORITY_HIGH, on_interrupted, NULL, NULL);
  if (kind != CTRL_C_EVENT && kind != CTRL_BREAK_EVENT)
    Sleep (INFINITE);
  return TRUE;
}

void
kh_interrupt_watch (KhInterruptFunc func, gpointer data)
{
  g_return_if_fail (watch.func == NULL);
  watch.func = func;
  watch.data = data;
  SetConsoleCtrlHandler (on_control, TRUE);
}

/* The handler stays: a second Ctrl+C ends the process with the status that was set. */
void
kh_interrupt_unwatch (void)
{
  watch.func = NULL;
}

void
kh_interrupt_set_status (int status)
{
  g_atomic_int_set (&watch.status, status);
}

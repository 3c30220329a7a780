/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * send-text.h - what is said about files on their way to a person.
 *
 * Pure functions; texts are translated, and freed by the caller where they are not const.
 */
#pragma once

#include <glib.h>

/* Why something can't be sent. */
typedef enum
{
  KH_SEND_FINE,
  KH_SEND_REMOTE, /* it is on no disk of this computer */
  KH_SEND_GONE,
  KH_SEND_UNREADABLE,
  KH_SEND_STRANGE, /* neither file nor folder */
} KhSendProblem;

/* What keeps the file at @path from being sent. Waits for the disk. */
KhSendProblem kh_send_text_check (const char *path);

/* @n things can't be sent; @name is the first, and @problem its. */
char *kh_send_text_problem (KhSendProblem problem, const char *name, guint n);

/* Over the place where files are dropped; @peer may be "". */
char *kh_send_text_hover (const char *peer);

/* When what was dropped or copied could not be read: short enough for a toast. */
const char *kh_send_text_unread (void);

/* When a drop was taken where the conversation is not seen. */
char *kh_send_text_taken (const char *peer, gboolean connected);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * notice.h - notifications, by the means of the system: where GApplication has none, as
 * on Windows, a balloon at an icon beside the clock, by which the program is also reached
 * while no window of it is open. A click on the balloon opens the conversation it told of
 * last; the icon's menu quits.
 *
 * start() once the program is registered, stop() when it ends. Main loop only.
 */
#pragma once

#include <gio/gio.h>

typedef struct
{
  const char *id; /* the one of before with this id is replaced */
  const char *title;
  const char *body;   /* plain text */
  const char *person; /* the target of "app.show-person" */
  GNotification *notification;
} KhNotice;

void kh_notice_start (GApplication *application);
void kh_notice_stop (GApplication *application);

/* All of @notice is borrowed. */
void kh_notice_send (GApplication *application, const KhNotice *notice);
void kh_notice_withdraw (GApplication *application, const char *id);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/notice.h"

/* The desktop has the icon, and the menu. */
void
kh_notice_start (G_GNUC_UNUSED GApplication *application)
{
}

void
kh_notice_stop (G_GNUC_UNUSED GApplication *application)
{
}

void
kh_notice_send (GApplication *application, const KhNotice *notice)
{
  g_application_send_notification (application, notice->id, notice->notification);
}

void
kh_notice_withdraw (GApplication *application, const char *id)
{
  g_application_withdraw_notification (application, id);
}

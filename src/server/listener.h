/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * listener.h - the ports of the server and whom they let in.
 *
 * open_all() opens what the options say, main ports first. A listener that can't
 * take one more connection leaves it with the kernel; resume() after one has ended.
 */
#pragma once

#include "server/service.h"

struct _KhListener
{
  uv_tcp_t tcp;

  /* Borrowed */
  KhService *service;

  /* State */
  gboolean is_assist;
  gboolean waiting; /* a connection is there that was not taken */
  KhEndpoint endpoint;
};

gboolean kh_listener_open_all (KhService *service, GError **error);
void kh_listener_resume (KhService *service);
void kh_listener_close_all (KhService *service);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * probe-server.h - a server as a probe sees it: which of its ports to dial.
 *
 * Fill it in from a WELCOME. What the functions return is in @self, or NULL where there
 * is none such.
 */
#pragma once

#include "proto/messages.h"

typedef struct
{
  KhEndpoint main; /* as it was dialled */
  KhEndpoint seen; /* this computer's end of that, as the server sees it */
  uint8_t secret[KH_TOKEN_SECRET_LEN];
  uint8_t n_assist;
  KhEndpoint assist[KH_WELCOME_ASSIST_MAX];
} KhProbeServer;

/* The first assist port of @family, at another address than @unlike unless that is NULL.
 */
const KhEndpoint *kh_probe_server_find (const KhProbeServer *self, uint8_t family,
                                        const KhEndpoint *unlike);

/* The IPv4 assist port to begin with: at the address of the main connection if there is
 * one, since the main port is another port of that address. */
const KhEndpoint *kh_probe_server_near (const KhProbeServer *self);

/* One at another IPv4 address than the near one. */
const KhEndpoint *kh_probe_server_other (const KhProbeServer *self);

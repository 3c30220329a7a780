/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * status.h - what knothole-cli exits with. Scripts rely on these numbers.
 */
#pragma once

typedef enum
{
  KH_STATUS_DONE = 0,
  KH_STATUS_USAGE = 2,    /* also a mistake in an address, a data folder in use, and
                             output that can't be written */
  KH_STATUS_SERVER = 3,   /* unreachable, refused, another key, or it ended the session */
  KH_STATUS_NO_PEER = 4,  /* nobody of that name, or not online */
  KH_STATUS_NO_PATH = 5,  /* no connection to the peer, or it was lost */
  KH_STATUS_DECLINED = 6, /* or nobody was there to accept */
  KH_STATUS_TRANSFER = 7,
  KH_STATUS_IDENTITY = 8, /* another key under a known name */
} KhStatus;

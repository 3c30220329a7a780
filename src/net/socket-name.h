/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * socket-name.h - endpoints as the system's calls take them.
 */
#pragma once

#include "proto/endpoint.h"

#include <stdbool.h>

#ifdef _WIN32
#include <gio/gnetworking.h>
#else
#include <netinet/in.h>
#include <sys/socket.h>
#endif

typedef union
{
  struct sockaddr any;
  struct sockaddr_in in;
  struct sockaddr_in6 in6;
  struct sockaddr_storage storage;
} KhSocketName;

/* Returns how long it is. */
socklen_t kh_socket_name_set (KhSocketName *self, const KhEndpoint *endpoint);

/* False where it is of another family. */
bool kh_socket_name_get (const KhSocketName *self, KhEndpoint *endpoint);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/gateway.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of this thread's network. */
#define TABLE "/proc/thread-self/net/route"
#define UP_GATEWAY 3u /* RTF_UP | RTF_GATEWAY */

/* Addresses in the table are hexadecimal numbers of the bytes as they lie in memory. */
static bool
read_line (const char *line, uint8_t gateway[4], unsigned *metric)
{
  unsigned destination, address, flags, mask;

  if (sscanf (line, "%*s %x %x %x %*u %*u %u %x", &destination, &address, &flags, metric,
              &mask)
      != 5)
    return false;
  memcpy (gateway, &address, 4);
  return destination == 0 && mask == 0 && (flags & UP_GATEWAY) == UP_GATEWAY;
}

static bool
find_gateway (uint8_t gateway[4])
{
  g_autofree char *table = NULL;
  g_auto (GStrv) lines = NULL;
  unsigned best = 0;
  bool found = false;

  if (!g_file_get_contents (TABLE, &table, NULL, NULL))
    return false;
  lines = g_strsplit (table, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      uint8_t address[4];
      unsigned metric;

      if (!read_line (*line, address, &metric) || (found && metric >= best))
        continue;
      memcpy (gateway, address, 4);
      best = metric;
      found = true;
    }
  return found;
}

/* Connecting a datagram socket chooses the address and sends nothing. */
static bool
find_own (const uint8_t gateway[4], KhEndpoint *own)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (9) };
  socklen_t len = sizeof address;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool found;

  if (fd < 0)
    return false;
  memcpy (&address.sin_addr, gateway, 4);
  found = connect (fd, (struct sockaddr *)&address, sizeof address) == 0
          && getsockname (fd, (struct sockaddr *)&address, &len) == 0;
  close (fd);
  if (found)
    *own = kh_endpoint_v4 ((const uint8_t *)&address.sin_addr, 0);
  return found;
}

bool
kh_gateway_find (KhEndpoint *gateway, KhEndpoint *own)
{
  uint8_t address[4];

  *gateway = *own = (KhEndpoint){ 0 };
  if (!find_gateway (address) || !find_own (address, own))
    return false;
  *gateway = kh_endpoint_v4 (address, 0);
  return true;
}

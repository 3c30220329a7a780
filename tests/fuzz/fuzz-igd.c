/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a UPnP router says: a datagram, an answer by HTTP in pieces, whose size the first
 * byte says, and its body as a description and as the answer to a call.
 */
#include "net/igd.h"
#include "proto/http-reply.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

#define ROOM 4096

static void
read_datagram (const guint8 *data, size_t size)
{
  KhUpnpUrl url;

  if (kh_upnp_read_found (&url, data, size))
    g_assert_true (url.endpoint.family == 4 && url.endpoint.port != 0
                   && url.path[0] == '/');
}

static void
read_body (const guint8 *body, size_t len)
{
  static const char text[] = "http://192.168.1.1:5000/d.xml";
  KhIgd services[KH_IGD_SERVICES_MAX];
  char value[8];
  KhUpnpUrl from;

  g_assert_true (kh_upnp_read_url (&from, text, strlen (text)));
  for (guint i = kh_igd_read_description (services, &from, body, len); i > 0; i--)
    {
      g_assert_true (
          kh_endpoint_same_address (&services[i - 1].control.endpoint, &from.endpoint));
      g_assert_null (strpbrk (services[i - 1].type, "\r\n\"<> "));
      g_assert_null (strpbrk (services[i - 1].control.path, "\r\n "));
    }
  kh_igd_read_value (body, len, "NewReservedPort", value, sizeof value);
  g_assert_cmpuint (strlen (value), <, sizeof value);
  g_assert_cmpuint (kh_igd_read_fault (body, len), <, 1000);
  kh_igd_is_answer (body, len, "AddPortMapping");
}

static void
read_http (const guint8 *data, size_t size, size_t step)
{
  g_autofree guint8 *body = g_malloc (ROOM);
  KhHttpReply reply;

  kh_http_reply_init (&reply, body, ROOM);
  for (size_t at = 0; at < size; at += step)
    kh_http_reply_receive (&reply, data + at, MIN (step, size - at));
  kh_http_reply_end (&reply);
  g_assert_true (reply.state >= KH_HTTP_REPLY_DONE);
  g_assert_cmpuint (reply.body_len, <=, ROOM);
  if (reply.state == KH_HTTP_REPLY_DONE)
    read_body (body, reply.body_len);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  read_datagram (data, size);
  read_body (data, size);
  if (size > 1)
    read_http (data + 1, size - 1, 1u + data[0]);
  return 0;
}

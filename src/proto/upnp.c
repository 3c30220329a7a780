/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/upnp.h"

#include <string.h>

#define HTTP_PORT 80

static const char *const TARGETS[KH_UPNP_N_TARGETS] = {
  "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
  "urn:schemas-upnp-org:device:InternetGatewayDevice:2",
  "urn:schemas-upnp-org:service:WANIPConnection:1",
  "urn:schemas-upnp-org:service:WANPPPConnection:1",
};

static void
write_text (KhWriter *writer, const char *text)
{
  kh_writer_bytes (writer, text, strlen (text));
}

bool
kh_upnp_write_search (KhWriter *writer, unsigned i)
{
  write_text (writer, "M-SEARCH * HTTP/1.1\r\n"
                      "HOST: 239.255.255.250:1900\r\n"
                      "MAN: \"ssdp:discover\"\r\n"
                      "MX: 1\r\n"
                      "ST: ");
  write_text (writer, TARGETS[i]);
  write_text (writer, "\r\n\r\n");
  return kh_writer_done (writer);
}

static bool
begins (const char *text, size_t len, const char *word)
{
  for (size_t i = 0; word[i] != '\0'; i++)
    if (i >= len
        || (text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]) != word[i])
      return false;
  return true;
}

/* What stands after @name, which is in lower case and ends with the colon. */
static bool
find_field (const char *text, size_t len, const char *name, const char **value,
            size_t *value_len)
{
  while (len > 0)
    {
      const char *end = memchr (text, '\n', len);
      size_t line_len = end == NULL ? len : (size_t)(end - text);

      if (begins (text, line_len, name))
        {
          *value = text + strlen (name);
          *value_len = line_len - strlen (name);
          while (*value_len > 0 && (**value == ' ' || **value == '\t'))
            (*value)++, (*value_len)--;
          while (*value_len > 0
                 && ((*value)[*value_len - 1] == '\r' || (*value)[*value_len - 1] == ' '))
            (*value_len)--;
          return true;
        }
      if (end == NULL)
        return false;
      text += line_len + 1;
      len -= line_len + 1;
    }
  return false;
}

/* Versions after the last colon do not count: an IGD 2 answers who asks for 1 either
 * way. */
static bool
is_target (const char *text, size_t len)
{
  for (unsigned i = 0; i < KH_UPNP_N_TARGETS; i++)
    {
      size_t name_len = strlen (TARGETS[i]) - 1;

      if (len > name_len && memcmp (text, TARGETS[i], name_len) == 0)
        return true;
    }
  return false;
}

bool
kh_upnp_read_found (KhUpnpUrl *location, const void *bytes, size_t len)
{
  const char *value;
  size_t value_len;

  memset (location, 0, sizeof *location);
  return begins (bytes, len, "http/1.1 200")
         && find_field (bytes, len, "st:", &value, &value_len)
         && is_target (value, value_len)
         && find_field (bytes, len, "location:", &value, &value_len)
         && kh_upnp_read_url (location, value, value_len);
}

static bool
read_port (const char *text, size_t len, uint16_t *port)
{
  unsigned value = 0;

  for (size_t i = 0; i < len; i++)
    {
      if (text[i] < '0' || text[i] > '9' || value > UINT16_MAX)
        return false;
      value = value * 10 + (unsigned)(text[i] - '0');
    }
  *port = (uint16_t)value;
  return len > 0 && value > 0 && value <= UINT16_MAX;
}

/* "1.2.3.4" or "1.2.3.4:5" */
static bool
read_authority (KhEndpoint *endpoint, const char *text, size_t len)
{
  const char *colon = memchr (text, ':', len);
  size_t address_len = colon == NULL ? len : (size_t)(colon - text);
  uint16_t port = HTTP_PORT;

  if (colon != NULL && !read_port (colon + 1, len - address_len - 1, &port))
    return false;
  return kh_endpoint_parse_address (endpoint, text, address_len, port)
         && endpoint->family == 4;
}

bool
kh_upnp_read_url (KhUpnpUrl *self, const char *text, size_t len)
{
  static const char scheme[] = "http://";
  size_t start = sizeof scheme - 1, slash;
  KhUpnpUrl url = { 0 };

  memset (self, 0, sizeof *self);
  if (len >= sizeof url.text - 1 || !begins (text, len, scheme))
    return false;
  for (size_t i = 0; i < len; i++)
    if (text[i] <= ' ' || text[i] > '~')
      return false;
  for (slash = start; slash < len && text[slash] != '/';)
    slash++;
  if (!read_authority (&url.endpoint, text + start, slash - start))
    return false;
  memcpy (url.text, text, len);
  if (slash < len)
    memcpy (url.path, text + slash, len - slash);
  else
    url.path[0] = '/';
  *self = url;
  return true;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/igd.h"

#include <miniupnpc/igd_desc_parse.h>
#include <miniupnpc/miniupnpc.h>
#include <miniupnpc/upnpreplyparse.h>
#include <string.h>

/* So many zeroes follow what miniupnpc gets, which looks a few bytes ahead. */
#define PADDING 64

static bool
is_type (const char *text)
{
  if (!g_str_has_prefix (text, "urn:schemas-upnp-org:service:WANIPConnection:")
      && !g_str_has_prefix (text, "urn:schemas-upnp-org:service:WANPPPConnection:"))
    return false;
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && strchr (":._-", *text) == NULL)
      return false;
  return true;
}

static char *
pad (const void *bytes, size_t len)
{
  char *copy = g_malloc0 (len + PADDING);

  memcpy (copy, bytes, len);
  return copy;
}

static bool
read_service (KhIgd *service, struct IGDdatas *data, const KhUpnpUrl *from)
{
  struct UPNPUrls urls = { 0 };
  bool is_good = false;

  memset (service, 0, sizeof *service);
  data->first.servicetype[sizeof data->first.servicetype - 1] = '\0';
  if (!is_type (data->first.servicetype) || data->first.controlurl[0] == '\0')
    return false;
  GetUPNPUrls (&urls, data, from->text, 0);
  if (urls.controlURL != NULL)
    is_good
        = kh_upnp_read_url (&service->control, urls.controlURL, strlen (urls.controlURL))
          && kh_endpoint_same_address (&service->control.endpoint, &from->endpoint);
  FreeUPNPUrls (&urls);
  g_strlcpy (service->type, data->first.servicetype, sizeof service->type);
  return is_good;
}

unsigned
kh_igd_read_description (KhIgd services[KH_IGD_SERVICES_MAX], const KhUpnpUrl *from,
                         const void *bytes, size_t len)
{
  g_autofree char *copy = pad (bytes, MIN (len, KH_IGD_DESCRIPTION_MAX));
  struct IGDdatas data = { 0 };
  unsigned n = 0;

  parserootdesc (copy, (int)MIN (len, KH_IGD_DESCRIPTION_MAX), &data);
  n += read_service (&services[n], &data, from);
  data.first = data.second;
  n += read_service (&services[n], &data, from);
  return n;
}

bool
kh_igd_chooses_ports (const KhIgd *self)
{
  return g_str_has_prefix (self->type, "urn:schemas-upnp-org:service:WANIPConnection:")
         && !g_str_has_suffix (self->type, ":1");
}

static void
append_host (GString *request, const KhEndpoint *endpoint)
{
  char text[KH_ENDPOINT_TEXT_MAX];

  kh_endpoint_print (endpoint, text);
  g_string_append_printf (request, "Host: %s\r\nConnection: close\r\n", text);
}

char *
kh_igd_write_call (const KhIgd *self, const char *action, const KhIgdArgument *arguments)
{
  g_autoptr (GString) body = g_string_new (
      "<?xml version=\"1.0\"?>\r\n"
      "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
      "s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>");
  GString *request = g_string_new (NULL);

  g_string_append_printf (body, "<u:%s xmlns:u=\"%s\">", action, self->type);
  for (; arguments->name != NULL; arguments++)
    g_string_append_printf (body, "<%s>%s</%s>", arguments->name, arguments->value,
                            arguments->name);
  g_string_append_printf (body, "</u:%s></s:Body></s:Envelope>\r\n", action);

  g_string_append_printf (request, "POST %s HTTP/1.1\r\n", self->control.path);
  append_host (request, &self->control.endpoint);
  g_string_append_printf (request,
                          "Content-Type: text/xml; charset=\"utf-8\"\r\n"
                          "Content-Length: %" G_GSIZE_FORMAT "\r\n"
                          "SOAPAction: \"%s#%s\"\r\n\r\n%s",
                          body->len, self->type, action, body->str);
  return g_string_free (request, FALSE);
}

char *
kh_igd_write_get (const KhUpnpUrl *url)
{
  GString *request = g_string_new (NULL);

  g_string_append_printf (request, "GET %s HTTP/1.1\r\n", url->path);
  append_host (request, &url->endpoint);
  g_string_append (request, "\r\n");
  return g_string_free (request, FALSE);
}

bool
kh_igd_is_answer (const void *bytes, size_t len, const char *action)
{
  g_autofree char *copy = pad (bytes, MIN (len, KH_IGD_ANSWER_MAX));
  g_autofree char *element = g_strconcat (":", action, "Response", NULL);

  return strstr (copy, element) != NULL && kh_igd_read_fault (bytes, len) == 0;
}

bool
kh_igd_read_value (const void *bytes, size_t len, const char *name, char *out,
                   size_t capacity)
{
  g_autofree char *copy = pad (bytes, MIN (len, KH_IGD_ANSWER_MAX));
  struct NameValueParserData data = { 0 };
  const char *value;

  ParseNameValue (copy, (int)MIN (len, KH_IGD_ANSWER_MAX), &data);
  value = GetValueFromNameValueList (&data, name);
  g_strlcpy (out, value != NULL ? value : "", capacity);
  ClearNameValueList (&data);
  return value != NULL;
}

unsigned
kh_igd_read_fault (const void *bytes, size_t len)
{
  char text[16];

  if (!kh_igd_read_value (bytes, len, "errorCode", text, sizeof text))
    return 0;
  return (unsigned)CLAMP (g_ascii_strtoll (text, NULL, 10), 0, 999);
}

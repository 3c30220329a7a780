/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/igd.h"

#include <string.h>

#define SERVICE(type, control)                                                           \
  "<service><serviceType>urn:schemas-upnp-org:service:" type "</serviceType>"            \
  "<controlURL>" control "</controlURL></service>"
#define DEVICE(services)                                                                 \
  "<?xml version=\"1.0\"?><root><device><serviceList>" services                          \
  "</serviceList></device></root>"

static KhUpnpUrl
url (const char *text)
{
  KhUpnpUrl read;

  g_assert_true (kh_upnp_read_url (&read, text, strlen (text)));
  return read;
}

static guint
read_services (KhIgd services[KH_IGD_SERVICES_MAX], const char *description)
{
  KhUpnpUrl from = url ("http://192.168.1.1:5000/some/d.xml");

  return kh_igd_read_description (services, &from, description, strlen (description));
}

static void
test_services_are_found (void)
{
  KhIgd services[KH_IGD_SERVICES_MAX];

  g_assert_cmpuint (
      read_services (services, DEVICE (SERVICE ("Layer3Forwarding:1", "/l3")
                                           SERVICE ("WANIPConnection:2", "/ip")
                                               SERVICE ("WANPPPConnection:1", "/ppp"))),
      ==, 2);
  g_assert_cmpstr (services[0].type, ==,
                   "urn:schemas-upnp-org:service:WANIPConnection:2");
  g_assert_cmpstr (services[0].control.text, ==, "http://192.168.1.1:5000/ip");
  g_assert_cmpstr (services[1].control.path, ==, "/ppp");
  g_assert_true (kh_igd_chooses_ports (&services[0]));
  g_assert_false (kh_igd_chooses_ports (&services[1]));
}

static void
test_services_of_others_do_not_count (void)
{
  KhIgd services[KH_IGD_SERVICES_MAX];

  g_assert_cmpuint (read_services (services, ""), ==, 0);
  g_assert_cmpuint (read_services (services, "no XML at all"), ==, 0);
  g_assert_cmpuint (
      read_services (services, DEVICE (SERVICE ("ContentDirectory:1", "/media"))), ==, 0);
  g_assert_cmpuint (read_services (services, DEVICE (SERVICE ("WANIPConnection:1", ""))),
                    ==, 0);
  g_assert_cmpuint (
      read_services (services, DEVICE (SERVICE ("WANIPConnection:1",
                                                "http://198.51.100.7:22/control"))),
      ==, 0);
  g_assert_cmpuint (
      read_services (services,
                     "<root><URLBase>http://198.51.100.7/</URLBase>"
                     "<device><serviceList>" SERVICE (
                         "WANIPConnection:1", "/ip") "</serviceList></device></root>"),
      ==, 0);
  /* What would become a header of its own. */
  g_assert_cmpuint (
      read_services (services, DEVICE (SERVICE ("WANIPConnection:1\r\nX: y", "/ip"))), ==,
      0);
}

static void
test_a_call_is_a_whole_request (void)
{
  KhIgd igd = { .control = url ("http://192.168.1.1:5000/ip"),
                .type = "urn:schemas-upnp-org:service:WANIPConnection:1" };
  const KhIgdArgument arguments[]
      = { { "NewExternalPort", "40000" }, { "NewProtocol", "TCP" }, { NULL, NULL } };
  g_autofree char *request = kh_igd_write_call (&igd, "DeletePortMapping", arguments);
  g_autofree char *get = kh_igd_write_get (&igd.control);
  g_autofree char *length = NULL;
  const char *body = strstr (request, "\r\n\r\n");

  g_assert_true (g_str_has_prefix (request, "POST /ip HTTP/1.1\r\n"
                                            "Host: 192.168.1.1:5000\r\n"));
  g_assert_nonnull (strstr (request, "\r\nSOAPAction: \"urn:schemas-upnp-org:service:"
                                     "WANIPConnection:1#DeletePortMapping\"\r\n"));
  g_assert_nonnull (body);
  length = g_strdup_printf ("\r\nContent-Length: %u\r\n", (guint)strlen (body + 4));
  g_assert_nonnull (strstr (request, length));
  g_assert_nonnull (strstr (body, "<NewExternalPort>40000</NewExternalPort>"
                                  "<NewProtocol>TCP</NewProtocol>"));
  g_assert_cmpstr (get, ==,
                   "GET /ip HTTP/1.1\r\nHost: 192.168.1.1:5000\r\n"
                   "Connection: close\r\n\r\n");
}

static void
test_answers_are_taken_apart (void)
{
  static const char done[] = "<s:Envelope><s:Body><u:AddAnyPortMappingResponse>"
                             "<NewReservedPort>40001</NewReservedPort>"
                             "</u:AddAnyPortMappingResponse></s:Body></s:Envelope>";
  static const char fault[]
      = "<s:Envelope><s:Body><s:Fault><detail><UPnPError><errorCode>718</errorCode>"
        "<errorDescription>Conflict</errorDescription></UPnPError></detail></s:Fault>"
        "</s:Body></s:Envelope>";
  char text[16], little[3];

  g_assert_true (kh_igd_is_answer (done, strlen (done), "AddAnyPortMapping"));
  g_assert_false (kh_igd_is_answer (done, strlen (done), "AddPortMapping"));
  g_assert_false (kh_igd_is_answer (fault, strlen (fault), "AddAnyPortMapping"));
  g_assert_false (kh_igd_is_answer ("", 0, "AddAnyPortMapping"));
  g_assert_cmpuint (kh_igd_read_fault (done, strlen (done)), ==, 0);
  g_assert_cmpuint (kh_igd_read_fault (fault, strlen (fault)), ==, KH_IGD_CONFLICT);
  g_assert_true (
      kh_igd_read_value (done, strlen (done), "NewReservedPort", text, sizeof text));
  g_assert_cmpstr (text, ==, "40001");
  g_assert_true (
      kh_igd_read_value (done, strlen (done), "NewReservedPort", little, sizeof little));
  g_assert_cmpstr (little, ==, "40");
  g_assert_false (
      kh_igd_read_value (fault, strlen (fault), "NewReservedPort", text, sizeof text));
  g_assert_cmpstr (text, ==, "");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/igd/services-are-found", test_services_are_found);
  g_test_add_func ("/igd/services-of-others-do-not-count",
                   test_services_of_others_do_not_count);
  g_test_add_func ("/igd/a-call-is-a-whole-request", test_a_call_is_a_whole_request);
  g_test_add_func ("/igd/answers-are-taken-apart", test_answers_are_taken_apart);
  return g_test_run ();
}

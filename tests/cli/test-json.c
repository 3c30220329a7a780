/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/json.h"

#include <json-glib/json-glib.h>
#include <string.h>

static const KhPeerId own_id = { { 1, 2, 3 } };

/* What scripts rely on: each event with exactly these members, in any order. */
static const struct
{
  KhEventKind kind;
  const char *members; /* sorted */
} shapes[] = {
  { KH_EVENT_ONLINE, "event id server" },
  { KH_EVENT_PEER, "direct event id name network state" },
  { KH_EVENT_PEER_NETWORK, "direct event id name network state" },
  { KH_EVENT_PUNCH, "event ms step text" },
  { KH_EVENT_CONNECTED, "event id local ms name path remote" },
  { KH_EVENT_DISCONNECTED, "event id reason" },
  { KH_EVENT_MESSAGE, "at event from id text" },
  { KH_EVENT_DELIVERED, "event id" },
  { KH_EVENT_OFFER, "bytes event files folders from name transfer" },
  { KH_EVENT_PROGRESS, "bytes event file file_bytes file_total total transfer" },
  { KH_EVENT_FILE, "bytes event path there transfer" },
  { KH_EVENT_FILE_RESTARTED, "event path transfer" },
  { KH_EVENT_FILE_FAILED, "event path reason transfer" },
  { KH_EVENT_TRANSFER, "event paused state transfer" },
  { KH_EVENT_INTERRUPTED, "bytes event total transfer" },
  { KH_EVENT_DONE, "bytes event files left_out ms there transfer" },
  { KH_EVENT_PONG, "event ms" },
};

static JsonObject *
parse (const char *line)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (line, &error);

  g_assert_no_error (error);
  g_assert_null (strchr (line, '\n'));
  return json_object_ref (json_node_get_object (node));
}

static char *
members_of (JsonObject *object)
{
  g_autoptr (GList) members
      = g_list_sort (json_object_get_members (object), (GCompareFunc)strcmp);
  GString *text = g_string_new (NULL);

  for (GList *link = members; link != NULL; link = link->next)
    g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", (char *)link->data);
  return g_string_free (text, FALSE);
}

static void
test_every_event_has_its_shape (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      KhEvent event
          = { .kind = shapes[i].kind, .name = "Bob", .text = "text", .step = 1 };
      g_autofree char *line = kh_json_event (&event, &own_id);
      g_autoptr (JsonObject) object = parse (line);
      g_autofree char *members = members_of (object);

      g_assert_cmpstr (members, ==, shapes[i].members);
    }
}

static void
test_a_peer_has_a_network (void)
{
  KhEvent event = { .kind = KH_EVENT_PEER_NETWORK,
                    .name = "Bob",
                    .online = TRUE,
                    .nat_class = KH_NAT_KIND_SEQUENTIAL | KH_NAT_CLASS_IPV6,
                    .outlook = KH_OUTLOOK_RELAY_ONLY };
  g_autofree char *line = kh_json_event (&event, &own_id);
  g_autoptr (JsonObject) object = parse (line);

  g_assert_cmpstr (json_object_get_string_member (object, "event"), ==, "peer");
  g_assert_cmpstr (json_object_get_string_member (object, "state"), ==, "online");
  g_assert_cmpstr (json_object_get_string_member (object, "network"), ==,
                   "symmetric-sequential");
  g_assert_cmpstr (json_object_get_string_member (object, "direct"), ==, "relay-only");
}

static void
test_any_bytes_become_one_line (void)
{
  KhEvent event = { .kind = KH_EVENT_MESSAGE,
                    .name = "B",
                    .text = "a\nb\r\"\\\033\377\342\200\250" };
  g_autofree char *line = kh_json_event (&event, &own_id);
  g_autoptr (JsonObject) object = parse (line);

  g_assert_cmpstr (json_object_get_string_member (object, "text"), ==,
                   "a\nb\r\"\\\033\357\277\275\342\200\250");
  g_assert_null (strchr (line, '\033'));
}

static void
test_large_numbers_stay_whole (void)
{
  KhEvent event = { .kind = KH_EVENT_PROGRESS,
                    .text = "f",
                    .bytes = G_GUINT64_CONSTANT (9007199254740993),
                    .total = G_MAXINT64 };
  g_autofree char *line = kh_json_event (&event, &own_id);

  g_assert_nonnull (strstr (line, "\"bytes\":9007199254740993,"));
  g_assert_nonnull (strstr (line, "\"total\":9223372036854775807,"));
}

static void
test_a_round_trip_has_fractions (void)
{
  KhEvent event = { .kind = KH_EVENT_PONG, .round_trip_us = 1234 };
  KhEvent odd = { .kind = KH_EVENT_PONG, .round_trip_us = 243 };
  g_autofree char *line = kh_json_event (&event, &own_id);
  g_autofree char *odd_line = kh_json_event (&odd, &own_id);
  g_autoptr (JsonObject) object = parse (line);

  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (object, "ms"), 1.234,
                                  1e-9);
  /* As a double it is nearer to 0.24299999999999999. */
  g_assert_cmpstr (odd_line, ==, "{\"event\":\"pong\",\"ms\":0.243}");
}

static void
test_errors_carry_the_exit_status (void)
{
  g_autofree char *line = kh_json_error (KH_STATUS_IDENTITY, "STOP");

  g_assert_cmpstr (line, ==, "{\"event\":\"error\",\"code\":8,\"message\":\"STOP\"}");
}

static void
test_a_failed_transfer_is_named (void)
{
  KhItemId item = { { 0x1a, 0x2b } };
  g_autofree char *line = kh_json_transfer_error (
      KH_STATUS_TRANSFER, "photos: 3 of 5 files failed", &item, 3);

  g_assert_cmpstr (line, ==,
                   "{\"event\":\"error\",\"code\":7,"
                   "\"message\":\"photos: 3 of 5 files failed\","
                   "\"transfer\":\"1a2b0000000000000000000000000000\",\"failed\":3}");
}

static void
test_a_transfer_of_the_list_has_its_shape (void)
{
  KhTransferInfo info = { .outgoing = TRUE,
                          .phase = KH_PHASE_RUNNING,
                          .name = "photos",
                          .n_files = 7,
                          .wanted_files = 5,
                          .done_files = 2,
                          .there_files = 1,
                          .failed_files = 1,
                          .wanted_bytes = 1000,
                          .done_bytes = 300,
                          .paused_there = TRUE };
  g_autofree char *peer = kh_peer_id_to_text (&info.peer);
  g_autofree char *expected = g_strdup_printf (
      "{\"event\":\"transfer\",\"transfer\":\"00000000000000000000000000000000\","
      "\"direction\":\"out\",\"peer\":\"%s\",\"name\":\"photos\","
      "\"state\":\"running\",\"paused\":\"there\",\"files\":5,\"done\":2,\"there\":1,"
      "\"failed\":1,\"bytes\":300,\"total\":1000,\"left_out\":2}",
      peer);
  g_autofree char *line = kh_json_transfer (&info);

  g_assert_cmpstr (line, ==, expected);
}

static void
test_a_received_one_has_its_folder_and_its_reason (void)
{
  KhTransferInfo info = { .phase = KH_PHASE_FAILED,
                          .name = "photos",
                          .folder = "/got",
                          .status = KH_FRAME_STATUS_DISK_FULL };
  g_autofree char *line = kh_json_transfer (&info);

  g_assert_true (g_str_has_suffix (line, ",\"left_out\":0,\"folder\":\"/got\","
                                         "\"reason\":\"the receiver's disk is full\"}"));
}

static void
test_an_offer_over_the_quota_says_so (void)
{
  KhEvent event
      = { .kind = KH_EVENT_OFFER, .text = "a", .status = KH_FRAME_STATUS_OVER_QUOTA };
  g_autofree char *line = kh_json_event (&event, &own_id);

  g_assert_true (g_str_has_suffix (line, ",\"reason\":\"quota\"}"));
}

static void
test_what_was_there_is_true_or_false (void)
{
  KhEvent event = { .kind = KH_EVENT_FILE, .text = "a", .there = TRUE };
  g_autofree char *line = kh_json_event (&event, &own_id);

  g_assert_true (g_str_has_suffix (line, "\"there\":true}"));
}

static void
test_of_what_was_sent_it_is_unknown (void)
{
  KhEvent event = { .kind = KH_EVENT_FILE, .text = "a", .outgoing = TRUE };
  g_autofree char *line = kh_json_event (&event, &own_id);
  g_autoptr (JsonObject) object = parse (line);
  g_autofree char *members = members_of (object);

  g_assert_cmpstr (members, ==, "bytes event path transfer");
}

/* What is not known is "unknown" or null, never a guess. */
static void
test_a_network_has_its_shape (void)
{
  KhNetworkInfo network = { 0 };
  g_autofree char *line = kh_json_network (&network);
  g_autoptr (JsonObject) object = parse (line);
  g_autofree char *members = members_of (object);

  g_assert_cmpstr (
      members, ==,
      "event filtering hairpin ipv6 mapped_port mapping port_allocation port_mapping "
      "public reachable second_nat step type unsolicited");
  g_assert_cmpstr (json_object_get_string_member (object, "type"), ==, "unknown");
  g_assert_true (json_object_get_null_member (object, "hairpin"));
  g_assert_true (json_object_get_null_member (object, "port_mapping"));
  g_assert_true (json_object_get_null_member (object, "reachable"));
  g_assert_false (json_object_get_boolean_member (object, "ipv6"));
}

static void
test_a_network_is_told_in_the_words_of_the_contract (void)
{
  KhNetworkInfo network = { .type = KH_NAT_SYMMETRIC,
                            .mapping = KH_NAT_BEHAVIOUR_ADDRESS_AND_PORT_DEPENDENT,
                            .filtering = KH_NAT_BEHAVIOUR_ADDRESS_DEPENDENT,
                            .port_allocation = KH_PORT_ALLOCATION_SEQUENTIAL,
                            .step = 2,
                            .unsolicited = KH_NAT_DIAL_REFUSED,
                            .hairpin = KH_TRISTATE_NO,
                            .port_mapping = KH_MAPPED_BY_NAT_PMP,
                            .mapped_port = 40123,
                            .second_nat = KH_TRISTATE_NO,
                            .reachable = KH_TRISTATE_YES,
                            .ipv6 = KH_TRISTATE_YES };
  g_autofree char *line = kh_json_network (&network);
  g_autoptr (JsonObject) object = parse (line);

  g_assert_cmpstr (json_object_get_string_member (object, "type"), ==, "symmetric");
  g_assert_cmpstr (json_object_get_string_member (object, "mapping"), ==,
                   "address-and-port-dependent");
  g_assert_cmpstr (json_object_get_string_member (object, "filtering"), ==,
                   "address-dependent");
  g_assert_cmpstr (json_object_get_string_member (object, "port_allocation"), ==,
                   "sequential");
  g_assert_cmpint (json_object_get_int_member (object, "step"), ==, 2);
  g_assert_cmpstr (json_object_get_string_member (object, "unsolicited"), ==, "reset");
  g_assert_false (json_object_get_boolean_member (object, "hairpin"));
  g_assert_cmpstr (json_object_get_string_member (object, "port_mapping"), ==, "nat-pmp");
  g_assert_cmpint (json_object_get_int_member (object, "mapped_port"), ==, 40123);
  g_assert_false (json_object_get_boolean_member (object, "second_nat"));
  g_assert_true (json_object_get_boolean_member (object, "reachable"));
  g_assert_true (json_object_get_boolean_member (object, "ipv6"));
}

static void
test_other_events_have_no_line (void)
{
  KhEvent event = { .kind = KH_EVENT_PEERS_READY };

  g_assert_null (kh_json_event (&event, &own_id));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/every-event-has-its-shape", test_every_event_has_its_shape);
  g_test_add_func ("/json/a-peer-has-a-network", test_a_peer_has_a_network);
  g_test_add_func ("/json/any-bytes-become-one-line", test_any_bytes_become_one_line);
  g_test_add_func ("/json/large-numbers-stay-whole", test_large_numbers_stay_whole);
  g_test_add_func ("/json/a-round-trip-has-fractions", test_a_round_trip_has_fractions);
  g_test_add_func ("/json/errors-carry-the-exit-status",
                   test_errors_carry_the_exit_status);
  g_test_add_func ("/json/a-failed-transfer-is-named", test_a_failed_transfer_is_named);
  g_test_add_func ("/json/a-transfer-of-the-list-has-its-shape",
                   test_a_transfer_of_the_list_has_its_shape);
  g_test_add_func ("/json/a-received-one-has-its-folder-and-its-reason",
                   test_a_received_one_has_its_folder_and_its_reason);
  g_test_add_func ("/json/an-offer-over-the-quota-says-so",
                   test_an_offer_over_the_quota_says_so);
  g_test_add_func ("/json/what-was-there-is-true-or-false",
                   test_what_was_there_is_true_or_false);
  g_test_add_func ("/json/of-what-was-sent-it-is-unknown",
                   test_of_what_was_sent_it_is_unknown);
  g_test_add_func ("/json/a-network-has-its-shape", test_a_network_has_its_shape);
  g_test_add_func ("/json/a-network-is-told-in-the-words-of-the-contract",
                   test_a_network_is_told_in_the_words_of_the_contract);
  g_test_add_func ("/json/other-events-have-no-line", test_other_events_have_no_line);
  return g_test_run ();
}

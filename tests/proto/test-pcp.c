/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/pcp.h"

#include <glib.h>
#include <string.h>

/* An answer to MAP, as RFC 6887 figures 2 and 9 lay it out. */
static const guint8 MAPPED[60]
    = { 2,   0x81, 0,   0, 0,    0,    0x0e, 0x10, 0, 0,  0x01, 0x02, /* header */
        0,   0,    0,   0, 0,    0,    0,    0,    0, 0,  0,    0,    /* reserved */
        1,   2,    3,   4, 5,    6,    7,    8,    9, 10, 11,   12,   /* nonce */
        6,   0,    0,   0, 0x9c, 0x40, 0xaf, 0xc8,                    /* TCP, ports */
        0,   0,    0,   0, 0,    0,    0,    0,    0, 0,  0xff, 0xff, /* address */
        198, 51,   100, 7 };

typedef struct
{
  guint8 bytes[KH_PCP_LEN_MAX + 4];
  gsize len;
} Message;

static Message
mapped (void)
{
  Message message = { .len = sizeof MAPPED };

  memcpy (message.bytes, MAPPED, sizeof MAPPED);
  return message;
}

static KhPcpReading
read_message (const Message *message, KhPcpAnswer *answer)
{
  KhPcpReading reading = kh_pcp_read (answer, message->bytes, message->len);
  KhPcpAnswer nothing = { 0 };

  if (reading != KH_PCP_READ)
    g_assert_cmpmem (answer, sizeof *answer, &nothing, sizeof nothing);
  return reading;
}

static void
expect (const Message *message, KhPcpReading wanted)
{
  KhPcpAnswer answer;

  g_assert_cmpint (read_message (message, &answer), ==, wanted);
}

static void
test_questions_are_as_the_rfc_lays_them_out (void)
{
  static const guint8 own[4] = { 192, 168, 1, 2 };
  static const guint8 wanted[KH_PCP_MAP_LEN]
      = { 2, 1, 0, 0, 0,    0,    0x0e, 0x10, /* header */
          0, 0, 0, 0, 0,    0,    0,    0,    0, 0,  0xff, 0xff, 192, 168, 1, 2,
          1, 2, 3, 4, 5,    6,    7,    8,    9, 10, 11,   12, /* nonce */
          6, 0, 0, 0, 0x9c, 0x40, 0xaf, 0xc8,                  /* TCP, ports */
          0, 0, 0, 0, 0,    0,    0,    0,    0, 0,  0xff, 0xff, 0,   0,   0, 0 };
  guint8 announce[KH_PCP_ANNOUNCE_LEN] = { 0 };
  guint8 bytes[KH_PCP_MAP_LEN];
  KhPcpMap map = { .nonce = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 },
                   .own = kh_endpoint_v4 (own, 40000),
                   .external_port = 45000,
                   .lifetime_s = 3600 };
  KhWriter writer;

  kh_writer_init (&writer, bytes, sizeof bytes);
  g_assert_true (kh_pcp_write_map (&writer, &map));
  g_assert_cmpmem (bytes, writer.len, wanted, sizeof wanted);
  kh_writer_init (&writer, bytes, sizeof bytes - 1);
  g_assert_false (kh_pcp_write_map (&writer, &map));

  memcpy (announce, wanted, sizeof announce);
  announce[1] = 0;
  memset (announce + 4, 0, 4);
  kh_writer_init (&writer, bytes, sizeof bytes);
  g_assert_true (kh_pcp_write_announce (&writer, &map.own));
  g_assert_cmpmem (bytes, writer.len, announce, sizeof announce);
}

static void
test_an_answer_is_taken_apart (void)
{
  Message message = mapped ();
  char text[KH_ENDPOINT_TEXT_MAX];
  KhPcpAnswer answer;

  g_assert_cmpint (read_message (&message, &answer), ==, KH_PCP_READ);
  g_assert_cmpint (answer.opcode, ==, KH_PCP_OPCODE_MAP);
  g_assert_cmpint (answer.result, ==, KH_PCP_RESULT_SUCCESS);
  g_assert_cmpuint (answer.lifetime_s, ==, 3600);
  g_assert_cmpuint (answer.epoch_s, ==, 0x102);
  g_assert_true (answer.has_map);
  g_assert_cmpmem (answer.nonce, KH_PCP_NONCE_LEN, MAPPED + 24, KH_PCP_NONCE_LEN);
  g_assert_cmpuint (answer.internal_port, ==, 40000);
  kh_endpoint_print (&answer.external, text);
  g_assert_cmpstr (text, ==, "198.51.100.7:45000");
}

static void
test_an_error_may_come_without_what_was_asked (void)
{
  Message message = mapped ();
  KhPcpAnswer answer;

  message.len = 24;
  expect (&message, KH_PCP_MALFORMED); /* a success may not */
  message.bytes[3] = KH_PCP_RESULT_NOT_AUTHORIZED;
  g_assert_cmpint (read_message (&message, &answer), ==, KH_PCP_READ);
  g_assert_false (answer.has_map);
  g_assert_cmpint (answer.result, ==, KH_PCP_RESULT_NOT_AUTHORIZED);
  message.len = 60;
  g_assert_cmpint (read_message (&message, &answer), ==, KH_PCP_READ);
  g_assert_true (answer.has_map);
}

static void
test_other_versions_are_told_apart (void)
{
  Message message = { .bytes = { 0, 128, 0, 1 }, .len = 8 }; /* of NAT-PMP */

  expect (&message, KH_PCP_OTHER_VERSION);
  message.bytes[1] = 0; /* a question */
  expect (&message, KH_PCP_MALFORMED);
  message = mapped ();
  message.bytes[0] = 3;
  expect (&message, KH_PCP_OTHER_VERSION);
}

static void
test_lengths_are_strict (void)
{
  Message message = mapped ();

  for (message.len = 0; message.len < 60; message.len++)
    expect (&message, KH_PCP_MALFORMED);
  message.len = 61;
  expect (&message, KH_PCP_MALFORMED);
  message.len = KH_PCP_LEN_MAX;
  expect (&message, KH_PCP_READ);
  message.len = KH_PCP_LEN_MAX + 4;
  expect (&message, KH_PCP_MALFORMED);
}

static void
test_options_are_stepped_over_in_bounds (void)
{
  Message message = mapped ();

  message.len = 68;
  message.bytes[60] = 200;
  message.bytes[63] = 1; /* one byte and three of padding */
  expect (&message, KH_PCP_READ);
  message.bytes[63] = 4;
  expect (&message, KH_PCP_READ);
  message.bytes[63] = 5;
  expect (&message, KH_PCP_MALFORMED);
  message.bytes[62] = message.bytes[63] = 0xff;
  expect (&message, KH_PCP_MALFORMED);
}

static void
test_nonsense_is_no_answer (void)
{
  static const struct
  {
    guint at;
    guint8 value;
  } CHANGES[] = {
    { 1, 0x01 }, /* a question */
    { 1, 0x82 }, /* PEER */
    { 36, 17 },  /* UDP */
  };

  for (guint i = 0; i < G_N_ELEMENTS (CHANGES); i++)
    {
      Message message = mapped ();

      message.bytes[CHANGES[i].at] = CHANGES[i].value;
      expect (&message, KH_PCP_MALFORMED);
    }
}

static void
test_a_mapping_has_an_endpoint_and_a_removal_need_not (void)
{
  Message no_port = mapped (), no_address = mapped ();
  KhPcpAnswer answer;

  memset (no_port.bytes + 42, 0, 2);
  expect (&no_port, KH_PCP_MALFORMED);
  memset (no_address.bytes + 56, 0, 4);
  expect (&no_address, KH_PCP_MALFORMED);
  memset (no_port.bytes + 4, 0, 4);
  g_assert_cmpint (read_message (&no_port, &answer), ==, KH_PCP_READ);
  g_assert_cmpint (answer.external.family, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pcp/questions-are-as-the-rfc-lays-them-out",
                   test_questions_are_as_the_rfc_lays_them_out);
  g_test_add_func ("/pcp/an-answer-is-taken-apart", test_an_answer_is_taken_apart);
  g_test_add_func ("/pcp/an-error-may-come-without-what-was-asked",
                   test_an_error_may_come_without_what_was_asked);
  g_test_add_func ("/pcp/other-versions-are-told-apart",
                   test_other_versions_are_told_apart);
  g_test_add_func ("/pcp/lengths-are-strict", test_lengths_are_strict);
  g_test_add_func ("/pcp/options-are-stepped-over-in-bounds",
                   test_options_are_stepped_over_in_bounds);
  g_test_add_func ("/pcp/nonsense-is-no-answer", test_nonsense_is_no_answer);
  g_test_add_func ("/pcp/a-mapping-has-an-endpoint-and-a-removal-need-not",
                   test_a_mapping_has_an_endpoint_and_a_removal_need_not);
  return g_test_run ();
}

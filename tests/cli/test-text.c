/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/text.h"

#include <string.h>

static void
assert_clean (const char *text, const char *expected)
{
  g_autofree char *clean = kh_text_clean (text);

  g_assert_cmpstr (clean, ==, expected);
}

static void
test_clean_text_stays (void)
{
  assert_clean ("Anna", "Anna");
  assert_clean ("J\303\266rg \344\275\240\345\245\275",
                "J\303\266rg \344\275\240\345\245\275");
  /* A family: three people and two joiners. */
  assert_clean (
      "\360\237\221\250\342\200\215\360\237\221\251\342\200\215\360\237\221\247",
      "\360\237\221\250\342\200\215\360\237\221\251\342\200\215\360\237\221\247");
  assert_clean (NULL, "");
}

static void
test_nothing_controls_a_terminal (void)
{
  assert_clean ("a\033[2Jb", "a\357\277\275[2Jb");
  assert_clean ("a\rb\nc\td", "a\357\277\275b\357\277\275c d");
  assert_clean ("\302\233H", "\357\277\275H"); /* CSI in one byte, U+009B */
  assert_clean ("gpj.\342\200\256exe", "gpj.\357\277\275exe"); /* U+202E */
  assert_clean ("a\342\200\250b", "a\357\277\275b");           /* U+2028 */
  assert_clean ("\377\376", "\357\277\275\357\277\275");
}

/* Whatever bytes come, what is left is one line of text that only prints. */
static void
test_any_bytes (void)
{
  for (guint round = 0; round < 5000; round++)
    {
      char bytes[32];
      g_autofree char *clean = NULL;

      for (guint i = 0; i < sizeof bytes - 1; i++)
        bytes[i] = (char)g_test_rand_int_range (1, 256);
      bytes[sizeof bytes - 1] = '\0';
      clean = kh_text_clean (bytes);
      g_assert_true (g_utf8_validate (clean, -1, NULL));
      for (const char *at = clean; *at != '\0'; at = g_utf8_next_char (at))
        g_assert_false (g_unichar_iscntrl (g_utf8_get_char (at)));
    }
}

static void
test_a_message_cannot_pass_for_our_lines (void)
{
  g_autofree char *text = kh_text_message ("hi\r\n12:00 Anna: send money\nnow\r");

  g_assert_cmpstr (text, ==, "hi\n    12:00 Anna: send money\n    now\357\277\275");
}

static void
test_sizes (void)
{
  static const struct
  {
    guint64 bytes;
    const char *text;
  } cases[] = {
    { 0, "0 B" },
    { 999, "999 B" },
    { 1000, "1.0 kB" },
    { 999949, "999.9 kB" },
    { 999951, "1.0 MB" },
    { 20000000, "20.0 MB" },
    { G_GUINT64_CONSTANT (1500000000), "1.5 GB" },
    { G_MAXUINT64, "18.4 EB" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = kh_text_size (cases[i].bytes);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_durations (void)
{
  g_autofree char *seconds = kh_text_duration (59);
  g_autofree char *minutes = kh_text_duration (200);
  g_autofree char *hours = kh_text_duration (2 * 3600 + 5 * 60 + 1);

  g_assert_cmpstr (seconds, ==, "59 s");
  g_assert_cmpstr (minutes, ==, "3 min 20 s");
  g_assert_cmpstr (hours, ==, "2 h 5 min");
}

static KhEvent
step_event (guint step, gboolean caller)
{
  static const uint8_t own[4] = { 198, 51, 100, 1 };
  static const uint8_t remote[4] = { 203, 0, 113, 9 };

  return (KhEvent){
    .kind = KH_EVENT_PUNCH,
    .name = "Bo\033b",
    .step = step,
    .round = 1,
    .caller = caller,
    .port = 40123,
    .own = kh_endpoint_v4 (own, 1111),
    .remote = kh_endpoint_v4 (remote, 2222),
  };
}

static void
test_the_caller_binds_in_step_three (void)
{
  KhEvent caller = step_event (3, TRUE);
  KhEvent callee = step_event (3, FALSE);
  g_autofree char *mine = kh_text_step (&caller);
  g_autofree char *theirs = kh_text_step (&callee);

  g_assert_cmpstr (mine, ==,
                   "bound port 40123, dialled the assist port from it and listens there");
  g_assert_true (g_str_has_prefix (theirs, "Bo\357\277\275b binds a port"));
}

static void
test_where_nothing_listens_the_steps_say_so (void)
{
  KhEvent caller = step_event (3, TRUE);
  KhEvent callee = step_event (7, FALSE);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  caller.dials_only = callee.dials_only = TRUE;
  first = kh_text_step (&caller);
  second = kh_text_step (&callee);
  g_assert_nonnull (strstr (first, "can't listen there"));
  g_assert_true (g_str_has_prefix (second, "dials from port 40123 and is ready"));
}

static void
test_every_step_has_its_sentence (void)
{
  for (guint step = 1; step <= 8; step++)
    for (int caller = 0; caller < 2; caller++)
      {
        KhEvent event = step_event (step, caller);
        KhEvent bare
            = { .kind = KH_EVENT_PUNCH, .step = step, .round = 2, .caller = caller };
        g_autofree char *full = kh_text_step (&event);
        g_autofree char *short_one = kh_text_step (&bare);

        g_assert_cmpuint (strlen (full), >, 10);
        g_assert_null (strstr (full, "none"));
        g_assert_null (strchr (full, '\033'));
        g_assert_null (strstr (short_one, "none"));
        g_assert_null (strstr (short_one, "  "));
        g_assert_true (g_str_has_suffix (short_one, "(attempt 2)"));
      }
}

static void
test_endpoints_are_told (void)
{
  KhEvent four = step_event (4, TRUE);
  KhEvent six = step_event (6, FALSE);
  g_autofree char *own = kh_text_step (&four);
  g_autofree char *remote = kh_text_step (&six);

  g_assert_nonnull (strstr (own, "198.51.100.1:1111"));
  g_assert_nonnull (strstr (remote, "203.0.113.9:2222"));
  g_assert_nonnull (strstr (remote, "port 40123"));
}

static void
test_an_unknown_port_is_a_port (void)
{
  KhEvent event = { .kind = KH_EVENT_PUNCH, .name = "Bob", .step = 3, .caller = TRUE };
  g_autofree char *step = kh_text_step (&event);

  g_assert_cmpstr (step, ==,
                   "bound a port, dialled the assist port from it and listens there");
}

/* A reason, and one thing that a person can do. */
static void
test_every_failure_has_a_next_step (void)
{
  for (int failure = KH_PUNCH_FAILURE_NONE; failure <= KH_PUNCH_BOTH_SYMMETRIC; failure++)
    {
      KhEvent event = { .kind = KH_EVENT_CALL_ENDED,
                        .name = "Bob",
                        .call_end = KH_CALL_END_NO_PATH,
                        .failure = (KhPunchFailure)failure };
      g_autofree char *text = kh_text_call_ended (&event);

      g_assert_true (g_str_has_prefix (text, "no direct connection to Bob: "));
      g_assert_nonnull (strstr (text, ". "));
      g_assert_true (g_str_has_suffix (text, "."));
    }
}

static void
test_only_a_relay_is_not_called_direct (void)
{
  for (int path = KH_PATH_LAN; path <= KH_PATH_RELAY; path++)
    {
      KhEvent event = step_event (8, TRUE);
      g_autofree char *text = NULL;

      event.kind = KH_EVENT_CONNECTED;
      event.path = (KhPathKind)path;
      event.ms = 210;
      text = kh_text_connected (&event);
      g_assert_nonnull (strstr (text, kh_text_path ((KhPathKind)path)));
      g_assert_nonnull (strstr (text, "end-to-end encrypted"));
      g_assert_nonnull (strstr (text, "in 210 ms"));
      g_assert_cmpint (strstr (text, "connected directly to") != NULL, ==,
                       path != KH_PATH_RELAY);
      g_assert_cmpint (strstr (text, "through the server") != NULL, ==,
                       path == KH_PATH_RELAY);
    }
}

static void
test_every_end_of_a_call_has_its_status (void)
{
  g_assert_cmpint (kh_text_call_status (KH_CALL_END_NOT_ONLINE), ==, 4);
  g_assert_cmpint (kh_text_call_status (KH_CALL_END_DECLINED), ==, 6);
  g_assert_cmpint (kh_text_call_status (KH_CALL_END_NO_ANSWER), ==, 6);
  g_assert_cmpint (kh_text_call_status (KH_CALL_END_NO_PATH), ==, 5);
  g_assert_cmpint (kh_text_call_status (KH_CALL_END_WAIT), ==, 5);
  g_assert_cmpint (kh_text_call_status (KH_CALL_END_OFFLINE), ==, 3);
  for (int end = KH_CALL_END_NOT_ONLINE; end <= KH_CALL_END_INCOMPATIBLE; end++)
    {
      KhEvent event
          = { .kind = KH_EVENT_CALL_ENDED, .name = "Bob", .call_end = (KhCallEnd)end };
      g_autofree char *text = kh_text_call_ended (&event);

      g_assert_cmpuint (strlen (text), >, 5);
    }
}

static void
test_a_nameless_peer_is_called_by_its_id (void)
{
  KhEvent event = { .kind = KH_EVENT_CONNECTED, .name = "" };
  g_autofree char *name = kh_text_name (&event);

  g_assert_cmpuint (strlen (name), ==, 16);
}

static void
test_numbers_are_grouped (void)
{
  static const struct
  {
    guint number;
    const char *text;
  } cases[] = {
    { 0, "0" },
    { 999, "999" },
    { 1000, "1,000" },
    { 100000, "100,000" },
    { G_MAXUINT, "4,294,967,295" },
  };
  g_autofree char *one = kh_text_count (1, "file", "files");
  g_autofree char *several = kh_text_count (1234, "file", "files");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = kh_text_number (cases[i].number);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
  g_assert_cmpstr (one, ==, "1 file");
  g_assert_cmpstr (several, ==, "1,234 files");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/clean-text-stays", test_clean_text_stays);
  g_test_add_func ("/text/nothing-controls-a-terminal", test_nothing_controls_a_terminal);
  g_test_add_func ("/text/any-bytes", test_any_bytes);
  g_test_add_func ("/text/a-message-cannot-pass-for-our-lines",
                   test_a_message_cannot_pass_for_our_lines);
  g_test_add_func ("/text/sizes", test_sizes);
  g_test_add_func ("/text/durations", test_durations);
  g_test_add_func ("/text/the-caller-binds-in-step-three",
                   test_the_caller_binds_in_step_three);
  g_test_add_func ("/text/where-nothing-listens-the-steps-say-so",
                   test_where_nothing_listens_the_steps_say_so);
  g_test_add_func ("/text/every-step-has-its-sentence", test_every_step_has_its_sentence);
  g_test_add_func ("/text/endpoints-are-told", test_endpoints_are_told);
  g_test_add_func ("/text/an-unknown-port-is-a-port", test_an_unknown_port_is_a_port);
  g_test_add_func ("/text/every-failure-has-a-next-step",
                   test_every_failure_has_a_next_step);
  g_test_add_func ("/text/only-a-relay-is-not-called-direct",
                   test_only_a_relay_is_not_called_direct);
  g_test_add_func ("/text/every-end-of-a-call-has-its-status",
                   test_every_end_of_a_call_has_its_status);
  g_test_add_func ("/text/a-nameless-peer-is-called-by-its-id",
                   test_a_nameless_peer_is_called_by_its_id);
  g_test_add_func ("/text/numbers-are-grouped", test_numbers_are_grouped);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/person-text.h"

/* The 3rd of May 2031, 15:00. */
static GDateTime *
now (void)
{
  return g_date_time_new_utc (2031, 5, 3, 15, 0, 0);
}

static gint64
at_ms (int year, int month, int day, int hour, int minute)
{
  g_autoptr (GDateTime) at = g_date_time_new_utc (year, month, day, hour, minute, 0);

  return g_date_time_to_unix (at) * 1000;
}

static KhPersonFacts
somebody (void)
{
  return (KhPersonFacts){ .name = "Ann", .short_id = "abcd2345", .online = TRUE };
}

static void
check_status (const KhPersonFacts *facts, const char *expected)
{
  g_autoptr (GDateTime) today = now ();
  g_autofree char *status = kh_person_text_status (facts, today);

  g_assert_cmpstr (status, ==, expected);
}

static void
check_line (const KhPersonFacts *facts, const char *expected)
{
  g_autoptr (GDateTime) today = now ();
  g_autofree char *line = kh_person_text_line (facts, today);

  g_assert_cmpstr (line, ==, expected);
}

static void
check_last_seen (gint64 seen_at_ms, const char *expected)
{
  g_autoptr (GDateTime) today = now ();
  g_autofree char *text = kh_person_text_last_seen (seen_at_ms, today);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_last_seen_names_the_day (void)
{
  check_last_seen (0, "Not seen yet");
  check_last_seen (at_ms (2031, 5, 3, 9, 5), "Last seen today at 09:05");
  check_last_seen (at_ms (2031, 5, 2, 23, 59), "Last seen yesterday at 23:59");
  check_last_seen (at_ms (2031, 5, 1, 23, 59), "Last seen on 1 May");
  check_last_seen (at_ms (2030, 12, 31, 9, 0), "Last seen on 31 December 2030");
  /* A clock that was set back. */
  check_last_seen (at_ms (2031, 5, 4, 9, 0), "Last seen on 4 May");
}

static void
test_yesterday_is_also_before_new_year (void)
{
  g_autoptr (GDateTime) new_year = g_date_time_new_utc (2031, 1, 1, 0, 30, 0);
  g_autofree char *text
      = kh_person_text_last_seen (at_ms (2030, 12, 31, 23, 30), new_year);

  g_assert_cmpstr (text, ==, "Last seen yesterday at 23:30");
}

static void
test_status_says_what_matters_most (void)
{
  KhPersonFacts facts = somebody ();

  check_status (&facts, "Online");
  facts.state = KH_PERSON_CALLING;
  check_status (&facts, "Calling…");
  facts.state = KH_PERSON_PUNCHING;
  check_status (&facts, "Connecting…");
  facts.state = KH_PERSON_CONNECTED;
  facts.path = KH_PATH_PUNCHED;
  check_status (&facts, "Connected directly");
  facts.path = KH_PATH_LAN;
  check_status (&facts, "Connected on this network");
  facts.path = KH_PATH_IPV6;
  check_status (&facts, "Connected directly over IPv6");
  facts.path = KH_PATH_PREDICTED;
  check_status (&facts, "Connected directly (guessed port)");
  facts.path = KH_PATH_MAPPED;
  check_status (&facts, "Connected directly (open port)");
  facts.path = KH_PATH_RELAY;
  check_status (&facts, "Connected through the server");
  facts.announced_name = "Anna";
  check_status (&facts, "Connected through the server");
  facts.former_name = "Ann";
  check_status (&facts, "Is now called Anna");
  facts.state = KH_PERSON_REQUEST;
  check_status (&facts, "Wants to talk to you");
  facts.namesake = TRUE;
  check_status (&facts, "Not the Ann you know");
  facts.blocked = TRUE;
  check_status (&facts, "Blocked");
}

static void
test_a_change_of_name_is_told_of_who_is_no_contact (void)
{
  KhPersonFacts facts = somebody ();

  facts.former_name = "Bea";
  check_status (&facts, "Was called Bea before");
}

static void
test_what_waits_is_counted_while_away (void)
{
  KhPersonFacts facts = somebody ();

  facts.online = FALSE;
  facts.n_queued = 1;
  check_status (&facts, "1 message waits for their return");
  facts.n_queued = 3;
  check_status (&facts, "3 messages wait for their return");
  facts.online = TRUE;
  check_status (&facts, "Online");
}

static void
test_who_has_no_name_is_shown_by_the_id (void)
{
  KhPersonFacts facts = somebody ();
  g_autofree char *with = kh_person_text_name (&facts);
  g_autofree char *without = NULL;

  facts.name = "";
  facts.ambiguous = TRUE;
  without = kh_person_text_name (&facts);
  g_assert_cmpstr (with, ==, "Ann");
  g_assert_cmpstr (without, ==, "abcd2345");
  /* It is not said twice. */
  g_assert_null (kh_person_text_id (&facts));
}

static void
test_two_of_one_name_show_their_ids (void)
{
  KhPersonFacts facts = somebody ();

  g_assert_null (kh_person_text_id (&facts));
  facts.ambiguous = TRUE;
  g_assert_cmpstr (kh_person_text_id (&facts), ==, "abcd2345");
  facts.ambiguous = FALSE;
  facts.namesake = TRUE;
  g_assert_cmpstr (kh_person_text_id (&facts), ==, "abcd2345");
}

/* Only where a click would call. */
static void
test_what_to_expect_is_said_before_the_click (void)
{
  g_autoptr (GDateTime) today = now ();
  KhPersonFacts facts = somebody ();
  g_autofree char *read = NULL;
  g_autofree char *tooltip = NULL;
  g_autofree char *connected = NULL;
  g_autofree char *away = NULL;

  facts.nat_class = KH_NAT_KIND_PORT_RESTRICTED_CONE;
  facts.outlook = KH_OUTLOOK_LIKELY;
  check_status (&facts, "Online");
  check_line (&facts, "Online · Direct: very likely");
  read = kh_person_text_description (&facts, today);
  g_assert_cmpstr (read, ==, "Online, Direct connection: very likely");
  tooltip = kh_person_text_line_tooltip (&facts);
  g_assert_cmpstr (tooltip, ==,
                   "Direct connection: very likely\nTheir network: Ordinary router");
  facts.state = KH_PERSON_CONNECTED;
  facts.path = KH_PATH_PUNCHED;
  check_line (&facts, "Connected directly");
  g_assert_null (kh_person_text_line_tooltip (&facts));
  connected = kh_person_text_description (&facts, today);
  g_assert_cmpstr (connected, ==, "Connected directly");
  facts.state = KH_PERSON_IDLE;
  facts.blocked = TRUE;
  check_line (&facts, "Blocked");
  g_assert_null (kh_person_text_line_tooltip (&facts));
  facts.blocked = FALSE;
  facts.online = FALSE;
  check_line (&facts, "Not seen yet");
  away = kh_person_text_description (&facts, today);
  g_assert_cmpstr (away, ==, "Not seen yet");
}

static void
test_a_reader_hears_what_icons_say (void)
{
  g_autoptr (GDateTime) today = now ();
  KhPersonFacts facts = somebody ();
  g_autofree char *plain = kh_person_text_description (&facts, today);
  g_autofree char *full = NULL;

  facts.verified = TRUE;
  facts.muted = TRUE;
  facts.ambiguous = TRUE;
  facts.unread = 2;
  full = kh_person_text_description (&facts, today);
  g_assert_cmpstr (plain, ==, "Online");
  g_assert_cmpstr (full, ==, "Online, Verified, Muted, Identity abcd2345, 2 unread");
}

static void
test_icons_appear_where_they_mean_something (void)
{
  g_autofree char *relayed = NULL;
  KhPersonFacts facts = somebody ();

  g_assert_null (kh_person_text_path_icon (&facts));
  g_assert_null (kh_person_text_state_icon (&facts));
  g_assert_cmpstr (kh_person_text_presence (&facts), ==, "online");
  facts.state = KH_PERSON_CONNECTED;
  facts.path = KH_PATH_PUNCHED;
  g_assert_cmpstr (kh_person_text_path_icon (&facts), ==, "kh-direct-symbolic");
  g_assert_false (kh_person_text_is_relayed (&facts));
  facts.path = KH_PATH_RELAY;
  g_assert_cmpstr (kh_person_text_path_icon (&facts), ==, "kh-relay-symbolic");
  g_assert_true (kh_person_text_is_relayed (&facts));
  relayed = kh_person_text_path_tooltip (&facts);
  g_assert_cmpstr (relayed, ==,
                   "Connected through the server\n"
                   "Everything goes through the server, which can’t read it");
  g_assert_cmpstr (kh_person_text_presence (&facts), ==, "connected");
  facts.muted = TRUE;
  g_assert_nonnull (kh_person_text_state_icon (&facts));
  facts.state = KH_PERSON_CALLING;
  g_assert_cmpstr (kh_person_text_presence (&facts), ==, "busy");
  facts.state = KH_PERSON_IDLE;
  facts.online = FALSE;
  g_assert_cmpstr (kh_person_text_presence (&facts), ==, "offline");
}

static void
test_a_badge_has_three_characters_at_most (void)
{
  g_autofree char *none = kh_person_text_unread (0);
  g_autofree char *few = kh_person_text_unread (99);
  g_autofree char *many = kh_person_text_unread (100);

  g_assert_null (none);
  g_assert_cmpstr (few, ==, "99");
  g_assert_cmpstr (many, ==, "99+");
}

static void
test_initials_are_of_the_name_alone (void)
{
  static const char *const NAMES[][2] = { { "Bob", "Bob" },
                                          { "Bob (2)", "Bob" },
                                          { "Bob Ross (2)", "Bob Ross" },
                                          { "小明（2）", "小明" },
                                          { "(2)", "(2)" },
                                          { "", "" },
                                          { "Bob (2) b", "Bob (2) b" } };

  for (gsize i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      g_autofree char *initials = kh_person_text_initials (NAMES[i][0]);

      g_assert_cmpstr (initials, ==, NAMES[i][1]);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/person-text/last-seen-names-the-day", test_last_seen_names_the_day);
  g_test_add_func ("/person-text/yesterday-is-also-before-new-year",
                   test_yesterday_is_also_before_new_year);
  g_test_add_func ("/person-text/status-says-what-matters-most",
                   test_status_says_what_matters_most);
  g_test_add_func ("/person-text/what-to-expect-is-said-before-the-click",
                   test_what_to_expect_is_said_before_the_click);
  g_test_add_func ("/person-text/a-change-of-name-is-told-of-who-is-no-contact",
                   test_a_change_of_name_is_told_of_who_is_no_contact);
  g_test_add_func ("/person-text/what-waits-is-counted-while-away",
                   test_what_waits_is_counted_while_away);
  g_test_add_func ("/person-text/who-has-no-name-is-shown-by-the-id",
                   test_who_has_no_name_is_shown_by_the_id);
  g_test_add_func ("/person-text/two-of-one-name-show-their-ids",
                   test_two_of_one_name_show_their_ids);
  g_test_add_func ("/person-text/a-reader-hears-what-icons-say",
                   test_a_reader_hears_what_icons_say);
  g_test_add_func ("/person-text/icons-appear-where-they-mean-something",
                   test_icons_appear_where_they_mean_something);
  g_test_add_func ("/person-text/a-badge-has-three-characters-at-most",
                   test_a_badge_has_three_characters_at_most);
  g_test_add_func ("/person-text/initials-are-of-the-name-alone",
                   test_initials_are_of_the_name_alone);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sender that lies about what it offers: trees, numbers, and far too much of all.
 */
#include "hostile.h"

#include "store/transfers.h"

#include <string.h>

#define FILE KH_TREE_FILE
#define FOLDER KH_TREE_FOLDER

/* Of the largest tree: so many entries of so long names fit into what all may have. */
#define LARGEST_N KH_TREE_ENTRIES_MAX
#define LARGEST_NAME 255

static const Entry one_file[] = { { FILE, 0, 5, "note.txt" } };

/* An offer of @n files of which the page has only the first. */
static KhFrame
offer_of_many (Hostile *hostile, guint8 id, guint32 n)
{
  KhFrame frame = offer_of (hostile, id, id, one_file, 1);

  frame.offer.n_entries = n;
  frame.offer.n_files = n;
  return frame;
}

/* A page of @n entries of @len bytes each. */
static void
lie_page (Hostile *hostile, guint8 id, guint32 first, guint n, guint len)
{
  KhFrame frame = { .type = KH_FRAME_TREE, .tree.first = first };
  size_t page_len = 0;
  char name[LARGEST_NAME + 1];

  for (guint i = 0; i < n; i++)
    {
      memset (name, 'n', len);
      g_snprintf (name, sizeof name, "%08u", first + i);
      name[8] = 'n';
      page_len = kh_tree_write (&(KhTreeEntry){ .kind = FILE,
                                                .modified_ms = HOSTILE_TIME_MS,
                                                .name = { name, len } },
                                hostile->page, page_len);
      g_assert_cmpuint (page_len, >, 0);
    }
  memset (frame.tree.transfer, id, sizeof frame.tree.transfer);
  frame.tree.page = (KhTreePage){ hostile->page, page_len };
  lie (hostile, &frame);
}

/* The victim's transfers that the store knows; the victim is gone then. */
static GPtrArray *
close_and_list (Hostile *hostile, gint64 *n_entries)
{
  g_autofree char *folder = g_strdup (hostile->victim.folder);
  g_autoptr (KhFolderLock) lock = NULL;
  g_autoptr (KhStore) store = NULL;
  g_autoptr (GPtrArray) transfers = NULL;
  g_autoptr (GError) error = NULL;

  client_close (&hostile->victim);
  lock = kh_folder_lock_take (folder, "the test", &error);
  g_assert_no_error (error);
  store = kh_store_open (lock, &error);
  g_assert_no_error (error);
  transfers = kh_transfers_list (store, NULL, 0, 1000000, &error);
  g_assert_no_error (error);
  *n_entries = 0;
  for (guint i = 0; i < transfers->len; i++)
    {
      const KhStoredTransfer *transfer = g_ptr_array_index (transfers, i);
      g_autoptr (GPtrArray) entries
          = kh_entries_range (store, transfer->seq, 0, G_MAXINT, G_MAXSIZE, &error);

      g_assert_no_error (error);
      *n_entries += entries->len;
    }
  remove_folder (folder);
  return g_steal_pointer (&transfers);
}

/* --- Trees ---------------------------------------------------------------------------
 */

static void
test_a_million_entries_are_refused_at_once (Hostile *hostile,
                                            G_GNUC_UNUSED gconstpointer data)
{
  KhFrame frame = offer_of (hostile, 1, 1, one_file, 1);
  const uint8_t million[] = { 0x00, 0x0f, 0x42, 0x40 };
  uint8_t bytes[512];
  size_t len = kh_frame_write (&frame, bytes, sizeof bytes);

  hostile_connect (hostile);
  memcpy (bytes + 1 + KH_FRAME_ID_LEN + 4 + 1, million, sizeof million);
  lie_raw (hostile, bytes, len);
  expect_closed (hostile);
  expect_unharmed (hostile, "");
}

static void
send_more_than_announced (Hostile *hostile)
{
  KhFrame frame = offer_of_many (hostile, 1, 3);

  lie (hostile, &frame);
  hear (hostile, KH_FRAME_TREE_WANT);
  lie_page (hostile, 1, 1, 3, 10);
}

static void
send_another_page_than_wanted (Hostile *hostile)
{
  KhFrame frame = offer_of_many (hostile, 1, 10);

  lie (hostile, &frame);
  hear (hostile, KH_FRAME_TREE_WANT);
  lie_page (hostile, 1, 5, 1, 10);
}

static void
send_more_pages_than_wanted (Hostile *hostile)
{
  KhFrame frame = offer_of_many (hostile, 1, 100);

  lie (hostile, &frame);
  hear (hostile, KH_FRAME_TREE_WANT);
  for (guint i = 1; i < 50; i++)
    lie_page (hostile, 1, i, 1, 10);
}

static void
offer_more_in_the_first_page (Hostile *hostile)
{
  static const Entry two[] = { { FILE, 0, 5, "one" }, { FILE, 0, 5, "two" } };
  KhFrame frame = offer_of (hostile, 1, 1, two, 2);

  frame.offer.n_entries = 1;
  frame.offer.n_files = 1;
  lie (hostile, &frame);
}

static void
offer_an_id_twice (Hostile *hostile)
{
  for (uint32_t stream = 1; stream <= 2; stream++)
    {
      KhFrame frame = offer_of (hostile, 1, stream, one_file, 1);

      lie (hostile, &frame);
      if (stream == 1)
        hear (hostile, KH_FRAME_REPLY);
    }
}

static void
offer_over_one_stream_twice (Hostile *hostile)
{
  hostile->victim.client->consent = KH_CONSENT_ASK;
  for (guint8 id = 1; id <= 2; id++)
    {
      KhFrame frame = offer_of (hostile, id, 1, one_file, 1);

      lie (hostile, &frame);
    }
}

static void
offer_what_the_victim_sends (Hostile *hostile)
{
  g_autofree char *path = g_build_filename (hostile->save, "own.txt", NULL);
  const char *paths[] = { path, NULL };
  KhFrame frame;
  KhItemId id;

  g_assert_true (
      kh_client_send (hostile->victim.client, &hostile->liar.id, paths, &id, NULL));
  hear (hostile, KH_FRAME_OFFER);
  frame = offer_of (hostile, 1, 1, one_file, 1);
  memcpy (frame.offer.transfer, id.bytes, sizeof id.bytes);
  lie (hostile, &frame);
}

typedef void (*Lie) (Hostile *hostile);

/* Each in its own world: what is unfinished goes on over the next channel. */
static void
test_breaks_a_rule (Hostile *hostile, Lie break_it)
{
  hostile_connect (hostile);
  break_it (hostile);
  expect_closed (hostile);
  expect_unharmed (hostile, "");
}

#define BREAKS(lie)                                                                      \
  static void test_##lie (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)            \
  {                                                                                      \
    test_breaks_a_rule (hostile, lie);                                                   \
  }

BREAKS (send_more_than_announced)
BREAKS (send_another_page_than_wanted)
BREAKS (send_more_pages_than_wanted)
BREAKS (offer_more_in_the_first_page)
BREAKS (offer_an_id_twice)
BREAKS (offer_over_one_stream_twice)
BREAKS (offer_what_the_victim_sends)

/* Nothing is kept of what could never be taken. */
static void
test_numbers_that_do_not_add_up_end_it (Hostile *hostile,
                                        G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GPtrArray) transfers = NULL;
  gint64 n_entries;

  hostile_connect (hostile);
  for (guint8 id = 1; id <= 3; id++)
    {
      KhFrame frame = offer_of (hostile, id, id, one_file, 1);

      frame.offer.n_files = id == 1 ? 0 : 1;
      frame.offer.total = id == 2 ? 4 : id == 3 ? KH_FRAME_SIZE_MAX : 5;
      lie (hostile, &frame);
      expect_failed (hostile, KH_FRAME_STATUS_SIZE_DIFFERS);
    }
  expect_talking (hostile);
  expect_unharmed (hostile, "");
  transfers = close_and_list (hostile, &n_entries);
  g_assert_cmpuint (transfers->len, ==, 0);
}

/* A person can end what waits for a tree for ever. */
static void
test_a_tree_that_never_comes_can_be_cancelled (Hostile *hostile,
                                               G_GNUC_UNUSED gconstpointer data)
{
  KhFrame frame = offer_of_many (hostile, 1, 10);
  g_autoptr (Seen) ended = NULL;
  g_autoptr (GPtrArray) transfers = NULL;
  KhItemId id;
  gint64 n_entries;

  hostile_connect (hostile);
  lie (hostile, &frame);
  hear (hostile, KH_FRAME_TREE_WANT);
  lie_page (hostile, 1, 1, 5, 10);
  expect_talking (hostile);
  memcpy (id.bytes, frame.offer.transfer, sizeof id.bytes);
  g_assert_true (kh_client_cancel_transfer (hostile->victim.client, &hostile->liar.id,
                                            &id, TRUE, NULL));
  ended = wait_for (&hostile->victim, KH_EVENT_TRANSFER_ENDED);
  g_assert_cmpint (ended->event.transfer_end, ==, KH_TRANSFER_END_CANCELLED);
  frame = hear (hostile, KH_FRAME_CANCEL);
  lie_page (hostile, 1, 6, 1, 10);
  expect_talking (hostile);
  transfers = close_and_list (hostile, &n_entries);
  g_assert_cmpuint (transfers->len, ==, 1);
  g_assert_cmpint (n_entries, <=, 6);
}

static void
test_the_largest_tree_takes_little_memory (Hostile *hostile,
                                           G_GNUC_UNUSED gconstpointer data)
{
  const guint a_page = KH_TREE_PAGE_MAX / KH_TREE_ENTRY_MAX;
  KhFrame frame = offer_of_many (hostile, 1, LARGEST_N);
  g_autoptr (GPtrArray) transfers = NULL;
  gint64 n_entries;
  gsize before;
  gsize most = 0;

  hostile_connect (hostile);
  before = resident_bytes ();
  lie (hostile, &frame);
  for (guint32 at = 1; at < LARGEST_N;)
    {
      frame = hear (hostile, KH_FRAME_TREE_WANT);
      for (guint i = 0; i < KH_LIVE_TREE_PAGES && at < LARGEST_N; i++)
        {
          guint n = MIN (a_page, LARGEST_N - at);

          lie_page (hostile, 1, at, n, LARGEST_NAME);
          at += n;
        }
      most = MAX (most, resident_bytes ());
    }
  hear (hostile, KH_FRAME_WANT);
  most = MAX (most, resident_bytes ());
  g_assert_cmpuint (most, <, before + HOSTILE_MEMORY_MAX);
  lie_cancel (hostile, 1, KH_FRAME_STATUS_CANCELLED);
  wait_past (&hostile->victim, KH_EVENT_TRANSFER_ENDED);
  expect_talking (hostile);
  expect_unharmed (hostile, "");
  transfers = close_and_list (hostile, &n_entries);
  g_assert_cmpint (n_entries, <=, 1000);
}

/* --- Too much of it ------------------------------------------------------------------
 */

/* Each is declined that is one too many; those before wait for an answer. */
static void
test_unanswered_offers_are_bounded (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  const guint n_most = 64;
  const guint n = 200;

  hostile_connect (hostile);
  hostile->victim.client->consent = KH_CONSENT_ASK;
  for (guint i = 1; i <= n; i++)
    {
      KhFrame frame = offer_of (hostile, (guint8)i, i, one_file, 1);

      lie (hostile, &frame);
      if (i % (n_most / 2) == 0)
        expect_talking (hostile);
    }
  expect_talking (hostile);
  g_assert_cmpuint (count_seen (&hostile->victim, KH_EVENT_OFFER), ==, n_most);
  for (guint i = 0; i < n - n_most; i++)
    g_assert_cmpint (hear (hostile, KH_FRAME_REPLY).reply.verdict, ==, KH_FRAME_DECLINE);
  expect_unharmed (hostile, "");
}

static void
test_offers_taken_back_leave_nothing (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GPtrArray) transfers = NULL;
  gint64 n_entries;

  hostile_connect (hostile);
  hostile->victim.client->consent = KH_CONSENT_ASK;
  for (guint i = 1; i <= 200; i++)
    {
      KhFrame frame = offer_of (hostile, (guint8)i, i, one_file, 1);

      lie (hostile, &frame);
      wait_past (&hostile->victim, KH_EVENT_OFFER);
      lie_cancel (hostile, (guint8)i, i % 2 == 0 ? KH_FRAME_STATUS_CANCELLED : 200);
      wait_past (&hostile->victim, KH_EVENT_TRANSFER_ENDED);
    }
  expect_talking (hostile);
  transfers = close_and_list (hostile, &n_entries);
  g_assert_cmpuint (transfers->len, ==, 0);
}

static void
test_offers_to_who_takes_none_leave_nothing (Hostile *hostile,
                                             G_GNUC_UNUSED gconstpointer data)
{
  g_autoptr (GPtrArray) transfers = NULL;
  gint64 n_entries;

  hostile_connect (hostile);
  hostile->victim.client->consent = KH_CONSENT_NONE;
  for (guint i = 1; i <= 200; i++)
    {
      KhFrame frame = offer_of_many (hostile, (guint8)i, LARGEST_N);

      lie (hostile, &frame);
      g_assert_cmpint (hear (hostile, KH_FRAME_REPLY).reply.verdict, ==,
                       KH_FRAME_DECLINE);
    }
  g_assert_cmpuint (count_heard (KH_FRAME_TREE_WANT), ==, 0);
  g_assert_cmpuint (count_seen (&hostile->victim, KH_EVENT_OFFER), ==, 0);
  transfers = close_and_list (hostile, &n_entries);
  g_assert_cmpuint (transfers->len, ==, 0);
}

/* Who never sends what was accepted, over one channel after the other. */
static void
test_open_transfers_are_bounded (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  guint n = 0;

  for (guint channel = 0; channel < 3; channel++)
    {
      hostile_connect (hostile);
      for (guint stream = 1; stream <= KH_CHANNEL_STREAMS; stream++)
        {
          KhFrame frame = offer_of (hostile, (guint8)++n, stream, one_file, 1);

          lie (hostile, &frame);
          frame = hear (hostile, KH_FRAME_REPLY);
          g_assert_cmpint (frame.reply.verdict, ==,
                           n <= 2 * KH_CHANNEL_STREAMS ? KH_FRAME_ACCEPT
                                                       : KH_FRAME_DECLINE);
        }
      expect_talking (hostile);
      kh_client_hang_up (hostile->liar.client, &hostile->victim.id);
      wait_past (&hostile->victim, KH_EVENT_DISCONNECTED);
      wait_past (&hostile->liar, KH_EVENT_DISCONNECTED);
    }
  expect_unharmed (hostile, "");
}

static void
test_entries_of_open_transfers_are_bounded (Hostile *hostile,
                                            G_GNUC_UNUSED gconstpointer data)
{
  hostile_connect (hostile);
  for (guint8 id = 1; id <= 4; id++)
    {
      KhFrame frame = offer_of_many (hostile, id, LARGEST_N);

      lie (hostile, &frame);
      hear (hostile, KH_FRAME_TREE_WANT);
    }
  for (guint8 id = 5; id <= 8; id++)
    {
      KhFrame frame = offer_of_many (hostile, id, 10);

      lie (hostile, &frame);
      expect_failed (hostile, KH_FRAME_STATUS_OVER_QUOTA);
    }
  expect_talking (hostile);
}

/* --- Floods --------------------------------------------------------------------------
 */

#define FLOOD 50000

/* The disk is slow: what waits for it has a bound, at which the channel ends. */
static void
flood (Hostile *hostile, KhFrame *one, KhFrame *other)
{
  gsize before = resident_bytes ();
  gsize most = before;

  hostile_hold_disk (hostile);
  for (guint i = 0; i < FLOOD; i++)
    {
      if (!lie (hostile, i % 2 == 0 ? one : other))
        break;
      if (i % 1024 == 0)
        most = MAX (most, resident_bytes ());
    }
  expect_closed (hostile);
  most = MAX (most, resident_bytes ());
  g_assert_cmpuint (most, <, before + HOSTILE_MEMORY_MAX);
  expect_unharmed (hostile, "");
}

static void
test_pauses_without_end (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  KhFrame on = { .type = KH_FRAME_PAUSE, .pause.paused = 1 };
  KhFrame off = { .type = KH_FRAME_PAUSE };

  hostile_connect (hostile);
  offer_and_hear_want (hostile, 1, 1, one_file, 1);
  memset (on.pause.transfer, 1, sizeof on.pause.transfer);
  memset (off.pause.transfer, 1, sizeof off.pause.transfer);
  flood (hostile, &on, &off);
}

/* The same file begins again and again, as another one. */
static void
test_restarts_without_end (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  KhFrame one = { .type = KH_FRAME_FILE_BEGIN, .file = { .stream = 1, .size = 7 } };
  KhFrame other = { .type = KH_FRAME_FILE_BEGIN,
                    .file = { .stream = 1, .modified_ms = UINT64_MAX } };

  hostile_connect (hostile);
  offer_and_hear_want (hostile, 1, 1, one_file, 1);
  flood (hostile, &one, &other);
}

static void
test_retries_without_end (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  KhFrame one = { .type = KH_FRAME_RETRY, .retry = { 1 } };
  KhFrame other = { .type = KH_FRAME_RETRY, .retry = { 2 } };

  hostile_connect (hostile);
  flood (hostile, &one, &other);
}

/* What grows too much is left out, and the transfer goes on without it. */
static void
test_growth_is_bounded (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  static const Entry two[] = { { FILE, 0, 5, "one" }, { FILE, 0, 5, "two" } };
  KhFrame begin
      = { .type = KH_FRAME_FILE_BEGIN, .file = { .stream = 1, .size = 6 + (64u << 20) } };
  g_autoptr (Seen) failed = NULL;
  g_autoptr (Seen) ended = NULL;

  hostile_connect (hostile);
  offer_and_hear_want (hostile, 1, 1, two, 2);
  lie (hostile, &begin);
  lie_piece (hostile, 1, 0, 0, "hello, world");
  lie_end (hostile, 1, 0, begin.file.size, KH_FRAME_STATUS_COMPLETE);
  failed = wait_for (&hostile->victim, KH_EVENT_FILE_FAILED);
  g_assert_cmpint (failed->event.status, ==, KH_FRAME_STATUS_GREW);
  g_assert_cmpint (hear (hostile, KH_FRAME_FILE_FAILED).file.status, ==,
                   KH_FRAME_STATUS_GREW);
  lie_file (hostile, 1, 1, "hello");
  ended = wait_for (&hostile->victim, KH_EVENT_TRANSFER_ENDED);
  g_assert_cmpuint (ended->event.n_failed, ==, 1);
  g_assert_cmpuint (ended->event.n_files, ==, 1);
  expect_unharmed (hostile, "two");
}

/* More results at once than a channel takes of anything else. */
static void
test_hundreds_of_failures_are_told (Hostile *hostile, G_GNUC_UNUSED gconstpointer data)
{
  const guint n = 1000;
  KhFrame frame = offer_of_many (hostile, 1, n);
  g_autoptr (Seen) ended = NULL;

  frame.offer.total = 0;
  hostile->page[9] = 0;
  hostile_connect (hostile);
  lie (hostile, &frame);
  hear (hostile, KH_FRAME_TREE_WANT);
  for (guint i = 1; i < n; i += 100)
    lie_page (hostile, 1, i, MIN (100, n - i), 20);
  for (guint at = 0; at < n;)
    {
      frame = hear (hostile, KH_FRAME_WANT);
      for (guint i = 0; i < frame.run.n; i++, at++)
        lie_end (hostile, 1, frame.run.first + i, 0, KH_FRAME_STATUS_UNREADABLE);
    }
  ended = wait_for (&hostile->victim, KH_EVENT_TRANSFER_ENDED);
  g_assert_cmpuint (ended->event.n_failed, ==, n);
  expect_talking (hostile);
  g_assert_cmpuint (count_heard (KH_FRAME_FILE_FAILED), ==, n);
}

int
main (int argc, char *argv[])
{
#define ADD(path, test)                                                                  \
  g_test_add ("/hostile-offers/" path, Hostile, GUINT_TO_POINTER (KH_CONSENT_ALL),       \
              hostile_set_up, test, hostile_tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("a-million-entries-are-refused-at-once",
       test_a_million_entries_are_refused_at_once);
  ADD ("more-than-announced-ends-the-channel", test_send_more_than_announced);
  ADD ("another-page-ends-the-channel", test_send_another_page_than_wanted);
  ADD ("more-pages-end-the-channel", test_send_more_pages_than_wanted);
  ADD ("more-in-the-first-page-ends-the-channel", test_offer_more_in_the_first_page);
  ADD ("an-id-twice-ends-the-channel", test_offer_an_id_twice);
  ADD ("a-stream-twice-ends-the-channel", test_offer_over_one_stream_twice);
  ADD ("what-the-victim-sends-ends-the-channel", test_offer_what_the_victim_sends);
  ADD ("numbers-that-do-not-add-up-end-it", test_numbers_that_do_not_add_up_end_it);
  ADD ("a-tree-that-never-comes-can-be-cancelled",
       test_a_tree_that_never_comes_can_be_cancelled);
  ADD ("the-largest-tree-takes-little-memory", test_the_largest_tree_takes_little_memory);
  ADD ("unanswered-ones-are-bounded", test_unanswered_offers_are_bounded);
  ADD ("taken-back-they-leave-nothing", test_offers_taken_back_leave_nothing);
  ADD ("to-who-takes-none-they-leave-nothing",
       test_offers_to_who_takes_none_leave_nothing);
  ADD ("open-ones-are-bounded", test_open_transfers_are_bounded);
  ADD ("entries-of-open-ones-are-bounded", test_entries_of_open_transfers_are_bounded);
  ADD ("pauses-without-end", test_pauses_without_end);
  ADD ("restarts-without-end", test_restarts_without_end);
  ADD ("retries-without-end", test_retries_without_end);
  ADD ("growth-is-bounded", test_growth_is_bounded);
  ADD ("hundreds-of-failures-are-told", test_hundreds_of_failures_are_told);
#undef ADD
  return g_test_run ();
}

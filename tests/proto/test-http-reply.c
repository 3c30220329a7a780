/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/http-reply.h"

#include <glib.h>
#include <string.h>

#define ROOM 64

typedef struct
{
  KhHttpReply reply;
  guint8 body[ROOM];
} World;

/* All of @text, @step bytes at a time, and then the end. */
static void
receive (World *world, const char *text, gsize step, gboolean ends)
{
  gsize len = strlen (text);

  kh_http_reply_init (&world->reply, world->body, ROOM);
  for (gsize at = 0; at < len; at += step)
    kh_http_reply_receive (&world->reply, text + at, MIN (step, len - at));
  if (ends)
    kh_http_reply_end (&world->reply);
}

/* However the bytes come. */
static void
expect (const char *text, gboolean ends, guint status, const char *body)
{
  for (gsize step = 1; step <= strlen (text); step++)
    {
      World world;

      receive (&world, text, step, ends);
      g_assert_cmpint (world.reply.state, ==, KH_HTTP_REPLY_DONE);
      g_assert_cmpuint (world.reply.status, ==, status);
      g_assert_cmpmem (world.body, world.reply.body_len, body, strlen (body));
    }
}

static void
expect_failure (const char *text, gboolean ends)
{
  World world;

  receive (&world, text, 1, ends);
  g_assert_cmpint (world.reply.state, ==, KH_HTTP_REPLY_FAILED);
  receive (&world, text, strlen (text), ends);
  g_assert_cmpint (world.reply.state, ==, KH_HTTP_REPLY_FAILED);
}

static void
test_a_body_of_known_length (void)
{
  expect ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", FALSE, 200, "hello");
  expect ("HTTP/1.0 500 No\nCONTENT-LENGTH:3\n\nbad and more", FALSE, 500, "bad");
  expect ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", FALSE, 200, "");
}

static void
test_a_body_up_to_the_end (void)
{
  expect ("HTTP/1.1 200 OK\r\nServer: x\r\n\r\nhello", TRUE, 200, "hello");
}

static void
test_a_body_in_chunks (void)
{
  expect ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 999\r\n\r\n"
          "5;a=b\r\nhello\r\n00A\r\n, 0 world!\r\n0\r\nX: y\r\n\r\n",
          FALSE, 200, "hello, 0 world!");
}

static void
test_what_comes_before_the_answer_is_no_answer (void)
{
  expect ("HTTP/1.1 100 Continue\r\nContent-Length: 9\r\n\r\n"
          "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
          FALSE, 200, "ok");
}

static void
test_an_answer_that_is_cut_off_is_none (void)
{
  static const char whole[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

  for (gsize len = 1; len < sizeof whole - 1; len++)
    {
      g_autofree char *cut = g_strndup (whole, len);

      expect_failure (cut, TRUE);
    }
  expect_failure ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
                  TRUE);
}

static void
test_what_is_no_http_fails (void)
{
  expect_failure ("SSH-2.0-OpenSSH\r\n", FALSE);
  expect_failure ("HTTP/2 200\r\n", FALSE);
  expect_failure ("HTTP/1.1 99 x\r\n", FALSE);
  expect_failure ("HTTP/1.1 abc\r\n", FALSE);
  expect_failure ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", FALSE);
  expect_failure ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", FALSE);
  expect_failure ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
                  FALSE);
}

static void
test_what_is_too_large_fails_at_once (void)
{
  expect_failure ("HTTP/1.1 200 OK\r\nContent-Length: 65\r\n\r\n", FALSE);
  expect_failure ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
                  FALSE);
  expect_failure ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n41\r\n", FALSE);
  expect_failure ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "ffffffffffffffffffff\r\n",
                  FALSE);
}

/* Whatever a router repeats for ever, it ends. */
static void
test_nothing_lasts_for_ever (void)
{
  static const struct
  {
    const char *before;
    const char *again;
  } CASES[] = {
    { "", "x" },
    { "HTTP/1.1 200 OK\r\n", "A: b\r\n" },
    { "HTTP/1.1 200 OK\r\n", "x" },
    { "", "HTTP/1.1 100 Continue\r\n\r\n" },
    { "HTTP/1.1 200 OK\r\n\r\n", "x" },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n" },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n" },
    { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "0" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (CASES); i++)
    {
      World world;
      guint n = 0;

      receive (&world, CASES[i].before, 1, FALSE);
      for (; n <= KH_HTTP_REPLY_HEAD_MAX; n++)
        kh_http_reply_receive (&world.reply, CASES[i].again, strlen (CASES[i].again));
      g_assert_cmpint (world.reply.state, ==, KH_HTTP_REPLY_FAILED);
      g_assert_cmpuint (world.reply.body_len, <=, ROOM);
    }
}

/* Final states are final, and the room is never left. */
static void
test_any_bytes (void)
{
  static const char *const words[] = { "HTTP/1.1 200 OK\r\n",
                                       "HTTP/1.1 100 C\r\n",
                                       "Content-Length: 7\r\n",
                                       "Transfer-Encoding: chunked\r\n",
                                       "\r\n",
                                       "4\r\n",
                                       "abcd",
                                       "0\r\n",
                                       "zz\r\n" };

  for (guint run = 0; run < 3000; run++)
    {
      World world;
      KhHttpReplyState final = KH_HTTP_REPLY_STATUS;

      memset (world.body, 0xaa, ROOM);
      kh_http_reply_init (&world.reply, world.body, ROOM / 2);
      for (guint step = 0; step < 30; step++)
        {
          const char *word = words[g_test_rand_int_range (0, G_N_ELEMENTS (words))];

          if (g_test_rand_int_range (0, 20) == 0)
            kh_http_reply_end (&world.reply);
          else
            kh_http_reply_receive (&world.reply, word, strlen (word));
          if (final >= KH_HTTP_REPLY_DONE)
            g_assert_cmpint (world.reply.state, ==, final);
          final = world.reply.state;
          g_assert_cmpuint (world.reply.body_len, <=, ROOM / 2);
        }
      for (guint i = ROOM / 2; i < ROOM; i++)
        g_assert_cmpint (world.body[i], ==, 0xaa);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http-reply/a-body-of-known-length", test_a_body_of_known_length);
  g_test_add_func ("/http-reply/a-body-up-to-the-end", test_a_body_up_to_the_end);
  g_test_add_func ("/http-reply/a-body-in-chunks", test_a_body_in_chunks);
  g_test_add_func ("/http-reply/what-comes-before-the-answer-is-no-answer",
                   test_what_comes_before_the_answer_is_no_answer);
  g_test_add_func ("/http-reply/an-answer-that-is-cut-off-is-none",
                   test_an_answer_that_is_cut_off_is_none);
  g_test_add_func ("/http-reply/what-is-no-http-fails", test_what_is_no_http_fails);
  g_test_add_func ("/http-reply/what-is-too-large-fails-at-once",
                   test_what_is_too_large_fails_at_once);
  g_test_add_func ("/http-reply/nothing-lasts-for-ever", test_nothing_lasts_for_ever);
  g_test_add_func ("/http-reply/any-bytes", test_any_bytes);
  return g_test_run ();
}

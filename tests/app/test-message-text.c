/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/message-text.h"

#include <string.h>

static void
assert_markup (const char *text, const char *wanted)
{
  g_autofree char *markup = kh_message_text_to_markup (text);

  g_assert_cmpstr (markup, ==, wanted);
}

/* @text has this one link. */
static void
assert_link (const char *text, const char *link)
{
  g_autofree char *markup = kh_message_text_to_markup (text);
  g_autofree char *escaped = g_markup_escape_text (link, -1);
  g_autofree char *wanted = g_strdup_printf ("<a href=\"%s\">%s</a>", escaped, escaped);

  g_assert_nonnull (strstr (markup, wanted));
}

static void
assert_no_link (const char *text)
{
  g_autofree char *markup = kh_message_text_to_markup (text);

  g_assert_null (strstr (markup, "<a "));
}

static void
test_everything_is_escaped (void)
{
  assert_markup ("<b>&amp; \"x\" 'y'", "&lt;b&gt;&amp;amp; &quot;x&quot; &apos;y&apos;");
  assert_markup (
      "<a href=\"http://a.b\">c</a>",
      "&lt;a href=&quot;<a href=\"http://a.b\">http://a.b</a>&quot;&gt;c&lt;/a&gt;");
  assert_markup (
      "http://a.b/?x=1&y='2",
      "<a href=\"http://a.b/?x=1&amp;y=&apos;2\">http://a.b/?x=1&amp;y=&apos;2</a>");
}

static void
test_links_of_four_kinds (void)
{
  assert_link ("see https://example.org/a?b=c#d now", "https://example.org/a?b=c#d");
  assert_link ("HTTP://EXAMPLE.ORG", "HTTP://EXAMPLE.ORG");
  assert_link ("to mailto:a@b.org,", "mailto:a@b.org");
  assert_link ("knothole://host:7470/abc#room=x", "knothole://host:7470/abc#room=x");
  assert_link ("[::1] http://[::1]:80/", "http://[::1]:80/");
}

static void
test_nothing_else_is_a_link (void)
{
  assert_no_link ("javascript:alert(1) file:///etc/passwd data:text/html,x ftp://a.b");
  assert_no_link ("http:// https:// mailto: mailto:nobody knothole:");
  assert_no_link ("xhttp://a.b 1https://a.b");
  assert_no_link ("http:///path http://:80/");
  /* Made to look like the bank's. */
  assert_no_link ("https://bank.example@evil.example/");
}

static void
test_punctuation_is_the_sentences (void)
{
  assert_link ("(https://a.org/b_(c)).", "https://a.org/b_(c)");
  assert_link ("https://a.org/b_(c)", "https://a.org/b_(c)");
  assert_link ("Is it https://a.org/b?!…", "https://a.org/b");
  assert_link ("“https://a.org/b”", "https://a.org/b");
  assert_link ("看 https://a.org/b。好", "https://a.org/b");
  assert_link ("[https://a.org/x]", "https://a.org/x");
}

/* A right-to-left override or a space that can't be seen would show another address. */
static void
test_links_end_where_something_invisible_begins (void)
{
  assert_link ("https://a.org/\u202Egnp.exe", "https://a.org/");
  assert_link ("https://a.org\u200B.evil.org", "https://a.org");
  assert_link ("https://a.org/\u2066x", "https://a.org/");
  assert_link ("https://a.org/\u00ADx", "https://a.org/");
}

static void
test_a_host_of_other_letters_is_shown_as_asked_for (void)
{
  assert_markup ("https://аррӏе.com/x",
                 "<a href=\"https://аррӏе.com/x\">https://аррӏе.com/x</a>"
                 " (xn--80ak6aa92e.com)");
  assert_link ("https://a.org/привет", "https://a.org/привет");
}

static void
take_text (GMarkupParseContext *context, const char *text, gsize len, gpointer data,
           GError **error)
{
  g_string_append_len (data, text, (gssize)len);
}

/* Whatever comes, what GTK gets can be read as markup and says the same, but for the
 * hosts that a link really asks for. */
static void
test_any_text_stays_the_same (void)
{
  static const char *const PIECES[]
      = { "http://",   "a",      ".", "<",  ">",          "&",        "\"", "'",
          "é",         "\u202E", " ", "\n", "mailto:",    "@",        "(",  ")",
          "knothole:", "/",      "?", "х",  "\U0001F600", "https://a" };

  for (guint round = 0; round < 3000; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autofree char *markup = NULL;
      g_autofree char *document = NULL;
      g_autoptr (GMarkupParseContext) context = NULL;
      g_autoptr (GString) said = g_string_new (NULL);
      GMarkupParser parser = { .text = take_text };
      int n = g_test_rand_int_range (0, 20);

      for (int i = 0; i < n; i++)
        g_string_append (
            text, PIECES[g_test_rand_int_range (0, (gint32)G_N_ELEMENTS (PIECES))]);
      markup = kh_message_text_to_markup (text->str);
      document = g_strdup_printf ("<markup>%s</markup>", markup);
      context = g_markup_parse_context_new (&parser, 0, said, NULL);
      g_assert_true (g_markup_parse_context_parse (context, document, -1, NULL));
      g_assert_true (g_markup_parse_context_end_parse (context, NULL));
      if (strstr (markup, "xn--") == NULL)
        g_assert_cmpstr (said->str, ==, text->str);
    }
}

static void
test_only_long_ones_are_folded (void)
{
  g_autofree char *word = g_strnfill (32768, 'x');
  g_autofree char *nearly = g_strnfill (KH_MESSAGE_TEXT_FOLD_CHARS + 100, 'x');
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (GString) wide = g_string_new (NULL);
  gsize len;

  g_assert_cmpuint (kh_message_text_fold ("short"), ==, 5);
  g_assert_cmpuint (kh_message_text_fold (word), ==, KH_MESSAGE_TEXT_FOLD_CHARS);
  g_assert_cmpuint (kh_message_text_fold (nearly), ==, strlen (nearly));
  for (guint i = 0; i < 500; i++)
    g_string_append (lines, "a\n");
  g_assert_cmpuint (kh_message_text_fold (lines->str), ==,
                    KH_MESSAGE_TEXT_FOLD_LINES * 2 - 1);
  for (guint i = 0; i < 5000; i++)
    g_string_append (wide, "字");
  len = kh_message_text_fold (wide->str);
  g_assert_cmpuint (len, ==, KH_MESSAGE_TEXT_FOLD_CHARS * strlen ("字"));
  g_assert_true (g_utf8_validate (wide->str, (gssize)len, NULL));
}

static void
test_emoji_alone (void)
{
  g_assert_true (kh_message_text_is_emoji ("😀"));
  g_assert_true (kh_message_text_is_emoji ("👍🏽 ❤️"));
  g_assert_true (kh_message_text_is_emoji ("👨‍👩‍👧"));
  g_assert_true (kh_message_text_is_emoji ("🇩🇪🇫🇷"));
  g_assert_false (kh_message_text_is_emoji ("😀😀😀😀"));
  g_assert_false (kh_message_text_is_emoji ("ok 😀"));
  g_assert_false (kh_message_text_is_emoji (""));
  g_assert_false (kh_message_text_is_emoji (" "));
  g_assert_false (kh_message_text_is_emoji ("12"));
  g_assert_false (kh_message_text_is_emoji ("🇩"));
}

static void
assert_preview (const char *text, gsize max_chars, const char *wanted)
{
  g_autofree char *preview = kh_message_text_preview (text, max_chars);

  g_assert_cmpstr (preview, ==, wanted);
}

static void
test_previews_are_one_line (void)
{
  assert_preview ("  a\n\n b\tc ", 20, "a b c");
  assert_preview ("abcdef", 3, "abc…");
  assert_preview ("abc", 3, "abc");
  assert_preview ("äöü ß", 4, "äöü…");
  assert_preview ("\n", 4, "");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/message-text/everything-is-escaped", test_everything_is_escaped);
  g_test_add_func ("/message-text/links-of-four-kinds", test_links_of_four_kinds);
  g_test_add_func ("/message-text/nothing-else-is-a-link", test_nothing_else_is_a_link);
  g_test_add_func ("/message-text/punctuation-is-the-sentences",
                   test_punctuation_is_the_sentences);
  g_test_add_func ("/message-text/links-end-where-something-invisible-begins",
                   test_links_end_where_something_invisible_begins);
  g_test_add_func ("/message-text/a-host-of-other-letters-is-shown-as-asked-for",
                   test_a_host_of_other_letters_is_shown_as_asked_for);
  g_test_add_func ("/message-text/any-text-stays-the-same", test_any_text_stays_the_same);
  g_test_add_func ("/message-text/only-long-ones-are-folded",
                   test_only_long_ones_are_folded);
  g_test_add_func ("/message-text/emoji-alone", test_emoji_alone);
  g_test_add_func ("/message-text/previews-are-one-line", test_previews_are_one_line);
  return g_test_run ();
}

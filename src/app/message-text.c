/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/message-text.h"

#include <gio/gio.h>
#include <string.h>

#define EMOJI_MAX 3

static const char *const SCHEMES[] = { "https://", "http://", "mailto:", "knothole:" };

/* What can't be seen, or turns the direction of what follows: no link goes across it. */
static gboolean
is_invisible (gunichar c)
{
  return g_unichar_iscntrl (c) || g_unichar_type (c) == G_UNICODE_FORMAT
         || g_unichar_iszerowidth (c);
}

/* 、。」』！），：；？: where these are written no space follows. */
static gboolean
is_wide_punctuation (gunichar c)
{
  switch (c)
    {
    case 0x3001:
    case 0x3002:
    case 0x300D:
    case 0x300F:
    case 0xFF01:
    case 0xFF09:
    case 0xFF0C:
    case 0xFF1A:
    case 0xFF1B:
    case 0xFF1F:
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
ends_link (gunichar c)
{
  return g_unichar_isspace (c) || is_invisible (c) || is_wide_punctuation (c)
         || (c < 128 && strchr ("<>\"`{}|\\^", (int)c) != NULL);
}

/* The sentence's, not the link's. */
static gboolean
is_punctuation (gunichar c)
{
  return (c < 128 && strchr (".,;:!?'*_~", (int)c) != NULL) || c == 0x2019 /* ’ */
         || c == 0x201D /* ” */ || c == 0x2026 /* … */;
}

static gsize
count_char (const char *text, gsize len, char c)
{
  gsize n = 0;

  for (gsize i = 0; i < len; i++)
    n += text[i] == c;
  return n;
}

/* A bracket that was not opened inside the link closes something around it. */
static gboolean
closes_outside (const char *text, gsize len)
{
  switch (text[len - 1])
    {
    case ')':
      return count_char (text, len, ')') > count_char (text, len, '(');
    case ']':
      return count_char (text, len, ']') > count_char (text, len, '[');
    default:
      return FALSE;
    }
}

static gsize
drop_punctuation (const char *text, gsize len)
{
  while (len > 0)
    {
      const char *last = g_utf8_find_prev_char (text, text + len);

      if (!is_punctuation (g_utf8_get_char (last)) && !closes_outside (text, len))
        return len;
      len = (gsize)(last - text);
    }
  return 0;
}

static const char *
scheme_at (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (SCHEMES); i++)
    if (g_ascii_strncasecmp (text, SCHEMES[i], strlen (SCHEMES[i])) == 0)
      return SCHEMES[i];
  return NULL;
}

/* The host of an address that begins with @scheme; FALSE where it has none, or a name of
 * a user in front of it, which is there to be taken for the host. */
static gboolean
find_host (const char *link, gsize len, const char *scheme, char **host)
{
  const char *begin = link + strlen (scheme);
  const char *end = link + len;
  const char *stop = begin;

  while (stop < end && strchr ("/?#", *stop) == NULL)
    stop++;
  if (memchr (begin, '@', (gsize)(stop - begin)) != NULL)
    return FALSE;
  while (stop > begin && g_ascii_isdigit (stop[-1]))
    stop--;
  if (stop > begin && stop[-1] == ':')
    stop--;
  else
    while (stop < end && g_ascii_isdigit (*stop))
      stop++;
  *host = g_strndup (begin, (gsize)(stop - begin));
  return **host != '\0';
}

/* Bytes of the link at @text; 0: there is none. @warning: what is really asked for, where
 * that is not what one sees. */
static gsize
link_len (const char *text, char **warning)
{
  const char *scheme = scheme_at (text);
  const char *end = text;
  g_autofree char *host = NULL;
  gsize len;

  if (scheme == NULL)
    return 0;
  while (*end != '\0' && !ends_link (g_utf8_get_char (end)))
    end = g_utf8_next_char (end);
  len = drop_punctuation (text, (gsize)(end - text));
  if (len <= strlen (scheme))
    return 0;
  if (g_str_has_suffix (scheme, "//"))
    {
      if (!find_host (text, len, scheme, &host))
        return 0;
      if (g_hostname_is_non_ascii (host))
        {
          *warning = g_hostname_to_ascii (host);
          if (*warning == NULL)
            return 0;
        }
    }
  else if (g_str_equal (scheme, "mailto:") && memchr (text, '@', len) == NULL)
    return 0;
  return len;
}

static void
append_escaped (GString *markup, const char *text, gsize len)
{
  g_autofree char *escaped = g_markup_escape_text (text, (gssize)len);

  g_string_append (markup, escaped);
}

static void
append_link (GString *markup, const char *text, gsize len, const char *warning)
{
  g_string_append (markup, "<a href=\"");
  append_escaped (markup, text, len);
  g_string_append (markup, "\">");
  append_escaped (markup, text, len);
  g_string_append (markup, "</a>");
  if (warning != NULL)
    {
      g_string_append (markup, " (");
      append_escaped (markup, warning, strlen (warning));
      g_string_append (markup, ")");
    }
}

char *
kh_message_text_to_markup (const char *text)
{
  GString *markup = g_string_sized_new (strlen (text) + 16);
  const char *plain = text; /* not yet appended */
  const char *at = text;
  gunichar before = ' ';

  while (*at != '\0')
    {
      g_autofree char *warning = NULL;
      gsize len = g_unichar_isalnum (before) ? 0 : link_len (at, &warning);

      if (len == 0)
        {
          before = g_utf8_get_char (at);
          at = g_utf8_next_char (at);
          continue;
        }
      append_escaped (markup, plain, (gsize)(at - plain));
      append_link (markup, at, len, warning);
      at += len;
      plain = at;
      before = ' ';
    }
  append_escaped (markup, plain, (gsize)(at - plain));
  return g_string_free (markup, FALSE);
}

gsize
kh_message_text_fold (const char *text)
{
  gsize whole = strlen (text);
  const char *at = text;
  const char *space = NULL; /* the last place to break nicely */
  guint lines = 0;

  for (gsize n = 0; *at != '\0' && n < KH_MESSAGE_TEXT_FOLD_CHARS; n++)
    {
      gunichar c = g_utf8_get_char (at);

      if (c == '\n' && ++lines == KH_MESSAGE_TEXT_FOLD_LINES)
        return (gsize)(at - text);
      if (g_unichar_isspace (c))
        space = at;
      at = g_utf8_next_char (at);
    }
  /* A few words more are not worth a button. */
  if (whole - (gsize)(at - text) <= KH_MESSAGE_TEXT_FOLD_CHARS / 4
      && count_char (at, strlen (at), '\n') < KH_MESSAGE_TEXT_FOLD_LINES / 4)
    return whole;
  if (space != NULL && at - space < KH_MESSAGE_TEXT_FOLD_CHARS / 4)
    return (gsize)(space - text);
  return (gsize)(at - text);
}

static gboolean
is_emoji (gunichar c)
{
  return (c >= 0x1F300 && c <= 0x1FAFF && !(c >= 0x1F3FB && c <= 0x1F3FF))
         || (c >= 0x2600 && c <= 0x27BF) || c == 0x2B50 || c == 0x2B55 || c == 0x2328
         || c == 0x231A || c == 0x231B || (c >= 0x23E9 && c <= 0x23FA);
}

static gboolean
is_regional (gunichar c)
{
  return c >= 0x1F1E6 && c <= 0x1F1FF;
}

/* Changes the emoji in front of it, or joins two. */
static gboolean
is_modifier (gunichar c)
{
  return c == 0xFE0F || c == 0x200D || c == 0x20E3 || (c >= 0x1F3FB && c <= 0x1F3FF)
         || (c >= 0xE0020 && c <= 0xE007F);
}

gboolean
kh_message_text_is_emoji (const char *text)
{
  guint n = 0;
  guint n_regional = 0;
  gunichar before = 0;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (is_regional (c))
        n += n_regional++ % 2 == 0;
      else if (is_emoji (c))
        n += before != 0x200D;
      else if (!(is_modifier (c) && before != 0) && c != ' ')
        return FALSE;
      if (n > EMOJI_MAX)
        return FALSE;
      before = c;
    }
  return n > 0 && n_regional % 2 == 0;
}

char *
kh_message_text_preview (const char *text, gsize max_chars)
{
  GString *preview = g_string_new (NULL);
  gsize n = 0;
  gboolean gap = FALSE;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (g_unichar_isspace (c) || g_unichar_iscntrl (c))
        {
          gap = n > 0;
          continue;
        }
      if (n + gap >= max_chars)
        {
          g_string_append (preview, "…");
          break;
        }
      if (gap)
        g_string_append_c (preview, ' ');
      g_string_append_unichar (preview, c);
      n += 1 + gap;
      gap = FALSE;
    }
  return g_string_free (preview, FALSE);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/address.h"
#include "proto/endpoint.h"
#include "proto/reader.h"
#include "proto/utf8.h"
#include "proto/writer.h"

#include <string.h>

static const char SCHEME[] = "knothole://";

/* Longest label of a DNS name. */
#define LABEL_MAX 63

static const char *const SENTENCES[] = {
  [KH_ADDRESS_OK] = "",
  [KH_ADDRESS_EMPTY] = "The address is empty",
  [KH_ADDRESS_WRONG_SCHEME] = "The address has to begin with knothole://",
  [KH_ADDRESS_NO_HOST] = "The address names no host, like knothole://example.org",
  [KH_ADDRESS_WRONG_HOST] = "The host is not a name: it may have letters a to z, digits, "
                            "hyphens between them, and dots",
  [KH_ADDRESS_WRONG_IPV4] = "The host is not an IPv4 address: it needs four numbers from "
                            "0 to 255, like 192.0.2.1",
  [KH_ADDRESS_WRONG_IPV6] = "What the square brackets hold is not an IPv6 address",
  [KH_ADDRESS_IPV6_WITHOUT_BRACKETS]
  = "An IPv6 address needs square brackets around it, like [2001:db8::1]",
  [KH_ADDRESS_WRONG_PORT] = "The port is not a number from 1 to 65535",
  [KH_ADDRESS_SERVER_ID_WRONG_LENGTH]
  = "The server id has to be 56 characters long: copy all of it",
  [KH_ADDRESS_SERVER_ID_WRONG_CHARACTER]
  = "The server id has a typo: it may only have letters a to z and digits 2 to 7",
  [KH_ADDRESS_SERVER_ID_WRONG_CHECKSUM]
  = "The server id has a typo: its checksum does not fit",
  [KH_ADDRESS_SERVER_ID_OF_PERSON]
  = "This is a person's id where the server's should be: ask for the server's address",
  [KH_ADDRESS_SERVER_ID_LOW_ORDER]
  = "The server id stands for a key that protects nothing: do not use this server",
  [KH_ADDRESS_PEER_ID_WRONG_LENGTH]
  = "The peer id has to be 56 characters long: copy all of it",
  [KH_ADDRESS_PEER_ID_WRONG_CHARACTER]
  = "The peer id has a typo: it may only have letters a to z and digits 2 to 7",
  [KH_ADDRESS_PEER_ID_WRONG_CHECKSUM]
  = "The peer id has a typo: its checksum does not fit",
  [KH_ADDRESS_PEER_ID_OF_SERVER]
  = "This is a server's id where the peer's should be: ask for the person's id",
  [KH_ADDRESS_PEER_ID_LOW_ORDER]
  = "The peer id stands for a key that protects nothing: do not use it",
  [KH_ADDRESS_ROOM_WRONG_ESCAPE]
  = "The room has a % without two hexadecimal digits after it: a percent sign itself "
    "is written %25",
  [KH_ADDRESS_ROOM_NOT_TEXT]
  = "The room is not text: ask for the address again, or type the room's word",
  [KH_ADDRESS_ROOM_TOO_LONG] = "The room's word is too long: at most 128 bytes",
};

static bool
is_digit (char c)
{
  return c >= '0' && c <= '9';
}

static bool
is_letter (char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_space (char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static char
lower (char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static KhText
skip (KhText text, size_t len)
{
  return (KhText){ text.bytes + len, text.len - len };
}

/* Takes what stands before the first of @ends, or all. */
static KhText
take_until (KhText *text, const char *ends)
{
  KhText taken = { text->bytes, 0 };

  while (taken.len < text->len && strchr (ends, text->bytes[taken.len]) == NULL)
    taken.len++;
  *text = skip (*text, taken.len);
  return taken;
}

/* Takes @word, given in lower case, if the text begins with it in any case. */
static bool
take_word (KhText *text, const char *word)
{
  size_t len = strlen (word);

  if (text->len < len)
    return false;
  for (size_t i = 0; i < len; i++)
    if (lower (text->bytes[i]) != word[i])
      return false;
  *text = skip (*text, len);
  return true;
}

static bool
has_scheme (KhText text)
{
  KhText before = take_until (&text, "/#");

  return before.len > 0 && before.bytes[before.len - 1] == ':' && take_word (&text, "//");
}

static KhAddressError
parse_port (KhText text, uint16_t *port)
{
  uint32_t value = 0;

  if (text.len == 0 || text.len > 5)
    return KH_ADDRESS_WRONG_PORT;
  for (size_t i = 0; i < text.len; i++)
    {
      if (!is_digit (text.bytes[i]))
        return KH_ADDRESS_WRONG_PORT;
      value = value * 10 + (uint32_t)(text.bytes[i] - '0');
    }
  if (value == 0 || value > UINT16_MAX)
    return KH_ADDRESS_WRONG_PORT;
  *port = (uint16_t)value;
  return KH_ADDRESS_OK;
}

static bool
is_label (KhText label)
{
  if (label.len == 0 || label.len > LABEL_MAX)
    return false;
  for (size_t i = 0; i < label.len; i++)
    {
      char c = label.bytes[i];

      if (c == '-' ? i == 0 || i == label.len - 1 : !is_letter (c) && !is_digit (c))
        return false;
    }
  return true;
}

static bool
is_number (KhText label)
{
  for (size_t i = 0; i < label.len; i++)
    if (!is_digit (label.bytes[i]))
      return false;
  return label.len > 0;
}

/* Labels and dots. A name whose last label is a number is meant as IPv4. */
static KhAddressError
check_name (KhText host)
{
  KhText rest = host;
  KhText label;
  KhEndpoint address;

  for (;;)
    {
      label = take_until (&rest, ".");
      if (!is_label (label))
        return KH_ADDRESS_WRONG_HOST;
      if (rest.len == 0 || rest.len == 1) /* one dot at the very end is fine */
        break;
      rest = skip (rest, 1);
    }
  if (is_number (label) && !kh_endpoint_parse_address (&address, host.bytes, host.len, 1))
    return KH_ADDRESS_WRONG_IPV4;
  return KH_ADDRESS_OK;
}

/* Takes host or [host] and says what is wrong with it. */
static KhAddressError
take_host (KhText *text, KhText *host)
{
  KhText all = *text;
  KhEndpoint address;

  if (take_word (text, "["))
    {
      *host = take_until (text, "]");
      if (!take_word (text, "]") || memchr (host->bytes, ':', host->len) == NULL
          || !kh_endpoint_parse_address (&address, host->bytes, host->len, 1))
        return KH_ADDRESS_WRONG_IPV6;
      return KH_ADDRESS_OK;
    }

  *host = take_until (text, ":");
  if (memchr (all.bytes, ':', all.len) != NULL
      && kh_endpoint_parse_address (&address, all.bytes, all.len, 1))
    return KH_ADDRESS_IPV6_WITHOUT_BRACKETS;
  if (host->len == 0)
    return KH_ADDRESS_NO_HOST;
  if (host->len > KH_ADDRESS_HOST_MAX)
    return KH_ADDRESS_WRONG_HOST;
  return check_name (*host);
}

static KhAddressError
parse_authority (KhText text, KhAddress *out)
{
  KhText host;
  KhAddressError error = take_host (&text, &host);

  if (error != KH_ADDRESS_OK)
    return error;
  for (size_t i = 0; i < host.len; i++)
    out->host[i] = lower (host.bytes[i]);
  if (take_word (&text, ":"))
    return parse_port (text, &out->port);
  return text.len == 0 ? KH_ADDRESS_OK : KH_ADDRESS_WRONG_PORT;
}

static KhAddressError
parse_id (KhIdentityKind kind, KhText text, uint8_t key[32], bool *has)
{
  KhAddressError first = kind == KH_IDENTITY_SERVER ? KH_ADDRESS_SERVER_ID_WRONG_LENGTH
                                                    : KH_ADDRESS_PEER_ID_WRONG_LENGTH;
  KhIdentityError error = kh_identity_from_text (kind, text.bytes, text.len, key, NULL);

  *has = error == KH_IDENTITY_OK;
  return *has ? KH_ADDRESS_OK : first + (error - KH_IDENTITY_WRONG_LENGTH);
}

/* -1 for no hexadecimal digit. */
static int
hex_value (char c)
{
  if (is_digit (c))
    return c - '0';
  c = lower (c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* UTF-8 without control characters, which could do harm on a terminal. */
static bool
is_text (const char *bytes, size_t len)
{
  uint32_t c;

  for (size_t at = 0; at < len;)
    {
      size_t step = kh_utf8_next (bytes + at, len - at, &c);

      if (step == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0))
        return false;
      at += step;
    }
  return true;
}

static KhAddressError
parse_room (KhText text, char room[KH_ROOM_WORD_MAX + 1])
{
  size_t len = 0;

  for (size_t i = 0; i < text.len; i++)
    {
      char byte = text.bytes[i];

      if (byte == '%')
        {
          int high = i + 2 < text.len ? hex_value (text.bytes[i + 1]) : -1;
          int low = i + 2 < text.len ? hex_value (text.bytes[i + 2]) : -1;

          if (high < 0 || low < 0)
            return KH_ADDRESS_ROOM_WRONG_ESCAPE;
          byte = (char)(high << 4 | low);
          i += 2;
        }
      if (len == KH_ROOM_WORD_MAX)
        return KH_ADDRESS_ROOM_TOO_LONG;
      room[len++] = byte;
    }
  room[len] = '\0';
  return is_text (room, len) ? KH_ADDRESS_OK : KH_ADDRESS_ROOM_NOT_TEXT;
}

static KhAddressError
parse_fragment (KhText text, KhAddress *out)
{
  KhAddressError error = KH_ADDRESS_OK;

  while (error == KH_ADDRESS_OK && text.len > 0)
    {
      KhText field = take_until (&text, "&");

      take_word (&text, "&");
      if (take_word (&field, "room="))
        error = parse_room (field, out->room);
      else if (take_word (&field, "peer="))
        error = parse_id (KH_IDENTITY_PEER, field, out->peer, &out->has_peer);
    }
  return error;
}

static KhAddressError
parse (KhText text, KhAddress *out)
{
  KhAddressError error;

  while (text.len > 0 && is_space (text.bytes[0]))
    text = skip (text, 1);
  while (text.len > 0 && is_space (text.bytes[text.len - 1]))
    text.len--;
  if (text.len == 0)
    return KH_ADDRESS_EMPTY;
  if (!take_word (&text, SCHEME) && has_scheme (text))
    return KH_ADDRESS_WRONG_SCHEME;

  error = parse_authority (take_until (&text, "/#"), out);
  if (error == KH_ADDRESS_OK && take_word (&text, "/"))
    {
      KhText id = take_until (&text, "#");

      if (id.len > 0)
        error = parse_id (KH_IDENTITY_SERVER, id, out->key, &out->has_key);
    }
  if (error == KH_ADDRESS_OK && take_word (&text, "#"))
    error = parse_fragment (text, out);
  return error;
}

KhAddressError
kh_address_parse (const char *text, KhAddress *out)
{
  KhAddress parsed = { .port = KH_ADDRESS_DEFAULT_PORT };
  KhAddressError error = parse ((KhText){ text, strlen (text) }, &parsed);

  *out = error == KH_ADDRESS_OK ? parsed : (KhAddress){ .port = 0 };
  return error;
}

bool
kh_address_explain (KhAddressError error, char *out, size_t capacity)
{
  const char *sentence = SENTENCES[error];
  size_t len = strlen (sentence);

  if (capacity > 0)
    {
      len = kh_utf8_truncate (sentence, len, capacity - 1);
      memcpy (out, sentence, len);
      out[len] = '\0';
    }
  return error == KH_ADDRESS_OK;
}

static void
put (KhWriter *writer, const char *text)
{
  kh_writer_bytes (writer, text, strlen (text));
}

static void
put_port (KhWriter *writer, uint16_t port)
{
  char digits[6] = "";
  size_t at = sizeof digits - 1;

  for (; port > 0; port /= 10)
    digits[--at] = (char)('0' + port % 10);
  put (writer, ":");
  put (writer, digits + at);
}

static void
put_id (KhWriter *writer, KhIdentityKind kind, const uint8_t key[32])
{
  char text[KH_IDENTITY_TEXT_LEN + 1];

  kh_identity_to_text (kind, key, text);
  put (writer, text);
}

/* All but the unreserved characters of RFC 3986 are escaped. */
static void
put_escaped (KhWriter *writer, const char *text)
{
  static const char hex[] = "0123456789ABCDEF";

  for (; *text != '\0'; text++)
    {
      if (is_letter (*text) || is_digit (*text) || strchr ("-._~", *text) != NULL)
        {
          kh_writer_bytes (writer, text, 1);
          continue;
        }
      put (writer, "%");
      kh_writer_bytes (writer, &hex[(uint8_t)*text >> 4], 1);
      kh_writer_bytes (writer, &hex[(uint8_t)*text & 15], 1);
    }
}

bool
kh_address_to_text (const KhAddress *self, char *out, size_t capacity)
{
  bool is_v6 = strchr (self->host, ':') != NULL;
  bool has_room = self->room[0] != '\0';
  KhWriter writer;

  kh_writer_init (&writer, out, capacity);
  put (&writer, SCHEME);
  put (&writer, is_v6 ? "[" : "");
  put (&writer, self->host);
  put (&writer, is_v6 ? "]" : "");
  if (self->port != KH_ADDRESS_DEFAULT_PORT)
    put_port (&writer, self->port);
  if (self->has_key)
    {
      put (&writer, "/");
      put_id (&writer, KH_IDENTITY_SERVER, self->key);
    }
  if (has_room)
    {
      put (&writer, "#room=");
      put_escaped (&writer, self->room);
    }
  if (self->has_peer)
    {
      put (&writer, has_room ? "&peer=" : "#peer=");
      put_id (&writer, KH_IDENTITY_PEER, self->peer);
    }
  kh_writer_bytes (&writer, "", 1);

  if (!kh_writer_done (&writer) && capacity > 0)
    out[0] = '\0';
  return kh_writer_done (&writer);
}

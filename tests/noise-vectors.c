/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * noise-vectors FILE - checks proto/noise against published test vectors.
 *
 * FILE is JSON of the form that Cacophony introduced and Snow and others took over.
 * One line a vector, then `N passed, N failed, N skipped`. Exit status: 0 when some
 * passed and none failed, 1 when not, 2 when the file can't be used.
 *
 * Skipped, with the reason: protocols that proto/noise does not have, pre-shared
 * keys, fallback, and AES-GCM on a processor without its instructions.
 */
#include "proto/noise.h"

#include <json-glib/json-glib.h>
#include <locale.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Both ends of one vector, and why it fails. */
typedef struct
{
  JsonObject *members; /* borrowed */
  KhNoisePattern pattern;
  KhNoiseCipher cipher;
  KhKeyPair statics[2]; /* the initiator's first */
  KhKeyPair ephemerals[2];
  KhNoiseHandshake handshakes[2];
  KhNoiseCipherState send[2];
  KhNoiseCipherState receive[2];
  char *why; /* owned; NULL while all is well */
} Vector;

static const char *const sides[2] = { "init", "resp" };

static void G_GNUC_PRINTF (2, 3) fail (Vector *self, const char *format, ...)
{
  va_list arguments;

  if (self->why != NULL)
    return;
  va_start (arguments, format);
  self->why = g_strdup_vprintf (format, arguments);
  va_end (arguments);
}

/* NULL when there is no such text. */
static const char *
text_member (JsonObject *members, const char *name)
{
  JsonNode *node = json_object_get_member (members, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

/* Bytes of the hexadecimal member @name; empty when there is none. NULL when it is
 * not hexadecimal. */
static GBytes *
hex_member (JsonObject *members, const char *name)
{
  const char *text = text_member (members, name);
  size_t text_len = text != NULL ? strlen (text) : 0;
  g_autofree guint8 *bytes = g_malloc (text_len / 2 + 1);
  size_t len = 0;

  if (text_len > 0
      && (text_len % 2 != 0
          || sodium_hex2bin (bytes, text_len / 2, text, text_len, NULL, &len, NULL) != 0
          || len != text_len / 2))
    return NULL;
  return g_bytes_new (bytes, len);
}

/* One side's member, as in "init_static"; @name begins with the underscore. */
static GBytes *
side_member (Vector *self, guint side, const char *name)
{
  g_autofree char *full = g_strconcat (sides[side], name, NULL);
  GBytes *bytes = hex_member (self->members, full);

  if (bytes == NULL)
    {
      fail (self, "%s is not hexadecimal", full);
      bytes = g_bytes_new (NULL, 0);
    }
  return bytes;
}

static void
read_key_pair (Vector *self, guint side, const char *name, KhKeyPair *pair)
{
  g_autoptr (GBytes) secret = side_member (self, side, name);

  if (g_bytes_get_size (secret) != KH_KEY_LEN)
    fail (self, "%s%s is not a key of %d bytes", sides[side], name, KH_KEY_LEN);
  else
    kh_noise_key_pair_from_secret (pair, g_bytes_get_data (secret, NULL));
}

/* A prologue that only one side names is meant for both. */
static GBytes *
read_prologue (Vector *self, guint side)
{
  g_autofree char *own = g_strconcat (sides[side], "_prologue", NULL);

  return side_member (self, json_object_has_member (self->members, own) ? side : !side,
                      "_prologue");
}

static void
start_side (Vector *self, guint side)
{
  gboolean initiator = side == 0;
  gboolean known
      = self->pattern == KH_NOISE_KK || (self->pattern == KH_NOISE_IK && initiator);
  g_autoptr (GBytes) prologue = read_prologue (self, side);
  g_autoptr (GBytes) remote = side_member (self, side, "_remote_static");
  const guint8 *remote_static = self->statics[!side].public_key;

  if (g_bytes_get_size (remote) == KH_KEY_LEN)
    remote_static = g_bytes_get_data (remote, NULL);
  else if (g_bytes_get_size (remote) != 0)
    fail (self, "%s_remote_static is not a key of %d bytes", sides[side], KH_KEY_LEN);
  if (self->why != NULL)
    return;

  if (!kh_noise_handshake_start (&self->handshakes[side], self->pattern, self->cipher,
                                 initiator, g_bytes_get_data (prologue, NULL),
                                 g_bytes_get_size (prologue), &self->statics[side],
                                 &self->ephemerals[side], known ? remote_static : NULL))
    fail (self, "%s can't start", sides[side]);
}

/* Lets one side make a message and the other take it, as handshake or transport. */
static void
exchange (Vector *self, guint number, GBytes *payload, GBytes *expected)
{
  guint side = number % 2;
  gsize payload_len, expected_len, len = 0, plain_len = 0;
  const guint8 *bytes = g_bytes_get_data (payload, &payload_len);
  const guint8 *sealed = g_bytes_get_data (expected, &expected_len);
  gsize room = payload_len + expected_len + KH_NOISE_HANDSHAKE_OVERHEAD_MAX;
  g_autofree guint8 *out = g_malloc0 (room);
  g_autofree guint8 *plain = g_malloc0 (room);
  gboolean wrote, took;

  if (kh_noise_handshake_done (&self->handshakes[0]))
    {
      len = payload_len + KH_NOISE_TAG_LEN;
      wrote = kh_noise_seal (&self->send[side], NULL, out, bytes, payload_len);
      took = kh_noise_open (&self->receive[!side], NULL, plain, sealed, expected_len);
      plain_len = took ? expected_len - KH_NOISE_TAG_LEN : 0;
    }
  else
    {
      wrote = kh_noise_handshake_write (&self->handshakes[side], bytes, payload_len, out,
                                        room, &len);
      took = kh_noise_handshake_read (&self->handshakes[!side], sealed, expected_len,
                                      plain, room, &plain_len);
    }

  if (!wrote || len != expected_len || (len > 0 && memcmp (out, sealed, len) != 0))
    fail (self, "message %u is written otherwise", number + 1);
  else if (!took || plain_len != payload_len
           || (plain_len > 0 && memcmp (plain, bytes, plain_len) != 0))
    fail (self, "message %u is not read back", number + 1);
}

static void
finish_handshake (Vector *self)
{
  g_autoptr (GBytes) hash = hex_member (self->members, "handshake_hash");

  for (guint side = 0; side < 2 && self->why == NULL; side++)
    {
      const guint8 *own = kh_noise_handshake_hash (&self->handshakes[side]);
      const guint8 *remote = kh_noise_handshake_remote_static (&self->handshakes[side]);

      if (hash == NULL || own == NULL)
        fail (self, "there is no handshake hash to compare");
      else if (g_bytes_get_size (hash) != 0
               && (g_bytes_get_size (hash) != KH_NOISE_HASH_LEN
                   || memcmp (g_bytes_get_data (hash, NULL), own, KH_NOISE_HASH_LEN)
                          != 0))
        fail (self, "the handshake hash of %s differs", sides[side]);
      else if (remote == NULL
               || memcmp (remote, self->statics[!side].public_key, KH_KEY_LEN) != 0)
        fail (self, "%s knows the other end by another key", sides[side]);
      else if (!kh_noise_handshake_split (&self->handshakes[side], &self->send[side],
                                          &self->receive[side]))
        fail (self, "%s can't split", sides[side]);
    }
}

static void
run_messages (Vector *self)
{
  JsonNode *node = json_object_get_member (self->members, "messages");
  JsonArray *messages
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint n_messages = messages != NULL ? json_array_get_length (messages) : 0;

  for (guint i = 0; i < n_messages && self->why == NULL; i++)
    {
      JsonNode *message = json_array_get_element (messages, i);
      gboolean is_object = JSON_NODE_HOLDS_OBJECT (message);
      JsonObject *members = is_object ? json_node_get_object (message) : NULL;
      g_autoptr (GBytes) payload = is_object ? hex_member (members, "payload") : NULL;
      g_autoptr (GBytes) sealed = is_object ? hex_member (members, "ciphertext") : NULL;
      gboolean was_done = kh_noise_handshake_done (&self->handshakes[0]);

      if (payload == NULL || sealed == NULL)
        {
          fail (self, "message %u is no payload and ciphertext in hexadecimal", i + 1);
          return;
        }
      exchange (self, i, payload, sealed);
      if (!was_done && kh_noise_handshake_done (&self->handshakes[0]))
        finish_handshake (self);
    }
  if (!kh_noise_handshake_done (&self->handshakes[0]))
    fail (self, "its messages end before the handshake does");
}

/* NULL when the vector is passed; the caller frees the reason when it is not. */
static char *
run_vector (JsonObject *members, KhNoisePattern pattern, KhNoiseCipher cipher)
{
  Vector vector = { .members = members, .pattern = pattern, .cipher = cipher };

  for (guint side = 0; side < 2; side++)
    {
      read_key_pair (&vector, side, "_static", &vector.statics[side]);
      read_key_pair (&vector, side, "_ephemeral", &vector.ephemerals[side]);
    }
  for (guint side = 0; side < 2 && vector.why == NULL; side++)
    start_side (&vector, side);
  if (vector.why == NULL)
    run_messages (&vector);
  return vector.why;
}

static int
find_name (const char *name, const char *const *names)
{
  for (int i = 0; names[i] != NULL; i++)
    if (strcmp (names[i], name) == 0)
      return i;
  return -1;
}

static gboolean
has_psk (JsonObject *members)
{
  static const char *const names[] = { "init_psk", "resp_psk", "init_psks", "resp_psks" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      JsonNode *node = json_object_get_member (members, names[i]);

      if (node != NULL && !JSON_NODE_HOLDS_NULL (node)
          && !(JSON_NODE_HOLDS_ARRAY (node)
               && json_array_get_length (json_node_get_array (node)) == 0))
        return TRUE;
    }
  return FALSE;
}

/* Why a vector can't be run here; NULL when it can, and then the pattern and the
 * cipher are set. */
static const char *
reason_to_skip (JsonObject *members, const char *name, KhNoisePattern *pattern,
                KhNoiseCipher *cipher)
{
  static const char *const known_patterns[] = { "IK", "KK", "XX", NULL };
  static const char *const known_ciphers[] = { "ChaChaPoly", "AESGCM", NULL };
  g_auto (GStrv) parts = g_strsplit (name, "_", -1);
  JsonNode *fallback = json_object_get_member (members, "fallback");
  int found_pattern, found_cipher;

  if (g_strv_length (parts) != 5 || strcmp (parts[0], "Noise") != 0)
    return "the name is not Noise_PATTERN_DH_CIPHER_HASH";
  found_pattern = find_name (parts[1], known_patterns);
  found_cipher = find_name (parts[3], known_ciphers);
  if (found_pattern < 0)
    return "another pattern";
  if (strcmp (parts[2], "25519") != 0)
    return "another Diffie-Hellman function";
  if (found_cipher < 0)
    return "another cipher";
  if (strcmp (parts[4], "BLAKE2b") != 0)
    return "another hash";
  if (has_psk (members))
    return "pre-shared keys";
  if (json_object_has_member (members, "fallback_pattern")
      || (fallback != NULL && JSON_NODE_HOLDS_VALUE (fallback)
          && json_node_get_boolean (fallback)))
    return "fallback";

  *pattern = (KhNoisePattern)found_pattern;
  *cipher = (KhNoiseCipher)found_cipher;
  if (!kh_noise_cipher_available (*cipher))
    return "this processor has no AES-GCM instructions";
  return NULL;
}

typedef struct
{
  guint passed, failed, skipped;
} Counts;

static void
check_vector (JsonNode *node, Counts *counts)
{
  JsonObject *members
      = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *name = members != NULL ? text_member (members, "protocol_name") : NULL;
  g_autofree char *why = NULL;
  const char *skip;
  KhNoisePattern pattern;
  KhNoiseCipher cipher;

  if (name == NULL && members != NULL)
    name = text_member (members, "name");
  if (name == NULL)
    {
      g_print ("FAIL no protocol name\n");
      counts->failed++;
      return;
    }

  skip = reason_to_skip (members, name, &pattern, &cipher);
  if (skip != NULL)
    {
      g_print ("skip %s: %s\n", name, skip);
      counts->skipped++;
      return;
    }

  why = run_vector (members, pattern, cipher);
  if (why != NULL)
    {
      g_print ("FAIL %s: %s\n", name, why);
      counts->failed++;
      return;
    }
  g_print ("ok   %s\n", name);
  counts->passed++;
}

int
main (int argc, char *argv[])
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  Counts counts = { 0 };
  JsonNode *root, *vectors = NULL;

  setlocale (LC_ALL, "");
  if (argc != 2)
    {
      g_printerr ("usage: noise-vectors FILE\n");
      return 2;
    }
  if (sodium_init () < 0)
    {
      g_printerr ("noise-vectors: libsodium does not start\n");
      return 2;
    }
  if (!json_parser_load_from_file (parser, argv[1], &error))
    {
      g_printerr ("noise-vectors: %s: %s\n", argv[1], error->message);
      return 2;
    }

  root = json_parser_get_root (parser);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    vectors = json_object_get_member (json_node_get_object (root), "vectors");
  if (vectors == NULL || !JSON_NODE_HOLDS_ARRAY (vectors))
    {
      g_printerr ("noise-vectors: %s: there is no list named \"vectors\"\n", argv[1]);
      return 2;
    }

  for (guint i = 0; i < json_array_get_length (json_node_get_array (vectors)); i++)
    check_vector (json_array_get_element (json_node_get_array (vectors), i), &counts);
  g_print ("%u passed, %u failed, %u skipped\n", counts.passed, counts.failed,
           counts.skipped);
  return counts.failed == 0 && counts.passed > 0 ? 0 : 1;
}

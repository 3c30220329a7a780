/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/noise.h"

#include "../find-bytes.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

#define ROOM 4096

/* What the two ends of one handshake start with, and where they stand. */
typedef struct
{
  KhNoisePattern pattern;
  KhNoiseCipher cipher;
  KhKeyPair statics[2]; /* the initiator's first */
  KhKeyPair ephemerals[2];
  KhNoiseHandshake ends[2];
  KhNoiseCipherState send[2];
  KhNoiseCipherState receive[2];
} Pair;

typedef void (*Check) (KhNoisePattern pattern, KhNoiseCipher cipher);

static void
fill_random (guint8 *bytes, gsize len)
{
  for (gsize i = 0; i < len; i++)
    bytes[i] = (guint8)g_test_rand_int ();
}

static void
make_key_pair (KhKeyPair *pair)
{
  guint8 secret[KH_KEY_LEN];

  fill_random (secret, sizeof secret);
  kh_noise_key_pair_from_secret (pair, secret);
}

static void
start_end (Pair *pair, guint end, const char *prologue, const guint8 *remote)
{
  gboolean known
      = pair->pattern == KH_NOISE_KK || (pair->pattern == KH_NOISE_IK && end == 0);

  g_assert_true (kh_noise_handshake_start (&pair->ends[end], pair->pattern, pair->cipher,
                                           end == 0, prologue, strlen (prologue),
                                           &pair->statics[end], &pair->ephemerals[end],
                                           known ? remote : NULL));
}

static void
start (Pair *pair, KhNoisePattern pattern, KhNoiseCipher cipher)
{
  *pair = (Pair){ .pattern = pattern, .cipher = cipher };
  for (guint end = 0; end < 2; end++)
    {
      make_key_pair (&pair->statics[end]);
      make_key_pair (&pair->ephemerals[end]);
    }
  for (guint end = 0; end < 2; end++)
    start_end (pair, end, "prologue", pair->statics[!end].public_key);
}

/* Lets whose turn it is write "payload N"; returns the length of the message. */
static gsize
write_next (Pair *pair, guint number, guint8 message[ROOM])
{
  g_autofree char *payload = g_strdup_printf ("payload %u", number);
  gsize len = 0;

  g_assert_true (kh_noise_handshake_own_turn (&pair->ends[number % 2]));
  g_assert_false (kh_noise_handshake_own_turn (&pair->ends[!(number % 2)]));
  g_assert_true (kh_noise_handshake_write (&pair->ends[number % 2], payload,
                                           strlen (payload), message, ROOM, &len));
  g_assert_cmpuint (len, <=, strlen (payload) + KH_NOISE_HANDSHAKE_OVERHEAD_MAX);
  return len;
}

static gboolean
read_next (Pair *pair, guint number, const guint8 *message, gsize len)
{
  g_autofree char *expected = g_strdup_printf ("payload %u", number);
  guint8 payload[ROOM];
  gsize payload_len = 99;

  if (!kh_noise_handshake_read (&pair->ends[!(number % 2)], message, len, payload, ROOM,
                                &payload_len))
    {
      g_assert_cmpuint (payload_len, ==, 0);
      return FALSE;
    }
  return payload_len == strlen (expected) && memcmp (payload, expected, payload_len) == 0;
}

/* Both ends done and split, after a handshake that goes well. */
static void
connect_pair (Pair *pair, KhNoisePattern pattern, KhNoiseCipher cipher)
{
  start (pair, pattern, cipher);
  for (guint number = 0; !kh_noise_handshake_done (&pair->ends[0]); number++)
    {
      guint8 message[ROOM];
      gsize len = write_next (pair, number, message);

      g_assert_cmpuint (number, <, 3);
      g_assert_true (read_next (pair, number, message, len));
    }
  for (guint end = 0; end < 2; end++)
    g_assert_true (kh_noise_handshake_split (&pair->ends[end], &pair->send[end],
                                             &pair->receive[end]));
}

static void
assert_ended (KhNoiseHandshake *end)
{
  KhNoiseCipherState send, receive;
  guint8 bytes[ROOM] = { 0 };
  gsize len = 99;

  g_assert_true (sodium_is_zero ((const guint8 *)end, sizeof *end));
  g_assert_false (kh_noise_handshake_own_turn (end));
  g_assert_false (kh_noise_handshake_done (end));
  g_assert_null (kh_noise_handshake_hash (end));
  g_assert_null (kh_noise_handshake_remote_static (end));
  g_assert_false (kh_noise_handshake_write (end, "", 0, bytes, ROOM, &len));
  g_assert_false (kh_noise_handshake_read (end, bytes, 32, bytes + 64, 64, &len));
  g_assert_false (kh_noise_handshake_split (end, &send, &receive));
  g_assert_false (send.usable || receive.usable);
}

static void
assert_unusable (KhNoiseCipherState *state)
{
  guint8 bytes[KH_NOISE_TAG_LEN + 1] = { 0 };

  g_assert_true (sodium_is_zero ((const guint8 *)state, sizeof *state));
  g_assert_false (kh_noise_seal (state, NULL, bytes, bytes, 1));
  g_assert_false (kh_noise_open (state, NULL, bytes, bytes, sizeof bytes));
}

static void
check_round_trip (KhNoisePattern pattern, KhNoiseCipher cipher)
{
  Pair pair;

  connect_pair (&pair, pattern, cipher);
  g_assert_cmpmem (kh_noise_handshake_hash (&pair.ends[0]), KH_NOISE_HASH_LEN,
                   kh_noise_handshake_hash (&pair.ends[1]), KH_NOISE_HASH_LEN);
  for (guint end = 0; end < 2; end++)
    {
      g_assert_true (kh_noise_handshake_done (&pair.ends[end]));
      g_assert_cmpmem (kh_noise_handshake_remote_static (&pair.ends[end]), KH_KEY_LEN,
                       pair.statics[!end].public_key, KH_KEY_LEN);
    }

  for (guint round = 0; round < 100; round++)
    {
      guint end = (guint)g_test_rand_int_range (0, 2);
      gsize len = (gsize)g_test_rand_int_range (0, 300);
      guint8 plain[300], bytes[300 + KH_NOISE_TAG_LEN];

      fill_random (plain, sizeof plain);
      g_assert_true (kh_noise_seal (&pair.send[end], NULL, bytes, plain, len));
      g_assert_true (kh_noise_open (&pair.receive[!end], NULL, bytes, bytes,
                                    len + KH_NOISE_TAG_LEN));
      g_assert_cmpmem (bytes, len, plain, len);
    }
}

/* A bit of the very first message of XX that is flipped shows in the second: until
 * then there is no key, and nothing to verify. */
static void
check_flipped_bit (KhNoisePattern pattern, KhNoiseCipher cipher, guint flipped, gsize bit)
{
  Pair pair;
  guint number;

  start (&pair, pattern, cipher);
  for (number = 0; number < 3; number++)
    {
      guint8 message[ROOM];
      gsize len = write_next (&pair, number, message);

      if (number == flipped)
        message[bit / 8 % len] ^= (guint8)(1 << bit % 8);
      if (!read_next (&pair, number, message, len)
          && !kh_noise_handshake_own_turn (&pair.ends[!(number % 2)]))
        break;
    }
  g_assert_cmpuint (number, ==, pattern == KH_NOISE_XX && flipped == 0 ? 1 : flipped);
  assert_ended (&pair.ends[!(number % 2)]);
}

static void
check_any_flipped_bit (KhNoisePattern pattern, KhNoiseCipher cipher)
{
  for (guint flipped = 0; flipped < (pattern == KH_NOISE_XX ? 3 : 2); flipped++)
    for (gsize byte = 0; byte < 130; byte++)
      {
        /* X25519 ignores the highest bit of a key, but the hash does not. */
        gsize bit = byte == 31 ? 7 : (gsize)g_test_rand_int_range (0, 8);

        check_flipped_bit (pattern, cipher, flipped, byte * 8 + bit);
      }
}

static void
check_cut_message (KhNoisePattern pattern, KhNoiseCipher cipher)
{
  gsize full_len = ROOM;

  for (gsize len = 0; len < full_len; len++)
    {
      guint8 message[ROOM];
      Pair pair;

      start (&pair, pattern, cipher);
      full_len = write_next (&pair, 0, message);
      if (pattern == KH_NOISE_XX && len >= KH_KEY_LEN)
        break; /* a shorter payload, and no key yet to tell */
      g_assert_false (read_next (&pair, 0, message, len));
      assert_ended (&pair.ends[1]);
    }
}

static void
check_flipped_transport (KhNoisePattern pattern, KhNoiseCipher cipher)
{
  for (gsize byte = 0; byte < 5 + KH_NOISE_TAG_LEN; byte++)
    {
      guint8 bytes[5 + KH_NOISE_TAG_LEN];
      Pair pair;

      connect_pair (&pair, pattern, cipher);
      g_assert_true (
          kh_noise_seal (&pair.send[0], NULL, bytes, (const guint8 *)"hello", 5));
      bytes[byte] ^= (guint8)(1 << g_test_rand_int_range (0, 8));
      g_assert_false (kh_noise_open (&pair.receive[1], NULL, bytes, bytes, sizeof bytes));
      assert_unusable (&pair.receive[1]);
    }
}

static void
check_replay_and_reorder (KhNoisePattern pattern, KhNoiseCipher cipher)
{
  guint8 first[1 + KH_NOISE_TAG_LEN], second[1 + KH_NOISE_TAG_LEN], plain[1];
  Pair pair;

  connect_pair (&pair, pattern, cipher);
  kh_noise_seal (&pair.send[0], NULL, first, (const guint8 *)"1", 1);
  g_assert_true (kh_noise_open (&pair.receive[1], NULL, plain, first, sizeof first));
  g_assert_false (kh_noise_open (&pair.receive[1], NULL, plain, first, sizeof first));
  assert_unusable (&pair.receive[1]);

  connect_pair (&pair, pattern, cipher);
  kh_noise_seal (&pair.send[0], NULL, first, (const guint8 *)"1", 1);
  kh_noise_seal (&pair.send[0], NULL, second, (const guint8 *)"2", 1);
  g_assert_false (kh_noise_open (&pair.receive[1], NULL, plain, second, sizeof second));
  assert_unusable (&pair.receive[1]);

  /* And sent back to who made it. */
  g_assert_false (kh_noise_open (&pair.receive[0], NULL, plain, first, sizeof first));
  assert_unusable (&pair.receive[0]);
}

/* Runs a handshake that something is wrong with; it must not get done at both ends. */
static void
assert_does_not_connect (Pair *pair)
{
  for (guint number = 0; number < 3; number++)
    {
      guint8 message[ROOM];
      gsize len;

      if (!kh_noise_handshake_own_turn (&pair->ends[number % 2]))
        break;
      if (!kh_noise_handshake_write (&pair->ends[number % 2], "", 0, message, ROOM, &len))
        {
          assert_ended (&pair->ends[number % 2]);
          return;
        }
      if (!kh_noise_handshake_read (&pair->ends[!(number % 2)], message, len,
                                    (guint8[ROOM]){ 0 }, ROOM, &len))
        {
          assert_ended (&pair->ends[!(number % 2)]);
          return;
        }
    }
  g_assert_not_reached ();
}

static void
check_wrong_prologue_or_key (KhNoisePattern pattern, KhNoiseCipher cipher)
{
  KhKeyPair stranger;
  Pair pair;

  start (&pair, pattern, cipher);
  start_end (&pair, 1, "another", pair.statics[0].public_key);
  assert_does_not_connect (&pair);

  if (pattern == KH_NOISE_XX)
    return;
  make_key_pair (&stranger);
  start (&pair, pattern, cipher);
  start_end (&pair, 0, "prologue", stranger.public_key);
  assert_does_not_connect (&pair);

  if (pattern == KH_NOISE_IK)
    return;
  start (&pair, pattern, cipher);
  start_end (&pair, 1, "prologue", stranger.public_key);
  assert_does_not_connect (&pair);
}

static void
check_zero_key (KhNoisePattern pattern, KhNoiseCipher cipher)
{
  static const guint8 zero[KH_KEY_LEN];
  guint8 message[ROOM] = { 0 };
  gsize len;
  Pair pair;

  /* As an ephemeral key that a stranger sends. */
  start (&pair, pattern, cipher);
  if (kh_noise_handshake_read (&pair.ends[1], message, 96, message + 128, ROOM - 128,
                               &len))
    g_assert_false (kh_noise_handshake_write (&pair.ends[1], "", 0, message, ROOM, &len));
  assert_ended (&pair.ends[1]);

  /* As the static key to reach. */
  if (pattern == KH_NOISE_XX)
    return;
  start (&pair, pattern, cipher);
  start_end (&pair, 0, "prologue", zero);
  g_assert_false (kh_noise_handshake_write (&pair.ends[0], "", 0, message, ROOM, &len));
  assert_ended (&pair.ends[0]);
}

static void
check_other_cipher_or_pattern (KhNoisePattern pattern, KhNoiseCipher cipher)
{
  Pair pair, other;

  for (guint i = 0; i < KH_NOISE_N_PATTERNS * KH_NOISE_N_CIPHERS; i++)
    {
      KhNoisePattern other_pattern = i % KH_NOISE_N_PATTERNS;
      KhNoiseCipher other_cipher = i / KH_NOISE_N_PATTERNS;

      if (!kh_noise_cipher_available (other_cipher)
          || (other_pattern == pattern && other_cipher == cipher))
        continue;
      start (&pair, pattern, cipher);
      other = pair;
      other.pattern = other_pattern;
      other.cipher = other_cipher;
      start_end (&other, 1, "prologue", other.statics[0].public_key);
      pair.ends[1] = other.ends[1];
      assert_does_not_connect (&pair);
    }
}

/* What kh_noise_seal() refuses to make: too long, or with the last nonce. */
static void
seal_forbidden (const KhNoiseCipherState *state, guint8 *out, const guint8 *plain,
                gsize len)
{
  guint8 nonce[12] = { 0 };
  guint64 little = GUINT64_TO_LE (state->nonce), big = GUINT64_TO_BE (state->nonce);

  memcpy (nonce + 4, state->cipher == KH_NOISE_AESGCM ? &big : &little, 8);
  if (state->cipher == KH_NOISE_AESGCM)
    crypto_aead_aes256gcm_encrypt (out, NULL, plain, len, NULL, 0, NULL, nonce,
                                   state->key);
  else
    crypto_aead_chacha20poly1305_ietf_encrypt (out, NULL, plain, len, NULL, 0, NULL,
                                               nonce, state->key);
}

static void
check_longest_message (KhNoisePattern pattern, KhNoiseCipher cipher)
{
  g_autofree guint8 *bytes = g_malloc0 (KH_NOISE_MESSAGE_MAX + 1);
  Pair pair;

  connect_pair (&pair, pattern, cipher);
  g_assert_cmpuint (KH_NOISE_PLAIN_MAX, ==, 65519);
  g_assert_false (kh_noise_seal (&pair.send[0], NULL, bytes, bytes, 65520));
  g_assert_true (kh_noise_seal (&pair.send[0], NULL, bytes, bytes, 65519));
  g_assert_true (kh_noise_open (&pair.receive[1], NULL, bytes, bytes, 65535));
  g_assert_true (sodium_is_zero (bytes, 65519));

  seal_forbidden (&pair.send[0], bytes, bytes, 65520);
  g_assert_false (kh_noise_open (&pair.receive[1], NULL, bytes, bytes, 65536));
  assert_unusable (&pair.receive[1]);
}

static void
check_longest_handshake (KhNoisePattern pattern, KhNoiseCipher cipher)
{
  g_autofree guint8 *bytes = g_malloc0 (2 * 70000);
  gsize len, payload_len, overhead;
  Pair pair;

  start (&pair, pattern, cipher);
  g_assert_true (
      kh_noise_handshake_write (&pair.ends[0], "", 0, bytes, 70000, &overhead));
  g_assert_cmpuint (overhead, <=, KH_NOISE_HANDSHAKE_OVERHEAD_MAX);

  start (&pair, pattern, cipher);
  g_assert_true (kh_noise_handshake_write (&pair.ends[0], bytes + 70000, 65535 - overhead,
                                           bytes, 70000, &len));
  g_assert_cmpuint (len, ==, 65535);
  g_assert_true (kh_noise_handshake_read (&pair.ends[1], bytes, len, bytes + 70000, 70000,
                                          &payload_len));
  g_assert_cmpuint (payload_len, ==, 65535 - overhead);

  start (&pair, pattern, cipher);
  g_assert_false (kh_noise_handshake_write (&pair.ends[0], bytes + 70000,
                                            65536 - overhead, bytes, 70000, &len));
  assert_ended (&pair.ends[0]);
}

/* Too little room for what is written or read is a failure, not an overrun. */
static void
check_little_room (KhNoisePattern pattern, KhNoiseCipher cipher)
{
  guint8 message[ROOM], payload[16], small[ROOM];
  gsize full, len;
  Pair pair;

  start (&pair, pattern, cipher);
  full = write_next (&pair, 0, message);
  g_assert_false (
      kh_noise_handshake_read (&pair.ends[1], message, full, payload, 8, &len));
  assert_ended (&pair.ends[1]);

  for (gsize room = 0; room < full; room++)
    {
      start (&pair, pattern, cipher);
      memset (small, 0xaa, sizeof small);
      g_assert_false (
          kh_noise_handshake_write (&pair.ends[0], "payload 0", 9, small, room, &len));
      for (gsize i = room; i < full; i++)
        g_assert_cmpuint (small[i], ==, 0xaa);
      assert_ended (&pair.ends[0]);
    }
}

static void
check_fast_key_makes_the_same (KhNoisePattern pattern, KhNoiseCipher cipher)
{
  guint8 plain[1000], slow[1000 + KH_NOISE_TAG_LEN], quick[1000 + KH_NOISE_TAG_LEN];
  KhNoiseFastKey fast, fast_receive;
  KhNoiseCipherState copy;
  Pair pair;

  connect_pair (&pair, pattern, cipher);
  kh_noise_fast_key_init (&fast, &pair.send[0]);
  kh_noise_fast_key_init (&fast_receive, &pair.receive[1]);
  copy = pair.send[0];
  for (guint round = 0; round < 20; round++)
    {
      fill_random (plain, sizeof plain);
      memcpy (quick, plain, sizeof plain);
      g_assert_true (kh_noise_seal (&copy, NULL, slow, plain, sizeof plain));
      g_assert_true (kh_noise_seal (&pair.send[0], &fast, quick, quick, sizeof plain));
      g_assert_cmpmem (quick, sizeof quick, slow, sizeof slow);
      g_assert_true (
          kh_noise_open (&pair.receive[1], &fast_receive, quick, quick, sizeof quick));
      g_assert_cmpmem (quick, sizeof plain, plain, sizeof plain);
    }
  slow[3] ^= 1;
  g_assert_false (
      kh_noise_open (&pair.receive[1], &fast_receive, slow, slow, sizeof slow));
  assert_unusable (&pair.receive[1]);

  kh_noise_fast_key_clear (&fast);
  g_assert_true (sodium_is_zero ((const guint8 *)&fast, sizeof fast));
}

static void
check_last_nonce_is_never_used (KhNoisePattern pattern, KhNoiseCipher cipher)
{
  guint8 bytes[1 + KH_NOISE_TAG_LEN] = { 0 };
  Pair pair;

  connect_pair (&pair, pattern, cipher);
  pair.send[0].nonce = pair.receive[1].nonce = UINT64_MAX - 1;
  g_assert_true (kh_noise_seal (&pair.send[0], NULL, bytes, bytes, 1));
  g_assert_true (kh_noise_open (&pair.receive[1], NULL, bytes, bytes, sizeof bytes));
  g_assert_cmpuint (pair.send[0].nonce, ==, UINT64_MAX);

  seal_forbidden (&pair.send[0], bytes, bytes, 1);
  g_assert_false (kh_noise_open (&pair.receive[1], NULL, bytes, bytes, sizeof bytes));
  assert_unusable (&pair.receive[1]);
  g_assert_false (kh_noise_seal (&pair.send[0], NULL, bytes, bytes, 1));
  assert_unusable (&pair.send[0]);
}

/* Whether any 8 bytes of @secret stand in @bytes. */
static gboolean
contains (const void *bytes, gsize len, const guint8 secret[KH_KEY_LEN])
{
  for (gsize i = 0; i + 8 <= KH_KEY_LEN; i += 8)
    if (has_bytes (bytes, len, secret + i, 8))
      return TRUE;
  return FALSE;
}

static void
check_no_secrets_remain (KhNoisePattern pattern, KhNoiseCipher cipher)
{
  Pair pair;

  start (&pair, pattern, cipher);
  g_assert_true (
      contains (&pair.ends[0], sizeof pair.ends[0], pair.statics[0].secret_key));
  kh_noise_handshake_clear (&pair.ends[0]);
  assert_ended (&pair.ends[0]);

  connect_pair (&pair, pattern, cipher);
  for (guint end = 0; end < 2; end++)
    {
      KhNoiseHandshake *handshake = &pair.ends[end];

      g_assert_false (
          contains (handshake, sizeof *handshake, pair.statics[end].secret_key));
      g_assert_false (
          contains (handshake, sizeof *handshake, pair.ephemerals[end].secret_key));
      g_assert_false (contains (handshake, sizeof *handshake, pair.send[end].key));
      g_assert_true (
          sodium_is_zero (handshake->chaining_key, sizeof handshake->chaining_key));
      g_assert_false (
          kh_noise_handshake_split (handshake, &pair.send[end], &pair.receive[end]));
      assert_unusable (&pair.send[end]);
    }
}

static void
check_out_of_turn (KhNoisePattern pattern, KhNoiseCipher cipher)
{
  guint8 bytes[ROOM] = { 0 };
  gsize len;
  Pair pair;

  start (&pair, pattern, cipher);
  g_assert_false (kh_noise_handshake_write (&pair.ends[1], "", 0, bytes, ROOM, &len));
  assert_ended (&pair.ends[1]);
  g_assert_false (
      kh_noise_handshake_read (&pair.ends[0], bytes, 96, bytes + 128, 128, &len));
  assert_ended (&pair.ends[0]);
}

/* RFC 7748, 5.2: the first iteration is the base point times itself. */
static void
test_key_pair_of_rfc7748 (void)
{
  static const guint8 secret[KH_KEY_LEN] = { 9 };
  guint8 expected[KH_KEY_LEN];
  KhKeyPair pair;

  sodium_hex2bin (expected, sizeof expected,
                  "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079", 64,
                  NULL, NULL, NULL);
  kh_noise_key_pair_from_secret (&pair, secret);
  g_assert_cmpmem (pair.secret_key, KH_KEY_LEN, secret, KH_KEY_LEN);
  g_assert_cmpmem (pair.public_key, KH_KEY_LEN, expected, KH_KEY_LEN);
  kh_noise_key_pair_clear (&pair);
  g_assert_true (sodium_is_zero ((const guint8 *)&pair, sizeof pair));
}

/* @data is the check; it must hold for every pattern with every cipher. */
static void
run_for_all (gconstpointer data)
{
  Check check = *(const Check *)data;

  for (KhNoiseCipher cipher = 0; cipher < KH_NOISE_N_CIPHERS; cipher++)
    for (KhNoisePattern pattern = 0; pattern < KH_NOISE_N_PATTERNS; pattern++)
      if (kh_noise_cipher_available (cipher))
        check (pattern, cipher);
}

static const struct
{
  const char *path;
  Check check;
} checks[] = {
  { "/noise/round-trip", check_round_trip },
  { "/noise/any-flipped-bit-ends-a-handshake", check_any_flipped_bit },
  { "/noise/cut-message-ends-a-handshake", check_cut_message },
  { "/noise/any-flipped-bit-ends-a-transport", check_flipped_transport },
  { "/noise/replay-and-reorder-end-a-transport", check_replay_and_reorder },
  { "/noise/wrong-prologue-or-key-does-not-connect", check_wrong_prologue_or_key },
  { "/noise/zero-key-aborts", check_zero_key },
  { "/noise/other-cipher-or-pattern-does-not-connect", check_other_cipher_or_pattern },
  { "/noise/longest-message", check_longest_message },
  { "/noise/longest-handshake", check_longest_handshake },
  { "/noise/little-room", check_little_room },
  { "/noise/fast-key-makes-the-same", check_fast_key_makes_the_same },
  { "/noise/last-nonce-is-never-used", check_last_nonce_is_never_used },
  { "/noise/no-secrets-remain", check_no_secrets_remain },
  { "/noise/out-of-turn-ends-a-handshake", check_out_of_turn },
};

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
    g_test_add_data_func (checks[i].path, &checks[i].check, run_for_all);
  g_test_add_func ("/noise/key-pair-of-rfc7748", test_key_pair_of_rfc7748);
  return g_test_run ();
}

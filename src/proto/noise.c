/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/noise-private.h"
#include "proto/reader.h"
#include "proto/writer.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#define MESSAGES_MAX 3
#define TOKENS_MAX 4
/* "Noise_", a pattern, "_25519_", the longer cipher, "_BLAKE2b" and a NUL. It fits
 * in a hash, so it is padded and not hashed (Noise, 5.2). */
#define NAME_MAX_LEN 34

static_assert (NAME_MAX_LEN <= KH_NOISE_HASH_LEN, "the protocol name is never hashed");
static_assert (KH_KEY_LEN == crypto_scalarmult_BYTES, "a DH result is as long as a key");

typedef enum
{
  TOKEN_END,
  TOKEN_E,
  TOKEN_S,
  TOKEN_EE,
  TOKEN_ES,
  TOKEN_SE,
  TOKEN_SS,
} Token;

/* Section 7.5 as data. The initiator writes the messages at even places. */
static const struct
{
  const char *name;
  bool initiator_known; /* its static key is a pre-message */
  bool responder_known;
  uint8_t n_messages;
  uint8_t tokens[MESSAGES_MAX][TOKENS_MAX + 1];
} patterns[KH_NOISE_N_PATTERNS] = {
  [KH_NOISE_IK] = {
      .name = "IK",
      .responder_known = true,
      .n_messages = 2,
      .tokens = { { TOKEN_E, TOKEN_ES, TOKEN_S, TOKEN_SS },
                  { TOKEN_E, TOKEN_EE, TOKEN_SE } },
  },
  [KH_NOISE_KK] = {
      .name = "KK",
      .initiator_known = true,
      .responder_known = true,
      .n_messages = 2,
      .tokens = { { TOKEN_E, TOKEN_ES, TOKEN_SS }, { TOKEN_E, TOKEN_EE, TOKEN_SE } },
  },
  [KH_NOISE_XX] = {
      .name = "XX",
      .n_messages = 3,
      .tokens = { { TOKEN_E },
                  { TOKEN_E, TOKEN_EE, TOKEN_S, TOKEN_ES },
                  { TOKEN_S, TOKEN_SE } },
  },
};

static const char *const cipher_names[KH_NOISE_N_CIPHERS] = {
  [KH_NOISE_CHACHAPOLY] = "ChaChaPoly",
  [KH_NOISE_AESGCM] = "AESGCM",
};

static void
mix_hash (KhNoiseHandshake *self, const void *bytes, size_t len)
{
  kh_noise_hash_two (self->hash, self->hash, sizeof self->hash, bytes, len);
}

/* Diffie-Hellman and MixKey() in one, as they always come together. Fails on an
 * all-zero result, which a key of low order gives. */
static bool
mix_dh (KhNoiseHandshake *self, const KhKeyPair *own, const uint8_t remote[KH_KEY_LEN])
{
  uint8_t shared[KH_KEY_LEN];
  uint8_t key[KH_NOISE_HASH_LEN];
  bool ok = crypto_scalarmult (shared, own->secret_key, remote) == 0;

  if (ok)
    {
      kh_noise_hkdf (self->chaining_key, key, self->chaining_key, shared, sizeof shared);
      kh_noise_cipher_state_init (&self->cipher, self->cipher.cipher, key);
    }
  sodium_memzero (shared, sizeof shared);
  sodium_memzero (key, sizeof key);
  return ok;
}

/* The tokens that mean the same to who writes and who reads: the first letter is
 * the initiator's key, the second the responder's. */
static bool
mix_token (KhNoiseHandshake *self, Token token)
{
  switch (token)
    {
    case TOKEN_EE:
      return mix_dh (self, &self->ephemeral, self->remote_ephemeral);
    case TOKEN_SS:
      return mix_dh (self, &self->own_static, self->remote_static);
    case TOKEN_ES:
    case TOKEN_SE:
      if ((token == TOKEN_ES) == self->initiator)
        return mix_dh (self, &self->ephemeral, self->remote_static);
      return mix_dh (self, &self->own_static, self->remote_ephemeral);
    case TOKEN_END:
    case TOKEN_E:
    case TOKEN_S:
      break;
    }
  return false;
}

/* EncryptAndHash(): plain as long as there is no key. */
static bool
write_sealed (KhNoiseHandshake *self, KhWriter *writer, const void *plain, size_t len)
{
  size_t out_len = len + (self->cipher.usable ? KH_NOISE_TAG_LEN : 0);
  uint8_t *out = len <= KH_NOISE_MESSAGE_MAX ? kh_writer_reserve (writer, out_len) : NULL;

  if (out == NULL)
    return false;
  if (!self->cipher.usable)
    {
      if (len > 0)
        memcpy (out, plain, len);
    }
  else if (!kh_noise_seal_with (&self->cipher, NULL, out, plain, len, self->hash,
                                sizeof self->hash))
    return false;
  mix_hash (self, out, out_len);
  return true;
}

/* DecryptAndHash() of the next bytes, so many that @len come out. */
static bool
read_sealed (KhNoiseHandshake *self, KhReader *reader, uint8_t *out, size_t len)
{
  size_t sealed_len = len + (self->cipher.usable ? KH_NOISE_TAG_LEN : 0);
  const uint8_t *sealed = kh_reader_bytes (reader, sealed_len);

  if (sealed == NULL)
    return false;
  if (!self->cipher.usable)
    {
      if (len > 0)
        memcpy (out, sealed, len);
    }
  else if (!kh_noise_open_with (&self->cipher, NULL, out, sealed, sealed_len, self->hash,
                                sizeof self->hash))
    return false;
  mix_hash (self, sealed, sealed_len);
  return true;
}

static bool
write_token (KhNoiseHandshake *self, KhWriter *writer, Token token)
{
  const uint8_t *own = self->ephemeral.public_key;

  if (token == TOKEN_S)
    return write_sealed (self, writer, self->own_static.public_key, KH_KEY_LEN);
  if (token != TOKEN_E)
    return mix_token (self, token);

  kh_writer_bytes (writer, own, KH_KEY_LEN);
  mix_hash (self, own, KH_KEY_LEN);
  return kh_writer_done (writer);
}

static bool
read_token (KhNoiseHandshake *self, KhReader *reader, Token token)
{
  if (token == TOKEN_S)
    {
      self->has_remote_static
          = read_sealed (self, reader, self->remote_static, KH_KEY_LEN);
      return self->has_remote_static;
    }
  if (token != TOKEN_E)
    return mix_token (self, token);

  if (!kh_reader_copy (reader, self->remote_ephemeral, KH_KEY_LEN))
    return false;
  mix_hash (self, self->remote_ephemeral, KH_KEY_LEN);
  return true;
}

static void
count_message (KhNoiseHandshake *self)
{
  self->n_messages++;
  if (self->n_messages == patterns[self->pattern].n_messages)
    self->phase = KH_NOISE_DONE;
}

static void
mix_protocol_name (KhNoiseHandshake *self, KhNoisePattern pattern, KhNoiseCipher cipher)
{
  const char *const parts[]
      = { "Noise_", patterns[pattern].name, "_25519_", cipher_names[cipher], "_BLAKE2b" };
  KhWriter name;

  memset (self->hash, 0, sizeof self->hash);
  kh_writer_init (&name, self->hash, NAME_MAX_LEN);
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    kh_writer_bytes (&name, parts[i], strlen (parts[i]));
  assert (kh_writer_done (&name));
  memcpy (self->chaining_key, self->hash, sizeof self->hash);
}

void
kh_noise_key_pair_from_secret (KhKeyPair *self, const uint8_t secret[KH_KEY_LEN])
{
  memmove (self->secret_key, secret, KH_KEY_LEN);
  crypto_scalarmult_base (self->public_key, self->secret_key);
}

void
kh_noise_key_pair_clear (KhKeyPair *self)
{
  sodium_memzero (self, sizeof *self);
}

bool
kh_noise_handshake_start (KhNoiseHandshake *self, KhNoisePattern pattern,
                          KhNoiseCipher cipher, bool initiator, const void *prologue,
                          size_t prologue_len, const KhKeyPair *own_static,
                          const KhKeyPair *ephemeral, const uint8_t *remote_static)
{
  bool own_known
      = initiator ? patterns[pattern].initiator_known : patterns[pattern].responder_known;
  bool remote_known
      = initiator ? patterns[pattern].responder_known : patterns[pattern].initiator_known;

  assert ((remote_static != NULL) == remote_known);
  memset (self, 0, sizeof *self);
  if (!kh_noise_cipher_available (cipher))
    return false;

  self->phase = KH_NOISE_SHAKING;
  self->pattern = pattern;
  self->initiator = initiator;
  self->cipher.cipher = (uint8_t)cipher;
  self->own_static = *own_static;
  self->ephemeral = *ephemeral;
  self->has_remote_static = remote_known;
  if (remote_known)
    memcpy (self->remote_static, remote_static, KH_KEY_LEN);

  mix_protocol_name (self, pattern, cipher);
  mix_hash (self, prologue, prologue_len);

  /* Pre-messages: the initiator's key comes first, whoever looks. */
  if (own_known && initiator)
    mix_hash (self, own_static->public_key, KH_KEY_LEN);
  if (remote_known)
    mix_hash (self, remote_static, KH_KEY_LEN);
  if (own_known && !initiator)
    mix_hash (self, own_static->public_key, KH_KEY_LEN);
  return true;
}

bool
kh_noise_handshake_write (KhNoiseHandshake *self, const void *payload, size_t payload_len,
                          uint8_t *out, size_t capacity, size_t *out_len)
{
  bool ok = kh_noise_handshake_own_turn (self);
  KhWriter writer;

  kh_writer_init (&writer, out,
                  capacity < KH_NOISE_MESSAGE_MAX ? capacity : KH_NOISE_MESSAGE_MAX);
  for (size_t i = 0; ok; i++)
    {
      Token token = patterns[self->pattern].tokens[self->n_messages][i];

      if (token == TOKEN_END)
        break;
      ok = write_token (self, &writer, token);
    }
  ok = ok && write_sealed (self, &writer, payload, payload_len);

  *out_len = ok ? writer.len : 0;
  if (ok)
    count_message (self);
  else
    kh_noise_handshake_clear (self);
  return ok;
}

bool
kh_noise_handshake_read (KhNoiseHandshake *self, const uint8_t *message, size_t len,
                         void *payload_out, size_t capacity, size_t *payload_len)
{
  bool ok = self->phase == KH_NOISE_SHAKING && !kh_noise_handshake_own_turn (self)
            && len <= KH_NOISE_MESSAGE_MAX;
  size_t tag_len, plain_len = 0;
  KhReader reader;

  kh_reader_init (&reader, message, len);
  for (size_t i = 0; ok; i++)
    {
      Token token = patterns[self->pattern].tokens[self->n_messages][i];

      if (token == TOKEN_END)
        break;
      ok = read_token (self, &reader, token);
    }

  tag_len = self->cipher.usable ? KH_NOISE_TAG_LEN : 0;
  if (ok && reader.left >= tag_len && reader.left - tag_len <= capacity)
    plain_len = reader.left - tag_len;
  else
    ok = false;
  ok = ok && read_sealed (self, &reader, payload_out, plain_len);

  *payload_len = ok ? plain_len : 0;
  if (ok)
    count_message (self);
  else
    kh_noise_handshake_clear (self);
  return ok;
}

bool
kh_noise_handshake_own_turn (const KhNoiseHandshake *self)
{
  return self->phase == KH_NOISE_SHAKING
         && (self->n_messages % 2 == 0) == self->initiator;
}

bool
kh_noise_handshake_done (const KhNoiseHandshake *self)
{
  return self->phase == KH_NOISE_DONE || self->phase == KH_NOISE_SPLIT;
}

const uint8_t *
kh_noise_handshake_remote_static (const KhNoiseHandshake *self)
{
  return self->has_remote_static ? self->remote_static : NULL;
}

const uint8_t *
kh_noise_handshake_hash (const KhNoiseHandshake *self)
{
  return kh_noise_handshake_done (self) ? self->hash : NULL;
}

bool
kh_noise_handshake_split (KhNoiseHandshake *self, KhNoiseCipherState *send,
                          KhNoiseCipherState *receive)
{
  uint8_t first[KH_NOISE_HASH_LEN], second[KH_NOISE_HASH_LEN];
  KhNoiseCipher cipher = self->cipher.cipher;

  memset (send, 0, sizeof *send);
  memset (receive, 0, sizeof *receive);
  if (self->phase != KH_NOISE_DONE)
    return false;

  kh_noise_hkdf (first, second, self->chaining_key, NULL, 0);
  kh_noise_cipher_state_init (self->initiator ? send : receive, cipher, first);
  kh_noise_cipher_state_init (self->initiator ? receive : send, cipher, second);
  sodium_memzero (first, sizeof first);
  sodium_memzero (second, sizeof second);

  sodium_memzero (self->chaining_key, sizeof self->chaining_key);
  kh_noise_cipher_state_clear (&self->cipher);
  kh_noise_key_pair_clear (&self->own_static);
  kh_noise_key_pair_clear (&self->ephemeral);
  self->phase = KH_NOISE_SPLIT;
  return true;
}

void
kh_noise_handshake_clear (KhNoiseHandshake *self)
{
  sodium_memzero (self, sizeof *self);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/noise-private.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

/* HMAC needs it: the length of what BLAKE2b compresses at once. */
#define BLOCK_LEN 128
#define NONCE_LEN 12

static_assert (sizeof (KhNoiseCipherState) <= 48, "a server holds two for each client");
static_assert (sizeof (KhNoiseFastKey) == sizeof (crypto_aead_aes256gcm_state),
               "libsodium's");
static_assert (KH_KEY_LEN == crypto_aead_aes256gcm_KEYBYTES, "one key length");
static_assert (KH_KEY_LEN == crypto_aead_chacha20poly1305_IETF_KEYBYTES,
               "one key length");
static_assert (NONCE_LEN == crypto_aead_aes256gcm_NPUBBYTES, "one nonce length");
static_assert (NONCE_LEN == crypto_aead_chacha20poly1305_IETF_NPUBBYTES,
               "one nonce length");

/* 32 zero bits, then the counter, in the byte order of the cipher (Noise, 12.3 and
 * 12.4). */
static void
fill_nonce (const KhNoiseCipherState *self, uint8_t nonce[NONCE_LEN])
{
  memset (nonce, 0, NONCE_LEN);
  for (size_t i = 0; i < 8; i++)
    {
      size_t at = self->cipher == KH_NOISE_AESGCM ? NONCE_LEN - 1 - i : 4 + i;

      nonce[at] = (uint8_t)(self->nonce >> (8 * i));
    }
}

static const crypto_aead_aes256gcm_state *
expanded (const KhNoiseFastKey *fast)
{
  return (const crypto_aead_aes256gcm_state *)fast->state;
}

/* HMAC (RFC 2104) with BLAKE2b over two runs of bytes. The key is always as long as
 * a hash, so it never needs hashing itself. */
static void
hmac (uint8_t out[KH_NOISE_HASH_LEN], const uint8_t key[KH_NOISE_HASH_LEN],
      const uint8_t *first, size_t first_len, const uint8_t *second, size_t second_len)
{
  crypto_generichash_state state;
  uint8_t block[BLOCK_LEN];
  uint8_t inner[KH_NOISE_HASH_LEN];

  memset (block, 0x36, sizeof block);
  for (size_t i = 0; i < KH_NOISE_HASH_LEN; i++)
    block[i] ^= key[i];
  crypto_generichash_init (&state, NULL, 0, KH_NOISE_HASH_LEN);
  crypto_generichash_update (&state, block, sizeof block);
  crypto_generichash_update (&state, first, first_len);
  crypto_generichash_update (&state, second, second_len);
  crypto_generichash_final (&state, inner, sizeof inner);

  for (size_t i = 0; i < sizeof block; i++)
    block[i] ^= 0x36 ^ 0x5c;
  crypto_generichash_init (&state, NULL, 0, KH_NOISE_HASH_LEN);
  crypto_generichash_update (&state, block, sizeof block);
  crypto_generichash_update (&state, inner, sizeof inner);
  crypto_generichash_final (&state, out, KH_NOISE_HASH_LEN);

  sodium_memzero (&state, sizeof state);
  sodium_memzero (block, sizeof block);
  sodium_memzero (inner, sizeof inner);
}

void
kh_noise_hash_two (uint8_t out[KH_NOISE_HASH_LEN], const void *first, size_t first_len,
                   const void *second, size_t second_len)
{
  crypto_generichash_state state;

  crypto_generichash_init (&state, NULL, 0, KH_NOISE_HASH_LEN);
  crypto_generichash_update (&state, first, first_len);
  crypto_generichash_update (&state, second, second_len);
  crypto_generichash_final (&state, out, KH_NOISE_HASH_LEN);
  sodium_memzero (&state, sizeof state);
}

void
kh_noise_hkdf (uint8_t first[KH_NOISE_HASH_LEN], uint8_t second[KH_NOISE_HASH_LEN],
               const uint8_t chaining_key[KH_NOISE_HASH_LEN], const uint8_t *input,
               size_t input_len)
{
  static const uint8_t one = 1;
  static const uint8_t two = 2;
  uint8_t temporary[KH_NOISE_HASH_LEN];

  hmac (temporary, chaining_key, input, input_len, NULL, 0);
  hmac (first, temporary, &one, 1, NULL, 0);
  hmac (second, temporary, first, KH_NOISE_HASH_LEN, &two, 1);
  sodium_memzero (temporary, sizeof temporary);
}

bool
kh_noise_cipher_available (KhNoiseCipher cipher)
{
  return cipher == KH_NOISE_CHACHAPOLY
         || (cipher == KH_NOISE_AESGCM && crypto_aead_aes256gcm_is_available () == 1);
}

void
kh_noise_cipher_state_init (KhNoiseCipherState *self, KhNoiseCipher cipher,
                            const uint8_t key[KH_KEY_LEN])
{
  self->nonce = 0;
  self->cipher = (uint8_t)cipher;
  self->usable = true;
  memcpy (self->key, key, KH_KEY_LEN);
}

void
kh_noise_cipher_state_clear (KhNoiseCipherState *self)
{
  sodium_memzero (self, sizeof *self);
}

void
kh_noise_fast_key_init (KhNoiseFastKey *self, const KhNoiseCipherState *cipher_state)
{
  if (cipher_state->usable && cipher_state->cipher == KH_NOISE_AESGCM)
    crypto_aead_aes256gcm_beforenm ((crypto_aead_aes256gcm_state *)self->state,
                                    cipher_state->key);
  else
    memset (self, 0, sizeof *self);
}

void
kh_noise_fast_key_clear (KhNoiseFastKey *self)
{
  sodium_memzero (self, sizeof *self);
}

bool
kh_noise_seal_with (KhNoiseCipherState *self, const KhNoiseFastKey *fast, uint8_t *out,
                    const uint8_t *plain, size_t plain_len, const uint8_t *data,
                    size_t data_len)
{
  uint8_t nonce[NONCE_LEN];

  /* The last nonce is reserved (Noise, 5.1). */
  if (!self->usable || self->nonce == UINT64_MAX)
    {
      kh_noise_cipher_state_clear (self);
      return false;
    }

  fill_nonce (self, nonce);
  self->nonce++;
  if (self->cipher == KH_NOISE_CHACHAPOLY)
    crypto_aead_chacha20poly1305_ietf_encrypt (out, NULL, plain, plain_len, data,
                                               data_len, NULL, nonce, self->key);
  else if (fast != NULL)
    crypto_aead_aes256gcm_encrypt_afternm (out, NULL, plain, plain_len, data, data_len,
                                           NULL, nonce, expanded (fast));
  else
    crypto_aead_aes256gcm_encrypt (out, NULL, plain, plain_len, data, data_len, NULL,
                                   nonce, self->key);
  return true;
}

bool
kh_noise_open_with (KhNoiseCipherState *self, const KhNoiseFastKey *fast, uint8_t *out,
                    const uint8_t *sealed, size_t sealed_len, const uint8_t *data,
                    size_t data_len)
{
  uint8_t nonce[NONCE_LEN];
  int failed = -1;

  fill_nonce (self, nonce);
  if (!self->usable || self->nonce == UINT64_MAX || sealed_len < KH_NOISE_TAG_LEN)
    failed = -1;
  else if (self->cipher == KH_NOISE_CHACHAPOLY)
    failed = crypto_aead_chacha20poly1305_ietf_decrypt (
        out, NULL, NULL, sealed, sealed_len, data, data_len, nonce, self->key);
  else if (fast != NULL)
    failed = crypto_aead_aes256gcm_decrypt_afternm (
        out, NULL, NULL, sealed, sealed_len, data, data_len, nonce, expanded (fast));
  else
    failed = crypto_aead_aes256gcm_decrypt (out, NULL, NULL, sealed, sealed_len, data,
                                            data_len, nonce, self->key);

  if (failed != 0)
    {
      kh_noise_cipher_state_clear (self);
      return false;
    }
  self->nonce++;
  return true;
}

bool
kh_noise_seal (KhNoiseCipherState *self, const KhNoiseFastKey *fast, uint8_t *out,
               const uint8_t *plain, size_t plain_len)
{
  if (plain_len > KH_NOISE_PLAIN_MAX)
    return false;
  return kh_noise_seal_with (self, fast, out, plain, plain_len, NULL, 0);
}

bool
kh_noise_open (KhNoiseCipherState *self, const KhNoiseFastKey *fast, uint8_t *out,
               const uint8_t *sealed, size_t sealed_len)
{
  /* Too long ends the state like any other message that can't be right. */
  if (sealed_len > KH_NOISE_MESSAGE_MAX)
    sealed_len = 0;
  return kh_noise_open_with (self, fast, out, sealed, sealed_len, NULL, 0);
}

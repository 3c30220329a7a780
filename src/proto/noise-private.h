/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * noise-private.h - what the handshake in noise.c needs of noise-cipher.c.
 *
 * Include it nowhere else. Source: The Noise Protocol Framework, sections 4 and 5.
 */
#pragma once

#include "proto/noise.h"

/* Sets a fresh key; the nonce starts at 0. */
void kh_noise_cipher_state_init (KhNoiseCipherState *self, KhNoiseCipher cipher,
                                 const uint8_t key[KH_KEY_LEN]);

/* As kh_noise_seal() and kh_noise_open(), with data that is authenticated but not
 * inside, and without a look at the length of a message. */
bool kh_noise_seal_with (KhNoiseCipherState *self, const KhNoiseFastKey *fast,
                         uint8_t *out, const uint8_t *plain, size_t plain_len,
                         const uint8_t *data, size_t data_len);
bool kh_noise_open_with (KhNoiseCipherState *self, const KhNoiseFastKey *fast,
                         uint8_t *out, const uint8_t *sealed, size_t sealed_len,
                         const uint8_t *data, size_t data_len);

/* HASH() over two runs of bytes. @out may be @first. */
void kh_noise_hash_two (uint8_t out[KH_NOISE_HASH_LEN], const void *first,
                        size_t first_len, const void *second, size_t second_len);

/* HKDF() with two outputs. @first may be @chaining_key. */
void kh_noise_hkdf (uint8_t first[KH_NOISE_HASH_LEN], uint8_t second[KH_NOISE_HASH_LEN],
                    const uint8_t chaining_key[KH_NOISE_HASH_LEN], const uint8_t *input,
                    size_t input_len);

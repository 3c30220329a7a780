/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * noise.h - two ends agree on keys and prove who they are, then seal messages.
 *
 * Call handshake_start() at both ends. While own_turn() call handshake_write()
 * and send what it made; otherwise hand what arrived to handshake_read(). Once
 * handshake_done() look at remote_static() and decide whether that is who you
 * wanted; then split() gives one cipher state a direction, for seal() and open().
 * Wipe everything with its _clear().
 *
 * Whatever fails is final: the state is wiped and refuses all further calls. A
 * message that is late, early, repeated or altered therefore ends a connection,
 * which suits a byte stream and nothing else.
 *
 * Nothing here frames messages, makes random keys, or decides whom to trust. The
 * payload of a first message can be replayed by anyone who saw it (Noise, 7.7):
 * let it change nothing. There is no rekeying: AES-GCM is good for about a
 * terabyte a direction at full-sized messages before its margin thins (RFC 8446,
 * 5.5); who sends more makes a new handshake.
 *
 * sodium_init() must have been called. Lengths are bytes.
 * Source: The Noise Protocol Framework, revision 34, with 25519 and BLAKE2b;
 * src/PROTOCOL.md says which pattern is used where.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KH_KEY_LEN 32
#define KH_NOISE_HASH_LEN 64
#define KH_NOISE_TAG_LEN 16
/* Noise, section 3: the length of a message fits in two bytes. */
#define KH_NOISE_MESSAGE_MAX 65535
#define KH_NOISE_PLAIN_MAX (KH_NOISE_MESSAGE_MAX - KH_NOISE_TAG_LEN)

/* The longest message of any pattern here with an empty payload is the first one
 * of IK: an ephemeral key, a sealed static key and a tag. */
#define KH_NOISE_HANDSHAKE_OVERHEAD_MAX (2 * KH_KEY_LEN + 2 * KH_NOISE_TAG_LEN)

typedef enum
{
  KH_NOISE_IK, /* the initiator knows the responder */
  KH_NOISE_KK, /* both know each other */
  KH_NOISE_XX, /* neither knows the other */
  KH_NOISE_N_PATTERNS,
} KhNoisePattern;

typedef enum
{
  KH_NOISE_CHACHAPOLY,
  KH_NOISE_AESGCM, /* only where kh_noise_cipher_available() */
  KH_NOISE_N_CIPHERS,
} KhNoiseCipher;

typedef struct
{
  uint8_t public_key[KH_KEY_LEN];
  uint8_t secret_key[KH_KEY_LEN];
} KhKeyPair;

/* One direction. Kept small, because a server holds two for each client. */
typedef struct
{
  uint8_t key[KH_KEY_LEN];
  uint64_t nonce; /* of the next message */
  uint8_t cipher; /* a KhNoiseCipher */
  bool usable;    /* false before a key is set and after anything failed */
} KhNoiseCipherState;

/* The expanded AES key, which is worth its room on a channel at full speed. */
typedef struct
{
  _Alignas(16) uint8_t state[512];
} KhNoiseFastKey;

typedef enum
{
  KH_NOISE_ENDED, /* failed or cleared; zero, so that wiped memory means this */
  KH_NOISE_SHAKING,
  KH_NOISE_DONE,
  KH_NOISE_SPLIT,
} KhNoisePhase;

/* Use the functions below for everything. */
typedef struct
{
  uint8_t chaining_key[KH_NOISE_HASH_LEN];
  uint8_t hash[KH_NOISE_HASH_LEN];
  KhNoiseCipherState cipher;
  KhKeyPair own_static;
  KhKeyPair ephemeral;
  uint8_t remote_static[KH_KEY_LEN];
  uint8_t remote_ephemeral[KH_KEY_LEN];
  KhNoisePattern pattern;
  KhNoisePhase phase;
  uint8_t n_messages; /* written or read so far */
  bool initiator;
  bool has_remote_static;
} KhNoiseHandshake;

/* Whether this processor can do @cipher. */
bool kh_noise_cipher_available (KhNoiseCipher cipher);

/* The pair that belongs to @secret, which is any 32 random bytes. */
void kh_noise_key_pair_from_secret (KhKeyPair *self, const uint8_t secret[KH_KEY_LEN]);
void kh_noise_key_pair_clear (KhKeyPair *self);

/* Both ends must give the same @pattern, @cipher and @prologue. @ephemeral is
 * random and used for this handshake alone. @remote_static is NULL where the
 * pattern sends it, given where it does not. All are copied. False, and the
 * handshake ended, when the cipher is not available. */
bool kh_noise_handshake_start (KhNoiseHandshake *self, KhNoisePattern pattern,
                               KhNoiseCipher cipher, bool initiator, const void *prologue,
                               size_t prologue_len, const KhKeyPair *own_static,
                               const KhKeyPair *ephemeral, const uint8_t *remote_static);

/* Makes the next message with @payload inside. @out and @payload do not overlap. A
 * payload of @n bytes needs n + KH_NOISE_HANDSHAKE_OVERHEAD_MAX bytes of room. */
bool kh_noise_handshake_write (KhNoiseHandshake *self, const void *payload,
                               size_t payload_len, uint8_t *out, size_t capacity,
                               size_t *out_len);

/* Takes the other end's message. The payload is at most @len bytes; @payload_out
 * does not overlap @message and holds nothing of use on failure. */
bool kh_noise_handshake_read (KhNoiseHandshake *self, const uint8_t *message, size_t len,
                              void *payload_out, size_t capacity, size_t *payload_len);

/* Whether the next message is this end's to write. */
bool kh_noise_handshake_own_turn (const KhNoiseHandshake *self);

/* Whether all messages were exchanged. Stays true after split(). */
bool kh_noise_handshake_done (const KhNoiseHandshake *self);

/* The other end's key: 32 bytes inside @self; NULL as long as it is not known. It
 * is proven only once the handshake is done. */
const uint8_t *kh_noise_handshake_remote_static (const KhNoiseHandshake *self);

/* What both ends saw, in 64 bytes inside @self, for binding something to this
 * handshake; NULL before it is done. */
const uint8_t *kh_noise_handshake_hash (const KhNoiseHandshake *self);

/* Once, when done. Wipes the handshake's secrets; hash and remote static remain. */
bool kh_noise_handshake_split (KhNoiseHandshake *self, KhNoiseCipherState *send,
                               KhNoiseCipherState *receive);

void kh_noise_handshake_clear (KhNoiseHandshake *self);

/* Expands the key of @cipher_state; does nothing for ChaChaPoly. Goes with that
 * state alone, and with it for as long as it is usable. */
void kh_noise_fast_key_init (KhNoiseFastKey *self,
                             const KhNoiseCipherState *cipher_state);
void kh_noise_fast_key_clear (KhNoiseFastKey *self);

/* Writes @plain_len + 16 bytes to @out, which is @plain or does not overlap it.
 * @fast may be NULL. At most KH_NOISE_PLAIN_MAX bytes: more is refused, and that
 * alone leaves the state as it was. */
bool kh_noise_seal (KhNoiseCipherState *self, const KhNoiseFastKey *fast, uint8_t *out,
                    const uint8_t *plain, size_t plain_len);

/* Writes @sealed_len - 16 bytes to @out, which is @sealed or does not overlap it.
 * @fast may be NULL. On failure the state is wiped. */
bool kh_noise_open (KhNoiseCipherState *self, const KhNoiseFastKey *fast, uint8_t *out,
                    const uint8_t *sealed, size_t sealed_len);

void kh_noise_cipher_state_clear (KhNoiseCipherState *self);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Noise: the first byte chooses pattern, cipher and how many honest messages were
 * exchanged before; the rest is the next message, of a handshake or after it. The
 * keys are fixed, so that the corpus can hold messages that are right.
 */
#include "proto/noise.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

#define HONEST_MAX 4
#define ROOM 70000

/* Both ends after some honest messages. */
typedef struct
{
  gboolean made;
  KhNoiseHandshake ends[2]; /* the initiator's first */
  KhNoiseCipherState send[2], receive[2];
} Scene;

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
start_scene (Scene *scene, KhNoisePattern pattern, KhNoiseCipher cipher)
{
  KhKeyPair statics[2], ephemerals[2];

  for (guint8 end = 0; end < 2; end++)
    {
      guint8 secret[KH_KEY_LEN];

      memset (secret, 0x10 + end, sizeof secret);
      kh_noise_key_pair_from_secret (&statics[end], secret);
      memset (secret, 0x20 + end, sizeof secret);
      kh_noise_key_pair_from_secret (&ephemerals[end], secret);
    }
  for (guint end = 0; end < 2; end++)
    {
      gboolean known = pattern == KH_NOISE_KK || (pattern == KH_NOISE_IK && end == 0);

      kh_noise_handshake_start (&scene->ends[end], pattern, cipher, end == 0, "fuzz", 4,
                                &statics[end], &ephemerals[end],
                                known ? statics[!end].public_key : NULL);
    }
}

/* The honest message that comes next, with the payload "honest". */
static gsize
write_honest (Scene *scene, guint number, guint8 *out)
{
  gsize len = 6 + KH_NOISE_TAG_LEN;

  if (kh_noise_handshake_done (&scene->ends[0]))
    kh_noise_seal (&scene->send[number % 2], NULL, out, (const guint8 *)"honest", 6);
  else
    g_assert_true (kh_noise_handshake_write (&scene->ends[number % 2], "honest", 6, out,
                                             ROOM, &len));
  return len;
}

/* Lets the other end take message @number and checks what must hold afterwards. */
static gboolean
read_message (Scene *scene, guint number, const guint8 *message, gsize len)
{
  static guint8 out[ROOM];
  KhNoiseHandshake *end = &scene->ends[!(number % 2)];
  KhNoiseCipherState *receive = &scene->receive[!(number % 2)];
  gsize payload_len = 99;

  if (kh_noise_handshake_done (end))
    {
      if (kh_noise_open (receive, NULL, out, message, len))
        return TRUE;
      g_assert_true (sodium_is_zero ((const guint8 *)receive, sizeof *receive));
      return FALSE;
    }

  if (kh_noise_handshake_read (end, message, len, out, sizeof out, &payload_len))
    {
      g_assert_cmpuint (payload_len, <=, len);
      g_assert_true (kh_noise_handshake_done (end) || kh_noise_handshake_own_turn (end));
      return TRUE;
    }
  g_assert_true (sodium_is_zero ((const guint8 *)end, sizeof *end));
  g_assert_cmpuint (payload_len, ==, 0);
  return FALSE;
}

static void
make_scene (Scene *scene, KhNoisePattern pattern, KhNoiseCipher cipher, guint n_honest)
{
  static guint8 message[ROOM];

  start_scene (scene, pattern, cipher);
  for (guint number = 0; number < n_honest; number++)
    {
      gsize len = write_honest (scene, number, message);

      g_assert_true (read_message (scene, number, message, len));
      if (!scene->send[0].usable && kh_noise_handshake_done (&scene->ends[0]))
        for (guint end = 0; end < 2; end++)
          kh_noise_handshake_split (&scene->ends[end], &scene->send[end],
                                    &scene->receive[end]);
    }
  scene->made = TRUE;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  static Scene scenes[KH_NOISE_N_PATTERNS][KH_NOISE_N_CIPHERS][HONEST_MAX + 1];
  static guint8 honest[ROOM];
  KhNoisePattern pattern;
  KhNoiseCipher cipher;
  gsize honest_len;
  guint n_honest;
  Scene scene;

  if (size < 1 || size > ROOM || sodium_init () < 0)
    return 0;
  pattern = data[0] % KH_NOISE_N_PATTERNS;
  cipher = data[0] / KH_NOISE_N_PATTERNS % KH_NOISE_N_CIPHERS;
  n_honest = data[0] / (KH_NOISE_N_PATTERNS * KH_NOISE_N_CIPHERS) % (HONEST_MAX + 1);
  if (!kh_noise_cipher_available (cipher))
    return 0;

  if (!scenes[pattern][cipher][n_honest].made)
    make_scene (&scenes[pattern][cipher][n_honest], pattern, cipher, n_honest);
  scene = scenes[pattern][cipher][n_honest];

  /* Only the first message of XX can be anybody's: it is taken before any key. */
  honest_len = write_honest (&scene, n_honest, honest);
  if (read_message (&scene, n_honest, data + 1, size - 1)
      && !(pattern == KH_NOISE_XX && n_honest == 0))
    g_assert_cmpmem (data + 1, size - 1, honest, honest_len);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/handshake.h"

#include <sodium.h>
#include <string.h>

#define PROLOGUE "knothole main"
#define PREFIX_LEN 2 /* version and pattern, before Noise message 1 */
#define VERSION 1
#define PATTERN_IK 1
#define PATTERN_XX 2
#define PATTERN_OBSERVE 3

struct _KhHandshake
{
  KhNoiseHandshake noise;
  gboolean started;
};

const guint8 *
kh_handshake_find_token (const guint8 *record, gsize len)
{
  if (len != PREFIX_LEN + KH_TOKEN_LEN || record[0] != VERSION
      || record[1] != PATTERN_OBSERVE)
    return NULL;
  return record + PREFIX_LEN;
}

KhHandshake *
kh_handshake_new (void)
{
  return g_new0 (KhHandshake, 1);
}

void
kh_handshake_free (KhHandshake *self)
{
  kh_noise_handshake_clear (&self->noise);
  g_free (self);
}

static gboolean
start (KhHandshake *self, const KhKeyPair *key, const guint8 prefix[PREFIX_LEN])
{
  guint8 prologue[sizeof PROLOGUE - 1 + PREFIX_LEN];
  guint8 random[KH_KEY_LEN];
  KhKeyPair ephemeral;

  if (prefix[0] != VERSION || (prefix[1] != PATTERN_IK && prefix[1] != PATTERN_XX))
    return FALSE;
  memcpy (prologue, PROLOGUE, sizeof PROLOGUE - 1);
  memcpy (prologue + sizeof PROLOGUE - 1, prefix, PREFIX_LEN);
  randombytes_buf (random, sizeof random);
  kh_noise_key_pair_from_secret (&ephemeral, random);
  self->started = kh_noise_handshake_start (
      &self->noise, prefix[1] == PATTERN_IK ? KH_NOISE_IK : KH_NOISE_XX,
      KH_NOISE_CHACHAPOLY, false, prologue, sizeof prologue, key, &ephemeral, NULL);
  kh_noise_key_pair_clear (&ephemeral);
  sodium_memzero (random, sizeof random);
  return self->started;
}

gboolean
kh_handshake_take (KhHandshake *self, const KhKeyPair *key, const guint8 *record,
                   gsize len, guint8 *answer, gsize *answer_len)
{
  guint8 payload[KH_FIRST_RECORD_LEN_MAX]; /* of no use: it can be replayed */
  gsize payload_len;

  *answer_len = 0;
  if (!self->started)
    {
      if (len <= PREFIX_LEN || !start (self, key, record))
        return FALSE;
      record += PREFIX_LEN;
      len -= PREFIX_LEN;
    }
  if (!kh_noise_handshake_read (&self->noise, record, len, payload, sizeof payload,
                                &payload_len))
    return FALSE;
  if (kh_noise_handshake_done (&self->noise))
    return TRUE;
  return kh_noise_handshake_write (&self->noise, NULL, 0, answer, KH_FIRST_RECORD_LEN_MAX,
                                   answer_len);
}

gboolean
kh_handshake_split (KhHandshake *self, KhNoiseCipherState *send,
                    KhNoiseCipherState *receive)
{
  return kh_noise_handshake_done (&self->noise)
         && kh_noise_handshake_split (&self->noise, send, receive);
}

const guint8 *
kh_handshake_id (const KhHandshake *self)
{
  return kh_noise_handshake_remote_static (&self->noise);
}

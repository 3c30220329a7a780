/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/prefix-hash.h"

#include "net/read-at.h"

#define READ_LEN (32u << 10)

void
kh_prefix_hash_begin (KhPrefixHash *self, int fd, uint64_t len,
                      const uint8_t transfer[KH_FRAME_ID_LEN])
{
  *self = (KhPrefixHash){ .result = KH_PREFIX_HASH_RUNNING, .fd = fd, .end = len };
  crypto_generichash_init (&self->state, transfer, KH_FRAME_ID_LEN, sizeof self->hash);
}

/* False when there is no more to be had. */
static bool
read_some (KhPrefixHash *self)
{
  uint8_t bytes[READ_LEN];
  uint64_t left = self->end - self->at;
  ptrdiff_t got
      = kh_read_at (self->fd, self->at, bytes, left < READ_LEN ? (size_t)left : READ_LEN);

  if (got <= 0)
    return false;
  crypto_generichash_update (&self->state, bytes, (unsigned long long)got);
  self->at += (uint64_t)got;
  return true;
}

KhPrefixHashResult
kh_prefix_hash_step (KhPrefixHash *self)
{
  uint64_t until = self->at + KH_PREFIX_HASH_STEP;

  while (self->result == KH_PREFIX_HASH_RUNNING && self->at < self->end
         && self->at < until)
    if (!read_some (self))
      self->result = KH_PREFIX_HASH_FAILED;
  if (self->result == KH_PREFIX_HASH_RUNNING && self->at == self->end)
    {
      crypto_generichash_final (&self->state, self->hash, sizeof self->hash);
      self->result = KH_PREFIX_HASH_DONE;
    }
  return self->result;
}

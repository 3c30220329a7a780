/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/directory-private.h"

void
kh_directory_set_public (KhDirectory *self, const KhEndpoint *address)
{
  bool is_good = address != NULL && address->family == 4
                 && kh_endpoint_kind (address) == KH_ENDPOINT_GLOBAL;

  self->public_v4 = is_good ? *address : (KhEndpoint){ 0 };
}

/* Of this round: who calls may name it before anybody answers, and it waits. */
void
kh_directory_mapped (KhDirectory *self, uint32_t client, const KhMsgMapped *msg)
{
  KhCallSideName side;
  uint32_t number = kh_directory_find_call (self, client, msg->call_id, &side);
  KhCallSide *own = number != 0 ? &kh_directory_call_at (self, number)->side[side] : NULL;

  if (own == NULL || msg->round != own->round || own->mapped_port != 0
      || msg->port < KH_CALL_PORT_MIN)
    {
      kh_directory_drop_message (self);
      return;
    }
  own->mapped_port = msg->port;
  kh_directory_give_endpoints (self, number);
}

void
kh_directory_candidates (KhDirectory *self, uint32_t client, const KhMsgCandidates *msg)
{
  KhMessage message = { .type = KH_MESSAGE_PEER_CANDIDATES, .candidates = *msg };
  KhCallSideName side;
  uint32_t number = kh_directory_find_call (self, client, msg->call_id, &side);
  KhCall *call = number != 0 ? kh_directory_call_at (self, number) : NULL;

  if (call == NULL || call->state != KH_CALL_ACCEPTED
      || call->side[side].n_candidates == KH_CALL_CANDIDATES_MAX)
    {
      kh_directory_drop_message (self);
      return;
    }
  call->side[side].n_candidates++;
  kh_directory_say (self, call->side[1 - side].client, &message);
}

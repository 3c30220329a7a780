/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/directory-private.h"

#include <sodium.h>
#include <string.h>

#define MEMBER_ORDER offsetof (KhMember, order)
#define ROOM_DUE offsetof (KhRoom, due_order)
#define LIST_ORDER offsetof (KhClient, list_order)
#define MINUTE_US INT64_C (60000000)

static KhMember *
member_at (const KhDirectory *self, uint32_t number)
{
  return kh_slots_at (&self->members, number);
}

static KhRoom *
room_at (const KhDirectory *self, uint32_t number)
{
  return kh_slots_at (&self->rooms, number);
}

static uint32_t
find_room (const KhDirectory *self, const uint8_t id[KH_ROOM_ID_LEN])
{
  uint32_t number = kh_slot_index_first (&self->by_room_id,
                                         kh_directory_hash (self, id, KH_ROOM_ID_LEN));

  while (number != 0 && memcmp (room_at (self, number)->id, id, KH_ROOM_ID_LEN) != 0)
    number = kh_slot_index_next (&self->rooms, number);
  return number;
}

static uint32_t
take_room (KhDirectory *self, const uint8_t id[KH_ROOM_ID_LEN])
{
  uint32_t number = find_room (self, id);

  if (number != 0 || (number = kh_slots_take (&self->rooms)) == 0)
    return number;
  memcpy (room_at (self, number)->id, id, KH_ROOM_ID_LEN);
  kh_slot_index_add (&self->by_room_id, &self->rooms,
                     kh_directory_hash (self, id, KH_ROOM_ID_LEN), number);
  return number;
}

static uint32_t
find_member (const KhDirectory *self, const KhClient *client, uint32_t room)
{
  uint32_t number = client->first_member;

  while (number != 0 && member_at (self, number)->room != room)
    number = member_at (self, number)->next_of_client;
  return number;
}

bool
kh_directory_share_room (const KhDirectory *self, uint32_t one, uint32_t other)
{
  const KhClient *client = kh_directory_client (self, one);

  for (uint32_t m = client->first_member; m != 0; m = member_at (self, m)->next_of_client)
    if (find_member (self, kh_directory_client (self, other), member_at (self, m)->room)
        != 0)
      return true;
  return false;
}

static void
make_due (KhDirectory *self, uint32_t number)
{
  KhRoom *room = room_at (self, number);

  if (room->due)
    return;
  room->due = true;
  room->due_at_us = self->now_us + self->config.presence_us;
  kh_chain_append (&self->rooms_due, &self->rooms, ROOM_DUE, number);
}

/* Lists: a client is owed the list of each room that it joined. */

static void
queue_list (KhDirectory *self, uint32_t number)
{
  KhClient *client = kh_directory_client (self, number);

  client->list_state = KH_LIST_READY;
  kh_chain_append (&self->lists_ready, &self->clients, LIST_ORDER, number);
}

static void
end_list (KhDirectory *self, KhClient *client)
{
  KhMember *cursor = member_at (self, client->cursor);

  kh_chain_remove (&room_at (self, cursor->room)->members, &self->members, MEMBER_ORDER,
                   client->cursor);
  kh_slots_put (&self->members, client->cursor);
  client->cursor = 0;
  client->listed = 0;
}

/* Puts the cursor at the beginning of the next room whose list is owed. */
static bool
begin_list (KhDirectory *self, KhClient *client)
{
  uint32_t owed = client->first_member;
  KhRoom *room;
  KhMember *cursor;

  while (owed != 0 && !member_at (self, owed)->owed_list)
    owed = member_at (self, owed)->next_of_client;
  if (owed == 0)
    return false;
  client->cursor
      = kh_slots_take (&self->members); /* join_room() keeps some free for it */
  cursor = member_at (self, client->cursor);
  cursor->state = KH_MEMBER_CURSOR;
  cursor->room = member_at (self, owed)->room;
  room = room_at (self, cursor->room);
  kh_chain_insert_before (&room->members, &self->members, MEMBER_ORDER, client->cursor,
                          room->members.first);
  client->listed = owed;
  member_at (self, owed)->owed_list = false;
  return true;
}

static KhMsgPeer
describe (const KhClient *client, bool online)
{
  KhMsgPeer peer = { .online = online, .nat_class = online ? client->nat_class : 0 };

  memcpy (peer.id, client->id, KH_ID_LEN);
  peer.name = (KhText){ .bytes = client->name, .len = client->name_len };
  return peer;
}

/* Fills a page from the cursor on; returns the first member without a place. */
static uint32_t
fill_page (const KhDirectory *self, const KhClient *client, KhPeersPage *page)
{
  uint32_t at = member_at (self, client->cursor)->order.next;

  for (; at != 0; at = member_at (self, at)->order.next)
    {
      const KhMember *member = member_at (self, at);
      KhMsgPeer peer;

      if (member->state == KH_MEMBER_CURSOR || at == client->listed)
        continue;
      peer = describe (kh_directory_client (self, member->client), true);
      if (!kh_messages_add_peer (page, &peer))
        return at;
    }
  return 0;
}

bool
kh_directory_next_list (KhDirectory *self, uint32_t *number, const uint8_t **bytes,
                        size_t *len)
{
  KhClient *client;
  KhRoom *room;
  KhPeersPage page;
  KhWriter writer;
  uint32_t rest;
  uint8_t flags = 0;

  *number = self->lists_ready.first;
  if (*number == 0)
    return false;
  client = kh_directory_client (self, *number);
  if (client->cursor == 0)
    {
      begin_list (self, client); /* it is only ready when one is owed */
      flags |= KH_PEERS_FIRST;
    }

  room = room_at (self, member_at (self, client->cursor)->room);
  kh_writer_init (&writer, self->page, sizeof self->page);
  kh_messages_begin_peers (&page, &writer, room->id);
  rest = fill_page (self, client, &page);
  if (rest == 0)
    {
      flags |= KH_PEERS_LAST;
      end_list (self, client);
    }
  else
    {
      kh_chain_remove (&room->members, &self->members, MEMBER_ORDER, client->cursor);
      kh_chain_insert_before (&room->members, &self->members, MEMBER_ORDER,
                              client->cursor, rest);
    }
  kh_messages_end_peers (&page, flags);
  kh_chain_remove (&self->lists_ready, &self->clients, LIST_ORDER, *number);
  client->list_state = KH_LIST_SENT;
  *bytes = self->page;
  *len = writer.len;
  return true;
}

static bool
is_owed_list (const KhDirectory *self, const KhClient *client)
{
  for (uint32_t m = client->first_member; m != 0; m = member_at (self, m)->next_of_client)
    if (member_at (self, m)->owed_list)
      return true;
  return client->cursor != 0;
}

void
kh_directory_ready (KhDirectory *self, uint32_t number)
{
  KhClient *client = kh_directory_client (self, number);

  if (client->state != KH_CLIENT_ONLINE || client->list_state != KH_LIST_SENT)
    return;
  client->list_state = KH_LIST_NONE;
  if (is_owed_list (self, client))
    queue_list (self, number);
}

/* Joining and leaving */

static KhJoinedResult
join_room (KhDirectory *self, uint32_t number, const uint8_t room_id[KH_ROOM_ID_LEN])
{
  KhClient *client = kh_directory_client (self, number);
  bool is_lobby = sodium_is_zero (room_id, KH_ROOM_ID_LEN);
  uint32_t room_number, member_number;
  KhRoom *room;
  KhMember *member;

  if (is_lobby && !self->config.lobby)
    return KH_JOINED_REFUSED;
  room_number = find_room (self, room_id);
  if (room_number != 0 && find_member (self, client, room_number) != 0)
    return KH_JOINED;
  if (client->n_rooms >= self->config.rooms_max)
    return KH_JOINED_TOO_MANY;
  /* Nobody guesses the lobby: it counts for its client only, so that many behind one
   * address can come back at once. Nor a room that this address has just been in. */
  if (!kh_rate_limit_take (&client->joins, &self->joins_limit, self->now_us)
      || (!is_lobby
          && !kh_rate_limit_table_take (&self->joins_of_networks, &client->endpoint,
                                        room_id, KH_ROOM_ID_LEN, self->now_us)))
    return KH_JOINED_WAIT;
  if (self->members.n_slots - self->members.n_used <= self->config.max_clients
      || (room_number = take_room (self, room_id)) == 0)
    return KH_JOINED_WAIT;

  room = room_at (self, room_number);
  member_number = kh_slots_take (&self->members);
  member = member_at (self, member_number);
  member->client = number;
  member->room = room_number;
  member->state = KH_MEMBER_FRESH;
  member->owed_list = true;
  member->next_of_client = client->first_member;
  client->first_member = member_number;
  client->n_rooms++;
  room->n_members++;
  kh_chain_append (&room->members, &self->members, MEMBER_ORDER, member_number);
  if (room->first_fresh == 0)
    room->first_fresh = member_number;
  make_due (self, room_number);
  if (client->list_state == KH_LIST_NONE)
    queue_list (self, number);
  return KH_JOINED;
}

void
kh_directory_join (KhDirectory *self, uint32_t client, const KhMsgRoom *room)
{
  KhMessage message = { .type = KH_MESSAGE_JOINED, .room = *room };

  message.room.result = (uint8_t)join_room (self, client, room->id);
  kh_directory_say (self, client, &message);
}

/* The next that is a member, from @at on. */
static uint32_t
skip_cursors (const KhDirectory *self, uint32_t at)
{
  while (at != 0 && member_at (self, at)->state == KH_MEMBER_CURSOR)
    at = member_at (self, at)->order.next;
  return at;
}

static void
leave_room (KhDirectory *self, uint32_t number, uint32_t member_number)
{
  KhClient *client = kh_directory_client (self, number);
  KhMember *member = member_at (self, member_number);
  KhRoom *room = room_at (self, member->room);
  uint32_t *at = &client->first_member;

  while (*at != member_number)
    at = &member_at (self, *at)->next_of_client;
  *at = member->next_of_client;
  client->n_rooms--;
  if (client->listed == member_number)
    end_list (self, client);
  if (client->list_state == KH_LIST_READY && !is_owed_list (self, client))
    {
      kh_chain_remove (&self->lists_ready, &self->clients, LIST_ORDER, number);
      client->list_state = KH_LIST_NONE;
    }

  if (room->first_fresh == member_number)
    room->first_fresh = skip_cursors (self, member->order.next);
  kh_chain_remove (&room->members, &self->members, MEMBER_ORDER, member_number);
  room->n_members--;
  member->state = KH_MEMBER_GONE;
  member->owed_list = false;
  client->n_gone++;
  kh_chain_append (&room->gone, &self->members, MEMBER_ORDER, member_number);
  make_due (self, member->room);
}

void
kh_directory_leave (KhDirectory *self, uint32_t client, const KhMsgRoom *room)
{
  uint32_t number = find_room (self, room->id);
  uint32_t member
      = number != 0 ? find_member (self, kh_directory_client (self, client), number) : 0;

  if (member != 0)
    leave_room (self, client, member);
  else
    kh_directory_drop_message (self);
}

void
kh_directory_leave_all (KhDirectory *self, uint32_t number)
{
  KhClient *client = kh_directory_client (self, number);

  while (client->first_member != 0)
    leave_room (self, number, client->first_member);
}

/* Tells the room of a member once more. It goes to the end, where the fresh ones are:
 * who is reading a list may find it there again, and never misses it. */
static void
renew_member (KhDirectory *self, uint32_t number)
{
  KhMember *member = member_at (self, number);
  KhRoom *room = room_at (self, member->room);

  if (member->state != KH_MEMBER_SETTLED)
    return;
  kh_chain_remove (&room->members, &self->members, MEMBER_ORDER, number);
  kh_chain_append (&room->members, &self->members, MEMBER_ORDER, number);
  member->state = KH_MEMBER_FRESH;
  if (room->first_fresh == 0)
    room->first_fresh = number;
  make_due (self, member->room);
}

/* A bucket would cost every idle client eight bytes, so minutes of the clock count. */
static bool
take_class (const KhDirectory *self, KhClient *client)
{
  uint8_t minute = (uint8_t)(self->now_us / MINUTE_US);

  if (client->class_minute != minute)
    client->n_classes = 0;
  client->class_minute = minute;
  if (client->n_classes == KH_CLIENT_CLASSES_MAX)
    return false;
  client->n_classes++;
  return true;
}

void
kh_directory_class (KhDirectory *self, uint32_t number, const KhMsgClass *msg)
{
  KhClient *client = kh_directory_client (self, number);
  uint8_t nat_class = msg->nat_class & 0x7f;

  if (client->nat_class == nat_class)
    return;
  if (!take_class (self, client))
    {
      kh_directory_drop_message (self);
      return;
    }
  client->nat_class = nat_class;
  for (uint32_t m = client->first_member; m != 0; m = member_at (self, m)->next_of_client)
    renew_member (self, m);
}

/* Presence */

static void
forget_gone (KhDirectory *self, KhRoom *room, uint32_t member)
{
  uint32_t client = member_at (self, member)->client;

  kh_chain_remove (&room->gone, &self->members, MEMBER_ORDER, member);
  kh_slots_put (&self->members, member);
  kh_directory_client (self, client)->n_gone--;
  kh_directory_release_client (self, client);
}

/* Whether the identity of a member that left is in the room again. */
static bool
is_back (const KhDirectory *self, const KhMember *gone)
{
  uint32_t now = kh_directory_find (self, kh_directory_client (self, gone->client)->id);

  return now != 0 && find_member (self, kh_directory_client (self, now), gone->room) != 0;
}

/* Moves who left and who came since the last time into one page, as far as they fit. */
static void
collect_changes (KhDirectory *self, KhRoom *room, KhPeersPage *page)
{
  self->broadcast_only = 0;
  while (room->gone.first != 0)
    {
      const KhMember *member = member_at (self, room->gone.first);
      KhMsgPeer peer = describe (kh_directory_client (self, member->client), false);

      if (!is_back (self, member) && !kh_messages_add_peer (page, &peer))
        return;
      forget_gone (self, room, room->gone.first);
    }
  while (room->first_fresh != 0)
    {
      KhMember *member = member_at (self, room->first_fresh);
      KhMsgPeer peer = describe (kh_directory_client (self, member->client), true);

      if (!kh_messages_add_peer (page, &peer))
        return;
      self->broadcast_only = page->n == 1 ? member->client : 0;
      member->state = KH_MEMBER_SETTLED;
      room->first_fresh = skip_cursors (self, member->order.next);
    }
}

static void
forget_room (KhDirectory *self, uint32_t number)
{
  KhRoom *room = room_at (self, number);

  while (room->gone.first != 0)
    forget_gone (self, room, room->gone.first);
  kh_slot_index_remove (&self->by_room_id, &self->rooms,
                        kh_directory_hash (self, room->id, KH_ROOM_ID_LEN), number);
  kh_slots_put (&self->rooms, number);
}

/* One page a room and interval: what does not fit waits, so that a client never gets
 * more of it than a slow line carries. */
static void
begin_broadcast (KhDirectory *self, uint32_t number)
{
  KhRoom *room = room_at (self, number);
  KhPeersPage page;
  KhWriter writer;

  kh_chain_remove (&self->rooms_due, &self->rooms, ROOM_DUE, number);
  room->due = false;
  if (room->n_members == 0)
    {
      forget_room (self, number);
      return;
    }
  kh_writer_init (&writer, self->broadcast, sizeof self->broadcast);
  kh_messages_begin_peers (&page, &writer, room->id);
  collect_changes (self, room, &page);
  kh_messages_end_peers (&page, 0);
  self->broadcast_len = writer.len;
  self->broadcast_at = page.n > 0 ? skip_cursors (self, room->members.first) : 0;
  if (room->gone.first != 0 || room->first_fresh != 0)
    make_due (self, number);
}

bool
kh_directory_next_broadcast (KhDirectory *self, uint32_t *client, const uint8_t **bytes,
                             size_t *len)
{
  for (;;)
    {
      const KhMember *member;

      if (self->broadcast_at == 0)
        {
          uint32_t due = self->rooms_due.first;

          if (due == 0 || room_at (self, due)->due_at_us > self->now_us)
            return false;
          begin_broadcast (self, due);
          continue;
        }
      member = member_at (self, self->broadcast_at);
      self->broadcast_at = skip_cursors (self, member->order.next);
      if (member->client == self->broadcast_only)
        continue;
      *client = member->client;
      *bytes = self->broadcast;
      *len = self->broadcast_len;
      return true;
    }
}

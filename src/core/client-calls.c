/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/attempt-private.h"
#include "core/link-private.h"

#include <string.h>

KhCall *
kh_client_find_call (KhClient *self, const guint8 call_id[KH_CALL_ID_LEN])
{
  GHashTableIter iter;
  gpointer call;

  g_hash_table_iter_init (&iter, self->calls);
  while (g_hash_table_iter_next (&iter, NULL, &call))
    if (memcmp (kh_call_id (call), call_id, KH_CALL_ID_LEN) == 0)
      return call;
  return NULL;
}

static void
add_call (KhClient *self, KhCall *call)
{
  g_hash_table_insert (self->calls, g_memdup2 (kh_call_peer (call), sizeof (KhPeerId)),
                       call);
  if (!kh_call_is_quiet (call))
    kh_client_set_attempt (self, kh_call_attempt (call));
}

/* --- Failures in a row ---------------------------------------------------------------
 */

static gint64
wait_left_us (KhClient *self, const KhPeerId *peer)
{
  const KhCallFailures *failures = g_hash_table_lookup (self->failures, peer);

  return failures == NULL ? 0
                          : MAX (failures->wait_until_us - g_get_monotonic_time (), 0);
}

static void
count_failure (KhClient *self, const KhPeerId *peer)
{
  KhCallFailures *failures = g_hash_table_lookup (self->failures, peer);
  guint beyond;

  if (failures == NULL)
    {
      failures = g_new0 (KhCallFailures, 1);
      failures->id = *peer;
      g_hash_table_insert (self->failures, &failures->id, failures);
    }
  if (++failures->n_failed < KH_CLIENT_FREE_FAILURES)
    return;
  beyond = MIN (failures->n_failed - KH_CLIENT_FREE_FAILURES, 8);
  failures->wait_until_us
      = g_get_monotonic_time ()
        + MIN (KH_CLIENT_FIRST_WAIT_US << beyond, KH_CLIENT_LONGEST_WAIT_US);
}

/* --- How a call ends ------------------------------------------------------------------
 */

static void
emit_end (KhClient *self, const KhPeerId *peer, KhCallEnd end, KhPunchFailure failure,
          bool stranger, KhRelayState relay)
{
  kh_client_emit (self, &(KhEvent){ .kind = KH_EVENT_CALL_ENDED,
                                    .peer = *peer,
                                    .name = kh_client_name_of (self, peer),
                                    .call_end = end,
                                    .failure = failure,
                                    .stranger = stranger,
                                    .relay = relay,
                                    .wait_ms = wait_left_us (self, peer) / 1000 });
}

void
kh_client_call_failed (KhClient *self, KhCall *call, KhCallEnd end,
                       KhPunchFailure failure)
{
  KhPeerId peer = *kh_call_peer (call);
  g_autoptr (KhAttempt) attempt = g_object_ref (kh_call_attempt (call));
  bool stranger = kh_call_saw_stranger (call);
  bool ours = kh_call_is_ours (call);
  bool tried = ours || kh_call_is_accepted (call);

  if (kh_call_is_quiet (call))
    {
      bool hopeless = failure == KH_PUNCH_BOTH_SYMMETRIC && kh_call_is_hopeless (call);

      g_hash_table_remove (self->calls, &peer);
      if (ours)
        kh_resume_not_direct (self, &peer, hopeless);
      /* What it was to replace may have broken meanwhile. */
      kh_resume_check (self);
      return;
    }
  if (end == KH_CALL_END_NO_PATH)
    {
      count_failure (self, &peer);
      kh_attempt_set_relay (attempt, kh_call_relay (call));
    }
  g_hash_table_remove (self->calls, &peer);
  kh_attempt_take_failed (attempt, end, failure, stranger,
                          wait_left_us (self, &peer) / 1000);
  /* What a stranger wants is nothing to keep. */
  if (tried)
    kh_client_keep_attempt (self, attempt);
  emit_end (self, &peer, end, failure, stranger, kh_attempt_get_relay (attempt));
  if (ours)
    kh_resume_failed (self, &peer, end);
}

void
kh_client_call_won (KhClient *self, KhCall *call, KhPunchWin *win)
{
  KhPeerId peer = *kh_call_peer (call);
  KhLink *old = g_hash_table_lookup (self->links, &peer);
  KhEvent event = {
    .kind = KH_EVENT_CONNECTED,
    .peer = peer,
    .own = win->local,
    .remote = win->remote,
    .path = win->path,
    .round = win->round,
    .caller = kh_call_is_ours (call),
    .ms = kh_call_age_ms (call),
    .text = kh_call_cipher (call) == KH_NOISE_AESGCM ? "AES-GCM" : "ChaCha20-Poly1305",
  };
  KhAttemptWay way = {
    .round = win->round, .number = win->port, .kind = win->path, .peer = win->remote
  };
  KhLink *link;

  bool hopeless = kh_call_is_hopeless (call);

  if (kh_call_is_quiet (call))
    kh_client_set_attempt (self, kh_call_attempt (call));
  kh_attempt_take_connected (kh_call_attempt (call), &way, event.text);
  kh_client_keep_attempt (self, kh_call_attempt (call));

  if (kh_call_is_ours (call))
    kh_call_say_end (call, KH_HANG_UP_DONE);
  g_hash_table_remove (self->calls, &peer);
  g_hash_table_remove (self->failures, &peer);
  if (old != NULL)
    {
      g_hash_table_steal (self->links, &peer);
      g_ptr_array_add (self->old_links, old);
      kh_link_close (old, KH_FRAME_BYE_REPLACED);
    }
  event.name = kh_client_name_of (self, &peer);
  link = kh_link_new (self, &peer, win, event.caller);
  if (link != NULL)
    g_hash_table_insert (self->links, (gpointer)kh_link_peer (link), link);
  kh_resume_connected (self, &peer);
  if (event.path == KH_PATH_RELAY && event.caller)
    kh_resume_relayed (self, &peer, hopeless);
  kh_client_emit (self, &event);
  if (link != NULL)
    kh_link_begin_files (link);
  if (link == NULL)
    kh_client_emit (self, &(KhEvent){ .kind = KH_EVENT_DISCONNECTED,
                                      .peer = peer,
                                      .name = kh_client_name_of (self, &peer),
                                      .link_end = KH_LINK_END_LOST });
}

/* A call of ours that was to replace a channel, which there is no more: one with all ways
 * open, and heard of, takes its place. */
static void
end_quiet_call (KhClient *self, const KhPeerId *peer)
{
  KhCall *call = g_hash_table_lookup (self->calls, peer);

  if (call == NULL || !kh_call_is_quiet (call) || !kh_call_is_ours (call))
    return;
  kh_call_say_end (call, KH_HANG_UP_SUPERSEDED);
  g_hash_table_remove (self->calls, peer);
}

/* Where the way to a peer breaks the one to the server may be broken too. */
void
kh_client_link_lost (KhClient *self, KhLink *link)
{
  if (g_hash_table_lookup (self->links, kh_link_peer (link)) != link)
    return;
  end_quiet_call (self, kh_link_peer (link));
  kh_resume_lost (self, kh_link_peer (link), kh_link_was_called_here (link));
  kh_client_check_main (self);
}

void
kh_client_link_ended (KhClient *self, KhLink *link)
{
  if (g_ptr_array_remove (self->old_links, link))
    return;
  g_hash_table_remove (self->links, kh_link_peer (link));
  kh_client_update_rates (self);
  kh_client_check_closed (self);
  kh_resume_check (self);
}

void
kh_client_end_calls (KhClient *self, KhCallEnd end)
{
  GHashTableIter iter;
  gpointer call;

  for (;;)
    {
      g_hash_table_iter_init (&iter, self->calls);
      if (!g_hash_table_iter_next (&iter, NULL, &call))
        return;
      kh_client_call_failed (self, call, end, KH_PUNCH_FAILURE_NONE);
    }
}

/* --- Calls of others -------------------------------------------------------------------
 */

typedef enum
{
  ACCEPT,
  DECLINE,
  LEAVE, /* no person has said no: it is about to go offline, or too many ask */
  ASK,
  IGNORE, /* as if a person were asked who never answers */
} Verdict;

/* A person can't answer all the world at once, and each takes memory. */
static bool
too_many_ask (KhClient *self)
{
  GHashTableIter iter;
  gpointer call;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->calls);
  while (g_hash_table_iter_next (&iter, NULL, &call))
    n += !kh_call_is_ours (call) && !kh_call_is_accepted (call);
  return n >= KH_CLIENT_MOST_REQUESTS;
}

static Verdict
judge (KhClient *self, const KhPeerId *peer)
{
  const KhStoredContact *contact = kh_client_get_contact (self, peer);

  /* Who is blocked sees what everybody sees. */
  if (contact != NULL && contact->blocked)
    return self->consent == KH_CONSENT_NONE || self->consent == KH_CONSENT_CONTACTS
               ? DECLINE
               : IGNORE;
  if (self->closing)
    return LEAVE;
  /* Both have agreed before: to a transfer that is unfinished, or to the channel. */
  if (kh_resume_expects (self, peer))
    return ACCEPT;
  switch (self->consent)
    {
    case KH_CONSENT_ALL:
      return ACCEPT;
    case KH_CONSENT_CONTACTS:
      return contact != NULL ? ACCEPT : DECLINE;
    case KH_CONSENT_ASK:
      if (contact != NULL && contact->accepts_calls)
        return ACCEPT;
      return contact == NULL && too_many_ask (self) ? LEAVE : ASK;
    case KH_CONSENT_NONE:
      break;
    }
  return DECLINE;
}

static void
say_no (KhClient *self, const KhMsgCall *called, KhVerdict verdict)
{
  KhMessage message = { .type = KH_MESSAGE_ANSWER,
                        .answer = { .verdict = (uint8_t)verdict,
                                    .introduction = called->introduction } };

  memcpy (message.answer.call_id, called->call_id, sizeof message.answer.call_id);
  kh_client_say (self, &message);
}

/* No verdict is for it: an older client takes this for what it is. */
static void
say_incompatible (KhClient *self, const KhMsgCall *called)
{
  KhMessage message
      = { .type = KH_MESSAGE_HANG_UP, .hang_up = { .reason = KH_HANG_UP_BAD_CALL } };

  memcpy (message.hang_up.call_id, called->call_id, sizeof message.hang_up.call_id);
  kh_client_say (self, &message);
}

/* We have a call with the one who calls us: theirs takes its place. */
static void
yield_to (KhClient *self, KhCall *ours, const KhPeerId *peer)
{
  kh_call_say_end (ours,
                   kh_call_is_ours (ours) ? KH_HANG_UP_SUPERSEDED : KH_HANG_UP_CANCELLED);
  kh_attempt_take_failed (kh_call_attempt (ours), KH_CALL_END_CANCELLED,
                          KH_PUNCH_FAILURE_NONE, false, 0);
  g_hash_table_remove (self->calls, peer);
}

/* NULL when it can't be taken: the peer has been told so. */
static KhCall *
take_call (KhClient *self, const KhMsgCall *called, const KhPeerId *peer, Verdict verdict)
{
  KhCall *call;

  if (verdict == DECLINE || verdict == LEAVE)
    {
      say_no (self, called, verdict == DECLINE ? KH_VERDICT_DECLINE : KH_VERDICT_BUSY);
      return NULL;
    }
  call = kh_call_receive (self, called);
  if (call == NULL)
    {
      say_incompatible (self, called);
      return NULL;
    }
  if (wait_left_us (self, peer) == 0)
    return call;
  kh_call_free (call);
  say_no (self, called, KH_VERDICT_BUSY);
  return NULL;
}

static void
ignore_call (KhClient *self, const KhMsgCall *called)
{
  KhCall *call = kh_call_receive (self, called);

  if (call != NULL)
    kh_call_say_asking (call);
  g_clear_pointer (&call, kh_call_free);
}

void
kh_client_receive_call (KhClient *self, const KhMsgCall *called)
{
  KhPeerId peer;
  KhMsgPeer caller;
  KhCall *ours;
  KhCall *call;
  Verdict verdict;

  memcpy (peer.bytes, called->peer_id, sizeof peer.bytes);
  /* The call may be here before the list that the caller is in. */
  caller.online = true;
  caller.nat_class = kh_client_class_of (self, &peer);
  caller.name = called->name;
  memcpy (caller.id, called->peer_id, sizeof caller.id);
  kh_client_set_peer (self, &caller);

  verdict = judge (self, &peer);
  if (verdict == IGNORE)
    {
      ignore_call (self, called);
      return;
    }
  ours = g_hash_table_lookup (self->calls, &peer);
  if (ours != NULL && kh_call_is_ours (ours))
    {
      /* Both call at once: the lower id's call counts, and both have agreed. */
      if (memcmp (self->id.bytes, peer.bytes, sizeof peer.bytes) < 0)
        return;
      verdict = self->closing ? LEAVE : ACCEPT;
    }
  call = take_call (self, called, &peer, verdict);
  if (call == NULL)
    {
      /* The peer waits for its own call, which can't be: neither will ours. */
      if (ours != NULL && kh_call_is_ours (ours))
        {
          kh_call_say_end (ours, KH_HANG_UP_CANCELLED);
          kh_client_call_failed (self, ours, KH_CALL_END_INCOMPATIBLE,
                                 KH_PUNCH_FAILURE_NONE);
        }
      return;
    }
  if (ours != NULL)
    yield_to (self, ours, &peer);
  kh_call_set_quiet (call,
                     verdict == ACCEPT && g_hash_table_contains (self->links, &peer));
  add_call (self, call);
  if (verdict == ACCEPT)
    {
      kh_call_accept (call);
      return;
    }
  kh_call_say_asking (call);
  kh_client_emit (self,
                  &(KhEvent){ .kind = KH_EVENT_CALL_REQUEST,
                              .peer = peer,
                              .name = kh_client_name_of (self, &peer),
                              .known = kh_client_get_contact (self, &peer) != NULL });
}

/* It has not been accepted, and the server is not told. */
static void
drop_request (KhClient *self, KhCall *call, KhCallEnd end)
{
  KhPeerId peer = *kh_call_peer (call);

  kh_attempt_take_failed (kh_call_attempt (call), end, KH_PUNCH_FAILURE_NONE, false, 0);
  g_hash_table_remove (self->calls, &peer);
}

void
kh_client_answer_call (KhClient *self, const KhPeerId *id, gboolean accept)
{
  KhCall *call = g_hash_table_lookup (self->calls, id);
  KhMessage message = { .type = KH_MESSAGE_ANSWER, .answer.verdict = KH_VERDICT_DECLINE };

  if (call == NULL || kh_call_is_ours (call) || kh_call_is_accepted (call))
    return;
  if (accept)
    {
      kh_call_accept (call);
      return;
    }
  memcpy (message.answer.call_id, kh_call_id (call), sizeof message.answer.call_id);
  kh_client_say (self, &message);
  drop_request (self, call, KH_CALL_END_DECLINED);
}

void
kh_client_drop_request (KhClient *self, const KhPeerId *id)
{
  KhCall *call = g_hash_table_lookup (self->calls, id);

  if (call != NULL && !kh_call_is_ours (call) && !kh_call_is_accepted (call))
    drop_request (self, call, KH_CALL_END_CANCELLED);
}

/* --- Our calls
 * ---------------------------------------------------------------------------- */

/* It ended before it began: a report, of this run only. */
static void
refuse_own (KhClient *self, const KhPeerId *id, KhCallEnd end, KhPunchFailure failure)
{
  g_autoptr (KhAttempt) attempt = kh_attempt_new (id, kh_client_name_of (self, id), TRUE);

  kh_client_set_attempt (self, attempt);
  kh_attempt_take_failed (attempt, end, failure, false, wait_left_us (self, id) / 1000);
  emit_end (self, id, end, failure, false, KH_RELAY_UNKNOWN);
}

void
kh_client_call (KhClient *self, const KhPeerId *id)
{
  if (!g_hash_table_contains (self->links, id))
    end_quiet_call (self, id);
  if (g_hash_table_contains (self->calls, id))
    return;
  if (!kh_client_at_server (self))
    refuse_own (self, id, KH_CALL_END_OFFLINE, KH_PUNCH_FAILURE_NONE);
  else if (!kh_client_is_online (self, id))
    refuse_own (self, id, KH_CALL_END_NOT_ONLINE, KH_PUNCH_FAILURE_NONE);
  else if (wait_left_us (self, id) > 0)
    refuse_own (self, id, KH_CALL_END_WAIT, KH_PUNCH_FAILURE_NONE);
  else
    {
      KhCall *call = kh_call_place (self, id, false);

      if (call != NULL)
        add_call (self, call);
      else
        refuse_own (self, id, KH_CALL_END_NO_PATH, KH_PUNCH_NOT_OBSERVED);
    }
}

void
kh_client_call_for_direct (KhClient *self, const KhPeerId *id)
{
  KhCall *call = kh_call_place (self, id, true);

  if (call != NULL)
    add_call (self, call);
}

void
kh_client_hang_up (KhClient *self, const KhPeerId *id)
{
  KhCall *call = g_hash_table_lookup (self->calls, id);
  KhLink *link = g_hash_table_lookup (self->links, id);

  kh_resume_hung_up (self, id);
  if (call != NULL)
    {
      kh_call_say_end (call, KH_HANG_UP_CANCELLED);
      kh_client_call_failed (self, call, KH_CALL_END_CANCELLED, KH_PUNCH_FAILURE_NONE);
    }
  if (link != NULL)
    kh_link_close (link, KH_FRAME_BYE_HUNG_UP);
}

gboolean
kh_client_is_connected (KhClient *self, const KhPeerId *id)
{
  return g_hash_table_contains (self->links, id);
}

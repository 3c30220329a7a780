/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/call-private.h"

#include "core/attempt-private.h"
#include "core/resume.h"

#include <sodium.h>
#include <string.h>

static KhCiphers
own_ciphers (void)
{
  /* For tests and benchmarks: only this one. */
  const char *only = g_getenv ("KNOTHOLE_CIPHER");
  KhCiphers ciphers = KH_CIPHER_CHACHAPOLY;

  if (g_strcmp0 (only, "chachapoly") == 0 || !kh_noise_cipher_available (KH_NOISE_AESGCM))
    return ciphers;
  return g_strcmp0 (only, "aesgcm") == 0 ? KH_CIPHER_AESGCM : ciphers | KH_CIPHER_AESGCM;
}

static void
tell_step (KhCall *self, guint step, guint16 port, const KhEndpoint *own,
           const KhEndpoint *remote)
{
  KhEvent event = {
    .kind = KH_EVENT_PUNCH,
    .peer = self->peer,
    .name = kh_client_name_of (self->client, &self->peer),
    .step = step,
    .dials_only = self->dials_only,
    .round = self->round,
    .caller = self->caller,
    .port = port,
    .ms = kh_call_age_ms (self),
  };

  if ((self->steps_told & 1u << step) != 0)
    return;
  self->steps_told |= 1u << step;
  if (own != NULL)
    event.own = *own;
  if (remote != NULL)
    event.remote = *remote;
  kh_attempt_take_step (self->attempt, step, self->round, port, own, remote);
  if (!self->quiet)
    kh_client_emit (self->client, &event);
}

/* Steps 1 and 2 stand for as long as the client is online. */
static void
tell_server_steps (KhCall *self)
{
  const KhMsgWelcome *welcome = &self->client->welcome;

  self->round = 1;
  tell_step (self, 1, 0, NULL, welcome->n_assist > 0 ? &welcome->assist[0] : NULL);
  tell_step (self, 2, 0, &welcome->endpoint, NULL);
}

bool
kh_call_say (KhCall *self, const KhMessage *message)
{
  return kh_client_say (self->client, message);
}

static bool
say (KhCall *self, KhMessage message)
{
  return kh_call_say (self, &message);
}

/* As far as this side is concerned. */
static bool
may_relay (const KhCall *self)
{
  return !(self->quiet && self->caller) && !self->client->reach.no_relay
         && (self->client->welcome.flags & KH_WELCOME_RELAY) != 0;
}

static KhMsgOpaque
introduce (const KhCall *self, guint8 bytes[KH_INTRODUCTION_LEN_MAX], guint8 ciphers)
{
  guint8 flags = may_relay (self) ? 0 : KH_INTRODUCTION_NO_RELAY;
  KhWriter writer;

  kh_writer_init (&writer, bytes, KH_INTRODUCTION_LEN_MAX);
  kh_messages_write_introduction (&writer, &(KhIntroduction){
                                               .version = KH_INTRODUCTION_VERSION,
                                               .ciphers = ciphers,
                                               .flags = flags,
                                           });
  return (KhMsgOpaque){ bytes, writer.len };
}

/* --- What the puncher does ----------------------------------------------------- */

static void
send_go (gpointer data, unsigned round)
{
  KhCall *self = data;
  KhMessage message = { .type = KH_MESSAGE_GO, .round = { .round = (uint8_t)round } };

  memcpy (message.round.call_id, self->id, sizeof self->id);
  say (self, message);
  tell_step (self, 6, 0, NULL, NULL);
}

static void
send_round (gpointer data, unsigned round)
{
  KhCall *self = data;
  KhMessage message = { .type = KH_MESSAGE_ROUND, .round = { .round = (uint8_t)round } };

  memcpy (message.round.call_id, self->id, sizeof self->id);
  self->round = round;
  self->steps_told &= 1u << 1 | 1u << 2;
  say (self, message);
  if (!self->caller)
    tell_step (self, 3, 0, NULL, NULL);
}

static void
write_report (KhCall *self, const KhPunchEvent *event)
{
  static const KhCandidateOutcome outcomes[] = {
    [KH_PUNCH_EVENT_FOUND] = KH_CANDIDATE_FOUND,
    [KH_PUNCH_EVENT_DIALLED] = KH_CANDIDATE_DIALLED,
    [KH_PUNCH_EVENT_REFUSED] = KH_CANDIDATE_REFUSED,
    [KH_PUNCH_EVENT_NO_ROUTE] = KH_CANDIDATE_NO_ROUTE,
    [KH_PUNCH_EVENT_UP] = KH_CANDIDATE_UP,
    [KH_PUNCH_EVENT_STRANGER] = KH_CANDIDATE_STRANGER,
  };

  KhAttemptWay way = { .round = event->round,
                       .number = event->number,
                       .kind = event->path,
                       .peer = event->endpoint };

  if (event->kind == KH_PUNCH_EVENT_OPENED)
    {
      kh_attempt_take_port (self->attempt, event->round, event->number, event->port);
      self->dials_only = event->n == 0;
      kh_attempt_set_dials_only (self->attempt, self->dials_only);
    }
  else if (event->kind == KH_PUNCH_EVENT_OBSERVED)
    kh_attempt_take_own (self->attempt, event->round, event->number, &event->endpoint);
  else
    kh_attempt_take_outcome (self->attempt, &way, outcomes[event->kind], event->n);
}

/* Once a round; ports that are foretold are few. */
static void
count_spray (KhCall *self, const KhPunchEvent *event)
{
  if (event->path != KH_PATH_PREDICTED || event->n <= KH_SPRAY_FORETOLD
      || self->sprayed_in == event->round)
    return;
  self->sprayed_in = event->round;
  kh_client_count_spray (self->client);
}

static void
on_punch_event (gpointer data, const KhPunchEvent *event)
{
  KhCall *self = data;

  write_report (self, event);
  count_spray (self, event);
  /* The steps are those of a direct connection. */
  if (event->path == KH_PATH_RELAY)
    return;
  switch (event->kind)
    {
    case KH_PUNCH_EVENT_OPENED:
      tell_step (self, self->caller ? 3 : 5, event->port, NULL, &event->endpoint);
      if (event->number == 0)
        kh_call_tell_ways (self, event->round, event->port);
      break;
    case KH_PUNCH_EVENT_DIALLED:
    case KH_PUNCH_EVENT_NO_ROUTE:
      tell_step (self, self->caller ? 8 : 6, event->port, NULL, &event->endpoint);
      break;
    case KH_PUNCH_EVENT_UP:
      tell_step (self, 8, event->port, NULL, &event->endpoint);
      break;
    case KH_PUNCH_EVENT_OBSERVED:
    case KH_PUNCH_EVENT_FOUND:
    case KH_PUNCH_EVENT_REFUSED:
      break;
    case KH_PUNCH_EVENT_STRANGER:
      self->stranger = true;
      if (self->quiet)
        break;
      kh_client_emit (self->client,
                      &(KhEvent){ .kind = KH_EVENT_STRANGER,
                                  .peer = self->peer,
                                  .name = kh_client_name_of (self->client, &self->peer),
                                  .round = event->round });
      break;
    }
}

static void
on_punched (gpointer data, KhPunchWin *win)
{
  KhCall *self = data;

  kh_client_call_won (self->client, self, win);
}

static void
on_not_punched (gpointer data, KhPunchFailure failure)
{
  KhCall *self = data;

  kh_call_say_end (self, KH_HANG_UP_NO_PATH);
  kh_client_call_failed (self->client, self, KH_CALL_END_NO_PATH, failure);
}

static const KhPuncherListener puncher_listener = {
  .send_go = send_go,
  .send_round = send_round,
  .event = on_punch_event,
  .won = on_punched,
  .failed = on_not_punched,
};

/* False when the server has no assist port. */
static bool
start_puncher (KhCall *self)
{
  guint8 hello[2 * KH_FRAME_NAME_MAX];
  KhPunchEnds ends = {
    .caller = self->caller,
    .identity = self->client->identity,
    .cipher = self->cipher,
    .hello = hello,
  };
  bool started;

  ends.hello_len = kh_frame_write (
      &(KhFrame){ .type = KH_FRAME_HELLO,
                  .hello
                  = { .version = KH_FRAME_VERSION,
                      .name = { self->client->name, strlen (self->client->name) } } },
      hello, sizeof hello);
  memcpy (ends.call_id, self->id, sizeof ends.call_id);
  memcpy (ends.peer, self->peer.bytes, sizeof ends.peer);
  started = kh_call_start_puncher (self, &ends, &puncher_listener);
  sodium_memzero (&ends, sizeof ends);
  return started;
}

/* --- Beginning ------------------------------------------------------------------ */

static KhCall *
new_call (KhClient *client, const KhPeerId *peer, bool caller)
{
  KhCall *self = g_new0 (KhCall, 1);

  self->client = client;
  self->peer = *peer;
  self->caller = caller;
  self->began_us = g_get_monotonic_time ();
  self->attempt = kh_attempt_new (peer, kh_client_name_of (client, peer), caller);
  return self;
}

KhCall *
kh_call_place (KhClient *client, const KhPeerId *peer, bool quiet)
{
  KhCall *self = new_call (client, peer, true);
  guint8 introduction[KH_INTRODUCTION_LEN_MAX];
  KhMessage message = { .type = KH_MESSAGE_CALL };

  self->quiet = quiet;
  randombytes_buf (self->id, sizeof self->id);
  memcpy (message.call.call_id, self->id, sizeof self->id);
  memcpy (message.call.peer_id, peer->bytes, sizeof peer->bytes);
  message.call.introduction = introduce (self, introduction, own_ciphers ());
  /* The ports are opened ahead of the answer: the peer learns nothing of them before
   * both have agreed. */
  if (!say (self, message) || !start_puncher (self))
    {
      kh_call_free (self);
      return NULL;
    }
  tell_server_steps (self);
  return self;
}

KhCall *
kh_call_receive (KhClient *client, const KhMsgCall *called)
{
  KhPeerId peer;
  KhIntroduction introduction;
  KhCall *self;

  if (!kh_messages_read_introduction (&introduction, called->introduction)
      || (introduction.ciphers & own_ciphers ()) == 0)
    return NULL;
  memcpy (peer.bytes, called->peer_id, sizeof peer.bytes);
  self = new_call (client, &peer, false);
  memcpy (self->id, called->call_id, sizeof self->id);
  self->peer_ciphers = introduction.ciphers & own_ciphers ();
  self->may_relay = (introduction.flags & KH_INTRODUCTION_NO_RELAY) == 0;
  return self;
}

void
kh_call_free (KhCall *self)
{
  g_clear_pointer (&self->puncher, kh_puncher_free);
  g_object_unref (self->attempt);
  g_free (self);
}

static void
answer (KhCall *self, KhVerdict verdict, guint8 ciphers)
{
  guint8 introduction[KH_INTRODUCTION_LEN_MAX];
  KhMessage message
      = { .type = KH_MESSAGE_ANSWER, .answer = { .verdict = (uint8_t)verdict } };

  memcpy (message.answer.call_id, self->id, sizeof self->id);
  message.answer.introduction = introduce (self, introduction, ciphers);
  say (self, message);
}

void
kh_call_say_asking (KhCall *self)
{
  answer (self, KH_VERDICT_ASKING, self->peer_ciphers);
  kh_attempt_set_state (self->attempt, KH_ATTEMPT_ASKING);
}

void
kh_call_accept (KhCall *self)
{
  KhCiphers chosen = (self->peer_ciphers & KH_CIPHER_AESGCM) != 0 ? KH_CIPHER_AESGCM
                                                                  : KH_CIPHER_CHACHAPOLY;

  self->accepted = true;
  self->cipher = chosen == KH_CIPHER_AESGCM ? KH_NOISE_AESGCM : KH_NOISE_CHACHAPOLY;
  kh_attempt_set_state (self->attempt, KH_ATTEMPT_PUNCHING);
  tell_server_steps (self);
  tell_step (self, 3, 0, NULL, NULL);
  answer (self, KH_VERDICT_ACCEPT, (guint8)chosen);
  if (start_puncher (self))
    {
      kh_puncher_accepted (self->puncher, 0, self->cipher,
                           self->may_relay && may_relay (self));
      return;
    }
  kh_call_say_end (self, KH_HANG_UP_NO_PATH);
  kh_client_call_failed (self->client, self, KH_CALL_END_NO_PATH, KH_PUNCH_NOT_OBSERVED);
}

void
kh_call_say_end (KhCall *self, KhHangUpReason reason)
{
  KhMessage message
      = { .type = KH_MESSAGE_HANG_UP, .hang_up = { .reason = (uint8_t)reason } };

  memcpy (message.hang_up.call_id, self->id, sizeof self->id);
  say (self, message);
}

/* --- What the server says -------------------------------------------------------- */

static void
refuse_incompatible (KhCall *self)
{
  kh_call_say_end (self, KH_HANG_UP_BAD_CALL);
  kh_client_call_failed (self->client, self, KH_CALL_END_INCOMPATIBLE,
                         KH_PUNCH_FAILURE_NONE);
}

/* A person is being asked; in vain when we could not talk to each other. */
static void
on_asking (KhCall *self, KhMsgOpaque bytes)
{
  KhIntroduction introduction;

  if (!kh_messages_read_introduction (&introduction, bytes))
    {
      refuse_incompatible (self);
      return;
    }
  if (self->quiet)
    {
      /* Nobody here wants anything that a person there would have to be asked for. */
      kh_call_say_end (self, KH_HANG_UP_CANCELLED);
      kh_client_call_failed (self->client, self, KH_CALL_END_CANCELLED,
                             KH_PUNCH_FAILURE_NONE);
      return;
    }
  kh_attempt_set_state (self->attempt, KH_ATTEMPT_WAITING);
  kh_client_emit (self->client,
                  &(KhEvent){ .kind = KH_EVENT_CALL_WAITING,
                              .peer = self->peer,
                              .name = kh_client_name_of (self->client, &self->peer) });
}

static void
on_accepted (KhCall *self, KhMsgOpaque bytes)
{
  KhIntroduction introduction;

  if (!kh_messages_read_introduction (&introduction, bytes)
      || (introduction.ciphers != KH_CIPHER_CHACHAPOLY
          && introduction.ciphers != KH_CIPHER_AESGCM)
      || (introduction.ciphers & own_ciphers ()) == 0)
    {
      refuse_incompatible (self);
      return;
    }
  self->accepted = true;
  self->cipher
      = introduction.ciphers == KH_CIPHER_AESGCM ? KH_NOISE_AESGCM : KH_NOISE_CHACHAPOLY;
  kh_attempt_set_state (self->attempt, KH_ATTEMPT_PUNCHING);
  tell_step (self, 5, 0, NULL, NULL);
  self->may_relay = (introduction.flags & KH_INTRODUCTION_NO_RELAY) == 0;
  if (self->puncher == NULL)
    return;
  kh_call_tell_ways (self, self->round, self->port);
  kh_puncher_accepted (self->puncher, self->rtt_us, self->cipher,
                       self->may_relay && may_relay (self));
}

static void
on_answered (KhCall *self, const KhMsgAnswer *message)
{
  if (!self->caller || self->accepted)
    return;
  /* The first answer is a program's, never a person's: it measures the way. */
  if (self->rtt_us == 0)
    self->rtt_us = MAX (g_get_monotonic_time () - self->began_us, 1);

  switch (message->verdict)
    {
    case KH_VERDICT_ASKING:
      on_asking (self, message->introduction);
      break;
    case KH_VERDICT_ACCEPT:
      on_accepted (self, message->introduction);
      break;
    case KH_VERDICT_BUSY:
      kh_client_call_failed (self->client, self, KH_CALL_END_BUSY, KH_PUNCH_FAILURE_NONE);
      break;
    default:
      kh_client_call_failed (self->client, self, KH_CALL_END_DECLINED,
                             KH_PUNCH_FAILURE_NONE);
      break;
    }
}

static void
on_hung_up (KhCall *self, guint8 reason)
{
  static const KhCallEnd ends[] = {
    [KH_HANG_UP_DONE] = KH_CALL_END_CANCELLED,
    [KH_HANG_UP_NOT_ONLINE] = KH_CALL_END_NOT_ONLINE,
    [KH_HANG_UP_TOO_MANY] = KH_CALL_END_TOO_MANY,
    [KH_HANG_UP_TIMEOUT] = KH_CALL_END_NO_ANSWER,
    [KH_HANG_UP_CANCELLED] = KH_CALL_END_CANCELLED,
    [KH_HANG_UP_DECLINED] = KH_CALL_END_DECLINED,
    [KH_HANG_UP_NO_PATH] = KH_CALL_END_NO_PATH,
    [KH_HANG_UP_SUPERSEDED] = KH_CALL_END_CANCELLED,
    [KH_HANG_UP_BAD_CALL] = KH_CALL_END_INCOMPATIBLE,
  };
  KhCallEnd end = reason < G_N_ELEMENTS (ends) ? ends[reason] : KH_CALL_END_CANCELLED;

  /* A person there has ended what was only broken. */
  if (reason == KH_HANG_UP_CANCELLED && !self->quiet)
    kh_resume_given_up (self->client, &self->peer);

  kh_client_call_failed (self->client, self, end,
                         end == KH_CALL_END_NO_PATH && self->puncher != NULL
                             ? kh_punch_reason (kh_puncher_plan (self->puncher))
                             : KH_PUNCH_FAILURE_NONE);
}

static void
on_observed (KhCall *self, const KhMsgEndpoint *message)
{
  if (message->index < KH_PUNCH_PORTS)
    tell_step (self, self->caller ? 4 : 7, 0, &message->endpoint, NULL);
  kh_puncher_observed (self->puncher, message->round, message->index, &message->endpoint);
  if (message->index == 0)
    kh_call_tell_mapped_port (self);
}

static void
on_endpoint (KhCall *self, const KhMsgEndpoint *message)
{
  if (message->index < KH_PUNCH_PORTS)
    tell_step (self, self->caller ? 7 : 4, 0, NULL, &message->endpoint);
  kh_puncher_endpoint (self->puncher, message->round, message->index, &message->endpoint);
}

void
kh_call_message (KhCall *self, const KhMessage *message)
{
  if (message->type == KH_MESSAGE_ANSWERED || message->type == KH_MESSAGE_HUNG_UP)
    {
      if (message->type == KH_MESSAGE_ANSWERED)
        on_answered (self, &message->answer);
      else
        on_hung_up (self, message->hang_up.reason);
      return;
    }
  if (self->puncher == NULL)
    return;

  switch (message->type)
    {
    case KH_MESSAGE_OBSERVED:
      on_observed (self, &message->endpoint);
      break;
    case KH_MESSAGE_ENDPOINT:
      on_endpoint (self, &message->endpoint);
      break;
    case KH_MESSAGE_RELAY_REFUSED:
      self->refusal = message->relay_refused.reason;
      break;
    case KH_MESSAGE_PEER_CANDIDATES:
      kh_call_take_candidates (self, message->candidates.sealed);
      break;
    case KH_MESSAGE_PEER_GO:
      kh_puncher_go (self->puncher, message->round.round);
      break;
    case KH_MESSAGE_PEER_ROUND:
      kh_puncher_peer_round (self->puncher, message->round.round);
      break;
    default:
      break;
    }
}

const KhPeerId *
kh_call_peer (const KhCall *self)
{
  return &self->peer;
}

KhAttempt *
kh_call_attempt (const KhCall *self)
{
  return self->attempt;
}

const guint8 *
kh_call_id (const KhCall *self)
{
  return self->id;
}

void
kh_call_set_quiet (KhCall *self, bool quiet)
{
  self->quiet = quiet;
}

bool
kh_call_is_quiet (const KhCall *self)
{
  return self->quiet;
}

KhRelayState
kh_call_relay (const KhCall *self)
{
  static const KhRelayState refusals[] = {
    [KH_RELAY_REFUSED_OFF] = KH_RELAY_SWITCHED_OFF,
    [KH_RELAY_REFUSED_VOLUME] = KH_RELAY_USED_UP,
    [KH_RELAY_REFUSED_BUSY] = KH_RELAY_BUSY,
  };

  if (self->client->reach.no_relay)
    return KH_RELAY_REFUSED_HERE;
  if ((self->client->welcome.flags & KH_WELCOME_RELAY) == 0)
    return KH_RELAY_SWITCHED_OFF;
  if (self->accepted && !self->may_relay)
    return KH_RELAY_REFUSED_THERE;
  return self->refusal < G_N_ELEMENTS (refusals) ? refusals[self->refusal]
                                                 : KH_RELAY_UNKNOWN;
}

bool
kh_call_is_hopeless (const KhCall *self)
{
  const KhPunch *plan = self->puncher != NULL ? kh_puncher_plan (self->puncher) : NULL;

  return plan != NULL && plan->is_hopeless && self->mapped_in == 0
         && plan->pairs[KH_PUNCH_PAIR_MAPPED].peer.family == 0;
}

bool
kh_call_is_ours (const KhCall *self)
{
  return self->caller;
}

bool
kh_call_is_accepted (const KhCall *self)
{
  return self->accepted;
}

bool
kh_call_saw_stranger (const KhCall *self)
{
  return self->stranger;
}

gint64
kh_call_age_ms (const KhCall *self)
{
  return (g_get_monotonic_time () - self->began_us) / 1000;
}

KhNoiseCipher
kh_call_cipher (const KhCall *self)
{
  return self->cipher;
}

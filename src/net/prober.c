/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/prober.h"

#include "net/probe-line.h"
#include "net/probe-mapping.h"
#include "net/source.h"

#include <sodium.h>
#include <string.h>

/* The indices of this probe, at both servers. */
enum
{
  INDEX_FAR,  /* dialled back from another address */
  INDEX_NEAR, /* from another port of the address that it had dialled */
  INDEX_HAIRPIN,
  INDEX_V6 = INDEX_HAIRPIN + 2,
  INDEX_SOCKETS,
  INDEX_UNUSED
  = INDEX_SOCKETS
    + KH_PROBE_MAPPING_SOCKETS * KH_PROBE_MAPPING_PLACES, /* no token of it is shown */
  INDICES,
};
G_STATIC_ASSERT (INDICES <= KH_PROBE_INDICES);

typedef enum
{
  FILTERING, /* who is let in */
  MAPPING,   /* which endpoints are seen */
  CLOSING,   /* what is still awaited */
  OVER,
} Phase;

/* A dial back. */
typedef struct
{
  bool asked;
  bool settled;
  bool is_at_helper; /* who only ever says that it has begun */
  bool is_answered;  /* otherwise its silence is the server's, not a router's */
  KhNatDial result;
  gint64 ask_at_us; /* asked again then; 0: not to be asked */
  gint64 due_at_us; /* it was silent if not heard until then */
} Dial;

typedef enum
{
  DIAL_FAR,
  DIAL_NEAR,
  DIAL_UNUSED, /* a port that never dialled */
  DIAL_CLOSED, /* a port that nobody listens on */
  DIALS,
} DialName;

struct _KhProber
{
  /* Owned */
  KhProbeLine *far;
  KhProbeLine *near;
  KhProbeLine *unused;
  KhProbeLine *v6;
  KhProbeLine *pair[2];
  KhProbeMapping mapping;
  GSource *timer;

  /* Borrowed */
  const KhProberListener *listener;
  gpointer data;

  /* State */
  KhProbeServer servers[2];
  bool has_helper;
  uint8_t id[KH_CALL_ID_LEN];
  KhEndpoint near_assist;  /* the first IPv4 assist port */
  KhEndpoint other_assist; /* one of another address; family 0: none */
  Phase phase;
  gint64 phase_due_at_us; /* G_MAXINT64: it is over */
  gint64 ends_at_us;
  gint64 hairpin_due_at_us; /* 0: not begun */
  uint8_t hairpin_word[KH_TOKEN_LEN];
  Dial dials[DIALS];
  KhEndpoint far_local;
  KhEndpoint v6_local;      /* family 0: there is no way to a server by IPv6 */
  KhEndpoint seen[INDICES]; /* by the index of the first server */
  KhNatFacts facts;
  KhProbeResults results;
};

static void step (KhProber *self);

static gint64
after_ms (gint64 delay_ms)
{
  return g_get_monotonic_time () + delay_ms * 1000;
}

static void
compute (const KhProber *self, unsigned server, uint8_t token[KH_TOKEN_LEN],
         uint8_t round, unsigned index, KhTokenKind kind)
{
  kh_token_compute (token, self->servers[server].secret, self->id, round, (uint8_t)index,
                    kind);
}

/* --- The next step, never from inside somebody else's call ---------------------------
 */

static gboolean
on_time (gpointer data)
{
  KhProber *self = data;

  kh_source_clear (&self->timer);
  step (self);
  return G_SOURCE_REMOVE;
}

static void
wake_at (KhProber *self, gint64 at_us)
{
  kh_source_clear (&self->timer);
  self->timer = kh_source_at (at_us, on_time, self);
}

static void
wake (KhProber *self)
{
  if (self->phase != OVER)
    wake_at (self, 0);
}

/* --- Dials back -----------------------------------------------------------------------
 */

static void
send_dial (KhProber *self, unsigned server, unsigned index, KhProbeDial from,
           uint16_t port)
{
  KhMessage message
      = { .type = KH_MESSAGE_DIAL,
          .dial = { .index = (uint8_t)index, .from = (uint8_t)from, .port = port } };

  memcpy (message.dial.probe_id, self->id, sizeof self->id);
  self->listener->send (self->data, server, &message);
}

static void
ask (KhProber *self, DialName name)
{
  Dial *dial = &self->dials[name];

  dial->asked = true;
  dial->ask_at_us = 0;
  dial->due_at_us = after_ms (KH_PROBER_DIAL_MS);
  switch (name)
    {
    case DIAL_FAR:
      if (dial->is_at_helper)
        send_dial (self, 1, 0, KH_DIAL_TO_NAMED_PORT, self->seen[INDEX_FAR].port);
      else
        send_dial (self, 0, INDEX_FAR, KH_DIAL_FROM_OTHER_ADDRESS, 0);
      break;
    case DIAL_NEAR:
      send_dial (self, 0, INDEX_NEAR, KH_DIAL_FROM_OTHER_PORT, 0);
      break;
    case DIAL_UNUSED:
      send_dial (self, 0, INDEX_UNUSED, KH_DIAL_TO_NAMED_PORT,
                 kh_probe_line_port (self->unused));
      break;
    case DIAL_CLOSED:
      send_dial (self, 0, INDEX_NEAR, KH_DIAL_TO_CLOSED_PORT, 0);
      break;
    case DIALS:
      break;
    }
}

static void
settle (KhProber *self, DialName name, KhNatDial result)
{
  Dial *dial = &self->dials[name];

  if (dial->settled)
    return;
  dial->settled = true;
  dial->result = result;
  wake (self);
}

/* Whoever was let in has written the word that only the server asked can know. */
static bool
is_word_of (const KhProber *self, DialName name, const uint8_t token[KH_TOKEN_LEN])
{
  static const struct
  {
    KhProbeDial from;
    uint8_t index;
  } words[DIALS] = {
    [DIAL_FAR] = { KH_DIAL_FROM_OTHER_ADDRESS, INDEX_FAR },
    [DIAL_NEAR] = { KH_DIAL_FROM_OTHER_PORT, INDEX_NEAR },
    [DIAL_UNUSED] = { KH_DIAL_TO_NAMED_PORT, INDEX_UNUSED },
  };
  uint8_t expected[KH_TOKEN_LEN];

  if (name == DIAL_CLOSED)
    return false;
  if (self->dials[name].is_at_helper)
    compute (self, 1, expected, KH_DIAL_TO_NAMED_PORT, 0, KH_TOKEN_DIAL_BACK);
  else
    compute (self, 0, expected, (uint8_t)words[name].from, words[name].index,
             KH_TOKEN_DIAL_BACK);
  return sodium_memcmp (expected, token, sizeof expected) == 0;
}

static void
on_heard (gpointer data, KhProbeLine *line, const uint8_t token[KH_TOKEN_LEN])
{
  KhProber *self = data;
  KhProbeLine *const lines[] = { self->far, self->near, self->unused };

  for (DialName name = DIAL_FAR; name <= DIAL_UNUSED; name++)
    if (line == lines[name] && self->dials[name].asked && is_word_of (self, name, token))
      settle (self, name, KH_NAT_DIAL_HEARD);
  if ((line == self->pair[0] || line == self->pair[1]) && self->hairpin_due_at_us != 0
      && sodium_memcmp (self->hairpin_word, token, KH_TOKEN_LEN) == 0)
    {
      self->results.hairpin = KH_TRISTATE_YES;
      wake (self);
    }
}

static const KhProbeLineListener line_listener = { .heard = on_heard };

/* --- Filtering ------------------------------------------------------------------------
 */

static KhProbeLine *
open_line (KhProber *self, unsigned index, const KhEndpoint *server, KhEndpoint *local)
{
  KhProbeLine *line = kh_probe_line_new (server->family, &line_listener, self);
  uint8_t token[KH_TOKEN_LEN];
  KhEndpoint unused;

  if (line == NULL)
    return NULL;
  compute (self, 0, token, 0, index, KH_TOKEN_PROBE);
  kh_probe_line_show (line, server, false, token, local != NULL ? local : &unused);
  return line;
}

static void
send_probe (KhProber *self, unsigned server)
{
  KhMessage message = { .type = KH_MESSAGE_PROBE };

  memcpy (message.probe.probe_id, self->id, sizeof self->id);
  self->listener->send (self->data, server, &message);
}

static void
begin (KhProber *self)
{
  const KhEndpoint *v6 = kh_probe_server_find (&self->servers[0], 6, NULL);

  send_probe (self, 0);
  if (self->has_helper)
    send_probe (self, 1);
  if (v6 != NULL)
    {
      self->results.ipv6 = KH_TRISTATE_NO;
      self->v6 = open_line (self, INDEX_V6, v6, &self->v6_local);
    }
  if (self->near_assist.family == 0)
    return;
  self->far = open_line (self, INDEX_FAR, &self->near_assist, &self->far_local);
  self->near = open_line (self, INDEX_NEAR, &self->near_assist, NULL);
  for (unsigned i = 0; i < 2; i++)
    self->pair[i] = open_line (self, INDEX_HAIRPIN + i, &self->near_assist, NULL);
}

/* An outside endpoint of this computer, as far as the servers do not lie in all they say:
 * at the address that the main connection has too, and none of this computer alone. */
static bool
may_be_own (const KhProber *self, const KhEndpoint *seen)
{
  return seen->family == 4 && seen->port >= KH_PROBE_PORT_MIN
         && kh_endpoint_kind (seen) == kh_endpoint_kind (&self->near_assist)
         && kh_endpoint_same_address (seen, &self->servers[0].seen);
}

static void
begin_hairpin (KhProber *self)
{
  if (self->pair[0] == NULL || self->pair[1] == NULL
      || !may_be_own (self, &self->seen[INDEX_HAIRPIN])
      || !may_be_own (self, &self->seen[INDEX_HAIRPIN + 1]))
    return;
  randombytes_buf (self->hairpin_word, sizeof self->hairpin_word);
  self->hairpin_due_at_us = after_ms (KH_PROBER_HAIRPIN_MS);
  for (unsigned i = 0; i < 2; i++)
    kh_probe_line_meet (self->pair[i], &self->seen[INDEX_HAIRPIN + 1 - i],
                        self->hairpin_word);
}

static bool
is_translated (const KhProber *self)
{
  return !kh_endpoint_equal (&self->far_local, &self->seen[INDEX_FAR]);
}

/* Without a second address an open computer looks like one whose firewall goes by
 * addresses: a port that has never dialled anybody tells. */
static void
test_unused_port (KhProber *self)
{
  /* It is dialled at the address that the main connection has. */
  if (is_translated (self) || self->dials[DIAL_FAR].asked
      || !kh_endpoint_same_address (&self->servers[0].seen, &self->far_local))
    return;
  self->unused = kh_probe_line_new (4, &line_listener, self);
  if (self->unused != NULL)
    ask (self, DIAL_UNUSED);
}

/* The helper dials the address that it has seen, which must be that of the port, and from
 * the one that was dialled there. */
static bool
is_helper_elsewhere (const KhProber *self)
{
  return self->has_helper
         && kh_endpoint_same_address (&self->servers[1].seen, &self->seen[INDEX_FAR])
         && !kh_endpoint_same_address (&self->servers[1].main, &self->near_assist);
}

static void
on_far_seen (KhProber *self)
{
  Dial *far = &self->dials[DIAL_FAR];

  far->is_at_helper = self->other_assist.family == 0 && is_helper_elsewhere (self);
  if (self->other_assist.family != 0
      || (far->is_at_helper && self->seen[INDEX_FAR].port >= KH_PROBE_PORT_MIN))
    {
      self->results.other_address = true;
      ask (self, DIAL_FAR);
    }
  test_unused_port (self);
}

static bool
has_both (const KhProber *self)
{
  return self->seen[INDEX_HAIRPIN].family != 0
         && self->seen[INDEX_HAIRPIN + 1].family != 0 && self->hairpin_due_at_us == 0;
}

/* --- Mapping --------------------------------------------------------------------------
 */

static void
set_places (KhProber *self)
{
  const KhEndpoint *of_helper
      = self->has_helper ? kh_probe_server_find (&self->servers[1], 4, &self->near_assist)
                         : NULL;
  KhProbePlace places[KH_PROBE_MAPPING_PLACES] = { 0 };

  places[0].endpoint = places[1].endpoint = self->near_assist;
  places[1].endpoint.port = self->servers[0].main.port;
  places[1].is_main = true;
  places[2].endpoint = self->other_assist;
  if (self->other_assist.family == 0 && of_helper != NULL)
    {
      places[2].endpoint = *of_helper;
      places[2].server = 1;
    }
  for (unsigned i = 0; i < KH_PROBE_MAPPING_PLACES; i++)
    memcpy (places[i].secret, self->servers[places[i].server].secret,
            sizeof places[i].secret);
  kh_probe_mapping_init (&self->mapping, places, self->id, INDEX_SOCKETS);
  sodium_memzero (places, sizeof places);
}

/* --- Steps -----------------------------------------------------------------------------
 */

static gint64
next_due (const KhProber *self)
{
  gint64 due_at_us = MIN (self->phase_due_at_us, self->ends_at_us);

  for (DialName name = DIAL_FAR; name < DIALS; name++)
    {
      const Dial *dial = &self->dials[name];

      if (dial->asked && !dial->settled)
        due_at_us
            = MIN (due_at_us, dial->ask_at_us != 0 ? dial->ask_at_us : dial->due_at_us);
    }
  if (self->hairpin_due_at_us != 0 && self->results.hairpin == KH_TRISTATE_UNKNOWN)
    due_at_us = MIN (due_at_us, self->hairpin_due_at_us);
  return MIN (due_at_us, self->mapping.due_at_us);
}

/* Time goes by: who was not heard is silent, who had to wait is asked again. */
static void
take_time (KhProber *self, gint64 now_us)
{
  if (self->phase_due_at_us <= now_us)
    self->phase_due_at_us = G_MAXINT64;
  for (DialName name = DIAL_FAR; name < DIALS; name++)
    {
      Dial *dial = &self->dials[name];

      if (dial->ask_at_us != 0 && dial->ask_at_us <= now_us)
        ask (self, name);
      else if (dial->asked && !dial->settled && dial->ask_at_us == 0
               && dial->due_at_us <= now_us)
        {
          dial->settled = true;
          dial->result = dial->is_answered ? KH_NAT_DIAL_SILENT : KH_NAT_DIAL_UNKNOWN;
        }
    }
  if (self->hairpin_due_at_us != 0 && self->hairpin_due_at_us <= now_us
      && self->results.hairpin == KH_TRISTATE_UNKNOWN)
    self->results.hairpin = KH_TRISTATE_NO;
  kh_probe_mapping_tick (&self->mapping, now_us);
}

static bool
all_settled (const KhProber *self, DialName last)
{
  for (DialName name = DIAL_FAR; name <= last; name++)
    if (self->dials[name].asked && !self->dials[name].settled)
      return false;
  return true;
}

/* Every line has been seen that will be, everybody was heard or not. */
static bool
has_filtered (const KhProber *self)
{
  bool seen = self->seen[INDEX_V6].family != 0 || self->v6_local.family == 0;

  for (unsigned index = INDEX_FAR; index < INDEX_V6; index++)
    seen &= self->seen[index].family != 0 || self->near_assist.family == 0;
  if (!seen && self->phase_due_at_us != G_MAXINT64)
    return false;
  return all_settled (self, DIAL_UNUSED)
         && (self->hairpin_due_at_us == 0
             || self->results.hairpin != KH_TRISTATE_UNKNOWN);
}

static bool
was_seen (const KhProber *self)
{
  for (unsigned index = INDEX_FAR; index < INDEX_SOCKETS; index++)
    if (self->seen[index].family != 0)
      return true;
  return false;
}

static bool
has_failed (const KhProber *self, DialName name)
{
  const Dial *dial = &self->dials[name];

  return dial->settled && !dial->is_at_helper && dial->result != KH_NAT_DIAL_UNKNOWN
         && dial->result != KH_NAT_DIAL_HEARD;
}

/* Nobody of whom the server tells was turned away so far: how that is done is asked of a
 * port where nobody listens. */
static bool
needs_closed_port (const KhProber *self)
{
  return self->seen[INDEX_NEAR].family != 0 && !has_failed (self, DIAL_FAR)
         && !has_failed (self, DIAL_NEAR);
}

static void
finish (KhProber *self)
{
  self->phase = OVER;
  self->facts.other_address = self->dials[DIAL_FAR].result;
  self->facts.other_port = self->dials[DIAL_NEAR].result;
  self->facts.unused_port = self->dials[DIAL_UNUSED].result;
  self->facts.closed_port = self->dials[DIAL_CLOSED].result;
  self->results.nat = kh_nat_classify (&self->facts);
  if (self->results.nat.behind_nat != KH_TRISTATE_YES)
    self->results.hairpin = KH_TRISTATE_UNKNOWN;
  self->listener->done (self->data, &self->results);
}

/* The last thing that a callback of its own does: done() may free it. */
static void
step (KhProber *self)
{
  gint64 now_us = g_get_monotonic_time ();

  take_time (self, now_us);
  if (self->phase == FILTERING && has_filtered (self))
    {
      /* A server that has seen none of them does not know how. */
      self->phase = was_seen (self) ? MAPPING : CLOSING;
      self->phase_due_at_us = G_MAXINT64;
      if (needs_closed_port (self))
        ask (self, DIAL_CLOSED);
    }
  if (self->phase == MAPPING && !kh_probe_mapping_next (&self->mapping))
    self->phase = CLOSING;
  if ((self->phase == CLOSING && all_settled (self, DIAL_CLOSED))
      || now_us >= self->ends_at_us)
    {
      finish (self);
      return;
    }
  wake_at (self, next_due (self));
}

static gboolean
on_begin (gpointer data)
{
  KhProber *self = data;

  kh_source_clear (&self->timer);
  begin (self);
  step (self);
  return G_SOURCE_REMOVE;
}

KhProber *
kh_prober_new (const KhProbeServer *server, const KhProbeServer *helper,
               const KhProberListener *listener, gpointer data)
{
  KhProber *self = g_new0 (KhProber, 1);
  const KhEndpoint *near = kh_probe_server_near (server);
  const KhEndpoint *other = kh_probe_server_other (server);

  self->servers[0] = *server;
  if (helper != NULL)
    self->servers[1] = *helper;
  self->has_helper = helper != NULL;
  self->listener = listener;
  self->data = data;
  if (near != NULL)
    self->near_assist = *near;
  if (other != NULL)
    self->other_assist = *other;
  randombytes_buf (self->id, sizeof self->id);
  set_places (self);
  self->ends_at_us = after_ms (KH_PROBER_LONGEST_MS);
  self->phase_due_at_us = after_ms (KH_PROBE_MAPPING_SHOW_MS);
  self->timer = kh_source_after (0, on_begin, self);
  return self;
}

void
kh_prober_free (KhProber *self)
{
  KhProbeLine **const lines[] = { &self->far, &self->near,    &self->unused,
                                  &self->v6,  &self->pair[0], &self->pair[1] };

  kh_source_clear (&self->timer);
  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    g_clear_pointer (lines[i], kh_probe_line_free);
  kh_probe_mapping_clear (&self->mapping);
  sodium_memzero (self, sizeof *self);
  g_free (self);
}

/* --- What the servers say
 * ---------------------------------------------------------------
 */

static void
on_probed (KhProber *self, unsigned server, const KhMsgProbed *probed)
{
  if (kh_probe_mapping_probed (&self->mapping, server, probed, &self->facts))
    {
      wake (self);
      return;
    }
  if (server != 0 || probed->index >= INDEX_SOCKETS
      || self->seen[probed->index].family != 0)
    return;
  self->seen[probed->index] = probed->endpoint;
  switch (probed->index)
    {
    case INDEX_FAR:
      on_far_seen (self);
      break;
    case INDEX_NEAR:
      ask (self, DIAL_NEAR);
      break;
    case INDEX_V6:
      self->results.ipv6 = KH_TRISTATE_YES;
      break;
    default:
      if (has_both (self))
        begin_hairpin (self);
    }
  wake (self);
}

static bool
is_answer_to (const KhProber *self, DialName name, unsigned server, const KhMsgDial *dial)
{
  static const uint8_t froms[DIALS] = {
    [DIAL_FAR] = KH_DIAL_FROM_OTHER_ADDRESS,
    [DIAL_NEAR] = KH_DIAL_FROM_OTHER_PORT,
    [DIAL_UNUSED] = KH_DIAL_TO_NAMED_PORT,
    [DIAL_CLOSED] = KH_DIAL_TO_CLOSED_PORT,
  };
  bool helper = self->dials[name].is_at_helper;

  return self->dials[name].asked && !self->dials[name].settled
         && server == (helper ? 1U : 0U)
         && dial->from == (helper ? KH_DIAL_TO_NAMED_PORT : froms[name]);
}

static void
on_dialled (KhProber *self, DialName name, const KhMsgDial *dialled)
{
  Dial *dial = &self->dials[name];
  gint64 wait_us = (gint64)MAX (dialled->wait_s, 1) * G_USEC_PER_SEC;

  dial->is_answered = dialled->result != KH_DIALLED_LATER;
  switch (dialled->result)
    {
    case KH_DIALLED_REFUSED:
      settle (self, name, KH_NAT_DIAL_REFUSED);
      break;
    case KH_DIALLED_UNREACHABLE:
      settle (self, name, KH_NAT_DIAL_UNREACHABLE);
      break;
    case KH_DIALLED_SILENT:
      settle (self, name, KH_NAT_DIAL_SILENT);
      break;
    case KH_DIALLED_IMPOSSIBLE:
      settle (self, name, KH_NAT_DIAL_UNKNOWN);
      break;
    case KH_DIALLED_LATER:
      dial->ask_at_us = g_get_monotonic_time () + wait_us;
      wake (self);
      break;
    case KH_DIALLED_NOTHING:
      /* Of a closed port: somebody listened there by chance, so nothing is known. */
      if (name == DIAL_CLOSED)
        settle (self, name, KH_NAT_DIAL_UNKNOWN);
      break;
    default: /* connected: what is heard tells whether to this computer */
      break;
    }
}

void
kh_prober_receive (KhProber *self, unsigned server, const KhMessage *message)
{
  if (self->phase == OVER)
    return;
  if (message->type == KH_MESSAGE_PROBED
      && memcmp (message->probed.probe_id, self->id, sizeof self->id) == 0)
    on_probed (self, server, &message->probed);
  if (message->type == KH_MESSAGE_DIALLED
      && memcmp (message->dial.probe_id, self->id, sizeof self->id) == 0)
    for (DialName name = DIAL_FAR; name < DIALS; name++)
      if (is_answer_to (self, name, server, &message->dial))
        {
          on_dialled (self, name, &message->dial);
          break;
        }
}

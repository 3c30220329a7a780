/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/attempt-private.h"

/* Version, and the rest as that version has it. */
#define OUTER_TYPE "(uv)"

/* Name, began_at_ms, ms, caller, state, round, steps, candidates, end, failure, stranger,
 * wait_ms, path, cipher. */
#define STEP_TYPE "(xuqss)"
#define CANDIDATE_TYPE "(uuqssuxxu)"
#define INNER_FIRST "sxxbuua" STEP_TYPE "a" CANDIDATE_TYPE "uubxus"
#define INNER_TYPE_1 "(" INNER_FIRST ")"
/* Since version 2: whether the ports only dialled. */
#define INNER_TYPE "(" INNER_FIRST "b)"

/* An endpoint as text; "" for none. */
static const char *
print (const KhEndpoint *endpoint, char text[KH_ENDPOINT_TEXT_MAX])
{
  text[0] = '\0';
  if (endpoint->family != 0)
    kh_endpoint_print (endpoint, text);
  return text;
}

static KhEndpoint
parse (const char *text)
{
  KhEndpoint endpoint = { 0 };

  kh_endpoint_parse (&endpoint, text);
  return endpoint;
}

/* --- Writing -------------------------------------------------------------------------
 */

static GVariant *
write_steps (KhAttempt *self)
{
  GVariantBuilder builder;
  char own[KH_ENDPOINT_TEXT_MAX];
  char remote[KH_ENDPOINT_TEXT_MAX];

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a" STEP_TYPE));
  for (guint i = 0; i < KH_ATTEMPT_STEPS; i++)
    {
      const KhAttemptStep *step = &self->steps[i];

      g_variant_builder_add (&builder, STEP_TYPE, step->at_ms, step->round, step->port,
                             print (&step->own, own), print (&step->remote, remote));
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
write_candidates (KhAttempt *self)
{
  GVariantBuilder builder;
  char own[KH_ENDPOINT_TEXT_MAX];
  char peer[KH_ENDPOINT_TEXT_MAX];

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a" CANDIDATE_TYPE));
  for (guint i = 0; i < self->n_candidates; i++)
    {
      const KhCandidate *candidate = &self->candidates[i];

      g_variant_builder_add (&builder, CANDIDATE_TYPE, (guint)candidate->kind,
                             candidate->round, candidate->port,
                             print (&candidate->own, own), print (&candidate->peer, peer),
                             candidate->n_dials, candidate->first_ms, candidate->last_ms,
                             (guint)candidate->outcome);
    }
  return g_variant_builder_end (&builder);
}

GBytes *
kh_attempt_write (KhAttempt *self)
{
  GVariant *inner = g_variant_new (
      "(sxxbuu@a" STEP_TYPE "@a" CANDIDATE_TYPE "uubxusb)", self->name, self->began_at_ms,
      self->ms, self->caller, (guint)self->state, self->round, write_steps (self),
      write_candidates (self), (guint)self->end, (guint)self->failure, self->stranger,
      self->wait_ms, (guint)self->path, self->cipher != NULL ? self->cipher : "",
      self->dials_only);
  g_autoptr (GVariant) outer
      = g_variant_ref_sink (g_variant_new (OUTER_TYPE, KH_ATTEMPT_VERSION, inner));

  /* The data folder may go to a computer of another byte order. */
  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      g_autoptr (GVariant) swapped = g_variant_byteswap (outer);

      return g_variant_get_data_as_bytes (swapped);
    }
  return g_variant_get_data_as_bytes (outer);
}

/* --- Reading -------------------------------------------------------------------------
 */

static void
read_steps (KhAttempt *self, GVariantIter *iter)
{
  const char *own;
  const char *remote;

  for (guint i = 0; i < KH_ATTEMPT_STEPS; i++)
    {
      KhAttemptStep *step = &self->steps[i];

      if (!g_variant_iter_next (iter, "(xuq&s&s)", &step->at_ms, &step->round,
                                &step->port, &own, &remote))
        return;
      step->own = parse (own);
      step->remote = parse (remote);
    }
}

static void
read_candidates (KhAttempt *self, GVariantIter *iter)
{
  KhCandidate candidate;
  guint kind;
  guint outcome;
  const char *own;
  const char *peer;

  while (self->n_candidates < KH_ATTEMPT_CANDIDATES_MAX
         && g_variant_iter_next (iter, "(uuq&s&suxxu)", &kind, &candidate.round,
                                 &candidate.port, &own, &peer, &candidate.n_dials,
                                 &candidate.first_ms, &candidate.last_ms, &outcome))
    {
      candidate.kind = MIN (kind, KH_PATH_RELAY);
      candidate.outcome = MIN (outcome, KH_CANDIDATE_WON);
      candidate.own = parse (own);
      candidate.peer = parse (peer);
      self->candidates[self->n_candidates++] = candidate;
    }
}

static void
read_inner (KhAttempt *self, GVariant *inner, const char *type)
{
  g_autoptr (GVariantIter) steps = NULL;
  g_autoptr (GVariantIter) candidates = NULL;
  guint state;
  guint end;
  guint failure;
  guint path;

  g_free (self->name);
  /* The older type has no use for the last one. */
  g_variant_get (inner, type, &self->name, &self->began_at_ms, &self->ms, &self->caller,
                 &state, &self->round, &steps, &candidates, &end, &failure,
                 &self->stranger, &self->wait_ms, &path, &self->cipher,
                 &self->dials_only);
  self->state = state == KH_ATTEMPT_CONNECTED ? KH_ATTEMPT_CONNECTED : KH_ATTEMPT_FAILED;
  self->end = MIN (end, KH_CALL_END_INCOMPATIBLE);
  self->failure = MIN (failure, KH_PUNCH_BOTH_SYMMETRIC);
  self->path = MIN (path, KH_PATH_RELAY);
  if (*self->cipher == '\0')
    g_clear_pointer (&self->cipher, g_free);
  read_steps (self, steps);
  read_candidates (self, candidates);
}

/* In the byte order of this computer. NULL: it is none. */
static GVariant *
load (GBytes *bytes)
{
  g_autoptr (GVariant) raw = g_variant_ref_sink (
      g_variant_new_from_bytes (G_VARIANT_TYPE (OUTER_TYPE), bytes, FALSE));
  g_autoptr (GVariant) outer
      = G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (raw) : g_variant_ref (raw);

  return g_variant_is_normal_form (outer) ? g_steal_pointer (&outer) : NULL;
}

KhAttempt *
kh_attempt_read (const KhPeerId *peer, GBytes *bytes)
{
  g_autoptr (GVariant) outer = load (bytes);
  g_autoptr (GVariant) inner = NULL;
  const char *type;
  KhAttempt *self;
  guint version;

  if (outer == NULL)
    return NULL;
  g_variant_get (outer, OUTER_TYPE, &version, &inner);
  type = version == 1 ? INNER_TYPE_1 : INNER_TYPE;
  if (version < 1 || version > KH_ATTEMPT_VERSION
      || !g_variant_is_of_type (inner, G_VARIANT_TYPE (type)))
    return NULL;
  self = kh_attempt_new (peer, "", FALSE);
  read_inner (self, inner, type);
  return self;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/person-private.h"

G_DEFINE_FINAL_TYPE (KhPerson, kh_person, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
kh_person_finalize (GObject *object)
{
  KhPerson *self = KH_PERSON (object);

  g_clear_signal_handler (&self->attempt_handler, self->attempt);
  g_clear_object (&self->attempt);
  g_free (self->name);
  g_free (self->announced_name);
  g_free (self->petname);
  g_free (self->former_name);
  g_free (self->folded_name);
  g_free (self->cipher);
  G_OBJECT_CLASS (kh_person_parent_class)->finalize (object);
}

static void
kh_person_class_init (KhPersonClass *class)
{
  G_OBJECT_CLASS (class)->finalize = kh_person_finalize;
  signals[CHANGED] = g_signal_new ("changed", KH_TYPE_PERSON, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
kh_person_init (KhPerson *self)
{
  self->name = g_strdup ("");
  self->folded_name = g_strdup ("");
}

KhPerson *
kh_person_new (const KhPeerId *id)
{
  KhPerson *self = g_object_new (KH_TYPE_PERSON, NULL);

  self->id = *id;
  return self;
}

void
kh_person_emit_changed (KhPerson *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

const KhPeerId *
kh_person_get_id (KhPerson *self)
{
  return &self->id;
}

const char *
kh_person_get_name (KhPerson *self)
{
  return self->name;
}

const char *
kh_person_get_announced_name (KhPerson *self)
{
  const char *announced = self->announced_name;

  return announced != NULL && *announced != '\0' && g_strcmp0 (announced, self->name) != 0
             ? announced
             : NULL;
}

const char *
kh_person_get_former_name (KhPerson *self)
{
  return self->former_name;
}

gboolean
kh_person_is_ambiguous (KhPerson *self)
{
  return self->ambiguous;
}

KhPerson *
kh_person_get_namesake (KhPerson *self)
{
  return self->namesake;
}

gboolean
kh_person_is_online (KhPerson *self)
{
  return self->online;
}

gboolean
kh_person_is_contact (KhPerson *self)
{
  return self->petname != NULL;
}

gboolean
kh_person_is_verified (KhPerson *self)
{
  return self->verified;
}

gboolean
kh_person_is_blocked (KhPerson *self)
{
  return self->blocked;
}

gboolean
kh_person_is_muted (KhPerson *self)
{
  return self->muted;
}

gboolean
kh_person_accepts_calls (KhPerson *self)
{
  return self->accepts_calls;
}

gboolean
kh_person_accepts_offers (KhPerson *self)
{
  return self->accepts_offers;
}

gint64
kh_person_get_last_seen_at_ms (KhPerson *self)
{
  return self->last_seen_at_ms;
}

gint64
kh_person_get_active_at_ms (KhPerson *self)
{
  return self->active_at_ms;
}

guint
kh_person_get_unread (KhPerson *self)
{
  return self->unread;
}

guint
kh_person_get_n_queued (KhPerson *self)
{
  return self->n_queued;
}

KhPersonState
kh_person_get_state (KhPerson *self)
{
  return self->state;
}

KhNatClass
kh_person_get_nat_class (KhPerson *self)
{
  return self->nat_class;
}

KhOutlook
kh_person_get_outlook (KhPerson *self)
{
  return self->outlook;
}

const KhPathInfo *
kh_person_get_path (KhPerson *self)
{
  return self->state == KH_PERSON_CONNECTED ? &self->path : NULL;
}

KhAttempt *
kh_person_get_attempt (KhPerson *self)
{
  return self->attempt;
}

gboolean
kh_person_get_link_end (KhPerson *self, KhLinkEnd *end)
{
  if (!self->has_link_end || self->state == KH_PERSON_CONNECTED)
    return FALSE;
  *end = self->link_end;
  return TRUE;
}

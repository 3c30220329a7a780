/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * person-private.h - a person from inside, for people.c and its parts.
 */
#pragma once

#include "core/person.h"
#include "core/rate-meter.h"

struct _KhPerson
{
  GObject parent_instance;

  /* Owned */
  char *name;           /* as shown */
  char *announced_name; /* NULL: never heard */
  char *petname;        /* NULL: no contact */
  char *former_name;
  char *folded_name; /* of the one shown; "" for none */
  char *cipher;
  KhAttempt *attempt;
  gulong attempt_handler;

  /* Borrowed */
  KhPerson *namesake;

  /* State */
  KhPeerId id;
  guint position; /* in the list */
  gboolean online;
  gboolean verified;
  gboolean blocked;
  gboolean muted;
  gboolean accepts_calls;
  gboolean accepts_offers;
  gboolean ambiguous;
  gint64 last_seen_at_ms;
  gint64 active_at_ms;
  guint unread;
  guint n_queued;
  KhPersonState state;
  KhNatClass nat_class;
  KhOutlook outlook;
  KhPathInfo path;
  KhRateMeter up;
  KhRateMeter down;
  guint64 up_bytes; /* of files, in this run */
  guint64 down_bytes;
  gboolean moving; /* one of the rates is not 0 */
  gboolean has_link_end;
  KhLinkEnd link_end;

  /* Of the list */
  gboolean listed;
  gboolean kept;  /* something was said with it in this run, or somebody asked for it */
  gboolean dirty; /* waits for the next batch */
};

KhPerson *kh_person_new (const KhPeerId *id);
void kh_person_emit_changed (KhPerson *self);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * strip-look.h - what the connection strip says and offers, from what is known of a
 * person.
 *
 * Fill in a KhStripFacts, make a look of it, show that, clear() it. No widgets; texts are
 * translated.
 */
#pragma once

#include "app/call-text.h"
#include "core/client.h"
#include "core/person.h"

typedef enum
{
  KH_STRIP_IDLE,
  KH_STRIP_OFFLINE,    /* the person */
  KH_STRIP_NO_SERVER,  /* this computer */
  KH_STRIP_CALLING,    /* the other side has not agreed yet */
  KH_STRIP_REQUEST,    /* of the other side */
  KH_STRIP_CONNECTING, /* both have agreed */
  KH_STRIP_CONNECTED,
  KH_STRIP_FAILED,
  KH_STRIP_LOST,
  KH_STRIP_NAMESAKE,
  KH_STRIP_BLOCKED,
} KhStripState;

/* What a button does. */
typedef enum
{
  KH_STRIP_NOTHING,
  KH_STRIP_CONNECT,
  KH_STRIP_RECONNECT, /* the same in another word */
  KH_STRIP_CANCEL,
  KH_STRIP_ACCEPT,
  KH_STRIP_DECLINE,
  KH_STRIP_BLOCK,
  KH_STRIP_UNBLOCK,
  KH_STRIP_SOMEBODY_ELSE, /* keeps a namesake as a contact of its own */
  KH_STRIP_NEXT,          /* after a failure: see next */
  KH_STRIP_DETAILS,       /* the report */
} KhStripVerb;

#define KH_STRIP_VERBS 3

typedef struct
{
  const char *name; /* as shown; never "" */
  const char *id;   /* its whole text */
  const char *namesake;
  gboolean has_server;
  gboolean online;
  gboolean blocked;
  KhPersonState state;
  KhAttempt *attempt;     /* NULL: none */
  const KhPathInfo *path; /* NULL unless connected */
  gboolean has_link_end;
  KhLinkEnd link_end;
  KhOutlook outlook;
  gint64 now_ms; /* Unix milliseconds */
} KhStripFacts;

typedef struct
{
  KhStripState state;
  char *title;
  char *detail; /* "": none */
  const char *icon;
  const char *style;                 /* a style class of the icon; "": none */
  KhStripVerb verbs[KH_STRIP_VERBS]; /* the first is the one to expect */
  gint64 wait_s;                     /* KH_STRIP_NEXT can't be done before */
} KhStripLook;

void kh_strip_look (const KhStripFacts *facts, KhStripLook *look);
void kh_strip_look_clear (KhStripLook *look);

/* What the button says; and its style class, "" for none. */
char *kh_strip_look_verb_label (const KhStripFacts *facts, const KhStripLook *look,
                                KhStripVerb verb);
const char *kh_strip_look_verb_class (const KhStripLook *look, KhStripVerb verb);

/* What to know before one presses it, for a reader that stops at the button; NULL:
 * nothing. */
const char *kh_strip_look_verb_description (const KhStripFacts *facts, KhStripVerb verb);

/* Of a failed attempt, a stranger counted in. */
KhNextStep kh_strip_look_next (KhAttempt *attempt);

/* The picture belongs to it: where a failure is one of the network, to see where. */
gboolean kh_strip_look_has_picture (const KhStripFacts *facts, const KhStripLook *look);

/* And the eight steps. */
gboolean kh_strip_look_has_steps (const KhStripLook *look);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/strip-look.h"

#include "app/name-isolate.h"
#include "app/outlook-text.h"
#include "app/path-text.h"

#include <glib/gi18n.h>

/* As much of an id as tells two people apart at a glance. */
#define ID_BEGINNING 16

/* A failure that a person should hear of: who cancelled knows. */
static gboolean
has_failed (const KhStripFacts *facts)
{
  return facts->attempt != NULL
         && kh_attempt_get_state (facts->attempt) == KH_ATTEMPT_FAILED
         && kh_attempt_get_end (facts->attempt) != KH_CALL_END_CANCELLED;
}

/* The channel was not closed here. A later attempt that failed tells more. */
static gboolean
was_lost (const KhStripFacts *facts)
{
  return facts->has_link_end && facts->link_end != KH_LINK_END_LEFT
         && facts->link_end != KH_LINK_END_REPLACED;
}

/* The attempt tells of a success a moment before the channel stands. */
static gboolean
is_about_to_stand (const KhStripFacts *facts)
{
  return facts->attempt != NULL && !facts->has_link_end
         && kh_attempt_get_state (facts->attempt) == KH_ATTEMPT_CONNECTED;
}

static KhStripState
idle_state (const KhStripFacts *facts)
{
  if (is_about_to_stand (facts))
    return KH_STRIP_CONNECTING;
  if (!facts->has_server)
    return has_failed (facts) ? KH_STRIP_FAILED : KH_STRIP_NO_SERVER;
  if (has_failed (facts) && facts->online)
    return KH_STRIP_FAILED;
  if (was_lost (facts))
    return KH_STRIP_LOST;
  return facts->online ? KH_STRIP_IDLE : KH_STRIP_OFFLINE;
}

static KhStripState
choose_state (const KhStripFacts *facts)
{
  if (facts->blocked)
    return KH_STRIP_BLOCKED;
  if (facts->namesake != NULL)
    return KH_STRIP_NAMESAKE;
  switch (facts->state)
    {
    case KH_PERSON_CONNECTED:
      return KH_STRIP_CONNECTED;
    case KH_PERSON_REQUEST:
      return KH_STRIP_REQUEST;
    case KH_PERSON_CALLING:
      return KH_STRIP_CALLING;
    case KH_PERSON_PUNCHING:
      return KH_STRIP_CONNECTING;
    case KH_PERSON_IDLE:
    default:
      return idle_state (facts);
    }
}

static void
set_verbs (KhStripLook *look, KhStripVerb first, KhStripVerb second, KhStripVerb third)
{
  look->verbs[0] = first;
  look->verbs[1] = second;
  look->verbs[2] = third;
}

static void
set_icon (KhStripLook *look, const char *icon, const char *style)
{
  look->icon = icon;
  look->style = style;
}

static char *
kept (const KhStripFacts *facts)
{
  return g_strdup_printf (_ ("What you write is kept and sent when %s is back."),
                          facts->name);
}

static void
look_idle (const KhStripFacts *facts, KhStripLook *look)
{
  look->title = g_strdup (_ ("Not connected"));
  look->detail = kh_outlook_text_sentence (facts->outlook, facts->name);
  set_icon (look, "kh-direct-symbolic", "dim-label");
  set_verbs (look, KH_STRIP_CONNECT, 0, 0);
}

static void
look_offline (const KhStripFacts *facts, KhStripLook *look)
{
  look->title = g_strdup_printf (_ ("%s is offline."), facts->name);
  look->detail = g_strdup (_ ("What you write is kept and sent when they are back."));
  set_icon (look, "network-offline-symbolic", "dim-label");
}

static void
look_no_server (const KhStripFacts *facts, KhStripLook *look)
{
  look->title = g_strdup (_ ("You are offline."));
  look->detail
      = g_strdup (_ ("What you write is kept and sent when both of you are online."));
  set_icon (look, "network-offline-symbolic", "dim-label");
}

static void
look_calling (const KhStripFacts *facts, KhStripLook *look)
{
  look->title = facts->attempt != NULL
                    ? kh_call_text_progress (facts->attempt, facts->name)
                    : g_strdup_printf (_ ("Calling %s"), facts->name);
  look->detail = g_strdup ("");
  set_icon (look, "kh-direct-symbolic", "accent");
  set_verbs (look, KH_STRIP_CANCEL, 0, 0);
}

static void
look_request (const KhStripFacts *facts, KhStripLook *look)
{
  look->title = g_strdup_printf (_ ("%s wants to connect with you."), facts->name);
  /* Translators: %.*s is the beginning of somebody's id, letters and digits */
  look->detail = g_strdup_printf (
      _ ("They learn your internet address when you accept. Their id begins with %.*s."),
      ID_BEGINNING, facts->id);
  set_verbs (look, KH_STRIP_ACCEPT, KH_STRIP_DECLINE, KH_STRIP_BLOCK);
}

static void
look_connecting (const KhStripFacts *facts, KhStripLook *look)
{
  guint round = facts->attempt != NULL ? kh_attempt_get_round (facts->attempt) : 1;

  if (round > 1)
    /* Translators: %1$s is a person's name, %2$u of %3$d the number of the attempt */
    look->title = g_strdup_printf (_ ("Connecting to %1$s, attempt %2$u of %3$d"),
                                   facts->name, round, KH_PUNCH_ROUNDS);
  else
    look->title = g_strdup_printf (_ ("Connecting to %s"), facts->name);
  look->detail = facts->attempt != NULL
                     ? kh_call_text_progress (facts->attempt, facts->name)
                     : g_strdup ("");
  set_icon (look, "kh-direct-symbolic", "accent");
  set_verbs (look, KH_STRIP_CANCEL, 0, 0);
}

static void
look_connected (const KhStripFacts *facts, KhStripLook *look)
{
  static const KhPathInfo NO_PATH = { .kind = KH_PATH_PUNCHED };
  const KhPathInfo *path = facts->path != NULL ? facts->path : &NO_PATH;

  look->title = g_strdup (kh_path_text_kind (path->kind));
  look->detail = kh_path_text_details (path);
  set_icon (look, kh_path_text_icon (path->kind), kh_path_text_class (path->kind));
}

static gint64
wait_left_s (const KhStripFacts *facts)
{
  gint64 end_ms = kh_attempt_get_began_at_ms (facts->attempt)
                  + kh_attempt_get_ms (facts->attempt)
                  + kh_attempt_get_wait_ms (facts->attempt);

  return MAX ((end_ms - facts->now_ms + 999) / 1000, 0);
}

static void
look_failed (const KhStripFacts *facts, KhStripLook *look)
{
  KhCallEnd end = kh_attempt_get_end (facts->attempt);
  KhNextStep next = kh_strip_look_next (facts->attempt);

  look->title
      = kh_call_text_end (end, kh_call_text_failure (facts->attempt), facts->name);
  look->detail = kh_call_text_advice (end, kh_call_text_failure (facts->attempt),
                                      kh_attempt_get_relay (facts->attempt), facts->name);
  set_icon (look, "dialog-warning-symbolic", "warning");
  set_verbs (look, KH_STRIP_NEXT, next != KH_NEXT_REPORT ? KH_STRIP_DETAILS : 0, 0);
  if (next == KH_NEXT_WAIT)
    look->wait_s = wait_left_s (facts);
}

static void
look_lost (const KhStripFacts *facts, KhStripLook *look)
{
  look->title = kh_call_text_link_end (facts->link_end, facts->name);
  look->detail = facts->online
                     ? g_strdup_printf (_ ("What has not arrived is sent when %s is "
                                           "connected again."),
                                        facts->name)
                     : kept (facts);
  set_icon (look, "network-offline-symbolic", "dim-label");
  set_verbs (look, facts->online ? KH_STRIP_RECONNECT : 0, 0, 0);
}

static void
look_namesake (const KhStripFacts *facts, KhStripLook *look)
{
  look->title = g_strdup_printf (_ ("This is not the %s you know."), facts->namesake);
  look->detail = g_strdup_printf (
      _ ("Somebody with another key calls themselves %s. Nothing goes to them before you "
         "have decided. If it may be your contact with a new computer, ask them in "
         "another way first."),
      facts->namesake);
  set_icon (look, "dialog-error-symbolic", "error");
  set_verbs (look, KH_STRIP_SOMEBODY_ELSE, KH_STRIP_BLOCK, 0);
}

static void
look_blocked (const KhStripFacts *facts, KhStripLook *look)
{
  look->title = g_strdup_printf (_ ("You have blocked %s."), facts->name);
  look->detail = g_strdup (_ ("They can’t call or write, and are not told why."));
  set_icon (look, "action-unavailable-symbolic", "dim-label");
  set_verbs (look, KH_STRIP_UNBLOCK, 0, 0);
}

void
kh_strip_look (const KhStripFacts *facts, KhStripLook *look)
{
  static void (*const looks[]) (const KhStripFacts *, KhStripLook *) = {
    [KH_STRIP_IDLE] = look_idle,           [KH_STRIP_OFFLINE] = look_offline,
    [KH_STRIP_NO_SERVER] = look_no_server, [KH_STRIP_CALLING] = look_calling,
    [KH_STRIP_REQUEST] = look_request,     [KH_STRIP_CONNECTING] = look_connecting,
    [KH_STRIP_CONNECTED] = look_connected, [KH_STRIP_FAILED] = look_failed,
    [KH_STRIP_LOST] = look_lost,           [KH_STRIP_NAMESAKE] = look_namesake,
    [KH_STRIP_BLOCKED] = look_blocked,
  };

  g_autofree char *name = kh_name_isolate (facts->name);
  g_autofree char *namesake
      = facts->namesake != NULL ? kh_name_isolate (facts->namesake) : NULL;
  KhStripFacts said = *facts;

  said.name = name;
  said.namesake = namesake;
  *look = (KhStripLook){ .state = choose_state (facts), .style = "" };
  looks[look->state](&said, look);
}

void
kh_strip_look_clear (KhStripLook *look)
{
  g_clear_pointer (&look->title, g_free);
  g_clear_pointer (&look->detail, g_free);
}

char *
kh_strip_look_verb_label (const KhStripFacts *facts, const KhStripLook *look,
                          KhStripVerb verb)
{
  switch (verb)
    {
    case KH_STRIP_CONNECT:
      return g_strdup (_ ("Connect"));
    case KH_STRIP_RECONNECT:
      return g_strdup (_ ("Reconnect"));
    case KH_STRIP_CANCEL:
      return g_strdup (_ ("Cancel"));
    case KH_STRIP_ACCEPT:
      return g_strdup (_ ("Accept"));
    case KH_STRIP_DECLINE:
      return g_strdup (_ ("Decline"));
    case KH_STRIP_BLOCK:
      return g_strdup (_ ("Block"));
    case KH_STRIP_UNBLOCK:
      return g_strdup (_ ("Unblock"));
    case KH_STRIP_SOMEBODY_ELSE:
      return g_strdup (_ ("This Is Somebody Else"));
    case KH_STRIP_NEXT:
      return kh_call_text_next_label (kh_strip_look_next (facts->attempt), look->wait_s);
    case KH_STRIP_DETAILS:
      return g_strdup (_ ("Details"));
    case KH_STRIP_NOTHING:
    default:
      return g_strdup ("");
    }
}

const char *
kh_strip_look_verb_class (const KhStripLook *look, KhStripVerb verb)
{
  switch (verb)
    {
    case KH_STRIP_CONNECT:
    case KH_STRIP_RECONNECT:
    case KH_STRIP_ACCEPT:
      return "suggested-action";
    case KH_STRIP_BLOCK:
      /* Beside a request it would shout down the answer that is to be expected. */
      return look->state == KH_STRIP_NAMESAKE ? "destructive-action" : "";
    default:
      return "";
    }
}

const char *
kh_strip_look_verb_description (const KhStripFacts *facts, KhStripVerb verb)
{
  return verb == KH_STRIP_CONNECT || verb == KH_STRIP_RECONNECT
             ? kh_outlook_text (facts->outlook)
             : NULL;
}

KhNextStep
kh_strip_look_next (KhAttempt *attempt)
{
  return kh_call_text_next (kh_attempt_get_end (attempt), kh_call_text_failure (attempt));
}

gboolean
kh_strip_look_has_picture (const KhStripFacts *facts, const KhStripLook *look)
{
  if (facts->attempt == NULL)
    return FALSE;
  if (look->state == KH_STRIP_FAILED)
    return kh_attempt_get_end (facts->attempt) == KH_CALL_END_NO_PATH;
  return look->state == KH_STRIP_CALLING || look->state == KH_STRIP_CONNECTING
         || look->state == KH_STRIP_CONNECTED;
}

gboolean
kh_strip_look_has_steps (const KhStripLook *look)
{
  return look->state == KH_STRIP_CONNECTING || look->state == KH_STRIP_CONNECTED;
}

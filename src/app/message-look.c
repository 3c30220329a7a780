/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/message-look.h"

#include "app/name-isolate.h"
#include "app/time-text.h"

#include <glib/gi18n.h>
#include <string.h>

gboolean
kh_message_look_joins (const KhMessageNeighbour *first, const KhMessageNeighbour *second)
{
  return first->exists && second->exists && first->kind == KH_ITEM_MESSAGE
         && second->kind == KH_ITEM_MESSAGE && first->outgoing == second->outgoing
         && ABS (second->at_ms - first->at_ms) <= KH_MESSAGE_LOOK_GROUP_MS
         && kh_time_text_same_day (first->at_ms, second->at_ms);
}

gboolean
kh_message_look_begins_day (const KhMessageNeighbour *before, gint64 at_ms)
{
  return !before->exists || !kh_time_text_same_day (before->at_ms, at_ms);
}

gboolean
kh_message_look_tells_waiting (KhMessageState state, const KhMessageNeighbour *after)
{
  if (state == KH_MESSAGE_FAILED)
    return TRUE;
  return state == KH_MESSAGE_WAITING
         && !(after->exists && after->kind == KH_ITEM_MESSAGE && after->outgoing
              && after->state == KH_MESSAGE_WAITING);
}

const char *
kh_message_look_icon (KhMessageState state)
{
  switch (state)
    {
    case KH_MESSAGE_WAITING:
      return "kh-waiting-symbolic";
    case KH_MESSAGE_SENT:
      return "kh-sent-symbolic";
    case KH_MESSAGE_DELIVERED:
      return "kh-delivered-symbolic";
    case KH_MESSAGE_FAILED:
      return "dialog-warning-symbolic";
    case KH_MESSAGE_RECEIVED:
    default:
      return NULL;
    }
}

static char *
waiting_mark (KhMessageReach reach, const char *name)
{
  switch (reach)
    {
    case KH_REACH_ONLINE:
      /* Translators: of a message; %s is a person's name. */
      return g_strdup_printf (_ ("Waiting for a connection to %s"), name);
    case KH_REACH_CONNECTED:
      return g_strdup (_ ("Sending"));
    case KH_REACH_AWAY:
    default:
      /* Translators: of a message; %s is a person's name. */
      return g_strdup_printf (_ ("Waiting until %s is back"), name);
    }
}

char *
kh_message_look_mark (KhMessageState state, KhMessageReach reach, const char *name)
{
  switch (state)
    {
    case KH_MESSAGE_WAITING:
      return waiting_mark (reach, name);
    case KH_MESSAGE_SENT:
      return g_strdup_printf (_ ("Sent, not yet confirmed"));
    case KH_MESSAGE_DELIVERED:
      /* Translators: of a message; %s is a person's name. */
      return g_strdup_printf (_ ("Delivered: saved on %s’s computer"), name);
    case KH_MESSAGE_FAILED:
      return g_strdup (_ ("Not sent: it could not be saved on this computer"));
    case KH_MESSAGE_RECEIVED:
    default:
      return g_strdup ("");
    }
}

char *
kh_message_look_spoken (KhMessageState state, KhMessageReach reach, const char *name,
                        const char *clock, const char *text)
{
  switch (state)
    {
    case KH_MESSAGE_RECEIVED:
      /* Translators: read aloud: a person's name, the time of day, a message. */
      return g_strdup_printf (_ ("%s, %s: %s"), name, clock, text);
    case KH_MESSAGE_DELIVERED:
      /* Translators: read aloud: the time of day, a message. */
      return g_strdup_printf (_ ("You, %s: %s. Delivered"), clock, text);
    case KH_MESSAGE_SENT:
      /* Translators: read aloud: the time of day, a message. */
      return g_strdup_printf (_ ("You, %s: %s. Sent"), clock, text);
    case KH_MESSAGE_FAILED:
      /* Translators: read aloud: the time of day, a message. */
      return g_strdup_printf (_ ("You, %s: %s. Not sent"), clock, text);
    case KH_MESSAGE_WAITING:
    default:
      if (reach == KH_REACH_AWAY)
        /* Translators: read aloud: the time of day, a message, a person's name. */
        return g_strdup_printf (_ ("You, %s: %s. Waiting until %s is back"), clock, text,
                                name);
      /* Translators: read aloud: the time of day, a message. */
      return g_strdup_printf (_ ("You, %s: %s. Waiting"), clock, text);
    }
}

char *
kh_message_look_spoken_file (gboolean outgoing, const char *name, const char *clock,
                             const char *file)
{
  if (outgoing)
    /* Translators: read aloud: the time of day, the name of a file or folder. */
    return g_strdup_printf (_ ("You, %s, file: %s"), clock, file);
  /* Translators: read aloud: a person's name, the time of day, the name of a file. */
  return g_strdup_printf (_ ("%s, %s, file: %s"), name, clock, file);
}

char *
kh_message_look_note (KhNoteKind kind, const char *text, const char *name)
{
  const char *newline = text != NULL ? strchr (text, '\n') : NULL;
  g_autofree char *former = NULL;
  g_autofree char *new_name = NULL;
  g_autofree char *old_name = NULL;

  switch (kind)
    {
    case KH_NOTE_VERIFIED:
      /* Translators: %s is a person's name. */
      return g_strdup_printf (_ ("You have verified %s"), name);
    case KH_NOTE_UNVERIFIED:
      /* Translators: %s is a person's name. */
      return g_strdup_printf (_ ("%s is no longer marked as verified"), name);
    case KH_NOTE_RENAMED:
    default:
      if (newline == NULL)
        /* Translators: %s is a person's name. */
        return g_strdup_printf (_ ("%s has changed their name"), name);
      former = g_strndup (text, (gsize)(newline - text));
      old_name = kh_name_isolate (former);
      new_name = kh_name_isolate (newline + 1);
      /* Translators: somebody changed their name: the old one and the new one. */
      return g_strdup_printf (_ ("%s is now called %s"), old_name, new_name);
    }
}

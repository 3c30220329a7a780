/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/call-text.h"

#include <glib/gi18n.h>

/* Shorter ones are told with tenths of a second. */
#define TENTHS_MS 10000

const char *
kh_call_text_step_title (guint step)
{
  switch (step)
    {
    case 1:
      /* Translators: this and the next seven are the steps of connecting, in a few words
       */
      return _ ("The server listens");
    case 2:
      return _ ("Asked through the server");
    case 3:
      return _ ("First port opened");
    case 4:
      return _ ("First address passed on");
    case 5:
      return _ ("Second port opened");
    case 6:
      return _ ("A router opened from inside");
    case 7:
      return _ ("Second address passed on");
    case 8:
      return _ ("Called directly");
    default:
      return "";
    }
}

static char *
own_port (gboolean dials_only)
{
  return g_strdup (dials_only
                       ? _ ("A port was opened here, and the server called from it. This "
                            "system lets nobody be called there, so both have to call at "
                            "the same moment")
                       : _ ("A port was opened here, and the server called from it"));
}

/* The steps as the caller does or learns them. */
static char *
caller_step (guint step, const char *name, gboolean dials_only)
{
  switch (step)
    {
    case 2:
      /* Translators: in this and all following sentences %s is a person's name */
      return g_strdup_printf (_ ("%s was asked for a connection, through the server"),
                              name);
    case 3:
      return own_port (dials_only);
    case 4:
      return g_strdup_printf (
          _ ("The server sees where that port is from outside, and tells %s"), name);
    case 5:
      return g_strdup_printf (_ ("%s opens a port and calls the server from it"), name);
    case 6:
      return g_strdup_printf (
          _ ("%s calls here, so that the router there lets this computer in"), name);
    case 7:
      return g_strdup_printf (_ ("%s is ready, and the server says where"), name);
    case 8:
    default:
      return g_strdup_printf (_ ("Calling %s directly"), name);
    }
}

/* The same as the one who was called. */
static char *
callee_step (guint step, const char *name, gboolean dials_only)
{
  switch (step)
    {
    case 2:
      return g_strdup_printf (_ ("%s asks for a connection, through the server"), name);
    case 3:
      return g_strdup_printf (_ ("%s opens a port and calls the server from it"), name);
    case 4:
      return g_strdup_printf (_ ("The server says where %s can be reached"), name);
    case 5:
      return own_port (dials_only);
    case 6:
      return g_strdup_printf (_ ("Calling %s, so that the router here lets them in"),
                              name);
    case 7:
      return g_strdup_printf (
          _ ("The server sees where that port is from outside, and tells %s"), name);
    case 8:
    default:
      return g_strdup_printf (_ ("%s calls here directly"), name);
    }
}

char *
kh_call_text_step (KhAttempt *attempt, guint step, const char *name)
{
  if (step == 1)
    return g_strdup (_ ("The server listens on two ports"));
  return kh_attempt_get_caller (attempt)
             ? caller_step (step, name, kh_attempt_get_dials_only (attempt))
             : callee_step (step, name, kh_attempt_get_dials_only (attempt));
}

guint
kh_call_text_newest_step (KhAttempt *attempt)
{
  guint newest = 0;
  gint64 newest_ms = -1;

  for (guint step = 1; step <= KH_ATTEMPT_STEPS; step++)
    {
      gint64 at_ms = kh_attempt_get_step (attempt, step)->at_ms;

      if (at_ms >= 0 && at_ms >= newest_ms)
        {
          newest = step;
          newest_ms = at_ms;
        }
    }
  return newest;
}

char *
kh_call_text_progress (KhAttempt *attempt, const char *name)
{
  guint step = kh_call_text_newest_step (attempt);

  switch (kh_attempt_get_state (attempt))
    {
    case KH_ATTEMPT_CALLING:
      return g_strdup_printf (_ ("Calling %s"), name);
    case KH_ATTEMPT_WAITING:
      return g_strdup_printf (_ ("Waiting for %s to accept"), name);
    case KH_ATTEMPT_ASKING:
      return g_strdup_printf (_ ("%s wants to connect with you"), name);
    case KH_ATTEMPT_PUNCHING:
      return step > 0 ? kh_call_text_step (attempt, step, name)
                      : g_strdup_printf (_ ("Connecting to %s"), name);
    case KH_ATTEMPT_CONNECTED:
      return g_strdup_printf (_ ("Connected to %s"), name);
    case KH_ATTEMPT_FAILED:
    default:
      return g_strdup_printf (_ ("No connection to %s"), name);
    }
}

KhPunchFailure
kh_call_text_failure (KhAttempt *attempt)
{
  return kh_attempt_get_stranger (attempt) ? KH_PUNCH_STRANGER
                                           : kh_attempt_get_failure (attempt);
}

static char *
failure_reason (KhPunchFailure failure, const char *name)
{
  switch (failure)
    {
    case KH_PUNCH_STRANGER:
      return g_strdup_printf (_ ("Somebody else answered at the address of %s."), name);
    case KH_PUNCH_NOT_OBSERVED:
      return g_strdup (
          _ ("The connections from this computer to the server’s second port "
             "did not arrive."));
    case KH_PUNCH_PEER_NOT_OBSERVED:
      return g_strdup_printf (
          _ ("The connections of %s to the server’s second port did not arrive."), name);
    case KH_PUNCH_NO_ROUTE:
      return g_strdup_printf (
          _ ("This computer has no way to the kind of address that %s has."), name);
    case KH_PUNCH_REFUSED:
      return g_strdup_printf (_ ("The router of %s refused every attempt."), name);
    case KH_PUNCH_SILENT:
      return g_strdup_printf (_ ("Nothing came back from the router of %s."), name);
    case KH_PUNCH_BOTH_SYMMETRIC:
      return g_strdup (_ ("Both routers take another port for every connection, which "
                          "can’t be known before."));
    case KH_PUNCH_FAILURE_NONE:
    default:
      return g_strdup_printf (_ ("No direct connection to %s was found."), name);
    }
}

char *
kh_call_text_end (KhCallEnd end, KhPunchFailure failure, const char *name)
{
  switch (end)
    {
    case KH_CALL_END_NOT_ONLINE:
      return g_strdup_printf (_ ("%s is not online, or not in your room."), name);
    case KH_CALL_END_DECLINED:
      return g_strdup_printf (_ ("%s declined."), name);
    case KH_CALL_END_BUSY:
      return g_strdup_printf (_ ("%s has too many calls at the moment."), name);
    case KH_CALL_END_NO_ANSWER:
      return g_strdup_printf (_ ("%s did not answer."), name);
    case KH_CALL_END_CANCELLED:
      return g_strdup (_ ("The call was cancelled."));
    case KH_CALL_END_OFFLINE:
      return g_strdup (_ ("The server was lost during the call."));
    case KH_CALL_END_TOO_MANY:
      return g_strdup (_ ("Too many calls are under way."));
    case KH_CALL_END_WAIT:
      return g_strdup_printf (_ ("Several attempts to reach %s have failed in a row."),
                              name);
    case KH_CALL_END_INCOMPATIBLE:
      return g_strdup_printf (
          _ ("%s has a version of Knothole that does not fit this one."), name);
    case KH_CALL_END_NO_PATH:
    default:
      return failure_reason (failure, name);
    }
}

/* Where nothing but the relay is left. */
static char *
relay_advice (KhRelayState relay, const char *name)
{
  switch (relay)
    {
    case KH_RELAY_REFUSED_HERE:
      return g_strdup (_ ("You have switched the relay off: allow it, or switch on port "
                          "mapping (UPnP) in one of the routers."));
    case KH_RELAY_REFUSED_THERE:
      return g_strdup_printf (_ ("Ask %s to allow the relay, or switch on port mapping "
                                 "(UPnP) in one of the routers."),
                              name);
    case KH_RELAY_SWITCHED_OFF:
      return g_strdup (
          _ ("This server relays nothing: switch on port mapping (UPnP) in one "
             "of the routers."));
    case KH_RELAY_USED_UP:
      return g_strdup (
          _ ("What the server relays for one of you in a day is used up: try "
             "tomorrow, or switch on port mapping (UPnP) in one of the "
             "routers."));
    case KH_RELAY_BUSY:
      return g_strdup (
          _ ("The server relays too much right now: try again in some minutes, "
             "or switch on port mapping (UPnP) in one of the routers."));
    case KH_RELAY_UNKNOWN:
    default:
      return g_strdup (_ ("Switch on port mapping (UPnP) in one of the routers, or allow "
                          "the relay."));
    }
}

static char *
failure_advice (KhPunchFailure failure, KhRelayState relay, const char *name)
{
  switch (failure)
    {
    case KH_PUNCH_STRANGER:
      /* Translators: "them" is whoever answered in the place of the person %s */
      return g_strdup_printf (_ ("Nothing was told to them. Ask %s to try from another "
                                 "network, such as a phone’s."),
                              name);
    case KH_PUNCH_NOT_OBSERVED:
      return g_strdup (
          _ ("A firewall here may block the server’s second port, as a rule 7471."));
    case KH_PUNCH_PEER_NOT_OBSERVED:
      return g_strdup_printf (
          _ ("A firewall there may block the server’s second port, as a "
             "rule 7471: send %s the report."),
          name);
    case KH_PUNCH_NO_ROUTE:
      return g_strdup (
          _ ("Connect this computer to a network that has both IPv4 and IPv6."));
    case KH_PUNCH_REFUSED:
    case KH_PUNCH_SILENT:
      return g_strdup (
          _ ("Try once more. If it stays so, one of you should try from another "
             "network, such as a phone’s."));
    case KH_PUNCH_BOTH_SYMMETRIC:
      return relay_advice (relay, name);
    case KH_PUNCH_FAILURE_NONE:
    default:
      return g_strdup (_ ("Try once more."));
    }
}

char *
kh_call_text_advice (KhCallEnd end, KhPunchFailure failure, KhRelayState relay,
                     const char *name)
{
  switch (end)
    {
    case KH_CALL_END_NOT_ONLINE:
      return g_strdup_printf (_ ("What you write is kept and sent when %s is back."),
                              name);
    case KH_CALL_END_DECLINED:
    case KH_CALL_END_NO_ANSWER:
      return g_strdup_printf (_ ("What you write is kept until %s accepts."), name);
    case KH_CALL_END_BUSY:
    case KH_CALL_END_TOO_MANY:
      return g_strdup (_ ("Try again in a minute."));
    case KH_CALL_END_OFFLINE:
      return g_strdup (_ ("Knothole looks for the server by itself; check its address if "
                          "that takes long."));
    case KH_CALL_END_WAIT:
      return g_strdup (_ ("A short wait keeps this from looking like an attack."));
    case KH_CALL_END_INCOMPATIBLE:
      return g_strdup (_ ("Install the newest version on both computers."));
    case KH_CALL_END_NO_PATH:
      return failure_advice (failure, relay, name);
    case KH_CALL_END_CANCELLED:
    default:
      return g_strdup (_ ("Try once more."));
    }
}

KhNextStep
kh_call_text_next (KhCallEnd end, KhPunchFailure failure)
{
  if (end == KH_CALL_END_WAIT)
    return KH_NEXT_WAIT;
  if (end == KH_CALL_END_OFFLINE)
    return KH_NEXT_SERVER;
  if (end == KH_CALL_END_INCOMPATIBLE)
    return KH_NEXT_VERSION;
  if (end != KH_CALL_END_NO_PATH)
    return KH_NEXT_CALL;
  if (failure == KH_PUNCH_NOT_OBSERVED || failure == KH_PUNCH_NO_ROUTE)
    return KH_NEXT_NETWORK;
  if (failure == KH_PUNCH_BOTH_SYMMETRIC)
    return KH_NEXT_WAYS;
  return failure == KH_PUNCH_PEER_NOT_OBSERVED ? KH_NEXT_REPORT : KH_NEXT_CALL;
}

char *
kh_call_text_next_label (KhNextStep next, gint64 wait_s)
{
  switch (next)
    {
    case KH_NEXT_WAIT:
      if (wait_s > 0)
        /* Translators: on a button that can't be pressed yet; %d seconds */
        return g_strdup_printf (ngettext ("Try Again in %d Second",
                                          "Try Again in %d Seconds", (gulong)wait_s),
                                (int)wait_s);
      return g_strdup (_ ("Try Again"));
    case KH_NEXT_SERVER:
      return g_strdup (_ ("Check Server"));
    case KH_NEXT_NETWORK:
      return g_strdup (_ ("See Your Network"));
    case KH_NEXT_REPORT:
      return g_strdup (_ ("See Report"));
    case KH_NEXT_VERSION:
      return g_strdup (_ ("See Version"));
    case KH_NEXT_WAYS:
      return g_strdup (_ ("See Preferences"));
    case KH_NEXT_CALL:
    default:
      return g_strdup (_ ("Try Again"));
    }
}

static char *
connected_text (KhAttempt *attempt, const char *name)
{
  g_autofree char *duration = kh_call_text_duration (kh_attempt_get_ms (attempt));

  switch (kh_attempt_get_path (attempt))
    {
    case KH_PATH_RELAY:
      /* Translators: here and in the next two %1$s is a person's name, %2$s a time such
       * as "0.4 s" */
      return g_strdup_printf (_ ("Connected to %1$s through the server in %2$s."), name,
                              duration);
    case KH_PATH_LAN:
      return g_strdup_printf (_ ("Connected to %1$s on this network in %2$s."), name,
                              duration);
    case KH_PATH_IPV6:
    case KH_PATH_PUNCHED:
    case KH_PATH_PREDICTED:
    case KH_PATH_MAPPED:
    default:
      return g_strdup_printf (_ ("Connected directly to %1$s in %2$s."), name, duration);
    }
}

char *
kh_call_text_outcome (KhAttempt *attempt, const char *name)
{
  if (kh_attempt_get_state (attempt) == KH_ATTEMPT_FAILED)
    return kh_call_text_end (kh_attempt_get_end (attempt), kh_call_text_failure (attempt),
                             name);
  if (kh_attempt_get_state (attempt) != KH_ATTEMPT_CONNECTED)
    return kh_call_text_progress (attempt, name);
  return connected_text (attempt, name);
}

char *
kh_call_text_link_end (KhLinkEnd end, const char *name)
{
  switch (end)
    {
    case KH_LINK_END_PEER_LEFT:
      return g_strdup_printf (_ ("%s closed the connection."), name);
    case KH_LINK_END_SILENT:
      return g_strdup_printf (_ ("Nothing came from %s any more."), name);
    case KH_LINK_END_BAD:
      return g_strdup_printf (_ ("%s sent something that can’t be read."), name);
    case KH_LINK_END_LEFT:
      return g_strdup (_ ("You closed the connection."));
    case KH_LINK_END_REPLACED:
      return g_strdup_printf (_ ("%s has connected anew."), name);
    case KH_LINK_END_LOST:
    default:
      return g_strdup (_ ("The connection broke."));
    }
}

char *
kh_call_text_duration (gint64 ms)
{
  if (ms < 1000)
    return g_strdup_printf (_ ("%d ms"), (int)MAX (ms, 0));
  if (ms < TENTHS_MS)
    /* Translators: a time of a few seconds, such as "2.4 s" */
    return g_strdup_printf (_ ("%.1f s"), (double)ms / 1000);
  if (ms < 60000)
    return g_strdup_printf (_ ("%d s"), (int)(ms / 1000));
  return g_strdup_printf (_ ("%d min"), (int)(ms / 60000));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/path-picture-layout.h"

#include <glib/gi18n.h>

/* A node, in the narrowest picture and in one with room. */
#define NODE_SMALL 34
#define NODE_LARGE 42
/* The width from which nodes are large. */
#define ROOMY_WIDTH 420
/* Where each node has more of the width than this, only lines would get longer: the
 * picture stays in the middle. */
#define SHARE_WIDEST 124
#define LABEL_GAP 6
/* Room for the mark on the arc. */
#define TOP_GAP 9
/* The arc rises so far above the nodes' upper edge. */
#define ARC_RISE 22
/* A line ends so far from the node's edge. */
#define LINE_GAP 5

static void
set_all (KhPictureLooks *looks, KhPictureLook look)
{
  for (guint i = 0; i < KH_PICTURE_NODES; i++)
    looks->nodes[i] = look;
  for (guint i = 0; i < KH_PICTURE_LINES; i++)
    looks->lines[i] = look;
}

static void
set_line (KhPictureLooks *looks, KhPictureLine line, KhPictureLook look,
          gboolean towards_you)
{
  looks->lines[line] = look;
  looks->towards_you[line] = towards_you;
}

/* The lines of one side to the server. */
static void
set_side (KhPictureLooks *looks, gboolean yours, KhPictureLook look, gboolean towards_you)
{
  set_line (looks, yours ? KH_PICTURE_TO_ROUTER : KH_PICTURE_TO_THEM, look, towards_you);
  set_line (looks, yours ? KH_PICTURE_TO_SERVER : KH_PICTURE_TO_THEIR_ROUTER, look,
            towards_you);
  looks->nodes[yours ? KH_PICTURE_YOU : KH_PICTURE_THEM] = look;
  looks->nodes[yours ? KH_PICTURE_YOUR_ROUTER : KH_PICTURE_THEIR_ROUTER] = look;
  if (look == KH_PICTURE_LIT)
    looks->nodes[KH_PICTURE_SERVER] = look;
}

static gboolean
has_happened (KhAttempt *attempt, guint step)
{
  return kh_attempt_get_step (attempt, step)->at_ms >= 0;
}

/* Before both have agreed: the question is on its way. */
static void
look_asking (KhPictureLooks *looks, gboolean by_you)
{
  set_side (looks, by_you, KH_PICTURE_LIT, FALSE);
  set_side (looks, !by_you, KH_PICTURE_TRIED, !by_you);
  if (!by_you)
    return;
  looks->nodes[KH_PICTURE_THEIR_ROUTER] = KH_PICTURE_DIM;
  looks->nodes[KH_PICTURE_THEM] = KH_PICTURE_DIM;
}

/* The first port and address are the caller's, the second the other side's. */
static void
look_punching (KhAttempt *attempt, KhPictureLooks *looks)
{
  gboolean caller = kh_attempt_get_caller (attempt);

  set_side (looks, caller, has_happened (attempt, 4) ? KH_PICTURE_LIT : KH_PICTURE_TRIED,
            !caller);
  set_side (looks, !caller, has_happened (attempt, 7) ? KH_PICTURE_LIT : KH_PICTURE_TRIED,
            caller);
  looks->nodes[KH_PICTURE_SERVER] = KH_PICTURE_LIT;
  if (has_happened (attempt, 6) || has_happened (attempt, 8))
    set_line (looks, KH_PICTURE_DIRECT, KH_PICTURE_TRIED,
              caller != has_happened (attempt, 8));
}

/* From computer to computer by way of the server: there is no arc. */
static void
look_relayed (KhPictureLooks *looks)
{
  for (guint i = 0; i < KH_PICTURE_NODES; i++)
    looks->nodes[i] = KH_PICTURE_RELAYED;
  for (guint i = KH_PICTURE_TO_ROUTER; i <= KH_PICTURE_TO_THEM; i++)
    looks->lines[i] = KH_PICTURE_RELAYED;
}

static void
look_connected (KhAttempt *attempt, KhPictureLooks *looks)
{
  if (kh_attempt_get_path (attempt) == KH_PATH_RELAY)
    {
      look_relayed (looks);
      return;
    }
  looks->nodes[KH_PICTURE_YOU] = KH_PICTURE_WON;
  looks->nodes[KH_PICTURE_THEM] = KH_PICTURE_WON;
  looks->lines[KH_PICTURE_DIRECT] = KH_PICTURE_WON;
  looks->between_computers = kh_attempt_get_path (attempt) == KH_PATH_LAN;
  if (looks->between_computers)
    return;
  looks->nodes[KH_PICTURE_YOUR_ROUTER] = KH_PICTURE_WON;
  looks->nodes[KH_PICTURE_THEIR_ROUTER] = KH_PICTURE_WON;
  looks->lines[KH_PICTURE_TO_ROUTER] = KH_PICTURE_WON;
  looks->lines[KH_PICTURE_TO_THEM] = KH_PICTURE_WON;
}

static void
look_no_path (KhAttempt *attempt, KhPictureLooks *looks)
{
  KhPunchFailure failure = kh_attempt_get_failure (attempt);

  set_side (looks, TRUE, KH_PICTURE_LIT, FALSE);
  set_side (looks, FALSE, KH_PICTURE_LIT, FALSE);
  if (failure == KH_PUNCH_NOT_OBSERVED)
    looks->lines[KH_PICTURE_TO_SERVER] = KH_PICTURE_BAD;
  else if (failure == KH_PUNCH_PEER_NOT_OBSERVED)
    looks->lines[KH_PICTURE_TO_THEIR_ROUTER] = KH_PICTURE_BAD;
  else
    looks->lines[KH_PICTURE_DIRECT] = KH_PICTURE_BAD;
  if (kh_attempt_get_stranger (attempt) || failure == KH_PUNCH_STRANGER)
    looks->nodes[KH_PICTURE_THEIR_ROUTER] = KH_PICTURE_BAD;
}

static void
look_failed (KhAttempt *attempt, KhPictureLooks *looks)
{
  KhCallEnd end = kh_attempt_get_end (attempt);

  if (end == KH_CALL_END_NO_PATH)
    {
      look_no_path (attempt, looks);
      return;
    }
  if (end == KH_CALL_END_OFFLINE)
    {
      looks->nodes[KH_PICTURE_YOU] = KH_PICTURE_LIT;
      looks->lines[KH_PICTURE_TO_SERVER] = KH_PICTURE_BAD;
      return;
    }
  set_side (looks, TRUE, KH_PICTURE_LIT, FALSE);
  if (end == KH_CALL_END_NOT_ONLINE || end == KH_CALL_END_NO_ANSWER)
    looks->lines[KH_PICTURE_TO_THEM] = KH_PICTURE_BAD;
  if (end == KH_CALL_END_DECLINED || end == KH_CALL_END_BUSY
      || end == KH_CALL_END_INCOMPATIBLE)
    looks->nodes[KH_PICTURE_THEM] = KH_PICTURE_BAD;
}

void
kh_path_picture_look (KhAttempt *attempt, KhPictureLooks *looks)
{
  *looks = (KhPictureLooks){ 0 };
  set_all (looks, KH_PICTURE_DIM);
  looks->lines[KH_PICTURE_DIRECT] = KH_PICTURE_HIDDEN;
  switch (kh_attempt_get_state (attempt))
    {
    case KH_ATTEMPT_CALLING:
    case KH_ATTEMPT_WAITING:
      look_asking (looks, TRUE);
      break;
    case KH_ATTEMPT_ASKING:
      look_asking (looks, FALSE);
      break;
    case KH_ATTEMPT_PUNCHING:
      look_punching (attempt, looks);
      break;
    case KH_ATTEMPT_CONNECTED:
      look_connected (attempt, looks);
      break;
    case KH_ATTEMPT_FAILED:
    default:
      look_failed (attempt, looks);
      break;
    }
}

void
kh_path_picture_look_network (const KhNetworkInfo *network, KhPictureLooks *looks)
{
  gboolean online = network != NULL && network->public_seen.family != 0;
  gboolean direct = network != NULL && network->behind_nat == KH_TRISTATE_NO
                    && network->type != KH_NAT_FIREWALL;
  KhPictureLook line = online ? KH_PICTURE_LIT : KH_PICTURE_DIM;

  *looks = (KhPictureLooks){ 0 };
  if (network != NULL && network->measuring)
    line = KH_PICTURE_TRIED;
  looks->nodes[KH_PICTURE_YOU] = KH_PICTURE_LIT;
  looks->nodes[KH_PICTURE_SERVER] = online ? KH_PICTURE_LIT : KH_PICTURE_DIM;
  looks->lines[KH_PICTURE_TO_SERVER] = line;
  if (direct)
    return;
  looks->nodes[KH_PICTURE_YOUR_ROUTER] = online ? KH_PICTURE_LIT : KH_PICTURE_DIM;
  looks->lines[KH_PICTURE_TO_ROUTER] = line;
}

gboolean
kh_path_picture_is_relayed (const KhPictureLooks *looks)
{
  return looks->nodes[KH_PICTURE_SERVER] == KH_PICTURE_RELAYED;
}

gboolean
kh_path_picture_moves (const KhPictureLooks *looks)
{
  for (guint i = 0; i < KH_PICTURE_LINES; i++)
    if (looks->lines[i] == KH_PICTURE_TRIED)
      return TRUE;
  return FALSE;
}

static gboolean
has_arc (const KhPictureLooks *looks)
{
  return looks->nodes[KH_PICTURE_THEM] != KH_PICTURE_HIDDEN;
}

float
kh_path_picture_height (const KhPictureLooks *looks)
{
  return TOP_GAP + (has_arc (looks) ? ARC_RISE : 0) + NODE_LARGE + LABEL_GAP;
}

/* Shown nodes at equal distances, each in the middle of its share. */
static void
place_nodes (const KhPictureLooks *looks, float width, KhPicturePlaces *places)
{
  guint n_shown = 0;
  guint shown = 0;
  float used;

  for (guint i = 0; i < KH_PICTURE_NODES; i++)
    n_shown += looks->nodes[i] != KH_PICTURE_HIDDEN;
  used = MIN (width, (float)n_shown * SHARE_WIDEST);
  places->label_width = used / (float)MAX (n_shown, 1);
  for (guint i = 0; i < KH_PICTURE_NODES; i++)
    {
      places->nodes[i].x
          = (width - used) / 2 + places->label_width * ((float)shown + 0.5f);
      places->nodes[i].y = places->labels_y - LABEL_GAP - places->node_size / 2;
      shown += looks->nodes[i] != KH_PICTURE_HIDDEN;
    }
}

static void
place_arc (const KhPictureLooks *looks, KhPicturePlaces *places)
{
  gboolean computers = looks->between_computers;
  KhPicturePoint from
      = places->nodes[computers ? KH_PICTURE_YOU : KH_PICTURE_YOUR_ROUTER];
  KhPicturePoint to
      = places->nodes[computers ? KH_PICTURE_THEM : KH_PICTURE_THEIR_ROUTER];
  float lift = places->node_size / 2 + LINE_GAP;

  from.y -= lift;
  to.y -= lift;
  places->lines[KH_PICTURE_DIRECT][0] = from;
  places->lines[KH_PICTURE_DIRECT][1] = to;
  /* A quadratic curve reaches half the way to its control point. */
  places->arc_top.x = (from.x + to.x) / 2;
  places->arc_top.y = from.y - 2 * (ARC_RISE - LINE_GAP);
}

/* The node before a line, or where that is hidden the one before it. */
static guint
shown_before (const KhPictureLooks *looks, guint node)
{
  while (node > 0 && looks->nodes[node] == KH_PICTURE_HIDDEN)
    node--;
  return node;
}

void
kh_path_picture_place (const KhPictureLooks *looks, float width, KhPicturePlaces *places)
{
  *places = (KhPicturePlaces){ 0 };
  places->node_size = width >= ROOMY_WIDTH ? NODE_LARGE : NODE_SMALL;
  places->labels_y = kh_path_picture_height (looks);
  place_nodes (looks, width, places);
  for (guint line = KH_PICTURE_TO_ROUTER; line <= KH_PICTURE_TO_THEM; line++)
    {
      float reach = places->node_size / 2 + LINE_GAP;

      places->lines[line][0] = places->nodes[shown_before (looks, line)];
      places->lines[line][1] = places->nodes[line + 1];
      places->lines[line][0].x += reach;
      places->lines[line][1].x -= reach;
    }
  place_arc (looks, places);
}

static char *
describe_bad (const KhPictureLooks *looks, const char *name)
{
  if (looks->lines[KH_PICTURE_DIRECT] == KH_PICTURE_BAD)
    return g_strdup_printf (
        _ ("Picture: both routers reach the server, the direct way to %s failed"), name);
  if (looks->lines[KH_PICTURE_TO_SERVER] == KH_PICTURE_BAD)
    return g_strdup (_ ("Picture: the way from your router to the server failed"));
  if (looks->lines[KH_PICTURE_TO_THEIR_ROUTER] == KH_PICTURE_BAD)
    return g_strdup_printf (
        _ ("Picture: the way from the server to the router of %s failed"), name);
  return g_strdup_printf (
      _ ("Picture: your router reaches the server, %s does not answer"), name);
}

static gboolean
shows (const KhPictureLooks *looks, KhPictureLook look)
{
  for (guint i = 0; i < KH_PICTURE_LINES; i++)
    if (looks->lines[i] == look)
      return TRUE;
  for (guint i = 0; i < KH_PICTURE_NODES; i++)
    if (looks->nodes[i] == look)
      return TRUE;
  return FALSE;
}

static char *
describe_network (const KhPictureLooks *looks)
{
  if (kh_path_picture_moves (looks))
    return g_strdup (
        _ ("Picture: the way from this computer to the server is being tested"));
  if (looks->nodes[KH_PICTURE_SERVER] != KH_PICTURE_LIT)
    return g_strdup (_ ("Picture: this computer, and no way to the server"));
  if (looks->nodes[KH_PICTURE_YOUR_ROUTER] == KH_PICTURE_HIDDEN)
    return g_strdup (_ ("Picture: this computer reaches the server without a router"));
  return g_strdup (_ ("Picture: this computer reaches the server through your router"));
}

char *
kh_path_picture_describe (const KhPictureLooks *looks, const char *name)
{
  if (name == NULL || !has_arc (looks))
    return describe_network (looks);
  if (kh_path_picture_is_relayed (looks))
    return g_strdup_printf (_ ("Picture: your computer and that of %s, connected through "
                               "the server"),
                            name);
  if (looks->lines[KH_PICTURE_DIRECT] == KH_PICTURE_WON)
    return looks->between_computers
               ? g_strdup_printf (
                   _ ("Picture: your computer and that of %s, connected in one network"),
                   name)
               : g_strdup_printf (_ ("Picture: your computer and that of %s, connected "
                                     "directly through both routers"),
                                  name);
  if (shows (looks, KH_PICTURE_BAD))
    return describe_bad (looks, name);
  if (looks->lines[KH_PICTURE_DIRECT] == KH_PICTURE_TRIED)
    return g_strdup_printf (
        _ ("Picture: both routers reach the server, the direct way to %s is being tried"),
        name);
  if (kh_path_picture_moves (looks))
    return g_strdup_printf (_ ("Picture: your computer and that of %s talk to the server "
                               "through their routers"),
                            name);
  return g_strdup_printf (
      _ ("Picture: your computer, the server, and the computer of %s"), name);
}

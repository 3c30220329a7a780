/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * path-picture-layout.h - what the picture of a connection shows, and where.
 *
 * look() or look_network() says which node and line is lit, tried, won or failed;
 * measure() and place() say where they stand in a given size. describe() says the same
 * in words.
 *
 * Values only: nothing is drawn here. Lengths are logical pixels, x from the start side.
 */
#pragma once

#include "core/attempt.h"

typedef enum
{
  KH_PICTURE_YOU,
  KH_PICTURE_YOUR_ROUTER,
  KH_PICTURE_SERVER,
  KH_PICTURE_THEIR_ROUTER,
  KH_PICTURE_THEM,
  KH_PICTURE_NODES,
} KhPictureNode;

/* Line N joins node N and the next. */
typedef enum
{
  KH_PICTURE_TO_ROUTER,
  KH_PICTURE_TO_SERVER,
  KH_PICTURE_TO_THEIR_ROUTER,
  KH_PICTURE_TO_THEM,
  KH_PICTURE_DIRECT, /* the arc over the internet, between routers or computers */
  KH_PICTURE_LINES,
} KhPictureLine;

typedef enum
{
  KH_PICTURE_HIDDEN,
  KH_PICTURE_DIM,     /* there, and has no part in this */
  KH_PICTURE_TRIED,   /* moves */
  KH_PICTURE_LIT,     /* works, on the way to the direct connection */
  KH_PICTURE_WON,     /* part of the connection */
  KH_PICTURE_RELAYED, /* part of one that goes through the server */
  KH_PICTURE_BAD,     /* this is where it failed */
} KhPictureLook;

typedef struct
{
  KhPictureLook nodes[KH_PICTURE_NODES];
  KhPictureLook lines[KH_PICTURE_LINES];
  gboolean towards_you[KH_PICTURE_LINES]; /* a line that is tried moves this way */
  gboolean between_computers;             /* the arc ends at computers, not at routers */
} KhPictureLooks;

void kh_path_picture_look (KhAttempt *attempt, KhPictureLooks *looks);

/* This computer's side alone. NULL: nothing is known. */
void kh_path_picture_look_network (const KhNetworkInfo *network, KhPictureLooks *looks);

/* The connection goes through the server. */
gboolean kh_path_picture_is_relayed (const KhPictureLooks *looks);

/* Something is being tried: the picture moves. */
gboolean kh_path_picture_moves (const KhPictureLooks *looks);

typedef struct
{
  float x;
  float y;
} KhPicturePoint;

typedef struct
{
  float node_size; /* of the square around a node's picture */
  float labels_y;
  float label_width;                      /* of one node's label, centred under it */
  KhPicturePoint nodes[KH_PICTURE_NODES]; /* centres */
  KhPicturePoint lines[KH_PICTURE_LINES][2];
  KhPicturePoint arc_top; /* control point of the quadratic curve */
} KhPicturePlaces;

#define KH_PICTURE_WIDTH_MIN 280

/* The height of all but the labels. */
float kh_path_picture_height (const KhPictureLooks *looks);

void kh_path_picture_place (const KhPictureLooks *looks, float width,
                            KhPicturePlaces *places);

/* A sentence or two in words. @name: the peer's, NULL of a network alone. */
char *kh_path_picture_describe (const KhPictureLooks *looks, const char *name);

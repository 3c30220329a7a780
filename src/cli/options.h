/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * options.h - the command line.
 *
 * parse() it, run the command, clear(). Options may stand before or after the command.
 * Texts are the bytes that were given: nothing is converted from the locale.
 */
#pragma once

#include "cli/status.h"
#include "core/types.h"

typedef struct _KhCommand KhCommand;

/* Both directions of a first contact, a person's answer included. */
#define KH_OPTIONS_TIMEOUT_S 60
#define KH_OPTIONS_MOST_TIMEOUT_S 86400

#define KH_OPTIONS_COUNT 4
#define KH_OPTIONS_MOST_COUNT 1000000

/* A lower port is never told to a peer (src/PROTOCOL.md section 4.3). */
#define KH_OPTIONS_NO_PORT G_MININT

typedef struct
{
  const KhCommand *command;
  /* Owned */
  char *data_dir;
  char *server; /* NULL: the one used last */
  char *name;   /* NULL: the same */
  char *room;   /* NULL: the same */
  char *save_to;
  char *accept_text;
  char *limit_up_text;
  char *limit_down_text;
  char *quota_text;
  char **only; /* NULL: everything */
  char **messages;
  char **arguments; /* after the command; never NULL */
  guint n_arguments;
  /* State */
  gboolean json;
  gboolean no_relay;
  gboolean no_port_mapping;
  gboolean watch;
  gboolean new_room;
  gboolean all;
  gboolean discard;
  gboolean has_limit_up;
  gboolean has_limit_down;
  guint64 limit_up; /* bytes a second; 0: none */
  guint64 limit_down;
  guint64 quota; /* bytes; 0: what is usual */
  gboolean version;
  gboolean help;
  int forwarded_port; /* KH_OPTIONS_NO_PORT, or a port */
  int timeout_s;
  int count;
  KhConsent accept;
} KhOptions;

/* @words: the program's name, and what was given after it. False when there is nothing to
 * run: @status is what to exit with, and all has been said. */
gboolean kh_options_parse (KhOptions *self, const char *const *words, KhStatus *status);
void kh_options_clear (KhOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KhOptions, kh_options_clear)

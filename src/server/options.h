/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * options.h - what the person who starts the server wants: flags and config file.
 *
 * parse() takes the command line, reads the file that --config names, and checks
 * everything; a flag counts more than the file. clear() frees what parse() made,
 * also after it failed.
 *
 * Nothing here looks names up or opens ports. Times are microseconds.
 * Every key of the file: data/knothole-server.conf. The limits: src/PROTOCOL.md, 2.5.
 */
#pragma once

#include "proto/directory.h"

#include <glib.h>

typedef struct
{
  /* Owned */
  char *config_path; /* NULL: none */
  char *data_dir;
  char *public_host; /* NULL: guess */
  char *helper;      /* address of another server, NULL: none */
  char **listen;     /* HOST:PORT, ended by NULL */
  char **assist;

  /* State */
  gboolean print_address;
  gboolean print_version;
  gboolean until_eof;
  gboolean verbose;
  KhDirectoryConfig directory;
  guint half_open_per_network;
  guint half_open_max;
  guint handshakes_per_second; /* a network */
  guint unread_max;            /* bytes */
  guint16 public_assist_port;  /* the first assist port's outside; 0: the same */
  gint64 login_us;
  gint64 assist_token_us;
  gint64 assist_longest_us;
  gint64 relay_rate; /* bytes a second, of a relay in both directions together */
  gint64 relay_rate_total;
  gint64 relay_idle_us;
} KhOptions;

typedef enum
{
  KH_OPTIONS_ERROR_USAGE,
} KhOptionsError;

#define KH_OPTIONS_ERROR (kh_options_error_quark ())
GQuark kh_options_error_quark (void);

/* @words: the program's name, and what was given after it. May print help and exit. */
gboolean kh_options_parse (KhOptions *self, const char *const *words, GError **error);
void kh_options_clear (KhOptions *self);

/* The keys of the config file's group "limits" by number, then NULL. */
const char *kh_options_limit (guint number);

/* Splits "HOST:PORT" or "[ADDRESS]:PORT". */
gboolean kh_options_split (const char *text, char **host, guint16 *port, GError **error);

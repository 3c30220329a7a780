/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * commands.h - the table of commands, and each one's entry.
 */
#pragma once

#include "cli/options.h"

struct _KhCommand
{
  const char *name;
  const char *arguments; /* for --help */
  const char *summary;
  const char *details;
  const char *options[8]; /* long names of those that only it has */
  guint n_least;          /* arguments */
  guint n_most;
  KhStatus (*run) (const KhOptions *options);
};

const KhCommand *kh_commands_find (const char *name);

/* One line for each command. */
char *kh_commands_describe (void);

KhStatus kh_chat_run (const KhOptions *options);
KhStatus kh_id_run (const KhOptions *options);
KhStatus kh_invite_run (const KhOptions *options);
KhStatus kh_listen_run (const KhOptions *options);
KhStatus kh_nat_run (const KhOptions *options);
KhStatus kh_peers_run (const KhOptions *options);
KhStatus kh_ping_run (const KhOptions *options);
KhStatus kh_send_run (const KhOptions *options);
KhStatus kh_transfers_run (const KhOptions *options);
KhStatus kh_verify_run (const KhOptions *options);

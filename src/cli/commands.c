/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"

#include <string.h>

#define USAGE_LEN 31

/* Of those that go online. */
#define LIMITS "limit-up", "limit-down"

static const KhCommand commands[] = {
  { "id",
    "",
    "print this identity",
    "Works also while another process uses the data folder.",
    { NULL },
    0,
    0,
    kh_id_run },
  { "peers",
    "",
    "who is online",
    "Prints name, identity and whether it is a contact. Ctrl-C ends --watch with 0.",
    { "watch", LIMITS },
    0,
    0,
    kh_peers_run },
  { "nat",
    "",
    "find out what kind of router this computer is behind",
    "Dials the server from some ports and has it dial back: some seconds. A server with "
    "two\n"
    "addresses, or with a helper, tells all kinds apart. Servers allow so many tests a "
    "minute\n"
    "only; then it waits.",
    { NULL },
    0,
    0,
    kh_nat_run },
  { "listen",
    "",
    "stay online: print messages, take files and folders",
    "Lines on standard input go to the last peer who wrote. When the server is lost it\n"
    "comes back by itself. `--accept ask`, the default, asks on the terminal and "
    "declines\n"
    "where there is none, or with --json. Whatever is unfinished of files, in both\n"
    "directions, goes on as soon as the other side is online. Ctrl-C ends it with 0.\n"
    "--only takes patterns with * and ?: a path, or the name of a file or of a folder\n"
    "around it, must match one.",
    { "accept", "save-to", "only", "quota", LIMITS },
    0,
    0,
    kh_listen_run },
  { "chat",
    "PEER [--message TEXT ...]",
    "talk to a peer",
    "With --message: sends each text and exits with 0 once all are delivered. Without:\n"
    "sends the lines of standard input and prints what comes; at the end of input it "
    "waits\n"
    "until all is delivered. Ctrl-C ends it with 0, or with 5 when something was not\n"
    "delivered. What is not delivered is kept and goes out at the next connection.",
    { "message", LIMITS },
    1,
    G_MAXUINT,
    kh_chat_run },
  { "send",
    "PEER PATH ...",
    "send files and folders",
    "All of them in one transfer. Exits with 0 only when the other side has on disk all\n"
    "that it wanted; with 6 when it declined or left out everything; with 7 when some "
    "failed.\n"
    "When the connection is lost it calls again by itself, for --timeout seconds. What "
    "is not\n"
    "finished then, or when Ctrl-C ends it, is kept: it goes on, where it was, the next "
    "time\n"
    "both are online, as with `listen`.\n"
    "While it runs it holds the data folder: a second `send` ends with 2. Give one "
    "`send` all\n"
    "paths; `transfers` puts what runs in order, pauses it or ends it.",
    { LIMITS },
    2,
    G_MAXUINT,
    kh_send_run },
  { "transfers",
    "[list|pause|resume|cancel|retry|first] [ID ...]",
    "what is sent and received, and how far it is",
    "Works offline, and also while another process uses the data folder: that one is "
    "told.\n"
    "ID is the beginning of a transfer's id, as the list shows it. pause stops it and "
    "resume\n"
    "lets it go on, each side for itself; cancel ends it for both, and keeps what has "
    "arrived\n"
    "whole unless --discard is given; retry tries again what failed; first puts it at "
    "the head\n"
    "of what is sent to that peer. Exits with 2 where there is no such transfer, with 7 "
    "where\n"
    "it does not allow that.",
    { "all", "discard" },
    0,
    G_MAXUINT,
    kh_transfers_run },
  { "ping",
    "PEER",
    "round trips over the channel",
    "One ping a second. Exits with 5 when none was answered.",
    { "count", LIMITS },
    1,
    1,
    kh_ping_run },
  { "verify",
    "PEER",
    "print the safety number",
    "Both sides see the same 60 digits: compare them over a phone call. Works offline "
    "for\n"
    "contacts and whole identities.",
    { NULL },
    1,
    1,
    kh_verify_run },
  { "invite",
    "",
    "print an invite link",
    "The link names the server, the room and this identity: whoever has it can join.",
    { "new-room" },
    0,
    0,
    kh_invite_run },
};

const KhCommand *
kh_commands_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, name))
      return &commands[i];
  return NULL;
}

char *
kh_commands_describe (void)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *usage
          = g_strdup_printf ("%s %s", commands[i].name, commands[i].arguments);

      /* The longest stands alone, so that the others keep their columns. */
      if (strlen (usage) > USAGE_LEN)
        g_string_append_printf (text, "  %s\n  %-*s %s\n", usage, USAGE_LEN, "",
                                commands[i].summary);
      else
        g_string_append_printf (text, "  %-*s %s\n", USAGE_LEN, usage,
                                commands[i].summary);
    }
  return g_string_free (text, FALSE);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"

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
    { "watch" },
    0,
    0,
    kh_peers_run },
  { "listen",
    "",
    "stay online: print messages, take files",
    "Lines on standard input go to the last peer who wrote. When the server is lost it\n"
    "comes back by itself. `--accept ask`, the default, asks on the terminal and "
    "declines\n"
    "where there is none, or with --json. Ctrl-C ends it with 0.",
    { "accept", "save-to" },
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
    { "message" },
    1,
    G_MAXUINT,
    kh_chat_run },
  { "send",
    "PEER PATH ...",
    "send files",
    "Exits with 0 only when the other side has all of them on disk; with 6 when some "
    "were\n"
    "declined; with 7 when some failed or Ctrl-C ended it.",
    { NULL },
    2,
    G_MAXUINT,
    kh_send_run },
  { "ping",
    "PEER",
    "round trips over the channel",
    "One ping a second. Exits with 5 when none was answered.",
    { "count" },
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

      g_string_append_printf (text, "  %-31s %s\n", usage, commands[i].summary);
    }
  return g_string_free (text, FALSE);
}

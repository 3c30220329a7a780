/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/server-text.h"

#include "app/trouble-text.h"
#include "core/client.h"

#include <glib/gi18n.h>
#include <string.h>

static const char *const ADDRESS_PROBLEMS[] = {
  [KH_ADDRESS_OK] = "",
  [KH_ADDRESS_EMPTY] = N_ ("Paste the address or the invite link that you were given."),
  [KH_ADDRESS_WRONG_SCHEME] = N_ ("This is a link to something else. Addresses and "
                                  "invite links begin with knothole://"),
  [KH_ADDRESS_NO_HOST]
  = N_ ("The address names no server. It looks like knothole://example.org"),
  [KH_ADDRESS_WRONG_HOST]
  = N_ ("The server’s name may only have letters, digits, hyphens and dots."),
  [KH_ADDRESS_WRONG_IPV4] = N_ ("This is no IPv4 address. It has four numbers from 0 to "
                                "255, like 192.0.2.1"),
  [KH_ADDRESS_WRONG_IPV6] = N_ ("What is in the square brackets is no IPv6 address."),
  [KH_ADDRESS_IPV6_WITHOUT_BRACKETS]
  = N_ ("An IPv6 address needs square brackets around it, like [2001:db8::1]"),
  [KH_ADDRESS_WRONG_PORT]
  = N_ ("The port, after the colon, is a number from 1 to 65535."),
  [KH_ADDRESS_SERVER_ID_WRONG_LENGTH]
  = N_ ("A part of the address is missing. Copy all of it."),
  [KH_ADDRESS_SERVER_ID_WRONG_CHARACTER]
  = N_ ("There is a typing mistake in the server’s key. Copy the whole address again."),
  [KH_ADDRESS_SERVER_ID_WRONG_CHECKSUM]
  = N_ ("There is a typing mistake in the server’s key. Copy the whole address again."),
  [KH_ADDRESS_SERVER_ID_OF_PERSON]
  = N_ ("This has a person’s id where the server’s key belongs. Ask for an invite link."),
  [KH_ADDRESS_SERVER_ID_LOW_ORDER]
  = N_ ("This server’s key protects nothing. Do not use this server."),
  [KH_ADDRESS_PEER_ID_WRONG_LENGTH]
  = N_ ("The end of the invite link is missing. Copy all of it."),
  [KH_ADDRESS_PEER_ID_WRONG_CHARACTER]
  = N_ ("There is a typing mistake in the invite link. Copy all of it again."),
  [KH_ADDRESS_PEER_ID_WRONG_CHECKSUM]
  = N_ ("There is a typing mistake in the invite link. Copy all of it again."),
  [KH_ADDRESS_PEER_ID_OF_SERVER]
  = N_ ("The invite link names a server where your friend belongs. Ask for a new one."),
  [KH_ADDRESS_PEER_ID_LOW_ORDER]
  = N_ ("The invite link names a key that protects nothing. Do not use it."),
  [KH_ADDRESS_ROOM_WRONG_ESCAPE]
  = N_ ("The invite link’s room is damaged. Copy the whole link again."),
  [KH_ADDRESS_ROOM_NOT_TEXT]
  = N_ ("The invite link’s room is damaged. Copy the whole link again."),
  [KH_ADDRESS_ROOM_TOO_LONG] = N_ ("The invite link’s room is too long."),
};

const char *
kh_server_text_address_problem (KhAddressError error)
{
  const char *text = (guint)error < G_N_ELEMENTS (ADDRESS_PROBLEMS)
                         ? ADDRESS_PROBLEMS[error]
                         : ADDRESS_PROBLEMS[KH_ADDRESS_EMPTY];

  return *text == '\0' ? "" : _ (text);
}

char *
kh_server_text_host (const KhAddress *address)
{
  gboolean v6 = strchr (address->host, ':') != NULL;

  if (address->port == KH_ADDRESS_DEFAULT_PORT)
    return g_strdup (address->host);
  return g_strdup_printf (v6 ? "[%s]:%u" : "%s:%u", address->host, address->port);
}

char *
kh_server_text_leads_to (const KhAddress *address)
{
  g_autofree char *host = kh_server_text_host (address);

  if (*address->room == '\0')
    /* Translators: %s is the name or address of a server. */
    return g_strdup_printf (_ ("Leads to %s."), host);
  if (address->has_peer)
    /* Translators: the first %s is a server, the second the word of a room. */
    return g_strdup_printf (_ ("An invite to %s, room “%s”, from somebody there."), host,
                            address->room);
  /* Translators: the first %s is a server, the second the word of a room. */
  return g_strdup_printf (_ ("An invite to %s, room “%s”."), host, address->room);
}

const char *
kh_server_text_offline (KhMainError code)
{
  switch (code)
    {
    case KH_MAIN_ERROR_UNREACHABLE:
      return _ ("The server can’t be reached");
    case KH_MAIN_ERROR_NOT_KNOTHOLE:
      return _ ("This is no Knothole server");
    case KH_MAIN_ERROR_OTHER_KEY:
      return _ ("The server is not the one you know");
    case KH_MAIN_ERROR_REFUSED:
      return _ ("The server does not let you in");
    case KH_MAIN_ERROR_REPLACED:
      return _ ("You are online elsewhere");
    case KH_MAIN_ERROR_LOST:
    default:
      return _ ("The connection to the server is lost");
    }
}

const char *
kh_server_text_offline_advice (KhMainError code)
{
  switch (code)
    {
    case KH_MAIN_ERROR_UNREACHABLE:
      return _ ("Check the address and that this computer is online. If a friend hosts "
                "the meeting point, their computer must be on.");
    case KH_MAIN_ERROR_NOT_KNOTHOLE:
      return _ ("Something else answers at this address. Check the name and the port.");
    case KH_MAIN_ERROR_OTHER_KEY:
      return _ ("It has another key than before or than the address says. Ask whoever "
                "runs it; if they have not changed it, somebody sits between you.");
    case KH_MAIN_ERROR_REFUSED:
      return _ ("It may be full, or need another version of Knothole. Try again later.");
    case KH_MAIN_ERROR_REPLACED:
      return _ ("Another Knothole has gone online as you. End that one, then go online "
                "here.");
    case KH_MAIN_ERROR_LOST:
    default:
      return _ ("Knothole connects again by itself as soon as it can.");
    }
}

const char *
kh_server_text_room_refused (const char *room)
{
  if (*room == '\0')
    return _ ("This server has no room for everybody. Enter the word of your friends’ "
              "room, or ask for an invite link.");
  return _ ("The server did not let you into the room. Wait a minute and try again.");
}

/* What core says of a backup: one code for all of it, and a sentence each, which is what
 * is translated. */
static const char *const BACKUP_PROBLEMS[] = {
  N_ ("This file is not a backup of an identity"),
  N_ ("This backup was made by a newer Knothole: please update this one"),
  N_ ("The passphrase is not the one this backup was made with"),
  N_ ("There is not enough free memory to work with the passphrase"),
  N_ ("The backup is damaged: it is not as it was written"),
  N_ ("This Knothole has contacts or messages of its own already: a backup can only be "
      "restored into a new one"),
};

static const char *
explain_backup (const char *message)
{
  for (gsize i = 0; i < G_N_ELEMENTS (BACKUP_PROBLEMS); i++)
    if (g_str_equal (message, BACKUP_PROBLEMS[i]))
      return _ (BACKUP_PROBLEMS[i]);
  return message;
}

/* What GLib says of the others is in the language of the person already. */
static const char *
explain_file (const GError *error)
{
  GIOErrorEnum code = error->domain == G_FILE_ERROR
                          ? g_io_error_from_file_error ((GFileError)error->code)
                          : (GIOErrorEnum)error->code;

  switch ((int)code)
    {
    case G_IO_ERROR_NOT_FOUND:
      return _ ("The file, or the folder for it, is not there any more");
    case G_IO_ERROR_PERMISSION_DENIED:
    case G_IO_ERROR_READ_ONLY:
      return _ ("The file can’t be read or written: you may not do that there");
    case G_IO_ERROR_NO_SPACE:
      return _ ("There is not enough room on your disk");
    default:
      return error->message;
    }
}

const char *
kh_server_text_error (const GError *error)
{
  if (error->domain == G_IO_ERROR || error->domain == G_FILE_ERROR)
    return explain_file (error);
  if (error->domain == KH_STORE_ERROR)
    return kh_trouble_text_keeping (error->code);
  if (error->domain != KH_CLIENT_ERROR)
    return error->message;
  switch (error->code)
    {
    case KH_CLIENT_ERROR_ADDRESS:
      return _ ("There is a mistake in the address. Copy all of it again.");
    case KH_CLIENT_ERROR_NO_SERVER:
      return kh_server_text_address_problem (KH_ADDRESS_EMPTY);
    case KH_CLIENT_ERROR_NAME:
      return _ ("The name is empty: please enter one.");
    case KH_CLIENT_ERROR_NAME_LONG:
      return _ ("The name is too long: please take a shorter one.");
    case KH_CLIENT_ERROR_ROOM:
      return _ ("Enter a room’s word of at most 128 bytes.");
    case KH_CLIENT_ERROR_PETNAME:
      return _ ("Another contact has this name: please take another one.");
    case KH_CLIENT_ERROR_BACKUP:
      return explain_backup (error->message);
    default:
      return error->message;
    }
}

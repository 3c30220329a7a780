/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * server-text.h - what is wrong with an address, a name, a room or the server, and what
 * to do about it: sentences for people, translated.
 *
 * Pure: values in, text out.
 */
#pragma once

#include "core/types.h"

/* One sentence or two; "" where nothing is wrong. */
const char *kh_server_text_address_problem (KhAddressError error);

/* Where an address or invite leads: the host, and the room where it names one. Free it.
 */
char *kh_server_text_leads_to (const KhAddress *address);

/* The host with its port where that is not the usual one. Free it. */
char *kh_server_text_host (const KhAddress *address);

/* Of KH_EVENT_OFFLINE: what has happened, in a few words. */
const char *kh_server_text_offline (KhMainError code);

/* And what to do. */
const char *kh_server_text_offline_advice (KhMainError code);

/* Of KH_EVENT_ROOM_REFUSED: @room is the word, "" for the lobby. */
const char *kh_server_text_room_refused (const char *room);

/* What is wrong with a form that was filled in, or why that could not be done: an error
 * of KH_CLIENT_ERROR, KH_STORE_ERROR or of a file. Those that no person causes are shown
 * as they are. */
const char *kh_server_text_error (const GError *error);

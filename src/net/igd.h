/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * igd.h - what a UPnP router says of itself, and what is said to it, as values.
 *
 * read_description() finds the services that map ports; write_call() makes a request of
 * one; is_answer(), read_value() and read_fault() take the answer apart. miniupnpc reads
 * the XML; it sends and waits for nothing, because its own way to fetch a document has no
 * bound in bytes or time, and this program must not be filled or held up by a router.
 *
 * Services elsewhere than at the router itself do not count.
 *
 * Source: UPnP WANIPConnection:1 and :2; UPnP Device Architecture 1.1 sections 2 and 3.
 */
#pragma once

#include "proto/upnp.h"

#include <gio/gio.h>

/* Longest description in use is about 30 KiB; an answer to a call has under 1 KiB. */
#define KH_IGD_DESCRIPTION_MAX 65536
#define KH_IGD_ANSWER_MAX 8192
/* Over IP and over PPP. */
#define KH_IGD_SERVICES_MAX 2

/* UPnP error codes that mean something here. */
#define KH_IGD_NO_SUCH_ENTRY 714
#define KH_IGD_CONFLICT 718
#define KH_IGD_SAME_PORT_ONLY 724
#define KH_IGD_PERMANENT_ONLY 725

typedef struct
{
  KhUpnpUrl control;
  char type[KH_UPNP_URL_MAX]; /* letters, digits and :._- only */
} KhIgd;

typedef struct
{
  const char *name; /* NULL: the list ends */
  const char *value;
} KhIgdArgument;

/* Up to KH_IGD_SERVICES_MAX into @services; how many. */
unsigned kh_igd_read_description (KhIgd services[KH_IGD_SERVICES_MAX],
                                  const KhUpnpUrl *from, const void *bytes, size_t len);

/* Version 2: it can choose the outside port itself (AddAnyPortMapping). */
bool kh_igd_chooses_ports (const KhIgd *self);

/* A whole HTTP request. Values are put in as they are, so they must be text without
 * markup. */
char *kh_igd_write_call (const KhIgd *self, const char *action,
                         const KhIgdArgument *arguments);
char *kh_igd_write_get (const KhUpnpUrl *url);

/* Whether this is the answer to a call of @action that succeeded. */
bool kh_igd_is_answer (const void *bytes, size_t len, const char *action);

/* The text of the element @name; false where there is none. */
bool kh_igd_read_value (const void *bytes, size_t len, const char *name, char *out,
                        size_t capacity);

/* The UPnP error code, 0 where there is none. */
unsigned kh_igd_read_fault (const void *bytes, size_t len);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * probe-line.h - one local port of a probe: it dials servers and hears who dials it.
 *
 * new() opens a fresh port and listens. show() connects from it to a server's assist or
 * main port and shows a token there; the connection stays open until free(). meet()
 * connects from it to another port of this computer by its outside endpoint. Whoever
 * connects and writes KH_TOKEN_LEN bytes is heard().
 *
 * What a stranger writes is only compared by the owner; there is room for a few of them,
 * each for a short time. Main loop only; the listener is never called from inside a
 * function here.
 *
 * Source: src/PROTOCOL.md section 2.6.
 */
#pragma once

#include "proto/endpoint.h"
#include "proto/token.h"

#include <gio/gio.h>
#include <stdbool.h>

/* Connections from outside in the life of a line, and how long each may take to write. */
#define KH_PROBE_LINE_INBOUND_MAX 8
#define KH_PROBE_LINE_PATIENCE_MS 2000

/* A server does not know a token whose PROBE has not come yet: it closes. */
#define KH_PROBE_LINE_TRIES 4
#define KH_PROBE_LINE_PAUSE_MS 150

typedef struct _KhProbeLine KhProbeLine;

typedef struct
{
  void (*heard) (gpointer data, KhProbeLine *line, const uint8_t token[KH_TOKEN_LEN]);
} KhProbeLineListener;

/* NULL when no port can be had. @family is 4 or 6. */
KhProbeLine *kh_probe_line_new (uint8_t family, const KhProbeLineListener *listener,
                                gpointer data);
void kh_probe_line_free (KhProbeLine *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhProbeLine, kh_probe_line_free)

uint16_t kh_probe_line_port (const KhProbeLine *self);

/* @is_main: as the first record of a main connection. @local is this computer's end.
 * False when there is no way there. */
bool kh_probe_line_show (KhProbeLine *self, const KhEndpoint *server, bool is_main,
                         const uint8_t token[KH_TOKEN_LEN], KhEndpoint *local);

/* Writes @token once it is connected, and dials again some times where it is refused. */
void kh_probe_line_meet (KhProbeLine *self, const KhEndpoint *peer,
                         const uint8_t token[KH_TOKEN_LEN]);

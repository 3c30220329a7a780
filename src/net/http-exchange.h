/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * http-exchange.h - one HTTP request to a router, and its answer.
 *
 * new() dials; done() comes once; free() at any time before or in done() closes
 * everything. An answer of more than the given length is none. There is no limit in
 * time: who asks knows how long it waits, and frees it.
 *
 * Main loop only; done() is never called from inside new().
 */
#pragma once

#include "proto/endpoint.h"

#include <gio/gio.h>

/* @status is 0 where nothing usable came; then there is no body. */
typedef void (*KhHttpExchangeDone) (gpointer data, unsigned status, const void *body,
                                    size_t len);

typedef struct _KhHttpExchange KhHttpExchange;

/* Takes @request, NUL-terminated. */
KhHttpExchange *kh_http_exchange_new_take (const KhEndpoint *router, char *request,
                                           size_t max_len, KhHttpExchangeDone done,
                                           gpointer data);

/* Ignores NULL. */
void kh_http_exchange_free (KhHttpExchange *self);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * standard-input.h - a server that is another program's child ends with that, and hears
 * from it how it is reached from outside.
 *
 * Whoever starts it with --until-eof holds the other end of its standard input. The
 * kernel closes that end however the program dies, which no signal tells. Lines of at
 * most KH_STANDARD_INPUT_LINE_MAX bytes are read; others, and what is none of ours, are
 * ignored.
 *
 * Source: src/PROTOCOL.md, section 2.9.
 */
#pragma once

#include "server/service.h"

/* At the end of it kh_service_end() is called. */
gboolean kh_standard_input_watch (KhService *service, GError **error);

/* What has come, in pieces of any size. */
void kh_standard_input_take (KhService *service, const char *bytes, gsize len);

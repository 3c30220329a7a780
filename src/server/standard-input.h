/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * standard-input.h - a server that is another program's child ends with that.
 *
 * Whoever starts it with --until-eof holds the other end of its standard input. The
 * kernel closes that end however the program dies, which no signal tells.
 */
#pragma once

#include "server/service.h"

/* What is read is dropped; at the end of it kh_service_end() is called. */
gboolean kh_standard_input_watch (KhService *service, GError **error);

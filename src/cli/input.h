/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * input.h - what comes from a descriptor, a piece at a time, without ever blocking the
 * main loop.
 *
 * new(), then pause (FALSE); the callback gets each piece as it comes, and no bytes once
 * at the end. What comes while it is paused waits where it is. The descriptor's flags are
 * left alone: others may share it.
 *
 * On Windows, where only sockets can be waited for, a thread reads; a piece that it was
 * reading when pause() was called is given to the callback before that is next called.
 * What a console gives is UTF-8, and its lines end in CR LF.
 *
 * Main loop only. Lengths are bytes.
 */
#pragma once

#include <glib.h>

#define KH_INPUT_PIECE_LEN 4096

typedef struct _KhInput KhInput;

/* @bytes are borrowed, 1 to KH_INPUT_PIECE_LEN of them; @len 0: the end, or an error. */
typedef void (*KhInputFunc) (const char *bytes, gsize len, gpointer data);

/* Begins paused. The descriptor is borrowed. */
KhInput *kh_input_new (int fd, KhInputFunc func, gpointer data);
void kh_input_free (KhInput *self);

/* May be called from the callback. */
void kh_input_pause (KhInput *self, gboolean paused);

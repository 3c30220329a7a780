/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * frame-private.h - the frames of transfers in frame-transfer.c, for frame.c.
 *
 * Include it nowhere else. Source: src/PROTOCOL.md, section 5.
 */
#pragma once

#include "proto/frame.h"
#include "proto/writer.h"

/* What stands behind the type. Both return whether the type is one of a transfer. */
bool kh_frame_transfer_write (KhWriter *writer, const KhFrame *frame);
bool kh_frame_transfer_read (KhReader *reader, KhFrame *frame);

/* What the fields' own lengths don't say; true for a type that is none of a transfer. */
bool kh_frame_transfer_is_sound (const KhFrame *frame);

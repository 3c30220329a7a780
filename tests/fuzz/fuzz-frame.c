/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The frames of a channel. What is good is written again and has to come out as the
 * same bytes, but for those after the last field; and it keeps to the limits.
 */
#include "proto/frame.h"

#include <glib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
check_limits (const KhFrame *frame)
{
  switch (frame->type)
    {
    case KH_FRAME_HELLO:
      g_assert_cmpuint (frame->hello.name.len, <=, KH_FRAME_NAME_MAX);
      break;
    case KH_FRAME_MESSAGE:
      g_assert_cmpuint (frame->message.text.len, <=, KH_FRAME_TEXT_MAX);
      break;
    case KH_FRAME_OFFER:
      g_assert_cmpuint (frame->offer.total, <=, KH_FRAME_SIZE_MAX);
      g_assert_cmpuint (frame->offer.file.size, <=, frame->offer.total);
      g_assert_cmpuint (frame->offer.file.path.len, <=, KH_FRAME_PATH_MAX);
      break;
    case KH_FRAME_PIECE:
      g_assert_cmpuint (frame->piece.len, >=, 1);
      g_assert_cmpuint (frame->piece.offset, <=, KH_FRAME_SIZE_MAX - frame->piece.len);
      break;
    case KH_FRAME_FILE_END:
      g_assert_cmpuint (frame->file.size, <=, KH_FRAME_SIZE_MAX);
      break;
    default:
      break;
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree guint8 *copy = g_malloc (size + 1);
  KhFrame frame = { 0 };
  gsize len;

  if (kh_frame_read (&frame, data, size) != KH_FRAME_GOOD)
    {
      g_assert_cmpuint (frame.type, ==, 0);
      return 0;
    }
  check_limits (&frame);
  len = kh_frame_write (&frame, copy, size);
  g_assert_cmpuint (len, >, 0);
  g_assert_cmpmem (copy, len, data, len);
  return 0;
}

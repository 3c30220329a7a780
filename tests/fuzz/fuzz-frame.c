/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The frames of a channel. What is good is written again and has to come out as the
 * same bytes, but for those after the last field; and it keeps to the limits.
 */
#include "proto/frame.h"

#include <glib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
check_page (KhTreePage page)
{
  KhTreeEntry entry;
  guint n = 0;

  g_assert_cmpuint (page.len, <=, KH_TREE_PAGE_MAX);
  for (; kh_tree_read (&page, &entry); n++)
    {
      KhTree around = { 0 };

      /* Wherever the entry is, by itself it may be in a tree. */
      entry.depth = 0;
      g_assert_cmpint (kh_tree_add (&around, &entry), ==, KH_TREE_GOOD);
    }
  g_assert_cmpuint (n, >=, 1);
  g_assert_cmpuint (page.len, ==, 0);
}

static void
check_run (const KhFrame *frame)
{
  g_assert_cmpuint (frame->run.n, >=, 1);
  g_assert_cmpuint (frame->run.n, <=, KH_FRAME_RUN_MAX);
  g_assert_cmpuint ((guint64)frame->run.first + frame->run.n, <=, KH_TREE_ENTRIES_MAX);
  g_assert_cmpuint (frame->run.offset, <=, KH_FRAME_SIZE_MAX);
  g_assert_true (frame->run.offset == 0 || frame->run.n == 1);
}

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
      g_assert_cmpuint (frame->offer.n_entries, >=, 1);
      g_assert_cmpuint (frame->offer.n_entries, <=, KH_TREE_ENTRIES_MAX);
      g_assert_cmpuint (frame->offer.n_files, <=, frame->offer.n_entries);
      g_assert_cmpuint (frame->offer.total, <=, KH_FRAME_SIZE_MAX);
      check_page (frame->offer.page);
      break;
    case KH_FRAME_TREE:
      check_page (frame->tree.page);
      break;
    case KH_FRAME_REPLY:
      g_assert_cmpuint (frame->reply.total, <=, KH_FRAME_SIZE_MAX);
      break;
    case KH_FRAME_WANT:
    case KH_FRAME_FILE_DONE:
      check_run (frame);
      break;
    case KH_FRAME_PIECE:
      g_assert_cmpuint (frame->piece.len, >=, 1);
      g_assert_cmpuint (frame->piece.offset, <=, KH_FRAME_SIZE_MAX - frame->piece.len);
      break;
    case KH_FRAME_FILE_BEGIN:
    case KH_FRAME_FILE_END:
      g_assert_cmpuint (frame->file.size, <=, KH_FRAME_SIZE_MAX);
      break;
    case KH_FRAME_CANCEL:
      g_assert_cmpuint (frame->cancel.status, !=, KH_FRAME_STATUS_COMPLETE);
      break;
    case KH_FRAME_PAUSE:
      g_assert_cmpuint (frame->pause.paused, <=, 1);
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

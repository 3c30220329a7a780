/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/transfer-reason.h"

#include <glib/gi18n.h>

/* What went wrong at the side that sends. @here: that is this side. */
static char *
source_text (KhFrameStatus status, gboolean here, const char *peer)
{
  switch (status)
    {
    case KH_FRAME_STATUS_SHRANK:
    case KH_FRAME_STATUS_CHANGED:
      return here
                 ? g_strdup (_ ("The file changed while it was sent"))
                 /* Translators: here and below, "at %s" is a person: on their computer */
                 : g_strdup_printf (_ ("The file changed at %s while it was sent"), peer);
    case KH_FRAME_STATUS_UNREADABLE:
      return here ? g_strdup (_ ("The file can't be read"))
                  : g_strdup_printf (_ ("The file can't be read at %s"), peer);
    case KH_FRAME_STATUS_GONE:
      return here ? g_strdup (_ ("The file is not there any more"))
                  : g_strdup_printf (_ ("The file is not there any more at %s"), peer);
    case KH_FRAME_STATUS_NOT_LISTED:
    default:
      return g_strdup (_ ("These files can't be sent in one go"));
    }
}

/* At the side that receives. */
static char *
target_text (KhFrameStatus status, gboolean here, const char *peer)
{
  switch (status)
    {
    case KH_FRAME_STATUS_DISK_FULL:
      return here ? g_strdup (_ ("There is not enough room on your disk"))
                  : g_strdup_printf (_ ("There is not enough room on the disk of %s"),
                                     peer);
    case KH_FRAME_STATUS_NOT_WRITABLE:
      return here ? g_strdup (_ ("The folder for it can't be written"))
                  : g_strdup_printf (_ ("%s can't write to the folder for it"), peer);
    case KH_FRAME_STATUS_WRITE_ERROR:
      return here ? g_strdup (_ ("Your disk reported an error"))
                  : g_strdup_printf (_ ("The disk of %s reported an error"), peer);
    case KH_FRAME_STATUS_OVER_QUOTA:
      return here ? g_strdup_printf (_ ("More than is taken from %s in a day"), peer)
                  : g_strdup_printf (_ ("More than %s takes in a day"), peer);
    case KH_FRAME_STATUS_SIZE_DIFFERS:
    case KH_FRAME_STATUS_GREW:
    default:
      return g_strdup (_ ("What arrived is not what was offered"));
    }
}

char *
kh_transfer_reason_text (KhFrameStatus status, gboolean outgoing, const char *peer)
{
  switch (status)
    {
    case KH_FRAME_STATUS_SHRANK:
    case KH_FRAME_STATUS_CHANGED:
    case KH_FRAME_STATUS_UNREADABLE:
    case KH_FRAME_STATUS_GONE:
    case KH_FRAME_STATUS_NOT_LISTED:
      return source_text (status, outgoing, peer);
    case KH_FRAME_STATUS_DISK_FULL:
    case KH_FRAME_STATUS_NOT_WRITABLE:
    case KH_FRAME_STATUS_WRITE_ERROR:
    case KH_FRAME_STATUS_OVER_QUOTA:
    case KH_FRAME_STATUS_SIZE_DIFFERS:
    case KH_FRAME_STATUS_GREW:
      return target_text (status, !outgoing, peer);
    case KH_FRAME_STATUS_CANCELLED:
      return g_strdup (_ ("It was cancelled"));
    case KH_FRAME_STATUS_COMPLETE:
    default:
      return g_strdup (_ ("It failed"));
    }
}

static const char *
advice_here (KhFrameStatus status)
{
  switch (status)
    {
    case KH_FRAME_STATUS_UNREADABLE:
      return _ ("Check that you may open the file, then try again.");
    case KH_FRAME_STATUS_GONE:
      return _ ("Put it back, or send it from where it is now.");
    case KH_FRAME_STATUS_DISK_FULL:
      return _ ("Make room, then try again.");
    case KH_FRAME_STATUS_NOT_WRITABLE:
      return _ ("Check the folder, then try again.");
    case KH_FRAME_STATUS_WRITE_ERROR:
      return _ ("Check the disk, then try again.");
    default:
      return NULL;
    }
}

static gboolean
is_at_sender (KhFrameStatus status)
{
  return status == KH_FRAME_STATUS_UNREADABLE || status == KH_FRAME_STATUS_GONE;
}

char *
kh_transfer_reason_advice (KhFrameStatus status, gboolean outgoing, gboolean can_retry,
                           const char *peer)
{
  const char *here = is_at_sender (status) == outgoing ? advice_here (status) : NULL;

  if (status == KH_FRAME_STATUS_NOT_LISTED)
    return g_strdup (
        _ ("There are too many, or names or folders go too deep. Send them in "
           "parts, or pack them into an archive."));
  if (here != NULL && (can_retry || status == KH_FRAME_STATUS_GONE))
    return g_strdup (here);
  if (!can_retry)
    return NULL;
  if (status == KH_FRAME_STATUS_SHRANK || status == KH_FRAME_STATUS_CHANGED)
    return g_strdup (_ ("Try again once it is not written to any more."));
  if (status == KH_FRAME_STATUS_DISK_FULL)
    return g_strdup_printf (_ ("Try again when %s has made room."), peer);
  return g_strdup (_ ("It can be tried again."));
}

const char *
kh_transfer_reason_short (KhFrameStatus status)
{
  switch (status)
    {
    case KH_FRAME_STATUS_SHRANK:
    case KH_FRAME_STATUS_CHANGED:
      return _ ("changed while it was sent");
    case KH_FRAME_STATUS_UNREADABLE:
      return _ ("can't be read at the sender");
    case KH_FRAME_STATUS_GONE:
      return _ ("not there any more at the sender");
    case KH_FRAME_STATUS_NOT_LISTED:
      return _ ("can't be listed");
    case KH_FRAME_STATUS_DISK_FULL:
      return _ ("no room on the receiver's disk");
    case KH_FRAME_STATUS_NOT_WRITABLE:
      return _ ("the receiver's folder can't be written");
    case KH_FRAME_STATUS_WRITE_ERROR:
      return _ ("the receiver's disk reported an error");
    case KH_FRAME_STATUS_SIZE_DIFFERS:
    case KH_FRAME_STATUS_GREW:
      return _ ("not what was offered");
    case KH_FRAME_STATUS_OVER_QUOTA:
      return _ ("more than the receiver takes in a day");
    case KH_FRAME_STATUS_CANCELLED:
      return _ ("cancelled");
    case KH_FRAME_STATUS_COMPLETE:
    default:
      return _ ("for a reason that this version does not know");
    }
}

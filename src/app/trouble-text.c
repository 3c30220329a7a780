/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/trouble-text.h"

#include <glib/gi18n.h>

static const char *
advice (const GError *error)
{
  if (error->domain != KH_STORE_ERROR)
    return _ ("It could not be read.");
  switch (error->code)
    {
    case KH_STORE_ERROR_FOLDER_IN_USE:
      return _ ("Another Knothole uses it. Close that one, then try again.");
    case KH_STORE_ERROR_CANNOT_OPEN:
      return _ ("It could not be opened. Check that you may read and write it.");
    case KH_STORE_ERROR_NEWER_SCHEMA:
      return _ ("A newer version of Knothole has written it. Install that version.");
    case KH_STORE_ERROR_DAMAGED:
      return _ ("The database in it is damaged. Nothing in it was changed: move it away, "
                "or put a copy in its place.");
    case KH_STORE_ERROR_DISK_FULL:
      return _ ("The disk is full. Make room, then try again.");
    case KH_STORE_ERROR_READ_ONLY:
      return _ ("It can only be read, and Knothole has to write there, too.");
    default:
      return _ ("The disk reported an error.");
    }
}

/* Whether the store knows more than which of these it is: who holds the folder, or what
 * the system said. */
static gboolean
has_more_to_say (const GError *error)
{
  return error->domain != KH_STORE_ERROR
         || (error->code != KH_STORE_ERROR_NEWER_SCHEMA
             && error->code != KH_STORE_ERROR_DAMAGED
             && error->code != KH_STORE_ERROR_DISK_FULL
             && error->code != KH_STORE_ERROR_READ_ONLY);
}

char *
kh_trouble_text_opening (const GError *error, const char *folder)
{
  return g_strconcat (advice (error), "\n\n",
                      has_more_to_say (error) ? error->message : folder, NULL);
}

const char *
kh_trouble_text_keeping (KhStoreError code)
{
  switch (code)
    {
    case KH_STORE_ERROR_DISK_FULL:
      return _ ("The disk is full, so nothing can be kept: make room");
    case KH_STORE_ERROR_READ_ONLY:
    case KH_STORE_ERROR_CANNOT_OPEN:
      return _ ("The data folder can’t be written, so nothing can be kept");
    case KH_STORE_ERROR_DAMAGED:
      return _ ("The database in the data folder is damaged: end Knothole and put a copy "
                "in its place");
    case KH_STORE_ERROR_FOLDER_IN_USE:
      return _ ("Another Knothole uses the data folder");
    case KH_STORE_ERROR_NEWER_SCHEMA:
    case KH_STORE_ERROR_EXISTS:
    case KH_STORE_ERROR_NOT_FOUND:
    case KH_STORE_ERROR_INVALID:
    case KH_STORE_ERROR_FAILED:
    default:
      return _ ("Something could not be kept in the data folder");
    }
}

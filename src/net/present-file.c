/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/present-file.h"

#include "net/outgoing-file.h"
#include "net/present-file-private.h"
#include "proto/safe-name.h"

#include <glib.h>

/* Numbers looked at: nobody has so many copies. */
#define MOST_NUMBERS 100

static bool
is_it (const KhPresentInfo *info, uint64_t size, uint64_t modified_ms, int64_t since_ms)
{
  return info->plain && info->size == size && info->modified_ms == (int64_t)modified_ms
         && info->changed_ms >= since_ms;
}

char *
kh_present_file_find (const KhFolderCursor *cursor, const char *name, uint64_t size,
                      uint64_t modified_ms, int64_t since_ms)
{
  for (unsigned number = 1; number <= MOST_NUMBERS; number++)
    {
      char numbered[KH_SAFE_NAME_LEN];
      KhPresentInfo info;

      kh_safe_name_numbered (name, number, numbered);
      if (!kh_present_file_info (cursor->folder, numbered, &info))
        return NULL;
      if (is_it (&info, size, modified_ms, since_ms))
        return *cursor->place != '\0' ? g_strconcat (cursor->place, "/", numbered, NULL)
                                      : g_strdup (numbered);
    }
  return NULL;
}

bool
kh_present_file_is (int folder, const char *name, uint64_t size, uint64_t modified_ms)
{
  KhPresentInfo info;

  return kh_present_file_info (folder, name, &info)
         && is_it (&info, size, modified_ms, INT64_MIN);
}

int
kh_present_file_open (int folder, const char *name)
{
  KhOutgoingFile file;

  return kh_outgoing_file_open (&file, folder, name) == KH_FRAME_STATUS_COMPLETE ? file.fd
                                                                                 : -1;
}

void
kh_present_file_close (int fd)
{
  KhOutgoingFile file = KH_OUTGOING_FILE_CLOSED;

  file.fd = fd;
  kh_outgoing_file_close (&file);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profile-private.h - a profile from inside, for profile.c and profile-transfers.c.
 */
#pragma once

#include "core/profile.h"
#include "store/store.h"

struct _KhProfile
{
  /* Owned */
  KhFolderLock *lock; /* NULL where another process holds the folder */
  KhStore *store;
  char *data_dir;

  /* State */
  KhPeerId id;
};

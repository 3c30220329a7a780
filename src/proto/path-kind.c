/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/path-kind.h"

bool
kh_path_kind_is_better (KhPathKind one, KhPathKind other)
{
  static const unsigned ranks[] = {
    [KH_PATH_LAN] = 0,     [KH_PATH_IPV6] = 1,      [KH_PATH_MAPPED] = 2,
    [KH_PATH_PUNCHED] = 3, [KH_PATH_PREDICTED] = 3, [KH_PATH_RELAY] = 4,
  };

  return ranks[one] < ranks[other];
}

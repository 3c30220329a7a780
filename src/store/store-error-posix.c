/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/store-error.h"

KhStoreError
kh_store_error_from_system (int number)
{
  return kh_store_error_from_errno (number);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answers of PCP: what was read is in the bounds that the header names.
 */
#include "proto/pcp.h"

#include <glib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  KhPcpAnswer answer, nothing = { 0 };

  if (kh_pcp_read (&answer, data, size) != KH_PCP_READ)
    {
      g_assert_cmpmem (&answer, sizeof answer, &nothing, sizeof nothing);
      return 0;
    }
  g_assert_true (size >= 24 && size <= KH_PCP_LEN_MAX && size % 4 == 0);
  g_assert_true (answer.opcode <= KH_PCP_OPCODE_MAP);
  if (answer.opcode == KH_PCP_OPCODE_MAP && answer.result == KH_PCP_RESULT_SUCCESS)
    g_assert_true (answer.has_map
                   && (answer.lifetime_s == 0 || answer.external.port != 0));
  return 0;
}

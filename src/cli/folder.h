/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * folder.h - opens the data folder for the commands that stay offline, and says what is
 * wrong with it or with an address.
 */
#pragma once

#include "cli/options.h"
#include "cli/output.h"
#include "core/profile.h"

/* NULL when it can't be used, which has been said. */
KhProfile *kh_folder_open (const KhOptions *options, KhOutput *output);

/* Says what @error of opening a client or a profile is about, and which option helps;
 * returns the exit status. */
KhStatus kh_folder_fail (const KhOptions *options, KhOutput *output, const GError *error);

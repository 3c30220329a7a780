/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * file-status.h - what an error of the system means for a file that is received.
 */
#pragma once

#include "proto/frame.h"

/* DISK_FULL, NOT_WRITABLE or WRITE_ERROR. */
KhFrameStatus kh_file_status_of_writing (int error);

/* GONE or UNREADABLE, for a file that is sent. */
KhFrameStatus kh_file_status_of_reading (int error);

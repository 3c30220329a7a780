/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * autostart-command.h - the part of test-autostart.c that differs from system to system:
 * how a command is written for whoever starts programs there.
 */
#pragma once

void test_the_command_is_what_is_read (void);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * meeting-ports.h - whether friends outside reach a meeting point on this computer.
 *
 * Values in, a value out: what a router has said about the two ports of a server here.
 * Both have to lead in, at one address that all the internet has.
 *
 * Source: src/PROTOCOL.md sections 2.9 and 8.
 */
#pragma once

#include "core/types.h"
#include "net/port-mapper.h"

/* @main_port, @assist_port: what came of each, NULL: nothing was said yet. */
KhMeetingPorts kh_meeting_ports_judge (const KhPortMapping *main_port,
                                       const KhPortMapping *assist_port);

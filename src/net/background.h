/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * background.h - work that must not make a window wait.
 */
#pragma once

/* The calling thread takes the processor after others from now on, for good. Nothing
 * happens where a system has that for whole processes only. */
void kh_background_enter (void);

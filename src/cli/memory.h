/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * memory.h - makes the allocator hold on to little.
 *
 * save() once, before any thread begins. Nothing where the allocator has no such choice.
 */
#pragma once

void kh_memory_save (void);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * waker.h - a thread waits for its socket, its next deadline, or another thread.
 *
 * init() it, wait() in the one thread, wake() from any other. A wake() before a
 * wait() is not lost, several count as one.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct
{
  int fd;
  int changed; /* Windows: something has happened to the socket */
} KhWaker;

enum
{
  KH_WAKER_READ = 1,
  KH_WAKER_WRITE = 2,
  KH_WAKER_BROKEN = 4, /* reset, or ended in both directions; always watched */
};

bool kh_waker_init (KhWaker *self);
void kh_waker_clear (KhWaker *self);

void kh_waker_wake (KhWaker *self);

/* Waits until one of the KH_WAKER_ flags in @watch holds for the socket @fd, which
 * may be KH_SOCKET_NONE, or until wake() or @timeout_us. Returns the flags that
 * hold. */
unsigned kh_waker_wait (KhWaker *self, int fd, unsigned watch, int64_t timeout_us);

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/waker.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

bool
kh_waker_init (KhWaker *self)
{
  self->fd = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC);
  return self->fd >= 0;
}

void
kh_waker_clear (KhWaker *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

void
kh_waker_wake (KhWaker *self)
{
  const uint64_t one = 1;
  ssize_t written;

  do
    written = write (self->fd, &one, sizeof one);
  while (written < 0 && errno == EINTR);
}

unsigned
kh_waker_wait (KhWaker *self, int fd, unsigned watch, int64_t timeout_us)
{
  struct pollfd polled[2] = {
    { .fd = self->fd, .events = POLLIN },
    { .fd = fd },
  };
  struct timespec timeout = { 0 };
  unsigned holds = 0;
  uint64_t count;

  if (timeout_us > 0)
    timeout = (struct timespec){ .tv_sec = timeout_us / 1000000,
                                 .tv_nsec = timeout_us % 1000000 * 1000 };
  polled[1].events = (short)((watch & KH_WAKER_READ ? POLLIN : 0)
                             | (watch & KH_WAKER_WRITE ? POLLOUT : 0));
  if (ppoll (polled, 2, &timeout, NULL) <= 0)
    return 0;

  if (polled[0].revents != 0 && read (self->fd, &count, sizeof count) < 0)
    return 0;
  if (polled[1].revents & POLLIN)
    holds |= KH_WAKER_READ;
  if (polled[1].revents & POLLOUT)
    holds |= KH_WAKER_WRITE;
  if (polled[1].revents & (POLLERR | POLLHUP | POLLNVAL))
    holds |= KH_WAKER_BROKEN;
  return holds;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/waker.h"

#include <winsock2.h>

#include <windows.h>

#define CHANGES (FD_READ | FD_WRITE | FD_OOB | FD_ACCEPT | FD_CONNECT | FD_CLOSE)

static HANDLE
event_of (int fd)
{
  return (HANDLE)(intptr_t)fd;
}

static int
new_event (void)
{
  HANDLE event = CreateEventW (NULL, FALSE, FALSE, NULL);

  return event != NULL ? (int)(intptr_t)event : -1;
}

bool
kh_waker_init (KhWaker *self)
{
  *self = (KhWaker){ .fd = new_event (), .changed = new_event () };
  if (self->fd != -1 && self->changed != -1)
    return true;
  kh_waker_clear (self);
  return false;
}

void
kh_waker_clear (KhWaker *self)
{
  if (self->fd != -1)
    CloseHandle (event_of (self->fd));
  if (self->changed != -1)
    CloseHandle (event_of (self->changed));
  *self = (KhWaker){ .fd = -1, .changed = -1 };
}

void
kh_waker_wake (KhWaker *self)
{
  SetEvent (event_of (self->fd));
}

/* Where reading is not wanted: whether there is nothing but an error to be read. */
static bool
is_broken (SOCKET socket)
{
  char byte;

  return recv (socket, &byte, 1, MSG_PEEK) < 0 && WSAGetLastError () != WSAEWOULDBLOCK;
}

static unsigned
flags_now (int fd, unsigned watch)
{
  SOCKET socket = (SOCKET)(intptr_t)fd;
  fd_set readable = { .fd_count = 1, .fd_array = { socket } };
  fd_set writable = { .fd_count = (watch & KH_WAKER_WRITE) != 0, .fd_array = { socket } };
  fd_set failed = { .fd_count = 1, .fd_array = { socket } };
  struct timeval at_once = { 0 };
  unsigned holds = 0;

  /* The first argument says nothing here. */
  if (select (0, &readable, &writable, &failed, &at_once) < 0)
    return KH_WAKER_BROKEN;
  if (writable.fd_count > 0)
    holds |= KH_WAKER_WRITE;
  if (readable.fd_count > 0 && (watch & KH_WAKER_READ) != 0)
    holds |= KH_WAKER_READ;
  else if (readable.fd_count > 0 && is_broken (socket))
    holds |= KH_WAKER_BROKEN;
  if (failed.fd_count > 0)
    holds |= KH_WAKER_BROKEN;
  return holds;
}

static DWORD
milliseconds (int64_t us)
{
  const int64_t most = 3600 * 1000; /* whoever waits for longer looks once an hour */
  int64_t ms = us > 0 ? us / 1000 + (us % 1000 != 0) : 0;

  return (DWORD)(ms < most ? ms : most);
}

/* The event only says that something has changed; what holds, select() says. Asked for
 * it before that is looked at, the system loses nothing in between. */
unsigned
kh_waker_wait (KhWaker *self, int fd, unsigned watch, int64_t timeout_us)
{
  HANDLE events[2] = { event_of (self->fd), event_of (self->changed) };
  unsigned holds = 0;

  if (fd != -1)
    holds = flags_now (fd, watch);
  if (holds == 0 && fd != -1 && timeout_us > 0)
    {
      WSAEventSelect ((SOCKET)(intptr_t)fd, events[1], CHANGES);
      holds = flags_now (fd, watch);
    }
  if (holds != 0)
    timeout_us = 0; /* a wake() that came meanwhile has its effect */
  WaitForMultipleObjects (fd != -1 ? 2 : 1, events, FALSE, milliseconds (timeout_us));
  return holds != 0 || fd == -1 ? holds : flags_now (fd, watch);
}

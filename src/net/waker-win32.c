/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/waker.h"

#include <winsock2.h>

#include <windows.h>

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

/* Whether there is nothing but an error to be read: not every system counts that as
 * readable. */
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
  else if (is_broken (socket))
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

/* What changes when one of the flags in @watch begins to hold. */
static long
changes_of (unsigned watch)
{
  return FD_CLOSE | ((watch & KH_WAKER_READ) != 0 ? FD_READ | FD_OOB | FD_ACCEPT : 0)
         | ((watch & KH_WAKER_WRITE) != 0 ? FD_WRITE | FD_CONNECT : 0);
}

/* Asks for the event first: what changes after that is not lost, and what holds already
 * is looked at. The event only says that something has changed, perhaps long ago. */
static unsigned
wait_for_socket (KhWaker *self, int fd, unsigned watch, int64_t timeout_us)
{
  HANDLE events[2] = { event_of (self->fd), event_of (self->changed) };
  ULONGLONG until_ms = GetTickCount64 () + milliseconds (timeout_us);
  unsigned holds;

  WSAEventSelect ((SOCKET)(intptr_t)fd, events[1], changes_of (watch));
  while ((holds = flags_now (fd, watch)) == 0)
    {
      ULONGLONG now_ms = GetTickCount64 ();
      DWORD left_ms = now_ms < until_ms ? (DWORD)(until_ms - now_ms) : 0;

      if (WaitForMultipleObjects (2, events, FALSE, left_ms) != WAIT_OBJECT_0 + 1)
        return flags_now (fd, watch);
    }
  return holds;
}

unsigned
kh_waker_wait (KhWaker *self, int fd, unsigned watch, int64_t timeout_us)
{
  unsigned holds = fd != -1 ? flags_now (fd, watch) : 0;

  if (holds == 0 && fd != -1 && timeout_us > 0)
    return wait_for_socket (self, fd, watch, timeout_us);
  /* A wake() that came meanwhile has had its effect. */
  WaitForSingleObject (event_of (self->fd), holds != 0 ? 0 : milliseconds (timeout_us));
  return holds;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Source: "HandlerRoutine callback function" of the Windows API; "uv_signal_t" of the
 * manual of libuv, which makes signals of it.
 */
#include "server/own-process.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* Sockets and handles are bounded by memory only; the counts of clients and relays in
 * the options bound them first. */
#define MOST_DESCRIPTORS (1 << 24)

/* A console is written to with each flush; a character must not be cut in two by then. */
#define BUFFER_LEN 4096

void
kh_own_process_prepare (void)
{
  WSADATA data;

  for (int fd = 0; fd <= 2; fd++)
    if ((HANDLE)_get_osfhandle (fd) == INVALID_HANDLE_VALUE)
      {
        int opened = _open ("NUL", _O_RDWR | _O_BINARY);

        if (opened < 0)
          _exit (EXIT_FAILURE);
        if (opened != fd)
          {
            _dup2 (opened, fd);
            _close (opened);
          }
      }
  _setmode (1, _O_BINARY);
  _setmode (2, _O_BINARY);
  setvbuf (stderr, NULL, _IOFBF, BUFFER_LEN);
  SetConsoleOutputCP (CP_UTF8);
  if (WSAStartup (MAKEWORD (2, 2), &data) != 0)
    _exit (EXIT_FAILURE);
}

char **
kh_own_process_arguments (G_GNUC_UNUSED int argc, G_GNUC_UNUSED char **argv)
{
  return g_win32_get_command_line ();
}

guint
kh_own_process_raise_descriptor_limit (void)
{
  return MOST_DESCRIPTORS;
}

static void
on_signal (uv_signal_t *handle, G_GNUC_UNUSED int number)
{
  kh_service_end (handle->loop->data);
}

/* SIGHUP: the console closes, which takes the process with it seconds later. */
void
kh_own_process_watch_ends (KhService *service)
{
  static const int numbers[] = { SIGINT, SIGBREAK, SIGHUP };

  G_STATIC_ASSERT (G_N_ELEMENTS (numbers) <= G_N_ELEMENTS (service->signals));
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      uv_signal_init (&service->loop, &service->signals[i]);
      uv_signal_start (&service->signals[i], on_signal, numbers[i]);
      uv_unref ((uv_handle_t *)&service->signals[i]);
    }
}

static BOOL WINAPI
swallow (G_GNUC_UNUSED DWORD kind)
{
  return TRUE;
}

void
kh_own_process_ignore_ends (void)
{
  SetConsoleCtrlHandler (swallow, TRUE);
}

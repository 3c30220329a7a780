/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/terminal.h"

#include <windows.h>

#include <io.h>

#define USUAL_WIDTH 80

gboolean
kh_terminal_is_one (int fd)
{
  DWORD mode;

  return GetConsoleMode ((HANDLE)_get_osfhandle (fd), &mode) != 0;
}

/* Since Windows 10 a console takes the same sequences as a terminal, once it is asked to
 * (kh_descriptors_reserve()); before that it would print them. */
gboolean
kh_terminal_has_colours (int fd)
{
  const char *refused = g_getenv ("NO_COLOR");
  DWORD mode;

  if (refused != NULL && *refused != '\0')
    return FALSE;
  return GetConsoleMode ((HANDLE)_get_osfhandle (fd), &mode)
         && (mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
}

guint
kh_terminal_width (int fd)
{
  CONSOLE_SCREEN_BUFFER_INFO info;

  if (!GetConsoleScreenBufferInfo ((HANDLE)_get_osfhandle (fd), &info)
      || info.srWindow.Right <= info.srWindow.Left)
    return USUAL_WIDTH;
  return (guint)(info.srWindow.Right - info.srWindow.Left + 1);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#define USUAL_WIDTH 80

gboolean
kh_terminal_is_one (int fd)
{
  return isatty (fd) == 1;
}

gboolean
kh_terminal_has_colours (int fd)
{
  const char *refused = g_getenv ("NO_COLOR");
  const char *kind = g_getenv ("TERM");

  if (refused != NULL && *refused != '\0')
    return FALSE;
  return kh_terminal_is_one (fd) && kind != NULL && g_strcmp0 (kind, "dumb") != 0;
}

guint
kh_terminal_width (int fd)
{
  struct winsize size;

  if (ioctl (fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return USUAL_WIDTH;
  return size.ws_col;
}

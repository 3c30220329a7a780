/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/descriptors.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>

/* A console is written to with each flush; a character must not be cut in two by then. */
#define BUFFER_LEN 8192

/* What the console was like; others go on with it. A handler has no other way to it. */
static struct
{
  UINT code_page; /* 0: there is no console */
  DWORD output_mode;
  DWORD error_mode;
} before;

static void
restore_console (void)
{
  SetConsoleOutputCP (before.code_page);
  if (before.output_mode != 0)
    SetConsoleMode (GetStdHandle (STD_OUTPUT_HANDLE), before.output_mode);
  if (before.error_mode != 0)
    SetConsoleMode (GetStdHandle (STD_ERROR_HANDLE), before.error_mode);
}

/* The mode it had before; 0: it is no console. */
static DWORD
obey_sequences (DWORD number)
{
  HANDLE handle = GetStdHandle (number);
  DWORD mode = 0;

  if (GetConsoleMode (handle, &mode))
    SetConsoleMode (handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
  return mode;
}

/* The C library gives no numbers to streams that were closed: it does once a file takes
 * them. NUL for reading only, so that a lost result is noticed. */
static void
fill_gaps (void)
{
  FILE *const streams[] = { stdin, stdout, stderr };

  for (int fd = 0; fd <= 2; fd++)
    if ((HANDLE)_get_osfhandle (fd) == INVALID_HANDLE_VALUE || _fileno (streams[fd]) < 0)
      {
        int opened = _open ("NUL", _O_RDONLY | _O_BINARY);

        if (opened < 0)
          _exit (2);
        if (opened != fd)
          {
            _dup2 (opened, fd);
            _close (opened);
          }
      }
}

void
kh_descriptors_reserve (void)
{
  fill_gaps ();
  _setmode (0, _O_BINARY);
  _setmode (1, _O_BINARY);
  _setmode (2, _O_BINARY);
  setvbuf (stdout, NULL, _IOFBF, BUFFER_LEN);
  setvbuf (stderr, NULL, _IOFBF, BUFFER_LEN);
  before.code_page = GetConsoleOutputCP ();
  if (before.code_page == 0)
    return;
  SetConsoleOutputCP (CP_UTF8);
  before.output_mode = obey_sequences (STD_OUTPUT_HANDLE);
  before.error_mode = obey_sequences (STD_ERROR_HANDLE);
  atexit (restore_console);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/output.h"

#include "cli/json.h"
#include "cli/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BOLD "\033[1m"
#define GREY "\033[2m"
#define RED "\033[1;31m"
#define PLAIN "\033[0m"
#define CLEAR_LINE "\r\033[K"

struct _KhOutput
{
  gboolean json;
  gboolean closed;
  gboolean result_terminal;
  gboolean note_terminal;
  gboolean input_terminal;
  gboolean result_colours;
  gboolean note_colours;
  gboolean status_shown;
  char *question; /* Owned: the last line of the one that waits, or NULL */
};

static void
hide_status (KhOutput *self)
{
  if (!self->status_shown && self->question == NULL)
    return;
  fputs (CLEAR_LINE, stderr);
  fflush (stderr);
  self->status_shown = FALSE;
}

static void
show_question (KhOutput *self)
{
  if (self->question == NULL)
    return;
  fputs (self->question, stderr);
  fflush (stderr);
}

static void
print_note (KhOutput *self, const char *colour, const char *label, const char *line)
{
  hide_status (self);
  if (self->closed)
    return;
  if (self->note_colours && *colour != '\0')
    fprintf (stderr, "%s%s%s%s\n", colour, label, line, PLAIN);
  else
    fprintf (stderr, "%s%s\n", label, line);
  fflush (stderr);
  show_question (self);
}

/* That nobody reads any more is no fault: `| head` does that. */
static void
close_output (KhOutput *self, int error)
{
  g_autofree char *reason = NULL;

  if (error == EPIPE)
    clearerr (stdout);
  else
    {
      reason
          = g_strdup_printf ("standard output can't be written: %s", g_strerror (error));
      print_note (self, RED, "knothole-cli: ", reason);
    }
  self->closed = TRUE;
}

static void
print_result (KhOutput *self, const char *line)
{
  if (self->result_terminal)
    hide_status (self);
  if (self->closed)
    return;
  if (fputs (line, stdout) < 0 || putc ('\n', stdout) < 0 || fflush (stdout) != 0)
    close_output (self, errno);
  if (self->result_terminal)
    show_question (self);
}

KhOutput *
kh_output_new (gboolean json)
{
  KhOutput *self = g_new0 (KhOutput, 1);

  self->json = json;
  self->result_terminal = kh_terminal_is_one (KH_TERMINAL_OUTPUT);
  self->note_terminal = kh_terminal_is_one (KH_TERMINAL_ERROR);
  self->input_terminal = kh_terminal_is_one (KH_TERMINAL_INPUT);
  self->result_colours = kh_terminal_has_colours (KH_TERMINAL_OUTPUT);
  self->note_colours = kh_terminal_has_colours (KH_TERMINAL_ERROR);
  return self;
}

void
kh_output_free (KhOutput *self)
{
  hide_status (self);
  g_free (self->question);
  g_free (self);
}

gboolean
kh_output_is_json (const KhOutput *self)
{
  return self->json;
}

gboolean
kh_output_is_closed (const KhOutput *self)
{
  return self->closed;
}

void
kh_output_drop (KhOutput *self)
{
  hide_status (self);
  self->closed = TRUE;
}

gboolean
kh_output_has_person (const KhOutput *self)
{
  return !self->json && self->input_terminal && self->note_terminal;
}

void
kh_output_result (KhOutput *self, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list rest;

  if (self->json)
    return;
  va_start (rest, format);
  line = g_strdup_vprintf (format, rest);
  va_end (rest);
  print_result (self, line);
}

void
kh_output_note (KhOutput *self, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list rest;

  if (self->json)
    return;
  va_start (rest, format);
  line = g_strdup_vprintf (format, rest);
  va_end (rest);
  print_note (self, "", "", line);
}

void
kh_output_detail (KhOutput *self, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list rest;

  if (self->json)
    return;
  va_start (rest, format);
  line = g_strdup_vprintf (format, rest);
  va_end (rest);
  print_note (self, GREY, "", line);
}

void
kh_output_warn (KhOutput *self, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list rest;

  va_start (rest, format);
  line = g_strdup_vprintf (format, rest);
  va_end (rest);
  print_note (self, BOLD, "knothole-cli: ", line);
}

void
kh_output_error (KhOutput *self, KhStatus status, const char *message)
{
  kh_output_take_error (self, message, kh_json_error (status, message));
}

void
kh_output_take_error (KhOutput *self, const char *message, char *line)
{
  print_note (self, RED, "knothole-cli: ", message);
  kh_output_take_json (self, line);
}

void
kh_output_take_json (KhOutput *self, char *line)
{
  if (self->json && line != NULL)
    print_result (self, line);
  g_free (line);
}

void
kh_output_ask (KhOutput *self, const char *question)
{
  const char *last_line = strrchr (question, '\n');

  hide_status (self);
  fprintf (stderr, "%s ", question);
  fflush (stderr);
  g_free (self->question);
  self->question = g_strdup_printf ("%s ", last_line != NULL ? last_line + 1 : question);
}

void
kh_output_answered (KhOutput *self)
{
  g_clear_pointer (&self->question, g_free);
}

char *
kh_output_bold (const KhOutput *self, const char *text)
{
  if (!self->result_colours)
    return g_strdup (text);
  return g_strconcat (BOLD, text, PLAIN, NULL);
}

guint
kh_output_status_width (const KhOutput *self)
{
  /* In the last column some terminals go on in the next line. */
  return self->json || !self->note_terminal ? 0
                                            : kh_terminal_width (KH_TERMINAL_ERROR) - 1;
}

void
kh_output_set_status (KhOutput *self, const char *status)
{
  if (self->question != NULL)
    return;
  hide_status (self);
  if (status == NULL || kh_output_status_width (self) == 0)
    return;
  fputs (status, stderr);
  fflush (stderr);
  self->status_shown = TRUE;
}

KhStatus
kh_output_finish (KhStatus status)
{
  return ferror (stdout) ? KH_STATUS_USAGE : status;
}

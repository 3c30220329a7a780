/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/standard-input.h"
#include "server/own-address.h"

#include <string.h>

/* The same number on every system. */
#define STANDARD_INPUT 0

static void
take_line (KhService *service, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 4);
  KhEndpoint outside;
  guint64 port;

  if (g_strcmp0 (words[0], "outside") != 0)
    return;
  if (words[1] == NULL)
    kh_own_address_set_outside (service, NULL);
  else if (g_strv_length (words) == 3
           && g_ascii_string_to_unsigned (words[2], 10, 1, G_MAXUINT16, &port, NULL)
           && kh_endpoint_parse_address (&outside, words[1], strlen (words[1]),
                                         (guint16)port)
           && outside.family == 4 && kh_endpoint_kind (&outside) == KH_ENDPOINT_GLOBAL)
    kh_own_address_set_outside (service, &outside);
}

void
kh_standard_input_take (KhService *service, const char *bytes, gsize len)
{
  for (gsize i = 0; i < len; i++)
    if (bytes[i] == '\n')
      {
        service->line[MIN (service->line_len, KH_STANDARD_INPUT_LINE_MAX)] = '\0';
        if (service->line_len <= KH_STANDARD_INPUT_LINE_MAX)
          take_line (service, service->line);
        service->line_len = 0;
      }
    else if (service->line_len < KH_STANDARD_INPUT_LINE_MAX)
      service->line[service->line_len++] = bytes[i];
    else
      service->line_len = KH_STANDARD_INPUT_LINE_MAX + 1; /* too long: dropped whole */
}

static void
on_read (uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
  if (n >= 0)
    {
      kh_standard_input_take (stream->loop->data, buffer->base, (gsize)n);
      return;
    }
  uv_read_stop (stream);
  kh_service_end (stream->loop->data);
}

static gboolean
fail (GError **error, const char *why)
{
  g_set_error (error, KH_OPTIONS_ERROR, KH_OPTIONS_ERROR_USAGE,
               "--until-eof needs a pipe as standard input: %s.", why);
  return FALSE;
}

gboolean
kh_standard_input_watch (KhService *service, GError **error)
{
  uv_pipe_t *pipe = &service->standard_input;
  int status;

  if (uv_guess_handle (STANDARD_INPUT) != UV_NAMED_PIPE)
    return fail (error, "it is something else");
  status = uv_pipe_init (&service->loop, pipe, 0);
  if (status == 0)
    status = uv_pipe_open (pipe, STANDARD_INPUT);
  if (status == 0)
    status = uv_read_start ((uv_stream_t *)pipe, kh_service_allocate, on_read);
  if (status != 0)
    return fail (error, uv_strerror (status));
  uv_unref ((uv_handle_t *)pipe);
  return TRUE;
}

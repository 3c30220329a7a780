/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/standard-input.h"

#include <unistd.h>

static void
on_read (uv_stream_t *stream, ssize_t n, G_GNUC_UNUSED const uv_buf_t *buffer)
{
  if (n >= 0)
    return;
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

  if (uv_guess_handle (STDIN_FILENO) != UV_NAMED_PIPE)
    return fail (error, "it is something else");
  status = uv_pipe_init (&service->loop, pipe, 0);
  if (status == 0)
    status = uv_pipe_open (pipe, STDIN_FILENO);
  if (status == 0)
    status = uv_read_start ((uv_stream_t *)pipe, kh_service_allocate, on_read);
  if (status != 0)
    return fail (error, uv_strerror (status));
  uv_unref ((uv_handle_t *)pipe);
  return TRUE;
}

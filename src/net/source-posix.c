/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/source.h"

GSource *
kh_source_watch (GSocket *socket, GIOCondition condition, GSocketSourceFunc callback,
                 gpointer data)
{
  GSource *source = g_socket_create_source (socket, condition, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (callback), data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

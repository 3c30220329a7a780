/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/source.h"

static GSource *
attach (GSource *source, GSourceFunc callback, gpointer data)
{
  g_source_set_callback (source, callback, data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  return source;
}

GSource *
kh_source_after (guint delay_ms, GSourceFunc callback, gpointer data)
{
  return attach (g_timeout_source_new (delay_ms), callback, data);
}

GSource *
kh_source_at (gint64 at_us, GSourceFunc callback, gpointer data)
{
  GSource *source = g_timeout_source_new (0);

  g_source_set_ready_time (source, MAX (at_us, 0));
  return attach (source, callback, data);
}

void
kh_source_clear (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

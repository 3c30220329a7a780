/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/network-watch.h"

#include <gio/gio.h>

/* Addresses and routes come one after the other. */
#define SETTLE_MS 300

/* The monotonic clock stands still while a computer sleeps, the other one does not. */
#define LOOK_S 5
#define SLEPT_US (G_GINT64_CONSTANT (10) * G_USEC_PER_SEC)

struct _KhNetworkWatch
{
  /* Borrowed */
  void (*changed) (gpointer data);
  gpointer data;
  GNetworkMonitor *monitor;

  /* State */
  gulong handler;
  guint settle_source;
  guint look_source;
  gint64 ahead_us; /* of the real clock, before the monotonic one */
};

static gboolean
on_settled (gpointer data)
{
  KhNetworkWatch *self = data;

  self->settle_source = 0;
  self->changed (self->data);
  return G_SOURCE_REMOVE;
}

static void
on_network_changed (GNetworkMonitor *monitor, gboolean available, gpointer data)
{
  KhNetworkWatch *self = data;

  /* Not later with each of them: there may be no end to them. */
  if (self->settle_source == 0)
    self->settle_source = g_timeout_add (SETTLE_MS, on_settled, self);
}

static gint64
how_far_ahead_us (void)
{
  return g_get_real_time () - g_get_monotonic_time ();
}

static gboolean
on_look (gpointer data)
{
  KhNetworkWatch *self = data;
  gint64 ahead_us = how_far_ahead_us ();
  gboolean slept = ahead_us - self->ahead_us > SLEPT_US;

  self->ahead_us = ahead_us;
  if (slept)
    on_network_changed (self->monitor, TRUE, self);
  return G_SOURCE_CONTINUE;
}

KhNetworkWatch *
kh_network_watch_new (void (*changed) (gpointer data), gpointer data)
{
  KhNetworkWatch *self = g_new0 (KhNetworkWatch, 1);

  self->changed = changed;
  self->data = data;
  self->monitor = g_network_monitor_get_default ();
  self->handler = g_signal_connect (self->monitor, "network-changed",
                                    G_CALLBACK (on_network_changed), self);
  self->ahead_us = how_far_ahead_us ();
  self->look_source = g_timeout_add_seconds (LOOK_S, on_look, self);
  return self;
}

void
kh_network_watch_free (KhNetworkWatch *self)
{
  g_signal_handler_disconnect (self->monitor, self->handler);
  g_clear_handle_id (&self->settle_source, g_source_remove);
  g_clear_handle_id (&self->look_source, g_source_remove);
  g_free (self);
}

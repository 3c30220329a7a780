/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/application-private.h"

#include "app/hosting.h"
#include "app/portal.h"
#include "app/ways.h"

/* What peers, server and disk get to hear the goodbye: the client itself waits two
 * seconds at most. */
#define CLOSE_MS 2800

/* --- Opening -------------------------------------------------------------------------
 */

static void
go_online (KhApplication *self)
{
  const char *setting = kh_client_get_setting (self->client, "app-appear-offline");
  gboolean offline = g_strcmp0 (setting, "yes") == 0;
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "appear-offline");

  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (offline));
  if (!offline && kh_client_get_server_state (self->client) != KH_SERVER_NONE)
    kh_client_go_online (self->client);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhApplication) self = data;
  g_autoptr (GError) error = NULL;
  KhClient *client = kh_client_open_finish (result, &error);
  KhReach reach;

  self->opening = FALSE;
  g_application_release (G_APPLICATION (self));
  g_clear_handle_id (&self->slow_opening, g_source_remove);
  if (client == NULL)
    {
      g_set_error_literal (&self->failure, error->domain, error->code, error->message);
      if (self->window != NULL)
        kh_window_show_failure (self->window, self->failure, self->data_dir);
      return;
    }
  self->client = client;
  kh_ways_read (client, &reach);
  kh_client_set_reach (client, &reach);
  self->people = kh_people_new (client);
  kh_hosting_attach (self->meeting_point, client);
  self->notifier = kh_notifier_new (self);
  kh_application_watch_transfers (self);
  if (self->window != NULL)
    kh_window_ready (self->window);
  go_online (self);
  kh_application_open_waiting_links (self);
}

static gboolean
on_slow_opening (gpointer data)
{
  KhApplication *self = data;

  self->slow_opening = 0;
  if (self->window != NULL)
    kh_window_show_opening (self->window);
  return G_SOURCE_REMOVE;
}

void
kh_application_open_client (KhApplication *self)
{
  KhClientOptions options = {
    .data_dir = self->data_dir,
    .holder = "knothole",
    .consent = KH_CONSENT_ASK,
    .resume = KH_RESUME_ALL,
    .has_window = TRUE,
    .may_wait = TRUE,
    .asks_folder = kh_portal_is_sandboxed (),
  };

  if (self->opening || self->ending)
    return;
  self->opening = TRUE;
  g_clear_error (&self->failure);
  g_application_hold (G_APPLICATION (self));
  /* Where the disk takes long, a window says so; mostly it does not. */
  self->slow_opening = g_timeout_add (400, on_slow_opening, self);
  kh_client_open_async (&options, NULL, on_opened, g_object_ref (self));
}

/* --- Closing -------------------------------------------------------------------------
 */

/* What hangs on the client goes before it. */
static KhClient *
detach_client (KhApplication *self)
{
  if (self->window != NULL)
    kh_window_clear (self->window);
  g_clear_object (&self->notifier);
  g_clear_object (&self->people);
  return g_steal_pointer (&self->client);
}

static gboolean
on_end_too_late (gpointer data)
{
  g_application_quit (G_APPLICATION (data));
  return G_SOURCE_REMOVE;
}

static void
on_closed_to_end (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhApplication) self = data;

  kh_client_close_finish (KH_CLIENT (client), result);
  g_application_quit (G_APPLICATION (self));
}

void
kh_application_end (KhApplication *self)
{
  g_autoptr (KhClient) client = NULL;

  if (self->ending)
    return;
  self->ending = TRUE;
  if (self->window != NULL)
    {
      kh_window_keep_state (self->window);
      gtk_widget_set_visible (GTK_WIDGET (self->window), FALSE);
    }
  kh_meeting_point_stop (self->meeting_point);
  client = detach_client (self);
  if (client == NULL)
    {
      g_application_quit (G_APPLICATION (self));
      return;
    }
  g_application_hold (G_APPLICATION (self));
  g_timeout_add (CLOSE_MS, on_end_too_late, self);
  kh_client_close_async (client, on_closed_to_end, g_object_ref (self));
}

/* --- Without a client for a while ----------------------------------------------------
 */

static void
on_closed (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;

  kh_client_close_finish (KH_CLIENT (client), result);
  g_task_return_boolean (task, TRUE);
}

void
kh_application_close_client_async (KhApplication *self, GAsyncReadyCallback callback,
                                   gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);
  g_autoptr (KhClient) client = detach_client (self);

  if (client == NULL)
    g_task_return_boolean (task, TRUE);
  else
    kh_client_close_async (client, on_closed, g_steal_pointer (&task));
}

void
kh_application_close_client_finish (KhApplication *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));
  g_task_propagate_boolean (G_TASK (result), NULL);
}

void
kh_application_reopen (KhApplication *self)
{
  if (self->client == NULL)
    kh_application_open_client (self);
}

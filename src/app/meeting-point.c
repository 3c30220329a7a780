/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/meeting-point.h"
#include "app/child.h"
#include "app/own-network.h"
#include "app/own-program.h"
#include "core/types.h"

#include <glib/gi18n.h>
#include <string.h>

struct _KhMeetingPoint
{
  GObject parent_instance;

  /* Owned */
  char *data_dir;
  KhChild *process; /* until its end has been seen */
  GDataInputStream *output;
  GDataInputStream *errors;
  char *last_error; /* the last line that it said */
  char *address;
  char *problem;
  char *outside; /* the line that the child is to know; NULL: none */

  /* State */
  KhMeetingPointState state;
  KhAddress printed; /* as the child says it; no host: it has not yet */
  gboolean ending;   /* the process was told to */
  gboolean watches_network;
};

enum
{
  PROP_STATE = 1,
  PROP_ADDRESS,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (KhMeetingPoint, kh_meeting_point, G_TYPE_OBJECT)

static void launch (KhMeetingPoint *self);

static void
set_state (KhMeetingPoint *self, KhMeetingPointState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

static void
fail (KhMeetingPoint *self, const char *problem)
{
  g_free (self->problem);
  self->problem = g_strdup (problem);
  set_state (self, KH_MEETING_POINT_FAILED);
}

/* --- What it is told ------------------------------------------------------------------
 */

/* The window never waits for the child: a line fits, unless it reads nothing any more. */
static void
tell_outside (KhMeetingPoint *self)
{
  const char *line = self->outside != NULL ? self->outside : "outside\n";
  g_autoptr (GError) error = NULL;

  if (self->process == NULL || self->ending)
    return;
  if (!kh_child_tell (self->process, line, &error))
    g_debug ("The meeting point was not told of the router: %s", error->message);
}

void
kh_meeting_point_set_outside (KhMeetingPoint *self, const char *address,
                              guint16 assist_port)
{
  g_autofree char *line = address != NULL
                              ? g_strdup_printf ("outside %s %u\n", address, assist_port)
                              : NULL;

  if (g_strcmp0 (line, self->outside) == 0)
    return;
  g_free (self->outside);
  self->outside = g_steal_pointer (&line);
  tell_outside (self);
}

/* --- Its address ---------------------------------------------------------------------
 */

static void
update_address (KhMeetingPoint *self)
{
  KhAddress address = self->printed;
  g_autofree char *host = kh_own_network_address ();
  char text[KH_ADDRESS_TEXT_MAX];

  if (*address.host == '\0')
    return;
  if (host != NULL)
    g_strlcpy (address.host, host, sizeof address.host);
  kh_address_to_text (&address, text, sizeof text);
  if (g_strcmp0 (text, self->address) == 0)
    return;
  g_free (self->address);
  self->address = g_strdup (text);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ADDRESS]);
}

static void
forget_address (KhMeetingPoint *self)
{
  memset (&self->printed, 0, sizeof self->printed);
  if (self->address == NULL)
    return;
  g_clear_pointer (&self->address, g_free);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ADDRESS]);
}

/* Not before there is an address: making the monitor takes a while. */
static void
watch_network (KhMeetingPoint *self)
{
  if (self->watches_network)
    return;
  self->watches_network = TRUE;
  g_signal_connect_object (g_network_monitor_get_default (), "network-changed",
                           G_CALLBACK (update_address), self, G_CONNECT_SWAPPED);
}

static void
on_address_printed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhMeetingPoint) self = data;
  g_autofree char *line = g_data_input_stream_read_line_finish (
      G_DATA_INPUT_STREAM (source), result, NULL, NULL);

  if (line == NULL || G_DATA_INPUT_STREAM (source) != self->output || self->ending)
    return;
  if (kh_address_parse (line, &self->printed) != KH_ADDRESS_OK)
    return;
  watch_network (self);
  update_address (self);
  set_state (self, KH_MEETING_POINT_ON);
}

/* --- Its end -------------------------------------------------------------------------
 */

/* The server speaks English to whoever runs it; what a person can do something about is
 * said here in their words. */
static void
explain_end (KhMeetingPoint *self)
{
  const char *said = self->last_error != NULL ? self->last_error : "";
  g_autofree char *text = NULL;

  if (strstr (said, "in use by another program") != NULL)
    text = g_strdup_printf (_ ("The ports %d and %d of this computer are in use, perhaps "
                               "by another Knothole that hosts a meeting point. Close "
                               "that program, then try again."),
                            KH_MEETING_POINT_MAIN_PORT, KH_MEETING_POINT_ASSIST_PORT);
  else if (self->state == KH_MEETING_POINT_ON)
    /* Translators: %s is what the server said last, in English; it may be empty. */
    text = g_strdup_printf (_ ("The meeting point has stopped by itself. Start it again. "
                               "(%s)"),
                            said);
  else
    /* Translators: %s is what the server said, in English; it may be empty. */
    text = g_strdup_printf (_ ("The meeting point did not start. (%s)"), said);
  fail (self, text);
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhMeetingPoint) self = data;

  kh_child_wait_finish (KH_CHILD (source), result);
  if (KH_CHILD (source) != self->process)
    return;
  g_clear_object (&self->process);
  g_clear_object (&self->output);
  g_clear_object (&self->errors);
  forget_address (self);
  if (self->ending && self->state == KH_MEETING_POINT_STARTING)
    launch (self); /* it was wanted again meanwhile */
  else if (!self->ending)
    explain_end (self);
}

static void read_errors (KhMeetingPoint *self);

static void
on_error_line (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhMeetingPoint) self = data;
  g_autofree char *line = g_data_input_stream_read_line_finish (
      G_DATA_INPUT_STREAM (source), result, NULL, NULL);

  if (G_DATA_INPUT_STREAM (source) != self->errors)
    return;
  if (line == NULL)
    {
      /* All that it said has been read before its end is explained. */
      kh_child_wait_async (self->process, on_ended, g_object_ref (self));
      return;
    }
  g_free (self->last_error);
  self->last_error = g_utf8_make_valid (line, -1);
  read_errors (self);
}

static void
read_errors (KhMeetingPoint *self)
{
  g_data_input_stream_read_line_async (self->errors, G_PRIORITY_DEFAULT, NULL,
                                       on_error_line, g_object_ref (self));
}

/* --- Its beginning -------------------------------------------------------------------
 */

static char *
find_program (void)
{
  const char *given = g_getenv ("KNOTHOLE_SERVER");

  if (given != NULL && *given != '\0')
    return g_strdup (given);
  return kh_own_program_find ("knothole-server");
}

static void
launch (KhMeetingPoint *self)
{
  g_autofree char *program = find_program ();
  g_autoptr (GError) error = NULL;

  self->ending = FALSE;
  g_clear_pointer (&self->last_error, g_free);
  if (program == NULL)
    {
      fail (self, _ ("The program knothole-server was not found. Install it beside "
                     "Knothole."));
      return;
    }
  /* The pipe to its standard input is what ends it with this program. */
  self->process = kh_child_start (
      (const char *[]){ program, "--until-eof", "--data-dir", self->data_dir, NULL },
      &error);
  if (self->process == NULL)
    {
      g_autofree char *text
          = g_strdup_printf (_ ("The meeting point did not start. (%s)"), error->message);

      fail (self, text);
      return;
    }
  self->output = g_data_input_stream_new (kh_child_get_output (self->process));
  self->errors = g_data_input_stream_new (kh_child_get_errors (self->process));
  g_data_input_stream_read_line_async (self->output, G_PRIORITY_DEFAULT, NULL,
                                       on_address_printed, g_object_ref (self));
  read_errors (self);
  if (self->outside != NULL)
    tell_outside (self);
}

/* --- The object ----------------------------------------------------------------------
 */

static void
kh_meeting_point_finalize (GObject *object)
{
  KhMeetingPoint *self = KH_MEETING_POINT (object);

  g_assert (self->process == NULL);
  g_free (self->data_dir);
  g_free (self->last_error);
  g_free (self->address);
  g_free (self->problem);
  g_free (self->outside);
  G_OBJECT_CLASS (kh_meeting_point_parent_class)->finalize (object);
}

static void
kh_meeting_point_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  KhMeetingPoint *self = KH_MEETING_POINT (object);

  if (id == PROP_STATE)
    g_value_set_int (value, self->state);
  else if (id == PROP_ADDRESS)
    g_value_set_string (value, self->address);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
kh_meeting_point_class_init (KhMeetingPointClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = kh_meeting_point_finalize;
  object_class->get_property = kh_meeting_point_get_property;

  properties[PROP_STATE] = g_param_spec_int (
      "state", NULL, NULL, KH_MEETING_POINT_OFF, KH_MEETING_POINT_FAILED,
      KH_MEETING_POINT_OFF, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_ADDRESS] = g_param_spec_string (
      "address", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
kh_meeting_point_init (KhMeetingPoint *self)
{
}

KhMeetingPoint *
kh_meeting_point_new (const char *data_dir)
{
  KhMeetingPoint *self = g_object_new (KH_TYPE_MEETING_POINT, NULL);

  self->data_dir = g_build_filename (data_dir, "meeting-point", NULL);
  return self;
}

void
kh_meeting_point_start (KhMeetingPoint *self)
{
  if (self->state == KH_MEETING_POINT_STARTING || self->state == KH_MEETING_POINT_ON)
    return;
  g_clear_pointer (&self->problem, g_free);
  set_state (self, KH_MEETING_POINT_STARTING);
  /* One that is still ending has the ports. */
  if (self->process == NULL)
    launch (self);
}

void
kh_meeting_point_stop (KhMeetingPoint *self)
{
  if (self->process != NULL)
    {
      self->ending = TRUE;
      kh_child_end (self->process);
    }
  g_clear_pointer (&self->problem, g_free);
  forget_address (self);
  set_state (self, KH_MEETING_POINT_OFF);
}

KhMeetingPointState
kh_meeting_point_get_state (KhMeetingPoint *self)
{
  return self->state;
}

const char *
kh_meeting_point_get_address (KhMeetingPoint *self)
{
  return self->address;
}

const char *
kh_meeting_point_get_problem (KhMeetingPoint *self)
{
  return self->problem;
}

gboolean
kh_meeting_point_is_at (KhMeetingPoint *self, const char *address)
{
  KhAddress other;

  return self->address != NULL && address != NULL
         && kh_address_parse (address, &other) == KH_ADDRESS_OK && other.has_key
         && memcmp (other.key, self->printed.key, sizeof other.key) == 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tour.c - Knothole that goes through its own pages, and says what does not fit on them.
 *
 * As knothole, with its options, but for two environment variables: TOUR, which tour it
 * is
 * ("people": of who knows one person at least, who is online; "screenshots": the same and
 * one page more; "first-run": of a new data folder), and TOUR_FOLDER, where it leaves a
 * picture of every page. Every page is seen 1,000 and 360 pixels wide. Prints a line of
 * JSON for each thing that does not fit:
 *
 *   {"page": "preferences", "width": 360, "how": "ellipsized", "what": "Some text"}
 *
 * and {"page": …, "width": …} before them, for each page. Ends with 0 when it has come to
 * the end, whatever it has found.
 */
#include "app/application.h"
#include "app/dialogs.h"
#include "app/safety-text.h"
#include "app/window.h"
#include "fits.h"

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <locale.h>

#define WIDE 1000
#define NARROW 360
#define WIDE_HEIGHT 700
#define NARROW_HEIGHT 640
/* A busy machine: what comes comes sooner. */
#define LONGEST_S 60
#define LOOK_AGAIN_MS 20
/* After a change: one that hears of it, one that lays it out, one that shows it. */
#define FRAMES 3

typedef struct
{
  GApplication *application;
  GtkWindow *main;
  const char *folder;
  int width;
  const char *page; /* that is looked at */
} Tour;

typedef struct
{
  GtkWindow *window;
  const char *text;
  int number;
} Wish;

typedef gboolean (*Holds) (Tour *self, Wish *wish);

static gboolean
keep_looking (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* FALSE while there is nothing to be seen of it: it is being drawn anew. */
static gboolean
take_picture (Tour *self, Wish *wish)
{
  GtkWidget *window = GTK_WIDGET (wish->window);
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (window);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree char *path
      = g_strdup_printf ("%s/%s-%d.png", self->folder, self->page, self->width);

  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (window),
                          gtk_widget_get_height (window));
  node = gtk_snapshot_free_to_node (snapshot);
  if (node == NULL)
    return FALSE;
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)),
                                         node, NULL);
  if (!gdk_texture_save_to_png (texture, path))
    g_error ("%s can't be written", path);
  return TRUE;
}

static void
wait_until (Tour *self, Holds holds, Wish *wish)
{
  gint64 end_us = g_get_monotonic_time () + LONGEST_S * G_USEC_PER_SEC;
  guint source = g_timeout_add (LOOK_AGAIN_MS, keep_looking, NULL);

  while (!holds (self, wish))
    {
      g_main_context_iteration (NULL, TRUE);
      if (g_get_monotonic_time () < end_us)
        continue;
      take_picture (self, &(Wish){ .window = self->main });
      g_error ("%s, %d pixels: waited in vain for %s%s", self->page, self->width,
               wish->text,
               wish->window != NULL ? gtk_window_get_title (wish->window) : "");
    }
  g_source_remove (source);
}

/* --- Finding ------------------------------------------------------------------------ */

typedef gboolean (*Is) (GtkWidget *widget, const char *text);

static GtkWidget *
find (GtkWidget *widget, Is is, const char *text)
{
  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (is (widget, text))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, is, text);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
is_label (GtkWidget *widget, const char *text)
{
  return GTK_IS_LABEL (widget)
         && g_strcmp0 (gtk_label_get_text (GTK_LABEL (widget)), text) == 0;
}

static gboolean
is_label_with (GtkWidget *widget, const char *text)
{
  return GTK_IS_LABEL (widget)
         && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL;
}

static gboolean
is_of_type (GtkWidget *widget, const char *text)
{
  return g_strcmp0 (G_OBJECT_TYPE_NAME (widget), text) == 0;
}

static gboolean
is_button_of (GtkWidget *widget, const char *text)
{
  return GTK_IS_BUTTON (widget) && is_of_type (gtk_widget_get_parent (widget), text);
}

static gboolean
shows_label (Tour *self, Wish *wish)
{
  return find (GTK_WIDGET (wish->window), is_label, wish->text) != NULL;
}

static gboolean
shows_type (Tour *self, Wish *wish)
{
  return find (GTK_WIDGET (wish->window), is_of_type, wish->text) != NULL;
}

static void
wait_for_label (Tour *self, GtkWindow *window, const char *text)
{
  wait_until (self, shows_label, &(Wish){ window, text });
}

static void
wait_for_type (Tour *self, GtkWindow *window, const char *type)
{
  wait_until (self, shows_type, &(Wish){ window, type });
}

/* @widget, or the button around it. */
static void
press_at (GtkWidget *widget)
{
  while (!GTK_IS_BUTTON (widget) && gtk_widget_get_parent (widget) != NULL)
    widget = gtk_widget_get_parent (widget);
  g_signal_emit_by_name (widget, "clicked");
}

static gboolean
shows_button (Tour *self, Wish *wish)
{
  return find (GTK_WIDGET (wish->window), is_button_of, wish->text) != NULL;
}

/* --- Looking ------------------------------------------------------------------------ */

static void
print (Tour *self, const char *how, const char *what)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *line = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "page");
  json_builder_add_string_value (builder, self->page);
  json_builder_set_member_name (builder, "width");
  json_builder_add_int_value (builder, self->width);
  if (how != NULL)
    {
      json_builder_set_member_name (builder, "how");
      json_builder_add_string_value (builder, how);
      json_builder_set_member_name (builder, "what");
      json_builder_add_string_value (builder, what);
    }
  json_builder_end_object (builder);
  node = json_builder_get_root (builder);
  line = json_to_string (node, FALSE);
  g_print ("%s\n", line);
}

static void
on_found (const char *how, const char *what, gpointer data)
{
  print (data, how, what);
}

static gboolean
count_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  int *frames = data;

  (*frames)++;
  gtk_widget_queue_draw (widget);
  return G_SOURCE_CONTINUE;
}

static gboolean
has_drawn (Tour *self, Wish *wish)
{
  return wish->number >= FRAMES;
}

/* A window that was just opened gets the size that it had wanted before. */
static gboolean
has_width (Tour *self, Wish *wish)
{
  int minimum;

  gtk_window_set_default_size (wish->window, self->width,
                               self->width == NARROW ? NARROW_HEIGHT : WIDE_HEIGHT);
  gtk_widget_measure (GTK_WIDGET (wish->window), GTK_ORIENTATION_HORIZONTAL, -1, &minimum,
                      NULL, NULL, NULL);
  return gtk_widget_get_width (GTK_WIDGET (wish->window)) == MAX (self->width, minimum);
}

static void
settle (Tour *self, GtkWindow *window)
{
  Wish wish = { window, "frames" };
  guint tick = gtk_widget_add_tick_callback (GTK_WIDGET (window), count_frame,
                                             &wish.number, NULL);

  gtk_widget_queue_draw (GTK_WIDGET (window));
  wait_until (self, has_drawn, &wish);
  gtk_widget_remove_tick_callback (GTK_WIDGET (window), tick);
}

/* @window gets the size of the tour, if it is the main one or that is the narrow one:
 * dialogs have a width that they like. */
static void
resize (Tour *self, GtkWindow *window)
{
  if ((window == self->main || self->width == NARROW)
      && gtk_window_get_resizable (window))
    wait_until (self, has_width, &(Wish){ window, "the width of " });
}

static void
look_at (Tour *self, GtkWindow *window, const char *page)
{
  self->page = page;
  resize (self, window);
  settle (self, window);
  print (self, NULL, NULL);
  fits_look (window, self->width, on_found, self);
  wait_until (self, take_picture, &(Wish){ .window = window, .text = "a picture of " });
}

/* --- Dialogs ------------------------------------------------------------------------ */

static guint
count_windows (void)
{
  g_autoptr (GListModel) all = g_object_ref (gtk_window_get_toplevels ());
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (all, i);

      n += gtk_widget_get_mapped (window) ? 1 : 0;
    }
  return n;
}

static gboolean
has_windows (Tour *self, Wish *wish)
{
  return count_windows () == (guint)wish->number;
}

/* The one that was opened last and is none of @before. */
static GtkWindow *
newest_window (GtkWindow *before)
{
  GListModel *all = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (all, i);

      if (gtk_widget_get_mapped (GTK_WIDGET (window))
          && gtk_window_get_transient_for (window) == before)
        return window; /* GTK keeps it */
    }
  g_error ("no window stands over the one before");
}

static GtkWindow *
wait_for_dialog (Tour *self, GtkWindow *before, guint n_before)
{
  wait_until (self, has_windows, &(Wish){ NULL, "a dialog", (int)n_before + 1 });
  return newest_window (before);
}

static void
close_dialog (Tour *self, GtkWindow *dialog)
{
  guint n = count_windows ();

  gtk_window_close (dialog);
  wait_until (self, has_windows, &(Wish){ NULL, "a dialog to close", (int)n - 1 });
}

static gboolean
is_enabled (Tour *self, Wish *wish)
{
  GActionGroup *group = g_str_has_prefix (wish->text, "app.")
                            ? G_ACTION_GROUP (self->application)
                            : G_ACTION_GROUP (self->main);

  return g_action_group_get_action_enabled (group, wish->text + strlen ("app."));
}

static void
activate (Tour *self, const char *action)
{
  wait_until (self, is_enabled, &(Wish){ NULL, action });
  gtk_widget_activate_action (GTK_WIDGET (self->main), action, NULL);
}

static GtkWindow *
open_dialog (Tour *self, const char *action)
{
  guint n = count_windows ();

  self->page = action;
  activate (self, action);
  return wait_for_dialog (self, self->main, n);
}

static void
look_at_preferences (Tour *self)
{
  static const char *const names[]
      = { "preferences-1", "preferences-2", "preferences-3", "preferences-4" };
  GtkWindow *dialog = open_dialog (self, "app.preferences");
  GtkWidget *first = find (GTK_WIDGET (dialog), is_of_type, "KhServerPage");
  GtkWidget *page = first;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      adw_preferences_window_set_visible_page (ADW_PREFERENCES_WINDOW (dialog),
                                               ADW_PREFERENCES_PAGE (page));
      look_at (self, dialog, names[i]);
      page = gtk_widget_get_next_sibling (page);
    }
  close_dialog (self, dialog);
}

static void
look_at_reports (Tour *self)
{
  GtkWindow *dialog = open_dialog (self, "win.reports");
  GtkWindow *report;
  guint n = count_windows ();

  wait_for_type (self, dialog, "AdwActionRow");
  look_at (self, dialog, "reports");
  gtk_widget_activate (find (GTK_WIDGET (dialog), is_of_type, "AdwActionRow"));
  report = wait_for_dialog (self, dialog, n);
  look_at (self, report, "report");
  close_dialog (self, report);
  close_dialog (self, dialog);
}

static void
look_at_offer (Tour *self)
{
  guint n = count_windows ();
  GtkWindow *dialog;

  wait_for_label (self, self->main, _ ("Show All"));
  press_at (find (GTK_WIDGET (self->main), is_label, _ ("Show All")));
  dialog = wait_for_dialog (self, self->main, n);
  wait_for_label (self, dialog, "Soup");
  look_at (self, dialog, "offer");
  close_dialog (self, dialog);
}

static void
look_at_network (Tour *self)
{
  guint n = count_windows ();
  GtkWindow *dialog;

  wait_until (self, shows_button, &(Wish){ self->main, "KhNatBadge" });
  press_at (find (GTK_WIDGET (self->main), is_button_of, "KhNatBadge"));
  dialog = wait_for_dialog (self, self->main, n);
  look_at (self, dialog, "network");
  close_dialog (self, dialog);
}

/* Whichever of all pictures come: their names are as wide as a column at the most. */
static void
look_at_names_of_pictures (Tour *self, GtkWindow *dialog)
{
  GtkWidget *column = find (GTK_WIDGET (dialog), is_of_type, "GtkFlowBoxChild");
  GtkWidget *box = gtk_flow_box_child_get_child (GTK_FLOW_BOX_CHILD (column));
  GtkWidget *label = gtk_widget_get_last_child (box);
  g_autoptr (PangoLayout) layout
      = pango_layout_copy (gtk_label_get_layout (GTK_LABEL (label)));

  pango_layout_set_width (layout, gtk_widget_get_width (box) * PANGO_SCALE);
  for (guint i = 0; i < KH_SAFETY_TEXT_PICTURES; i++)
    {
      pango_layout_set_text (layout, kh_safety_text_name (i), -1);
      if (fits_is_broken (layout))
        print (self, "broken", kh_safety_text_name (i));
    }
}

static void
look_at_verify (Tour *self)
{
  GtkWindow *dialog = open_dialog (self, "win.verify-person");

  look_at (self, dialog, "verify");
  look_at_names_of_pictures (self, dialog);
  close_dialog (self, dialog);
}

static void
look_at_dialogs (Tour *self)
{
  static const char *const pages[][2] = {
    { "rename", "win.rename-person" }, { "block", "win.block-person" },
    { "forget", "win.forget-person" }, { "delete", "win.delete-history" },
    { "invite", "app.invite" },        { "backup", "app.backup" },
    { "restore", "app.restore" },      { "keys", "app.shortcuts" },
    { "about", "app.about" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      GtkWindow *dialog = open_dialog (self, pages[i][1]);

      look_at (self, dialog, pages[i][0]);
      close_dialog (self, dialog);
    }
}

/* --- Tours -------------------------------------------------------------------------- */

static GtkWidget *
find_in_strip (Tour *self, const char *text)
{
  GtkWidget *strip = find (GTK_WIDGET (self->main), is_of_type, "KhConnectionStrip");

  return strip != NULL ? find (strip, is_label, text) : NULL;
}

static gboolean
shows_no_strip (Tour *self, Wish *wish)
{
  return find (GTK_WIDGET (self->main), is_of_type, "KhConnectionStrip") == NULL;
}

static gboolean
has_call (Tour *self, Wish *wish)
{
  return find_in_strip (self, _ ("Direct connection")) != NULL
         || find_in_strip (self, _ ("Accept")) != NULL;
}

/* Who is called by somebody the first time is asked. */
static void
take_call (Tour *self)
{
  wait_until (self, has_call, &(Wish){ NULL, "a call" });
  if (find_in_strip (self, _ ("Accept")) != NULL)
    press_at (find_in_strip (self, _ ("Accept")));
  wait_for_label (self, self->main, _ ("Direct connection"));
}

static void
see_people (Tour *self)
{
  wait_for_label (self, self->main, "Bob");
  self->page = "people";
  resize (self, self->main);
  if (self->width == NARROW)
    {
      activate (self, "win.back");
      wait_for_type (self, self->main, "KhNatBadge");
      wait_until (self, shows_no_strip, &(Wish){ self->main, "the list in " });
    }
  look_at (self, self->main, "people");
  activate (self, "win.next-person");
  take_call (self);
  wait_for_label (self, self->main, _ ("Show All"));
  look_at (self, self->main, "conversation");
  look_at_offer (self);
  look_at_reports (self);
  look_at_verify (self);
  look_at_dialogs (self);
  look_at_preferences (self);
  activate (self, "win.back");
  look_at_network (self);
}

static gboolean
has_list_of_files (Tour *self, Wish *wish)
{
  return find (GTK_WIDGET (self->main), is_label_with, wish->text) != NULL;
}

/* A conversation as it looks when one has been connected for a while. */
static void
see_talk (Tour *self)
{
  self->width = WIDE;
  self->page = "talk";
  resize (self, self->main);
  activate (self, "win.next-person");
  wait_for_label (self, self->main, _ ("Show All"));
  wait_until (self, has_list_of_files, &(Wish){ NULL, "Cherry soup.odt" });
  look_at (self, self->main, "talk");
}

static void
see_first_run (Tour *self)
{
  wait_for_label (self, self->main, _ ("Welcome to Knothole"));
  look_at (self, self->main, "first-run");
}

static gboolean
go (gpointer data)
{
  Tour *self = data;
  gboolean is_first = g_strcmp0 (g_getenv ("TOUR"), "first-run") == 0;
  static const int widths[] = { WIDE, NARROW };

  self->page = "start";
  for (gsize i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      self->width = widths[i];
      if (is_first)
        see_first_run (self);
      else
        see_people (self);
    }
  if (g_strcmp0 (g_getenv ("TOUR"), "screenshots") == 0)
    see_talk (self);
  kh_application_end (KH_APPLICATION (self->application));
  return G_SOURCE_REMOVE;
}

static void
on_window_added (Tour *self, GtkWindow *window)
{
  if (self->main == NULL && KH_IS_WINDOW (window))
    {
      self->main = window;
      g_idle_add (go, self);
    }
}

int
main (int argc, char *argv[])
{
  g_autoptr (KhApplication) application = NULL;
  Tour tour = { .folder = g_getenv ("TOUR_FOLDER") };

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, g_getenv ("KNOTHOLE_LOCALEDIR"));
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name (_ ("Knothole"));

  application = kh_application_new ();
  tour.application = G_APPLICATION (application);
  g_signal_connect_swapped (application, "window-added", G_CALLBACK (on_window_added),
                            &tour);
  return g_application_run (G_APPLICATION (application), argc, argv);
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * empty-window.c - an empty libadwaita window: what the window of Knothole is measured
 * against.
 *
 * KNOTHOLE_FRAME_LOG=FILE: writes "first-paint CPU_US" there once the first frame has
 * been painted, as knothole does.
 */
#include <adwaita.h>

#include <stdio.h>
#include <time.h>

static void
on_after_paint (GdkFrameClock *clock, gpointer data)
{
  const char *path = g_getenv ("KNOTHOLE_FRAME_LOG");
  struct timespec cpu;
  FILE *file = path != NULL ? fopen (path, "w") : NULL;

  g_signal_handlers_disconnect_by_func (clock, on_after_paint, data);
  if (file == NULL)
    return;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &cpu);
  fprintf (file, "first-paint %lld\n",
           (long long)cpu.tv_sec * 1000000 + cpu.tv_nsec / 1000);
  fclose (file);
}

static void
on_realize (GtkWidget *window, gpointer data)
{
  g_signal_connect (gtk_widget_get_frame_clock (window), "after-paint",
                    G_CALLBACK (on_after_paint), NULL);
}

static void
activate (GApplication *application, gpointer data)
{
  GtkWidget *window = adw_application_window_new (GTK_APPLICATION (application));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), box);
  gtk_window_set_title (GTK_WINDOW (window), "Empty");
  gtk_window_set_default_size (GTK_WINDOW (window), 1000, 700);
  g_signal_connect (window, "realize", G_CALLBACK (on_realize), NULL);
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char *argv[])
{
  g_autoptr (AdwApplication) application
      = adw_application_new ("io.github.knothole.EmptyWindow", G_APPLICATION_NON_UNIQUE);

  g_signal_connect (application, "activate", G_CALLBACK (activate), NULL);
  return g_application_run (G_APPLICATION (application), argc, argv);
}

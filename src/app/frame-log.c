/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/frame-log.h"

#include <stdio.h>
#include <time.h>

static void
on_after_paint (GdkFrameClock *clock, gpointer data)
{
  FILE *file = data;
  struct timespec cpu;

  if (ftell (file) == 0)
    {
      clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &cpu);
      fprintf (file, "first-paint %lld\n",
               (long long)cpu.tv_sec * G_USEC_PER_SEC + cpu.tv_nsec / 1000);
    }
  fprintf (file, "%" G_GINT64_FORMAT "\n", gdk_frame_clock_get_frame_time (clock));
}

static void
on_realize (GtkWidget *window, gpointer data)
{
  g_signal_connect (gtk_widget_get_frame_clock (window), "after-paint",
                    G_CALLBACK (on_after_paint), data);
}

void
kh_frame_log_watch (GtkWidget *window)
{
  const char *path = g_getenv ("KNOTHOLE_FRAME_LOG");
  FILE *file = path != NULL ? fopen (path, "w") : NULL;

  if (file == NULL)
    return;
  /* A reader wants each line when it happened. The file is open until the end. */
  setvbuf (file, NULL, _IOLBF, 0);
  g_signal_connect (window, "realize", G_CALLBACK (on_realize), file);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/window-text.h"

#include <glib/gi18n.h>
#include <stdio.h>

#define MAXIMIZED "maximized:"

/* Whoever kept less did not mean it; more than any screen has is a mistake. */
#define LEAST_SIZE 200
#define MOST_SIZE 20000

char *
kh_window_text_title (guint unread)
{
  if (unread == 0)
    return g_strdup (_ ("Knothole"));
  /* Translators: the title of the window; the number counts what is unread */
  return g_strdup_printf (_ ("(%u) Knothole"), unread);
}

const char *
kh_window_text_server (KhServerState state, gboolean by_choice)
{
  switch (state)
    {
    case KH_SERVER_ONLINE:
      return _ ("Online");
    case KH_SERVER_CONNECTING:
      return _ ("Connecting…");
    case KH_SERVER_LEFT:
      return by_choice ? _ ("Appearing offline") : _ ("Offline");
    default:
      return _ ("Offline");
    }
}

KhNobodyText
kh_window_text_nobody (KhServerState state, gboolean alone)
{
  if (!alone)
    return (KhNobodyText){
      .title = _ ("Choose Somebody"),
      .description
      = _ ("Click a person to connect to their computer, directly wherever that is "
           "possible."),
    };
  if (state == KH_SERVER_ONLINE)
    return (KhNobodyText){
      .title = _ ("Nobody Is Here Yet"),
      .description = _ ("Send a friend an invite. As soon as they open it, you see each "
                        "other here."),
      .button = _ ("Invite a Friend"),
      .action = "app.invite",
    };
  if (state == KH_SERVER_LEFT)
    return (KhNobodyText){
      .title = _ ("You Appear Offline"),
      .description = _ ("Others do not see you, and you do not see who is there."),
      .button = _ ("Go Online"),
      .action = "app.go-online",
    };
  return (KhNobodyText){
    .title = _ ("Not Connected"),
    .description = _ ("As soon as the server answers, you see here who is there."),
  };
}

char *
kh_window_text_size (int width, int height, gboolean maximized)
{
  return g_strdup_printf ("%s%dx%d", maximized ? MAXIMIZED : "", width, height);
}

gboolean
kh_window_parse_size (const char *text, int *width, int *height, gboolean *maximized)
{
  int w, h;
  char rest;

  if (text == NULL)
    return FALSE;
  *maximized = g_str_has_prefix (text, MAXIMIZED);
  if (*maximized)
    text += sizeof MAXIMIZED - 1;
  if (sscanf (text, "%5dx%5d%c", &w, &h, &rest) != 2 || w < LEAST_SIZE || h < LEAST_SIZE
      || w > MOST_SIZE || h > MOST_SIZE)
    return FALSE;
  *width = w;
  *height = h;
  return TRUE;
}

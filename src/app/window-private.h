/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * window-private.h - the window from inside, for its actions.
 */
#pragma once

#include "app/main-page.h"
#include "app/person-actions.h"
#include "app/welcome-page.h"
#include "app/window.h"

struct _KhWindow
{
  AdwApplicationWindow parent_instance;

  /* Owned */
  KhClient *client; /* this and the next NULL until ready */
  KhPeople *people;
  KhPersonActions *actions;
  KhPerson *shown;

  /* Borrowed */
  KhApplication *application;
  AdwToastOverlay *toasts;
  GtkStack *stack;
  KhMainPage *main;       /* NULL before the first server */
  KhWelcomePage *welcome; /* NULL after it */

  /* State */
  const char *trouble; /* the last that was said, or NULL */
  gboolean has_content;
  gboolean wants_to_show;
};

/* window-actions.c */
void kh_window_add_actions (KhWindow *self);
void kh_window_update_actions (KhWindow *self);

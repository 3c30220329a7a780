/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * file-card-private.h - a file card from inside, for the files that are its parts:
 * file-card.c (what is shown), file-card-files.c (names, places and thumbnail, which are
 * read beside the main loop) and file-card-actions.c (what a person does with it).
 */
#pragma once

#include "app/file-card.h"
#include "app/transfer-look.h"

/* Read of the top of a transfer: as many as are kept of one that has ended. */
#define KH_FILE_CARD_ROOTS 256

/* As wide as it likes to be: the widest that still reads well beside messages. */
#define KH_FILE_CARD_WIDTH 420

/* A picture on it is so high. */
#define KH_FILE_CARD_LOWEST 80
#define KH_FILE_CARD_HIGHEST 240

/* Names that an offer shows without being asked. */
#define KH_FILE_CARD_NAMES 4

struct _KhFileCard
{
  GtkWidget parent_instance;

  /* Owned */
  KhClient *client;
  KhTimelineItem *item;
  GPtrArray *roots;      /* KhEntryInfo; NULL: not read yet */
  GPtrArray *names;      /* KhEntryInfo: the first of an offer; NULL: not read */
  GCancellable *reading; /* of roots, names and thumbnail */
  GtkWidget *menu;       /* popover; NULL: never opened */

  /* Children of the template */
  GtkWidget *body;
  GtkWidget *thumbnail_button;
  GtkWidget *thumbnail;
  GtkWidget *face;
  GtkWidget *icon;
  GtkWidget *title;
  GtkWidget *counts;
  GtkWidget *icon_buttons;
  GtkWidget *list_button;
  GtkWidget *first_button;
  GtkWidget *pause_button;
  GtkWidget *resume_button;
  GtkWidget *cancel_button;
  GtkWidget *open_button;
  GtkWidget *show_button;
  GtkWidget *preview;
  GtkWidget *progress;
  GtkWidget *amount;
  GtkWidget *status_icon;
  GtkWidget *status;
  GtkWidget *advice;
  GtkWidget *always;
  GtkWidget *always_label;
  GtkWidget *buttons;
  GtkWidget *accept_button;
  GtkWidget *save_button;
  GtkWidget *decline_button;
  GtkWidget *retry_button;
  GtkWidget *details_button;

  /* State */
  KhTransferActions actions;
  const char *status_class;
  gulong changed_handler;
  guint update_source;
  guint others_source;   /* 0: nothing else comes in from the same peer */
  gboolean others_moved; /* since that was looked at last */
  gint64 updated_at_us;
  KhTransferPhase read_phase; /* that the roots were read in */
  char *whole;                /* Owned: what a screen reader was told */
};

/* file-card.c */

/* What is known now; FALSE: of nothing. */
gboolean kh_file_card_get_view (KhFileCard *self, KhTransferView *view);

/* Shows what is known, soon: ten times a second at most. */
void kh_file_card_queue_update (KhFileCard *self);

/* file-card-files.c */

/* Begins to read where something new is to be known. */
void kh_file_card_read (KhFileCard *self);

/* Forgets all that was read, and what is being read. */
void kh_file_card_forget (KhFileCard *self);

/* The only one of the top; NULL: there are several, or none is known. */
const KhEntryInfo *kh_file_card_get_only (KhFileCard *self);

/* Of what can be shown on this computer; NULL: nothing. */
char **kh_file_card_get_places (KhFileCard *self);

void kh_file_card_install_drag (KhFileCard *self);

/* file-card-actions.c */
void kh_file_card_install_actions (GtkWidgetClass *class);
void kh_file_card_enable_actions (KhFileCard *self);
void kh_file_card_install_menu (KhFileCard *self);

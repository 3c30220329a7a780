/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * main-page.h - the two panes of the window: people, and the conversation with one.
 *
 * show() switches the conversation; the page of it is made when the first one is opened.
 * "notify::person" tells whose it is.
 */
#pragma once

#include "app/conversation-page.h"
#include "app/people-list.h"
#include "app/split.h"

#define KH_TYPE_MAIN_PAGE (kh_main_page_get_type ())
G_DECLARE_FINAL_TYPE (KhMainPage, kh_main_page, KH, MAIN_PAGE, GtkWidget)

GtkWidget *kh_main_page_new (KhClient *client, KhPeople *people);

/* NULL: nobody. */
void kh_main_page_show (KhMainPage *self, KhPerson *person);
KhPerson *kh_main_page_get_person (KhMainPage *self);

/* Somebody's conversation is where a person sees it. */
gboolean kh_main_page_is_conversation_visible (KhMainPage *self);

/* From the conversation to the list. FALSE: it was there. */
gboolean kh_main_page_go_back (KhMainPage *self);

KhPeopleList *kh_main_page_get_list (KhMainPage *self);

/* NULL until one was opened. */
KhConversationPage *kh_main_page_get_conversation (KhMainPage *self);

/* Puts the cursor into the next region, or with -1 into the one before: the list, the
 * strip, the timeline, the composer. */
void kh_main_page_step_region (KhMainPage *self, int step);

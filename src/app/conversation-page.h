/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * conversation-page.h - what is said and sent between two people: connection strip,
 * timeline, composer.
 *
 * One page serves all: set_person() switches it. It takes drops of files.
 */
#pragma once

#include "core/client.h"
#include "core/people.h"

#include <adwaita.h>

#define KH_TYPE_CONVERSATION_PAGE (kh_conversation_page_get_type ())
G_DECLARE_FINAL_TYPE (KhConversationPage, kh_conversation_page, KH, CONVERSATION_PAGE,
                      GtkWidget)

GtkWidget *kh_conversation_page_new (KhClient *client, KhPeople *people);

/* NULL shows nothing. The draft of the one before is kept. */
void kh_conversation_page_set_person (KhConversationPage *self, KhPerson *person);

void kh_conversation_page_focus_composer (KhConversationPage *self);

/* FALSE where there is nothing to read. */
gboolean kh_conversation_page_focus_timeline (KhConversationPage *self);

/* Files, or a folder, that are chosen now are sent. */
void kh_conversation_page_attach (KhConversationPage *self, gboolean folder);

void kh_conversation_page_start_search (KhConversationPage *self);

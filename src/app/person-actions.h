/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * person-actions.h - what can be done with somebody, as actions and as a menu.
 *
 * new() adds the actions to a map; whom they are about @subject says at that moment.
 * update() after that has changed. The menu is for both the list and the header.
 *
 * connect, hang-up, rename-person, verify-person, mute-person, block-person,
 * unblock-person, transfers-accept, reports, delete-history, forget-person
 */
#pragma once

#include "core/client.h"
#include "core/person.h"

#include <gtk/gtk.h>

/* Borrowed; NULL: nobody. */
typedef KhPerson *(*KhPersonSubject) (gpointer data);

#define KH_TYPE_PERSON_ACTIONS (kh_person_actions_get_type ())
G_DECLARE_FINAL_TYPE (KhPersonActions, kh_person_actions, KH, PERSON_ACTIONS, GObject)

/* Dialogs stand over the window of @widget, which is borrowed as @data is: the owner
 * frees this before. */
KhPersonActions *kh_person_actions_new (KhClient *client, GActionMap *map,
                                        GtkWidget *widget, KhPersonSubject subject,
                                        gpointer data);

void kh_person_actions_update (KhPersonActions *self);

/* Something may be sent to them: they are not blocked, and it is clear who they are. */
gboolean kh_person_may_write (KhPerson *person);

/* Calls @person, who is a contact from then on: what a click on somebody means. Does
 * nothing where that makes no sense. */
void kh_person_connect (KhClient *client, KhPerson *person);

/* @prefix: "win" or what the action group is inserted as. */
GMenuModel *kh_person_menu_new (KhPerson *person, const char *prefix);

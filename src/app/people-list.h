/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * people-list.h - the list of people with its search, its menu and its drops.
 *
 * Emits "open" (KhPerson) when one is clicked or activated, "visit" when a step of the
 * keyboard goes to one. Property "show-blocked".
 */
#pragma once

#include "core/client.h"
#include "core/people.h"

#include <gtk/gtk.h>

#define KH_TYPE_PEOPLE_LIST (kh_people_list_get_type ())
G_DECLARE_FINAL_TYPE (KhPeopleList, kh_people_list, KH, PEOPLE_LIST, GtkWidget)

GtkWidget *kh_people_list_new (KhClient *client, KhPeople *people);

/* It stands alone: what can be done while nobody is here is not said beside it. */
void kh_people_list_set_narrow (KhPeopleList *self, gboolean narrow);

/* Shows which one is open; does not emit "open". NULL: none. */
void kh_people_list_select (KhPeopleList *self, KhPerson *person);
void kh_people_list_focus (KhPeopleList *self);
void kh_people_list_start_search (KhPeopleList *self);

/* Visits the next one, or with -1 the one before. */
void kh_people_list_step (KhPeopleList *self, int step);

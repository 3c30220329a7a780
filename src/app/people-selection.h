/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * people-selection.h - a list of which the open one is selected, and nothing else is.
 *
 * Moving through a list with the keyboard, or hovering over it, selects in GTK's own
 * models; here a person is open or not, and only opening changes that.
 */
#pragma once

#include "core/person.h"

#include <gtk/gtk.h>

#define KH_TYPE_PEOPLE_SELECTION (kh_people_selection_get_type ())
G_DECLARE_FINAL_TYPE (KhPeopleSelection, kh_people_selection, KH, PEOPLE_SELECTION,
                      GObject)

/* Takes @model. */
KhPeopleSelection *kh_people_selection_new (GListModel *model);

/* NULL: nobody. It need not be in the list. */
void kh_people_selection_set_person (KhPeopleSelection *self, KhPerson *person);

/* GTK_INVALID_LIST_POSITION where it is not in the list. */
guint kh_people_selection_get_position (KhPeopleSelection *self);

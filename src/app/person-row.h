/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * person-row.h - somebody in the list of people. Rows are recycled: set_person() with
 * another, or NULL.
 */
#pragma once

#include "core/person.h"

#include <gtk/gtk.h>

#define KH_TYPE_PERSON_ROW (kh_person_row_get_type ())
G_DECLARE_FINAL_TYPE (KhPersonRow, kh_person_row, KH, PERSON_ROW, GtkWidget)

GtkWidget *kh_person_row_new (void);
void kh_person_row_set_person (KhPersonRow *self, KhPerson *person);
KhPerson *kh_person_row_get_person (KhPersonRow *self);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fact-row.h - a row of a list that says one thing: what it is, its value, a note on it.
 *
 * The value can be selected and copied. All three wrap.
 */
#pragma once

#include <gtk/gtk.h>

/* @value and @note may be NULL; @style is a style class of the value, or NULL. */
GtkWidget *kh_fact_row_new (const char *title, const char *value, const char *style,
                            const char *note);

/* A few words at the end of the title's line. */
void kh_fact_row_set_mark (GtkListBoxRow *row, const char *text, const char *style);

/* Takes all rows out. */
void kh_fact_list_clear (GtkListBox *list);

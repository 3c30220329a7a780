/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * person-questions.h - questions before something is done to a person.
 */
#pragma once

#include "core/client.h"
#include "core/person.h"

#include <adwaita.h>

/* The name to ask with, also of somebody who has none. */
const char *kh_person_question_name (KhPerson *person);

/* A question, not shown yet, that can be left with "Cancel". */
AdwMessageDialog *kh_person_question_new (GtkWindow *parent, const char *heading,
                                          const char *body);

/* Leads to blocked whatever the person's state: also hangs up. */
void kh_person_block (KhClient *client, KhPerson *person);

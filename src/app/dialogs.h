/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * dialogs.h - the windows that stand over the main one. Each is presented, modal for its
 * parent, and frees itself.
 */
#pragma once

#include "app/application.h"
#include "core/attempt.h"
#include "core/person.h"

/* 60 digits and eight pictures, "They are the same". */
void kh_verify_dialog_present (GtkWindow *parent, KhClient *client, KhPerson *person);

/* A report: picture, steps, candidates; a copy has its addresses replaced. */
void kh_report_dialog_present (GtkWindow *parent, KhAttempt *attempt);

/* All reports of one person. */
void kh_reports_dialog_present (GtkWindow *parent, KhClient *client, KhPerson *person);

void kh_rename_dialog_present (GtkWindow *parent, KhClient *client, KhPerson *person);
void kh_block_dialog_present (GtkWindow *parent, KhClient *client, KhPerson *person);
void kh_forget_dialog_present (GtkWindow *parent, KhClient *client, KhPerson *person);

/* What was said goes; @parent, the main window, says when it is done. */
void kh_delete_dialog_present (GtkWindow *parent, KhClient *client, KhPerson *person);

/* The tree of a transfer, by pages; of an offer also accept, decline, save to. */
void kh_transfer_dialog_present (GtkWindow *parent, KhClient *client,
                                 const KhPeerId *peer, const KhItemId *transfer);

void kh_invite_dialog_present (GtkWindow *parent, KhApplication *application);
void kh_preferences_present (GtkWindow *parent, KhApplication *application);
void kh_backup_dialog_present (GtkWindow *parent, KhClient *client);
void kh_restore_dialog_present (GtkWindow *parent, KhApplication *application);

/* @parent: the main window. */
void kh_shortcuts_present (GtkWindow *parent);

void kh_about_present (GtkWindow *parent);

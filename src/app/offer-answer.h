/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * offer-answer.h - a person's answer to an offer, and the question before a cancel: what
 * cards and the transfer dialog have in common.
 */
#pragma once

#include "core/client.h"

#include <gtk/gtk.h>

/* In a sandbox: no folder was chosen yet, or it is not there any more. accept() asks for
 * one then. */
gboolean kh_offer_answer_lacks_folder (KhClient *client);

/* @always: later offers of this peer are taken
 * without a question. */
void kh_offer_answer_accept (GtkWidget *widget, KhClient *client, const KhPeerId *peer,
                             const KhItemId *transfer, gboolean always);

/* The same, into a folder that is chosen first. */
void kh_offer_answer_choose (GtkWidget *widget, KhClient *client, const KhPeerId *peer,
                             const KhItemId *transfer, gboolean always);

/* Cancels; where files have arrived here, asks before whether they stay. */
void kh_offer_answer_cancel (GtkWidget *widget, KhClient *client,
                             const KhTransferInfo *info);

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * nat-badge.h - the kind of NAT in plain words, and what it means, in the header; below
 * it how this client stands with its server.
 */
#pragma once

#include "core/client.h"

#include <gtk/gtk.h>

#define KH_TYPE_NAT_BADGE (kh_nat_badge_get_type ())
G_DECLARE_FINAL_TYPE (KhNatBadge, kh_nat_badge, KH, NAT_BADGE, GtkWidget)

/* Once. */
void kh_nat_badge_set_client (KhNatBadge *self, KhClient *client);

/* @state is a word or two: "Online". */
void kh_nat_badge_set_server (KhNatBadge *self, const char *state);

/* The dot alone, for where there is no room for words; they are its tooltip. */
void kh_nat_badge_be_compact (KhNatBadge *self);

/* The picture of this computer's network with all that is known, and "Test again". */
void kh_nat_dialog_present (GtkWindow *parent, KhClient *client);

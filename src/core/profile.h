/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * profile.h - what can be said of a data folder without going online.
 *
 * open() it, also while another process holds it; ask; free(). A folder in which no
 * identity has been made yet gets one.
 *
 * Errors: KH_CLIENT_ERROR.
 */
#pragma once

#include "core/types.h"

#include <gio/gio.h>

typedef struct _KhProfile KhProfile;

/* @holder as in KhClientOptions: for the moment in which the identity is made. */
KhProfile *kh_profile_open (const char *data_dir, const char *holder, GError **error);
void kh_profile_free (KhProfile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhProfile, kh_profile_free)

const KhPeerId *kh_profile_get_id (const KhProfile *self);

/* The invite to the server and room given, or where NULL to those used last, and to this
 * identity. NULL and KH_CLIENT_ERROR_NO_SERVER or _ADDRESS otherwise. */
char *kh_profile_make_invite (KhProfile *self, const char *server, const char *room,
                              GError **error);

/* Whom @text means: a contact by petname, name or beginning of the id, or anybody by the
 * whole id. False: nobody or several; @problem is a sentence then. */
gboolean kh_profile_find (KhProfile *self, const char *text, KhPeerId *id, char **name,
                          char **problem);

/* The 60 digits that both sides see, in groups of five. */
char *kh_profile_safety_number (const KhProfile *self, const KhPeerId *peer);

/* What is wrong with a text that was meant as a whole id: a sentence. NULL where nothing
 * is, or where it was hardly meant so: less than 40 characters, or few of an id's. */
char *kh_profile_explain_id (const char *text);

/* A new room's word: 80 random bits as five words. */
char *kh_profile_make_room (void);

/* The room's word as it counts: in NFKC, case-folded, at most KH_ROOM_WORD_MAX bytes
 * without control characters. NULL and KH_CLIENT_ERROR_ROOM otherwise. */
char *kh_profile_check_room (const char *word, GError **error);

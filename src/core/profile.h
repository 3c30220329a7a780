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

/* @holder as in KhClientOptions: for the moment in which the identity is made. NULL and
 * KH_STORE_ERROR where the folder can't be used. */
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

/* --- Transfers ---------------------------------------------------------------- */

/* The newest @limit, newest first: an array of KhTransferInfo that frees them. */
GPtrArray *kh_profile_list_transfers (KhProfile *self, guint limit, GError **error);

/* The one whose id begins with @text (hexadecimal digits). NULL: @problem is a sentence.
 */
KhTransferInfo *kh_profile_find_transfer (KhProfile *self, const char *text,
                                          char **problem);

typedef enum
{
  KH_CHANGE_PAUSE,
  KH_CHANGE_RESUME,
  KH_CHANGE_CANCEL,
  KH_CHANGE_CANCEL_DISCARD,
  KH_CHANGE_RETRY,
  KH_CHANGE_FIRST,
} KhTransferChange;

/* Also while another process holds the folder: then that one is told, and this waits up
 * to 3 s until it has done so. FALSE and KH_CLIENT_ERROR_TRANSFER where the transfer
 * does not allow it. */
gboolean kh_profile_change_transfer (KhProfile *self, const KhTransferInfo *transfer,
                                     KhTransferChange change, GError **error);

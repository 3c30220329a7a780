/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/profile-private.h"

#include "core/client.h"
#include "proto/address.h"
#include "proto/identity.h"
#include "proto/noise.h"
#include "proto/room.h"
#include "proto/safety-number.h"
#include "store/contacts.h"
#include "store/identity-store.h"
#include "store/server-keys.h"
#include "store/settings.h"

#include <sodium.h>
#include <string.h>

/* Characters from which on a text was meant as a whole id: no contact's name, and more
 * than anybody types of a beginning. */
#define MEANT_AS_ID_LEN 40

/* Of an id with typos one in so many characters is none of its alphabet, at most. */
#define MEANT_AS_ID_SHARE 8

/* Makes the identity where there is none; a process that holds the folder has one. */
static bool
open_folder (KhProfile *self, const char *data_dir, const char *holder, GError **error)
{
  g_autoptr (GError) failure = NULL;
  KhIdentityKeys keys;
  gboolean found = TRUE;
  bool good;

  self->lock = kh_folder_lock_take (data_dir, holder, &failure);
  if (self->lock == NULL
      && !g_error_matches (failure, KH_STORE_ERROR, KH_STORE_ERROR_FOLDER_IN_USE))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return false;
    }
  self->store = self->lock != NULL ? kh_store_open (self->lock, error)
                                   : kh_store_open_for_reading (data_dir, error);
  if (self->store == NULL)
    return false;
  good = self->lock != NULL ? kh_identity_store_load_or_make (
             self->store, g_get_real_time () / 1000, &keys, error)
                            : kh_identity_store_load (self->store, &keys, &found, error);
  if (good && !found)
    {
      /* Its holder is just being started. */
      g_propagate_error (error, g_steal_pointer (&failure));
      return false;
    }
  if (good)
    memcpy (self->id.bytes, keys.public_key, sizeof self->id.bytes);
  kh_identity_store_wipe (&keys);
  return good;
}

KhProfile *
kh_profile_open (const char *data_dir, const char *holder, GError **error)
{
  g_autoptr (KhProfile) self = g_new0 (KhProfile, 1);

  if (sodium_init () < 0)
    g_error ("libsodium can't be used on this computer");
  self->data_dir = g_strdup (data_dir);
  return open_folder (self, data_dir, holder, error) ? g_steal_pointer (&self) : NULL;
}

void
kh_profile_free (KhProfile *self)
{
  kh_store_close (self->store);
  kh_folder_lock_release (self->lock);
  g_free (self->data_dir);
  g_free (self);
}

const KhPeerId *
kh_profile_get_id (const KhProfile *self)
{
  return &self->id;
}

static bool
fill_in_key (KhProfile *self, KhAddress *address, GError **error)
{
  gboolean found = FALSE;

  if (!address->has_key
      && !kh_server_keys_find (self->store, address->host, address->port, address->key,
                               &found, error))
    return false;
  address->has_key |= found;
  return true;
}

char *
kh_profile_make_invite (KhProfile *self, const char *server, const char *room,
                        GError **error)
{
  g_autofree char *known_server = NULL;
  g_autofree char *known_room = NULL;
  g_autofree char *word = NULL;
  char problem[KH_ADDRESS_PROBLEM_MAX];
  char text[KH_ADDRESS_TEXT_MAX];
  KhAddress address;

  if (server == NULL
      && !kh_settings_get (self->store, KH_SETTING_SERVER, &known_server, error))
    return NULL;
  server = server != NULL ? server : known_server;
  if (server == NULL)
    {
      g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_NO_SERVER,
                   "No server is known yet: name one with --server");
      return NULL;
    }
  if (!kh_address_explain (kh_address_parse (server, &address), problem, sizeof problem))
    {
      g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_ADDRESS, "%.*s: %s",
                   (int)strcspn (server, "#"), server, problem);
      return NULL;
    }
  if (!fill_in_key (self, &address, error)
      || (room == NULL && *address.room == '\0'
          && !kh_settings_get (self->store, KH_SETTING_ROOM, &known_room, error)))
    return NULL;
  if (room == NULL)
    room = known_room != NULL ? known_room : address.room;
  word = kh_profile_check_room (room, error);
  if (word == NULL)
    return NULL;
  memcpy (address.room, word, strlen (word) + 1);
  address.has_peer = true;
  memcpy (address.peer, self->id.bytes, sizeof address.peer);
  if (!kh_address_to_text (&address, text, sizeof text))
    {
      g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_ROOM,
                   "The room's word is too long");
      return NULL;
    }
  return g_strdup (text);
}

gboolean
kh_profile_find (KhProfile *self, const char *text, KhPeerId *id, char **name,
                 char **problem)
{
  g_autoptr (GPtrArray) found = kh_contacts_find_name (self->store, text, NULL);
  const KhStoredContact *contact;
  guint8 key[KH_KEY_LEN];

  *name = *problem = NULL;
  if (found == NULL || found->len == 0)
    {
      g_clear_pointer (&found, g_ptr_array_unref);
      found = kh_contacts_find_prefix (self->store, text, NULL);
    }
  if (found != NULL && found->len == 1)
    {
      contact = g_ptr_array_index (found, 0);
      memcpy (id->bytes, contact->id, sizeof id->bytes);
      *name = g_strdup (contact->petname);
      return TRUE;
    }
  if (found != NULL && found->len > 1)
    {
      *problem = g_strdup_printf ("%s fits several contacts: use more of the id", text);
      return FALSE;
    }
  if (kh_identity_from_text (KH_IDENTITY_PEER, text, strlen (text), key, NULL)
      == KH_IDENTITY_OK)
    {
      memcpy (id->bytes, key, sizeof id->bytes);
      *name = g_strdup ("");
      return TRUE;
    }
  *problem = kh_profile_explain_id (text);
  if (*problem != NULL)
    return FALSE;
  *problem = g_strdup_printf ("%s is no contact, and no whole id: give the %d characters "
                              "that their \"id\" prints",
                              text, KH_ID_TEXT_LEN);
  return FALSE;
}

char *
kh_profile_safety_number (const KhProfile *self, const KhPeerId *peer)
{
  char text[KH_SAFETY_NUMBER_LEN];

  kh_safety_number (self->id.bytes, peer->bytes, text);
  return g_strdup (text);
}

static bool
is_meant_as_id (const char *text)
{
  gsize len = strlen (text);
  gsize n_wrong = 0;

  for (const char *c = text; *c != '\0'; c++)
    n_wrong += g_ascii_isalpha (*c) || (*c >= '2' && *c <= '7') ? 0 : 1;
  return len >= MEANT_AS_ID_LEN && n_wrong * MEANT_AS_ID_SHARE <= len;
}

char *
kh_profile_explain_id (const char *text)
{
  char problem[KH_ADDRESS_PROBLEM_MAX];
  guint8 key[KH_KEY_LEN];
  gsize position = 0;
  KhIdentityError error;

  if (!is_meant_as_id (text))
    return NULL;
  error = kh_identity_from_text (KH_IDENTITY_PEER, text, strlen (text), key, &position);
  if (error == KH_IDENTITY_OK)
    return NULL;
  kh_address_explain (KH_ADDRESS_PEER_ID_WRONG_LENGTH
                          + (error - KH_IDENTITY_WRONG_LENGTH),
                      problem, sizeof problem);
  if (error == KH_IDENTITY_WRONG_LENGTH)
    return g_strdup_printf ("%s (this one has %" G_GSIZE_FORMAT ")", problem,
                            strlen (text));
  if (error == KH_IDENTITY_WRONG_CHARACTER)
    return g_strdup_printf ("%s (character %" G_GSIZE_FORMAT " is another one)", problem,
                            position + 1);
  return g_strdup (problem);
}

char *
kh_profile_make_room (void)
{
  guint8 random[KH_ROOM_RANDOM_LEN];
  char word[KH_ROOM_MADE_LEN];

  randombytes_buf (random, sizeof random);
  kh_room_word_make (random, word);
  return g_strdup (word);
}

static bool
has_control_characters (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (g_unichar_iscntrl (g_utf8_get_char (text)))
      return true;
  return false;
}

char *
kh_profile_check_room (const char *word, GError **error)
{
  g_autofree char *normal = NULL;
  g_autofree char *folded = NULL;

  if (!g_utf8_validate (word, -1, NULL) || has_control_characters (word))
    {
      g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_ROOM,
                   "The room is not text: type the room's word");
      return NULL;
    }
  normal = g_utf8_normalize (word, -1, G_NORMALIZE_NFKC);
  folded = g_utf8_casefold (normal, -1);
  if (strlen (folded) <= KH_ROOM_WORD_MAX)
    return g_steal_pointer (&folded);
  g_set_error (error, KH_CLIENT_ERROR, KH_CLIENT_ERROR_ROOM,
               "The room's word is too long: at most %d bytes", KH_ROOM_WORD_MAX);
  return NULL;
}

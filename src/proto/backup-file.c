/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/backup-file.h"

#include <sodium.h>
#include <string.h>

#define MAGIC "KNOTBKUP"
#define MAGIC_LEN 8
#define DERIVATION_ARGON2ID 1
#define CHECK_LEN 16
#define TAG_LEN crypto_aead_xchacha20poly1305_ietf_ABYTES
#define SEALED_AT KH_BACKUP_FILE_HEADER_LEN

#define FLAG_BLOCKED 1
#define FLAG_MUTED 2
#define FLAG_ACCEPTS_CALLS 4
#define FLAG_ACCEPTS_OFFERS 8

_Static_assert(KH_BACKUP_FILE_SALT_LEN == crypto_pwhash_argon2id_SALTBYTES, "");
_Static_assert(KH_BACKUP_FILE_NONCE_LEN == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
               "");
_Static_assert(KH_BACKUP_FILE_OVERHEAD == KH_BACKUP_FILE_HEADER_LEN + TAG_LEN + CHECK_LEN,
               "");
_Static_assert(KH_BACKUP_FILE_HEAD_MAX
                       + KH_BACKUP_FILE_CONTACTS_MAX * KH_BACKUP_FILE_CONTACT_MAX
                       + KH_BACKUP_FILE_BLOCK + KH_BACKUP_FILE_OVERHEAD
                   <= KH_BACKUP_FILE_MAX,
               "");

/* --- The file ------------------------------------------------------------------------
 */

static void
write_header (const KhBackupFileHeader *header, uint8_t *file)
{
  KhWriter writer;

  kh_writer_init (&writer, file, KH_BACKUP_FILE_HEADER_LEN);
  kh_writer_bytes (&writer, MAGIC, MAGIC_LEN);
  kh_writer_u8 (&writer, KH_BACKUP_FILE_VERSION);
  kh_writer_u8 (&writer, DERIVATION_ARGON2ID);
  kh_writer_u32 (&writer, header->memory_kib);
  kh_writer_u32 (&writer, header->passes);
  kh_writer_bytes (&writer, header->salt, sizeof header->salt);
  kh_writer_bytes (&writer, header->nonce, sizeof header->nonce);
}

static void
compute_check (const uint8_t *file, size_t len, uint8_t check[CHECK_LEN])
{
  crypto_generichash (check, CHECK_LEN, file, len - CHECK_LEN, NULL, 0);
}

KhBackupFileVerdict
kh_backup_file_check (const uint8_t *file, size_t len, KhBackupFileHeader *header)
{
  KhBackupFileHeader read;
  uint8_t check[CHECK_LEN];
  KhReader reader;
  uint8_t version;
  uint8_t derivation;

  if (len < MAGIC_LEN + 1 || memcmp (file, MAGIC, MAGIC_LEN) != 0)
    return KH_BACKUP_FILE_OTHER;
  kh_reader_init (&reader, file + MAGIC_LEN, len - MAGIC_LEN);
  version = kh_reader_u8 (&reader);
  derivation = kh_reader_u8 (&reader);
  read.memory_kib = kh_reader_u32 (&reader);
  read.passes = kh_reader_u32 (&reader);
  kh_reader_copy (&reader, read.salt, sizeof read.salt);
  kh_reader_copy (&reader, read.nonce, sizeof read.nonce);
  if (version > KH_BACKUP_FILE_VERSION)
    return KH_BACKUP_FILE_NEWER;
  if (!kh_reader_done (&reader) || len < KH_BACKUP_FILE_OVERHEAD
      || len > KH_BACKUP_FILE_MAX)
    return KH_BACKUP_FILE_DAMAGED;
  compute_check (file, len, check);
  if (memcmp (check, file + len - CHECK_LEN, CHECK_LEN) != 0
      || version != KH_BACKUP_FILE_VERSION || derivation != DERIVATION_ARGON2ID
      || read.memory_kib < KH_BACKUP_FILE_MEMORY_KIB_MIN
      || read.memory_kib > KH_BACKUP_FILE_MEMORY_KIB_MAX || read.passes < 1
      || read.passes > KH_BACKUP_FILE_PASSES_MAX)
    return KH_BACKUP_FILE_DAMAGED;
  *header = read;
  return KH_BACKUP_FILE_GOOD;
}

static bool
derive (const KhBackupFileHeader *header, const char *passphrase, size_t passphrase_len,
        uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES])
{
  return crypto_pwhash (key, crypto_aead_xchacha20poly1305_ietf_KEYBYTES, passphrase,
                        passphrase_len, header->salt, header->passes,
                        (size_t)header->memory_kib * 1024, crypto_pwhash_ALG_ARGON2ID13)
         == 0;
}

KhBackupFileVerdict
kh_backup_file_seal (const KhBackupFileHeader *header, const char *passphrase,
                     size_t passphrase_len, const uint8_t *contents, size_t len,
                     uint8_t *file)
{
  uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
  size_t file_len = len + KH_BACKUP_FILE_OVERHEAD;

  if (!derive (header, passphrase, passphrase_len, key))
    return KH_BACKUP_FILE_NO_MEMORY;
  write_header (header, file);
  crypto_aead_xchacha20poly1305_ietf_encrypt (file + SEALED_AT, NULL, contents, len, file,
                                              SEALED_AT, NULL, header->nonce, key);
  sodium_memzero (key, sizeof key);
  compute_check (file, file_len, file + file_len - CHECK_LEN);
  return KH_BACKUP_FILE_GOOD;
}

KhBackupFileVerdict
kh_backup_file_open (const uint8_t *file, size_t len, const char *passphrase,
                     size_t passphrase_len, uint8_t *contents)
{
  uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
  KhBackupFileHeader header;
  KhBackupFileVerdict verdict = kh_backup_file_check (file, len, &header);
  int opened;

  if (verdict != KH_BACKUP_FILE_GOOD)
    return verdict;
  if (!derive (&header, passphrase, passphrase_len, key))
    return KH_BACKUP_FILE_NO_MEMORY;
  opened = crypto_aead_xchacha20poly1305_ietf_decrypt (
      contents, NULL, NULL, file + SEALED_AT, len - SEALED_AT - CHECK_LEN, file,
      SEALED_AT, header.nonce, key);
  sodium_memzero (key, sizeof key);
  return opened == 0 ? KH_BACKUP_FILE_GOOD : KH_BACKUP_FILE_WRONG_PASSPHRASE;
}

/* --- The contents --------------------------------------------------------------------
 */

static void
write_text (KhWriter *writer, const KhText *text, size_t longest)
{
  writer->failed = writer->failed || text->len > longest;
  kh_writer_text8 (writer, text->bytes, text->len);
}

void
kh_backup_file_write_head (KhWriter *writer, const KhBackupFileHead *head)
{
  kh_writer_bytes (writer, head->secret_key, sizeof head->secret_key);
  kh_writer_bytes (writer, head->public_key, sizeof head->public_key);
  kh_writer_u64 (writer, head->made_at_ms);
  write_text (writer, &head->name, KH_BACKUP_FILE_NAME_MAX);
  writer->failed = writer->failed || head->server.len > KH_BACKUP_FILE_SERVER_MAX;
  kh_writer_text16 (writer, head->server.bytes, head->server.len);
  write_text (writer, &head->room, KH_BACKUP_FILE_ROOM_MAX);
  writer->failed = writer->failed || head->n_contacts > KH_BACKUP_FILE_CONTACTS_MAX;
  kh_writer_u32 (writer, head->n_contacts);
}

void
kh_backup_file_write_contact (KhWriter *writer, const KhBackupFileContact *contact)
{
  uint8_t *len = kh_writer_reserve (writer, 2);
  size_t start = writer->len;

  kh_writer_bytes (writer, contact->id, sizeof contact->id);
  write_text (writer, &contact->petname, KH_BACKUP_FILE_NAME_MAX);
  write_text (writer, &contact->announced_name, KH_BACKUP_FILE_NAME_MAX);
  kh_writer_u64 (writer, contact->verified_at_ms);
  kh_writer_u64 (writer, contact->added_at_ms);
  kh_writer_u64 (writer, contact->last_seen_at_ms);
  kh_writer_u8 (writer, (uint8_t)((contact->blocked ? FLAG_BLOCKED : 0)
                                  | (contact->muted ? FLAG_MUTED : 0)
                                  | (contact->accepts_calls ? FLAG_ACCEPTS_CALLS : 0)
                                  | (contact->accepts_offers ? FLAG_ACCEPTS_OFFERS : 0)));
  kh_writer_patch_u16 (len, (uint16_t)(writer->len - start));
}

void
kh_backup_file_pad (KhWriter *writer)
{
  size_t over = writer->len % KH_BACKUP_FILE_BLOCK;

  if (over > 0)
    kh_writer_reserve (writer, KH_BACKUP_FILE_BLOCK - over);
}

static bool
belong_together (const KhBackupFileHead *head)
{
  uint8_t public_key[32];

  return crypto_scalarmult_base (public_key, head->secret_key) == 0
         && sodium_memcmp (public_key, head->public_key, sizeof public_key) == 0;
}

bool
kh_backup_file_read_head (KhReader *reader, KhBackupFileHead *head)
{
  kh_reader_copy (reader, head->secret_key, sizeof head->secret_key);
  kh_reader_copy (reader, head->public_key, sizeof head->public_key);
  head->made_at_ms = kh_reader_u64 (reader);
  head->name = kh_reader_text8 (reader, KH_BACKUP_FILE_NAME_MAX);
  head->server = kh_reader_text16 (reader, KH_BACKUP_FILE_SERVER_MAX);
  head->room = kh_reader_text8 (reader, KH_BACKUP_FILE_ROOM_MAX);
  head->n_contacts = kh_reader_u32 (reader);
  if (kh_reader_done (reader) && head->n_contacts <= KH_BACKUP_FILE_CONTACTS_MAX
      && belong_together (head))
    return true;
  sodium_memzero (head, sizeof *head);
  return false;
}

bool
kh_backup_file_read_contact (KhReader *reader, KhBackupFileContact *contact)
{
  size_t len = kh_reader_u16 (reader);
  const uint8_t *bytes = kh_reader_bytes (reader, len);
  KhReader inner;
  uint8_t flags;

  kh_reader_init (&inner, bytes != NULL ? bytes : (const uint8_t *)"",
                  bytes != NULL ? len : 0);
  kh_reader_copy (&inner, contact->id, sizeof contact->id);
  contact->petname = kh_reader_text8 (&inner, KH_BACKUP_FILE_NAME_MAX);
  contact->announced_name = kh_reader_text8 (&inner, KH_BACKUP_FILE_NAME_MAX);
  contact->verified_at_ms = kh_reader_u64 (&inner);
  contact->added_at_ms = kh_reader_u64 (&inner);
  contact->last_seen_at_ms = kh_reader_u64 (&inner);
  flags = kh_reader_u8 (&inner);
  contact->blocked = (flags & FLAG_BLOCKED) != 0;
  contact->muted = (flags & FLAG_MUTED) != 0;
  contact->accepts_calls = (flags & FLAG_ACCEPTS_CALLS) != 0;
  contact->accepts_offers = (flags & FLAG_ACCEPTS_OFFERS) != 0;
  return kh_reader_done (reader) && kh_reader_done (&inner);
}

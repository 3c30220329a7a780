/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * backup-file.h - an identity and its contacts as the bytes of one sealed file.
 *
 * To save: make contents with write_head() and write_contact() for each contact, pad()
 * them, and seal() them under a passphrase. To restore: check() the file, open() it, and
 * read_head() and read_contact() the contents; when all is taken, wipe what open() gave.
 *
 * seal() and open() take as much memory and time as the parameters say, about a second:
 * call them on a thread of their own. They need sodium_init(). The passphrase is bytes
 * here; whoever asks a person for it brings it to NFKC.
 *
 * Nothing here makes random bytes or touches a file. Lengths are bytes, times Unix
 * milliseconds.
 *
 * Source: src/PROTOCOL.md, section 7; Argon2id: RFC 9106.
 */
#pragma once

#include "proto/reader.h"
#include "proto/writer.h"

#define KH_BACKUP_FILE_VERSION 1
#define KH_BACKUP_FILE_SALT_LEN 16
#define KH_BACKUP_FILE_NONCE_LEN 24
#define KH_BACKUP_FILE_HEADER_LEN 58

/* Header, tag of the cipher, and check. */
#define KH_BACKUP_FILE_OVERHEAD (KH_BACKUP_FILE_HEADER_LEN + 16 + 16)

/* Room for the contacts below, and an end for what a file makes us read. */
#define KH_BACKUP_FILE_MAX (8 << 20)
#define KH_BACKUP_FILE_CONTACTS_MAX 20000

/* What is written: as much as most computers have to spare, in a second or two. */
#define KH_BACKUP_FILE_MEMORY_KIB 262144
#define KH_BACKUP_FILE_PASSES 3

/* What is taken: a file can't make us use all memory or an hour. */
#define KH_BACKUP_FILE_MEMORY_KIB_MIN 8192
#define KH_BACKUP_FILE_MEMORY_KIB_MAX 1048576
#define KH_BACKUP_FILE_PASSES_MAX 16

#define KH_BACKUP_FILE_NAME_MAX 64 /* as KH_NAME_LEN_MAX */
#define KH_BACKUP_FILE_SERVER_MAX 1024
#define KH_BACKUP_FILE_ROOM_MAX 128

/* What write_head() and write_contact() take at most. */
#define KH_BACKUP_FILE_HEAD_MAX                                                          \
  (32 + 32 + 8 + 1 + KH_BACKUP_FILE_NAME_MAX + 2 + KH_BACKUP_FILE_SERVER_MAX + 1         \
   + KH_BACKUP_FILE_ROOM_MAX + 4)
#define KH_BACKUP_FILE_CONTACT_MAX                                                       \
  (2 + 32 + 2 * (1 + KH_BACKUP_FILE_NAME_MAX) + 3 * 8 + 1)

/* The size of contents says little about how many contacts they have. */
#define KH_BACKUP_FILE_BLOCK 4096

typedef enum
{
  KH_BACKUP_FILE_GOOD,
  KH_BACKUP_FILE_OTHER,   /* no backup at all */
  KH_BACKUP_FILE_NEWER,   /* of a version that is not known here */
  KH_BACKUP_FILE_DAMAGED, /* or with parameters that nobody writes */
  KH_BACKUP_FILE_WRONG_PASSPHRASE,
  KH_BACKUP_FILE_NO_MEMORY, /* for the derivation of the key */
} KhBackupFileVerdict;

typedef struct
{
  uint32_t memory_kib;
  uint32_t passes;
  uint8_t salt[KH_BACKUP_FILE_SALT_LEN];   /* random, new for each file */
  uint8_t nonce[KH_BACKUP_FILE_NONCE_LEN]; /* the same */
} KhBackupFileHeader;

typedef struct
{
  uint8_t secret_key[32];
  uint8_t public_key[32];
  uint64_t made_at_ms;
  KhText name;
  KhText server;
  KhText room;
  uint32_t n_contacts;
} KhBackupFileHead;

typedef struct
{
  uint8_t id[32];
  KhText petname;
  KhText announced_name;
  uint64_t verified_at_ms;
  uint64_t added_at_ms;
  uint64_t last_seen_at_ms;
  bool blocked;
  bool muted;
  bool accepts_calls;
  bool accepts_offers;
} KhBackupFileContact;

/* --- The file ------------------------------------------------------------------------
 */

/* Reads the header of a whole file and its check; @header is set where GOOD. */
KhBackupFileVerdict kh_backup_file_check (const uint8_t *file, size_t len,
                                          KhBackupFileHeader *header);

/* @file has room for @len + KH_BACKUP_FILE_OVERHEAD bytes. GOOD or NO_MEMORY. */
KhBackupFileVerdict kh_backup_file_seal (const KhBackupFileHeader *header,
                                         const char *passphrase, size_t passphrase_len,
                                         const uint8_t *contents, size_t len,
                                         uint8_t *file);

/* Checks and opens; @contents has room for @len - KH_BACKUP_FILE_OVERHEAD bytes, and so
 * many are there where GOOD, otherwise nothing readable. */
KhBackupFileVerdict kh_backup_file_open (const uint8_t *file, size_t len,
                                         const char *passphrase, size_t passphrase_len,
                                         uint8_t *contents);

/* --- The contents --------------------------------------------------------------------
 */

/* These fail the writer for texts that are too long. */
void kh_backup_file_write_head (KhWriter *writer, const KhBackupFileHead *head);
void kh_backup_file_write_contact (KhWriter *writer, const KhBackupFileContact *contact);

/* Zeroes up to a whole block. */
void kh_backup_file_pad (KhWriter *writer);

/* False: damaged, or keys that don't belong together; @head is all zeroes then. Texts
 * point into the contents. */
bool kh_backup_file_read_head (KhReader *reader, KhBackupFileHead *head);

/* One after another, @n_contacts times. */
bool kh_backup_file_read_contact (KhReader *reader, KhBackupFileContact *contact);

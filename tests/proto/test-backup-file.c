/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proto/backup-file.h"

#include <glib.h>
#include <sodium.h>
#include <string.h>

#define PASSPHRASE "correct horse"

/* As little memory and time as is taken. */
static KhBackupFileHeader
quick_header (void)
{
  KhBackupFileHeader header
      = { .memory_kib = KH_BACKUP_FILE_MEMORY_KIB_MIN, .passes = 1 };

  for (guint i = 0; i < sizeof header.salt; i++)
    header.salt[i] = (guint8)i;
  for (guint i = 0; i < sizeof header.nonce; i++)
    header.nonce[i] = (guint8)(100 + i);
  return header;
}

static KhText
text_of (const char *text)
{
  return (KhText){ text, strlen (text) };
}

static KhBackupFileHead
head_of (guint n_contacts)
{
  KhBackupFileHead head = { .made_at_ms = G_GUINT64_CONSTANT (1700000000000),
                            .name = text_of ("O'Hara"),
                            .server = text_of ("knothole://a.example"),
                            .room = text_of (""),
                            .n_contacts = n_contacts };

  for (guint i = 0; i < sizeof head.secret_key; i++)
    head.secret_key[i] = (guint8)i;
  g_assert_cmpint (crypto_scalarmult_base (head.public_key, head.secret_key), ==, 0);
  return head;
}

/* The contents of the golden file. */
static gsize
write_contents (guint8 *contents, gsize capacity)
{
  KhBackupFileHead head = head_of (2);
  KhBackupFileContact contact = { .petname = text_of ("Alice"),
                                  .announced_name = text_of ("al"),
                                  .verified_at_ms = 5,
                                  .added_at_ms = 2,
                                  .last_seen_at_ms = 4,
                                  .accepts_calls = true,
                                  .accepts_offers = true };
  KhWriter writer;

  kh_writer_init (&writer, contents, capacity);
  kh_backup_file_write_head (&writer, &head);
  contact.id[31] = 1;
  kh_backup_file_write_contact (&writer, &contact);
  contact = (KhBackupFileContact){ .petname = text_of ("Bob"),
                                   .announced_name = text_of (""),
                                   .added_at_ms = 3,
                                   .blocked = true,
                                   .muted = true };
  contact.id[31] = 2;
  kh_backup_file_write_contact (&writer, &contact);
  kh_backup_file_pad (&writer);
  g_assert_true (kh_writer_done (&writer));
  return writer.len;
}

/* Made by a program in another language from PROTOCOL.md and libsodium alone. */
static void
test_golden_file (void)
{
  static const char *const expected
      = "85bb44faa4868a565bdb4145f54bf33ee8b417b368c8b48e70cc600b31d6a52d";
  guint8 contents[KH_BACKUP_FILE_BLOCK];
  guint8 file[sizeof contents + KH_BACKUP_FILE_OVERHEAD];
  KhBackupFileHeader header = quick_header ();
  guint8 hash[32];
  char text[65];

  g_assert_cmpuint (write_contents (contents, sizeof contents), ==, sizeof contents);
  g_assert_cmpint (kh_backup_file_seal (&header, PASSPHRASE, strlen (PASSPHRASE),
                                        contents, sizeof contents, file),
                   ==, KH_BACKUP_FILE_GOOD);
  crypto_generichash (hash, sizeof hash, file, sizeof file, NULL, 0);
  sodium_bin2hex (text, sizeof text, hash, sizeof hash);
  g_assert_cmpstr (text, ==, expected);
}

static void
assert_text (KhText text, const char *expected)
{
  g_assert_cmpmem (text.bytes, text.len, expected, strlen (expected));
}

static void
test_contents_come_back (void)
{
  guint8 contents[KH_BACKUP_FILE_BLOCK];
  gsize len = write_contents (contents, sizeof contents);
  KhBackupFileHead expected = head_of (2);
  KhBackupFileHead head;
  KhBackupFileContact contact;
  KhReader reader;

  kh_reader_init (&reader, contents, len);
  g_assert_true (kh_backup_file_read_head (&reader, &head));
  g_assert_cmpmem (head.secret_key, 32, expected.secret_key, 32);
  g_assert_cmpmem (head.public_key, 32, expected.public_key, 32);
  g_assert_cmpuint (head.made_at_ms, ==, expected.made_at_ms);
  g_assert_cmpuint (head.n_contacts, ==, 2);
  assert_text (head.name, "O'Hara");
  assert_text (head.server, "knothole://a.example");
  assert_text (head.room, "");
  g_assert_true (kh_backup_file_read_contact (&reader, &contact));
  g_assert_cmpuint (contact.id[31], ==, 1);
  assert_text (contact.petname, "Alice");
  assert_text (contact.announced_name, "al");
  g_assert_cmpuint (contact.verified_at_ms, ==, 5);
  g_assert_cmpuint (contact.added_at_ms, ==, 2);
  g_assert_cmpuint (contact.last_seen_at_ms, ==, 4);
  g_assert_true (contact.accepts_calls && contact.accepts_offers);
  g_assert_false (contact.blocked || contact.muted);
  g_assert_true (kh_backup_file_read_contact (&reader, &contact));
  assert_text (contact.petname, "Bob");
  g_assert_true (contact.blocked && contact.muted);
  g_assert_false (contact.accepts_calls || contact.accepts_offers);
}

static void
test_contents_cut_off_are_damage (void)
{
  guint8 contents[KH_BACKUP_FILE_BLOCK];
  gsize end = 0;

  write_contents (contents, sizeof contents);
  for (gsize len = 0; len < 400; len++)
    {
      guint8 *exact = g_memdup2 (contents, len);
      KhBackupFileHead head;
      KhBackupFileContact contact;
      KhReader reader;
      bool good;

      kh_reader_init (&reader, exact, len);
      good = kh_backup_file_read_head (&reader, &head)
             && kh_backup_file_read_contact (&reader, &contact)
             && kh_backup_file_read_contact (&reader, &contact);
      g_assert_true (good || end == 0);
      if (good && end == 0)
        end = len;
      g_free (exact);
    }
  g_assert_cmpuint (end, >, 200);
}

static void
test_keys_belong_together (void)
{
  guint8 contents[KH_BACKUP_FILE_BLOCK];
  KhBackupFileHead head;
  KhReader reader;

  write_contents (contents, sizeof contents);
  contents[40] ^= 1;
  kh_reader_init (&reader, contents, sizeof contents);
  g_assert_false (kh_backup_file_read_head (&reader, &head));
  g_assert_true (sodium_is_zero (head.secret_key, sizeof head.secret_key));
}

static void
test_what_is_too_long_is_not_written (void)
{
  g_autofree char *text = g_strnfill (2000, 'x');
  guint8 bytes[4096];

  for (guint field = 0; field < 6; field++)
    {
      KhBackupFileHead head = head_of (field == 3 ? KH_BACKUP_FILE_CONTACTS_MAX + 1 : 1);
      KhBackupFileContact contact
          = { .petname = text_of ("x"), .announced_name = text_of ("y") };
      KhWriter writer;

      if (field == 0)
        head.name = (KhText){ text, KH_BACKUP_FILE_NAME_MAX + 1 };
      else if (field == 1)
        head.server = (KhText){ text, KH_BACKUP_FILE_SERVER_MAX + 1 };
      else if (field == 2)
        head.room = (KhText){ text, KH_BACKUP_FILE_ROOM_MAX + 1 };
      else if (field == 4)
        contact.petname = (KhText){ text, KH_BACKUP_FILE_NAME_MAX + 1 };
      else if (field == 5)
        contact.announced_name = (KhText){ text, KH_BACKUP_FILE_NAME_MAX + 1 };
      kh_writer_init (&writer, bytes, sizeof bytes);
      kh_backup_file_write_head (&writer, &head);
      kh_backup_file_write_contact (&writer, &contact);
      g_assert_false (kh_writer_done (&writer));
    }
}

/* A later version has more fields in a contact. */
static void
test_longer_contact_is_read (void)
{
  guint8 bytes[1024];
  KhBackupFileContact contact
      = { .petname = text_of ("x"), .announced_name = text_of ("y"), .muted = true };
  KhBackupFileContact read;
  KhReader reader;
  KhWriter writer;

  kh_writer_init (&writer, bytes, sizeof bytes);
  kh_backup_file_write_contact (&writer, &contact);
  kh_writer_bytes (&writer, "later", 5);
  kh_writer_patch_u16 (bytes, (guint16)(writer.len - 2));
  kh_backup_file_write_contact (&writer, &contact);
  kh_reader_init (&reader, bytes, writer.len);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (kh_backup_file_read_contact (&reader, &read));
      assert_text (read.petname, "x");
      g_assert_true (read.muted);
    }
  g_assert_cmpuint (reader.left, ==, 0);
}

static void
test_only_the_passphrase_opens (void)
{
  static const char *const wrong[]
      = { "", "correct hors", "correct horse ", "Correct horse" };
  guint8 contents[100];
  guint8 opened[sizeof contents];
  guint8 file[sizeof contents + KH_BACKUP_FILE_OVERHEAD];
  KhBackupFileHeader header = quick_header ();

  memset (contents, 7, sizeof contents);
  kh_backup_file_seal (&header, PASSPHRASE, strlen (PASSPHRASE), contents,
                       sizeof contents, file);
  g_assert_cmpint (
      kh_backup_file_open (file, sizeof file, PASSPHRASE, strlen (PASSPHRASE), opened),
      ==, KH_BACKUP_FILE_GOOD);
  g_assert_cmpmem (opened, sizeof opened, contents, sizeof contents);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      memset (opened, 0, sizeof opened);
      g_assert_cmpint (
          kh_backup_file_open (file, sizeof file, wrong[i], strlen (wrong[i]), opened),
          ==, KH_BACKUP_FILE_WRONG_PASSPHRASE);
      g_assert_true (sodium_is_zero (opened, sizeof opened));
    }
}

/* Makes the check right again after a change. */
static void
mend (guint8 *file, gsize len)
{
  crypto_generichash (file + len - 16, 16, file, len - 16, NULL, 0);
}

static void
test_damage_is_told_from_a_wrong_passphrase (void)
{
  guint8 contents[10] = { 1 };
  guint8 opened[sizeof contents];
  guint8 file[sizeof contents + KH_BACKUP_FILE_OVERHEAD];
  KhBackupFileHeader header = quick_header ();

  kh_backup_file_seal (&header, PASSPHRASE, strlen (PASSPHRASE), contents,
                       sizeof contents, file);
  for (gsize at = 0; at < sizeof file; at++)
    {
      KhBackupFileVerdict verdict;

      file[at] ^= 0x80;
      verdict = kh_backup_file_check (file, sizeof file, &header);
      g_assert_cmpint (verdict, ==,
                       at < 8    ? KH_BACKUP_FILE_OTHER
                       : at == 8 ? KH_BACKUP_FILE_NEWER
                                 : KH_BACKUP_FILE_DAMAGED);
      file[at] ^= 0x80;
    }
  for (gsize len = 0; len < sizeof file; len++)
    g_assert_cmpint (kh_backup_file_check (file, len, &header), !=, KH_BACKUP_FILE_GOOD);
  /* Somebody who also mends the check gets nowhere either. */
  file[KH_BACKUP_FILE_HEADER_LEN] ^= 1;
  mend (file, sizeof file);
  g_assert_cmpint (
      kh_backup_file_open (file, sizeof file, PASSPHRASE, strlen (PASSPHRASE), opened),
      ==, KH_BACKUP_FILE_WRONG_PASSPHRASE);
}

static void
test_parameters_have_bounds (void)
{
  static const struct
  {
    guint32 memory_kib;
    guint32 passes;
    KhBackupFileVerdict verdict;
  } cases[] = {
    { KH_BACKUP_FILE_MEMORY_KIB_MIN, 1, KH_BACKUP_FILE_GOOD },
    { KH_BACKUP_FILE_MEMORY_KIB_MAX, KH_BACKUP_FILE_PASSES_MAX, KH_BACKUP_FILE_GOOD },
    { KH_BACKUP_FILE_MEMORY_KIB, KH_BACKUP_FILE_PASSES, KH_BACKUP_FILE_GOOD },
    { KH_BACKUP_FILE_MEMORY_KIB_MIN - 1, 1, KH_BACKUP_FILE_DAMAGED },
    { KH_BACKUP_FILE_MEMORY_KIB_MAX + 1, 1, KH_BACKUP_FILE_DAMAGED },
    { KH_BACKUP_FILE_MEMORY_KIB_MIN, 0, KH_BACKUP_FILE_DAMAGED },
    { KH_BACKUP_FILE_MEMORY_KIB_MIN, KH_BACKUP_FILE_PASSES_MAX + 1,
      KH_BACKUP_FILE_DAMAGED },
    { G_MAXUINT32, G_MAXUINT32, KH_BACKUP_FILE_DAMAGED },
  };
  guint8 file[KH_BACKUP_FILE_OVERHEAD];
  KhBackupFileHeader header = quick_header ();

  kh_backup_file_seal (&header, PASSPHRASE, strlen (PASSPHRASE), (const guint8 *)"", 0,
                       file);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      KhWriter writer;

      kh_writer_init (&writer, file + 10, 8);
      kh_writer_u32 (&writer, cases[i].memory_kib);
      kh_writer_u32 (&writer, cases[i].passes);
      mend (file, sizeof file);
      g_assert_cmpint (kh_backup_file_check (file, sizeof file, &header), ==,
                       cases[i].verdict);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (sodium_init (), >=, 0);
  g_test_add_func ("/backup-file/golden-file", test_golden_file);
  g_test_add_func ("/backup-file/contents-come-back", test_contents_come_back);
  g_test_add_func ("/backup-file/contents-cut-off-are-damage",
                   test_contents_cut_off_are_damage);
  g_test_add_func ("/backup-file/keys-belong-together", test_keys_belong_together);
  g_test_add_func ("/backup-file/what-is-too-long-is-not-written",
                   test_what_is_too_long_is_not_written);
  g_test_add_func ("/backup-file/longer-contact-is-read", test_longer_contact_is_read);
  g_test_add_func ("/backup-file/only-the-passphrase-opens",
                   test_only_the_passphrase_opens);
  g_test_add_func ("/backup-file/damage-is-told-from-a-wrong-passphrase",
                   test_damage_is_told_from_a_wrong_passphrase);
  g_test_add_func ("/backup-file/parameters-have-bounds", test_parameters_have_bounds);
  return g_test_run ();
}

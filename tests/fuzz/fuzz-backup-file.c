/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A backup. The input is taken for a file, of which the header is read, and for contents:
 * what can be read of those is written and reads as the same again.
 */
#include "proto/backup-file.h"

#include <glib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

static void
check_file (const guint8 *data, size_t size)
{
  KhBackupFileHeader header;

  if (kh_backup_file_check (data, size, &header) != KH_BACKUP_FILE_GOOD)
    return;
  g_assert_cmpuint (size, >=, KH_BACKUP_FILE_OVERHEAD);
  g_assert_cmpuint (header.memory_kib, <=, KH_BACKUP_FILE_MEMORY_KIB_MAX);
  g_assert_cmpuint (header.passes, <=, KH_BACKUP_FILE_PASSES_MAX);
}

static void
check_contact (const KhBackupFileContact *contact)
{
  guint8 bytes[KH_BACKUP_FILE_CONTACT_MAX];
  guint8 again[KH_BACKUP_FILE_CONTACT_MAX];
  KhBackupFileContact read;
  KhReader reader;
  KhWriter writer;
  KhWriter second;

  kh_writer_init (&writer, bytes, sizeof bytes);
  kh_backup_file_write_contact (&writer, contact);
  g_assert_true (kh_writer_done (&writer));
  kh_reader_init (&reader, bytes, writer.len);
  g_assert_true (kh_backup_file_read_contact (&reader, &read));
  g_assert_cmpuint (reader.left, ==, 0);
  kh_writer_init (&second, again, sizeof again);
  kh_backup_file_write_contact (&second, &read);
  g_assert_cmpmem (bytes, writer.len, again, second.len);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  guint8 bytes[KH_BACKUP_FILE_HEAD_MAX];
  KhBackupFileContact contact;
  KhBackupFileHead head;
  KhReader reader;
  KhWriter writer;

  check_file (data, size);
  kh_reader_init (&reader, data, size);
  if (kh_backup_file_read_head (&reader, &head))
    {
      kh_writer_init (&writer, bytes, sizeof bytes);
      kh_backup_file_write_head (&writer, &head);
      g_assert_true (kh_writer_done (&writer));
      g_assert_cmpmem (bytes, writer.len, data, size - reader.left);
    }
  else
    /* Contacts are looked at also where the keys are not right, which is soon. */
    kh_reader_init (&reader, data, size);
  while (reader.left > 0 && kh_backup_file_read_contact (&reader, &contact))
    check_contact (&contact);
  return 0;
}

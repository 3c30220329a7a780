/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"
#include "cli/run.h"
#include "cli/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* So that small files don't wait a round trip for each other. */
#define AT_ONCE 4

typedef enum
{
  WAITING,
  RUNNING,
  ARRIVED,
  DECLINED,
  FAILED,
} State;

typedef struct
{
  const char *path;
  State state;
  KhItemId item;
  guint64 sent; /* bytes */
  guint64 size;
} File;

typedef struct
{
  File *files;
  guint n_files;
  guint next;
  guint n_running;
} Send;

static File *
find_file (Send *self, const KhItemId *item)
{
  for (guint i = 0; i < self->next; i++)
    if (self->files[i].state == RUNNING
        && memcmp (&self->files[i].item, item, sizeof *item) == 0)
      return &self->files[i];
  return NULL;
}

static guint
count (const Send *self, State state)
{
  guint n = 0;

  for (guint i = 0; i < self->n_files; i++)
    if (self->files[i].state == state)
      n++;
  return n;
}

static void
offer (KhRun *run, File *file)
{
  Send *self = run->data;
  g_autoptr (GError) error = NULL;

  if (kh_client_send_file (run->client, &run->peer, file->path, &file->item, &error))
    {
      file->state = RUNNING;
      self->n_running++;
      return;
    }
  {
    g_autofree char *why = kh_text_clean (error->message);

    file->state = FAILED;
    kh_output_error (run->output, KH_STATUS_TRANSFER, why);
  }
}

/* After one file nothing more is to be said than what has been. */
static void
finish (KhRun *run)
{
  Send *self = run->data;
  guint n_declined = count (self, DECLINED);
  guint n_failed = count (self, FAILED);
  KhStatus status = n_failed > 0     ? KH_STATUS_TRANSFER
                    : n_declined > 0 ? KH_STATUS_DECLINED
                                     : KH_STATUS_DONE;

  if (self->n_files == 1)
    kh_run_end (run, status);
  else if (status == KH_STATUS_DONE)
    {
      kh_output_result (run->output, "all %u files have arrived", self->n_files);
      kh_run_end (run, status);
    }
  else
    kh_run_fail (run, status, "%u of %u files have arrived, %u declined, %u failed",
                 count (self, ARRIVED), self->n_files, n_declined, n_failed);
}

static void
go_on (KhRun *run)
{
  Send *self = run->data;

  while (self->n_running < AT_ONCE && self->next < self->n_files)
    offer (run, &self->files[self->next++]);
  if (self->n_running == 0)
    finish (run);
}

static void
on_done (KhRun *run, const KhEvent *event, File *file)
{
  g_autofree char *path = kh_text_clean (file->path);
  g_autofree char *size = kh_text_size (event->bytes);
  double seconds = (double)MAX (event->ms, 1) / 1000;
  g_autofree char *speed = kh_text_size ((guint64)((double)event->bytes / seconds));

  kh_output_result (run->output, "arrived: %s (%s in %.1f s, %s/s)", path, size, seconds,
                    speed);
  file->state = ARRIVED;
}

static void
on_event (KhRun *run, const KhEvent *event)
{
  Send *self = run->data;
  File *file;

  if (!kh_run_is_peer (run, event))
    return;
  if (event->kind == KH_EVENT_DISCONNECTED && !run->is_connected && self->n_running == 0)
    kh_run_fail (run, KH_STATUS_TRANSFER, "the connection was lost: %s",
                 kh_text_link_end (event->link_end));
  if (event->kind != KH_EVENT_DONE && event->kind != KH_EVENT_TRANSFER_ENDED
      && event->kind != KH_EVENT_PROGRESS)
    return;
  file = find_file (self, &event->item);
  if (file == NULL)
    return;
  if (event->kind == KH_EVENT_PROGRESS)
    {
      file->sent = event->bytes;
      file->size = event->total;
      return;
    }
  self->n_running--;
  if (event->kind == KH_EVENT_DONE)
    on_done (run, event, file);
  else
    file->state = event->transfer_end == KH_TRANSFER_END_DECLINED ? DECLINED : FAILED;
  go_on (run);
}

/* The client ends every transfer by itself when the channel ends; this is for the files
 * whose turn had not come. */
static void
on_connected (KhRun *run)
{
  go_on (run);
}

static KhStatus
on_stopped (KhRun *run)
{
  Send *self = run->data;

  for (guint i = 0; i < self->n_files; i++)
    {
      const File *file = &self->files[i];
      g_autofree char *path = kh_text_clean (file->path);
      g_autofree char *sent = kh_text_size (file->sent);
      g_autofree char *size = kh_text_size (file->size);

      if (file->state == RUNNING)
        kh_output_warn (run->output, "not sent: %s (%s of %s were under way)", path, sent,
                        size);
      else if (file->state == WAITING)
        kh_output_warn (run->output, "not sent: %s (had not begun)", path);
    }
  kh_output_warn (run->output, "%u of %u files have arrived", count (self, ARRIVED),
                  self->n_files);
  return KH_STATUS_TRANSFER;
}

/* A sentence about why @path can't be sent, or NULL. */
static char *
find_mistake (const char *path, guint64 *size)
{
  g_autofree char *shown = kh_text_clean (path);
  struct stat info;
  int fd;

  if (stat (path, &info) != 0)
    return g_strdup_printf ("%s: %s", shown, g_strerror (errno));
  if (S_ISDIR (info.st_mode))
    return g_strdup_printf (
        "%s is a folder, and this version sends only files: pack it into "
        "one first, for example with tar",
        shown);
  if (!S_ISREG (info.st_mode))
    return g_strdup_printf ("%s is neither a file nor a folder", shown);
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return g_strdup_printf ("%s can't be read: %s", shown, g_strerror (errno));
  close (fd);
  *size = (guint64)info.st_size;
  return NULL;
}

KhStatus
kh_send_run (const KhOptions *options)
{
  g_autoptr (KhOutput) output = kh_output_new (options->json);
  guint n_files = options->n_arguments - 1;
  g_autofree File *files = g_new0 (File, n_files);
  Send self = { .files = files, .n_files = n_files };
  KhErrand errand = {
    .peer = options->arguments[0],
    .consent = KH_CONSENT_NONE,
    .connected = on_connected,
    .event = on_event,
    .stopped = on_stopped,
  };

  for (guint i = 0; i < n_files; i++)
    {
      g_autofree char *mistake = NULL;

      files[i].path = options->arguments[i + 1];
      mistake = find_mistake (files[i].path, &files[i].size);
      if (mistake != NULL)
        {
          kh_output_error (output, KH_STATUS_USAGE, mistake);
          return KH_STATUS_USAGE;
        }
    }
  return kh_run (options, &errand, &self);
}

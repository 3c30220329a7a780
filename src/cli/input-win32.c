/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread waits in ReadFile() or ReadConsoleW(), which nothing else can wait for. It
 * reads one piece, hands it over and waits until that was taken, so what is not wanted
 * stays where it is.
 *
 * Source: "Console Functions" and "ReadFile function" of the Windows API.
 */
#include "cli/input.h"

#include <windows.h>

#include <io.h>
#include <string.h>

/* What a line of a console begins with that means its end. */
#define CONTROL_Z L'\x1a'

/* One UTF-16 unit is at most three bytes of UTF-8; one unit more may wait from before. */
#define PIECE_UNITS (KH_INPUT_PIECE_LEN / 3 - 1)

/* Shared by both threads; whoever leaves last frees it. */
typedef struct
{
  gatomicrefcount references;
  HANDLE handle; /* Borrowed */
  gboolean is_console;
  /* The reader's own. */
  WCHAR half; /* the first half of a character whose second has not come; 0: none */
  GMutex lock;
  GCond changed;
  /* Under the lock. */
  KhInput *owner; /* NULL: it has gone */
  gboolean wanted;
  gboolean has_piece;
  char bytes[KH_INPUT_PIECE_LEN];
  gsize len;
} Reader;

struct _KhInput
{
  KhInputFunc func;
  gpointer data;
  Reader *reader;  /* Owned, a share of it */
  GThread *thread; /* Owned; NULL until the first piece is wanted */
  guint source;    /* Owned */
  gboolean paused;
  gboolean ended;
};

static void
reader_unref (gpointer data)
{
  Reader *self = data;

  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

/* --- The thread that reads -------------------------------------------------------- */

static gsize
to_utf8 (Reader *self, const WCHAR *units, DWORD n, char bytes[KH_INPUT_PIECE_LEN])
{
  WCHAR whole[PIECE_UNITS + 1];
  DWORD n_whole = 0;
  int len;

  if (self->half != 0)
    whole[n_whole++] = self->half;
  self->half = 0;
  memcpy (whole + n_whole, units, n * sizeof *units);
  n_whole += n;
  if (IS_HIGH_SURROGATE (whole[n_whole - 1]))
    self->half = whole[--n_whole];
  if (n_whole == 0)
    return 0;
  len = WideCharToMultiByte (CP_UTF8, 0, whole, (int)n_whole, bytes, KH_INPUT_PIECE_LEN,
                             NULL, NULL);
  return len > 0 ? (gsize)len : 0;
}

/* Ctrl+C ends a read with nothing, or an error that says so: that is no end. */
static gsize
read_console (Reader *self, char bytes[KH_INPUT_PIECE_LEN])
{
  WCHAR units[PIECE_UNITS];
  gsize len = 0;

  while (len == 0)
    {
      DWORD n = 0;

      SetLastError (ERROR_SUCCESS);
      if (!ReadConsoleW (self->handle, units, PIECE_UNITS, &n, NULL))
        return 0;
      if (n == 0 && GetLastError () != ERROR_OPERATION_ABORTED)
        return 0;
      if (n > 0 && units[0] == CONTROL_Z)
        return 0;
      if (n > 0)
        len = to_utf8 (self, units, n, bytes);
    }
  return len;
}

/* Nothing read is the end, as for the C library. */
static gsize
read_file (Reader *self, char bytes[KH_INPUT_PIECE_LEN])
{
  DWORD n = 0;

  return ReadFile (self->handle, bytes, KH_INPUT_PIECE_LEN, &n, NULL) ? n : 0;
}

static gboolean
hand_over (gpointer data)
{
  Reader *self = data;
  KhInput *owner;
  char bytes[KH_INPUT_PIECE_LEN];
  gsize len;

  g_mutex_lock (&self->lock);
  owner = self->owner;
  if (owner == NULL || owner->paused || !self->has_piece)
    {
      /* pause (FALSE) comes here again. */
      if (owner != NULL)
        owner->source = 0;
      g_mutex_unlock (&self->lock);
      return G_SOURCE_REMOVE;
    }
  owner->source = 0;
  len = self->len;
  memcpy (bytes, self->bytes, len);
  self->has_piece = FALSE;
  g_mutex_unlock (&self->lock);
  owner->ended = len == 0;
  owner->func (bytes, len, owner->data);
  if (self->owner != NULL)
    kh_input_pause (owner, owner->paused);
  return G_SOURCE_REMOVE;
}

/* With the lock held. */
static void
schedule (Reader *self)
{
  if (self->owner->source != 0)
    return;
  g_atomic_ref_count_inc (&self->references);
  self->owner->source
      = g_idle_add_full (G_PRIORITY_DEFAULT, hand_over, self, reader_unref);
}

static gpointer
run (gpointer data)
{
  Reader *self = data;
  char bytes[KH_INPUT_PIECE_LEN];
  gsize len = 1;

  g_mutex_lock (&self->lock);
  while (self->owner != NULL && len > 0)
    {
      while (self->owner != NULL && !self->wanted)
        g_cond_wait (&self->changed, &self->lock);
      if (self->owner == NULL)
        break;
      self->wanted = FALSE;
      g_mutex_unlock (&self->lock);
      len = self->is_console ? read_console (self, bytes) : read_file (self, bytes);
      g_mutex_lock (&self->lock);
      memcpy (self->bytes, bytes, len);
      self->len = len;
      self->has_piece = TRUE;
      if (self->owner != NULL)
        schedule (self);
    }
  g_mutex_unlock (&self->lock);
  reader_unref (self);
  return NULL;
}

/* --- The main loop ----------------------------------------------------------------- */

KhInput *
kh_input_new (int fd, KhInputFunc func, gpointer data)
{
  KhInput *self = g_new0 (KhInput, 1);
  Reader *reader = g_new0 (Reader, 1);
  DWORD mode;

  g_atomic_ref_count_init (&reader->references);
  g_mutex_init (&reader->lock);
  g_cond_init (&reader->changed);
  reader->handle = (HANDLE)_get_osfhandle (fd);
  reader->is_console = GetConsoleMode (reader->handle, &mode);
  reader->owner = self;
  self->func = func;
  self->data = data;
  self->paused = TRUE;
  self->reader = reader;
  return self;
}

/* The thread may stay in its read until the process ends: nobody waits for it. */
void
kh_input_free (KhInput *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  g_mutex_lock (&self->reader->lock);
  self->reader->owner = NULL;
  g_cond_signal (&self->reader->changed);
  g_mutex_unlock (&self->reader->lock);
  g_clear_pointer (&self->thread, g_thread_unref);
  reader_unref (self->reader);
  g_free (self);
}

void
kh_input_pause (KhInput *self, gboolean paused)
{
  Reader *reader = self->reader;

  self->paused = paused;
  if (paused || self->ended)
    return;
  g_mutex_lock (&reader->lock);
  if (reader->has_piece)
    schedule (reader);
  else
    reader->wanted = TRUE;
  g_cond_signal (&reader->changed);
  g_mutex_unlock (&reader->lock);
  if (self->thread == NULL)
    {
      g_atomic_ref_count_inc (&reader->references);
      self->thread = g_thread_new ("input", run, reader);
    }
}

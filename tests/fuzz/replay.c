/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * replay.c - runs a fuzz target over its corpus where there is no libFuzzer.
 *
 *   fuzz-NAME COUNT FOLDER   every file of FOLDER as it is, then altered ones, COUNT
 *                            in all; the same ones each time
 *   fuzz-NAME FILE           this file alone, to look at a crash
 *
 * An input that ends the program is left in the working folder as fuzz-NAME.crash.
 */
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Longer than any message on the wire. */
#define INPUT_MAX 70000
#define ALTERATIONS_MAX 4

int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);
int __attribute__ ((weak)) LLVMFuzzerInitialize (int *argc, char ***argv);

/* For on_crash() alone, which can be given nothing. */
static const guint8 *current;
static gsize current_len;
static char crash_path[128];

static const int crashes[] = {
  SIGABRT,
  SIGSEGV,
  SIGFPE,
#ifdef SIGTRAP
  SIGTRAP,
#endif
};

static void
on_crash (int number)
{
  int file = open (crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  gboolean saved = file >= 0 && write (file, current, current_len) == (gssize)current_len;

  if (saved && write (STDERR_FILENO, "the input is in ", 16) == 16
      && write (STDERR_FILENO, crash_path, strlen (crash_path)) > 0
      && write (STDERR_FILENO, "\n", 1) == 1)
    close (file);
  signal (number, SIG_DFL);
  raise (number);
}

/* In memory of just that size, so that the address sanitizer sees one byte beyond. */
static void
run_input (const guint8 *bytes, gsize len)
{
  guint8 *exact = malloc (len);

  if (len > 0)
    memcpy (exact, bytes, len);
  current = exact;
  current_len = len;
  LLVMFuzzerTestOneInput (exact, len);
  free (exact);
}

static guint32
below (GRand *random, gsize limit)
{
  return limit > 0 ? (guint32)g_rand_int (random) % (guint32)limit : 0;
}

static guint8
choose_byte (GRand *random)
{
  static const guint8 telling[] = { 0, 1, 0x7f, 0x80, 0xff, '/', '.', '#', '%', ' ' };

  return g_rand_boolean (random) ? telling[below (random, sizeof telling)]
                                 : (guint8)g_rand_int (random);
}

/* Changes @input once: a bit, a byte, something more, something less, or a run of
 * @other. */
static void
alter (GByteArray *input, GBytes *other, GRand *random)
{
  guint place = below (random, input->len + 1);
  gsize other_len;
  const guint8 *other_bytes = g_bytes_get_data (other, &other_len);
  guint8 byte = choose_byte (random);

  switch (below (random, 6))
    {
    case 0:
      if (place < input->len)
        input->data[place] ^= (guint8)(1 << below (random, 8));
      break;
    case 1:
      if (place < input->len)
        input->data[place] = byte;
      break;
    case 2:
      g_byte_array_set_size (input, place);
      break;
    case 3:
      g_byte_array_remove_range (input, place, below (random, input->len - place + 1));
      break;
    case 4:
      g_byte_array_append (input, &byte, 1);
      memmove (input->data + place + 1, input->data + place, input->len - 1 - place);
      input->data[place] = byte;
      break;
    default:
      place = below (random, other_len + 1);
      g_byte_array_append (input, other_bytes + place,
                           below (random, other_len - place + 1));
      break;
    }
  if (input->len > INPUT_MAX)
    g_byte_array_set_size (input, INPUT_MAX);
}

static void
run_altered (GPtrArray *corpus, GRand *random, guint number)
{
  GBytes *chosen = g_ptr_array_index (corpus, number % corpus->len);
  g_autoptr (GByteArray) input = g_byte_array_new ();

  g_byte_array_append (input, g_bytes_get_data (chosen, NULL),
                       (guint)g_bytes_get_size (chosen));
  for (guint i = below (random, ALTERATIONS_MAX) + 1; i > 0; i--)
    alter (input, g_ptr_array_index (corpus, below (random, corpus->len)), random);
  run_input (input->data, input->len);
}

static GBytes *
read_input (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *bytes;
  gsize len;

  if (!g_file_get_contents (path, &bytes, &len, &error))
    {
      g_printerr ("%s\n", error->message);
      exit (2);
    }
  return g_bytes_new_take (bytes, len);
}

static int
compare_names (gconstpointer first, gconstpointer second)
{
  return strcmp (*(const char *const *)first, *(const char *const *)second);
}

/* Sorted by name, so that every run is the same. */
static GPtrArray *
read_corpus (const char *folder)
{
  GPtrArray *corpus = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (corpus, read_input (g_ptr_array_index (names, i)));
  return corpus;
}

int
main (int argc, char *argv[])
{
  g_autofree char *program = g_path_get_basename (argv[0]);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (GPtrArray) corpus = NULL;
  guint count = 0;

  g_snprintf (crash_path, sizeof crash_path, "%s.crash", program);
  for (guint i = 0; i < G_N_ELEMENTS (crashes); i++)
    signal (crashes[i], on_crash);
  if (LLVMFuzzerInitialize != NULL)
    LLVMFuzzerInitialize (&argc, &argv);

  if (argc == 2)
    {
      g_autoptr (GBytes) input = read_input (argv[1]);

      run_input (g_bytes_get_data (input, NULL), g_bytes_get_size (input));
      return 0;
    }
  if (argc != 3)
    {
      g_printerr ("usage: %s COUNT FOLDER | FILE\n", program);
      return 2;
    }

  corpus = read_corpus (argv[2]);
  if (corpus->len == 0)
    {
      g_printerr ("%s: there is nothing in %s\n", program, argv[2]);
      return 1;
    }
  run_input (NULL, 0);
  for (; count < corpus->len; count++)
    {
      GBytes *input = g_ptr_array_index (corpus, count);

      run_input (g_bytes_get_data (input, NULL), g_bytes_get_size (input));
    }
  for (; count < (guint)atoi (argv[1]); count++)
    run_altered (corpus, random, count);
  g_print ("%u inputs from %u files\n", count, corpus->len);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * map-ports LEASE PORT[:WANTED]... - keeps ports mapped and says what comes of it, a line
 * each:
 *
 *     PORT none|upnp|nat-pmp|pcp [OUTSIDE LIFETIME]
 *
 * Reads lines: `add PORT[:WANTED]`, `remove PORT`, `network-changed`, `close`, which the
 * end of input is, too; then it says `closed` and ends.
 */
#include "net/port-mapper.h"

#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  KhPortMapper *mapper;
  GMainLoop *loop;
} Program;

static void
on_changed (G_GNUC_UNUSED gpointer data, const KhPortMapping *mapping)
{
  static const char *const names[] = { "none", "upnp", "nat-pmp", "pcp" };
  char outside[KH_ENDPOINT_TEXT_MAX];

  kh_endpoint_print (&mapping->external, outside);
  if (mapping->protocol == KH_PORT_MAPPING_NONE)
    printf ("%u none\n", mapping->internal_port);
  else if (mapping->external.family == 0)
    printf ("%u %s ?:%u %u\n", mapping->internal_port, names[mapping->protocol],
            mapping->external_port, mapping->lifetime_s);
  else
    printf ("%u %s %s %u\n", mapping->internal_port, names[mapping->protocol], outside,
            mapping->lifetime_s);
  fflush (stdout);
}

static void
on_closed (gpointer data)
{
  Program *self = data;

  printf ("closed\n");
  fflush (stdout);
  g_main_loop_quit (self->loop);
}

static void
add (Program *self, const char *text)
{
  const char *colon = strchr (text, ':');

  kh_port_mapper_add (self->mapper, (guint16)g_ascii_strtoull (text, NULL, 10),
                      colon != NULL ? (guint16)g_ascii_strtoull (colon + 1, NULL, 10)
                                    : 0);
}

static gboolean
on_input (gint fd, G_GNUC_UNUSED GIOCondition condition, gpointer data)
{
  Program *self = data;
  char line[64];
  size_t len = 0;

  /* Byte by byte, so that nothing waits in a buffer that the loop does not know of. */
  while (len < sizeof line - 1 && read (fd, line + len, 1) == 1 && line[len] != '\n')
    len++;
  line[len] = '\0';
  if (g_str_has_prefix (line, "add "))
    add (self, line + 4);
  else if (g_str_has_prefix (line, "remove "))
    kh_port_mapper_remove (self->mapper, (guint16)g_ascii_strtoull (line + 7, NULL, 10));
  else if (g_str_equal (line, "network-changed"))
    kh_port_mapper_network_changed (self->mapper);
  else
    {
      kh_port_mapper_close (self->mapper, on_closed, self);
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char *argv[])
{
  static const KhPortMapperListener listener = { on_changed };
  Program self = { .loop = g_main_loop_new (NULL, FALSE) };

  if (argc < 2)
    {
      fprintf (stderr, "usage: map-ports LEASE PORT[:WANTED]...\n");
      return 2;
    }
  self.mapper = kh_port_mapper_new ((guint32)g_ascii_strtoull (argv[1], NULL, 10),
                                    &listener, &self);
  for (int i = 2; i < argc; i++)
    add (&self, argv[i]);
  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, on_input, &self);
  g_main_loop_run (self.loop);
  kh_port_mapper_free (self.mapper);
  g_main_loop_unref (self.loop);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * empty - a program with the client's libraries and no client: its memory is the
 * floor that the benchmark prints beside that of the client. Ends with its input.
 */
#include <gio/gio.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GInetAddress) address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  sqlite3 *database;
  int failed = sodium_init () < 0 || sqlite3_open (":memory:", &database) != SQLITE_OK;

  if (!failed)
    sqlite3_exec (database, "CREATE TABLE t (a)", NULL, NULL, NULL);
  puts ("ready");
  fflush (stdout);
  getchar ();
  return failed || loop == NULL || address == NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * client-fixture.h - clients in this process at a real server beside it.
 *
 * server_start(), then client_start() for each client; wait_for() runs the main loop
 * until an event has come that has not been waited for before, and aborts the test after
 * DEADLINE_S; client_close() and server_stop() end all.
 */
#pragma once

#include "core/client.h"

/* Far more than anything takes, on a machine that is busy too. */
#define DEADLINE_S 60

typedef struct
{
  GSubprocess *process;
  char *folder;
  char *address;
} Server;

/* What a test may ask of an event that has come. */
typedef struct
{
  KhEventKind kind;
  KhPeerId peer;
  KhItemId item;
  char *text;
  char *name;
  KhEvent event; /* its pointers are gone */
} Seen;

typedef struct
{
  KhClient *client;
  char *folder;
  const char *save_to;  /* set before the start, as the next: NULL: @folder */
  gboolean asks_folder; /* the same */
  KhResume resume;
  KhPeerId id;
  GPtrArray *seen; /* Seen: not waited for yet, in order */
} Person;

/* @folder NULL: a new one; @address NULL: a port that the system chooses. */
void server_start (Server *server, const char *folder, const char *address);
void server_stop (Server *server);

/* A folder of the temporary directory, new. */
char *make_folder (void);
void remove_folder (const char *folder);

/* @folder is kept; NULL makes one. */
void client_open (Person *person, const Server *server, const char *name,
                  KhConsent consent, const char *folder);

/* The same, and waits until the client is online and knows who is there. */
void client_start (Person *person, const Server *server, const char *name,
                   KhConsent consent, const char *folder);

/* Leaves the data folder. */
void client_close (Person *person);

/* Nothing where the test has closed it already. */
void client_close_and_remove (Person *person);

/* The next event of that kind, taken from the list. */
Seen *wait_for (Person *person, KhEventKind kind);
void seen_free (Seen *seen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Seen, seen_free)

/* Waits for the event and forgets it. */
void wait_past (Person *person, KhEventKind kind);

/* Until the one sees the other online. */
void wait_until_sees (Person *person, const Person *other);

/* @called takes calls unasked. */
void clients_connect (Person *caller, Person *called);

/* Both leave the channel, and nobody wanted that. */
void clients_cut (Person *one, Person *other);

/* These return the ids. */
KhItemId say (Person *from, const Person *to, const char *text);
KhItemId send_path (Person *from, const Person *to, const char *path);

/* A file in @folder, with the folders that @name says. Returns its path. */
char *write_pattern (const char *folder, const char *name, gsize size, guint8 seed);

/* How many of that kind have come and were not waited for. */
guint count_seen (const Person *person, KhEventKind kind);

/* Runs the main loop for so long, to see that nothing comes. */
void wait_in_silence (guint ms);

/* Runs the main loop while there is something to do, without waiting. */
void run_what_is_ready (void);

gboolean on_deadline_passed (gpointer passed);

/* Runs the main loop until it is so, DEADLINE_S at most. */
#define WAIT_UNTIL(condition)                                                            \
  G_STMT_START                                                                           \
  {                                                                                      \
    gboolean passed = FALSE;                                                             \
    guint timer = g_timeout_add_seconds (DEADLINE_S, on_deadline_passed, &passed);       \
                                                                                         \
    while (!(condition) && !passed)                                                      \
      g_main_context_iteration (NULL, TRUE);                                             \
    g_source_remove (timer);                                                             \
    g_assert_true (condition);                                                           \
  }                                                                                      \
  G_STMT_END

/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * timeline-fixture.h - alice and bob, and lists that are watched.
 *
 * A Watch copies a timeline by what items-changed says, and fails the test when that is
 * not what the list holds, or when the list is out of order or has anything twice.
 */
#pragma once

#include "client-fixture.h"

#include "core/timeline.h"
#include "store/store.h"

typedef struct
{
  Server server;
  Person alice;
  Person bob;
  char *source; /* what alice sends is in here */
} Pair;

/* bob is asked where @data is "ask", else takes all. */
void pair_set_up (Pair *pair, gconstpointer data);
void pair_tear_down (Pair *pair, gconstpointer data);
void pair_connect (Pair *pair);
void pair_cut (Pair *pair);

/* Closes the client and opens it again with the same folder. */
void person_restart (Person *person, const Server *server, const char *name,
                     KhConsent consent);

/* The store of a client that is not running. */
KhStore *store_open_in (const char *folder, KhFolderLock **lock);
void store_close_in (KhStore *store, KhFolderLock *lock);

/* With @peer, or NULL: with everybody; waits until it is gone. */
void delete_history (Person *person, const KhPeerId *peer);
char *write_file (const Pair *pair, const char *name, gsize size);

typedef struct
{
  KhTimeline *timeline;
  GPtrArray *copy;
  guint n_changes; /* items-changed so far */
} Watch;

/* Opened, not loaded yet. */
void watch_open (Watch *watch, const Person *person, const Person *peer);

/* The same, and loaded. */
void watch_load (Watch *watch, const Person *person, const Person *peer);
void watch_close (Watch *watch);

/* Borrowed; fails where there is none. */
KhTimelineItem *watch_get (const Watch *watch, guint index);
KhTimelineItem *watch_last (const Watch *watch);

/* A timeline opened now has the same items. */
void watch_assert_reopens (const Watch *watch, const Person *person, const Person *peer);

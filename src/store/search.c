/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/search.h"
#include "proto/utf8.h"
#include "store/statement.h"

#include <string.h>

/* So many messages are looked through beside the index before they go into it. */
#define UNINDEXED_MAX 200

/* So many go into the index with one search, the newest first: a tenth of a second.
 * A search goes through those that are left. */
#define INDEX_STEP 10000

/* The index is asked for so many threes; what it finds is looked at anyway. */
#define TRIGRAMS_MAX 32
#define TRIGRAM_LEN 3

/* Marks on one letter. They are sorted in a time that grows with the square of their
 * number, and a stranger may send a text of nothing else; no writing has more. */
#define MARKS_MAX 30

typedef struct
{
  char *folded;
  gboolean plain; /* has no cases or forms: it is found in a text as that was written */
} Word;

typedef struct
{
  /* Borrowed */
  KhStore *store;
  const guint8 *peer;
  KhSearchStopped stopped;
  gpointer data;

  /* Owned */
  GArray *words;   /* Word */
  GString *match;  /* FTS5's language; empty where no word is long enough */
  GPtrArray *hits; /* KhStoredHit */

  gint64 before;
  guint limit;
} Search;

void
kh_stored_hit_free (KhStoredHit *hit)
{
  if (hit == NULL)
    return;
  g_free (hit->text);
  g_free (hit);
}

/* --- Words -------------------------------------------------------------------------- */

/* Bytes up to where more marks follow one another than MARKS_MAX. */
static gssize
sound_len (const char *text)
{
  const char *at = text;

  for (guint n = 0; *at != '\0'; at = g_utf8_next_char (at))
    {
      n = g_unichar_ismark (g_utf8_get_char (at)) ? n + 1 : 0;
      if (n > MARKS_MAX)
        break;
    }
  return at - text;
}

static void
append_folded (GString *folded, const char *text, gssize len)
{
  g_autofree char *composed = g_utf8_normalize (text, len, G_NORMALIZE_ALL_COMPOSE);
  /* NULL is damage: texts are UTF-8 when they are stored. */
  g_autofree char *piece = composed != NULL ? g_utf8_casefold (composed, -1) : NULL;

  g_string_append (folded, piece != NULL ? piece : "");
}

/* The form in which texts are compared and indexed: as contacts.c does with names. */
static char *
fold (const char *text)
{
  GString *folded;

  if (g_str_is_ascii (text))
    return g_ascii_strdown (text, -1);
  folded = g_string_sized_new (strlen (text));
  while (*text != '\0')
    {
      gssize len = sound_len (text);

      append_folded (folded, text, len);
      text += len;
    }
  return g_string_free (folded, FALSE);
}

static gboolean
is_plain (const char *word)
{
  g_autofree char *decomposed = g_utf8_normalize (word, -1, G_NORMALIZE_ALL);

  for (const char *at = word; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (g_unichar_toupper (c) != c || g_unichar_tolower (c) != c)
        return FALSE;
    }
  return strcmp (decomposed, word) == 0;
}

static void
clear_word (gpointer data)
{
  g_free (((Word *)data)->folded);
}

/* Each three characters of @word in a row, as texts that hold nothing of the language. */
static void
add_trigrams (GString *match, const char *word, guint *n)
{
  glong left = g_utf8_strlen (word, -1);

  for (const char *at = word; left >= TRIGRAM_LEN && *n < TRIGRAMS_MAX; left--)
    {
      const char *end = g_utf8_offset_to_pointer (at, TRIGRAM_LEN);

      g_string_append (match, (*n)++ == 0 ? "\"" : " AND \"");
      for (const char *byte = at; byte < end; byte++)
        {
          if (*byte == '"')
            g_string_append_c (match, '"');
          g_string_append_c (match, *byte);
        }
      g_string_append_c (match, '"');
      at = g_utf8_next_char (at);
    }
}

static void
split (Search *self, const char *text)
{
  gsize len = kh_utf8_truncate (text, strlen (text), KH_SEARCH_TEXT_MAX);
  g_autofree char *cut = g_strndup (text, len);
  g_autofree char *folded = g_utf8_validate (cut, -1, NULL) ? fold (cut) : g_strdup ("");
  const char *at = folded;
  guint n_trigrams = 0;

  while (*at != '\0')
    {
      const char *begin = at;

      while (*at != '\0' && !g_unichar_isspace (g_utf8_get_char (at)))
        at = g_utf8_next_char (at);
      if (at > begin)
        {
          Word word = { .folded = g_strndup (begin, (gsize)(at - begin)) };

          word.plain = is_plain (word.folded);
          g_array_append_val (self->words, word);
          add_trigrams (self->match, word.folded, &n_trigrams);
        }
      if (*at != '\0')
        at = g_utf8_next_char (at);
    }
}

static gboolean
holds_all (const Search *self, const char *text)
{
  g_autofree char *folded = NULL;

  for (guint i = 0; i < self->words->len; i++)
    {
      const Word *word = &g_array_index (self->words, Word, i);

      if (!word->plain && folded == NULL)
        folded = fold (text);
      if (strstr (word->plain ? text : folded, word->folded) == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_stopped (const Search *self)
{
  return self->stopped != NULL && self->stopped (self->data);
}

/* --- The index ---------------------------------------------------------------------- */

typedef struct
{
  gint64 seq;
  gint64 message;
} Place;

/* The newest that are to go into the index, newest first. */
static GArray *
list_unindexed (KhStore *store, guint limit, GError **error)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (Place));
  KhStatement query = kh_statement_begin (
      store, "SELECT unindexed.seq, messages.seq FROM unindexed"
             " CROSS JOIN timeline ON timeline.seq = unindexed.seq"
             " CROSS JOIN messages ON messages.seq = timeline.ref"
             " WHERE messages.state = 1 ORDER BY unindexed.seq DESC LIMIT ?");

  kh_statement_bind_int (&query, limit);
  while (kh_statement_next (&query))
    {
      Place place = { kh_statement_int (&query, 0), kh_statement_int (&query, 1) };

      g_array_append_val (places, place);
    }
  return kh_statement_end (&query, error) ? g_steal_pointer (&places) : NULL;
}

static gboolean
index_one (KhStore *store, const Place *place, GError **error)
{
  g_autoptr (KhStoredMessage) message = NULL;
  g_autofree char *folded = NULL;
  KhStatement change;

  if (!kh_messages_get (store, place->message, &message, error))
    return FALSE;
  folded = fold (message != NULL ? message->text : "");
  change = kh_statement_begin (store, "INSERT INTO search (rowid, text) VALUES (?, ?)");
  kh_statement_bind_int (&change, place->seq);
  kh_statement_bind_text (&change, folded);
  if (!kh_statement_run (&change, NULL, error))
    return FALSE;
  change = kh_statement_begin (store, "DELETE FROM unindexed WHERE seq = ?");
  kh_statement_bind_int (&change, place->seq);
  return kh_statement_run (&change, NULL, error);
}

static gboolean
bring_up_to_date (Search *self, GError **error)
{
  g_autoptr (GArray) places = NULL;
  gboolean good = TRUE;
  gboolean own;

  if (sqlite3_db_readonly (self->store->db, "main") != 0)
    return TRUE;
  places = list_unindexed (self->store, INDEX_STEP, error);
  if (places == NULL || places->len <= UNINDEXED_MAX)
    return places != NULL;
  if (!kh_store_change_begin (self->store, &own, error))
    return FALSE;
  /* The index takes them in the order of their numbers. */
  for (guint i = places->len; good && i-- > 0 && !is_stopped (self);)
    good = index_one (self->store, &g_array_index (places, Place, i), error);
  return kh_store_change_end (self->store, own, good, error);
}

/* --- Where is looked ---------------------------------------------------------------- */

#define COLUMNS                                                                          \
  "SELECT timeline.seq, timeline.kind, timeline.peer, timeline.direction,"               \
  " timeline.at_ms, "

/* What has a place, below ?1, and is of the peer ?2 where that is not NULL. The plus
 * keeps SQLite to the order of the places. */
#define OF_MESSAGES                                                                      \
  " CROSS JOIN messages ON messages.seq = timeline.ref"                                  \
  " WHERE +timeline.kind = 0 AND timeline.seq < ?1"
#define OF_PEER " AND (?2 IS NULL OR timeline.peer = ?2)"

#define INDEXED                                                                          \
  COLUMNS "messages.text FROM search CROSS JOIN timeline ON timeline.seq = "             \
          "search.rowid" OF_MESSAGES OF_PEER                                             \
          " AND search.rowid < ?1 AND search MATCH ?3"                                   \
          " ORDER BY search.rowid DESC"
#define UNINDEXED                                                                        \
  COLUMNS "messages.text FROM unindexed"                                                 \
          " CROSS JOIN timeline ON timeline.seq = unindexed.seq" OF_MESSAGES OF_PEER     \
          " ORDER BY unindexed.seq DESC"
#define ALL_MESSAGES COLUMNS "messages.text FROM timeline" OF_MESSAGES
#define TRANSFERS                                                                        \
  COLUMNS "transfers.name FROM transfers CROSS JOIN timeline"                            \
          " ON timeline.kind = 1 AND timeline.ref = transfers.seq"                       \
          " WHERE timeline.seq < ?1" OF_PEER " ORDER BY timeline.seq DESC"

static KhStoredHit *
read_hit (KhStatement *query, char *text)
{
  KhStoredHit *hit = g_new0 (KhStoredHit, 1);

  hit->seq = kh_statement_int (query, 0);
  hit->kind = (KhStoredThingKind)kh_statement_int (query, 1);
  kh_statement_bytes (query, 2, hit->peer, KH_ID_LEN);
  hit->direction = (KhStoreDirection)kh_statement_int (query, 3);
  hit->at_ms = kh_statement_int (query, 4);
  hit->text = text;
  return hit;
}

/* Adds what @sql finds, newest first, until there are enough of it. */
static gboolean
look (Search *self, const char *sql, gboolean indexed, GError **error)
{
  KhStatement query = kh_statement_begin (self->store, sql);
  guint n = 0;

  kh_statement_bind_int (&query, self->before);
  if (self->peer != NULL)
    kh_statement_bind_bytes (&query, self->peer, KH_ID_LEN);
  else
    kh_statement_bind_text (&query, NULL);
  if (indexed)
    kh_statement_bind_text (&query, self->match->str);
  while (n < self->limit && !is_stopped (self) && kh_statement_next (&query))
    {
      g_autofree char *text = kh_statement_text (&query, 5);

      if (text == NULL || !holds_all (self, text))
        continue;
      g_ptr_array_add (self->hits, read_hit (&query, g_steal_pointer (&text)));
      n++;
    }
  return kh_statement_end (&query, error);
}

static gboolean
look_everywhere (Search *self, GError **error)
{
  gboolean good;

  if (self->match->len > 0)
    good = bring_up_to_date (self, error) && look (self, INDEXED, TRUE, error)
           && look (self, UNINDEXED, FALSE, error);
  else if (self->peer != NULL)
    good = look (self, ALL_MESSAGES " AND timeline.peer = ?2 ORDER BY timeline.seq DESC",
                 FALSE, error);
  else
    good = look (self, ALL_MESSAGES " AND ?2 IS NULL ORDER BY timeline.seq DESC", FALSE,
                 error);
  return good && look (self, TRANSFERS, FALSE, error);
}

static gint
compare_hits (gconstpointer a, gconstpointer b)
{
  const KhStoredHit *one = *(const KhStoredHit *const *)a;
  const KhStoredHit *other = *(const KhStoredHit *const *)b;

  return (one->seq < other->seq) - (one->seq > other->seq);
}

GPtrArray *
kh_search_find (KhStore *store, const guint8 *peer, const char *text, gint64 before,
                guint limit, KhSearchStopped stopped, gpointer data, GError **error)
{
  g_autoptr (GArray) words = g_array_new (FALSE, FALSE, sizeof (Word));
  g_autoptr (GString) match = g_string_new (NULL);
  g_autoptr (GPtrArray) hits
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_stored_hit_free);
  Search self = { .store = store,
                  .peer = peer,
                  .stopped = stopped,
                  .data = data,
                  .words = words,
                  .match = match,
                  .hits = hits,
                  .before = before == 0 ? G_MAXINT64 : before,
                  .limit = limit };

  g_array_set_clear_func (words, clear_word);
  split (&self, text);
  if (words->len > 0 && !look_everywhere (&self, error))
    return NULL;
  g_ptr_array_sort (hits, compare_hits);
  if (hits->len > limit)
    g_ptr_array_set_size (hits, (gint)limit);
  return g_steal_pointer (&hits);
}

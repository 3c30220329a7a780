/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/offer.h"

#include "cli/text.h"

#include <string.h>

#define OVER_QUOTA "more than what is taken unasked from somebody not verified today"

/* What @entry will be called here, where that is something else; or nothing. */
static char *
other_name (const KhEntryInfo *entry)
{
  g_autofree char *safe = kh_text_clean (entry->safe_path);

  if (entry->safe_path == NULL || strcmp (entry->safe_path, entry->path) == 0)
    return g_strdup ("");
  return g_strdup_printf (", here called %s", safe);
}

static void
append_entry (GString *text, const KhEntryInfo *entry)
{
  g_autofree char *path = kh_text_clean (entry->path);
  g_autofree char *size = kh_text_size (entry->size);
  g_autofree char *other = other_name (entry);

  if (entry->kind == KH_TREE_FILE)
    g_string_append_printf (text, "  %s  %s%s\n", path, size, other);
  else if (entry->kind == KH_TREE_FOLDER)
    g_string_append_printf (text, "  %s/%s\n", path, other);
  else
    g_string_append_printf (text, "  %s  (link, not sent)\n", path);
}

static void
append_entries (GString *text, const KhEvent *event, const GPtrArray *entries)
{
  guint n = event->n_files + event->n_folders;
  guint n_shown = 0;

  for (guint i = 0; i < entries->len; i++)
    {
      const KhEntryInfo *entry = g_ptr_array_index (entries, i);

      append_entry (text, entry);
      if (entry->kind != KH_TREE_LINK)
        n_shown++;
    }
  if (n > n_shown)
    {
      g_autofree char *more = kh_text_number (n - n_shown);

      g_string_append_printf (text, "  and %s more\n", more);
    }
}

static gboolean
is_one_file (const KhEvent *event)
{
  return event->n_files == 1 && event->n_folders == 0;
}

/* Why it is asked, where somebody thought that it would not be. */
static void
append_why (GString *text, const KhEvent *event)
{
  if (event->status == KH_FRAME_STATUS_OVER_QUOTA)
    g_string_append (text, "This is " OVER_QUOTA ".\n");
}

char *
kh_offer_summary (const KhEvent *event)
{
  g_autofree char *name = kh_text_clean (event->text);
  g_autofree char *size = kh_text_size (event->total);
  g_autofree char *files = kh_text_count (event->n_files, "file", "files");
  g_autofree char *folders = kh_text_count (event->n_folders, "folder", "folders");

  if (is_one_file (event))
    return g_strdup_printf ("%s (%s)", name, size);
  return g_strdup_printf ("%s (%s%s%s, %s)", name, files,
                          event->n_folders > 0 ? ", " : "",
                          event->n_folders > 0 ? folders : "", size);
}

char *
kh_offer_question (const KhEvent *event, const GPtrArray *entries,
                   const char *const *only)
{
  GString *text = g_string_new (NULL);
  g_autofree char *peer = kh_text_name (event);
  g_autofree char *summary = kh_offer_summary (event);
  g_autofree char *patterns = only != NULL ? g_strjoinv ("' or '", (char **)only) : NULL;
  g_autofree char *limits = kh_text_clean (patterns);

  if (entries != NULL && is_one_file (event) && entries->len == 1)
    {
      g_autofree char *other = other_name (g_ptr_array_index (entries, 0));

      append_why (text, event);
      g_string_append_printf (text, "Take %s from %s%s", summary, peer, other);
    }
  else
    {
      if (entries != NULL)
        {
          g_string_append_printf (text, "%s offers:\n", peer);
          append_entries (text, event, entries);
        }
      append_why (text, event);
      g_string_append_printf (text, "Take %s from %s", summary, peer);
    }
  if (only != NULL)
    g_string_append_printf (text, ", but only what is called '%s'", limits);
  return g_string_free (g_string_append_c (text, '?'), FALSE);
}

char *
kh_offer_declined (const KhEvent *event)
{
  g_autofree char *peer = kh_text_name (event);
  g_autofree char *summary = kh_offer_summary (event);

  return g_strdup_printf ("declined %s from %s: %s", summary, peer,
                          event->status == KH_FRAME_STATUS_OVER_QUOTA
                              ? "it is " OVER_QUOTA " (see --quota)"
                              : "there is nobody to ask (see --accept)");
}

const char *
kh_offer_reason (const KhEvent *event)
{
  return event->status == KH_FRAME_STATUS_OVER_QUOTA ? KH_OFFER_QUOTA : "nobody to ask";
}

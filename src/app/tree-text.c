/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/tree-text.h"

#include "app/name-isolate.h"
#include "app/transfer-look.h"
#include "app/transfer-reason.h"

#include <glib/gi18n.h>
#include <string.h>

static const char *
last_part (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

static const char *
shown_path (const KhEntryInfo *entry, gboolean outgoing)
{
  return !outgoing && entry->safe_path != NULL ? entry->safe_path : entry->path;
}

char *
kh_tree_text_name (const KhEntryInfo *entry, gboolean outgoing)
{
  return g_utf8_make_valid (last_part (shown_path (entry, outgoing)), -1);
}

char *
kh_tree_text_size (const KhEntryInfo *entry)
{
  if (entry->kind == KH_TREE_FILE)
    return g_format_size (entry->size);
  return g_strdup (entry->kind == KH_TREE_LINK ? _ ("link, not sent") : "");
}

char *
kh_tree_text_state (const KhEntryInfo *entry, gboolean outgoing)
{
  switch (entry->kind == KH_TREE_LINK ? KH_ENTRY_IS_PENDING : entry->state)
    {
    case KH_ENTRY_IS_DONE:
      return g_strdup (outgoing ? _ ("sent") : _ ("received"));
    case KH_ENTRY_WAS_THERE:
      return g_strdup (_ ("was there already"));
    case KH_ENTRY_HAS_FAILED:
      /* Translators: of one file: why it failed. */
      return g_strdup_printf (_ ("failed: %s"), kh_transfer_reason_short (entry->status));
    case KH_ENTRY_WAS_LEFT_OUT:
      return g_strdup (_ ("left out"));
    case KH_ENTRY_IS_PENDING:
    default:
      return g_strdup ("");
    }
}

/* Compares the letters, not the bytes: a name that only had to be made UTF-8 is the same.
 */
char *
kh_tree_text_other_name (const KhEntryInfo *entry, gboolean outgoing)
{
  g_autofree char *sent = NULL;
  GString *shown;

  if (outgoing || entry->safe_path == NULL
      || g_str_equal (last_part (entry->path), last_part (entry->safe_path)))
    return NULL;
  sent = g_utf8_make_valid (last_part (entry->path), -1);
  shown = g_string_new (NULL);
  for (const char *at = sent; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar letter = g_utf8_get_char (at);

      g_string_append_unichar (shown, g_unichar_isprint (letter) ? letter : 0xfffd);
    }
  g_free (g_steal_pointer (&sent));
  sent = kh_name_isolate (shown->str);
  g_string_free (shown, TRUE);
  /* Translators: of a received file: what it was called at the sender. */
  return g_strdup_printf (_ ("sent as “%s”"), sent);
}

const char *
kh_tree_text_class (const KhEntryInfo *entry)
{
  if (entry->kind == KH_TREE_LINK)
    return "dim-label";
  switch (entry->state)
    {
    case KH_ENTRY_IS_DONE:
      return "success";
    case KH_ENTRY_HAS_FAILED:
      return "error";
    case KH_ENTRY_WAS_THERE:
    case KH_ENTRY_WAS_LEFT_OUT:
    case KH_ENTRY_IS_PENDING:
    default:
      return "dim-label";
    }
}

GIcon *
kh_tree_text_icon (const KhEntryInfo *entry)
{
  if (entry->kind == KH_TREE_FOLDER)
    return g_themed_icon_new ("folder-symbolic");
  if (entry->kind == KH_TREE_LINK)
    return g_themed_icon_new ("insert-link-symbolic");
  return kh_transfer_look_file (entry->path);
}

char *
kh_tree_text_whole (const KhEntryInfo *entry, gboolean outgoing)
{
  g_autofree char *name = kh_tree_text_name (entry, outgoing);
  g_autofree char *size = entry->kind == KH_TREE_FOLDER ? g_strdup (_ ("folder"))
                                                        : kh_tree_text_size (entry);
  g_autofree char *state = kh_tree_text_state (entry, outgoing);

  if (*state == '\0')
    /* Translators: for a screen reader: a file and its size. */
    return g_strdup_printf (_ ("%s, %s"), name, size);
  /* Translators: for a screen reader: a file, its size and what became of it. */
  return g_strdup_printf (_ ("%s, %s, %s"), name, size, state);
}

char *
kh_tree_text_names (const GPtrArray *entries, guint most, guint n_files)
{
  GString *text = g_string_new (NULL);
  guint n = MIN (entries->len, most);
  guint n_shown = 0;

  for (guint i = 0; i < n; i++)
    {
      const KhEntryInfo *entry = g_ptr_array_index (entries, i);
      g_autofree char *name = kh_tree_text_name (entry, FALSE);
      g_autofree char *size = kh_tree_text_size (entry);

      g_string_append_printf (text, "%s%*s", i > 0 ? "\n" : "", (int)entry->depth * 4,
                              "");
      if (entry->kind == KH_TREE_FOLDER)
        g_string_append_printf (text, "%s/", name);
      else
        /* Translators: in a list: a file and its size. */
        g_string_append_printf (text, _ ("%s, %s"), name, size);
      n_shown += entry->kind == KH_TREE_FILE;
    }
  if (entries->len > n && n_files > n_shown)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (
          text, ngettext ("and %'u more file", "and %'u more files", n_files - n_shown),
          n_files - n_shown);
    }
  return g_string_free (text, FALSE);
}

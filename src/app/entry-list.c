/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/entry-list.h"

/* --- An item --------------------------------------------------------------------- */

struct _KhEntryItem
{
  GObject parent_instance;

  /* Owned */
  KhEntryInfo *info;

  /* State */
  gboolean shown;
};

G_DEFINE_FINAL_TYPE (KhEntryItem, kh_entry_item, G_TYPE_OBJECT)

static guint item_changed;

static void
kh_entry_item_finalize (GObject *object)
{
  kh_entry_info_free (KH_ENTRY_ITEM (object)->info);
  G_OBJECT_CLASS (kh_entry_item_parent_class)->finalize (object);
}

static void
kh_entry_item_class_init (KhEntryItemClass *class)
{
  G_OBJECT_CLASS (class)->finalize = kh_entry_item_finalize;
  item_changed = g_signal_new ("changed", KH_TYPE_ENTRY_ITEM, G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
}

static void
kh_entry_item_init (KhEntryItem *self)
{
}

const KhEntryInfo *
kh_entry_item_get_info (KhEntryItem *self)
{
  return self->info;
}

void
kh_entry_item_set_shown (KhEntryItem *self, gboolean shown)
{
  self->shown = shown;
}

/* Takes @info. */
static void
set_info (KhEntryItem *self, KhEntryInfo *info)
{
  kh_entry_info_free (self->info);
  self->info = info;
  g_signal_emit (self, item_changed, 0);
}

/* --- The list -------------------------------------------------------------------- */

struct _KhEntryList
{
  GObject parent_instance;

  /* Owned */
  KhClient *client;
  GPtrArray *items; /* KhEntryItem, in the order of the tree */

  /* State */
  KhPeerId peer;
  KhItemId transfer;
  gboolean reading;
  gboolean complete;
};

static guint list_loaded;

static void read_more (KhEntryList *self);

static GType
get_item_type (GListModel *model)
{
  return KH_TYPE_ENTRY_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return KH_ENTRY_LIST (model)->items->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  KhEntryList *self = KH_ENTRY_LIST (model);

  if (position >= self->items->len)
    return NULL;
  if (position + KH_ENTRY_LIST_PAGE / 2 >= self->items->len)
    read_more (self);
  return g_object_ref (g_ptr_array_index (self->items, position));
}

static void
model_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (KhEntryList, kh_entry_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, model_init))

static void
kh_entry_list_finalize (GObject *object)
{
  KhEntryList *self = KH_ENTRY_LIST (object);

  g_ptr_array_unref (self->items);
  g_object_unref (self->client);
  G_OBJECT_CLASS (kh_entry_list_parent_class)->finalize (object);
}

static void
kh_entry_list_class_init (KhEntryListClass *class)
{
  G_OBJECT_CLASS (class)->finalize = kh_entry_list_finalize;
  list_loaded = g_signal_new ("loaded", KH_TYPE_ENTRY_LIST, G_SIGNAL_RUN_LAST, 0, NULL,
                              NULL, NULL, G_TYPE_NONE, 0);
}

static void
kh_entry_list_init (KhEntryList *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
}

/* --- Reading on ------------------------------------------------------------------ */

/* Takes the elements out of @infos. */
static void
append (KhEntryList *self, GPtrArray *infos)
{
  guint first = self->items->len;

  g_ptr_array_set_free_func (infos, NULL);
  for (guint i = 0; i < infos->len; i++)
    {
      KhEntryItem *item = g_object_new (KH_TYPE_ENTRY_ITEM, NULL);

      item->info = g_ptr_array_index (infos, i);
      g_ptr_array_add (self->items, item);
    }
  g_list_model_items_changed (G_LIST_MODEL (self), first, 0, infos->len);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhEntryList) self = data;
  g_autoptr (GPtrArray) infos
      = kh_client_list_entries_finish (KH_CLIENT (source), result, NULL);

  self->reading = FALSE;
  self->complete = infos == NULL || infos->len < KH_ENTRY_LIST_PAGE;
  if (infos != NULL && infos->len > 0)
    append (self, infos);
  g_signal_emit (self, list_loaded, 0);
}

static void
read_more (KhEntryList *self)
{
  guint n = self->items->len;
  guint first = 0;

  if (self->reading || self->complete)
    return;
  if (n > 0)
    first = ((KhEntryItem *)g_ptr_array_index (self->items, n - 1))->info->number + 1;
  self->reading = TRUE;
  kh_client_list_entries_async (self->client, &self->peer, &self->transfer, first,
                                KH_ENTRY_LIST_PAGE, on_read, g_object_ref (self));
}

KhEntryList *
kh_entry_list_new (KhClient *client, const KhPeerId *peer, const KhItemId *transfer)
{
  KhEntryList *self = g_object_new (KH_TYPE_ENTRY_LIST, NULL);

  self->client = g_object_ref (client);
  self->peer = *peer;
  self->transfer = *transfer;
  read_more (self);
  return self;
}

gboolean
kh_entry_list_is_complete (KhEntryList *self)
{
  return self->complete;
}

/* --- Reading again --------------------------------------------------------------- */

static gint
compare_number (gconstpointer item, gconstpointer number)
{
  guint one = (*(KhEntryItem *const *)item)->info->number;

  return one < *(const guint *)number ? -1 : one > *(const guint *)number;
}

/* Where the item of this number is; NULL: nowhere. */
static KhEntryItem *
find (KhEntryList *self, guint number)
{
  guint low = 0;
  guint high = self->items->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;
      gint order = compare_number (&g_ptr_array_index (self->items, middle), &number);

      if (order == 0)
        return g_ptr_array_index (self->items, middle);
      if (order < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

static void
on_read_again (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhEntryList) self = data;
  g_autoptr (GPtrArray) infos
      = kh_client_list_entries_finish (KH_CLIENT (source), result, NULL);

  self->reading = FALSE;
  if (infos == NULL)
    return;
  g_ptr_array_set_free_func (infos, NULL);
  for (guint i = 0; i < infos->len; i++)
    {
      KhEntryInfo *info = g_ptr_array_index (infos, i);
      KhEntryItem *item = find (self, info->number);

      if (item != NULL)
        set_info (item, info);
      else
        kh_entry_info_free (info);
    }
}

void
kh_entry_list_refresh (KhEntryList *self)
{
  guint first = G_MAXUINT;

  if (self->reading)
    return;
  for (guint i = 0; i < self->items->len && first == G_MAXUINT; i++)
    if (((KhEntryItem *)g_ptr_array_index (self->items, i))->shown)
      first = ((KhEntryItem *)g_ptr_array_index (self->items, i))->info->number;
  if (first == G_MAXUINT)
    return;
  self->reading = TRUE;
  kh_client_list_entries_async (self->client, &self->peer, &self->transfer, first,
                                KH_ENTRY_LIST_PAGE, on_read_again, g_object_ref (self));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/timeline-private.h"

static void list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (KhTimeline, kh_timeline, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

enum
{
  PROPERTY_HAS_OLDER = 1,
  N_PROPERTIES,
};

enum
{
  LOADED,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

/* --- The list -------------------------------------------------------------------- */

static GType
get_item_type (G_GNUC_UNUSED GListModel *model)
{
  return KH_TYPE_TIMELINE_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return KH_TIMELINE (model)->items->len;
}

static gpointer
get_item (GListModel *model, guint index)
{
  KhTimeline *self = KH_TIMELINE (model);

  return index < self->items->len ? g_object_ref (g_ptr_array_index (self->items, index))
                                  : NULL;
}

static void
list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

KhTimelineItem *
kh_timeline_find (KhTimeline *self, KhTimelineKind kind, gboolean outgoing,
                  const KhItemId *id)
{
  KhTimelineKey key = { .kind = kind, .outgoing = outgoing, .id = *id };

  return g_hash_table_lookup (self->known, &key);
}

void
kh_timeline_add (KhTimeline *self, KhTimelineItem *item)
{
  g_hash_table_insert (self->known, &item->key, item);
  g_ptr_array_add (self->arrived, item);
  kh_timeline_schedule (self, true);
}

void
kh_timeline_prepend (KhTimeline *self, GPtrArray *items)
{
  guint n = items->len;

  for (guint i = 0; i < n; i++)
    {
      KhTimelineItem *item = g_ptr_array_index (items, i);

      g_hash_table_insert (self->known, &item->key, item);
    }
  g_ptr_array_extend_and_steal (items, g_steal_pointer (&self->items));
  self->items = items;
  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, n);
}

/* Where @item belongs: behind all that are older, before what is not stored yet. */
static guint
place_of (KhTimeline *self, const KhTimelineItem *item)
{
  guint place = self->items->len;

  while (place > 0 && !item->unstored)
    {
      const KhTimelineItem *before = g_ptr_array_index (self->items, place - 1);

      if (!before->unstored
          && (item->position == 0 || before->position <= item->position))
        break;
      place--;
    }
  return place;
}

/* One change of the list, from the first new one on. */
static void
insert_arrived (KhTimeline *self)
{
  guint first = self->items->len;
  guint n_before = self->items->len;

  for (guint i = 0; i < self->arrived->len; i++)
    {
      KhTimelineItem *item = g_ptr_array_index (self->arrived, i);
      guint place = place_of (self, item);

      g_ptr_array_insert (self->items, (gint)place, g_object_ref (item));
      first = MIN (first, place);
    }
  g_ptr_array_set_size (self->arrived, 0);
  if (self->items->len > n_before)
    g_list_model_items_changed (G_LIST_MODEL (self), first, n_before - first,
                                self->items->len - first);
}

void
kh_timeline_flush (KhTimeline *self)
{
  g_autoptr (GPtrArray) dirty = NULL;

  g_clear_handle_id (&self->flush_source, g_source_remove);
  if (!self->loaded)
    return;
  dirty = g_steal_pointer (&self->dirty);
  self->dirty = g_ptr_array_new_with_free_func (g_object_unref);
  insert_arrived (self);
  for (guint i = 0; i < dirty->len; i++)
    kh_timeline_item_changed (g_ptr_array_index (dirty, i));
}

static gboolean
on_flush (gpointer data)
{
  g_autoptr (KhTimeline) self = g_object_ref (data); /* a listener may let go of it */

  self->flush_source = 0;
  kh_timeline_flush (self);
  return G_SOURCE_REMOVE;
}

void
kh_timeline_schedule (KhTimeline *self, bool soon)
{
  if (self->flush_source != 0 && (self->flush_soon || !soon))
    return;
  g_clear_handle_id (&self->flush_source, g_source_remove);
  self->flush_soon = soon;
  if (soon)
    self->flush_source = g_idle_add_full (G_PRIORITY_DEFAULT, on_flush, self, NULL);
  else
    self->flush_source = g_timeout_add (KH_TIMELINE_PROGRESS_MS, on_flush, self);
}

void
kh_timeline_mark (KhTimeline *self, KhTimelineItem *item, bool soon)
{
  if (!item->dirty)
    g_ptr_array_add (self->dirty, g_object_ref (item));
  item->dirty = true;
  kh_timeline_schedule (self, soon);
}

void
kh_timeline_remove (KhTimeline *self, KhTimelineItem *item)
{
  guint index;

  g_hash_table_remove (self->known, &item->key);
  if (g_ptr_array_remove (self->arrived, item)
      || !g_ptr_array_find (self->items, item, &index))
    return;
  g_ptr_array_remove_index (self->items, index);
  g_list_model_items_changed (G_LIST_MODEL (self), index, 1, 0);
}

static void
move_some (KhTimeline *self, GPtrArray *from, GPtrArray *to,
           bool (*stays) (KhTimeline *self, const KhTimelineItem *item))
{
  for (guint i = 0; i < from->len; i++)
    {
      KhTimelineItem *item = g_ptr_array_index (from, i);

      if (stays (self, item))
        g_ptr_array_add (to, g_object_ref (item));
      else
        g_hash_table_remove (self->known, &item->key);
    }
}

void
kh_timeline_filter (KhTimeline *self,
                    bool (*stays) (KhTimeline *self, const KhTimelineItem *item))
{
  g_autoptr (GPtrArray) items = g_steal_pointer (&self->items);
  g_autoptr (GPtrArray) arrived = g_steal_pointer (&self->arrived);

  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->arrived = g_ptr_array_new_with_free_func (g_object_unref);
  move_some (self, items, self->items, stays);
  move_some (self, arrived, self->arrived, stays);
  if (items->len > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, items->len, self->items->len);
}

/* --- The object ------------------------------------------------------------------ */

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROPERTY_HAS_OLDER)
    g_value_set_boolean (value, KH_TIMELINE (object)->has_older);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
kh_timeline_finalize (GObject *object)
{
  KhTimeline *self = KH_TIMELINE (object);

  g_clear_handle_id (&self->flush_source, g_source_remove);
  g_clear_handle_id (&self->tick_source, g_source_remove);
  g_hash_table_unref (self->known);
  g_ptr_array_unref (self->items);
  g_ptr_array_unref (self->arrived);
  g_ptr_array_unref (self->dirty);
  g_ptr_array_unref (self->tasks);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_timeline_parent_class)->finalize (object);
}

static void
kh_timeline_class_init (KhTimelineClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = get_property;
  object_class->finalize = kh_timeline_finalize;

  properties[PROPERTY_HAS_OLDER] = g_param_spec_boolean (
      "has-older", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  signals[LOADED] = g_signal_new ("loaded", KH_TYPE_TIMELINE, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
}

static void
kh_timeline_init (KhTimeline *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->arrived = g_ptr_array_new_with_free_func (g_object_unref);
  self->dirty = g_ptr_array_new_with_free_func (g_object_unref);
  self->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->known = g_hash_table_new (kh_timeline_key_hash, kh_timeline_key_equal);
  self->oldest = G_MAXINT64;
}

KhTimeline *
kh_timeline_new (KhClient *client, const KhPeerId *peer)
{
  KhTimeline *self = g_object_new (KH_TYPE_TIMELINE, NULL);

  self->client = g_object_ref (client);
  self->peer = *peer;
  kh_timeline_follow (self);
  kh_timeline_read (self, KH_TIMELINE_PAGE);
  return self;
}

gboolean
kh_timeline_is_loaded (KhTimeline *self)
{
  return self->loaded;
}

void
kh_timeline_set_loaded (KhTimeline *self)
{
  if (self->loaded)
    return;
  self->loaded = true;
  kh_timeline_flush (self);
  g_signal_emit (self, signals[LOADED], 0);
}

gboolean
kh_timeline_has_older (KhTimeline *self)
{
  return self->has_older;
}

void
kh_timeline_set_has_older (KhTimeline *self, bool has_older)
{
  if (self->has_older == has_older)
    return;
  self->has_older = has_older;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROPERTY_HAS_OLDER]);
}

void
kh_timeline_load_older (KhTimeline *self)
{
  if (self->has_older)
    kh_timeline_read (self, KH_TIMELINE_PAGE);
}

/* --- Going to one ---------------------------------------------------------------- */

/* The items that are kept are in the order of their positions. */
static bool
find_position (KhTimeline *self, gint64 position, guint *index)
{
  for (guint i = 0; i < self->items->len; i++)
    if (((KhTimelineItem *)g_ptr_array_index (self->items, i))->position == position)
      {
        *index = i;
        return true;
      }
  return false;
}

void
kh_timeline_answer_tasks (KhTimeline *self)
{
  bool more = false;

  for (guint i = self->tasks->len; self->loaded && i > 0; i--)
    {
      GTask *task = g_ptr_array_index (self->tasks, i - 1);
      gint64 position = *(const gint64 *)g_task_get_task_data (task);
      guint index = 0;

      if (!g_cancellable_is_cancelled (g_task_get_cancellable (task))
          && position < self->oldest && self->has_older)
        {
          more = true;
          continue;
        }
      task = g_ptr_array_steal_index (self->tasks, i - 1);
      if (!g_task_return_error_if_cancelled (task))
        g_task_return_boolean (task, find_position (self, position, &index));
      g_object_unref (task);
    }
  if (more)
    kh_timeline_read (self, KH_TIMELINE_STRIDE);
}

/* The store can't be read: asking again would not help. */
void
kh_timeline_fail_tasks (KhTimeline *self, const GError *error)
{
  while (self->tasks->len > 0)
    {
      g_autoptr (GTask) task
          = g_ptr_array_steal_index (self->tasks, self->tasks->len - 1);

      g_task_return_error (task, g_error_copy (error));
    }
}

void
kh_timeline_load_to_async (KhTimeline *self, gint64 position, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (self, cancellable, callback, data);

  g_task_set_task_data (task, g_memdup2 (&position, sizeof position), g_free);
  g_ptr_array_add (self->tasks, task);
  if (!self->loaded)
    kh_timeline_read (self, KH_TIMELINE_PAGE);
  kh_timeline_answer_tasks (self);
}

gboolean
kh_timeline_load_to_finish (KhTimeline *self, GAsyncResult *result, guint *index,
                            GError **error)
{
  GTask *task = G_TASK (result);
  guint found = G_MAXUINT;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  if (!g_task_propagate_boolean (task, error)
      || !find_position (self, *(const gint64 *)g_task_get_task_data (task), &found))
    return FALSE;
  if (index != NULL)
    *index = found;
  return TRUE;
}

guint
kh_timeline_get_first_unread (KhTimeline *self)
{
  guint first = G_MAXUINT;

  for (guint i = self->items->len; i > 0; i--)
    {
      const KhTimelineItem *item = g_ptr_array_index (self->items, i - 1);

      if (item->position != 0 && item->position <= self->read_position)
        return first;
      if (item->position != 0 && item->key.kind != KH_ITEM_NOTE && !item->key.outgoing
          && item->position <= self->newest)
        first = i - 1;
    }
  /* It is further up: where, shows when that is here. */
  return self->has_older ? G_MAXUINT : first;
}

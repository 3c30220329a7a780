/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/search-bar.h"

#include "core/history.h"

#include <glib/gi18n.h>

/* More are not gone through by hand. */
#define HITS_MAX 1000

struct _KhSearchBar
{
  GtkWidget parent_instance;

  /* Owned */
  KhClient *client;
  GCancellable *cancellable; /* of the search under way; NULL: none */
  GPtrArray *hits;           /* KhSearchHit, newest first; NULL: nothing is looked for */

  /* Borrowed */
  GtkRevealer *revealer;
  GtkWidget *bar;
  GtkWidget *unkept; /* says that they are not searched */
  GtkSearchEntry *entry;
  GtkLabel *count;
  GtkWidget *older;
  GtkWidget *newer;
  GtkWidget *close;

  /* State */
  KhPeerId peer;
  gboolean has_peer;
  guint at; /* in @hits */
};

enum
{
  SHOW,
  CLOSED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (KhSearchBar, kh_search_bar, GTK_TYPE_WIDGET)

static guint
n_hits (KhSearchBar *self)
{
  return self->hits != NULL ? self->hits->len : 0;
}

static char *
count_text (KhSearchBar *self)
{
  if (self->hits == NULL)
    return g_strdup ("");
  if (self->hits->len == 0)
    /* Translators: of messages that were searched for. */
    return g_strdup (_ ("Not found"));
  if (self->hits->len == HITS_MAX)
    /* Translators: which match of a search, and that there are more than so many. */
    return g_strdup_printf (_ ("%u of %u+"), self->at + 1, self->hits->len);
  /* Translators: which match of a search, and how many there are. */
  return g_strdup_printf (_ ("%u of %u"), self->at + 1, self->hits->len);
}

static void
show_state (KhSearchBar *self)
{
  g_autofree char *text = count_text (self);

  gtk_label_set_text (self->count, text);
  gtk_widget_set_visible (GTK_WIDGET (self->count), *text != '\0');
  gtk_widget_set_sensitive (self->older, self->at + 1 < n_hits (self));
  gtk_widget_set_sensitive (self->newer, self->at > 0);
}

static void
show_hit (KhSearchBar *self)
{
  const KhSearchHit *hit;

  show_state (self);
  if (self->at >= n_hits (self))
    return;
  hit = g_ptr_array_index (self->hits, self->at);
  g_signal_emit (self, signals[SHOW], 0, hit->position);
}

static void
go_older (KhSearchBar *self)
{
  if (self->at + 1 >= n_hits (self))
    return;
  self->at++;
  show_hit (self);
}

static void
go_newer (KhSearchBar *self)
{
  if (self->at == 0)
    return;
  self->at--;
  show_hit (self);
}

static void
forget (KhSearchBar *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->hits, g_ptr_array_unref);
  self->at = 0;
}

static void
search_done (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhSearchBar) self = data;
  g_autoptr (GError) error = NULL;
  GPtrArray *hits = kh_client_search_finish (KH_CLIENT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->bar == NULL)
    {
      g_clear_pointer (&hits, g_ptr_array_unref);
      return;
    }
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->hits, g_ptr_array_unref);
  self->hits = hits != NULL ? hits : g_ptr_array_new ();
  self->at = 0;
  show_hit (self);
}

/* The entry waits for a pause in the typing by itself. */
static void
on_search_changed (KhSearchBar *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));

  forget (self);
  show_state (self);
  if (*text == '\0' || !self->has_peer)
    return;
  self->cancellable = g_cancellable_new ();
  kh_client_search_async (self->client, &self->peer, text, HITS_MAX, self->cancellable,
                          search_done, g_object_ref (self));
}

void
kh_search_bar_open (KhSearchBar *self)
{
  gtk_widget_set_visible (self->unkept, !kh_client_get_keeps_history (self->client));
  gtk_widget_set_visible (GTK_WIDGET (self->revealer), TRUE);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  gtk_editable_select_region (GTK_EDITABLE (self->entry), 0, -1);
  on_search_changed (self);
}

void
kh_search_bar_close (KhSearchBar *self)
{
  if (!kh_search_bar_is_open (self))
    return;
  forget (self);
  show_state (self);
  gtk_revealer_set_reveal_child (self->revealer, FALSE);
  g_signal_emit (self, signals[CLOSED], 0);
}

/* Closed it is not there at all, for a screen reader neither. */
static void
on_child_revealed (KhSearchBar *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->revealer),
                          gtk_revealer_get_reveal_child (self->revealer)
                              || gtk_revealer_get_child_revealed (self->revealer));
}

gboolean
kh_search_bar_is_open (KhSearchBar *self)
{
  return gtk_revealer_get_reveal_child (self->revealer);
}

void
kh_search_bar_set_peer (KhSearchBar *self, const KhPeerId *peer)
{
  if (peer != NULL && self->has_peer && kh_peer_id_equal (peer, &self->peer))
    return;
  kh_search_bar_close (self);
  forget (self);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  self->has_peer = peer != NULL;
  if (peer != NULL)
    self->peer = *peer;
}

/* What neither an input method nor the entry itself wanted. */
static gboolean
on_key_pressed (KhSearchBar *self, guint key, guint code, GdkModifierType state)
{
  switch (key)
    {
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      go_older (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      go_newer (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      if ((state & GDK_SHIFT_MASK) == 0)
        return GDK_EVENT_PROPAGATE;
      go_newer (self);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* --- The widget -------------------------------------------------------------------- */

static void
dispose (GObject *object)
{
  KhSearchBar *self = KH_SEARCH_BAR (object);

  forget (self);
  if (self->bar != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->revealer));
  self->bar = NULL;
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_search_bar_parent_class)->dispose (object);
}

static void
kh_search_bar_class_init (KhSearchBarClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = dispose;
  signals[SHOW] = g_signal_new ("show-hit", KH_TYPE_SEARCH_BAR, G_SIGNAL_RUN_LAST, 0,
                                NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT64);
  signals[CLOSED] = g_signal_new ("closed", KH_TYPE_SEARCH_BAR, G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SEARCH);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/search-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, KhSearchBar, revealer);
  gtk_widget_class_bind_template_child (widget_class, KhSearchBar, bar);
  gtk_widget_class_bind_template_child (widget_class, KhSearchBar, unkept);
  gtk_widget_class_bind_template_child (widget_class, KhSearchBar, entry);
  gtk_widget_class_bind_template_child (widget_class, KhSearchBar, count);
  gtk_widget_class_bind_template_child (widget_class, KhSearchBar, older);
  gtk_widget_class_bind_template_child (widget_class, KhSearchBar, newer);
  gtk_widget_class_bind_template_child (widget_class, KhSearchBar, close);
}

static void
kh_search_bar_init (KhSearchBar *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (on_key_pressed), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->entry), keys);
  g_signal_connect_object (self->entry, "search-changed", G_CALLBACK (on_search_changed),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (go_older), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "previous-match", G_CALLBACK (go_older), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "next-match", G_CALLBACK (go_newer), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "stop-search", G_CALLBACK (kh_search_bar_close),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->revealer, "notify::child-revealed",
                           G_CALLBACK (on_child_revealed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->older, "clicked", G_CALLBACK (go_older), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->newer, "clicked", G_CALLBACK (go_newer), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->close, "clicked", G_CALLBACK (kh_search_bar_close), self,
                           G_CONNECT_SWAPPED);
  show_state (self);
}

GtkWidget *
kh_search_bar_new (KhClient *client)
{
  KhSearchBar *self = g_object_new (KH_TYPE_SEARCH_BAR, NULL);

  self->client = g_object_ref (client);
  return GTK_WIDGET (self);
}

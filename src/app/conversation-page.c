/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/conversation-page.h"

#include "app/composer.h"
#include "app/connection-strip.h"
#include "app/file-drop.h"
#include "app/made-file.h"
#include "app/name-isolate.h"
#include "app/person-actions.h"
#include "app/search-bar.h"
#include "app/timeline-view.h"
#include "app/timelines.h"

#include <glib/gi18n.h>

struct _KhConversationPage
{
  GtkWidget parent_instance;

  /* Owned */
  KhClient *client;
  KhPeople *people;
  KhPerson *person; /* NULL: nobody */
  KhTimelines *timelines;

  /* Borrowed */
  GtkWidget *overlay;
  GtkWidget *box;
  KhConnectionStrip *strip;
  KhSearchBar *search;
  KhTimelineView *view;
  KhComposer *composer;
  GtkWidget *notice; /* instead of the composer */
  GtkLabel *notice_text;
  KhTimeline *timeline; /* of @timelines */
  GtkWindow *window;    /* that this is in */
};

G_DEFINE_FINAL_TYPE (KhConversationPage, kh_conversation_page, GTK_TYPE_WIDGET)

/* --- Whether somebody looks -------------------------------------------------------- */

/* What is on the screen of a window that has the keyboard counts as read. */
static void
look (KhConversationPage *self)
{
  const KhPeerId *id = self->person != NULL ? kh_person_get_id (self->person) : NULL;

  kh_people_watch (self->people, NULL);
  if (id == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  kh_people_watch (self->people, id);
  if (self->timeline != NULL && kh_timeline_is_loaded (self->timeline)
      && self->window != NULL && gtk_window_is_active (self->window))
    kh_people_mark_read (self->people, id);
}

/* --- The person -------------------------------------------------------------------- */

static gboolean
may_write (KhConversationPage *self)
{
  return self->person != NULL && kh_person_may_write (self->person);
}

static void
show_foot (KhConversationPage *self)
{
  gboolean blocked = self->person != NULL && kh_person_is_blocked (self->person);
  g_autofree char *name
      = blocked ? kh_name_isolate (kh_person_get_name (self->person)) : NULL;
  g_autofree char *text = NULL;

  if (blocked)
    /* Translators: %s is a person's name. */
    text = g_strdup_printf (_ ("You have blocked %s."), name);
  else if (self->person != NULL && !may_write (self))
    text = g_strdup (_ ("Say first who this is: the question is at the top."));
  gtk_label_set_text (self->notice_text, text != NULL ? text : "");
  gtk_widget_set_visible (self->notice, text != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->composer),
                          self->person != NULL && text == NULL);
}

static void
leave_person (KhConversationPage *self)
{
  if (self->person != NULL)
    g_signal_handlers_disconnect_by_data (self->person, self);
  if (self->timeline != NULL)
    g_signal_handlers_disconnect_by_data (self->timeline, self);
  g_clear_object (&self->person);
  self->timeline = NULL;
}

void
kh_conversation_page_set_person (KhConversationPage *self, KhPerson *person)
{
  const KhPeerId *id = person != NULL ? kh_person_get_id (person) : NULL;

  if (self->person == person)
    return;
  leave_person (self);
  g_set_object (&self->person, person);
  kh_search_bar_set_peer (self->search, id);
  kh_composer_set_peer (self->composer, id);
  kh_connection_strip_set_person (self->strip, person);
  self->timeline = kh_timelines_show (self->timelines, id);
  kh_timeline_view_set_timeline (self->view, self->timeline, person);
  if (person != NULL)
    {
      g_signal_connect_object (person, "changed", G_CALLBACK (show_foot), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (self->timeline, "loaded", G_CALLBACK (look), self,
                               G_CONNECT_SWAPPED);
    }
  show_foot (self);
  look (self);
}

/* --- What its parts ask for -------------------------------------------------------- */

static void
on_send_files (KhConversationPage *self, GListModel *files)
{
  if (may_write (self))
    kh_file_drop_send (GTK_WIDGET (self), self->client, self->person, files);
}

static KhPerson *
drop_target (GtkWidget *widget, gpointer data)
{
  KhConversationPage *self = data;

  return may_write (self) ? self->person : NULL;
}

static void
on_show_hit (KhConversationPage *self, gint64 position)
{
  kh_timeline_view_show_item (self->view, position);
}

void
kh_conversation_page_focus_composer (KhConversationPage *self)
{
  if (gtk_widget_get_visible (GTK_WIDGET (self->composer)))
    kh_composer_focus (self->composer);
  else if (!kh_timeline_view_focus (self->view))
    gtk_widget_child_focus (GTK_WIDGET (self->strip), GTK_DIR_TAB_FORWARD);
}

gboolean
kh_conversation_page_focus_timeline (KhConversationPage *self)
{
  return kh_timeline_view_focus (self->view);
}

void
kh_conversation_page_attach (KhConversationPage *self, gboolean folder)
{
  if (may_write (self))
    kh_file_drop_choose (GTK_WIDGET (self), self->client, self->person, folder);
}

void
kh_conversation_page_start_search (KhConversationPage *self)
{
  if (self->person != NULL)
    kh_search_bar_open (self->search);
}

static void
quote (GtkWidget *widget, const char *action, GVariant *text)
{
  KhConversationPage *self = KH_CONVERSATION_PAGE (widget);

  if (may_write (self))
    kh_composer_quote (self->composer, g_variant_get_string (text, NULL));
}

/* From the composer to the log; where that is empty, out of the conversation. */
static void
on_leave (KhConversationPage *self)
{
  if (!kh_timeline_view_focus (self->view))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.back", NULL);
}

/* Text that is typed in the log is meant for the composer. */
static gboolean
on_log_key (KhConversationPage *self, guint key, guint code, GdkModifierType state,
            GtkEventControllerKey *controller)
{
  gunichar c = gdk_keyval_to_unicode (key);

  if (key == GDK_KEY_Escape && kh_search_bar_is_open (self->search))
    {
      kh_search_bar_close (self->search);
      return GDK_EVENT_STOP;
    }
  if ((state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK | GDK_META_MASK)) != 0
      || !g_unichar_isgraph (c) || !may_write (self))
    return GDK_EVENT_PROPAGATE;
  kh_composer_take_key (self->composer, controller);
  return GDK_EVENT_STOP;
}

/* --- The widget -------------------------------------------------------------------- */

static void
root (GtkWidget *widget)
{
  KhConversationPage *self = KH_CONVERSATION_PAGE (widget);
  GtkRoot *its_root;

  GTK_WIDGET_CLASS (kh_conversation_page_parent_class)->root (widget);
  its_root = gtk_widget_get_root (widget);
  if (!GTK_IS_WINDOW (its_root))
    return;
  self->window = GTK_WINDOW (its_root);
  g_signal_connect_object (self->window, "notify::is-active", G_CALLBACK (look), self,
                           G_CONNECT_SWAPPED);
}

static void
unroot (GtkWidget *widget)
{
  KhConversationPage *self = KH_CONVERSATION_PAGE (widget);

  if (self->window != NULL)
    g_signal_handlers_disconnect_by_func (self->window, look, self);
  self->window = NULL;
  GTK_WIDGET_CLASS (kh_conversation_page_parent_class)->unroot (widget);
}

static void
map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (kh_conversation_page_parent_class)->map (widget);
  look (KH_CONVERSATION_PAGE (widget));
}

static void
unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (kh_conversation_page_parent_class)->unmap (widget);
  look (KH_CONVERSATION_PAGE (widget));
}

static void
dispose (GObject *object)
{
  KhConversationPage *self = KH_CONVERSATION_PAGE (object);

  leave_person (self);
  g_clear_pointer (&self->overlay, gtk_widget_unparent);
  g_clear_pointer (&self->timelines, kh_timelines_free);
  g_clear_object (&self->people);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_conversation_page_parent_class)->dispose (object);
}

static void
kh_conversation_page_class_init (KhConversationPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = dispose;
  widget_class->root = root;
  widget_class->unroot = unroot;
  widget_class->map = map;
  widget_class->unmap = unmap;
  gtk_widget_class_install_action (widget_class, "conversation.quote", "s", quote);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/conversation-page.ui");
  gtk_widget_class_bind_template_child (widget_class, KhConversationPage, overlay);
  gtk_widget_class_bind_template_child (widget_class, KhConversationPage, box);
  gtk_widget_class_bind_template_child (widget_class, KhConversationPage, notice);
  gtk_widget_class_bind_template_child (widget_class, KhConversationPage, notice_text);
}

static void
kh_conversation_page_init (KhConversationPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
add_part (KhConversationPage *self, GtkWidget *part)
{
  gtk_widget_insert_before (part, self->box, self->notice);
}

static void
make_parts (KhConversationPage *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->strip = KH_CONNECTION_STRIP (kh_connection_strip_new (self->client));
  self->search = KH_SEARCH_BAR (kh_search_bar_new (self->client));
  self->view = KH_TIMELINE_VIEW (kh_timeline_view_new (self->client));
  self->composer = KH_COMPOSER (kh_composer_new (self->client));
  add_part (self, GTK_WIDGET (self->strip));
  add_part (self, GTK_WIDGET (self->search));
  add_part (self, GTK_WIDGET (self->view));
  add_part (self, GTK_WIDGET (self->composer));
  gtk_widget_add_controller (GTK_WIDGET (self->view), keys);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (on_log_key), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->composer, "send-files", G_CALLBACK (on_send_files), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->composer, "leave", G_CALLBACK (on_leave), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "show-hit", G_CALLBACK (on_show_hit), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "closed",
                           G_CALLBACK (kh_conversation_page_focus_composer), self,
                           G_CONNECT_SWAPPED);
  kh_file_drop_install (GTK_WIDGET (self), GTK_OVERLAY (self->overlay), self->client,
                        drop_target, self);
}

GtkWidget *
kh_conversation_page_new (KhClient *client, KhPeople *people)
{
  KhConversationPage *self = g_object_new (KH_TYPE_CONVERSATION_PAGE, NULL);

  self->client = g_object_ref (client);
  self->people = g_object_ref (people);
  self->timelines = kh_timelines_new (client);
  kh_made_file_sweep (client);
  make_parts (self);
  show_foot (self);
  return GTK_WIDGET (self);
}

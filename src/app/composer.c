/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/composer.h"

#include "app/composer-text.h"
#include "app/made-file.h"
#include "app/paste.h"
#include "app/portal.h"
#include "app/toast.h"
#include "core/history.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#define LINES_MAX 6

/* A pause in the typing: then the draft is stored. */
#define DRAFT_AFTER_MS 500

/* After each change: a scroll of GTK's own takes 200 ms. */
#define SETTLE_FRAMES 15

struct _KhComposer
{
  GtkWidget parent_instance;

  /* Owned */
  KhClient *client;
  GHashTable *cursors; /* KhPeerId -> where the cursor was in the draft */

  /* Borrowed */
  GtkWidget *clamp;
  GtkScrolledWindow *scrolled;
  GtkTextView *view;
  GtkTextBuffer *buffer;
  GtkWidget *placeholder;
  GtkWidget *folder;
  GtkWidget *emoji;
  GtkWidget *send;

  /* State */
  KhPeerId peer;
  gboolean has_peer;
  gboolean composing; /* an input method has something that is not text yet */
  guint draft_source;
  guint settle_tick; /* 0: none */
  guint n_settle;    /* frames to come */
};

enum
{
  SEND_FILES,
  LEAVE,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (KhComposer, kh_composer, GTK_TYPE_WIDGET)

static char *
get_text (KhComposer *self)
{
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  return gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE);
}

/* --- The draft --------------------------------------------------------------------- */

static int
cursor_offset (KhComposer *self)
{
  GtkTextIter at;

  gtk_text_buffer_get_iter_at_mark (self->buffer, &at,
                                    gtk_text_buffer_get_insert (self->buffer));
  return gtk_text_iter_get_offset (&at);
}

static void
store_draft (KhComposer *self)
{
  g_autofree char *text = NULL;

  if (self->draft_source == 0)
    return;
  g_clear_handle_id (&self->draft_source, g_source_remove);
  if (!self->has_peer)
    return;
  text = get_text (self);
  kh_client_set_draft (self->client, &self->peer, text);
}

static gboolean
on_draft_due (gpointer data)
{
  store_draft (data);
  return G_SOURCE_REMOVE;
}

static void
keep_cursor (KhComposer *self)
{
  if (self->has_peer)
    g_hash_table_insert (self->cursors, g_memdup2 (&self->peer, sizeof self->peer),
                         GINT_TO_POINTER (cursor_offset (self)));
}

/* A text that was not typed: there is nothing to undo. */
static void
set_text (KhComposer *self, const char *text)
{
  gtk_text_buffer_begin_irreversible_action (self->buffer);
  gtk_text_buffer_set_text (self->buffer, text, -1);
  gtk_text_buffer_end_irreversible_action (self->buffer);
  g_clear_handle_id (&self->draft_source, g_source_remove);
}

static void
restore_draft (KhComposer *self)
{
  const char *draft = kh_client_get_draft (self->client, &self->peer);
  gpointer offset;
  GtkTextIter at;

  set_text (self, draft != NULL ? draft : "");
  if (!g_hash_table_lookup_extended (self->cursors, &self->peer, NULL, &offset))
    offset = GINT_TO_POINTER (-1);
  gtk_text_buffer_get_iter_at_offset (self->buffer, &at, GPOINTER_TO_INT (offset));
  gtk_text_buffer_place_cursor (self->buffer, &at);
}

void
kh_composer_set_peer (KhComposer *self, const KhPeerId *peer)
{
  if (peer != NULL && self->has_peer && kh_peer_id_equal (peer, &self->peer))
    return;
  store_draft (self);
  keep_cursor (self);
  self->has_peer = peer != NULL;
  if (peer != NULL)
    {
      self->peer = *peer;
      restore_draft (self);
    }
  else
    set_text (self, "");
}

/* --- Sending ----------------------------------------------------------------------- */

static void
clear (KhComposer *self)
{
  set_text (self, "");
  if (self->has_peer)
    {
      kh_client_set_draft (self->client, &self->peer, "");
      g_hash_table_remove (self->cursors, &self->peer);
    }
}

static void
on_file_made (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (KhComposer) self = data;
  g_autoptr (GError) error = NULL;

  if (!kh_made_file_send_finish (result, &error) && self->clamp != NULL)
    kh_toast_show (GTK_WIDGET (self), _ ("The file could not be sent"));
}

typedef struct
{
  KhComposer *composer;
  KhPeerId peer;
  char *text;
  gboolean pasted; /* just now, and not in the composer */
} LongText;

static void
free_long_text (gpointer data, GClosure *closure)
{
  LongText *job = data;

  g_object_unref (job->composer);
  g_free (job->text);
  g_free (job);
}

static void
on_long_answered (AdwMessageDialog *dialog, const char *response, LongText *job)
{
  KhComposer *self = job->composer;

  if (!g_str_equal (response, "file") || self->clamp == NULL)
    return;
  kh_made_file_send_text (self->client, &job->peer, job->text, on_file_made,
                          g_object_ref (self));
  if (!job->pasted && self->has_peer && kh_peer_id_equal (&self->peer, &job->peer))
    clear (self);
}

/* Too long for a message; asks whether a file will do. Takes @text. */
static void
offer_file (KhComposer *self, char *text, gboolean pasted)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  g_autofree char *limit
      = g_format_size_full (KH_MESSAGE_TEXT_MAX, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *size = g_format_size_full (strlen (text), G_FORMAT_SIZE_IEC_UNITS);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (root),
                                              _ ("This Is Too Long for a Message"), NULL);
  LongText *job = g_new0 (LongText, 1);

  job->composer = g_object_ref (self);
  job->peer = self->peer;
  job->text = text;
  job->pasted = pasted;
  adw_message_dialog_format_body (
      ADW_MESSAGE_DIALOG (dialog),
      /* Translators: both are sizes, such as "40 KiB". */
      _ ("It has %s, and a message has at most %s. It can be sent as a text file."), size,
      limit);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "keep",
                                    pasted ? _ ("_Cancel") : _ ("_Keep Writing"), "file",
                                    _ ("Send as _File"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "file",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "file");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "keep");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_long_answered), job,
                         free_long_text, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
send_text (KhComposer *self)
{
  g_autofree char *written = get_text (self);
  g_autofree char *text = kh_composer_text_trim (written);
  g_autoptr (GError) error = NULL;
  KhItemId message;

  if (*text == '\0' || !self->has_peer)
    return;
  if (strlen (text) > KH_MESSAGE_TEXT_MAX)
    offer_file (self, g_steal_pointer (&text), FALSE);
  else if (kh_client_send_message (self->client, &self->peer, text, &message, &error))
    clear (self);
  else
    kh_toast_show (GTK_WIDGET (self),
                   _ ("The message could not be sent. It is still here."));
}

/* --- What is typed ----------------------------------------------------------------- */

static void
show_state (KhComposer *self)
{
  g_autofree char *text = get_text (self);
  gboolean empty = *text == '\0';

  gtk_widget_set_visible (self->placeholder, empty && !self->composing);
  gtk_widget_set_sensitive (self->send, !kh_composer_text_is_blank (text));
}

static void
on_changed (KhComposer *self)
{
  show_state (self);
  g_clear_handle_id (&self->draft_source, g_source_remove);
  self->draft_source = g_timeout_add (DRAFT_AFTER_MS, on_draft_due, self);
}

static void
on_preedit_changed (KhComposer *self, const char *preedit)
{
  self->composing = *preedit != '\0';
  show_state (self);
}

/* As if it were typed. */
static void
insert (KhComposer *self, const char *text)
{
  gtk_text_buffer_begin_user_action (self->buffer);
  gtk_text_buffer_delete_selection (self->buffer, TRUE, TRUE);
  gtk_text_buffer_insert_interactive_at_cursor (self->buffer, text, -1, TRUE);
  gtk_text_buffer_end_user_action (self->buffer);
  gtk_text_view_scroll_mark_onscreen (self->view,
                                      gtk_text_buffer_get_insert (self->buffer));
}

/* An input method has the first word on Enter and Escape. */
static gboolean
on_key_pressed (KhComposer *self, guint key, guint code, GdkModifierType state,
                GtkEventControllerKey *controller)
{
  gboolean enter
      = key == GDK_KEY_Return || key == GDK_KEY_KP_Enter || key == GDK_KEY_ISO_Enter;
  GdkEvent *event
      = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (controller));

  if (!enter && key != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  if (gtk_text_view_im_context_filter_keypress (self->view, event) || self->composing)
    return GDK_EVENT_STOP;
  if (!enter)
    g_signal_emit (self, signals[LEAVE], 0);
  else if ((state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK)) != 0)
    insert (self, "\n");
  else
    send_text (self);
  return GDK_EVENT_STOP;
}

static void
on_files_pasted (GListModel *files, gpointer data)
{
  g_signal_emit (data, signals[SEND_FILES], 0, files);
}

/* One too long for a message does not even come into the view: GTK takes seconds over
 * each megabyte. The clipboard keeps it. */
static void
on_text_pasted (char *pasted, const KhPeerId *peer, gpointer data)
{
  KhComposer *self = data;
  g_autofree char *text = pasted;

  if (!self->has_peer || !kh_peer_id_equal (&self->peer, peer))
    return;
  if (strlen (text) > KH_MESSAGE_TEXT_MAX)
    offer_file (self, g_steal_pointer (&text), TRUE);
  else
    insert (self, text);
}

static void
on_picture_pasted (GdkTexture *texture, const KhPeerId *peer, gpointer data)
{
  KhComposer *self = data;

  kh_made_file_send_picture (self->client, peer, texture, on_file_made,
                             g_object_ref (self));
}

static void
on_paste (KhComposer *self, GtkTextView *view)
{
  static const KhPasteFunctions functions = { .files = on_files_pasted,
                                              .text = on_text_pasted,
                                              .picture = on_picture_pasted };

  if (self->has_peer && kh_paste_take (GTK_WIDGET (self), &self->peer, &functions, self))
    g_signal_stop_emission_by_name (view, "paste-clipboard");
}

static void
on_emoji (KhComposer *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
  g_signal_emit_by_name (self->view, "insert-emoji");
}

void
kh_composer_focus (KhComposer *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

void
kh_composer_quote (KhComposer *self, const char *text)
{
  g_autofree char *quote = kh_composer_text_quote (text);
  GtkTextIter at;

  gtk_text_buffer_get_start_iter (self->buffer, &at);
  gtk_text_buffer_begin_user_action (self->buffer);
  gtk_text_buffer_insert (self->buffer, &at, quote, -1);
  gtk_text_buffer_end_user_action (self->buffer);
  gtk_text_buffer_place_cursor (self->buffer, &at);
  gtk_text_view_scroll_mark_onscreen (self->view,
                                      gtk_text_buffer_get_insert (self->buffer));
  kh_composer_focus (self);
}

void
kh_composer_take_key (KhComposer *self, GtkEventControllerKey *controller)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
  gtk_event_controller_key_forward (controller, GTK_WIDGET (self->view));
}

/* --- The widget -------------------------------------------------------------------- */

/* From one line to six in the font of now. */
static void
limit_height (KhComposer *self)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self->view));
  PangoFontMetrics *metrics = pango_context_get_metrics (context, NULL, NULL);
  int line = PANGO_PIXELS_CEIL (pango_font_metrics_get_height (metrics));

  pango_font_metrics_unref (metrics);
  gtk_scrolled_window_set_max_content_height (self->scrolled, LINES_MAX * line);
  gtk_scrolled_window_set_min_content_height (self->scrolled, line);
}

/* A text view that grows tells its adjustment the height of before (GTK 4.8), and stays
 * scrolled though all of it could be seen. */
static gboolean
settle (GtkWidget *view, GdkFrameClock *clock, gpointer data)
{
  KhComposer *self = data;
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scrolled);
  int height = gtk_widget_get_height (GTK_WIDGET (self->scrolled));
  double end = MAX (gtk_adjustment_get_upper (adjustment) - height, 0);

  if (gtk_adjustment_get_page_size (adjustment) < height)
    gtk_adjustment_set_page_size (adjustment, height);
  if (gtk_adjustment_get_value (adjustment) > end)
    gtk_adjustment_set_value (adjustment, end);
  if (--self->n_settle > 0)
    return G_SOURCE_CONTINUE;
  self->settle_tick = 0;
  return G_SOURCE_REMOVE;
}

static void
settle_soon (KhComposer *self)
{
  if (self->view == NULL)
    return;
  self->n_settle = SETTLE_FRAMES;
  if (self->settle_tick == 0)
    self->settle_tick
        = gtk_widget_add_tick_callback (GTK_WIDGET (self->view), settle, self, NULL);
}

static void
css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (kh_composer_parent_class)->css_changed (widget, change);
  if (KH_COMPOSER (widget)->view != NULL)
    limit_height (KH_COMPOSER (widget));
}

static void
system_setting_changed (GtkWidget *widget, GtkSystemSetting setting)
{
  GTK_WIDGET_CLASS (kh_composer_parent_class)->system_setting_changed (widget, setting);
  if (KH_COMPOSER (widget)->view != NULL)
    limit_height (KH_COMPOSER (widget));
}

static void
realize (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (kh_composer_parent_class)->realize (widget);
  limit_height (KH_COMPOSER (widget));
}

static void
unmap (GtkWidget *widget)
{
  store_draft (KH_COMPOSER (widget));
  GTK_WIDGET_CLASS (kh_composer_parent_class)->unmap (widget);
}

static void
add_keys (KhComposer *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (on_key_pressed), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->view), keys);
}

static void
dispose (GObject *object)
{
  KhComposer *self = KH_COMPOSER (object);

  if (self->client != NULL && self->clamp != NULL)
    store_draft (self);
  g_clear_handle_id (&self->draft_source, g_source_remove);
  self->view = NULL;
  g_clear_pointer (&self->clamp, gtk_widget_unparent);
  g_clear_object (&self->client);
  G_OBJECT_CLASS (kh_composer_parent_class)->dispose (object);
}

static void
finalize (GObject *object)
{
  g_hash_table_unref (KH_COMPOSER (object)->cursors);
  G_OBJECT_CLASS (kh_composer_parent_class)->finalize (object);
}

static void
kh_composer_class_init (KhComposerClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = dispose;
  object_class->finalize = finalize;
  widget_class->css_changed = css_changed;
  widget_class->system_setting_changed = system_setting_changed;
  widget_class->realize = realize;
  widget_class->unmap = unmap;
  signals[SEND_FILES]
      = g_signal_new ("send-files", KH_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 1, G_TYPE_LIST_MODEL);
  signals[LEAVE] = g_signal_new ("leave", KH_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "composer");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/knothole/Knothole/ui/composer.ui");
  gtk_widget_class_bind_template_child (widget_class, KhComposer, clamp);
  gtk_widget_class_bind_template_child (widget_class, KhComposer, scrolled);
  gtk_widget_class_bind_template_child (widget_class, KhComposer, view);
  gtk_widget_class_bind_template_child (widget_class, KhComposer, placeholder);
  gtk_widget_class_bind_template_child (widget_class, KhComposer, folder);
  gtk_widget_class_bind_template_child (widget_class, KhComposer, emoji);
  gtk_widget_class_bind_template_child (widget_class, KhComposer, send);
}

static void
kh_composer_init (KhComposer *self)
{
  g_type_ensure (ADW_TYPE_CLAMP);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->cursors
      = g_hash_table_new_full (kh_peer_id_hash, kh_peer_id_equal_func, g_free, NULL);
  self->buffer = gtk_text_view_get_buffer (self->view);
  /* Where dropping one is refused more often than not. */
  gtk_widget_set_visible (self->folder, kh_portal_is_sandboxed ());
  add_keys (self);
  limit_height (self);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scrolled),
                           "changed", G_CALLBACK (settle_soon), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->buffer, "changed", G_CALLBACK (on_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "preedit-changed", G_CALLBACK (on_preedit_changed),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "paste-clipboard", G_CALLBACK (on_paste), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->emoji, "clicked", G_CALLBACK (on_emoji), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->send, "clicked", G_CALLBACK (send_text), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
kh_composer_new (KhClient *client)
{
  KhComposer *self = g_object_new (KH_TYPE_COMPOSER, NULL);

  self->client = g_object_ref (client);
  return GTK_WIDGET (self);
}

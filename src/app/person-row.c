/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/person-row.h"

#include "app/person-text.h"
#include "app/show.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#define AVATAR_SIZE 40
#define GAP 12      /* between avatar, words and icons */
#define SMALL_GAP 6 /* between what belongs together */
#define LINE_GAP 2

/* GTK keeps some two hundred rows of a list, and binds all of them anew when one types
 * into a search. So a row has as few widgets as it can, and lays them out itself: the
 * marks are made when somebody first has one. */
typedef enum
{
  MARK_PRESENCE, /* at the foot of the avatar */
  MARK_VERIFIED, /* this and the next beside the name */
  MARK_ID,
  MARK_STATE, /* this and the rest at the end */
  MARK_PATH,
  MARK_UNREAD,
  N_MARKS,
} Mark;

struct _KhPersonRow
{
  GtkWidget parent_instance;

  /* Owned */
  KhPerson *person;
  AdwAvatar *avatar;
  GtkLabel *name;
  GtkLabel *status;
  GtkWidget *marks[N_MARKS]; /* NULL until needed */

  /* State */
  const char *presence_class;
};

G_DEFINE_FINAL_TYPE (KhPersonRow, kh_person_row, GTK_TYPE_WIDGET)

/* --- Layout ---------------------------------------------------------------------------
 */

static gboolean
has_mark (KhPersonRow *self, Mark mark)
{
  return self->marks[mark] != NULL && gtk_widget_get_visible (self->marks[mark]);
}

static int
natural_size (gpointer widget, GtkOrientation orientation)
{
  int natural;

  gtk_widget_measure (widget, orientation, -1, NULL, &natural, NULL, NULL);
  return natural;
}

/* Of these marks, each with the gap before it. */
static int
marks_width (KhPersonRow *self, Mark first, Mark last)
{
  int width = 0;

  for (Mark mark = first; mark <= last; mark++)
    if (has_mark (self, mark))
      width += SMALL_GAP + natural_size (self->marks[mark], GTK_ORIENTATION_HORIZONTAL);
  return width;
}

static void
measure_width (KhPersonRow *self, int *least, int *natural)
{
  int fixed = AVATAR_SIZE + GAP + marks_width (self, MARK_STATE, MARK_UNREAD);
  int beside = marks_width (self, MARK_VERIFIED, MARK_ID);
  int name_least, name_natural, status_least, status_natural;

  gtk_widget_measure (GTK_WIDGET (self->name), GTK_ORIENTATION_HORIZONTAL, -1,
                      &name_least, &name_natural, NULL, NULL);
  gtk_widget_measure (GTK_WIDGET (self->status), GTK_ORIENTATION_HORIZONTAL, -1,
                      &status_least, &status_natural, NULL, NULL);
  *least = fixed + MAX (name_least + beside, status_least);
  *natural = fixed + MAX (name_natural + beside, status_natural);
}

static void
kh_person_row_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                       int *least, int *natural, int *least_baseline,
                       int *natural_baseline)
{
  KhPersonRow *self = KH_PERSON_ROW (widget);
  int words;

  /* The avatar in any case: who has not been measured can't be placed. */
  natural_size (self->avatar, orientation);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      measure_width (self, least, natural);
      return;
    }
  words = natural_size (self->name, orientation) + LINE_GAP
          + natural_size (self->status, orientation);
  *least = *natural = MAX (AVATAR_SIZE, words);
}

/* From the start, which is at the right where one reads from there. */
static void
place (KhPersonRow *self, gpointer child, int start, int y, int width, int height)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int x = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL
              ? gtk_widget_get_width (widget) - start - width
              : start;

  gtk_widget_size_allocate (child, &(GtkAllocation){ x, y, width, height }, -1);
}

/* In the middle of a line. */
static void
place_mark (KhPersonRow *self, Mark mark, int start, int y, int line)
{
  int width = natural_size (self->marks[mark], GTK_ORIENTATION_HORIZONTAL);
  int height = natural_size (self->marks[mark], GTK_ORIENTATION_VERTICAL);

  place (self, self->marks[mark], start, y + (line - height) / 2, width, height);
}

/* The first line: the name, and what stands beside it. */
static void
place_name (KhPersonRow *self, int start, int y, int width, int height)
{
  int room = width - marks_width (self, MARK_VERIFIED, MARK_ID);
  int least;

  gtk_widget_measure (GTK_WIDGET (self->name), GTK_ORIENTATION_HORIZONTAL, -1, &least,
                      NULL, NULL, NULL);
  room = MAX (least, MIN (room, natural_size (self->name, GTK_ORIENTATION_HORIZONTAL)));
  place (self, self->name, start, y, room, height);
  start += room;
  for (Mark mark = MARK_VERIFIED; mark <= MARK_ID; mark++)
    if (has_mark (self, mark))
      {
        place_mark (self, mark, start + SMALL_GAP, y, height);
        start += SMALL_GAP + natural_size (self->marks[mark], GTK_ORIENTATION_HORIZONTAL);
      }
}

static void
place_end (KhPersonRow *self, int width, int height)
{
  int start = width - marks_width (self, MARK_STATE, MARK_UNREAD);

  for (Mark mark = MARK_STATE; mark <= MARK_UNREAD; mark++)
    if (has_mark (self, mark))
      {
        place_mark (self, mark, start + SMALL_GAP, 0, height);
        start += SMALL_GAP + natural_size (self->marks[mark], GTK_ORIENTATION_HORIZONTAL);
      }
}

static void
kh_person_row_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  KhPersonRow *self = KH_PERSON_ROW (widget);
  int name = natural_size (self->name, GTK_ORIENTATION_VERTICAL);
  int status = natural_size (self->status, GTK_ORIENTATION_VERTICAL);
  int top = (height - name - LINE_GAP - status) / 2;
  int avatar_top = (height - AVATAR_SIZE) / 2;
  int start = AVATAR_SIZE + GAP;
  int words = width - start - marks_width (self, MARK_STATE, MARK_UNREAD);

  place (self, self->avatar, 0, avatar_top, AVATAR_SIZE, AVATAR_SIZE);
  if (has_mark (self, MARK_PRESENCE))
    {
      int dot = natural_size (self->marks[MARK_PRESENCE], GTK_ORIENTATION_HORIZONTAL);

      natural_size (self->marks[MARK_PRESENCE], GTK_ORIENTATION_VERTICAL);
      place (self, self->marks[MARK_PRESENCE], AVATAR_SIZE - dot,
             avatar_top + AVATAR_SIZE - dot, dot, dot);
    }
  place_name (self, start, top, words, name);
  place (self, self->status, start, top + name + LINE_GAP, words, status);
  place_end (self, width, height);
}

/* --- Marks ----------------------------------------------------------------------------
 */

static GtkWidget *
make_mark (Mark mark)
{
  GtkWidget *widget;

  switch (mark)
    {
    case MARK_PRESENCE:
      widget = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
      gtk_widget_add_css_class (widget, "presence");
      return widget;
    case MARK_VERIFIED:
      widget = gtk_image_new_from_icon_name ("kh-verified-symbolic");
      gtk_widget_add_css_class (widget, "verified");
      gtk_widget_set_tooltip_text (widget, _ ("Verified"));
      return widget;
    case MARK_ID:
      widget = gtk_label_new (NULL);
      gtk_widget_add_css_class (widget, "caption");
      gtk_widget_add_css_class (widget, "dim-label");
      gtk_widget_add_css_class (widget, "monospace");
      gtk_widget_set_tooltip_text (
          widget, _ ("The beginning of the identity: somebody else has this name too"));
      return widget;
    case MARK_UNREAD:
      widget = gtk_label_new (NULL);
      gtk_widget_add_css_class (widget, "badge");
      gtk_widget_add_css_class (widget, "numeric");
      return widget;
    default:
      widget = gtk_image_new ();
      gtk_widget_add_css_class (widget, mark == MARK_PATH ? "path" : "dim-label");
      return widget;
    }
}

/* NULL where it is not to be shown, and then it need not be there. */
static GtkWidget *
show_mark (KhPersonRow *self, Mark mark, gboolean shown)
{
  if (shown && self->marks[mark] == NULL)
    {
      self->marks[mark] = make_mark (mark);
      gtk_widget_set_parent (self->marks[mark], GTK_WIDGET (self));
    }
  if (self->marks[mark] != NULL)
    gtk_widget_set_visible (self->marks[mark], shown);
  return shown ? self->marks[mark] : NULL;
}

static void
show_icon (KhPersonRow *self, Mark mark, const char *icon, const char *tooltip)
{
  GtkWidget *image = show_mark (self, mark, icon != NULL);

  if (image == NULL)
    return;
  gtk_image_set_from_icon_name (GTK_IMAGE (image), icon);
  gtk_widget_set_tooltip_text (image, tooltip);
}

static void
show_label (KhPersonRow *self, Mark mark, const char *text)
{
  GtkWidget *label = show_mark (self, mark, text != NULL);

  if (label != NULL)
    gtk_label_set_label (GTK_LABEL (label), text);
}

static void
show_presence (KhPersonRow *self, const KhPersonFacts *facts)
{
  const char *class = kh_person_text_presence (facts);
  GtkWidget *dot = show_mark (self, MARK_PRESENCE, strcmp (class, "offline") != 0);

  if (dot == NULL || g_strcmp0 (class, self->presence_class) == 0)
    return;
  if (self->presence_class != NULL)
    gtk_widget_remove_css_class (dot, self->presence_class);
  gtk_widget_add_css_class (dot, class);
  self->presence_class = class;
}

/* --- What it shows --------------------------------------------------------------------
 */

/* The row of the list is the one that a screen reader stops at. */
static void
tell_reader (KhPersonRow *self, const char *name, const KhPersonFacts *facts,
             GDateTime *now)
{
  GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));
  g_autofree char *description = kh_person_text_description (facts, now);

  if (parent != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (parent),
                                    GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                    GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
}

static void
update (KhPersonRow *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *name = NULL;
  g_autofree char *initials = NULL;
  g_autofree char *status = NULL;
  g_autofree char *unread = NULL;
  g_autofree char *tooltip = NULL;
  g_autofree char *expected = NULL;
  KhPersonFacts facts;

  kh_person_facts_read (&facts, self->person);
  name = kh_person_text_name (&facts);
  initials = kh_person_text_initials (name);
  status = kh_person_text_line (&facts, now);
  unread = kh_person_text_unread (facts.unread);
  tooltip = kh_person_text_path_tooltip (&facts);
  expected = kh_person_text_line_tooltip (&facts);

  adw_avatar_set_text (self->avatar, initials);
  gtk_label_set_label (self->name, name);
  gtk_label_set_label (self->status, status);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->status), expected);
  show_presence (self, &facts);
  show_mark (self, MARK_VERIFIED, facts.verified);
  show_label (self, MARK_ID, kh_person_text_id (&facts));
  show_icon (self, MARK_STATE, kh_person_text_state_icon (&facts),
             kh_person_text_state_tooltip (&facts));
  show_icon (self, MARK_PATH, kh_person_text_path_icon (&facts), tooltip);
  show_label (self, MARK_UNREAD, unread);
  kh_show_class (GTK_WIDGET (self), "away",
                 !facts.online && facts.state == KH_PERSON_IDLE);
  kh_show_class (GTK_WIDGET (self), "relayed", kh_person_text_is_relayed (&facts));
  kh_show_class (GTK_WIDGET (self), "asks", facts.state == KH_PERSON_REQUEST);
  kh_show_class (GTK_WIDGET (self), "unread", facts.unread > 0);
  kh_show_class (GTK_WIDGET (self->status), "warning", facts.namesake);
  tell_reader (self, name, &facts, now);
}

/* --- The object -----------------------------------------------------------------------
 */

static void
kh_person_row_dispose (GObject *object)
{
  KhPersonRow *self = KH_PERSON_ROW (object);
  GtkWidget *child;

  if (self->person != NULL)
    g_signal_handlers_disconnect_by_data (self->person, self);
  g_clear_object (&self->person);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (kh_person_row_parent_class)->dispose (object);
}

static void
kh_person_row_class_init (KhPersonRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = kh_person_row_dispose;
  widget_class->measure = kh_person_row_measure;
  widget_class->size_allocate = kh_person_row_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "person");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkLabel *
add_label (KhPersonRow *self, const char *class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, class);
  gtk_widget_set_parent (label, GTK_WIDGET (self));
  return GTK_LABEL (label);
}

static void
kh_person_row_init (KhPersonRow *self)
{
  self->avatar = ADW_AVATAR (adw_avatar_new (AVATAR_SIZE, NULL, TRUE));
  gtk_widget_set_parent (GTK_WIDGET (self->avatar), GTK_WIDGET (self));
  self->name = add_label (self, "name");
  self->status = add_label (self, "status");
}

GtkWidget *
kh_person_row_new (void)
{
  return g_object_new (KH_TYPE_PERSON_ROW, NULL);
}

void
kh_person_row_set_person (KhPersonRow *self, KhPerson *person)
{
  if (self->person != NULL)
    g_signal_handlers_disconnect_by_data (self->person, self);
  g_set_object (&self->person, person);
  if (person == NULL)
    return;
  g_signal_connect_object (person, "changed", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

KhPerson *
kh_person_row_get_person (KhPersonRow *self)
{
  return self->person;
}

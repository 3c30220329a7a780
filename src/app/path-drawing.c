/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/path-drawing.h"

/* Widths of lines in pixels. */
#define THIN 2.0
#define THICK 3.0
/* What is tried is dashed, and moves by one dash and one gap in a phase. */
#define DASH 6.0
#define DASH_GAP 5.0
/* What has no part is dotted. */
#define DOT_GAP 6.0
#define MARK_RADIUS 8.0

struct _KhPathDrawing
{
  GObject parent_instance;

  /* State */
  KhPictureLooks looks;
  double phase;
  gboolean rtl;
  gboolean contrast;
};

static void kh_path_drawing_init_paintable (GdkPaintableInterface *iface);
static void kh_path_drawing_init_symbolic (GtkSymbolicPaintableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (KhPathDrawing, kh_path_drawing, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GDK_TYPE_PAINTABLE,
                                                      kh_path_drawing_init_paintable)
                                   G_IMPLEMENT_INTERFACE (GTK_TYPE_SYMBOLIC_PAINTABLE,
                                                          kh_path_drawing_init_symbolic))

/* One drawing of it. */
typedef struct
{
  KhPathDrawing *self;
  cairo_t *cr;
  const GdkRGBA *colors; /* by GtkSymbolicColor */
  KhPicturePlaces places;
} Pen;

static gboolean
is_connection (KhPictureLook look)
{
  return look == KH_PICTURE_WON || look == KH_PICTURE_RELAYED;
}

static void
set_color (Pen *pen, GtkSymbolicColor which, double alpha)
{
  GdkRGBA color = pen->colors[which];

  color.alpha *= (float)alpha;
  gdk_cairo_set_source_rgba (pen->cr, &color);
}

static void
set_look_color (Pen *pen, KhPictureLook look)
{
  gboolean contrast = pen->self->contrast;

  switch (look)
    {
    case KH_PICTURE_WON:
      set_color (pen, GTK_SYMBOLIC_COLOR_SUCCESS, 1);
      break;
    case KH_PICTURE_BAD:
      set_color (pen, GTK_SYMBOLIC_COLOR_ERROR, 1);
      break;
    case KH_PICTURE_TRIED:
    case KH_PICTURE_RELAYED:
      set_color (pen, GTK_SYMBOLIC_COLOR_WARNING, 1);
      break;
    case KH_PICTURE_LIT:
      set_color (pen, GTK_SYMBOLIC_COLOR_FOREGROUND, contrast ? 1 : 0.85);
      break;
    case KH_PICTURE_DIM:
    case KH_PICTURE_HIDDEN:
    default:
      set_color (pen, GTK_SYMBOLIC_COLOR_FOREGROUND, contrast ? 0.7 : 0.38);
      break;
    }
}

static void
rounded (cairo_t *cr, double x, double y, double width, double height, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

static void
line (cairo_t *cr, double x1, double y1, double x2, double y2)
{
  cairo_move_to (cr, x1, y1);
  cairo_line_to (cr, x2, y2);
}

static void
dot (cairo_t *cr, double x, double y, double radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, x, y, radius, 0, 2 * G_PI);
  cairo_fill (cr);
}

/* The pictures of nodes are drawn in a square of 24 units. */

static void
draw_computer (cairo_t *cr)
{
  rounded (cr, 2.5, 4, 19, 12.5, 2);
  line (cr, 12, 16.5, 12, 20);
  line (cr, 7.5, 20, 16.5, 20);
  cairo_stroke (cr);
}

static void
draw_router (cairo_t *cr)
{
  rounded (cr, 2, 12.5, 20, 7.5, 2);
  line (cr, 6.5, 12.5, 5, 5);
  line (cr, 17.5, 12.5, 19, 5);
  line (cr, 14, 16.25, 18, 16.25);
  cairo_stroke (cr);
  dot (cr, 6, 16.25, 1.1);
  dot (cr, 9.5, 16.25, 1.1);
}

/* The internet is a cloud, the server two drawers in it. */
static void
draw_server (cairo_t *cr)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, 5.6, 15.2, 4.8, G_PI_2, 1.42 * G_PI);
  cairo_arc (cr, 11.6, 9.8, 6.6, 1.06 * G_PI, 1.80 * G_PI);
  cairo_arc (cr, 18.4, 14.6, 5.4, 1.46 * G_PI, 2.5 * G_PI);
  cairo_close_path (cr);
  cairo_stroke (cr);
  rounded (cr, 7.75, 9.5, 8.5, 3.5, 1);
  rounded (cr, 7.75, 13.5, 8.5, 3.5, 1);
  cairo_set_line_width (cr, cairo_get_line_width (cr) * 0.7);
  cairo_stroke (cr);
  dot (cr, 9.9, 11.25, 0.7);
  dot (cr, 9.9, 15.25, 0.7);
}

static void
draw_node (Pen *pen, guint node)
{
  KhPictureLook look = pen->self->looks.nodes[node];
  cairo_t *cr = pen->cr;
  double scale = pen->places.node_size / 24.0;

  if (look == KH_PICTURE_HIDDEN)
    return;
  cairo_save (cr);
  cairo_translate (cr, pen->places.nodes[node].x, pen->places.nodes[node].y);
  cairo_scale (cr, scale, scale);
  cairo_translate (cr, -12, -12);
  cairo_set_line_width (cr, (is_connection (look) ? THIN * 1.2 : THIN) / scale);
  /* Only lines move: a node that waits is as quiet as one without a part. */
  set_look_color (pen, look == KH_PICTURE_TRIED ? KH_PICTURE_LIT : look);
  if (node == KH_PICTURE_SERVER)
    draw_server (cr);
  else if (node == KH_PICTURE_YOUR_ROUTER || node == KH_PICTURE_THEIR_ROUTER)
    draw_router (cr);
  else
    draw_computer (cr);
  cairo_restore (cr);
}

static void
set_dashes (Pen *pen, guint number, KhPictureLook look)
{
  static const double dashes[] = { DASH, DASH_GAP };
  static const double dots[] = { 0, DOT_GAP };
  double moved = pen->self->phase * (DASH + DASH_GAP);

  cairo_set_dash (pen->cr, NULL, 0, 0);
  if (look == KH_PICTURE_DIM)
    cairo_set_dash (pen->cr, dots, 2, 0);
  if (look == KH_PICTURE_BAD)
    cairo_set_dash (pen->cr, dashes, 2, 0);
  if (look == KH_PICTURE_TRIED)
    cairo_set_dash (pen->cr, dashes, 2,
                    pen->self->looks.towards_you[number] ? moved : -moved);
}

/* The middle of a line, on the curve where it is the arc. */
static KhPicturePoint
middle (Pen *pen, guint number)
{
  const KhPicturePoint *ends = pen->places.lines[number];
  KhPicturePoint at = { (ends[0].x + ends[1].x) / 2, (ends[0].y + ends[1].y) / 2 };

  if (number == KH_PICTURE_DIRECT)
    at.y = (at.y + pen->places.arc_top.y) / 2;
  return at;
}

/* What a colour says, also for who sees none: a tick or a cross on a disc. */
static void
draw_mark (Pen *pen, guint number)
{
  KhPictureLook look = pen->self->looks.lines[number];
  KhPicturePoint at = middle (pen, number);
  cairo_t *cr = pen->cr;

  cairo_save (cr);
  cairo_translate (cr, at.x, at.y);
  if (pen->self->rtl)
    cairo_scale (cr, -1, 1);
  /* What is under the disc goes, whatever the background is. */
  cairo_set_operator (cr, CAIRO_OPERATOR_CLEAR);
  dot (cr, 0, 0, MARK_RADIUS + 2);
  cairo_set_operator (cr, CAIRO_OPERATOR_OVER);
  set_look_color (pen, look);
  dot (cr, 0, 0, MARK_RADIUS);
  cairo_set_operator (cr, CAIRO_OPERATOR_DEST_OUT);
  cairo_set_source_rgba (cr, 0, 0, 0, 1);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_width (cr, THIN);
  if (look == KH_PICTURE_WON)
    {
      cairo_move_to (cr, -3.5, 0.2);
      cairo_line_to (cr, -1, 2.8);
      cairo_line_to (cr, 3.7, -2.6);
    }
  else
    {
      line (cr, -2.8, -2.8, 2.8, 2.8);
      line (cr, -2.8, 2.8, 2.8, -2.8);
    }
  cairo_stroke (cr);
  cairo_restore (cr);
}

static void
draw_line (Pen *pen, guint number)
{
  KhPictureLook look = pen->self->looks.lines[number];
  const KhPicturePoint *ends = pen->places.lines[number];
  const KhPicturePoint *top = &pen->places.arc_top;
  cairo_t *cr = pen->cr;

  if (look == KH_PICTURE_HIDDEN)
    return;
  cairo_set_line_width (cr, is_connection (look) ? THICK : THIN);
  set_dashes (pen, number, look);
  set_look_color (pen, look);
  cairo_move_to (cr, ends[0].x, ends[0].y);
  if (number == KH_PICTURE_DIRECT)
    cairo_curve_to (cr, ends[0].x + (top->x - ends[0].x) * 2 / 3,
                    ends[0].y + (top->y - ends[0].y) * 2 / 3,
                    ends[1].x + (top->x - ends[1].x) * 2 / 3,
                    ends[1].y + (top->y - ends[1].y) * 2 / 3, ends[1].x, ends[1].y);
  else
    cairo_line_to (cr, ends[1].x, ends[1].y);
  cairo_stroke (cr);
}

static void
draw (Pen *pen)
{
  const KhPictureLooks *looks = &pen->self->looks;

  for (guint i = 0; i < KH_PICTURE_LINES; i++)
    draw_line (pen, i);
  for (guint i = 0; i < KH_PICTURE_LINES; i++)
    if (looks->lines[i] == KH_PICTURE_BAD
        || (looks->lines[i] == KH_PICTURE_WON && i == KH_PICTURE_DIRECT))
      draw_mark (pen, i);
  cairo_set_dash (pen->cr, NULL, 0, 0);
  for (guint i = 0; i < KH_PICTURE_NODES; i++)
    draw_node (pen, i);
}

static void
kh_path_drawing_snapshot_symbolic (GtkSymbolicPaintable *paintable, GdkSnapshot *snapshot,
                                   double width, double height, const GdkRGBA *colors,
                                   gsize n_colors)
{
  Pen pen = { .self = KH_PATH_DRAWING (paintable), .colors = colors };
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, (float)width,
                                               kh_path_picture_height (&pen.self->looks));

  if (n_colors <= GTK_SYMBOLIC_COLOR_SUCCESS)
    return;
  kh_path_picture_place (&pen.self->looks, (float)width, &pen.places);
  pen.cr = gtk_snapshot_append_cairo (GTK_SNAPSHOT (snapshot), &bounds);
  cairo_set_line_cap (pen.cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (pen.cr, CAIRO_LINE_JOIN_ROUND);
  if (pen.self->rtl)
    {
      cairo_translate (pen.cr, width, 0);
      cairo_scale (pen.cr, -1, 1);
    }
  draw (&pen);
  cairo_destroy (pen.cr);
}

static void
kh_path_drawing_init_symbolic (GtkSymbolicPaintableInterface *iface)
{
  iface->snapshot_symbolic = kh_path_drawing_snapshot_symbolic;
}

/* Only where somebody draws it who has no colours. */
static void
kh_path_drawing_snapshot (GdkPaintable *paintable, GdkSnapshot *snapshot, double width,
                          double height)
{
  static const GdkRGBA grey = { 0.5f, 0.5f, 0.5f, 1 };
  const GdkRGBA colors[] = { grey, grey, grey, grey };

  kh_path_drawing_snapshot_symbolic (GTK_SYMBOLIC_PAINTABLE (paintable), snapshot, width,
                                     height, colors, G_N_ELEMENTS (colors));
}

static void
kh_path_drawing_init_paintable (GdkPaintableInterface *iface)
{
  iface->snapshot = kh_path_drawing_snapshot;
}

static void
kh_path_drawing_class_init (KhPathDrawingClass *class)
{
}

static void
kh_path_drawing_init (KhPathDrawing *self)
{
}

KhPathDrawing *
kh_path_drawing_new (void)
{
  return g_object_new (KH_TYPE_PATH_DRAWING, NULL);
}

void
kh_path_drawing_set_looks (KhPathDrawing *self, const KhPictureLooks *looks)
{
  self->looks = *looks;
  gdk_paintable_invalidate_contents (GDK_PAINTABLE (self));
}

void
kh_path_drawing_set_phase (KhPathDrawing *self, double phase)
{
  self->phase = phase;
  gdk_paintable_invalidate_contents (GDK_PAINTABLE (self));
}

void
kh_path_drawing_set_style (KhPathDrawing *self, gboolean rtl, gboolean contrast)
{
  self->rtl = rtl;
  self->contrast = contrast;
  gdk_paintable_invalidate_contents (GDK_PAINTABLE (self));
}

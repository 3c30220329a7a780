/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cells.h"

static void
test_letters_have_their_widths (void)
{
  g_assert_cmpuint (kh_cells_width (""), ==, 0);
  g_assert_cmpuint (kh_cells_width ("abc"), ==, 3);
  g_assert_cmpuint (kh_cells_width ("\344\275\240\345\245\275"), ==, 4);
  g_assert_cmpuint (kh_cells_width ("a\314\201"), ==, 1); /* an accent of its own */
}

static void
test_what_is_too_long_is_cut (void)
{
  g_autofree char *whole = kh_cells_fit ("photo.jpg", 9);
  g_autofree char *cut = kh_cells_fit ("photo.jpg", 6);
  g_autofree char *wide = kh_cells_fit ("\344\275\240\345\245\275", 3);
  g_autofree char *nothing = kh_cells_fit ("photo.jpg", 0);

  g_assert_cmpstr (whole, ==, "photo.jpg");
  g_assert_cmpstr (cut, ==, "photo\342\200\246");
  g_assert_cmpstr (wide, ==, "\344\275\240\342\200\246");
  g_assert_cmpstr (nothing, ==, "");
}

/* Whatever the text: a column is as wide as it is meant to be. */
static void
test_columns_are_even (void)
{
  static const char *const texts[]
      = { "", "a", "a rather long file name.tar.gz",
          "\344\275\240\345\245\275\344\275\240\345\245\275", "a\314\201b\314\201" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (guint width = 0; width < 40; width++)
      {
        g_autofree char *padded = kh_cells_pad (texts[i], width);

        g_assert_cmpuint (kh_cells_width (padded), ==, width);
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cells/letters-have-their-widths", test_letters_have_their_widths);
  g_test_add_func ("/cells/what-is-too-long-is-cut", test_what_is_too_long_is_cut);
  g_test_add_func ("/cells/columns-are-even", test_columns_are_even);
  return g_test_run ();
}

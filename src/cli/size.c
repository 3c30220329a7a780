/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/size.h"

#include <string.h>

/* What the store and the wire can hold. */
#define MOST ((guint64)G_MAXINT64)

/* The power of 1000 behind the number, of "" and "K"; 0 for anything else. */
static guint64
unit_of (const char *suffix)
{
  static const char units[] = "KMGT";
  guint64 unit = 1;

  if (*suffix == '\0')
    return 1;
  if (suffix[1] != '\0')
    return 0;
  for (const char *at = units; *at != '\0'; at++)
    {
      unit *= 1000;
      if (g_ascii_toupper (*suffix) == *at)
        return unit;
    }
  return 0;
}

/* The digits that @text begins with; FALSE where they are too large. */
static gboolean
read_whole (const char *text, guint64 *value)
{
  for (*value = 0; g_ascii_isdigit (*text); text++)
    {
      guint64 digit = (guint64)(*text - '0');

      if (*value > (MOST - digit) / 10)
        return FALSE;
      *value = *value * 10 + digit;
    }
  return TRUE;
}

/* The digits behind the point, of a @unit that is a power of ten; FALSE where something
 * is left over. */
static gboolean
read_fraction (const char *text, guint64 unit, guint64 *value)
{
  for (*value = 0; g_ascii_isdigit (*text); text++)
    {
      guint64 digit = (guint64)(*text - '0');

      unit /= 10;
      if (unit == 0 && digit != 0)
        return FALSE;
      *value += digit * unit;
    }
  return TRUE;
}

const char *
kh_size_parse (const char *text, guint64 *bytes)
{
  guint64 whole = 0;
  guint64 fraction = 0;
  const char *point = text + strspn (text, "0123456789");
  const char *suffix
      = *point == '.' ? point + 1 + strspn (point + 1, "0123456789") : point;
  guint64 unit = unit_of (suffix);

  if (point == text || unit == 0 || (*point == '.' && suffix == point + 1))
    return "is no size such as 500K, 20M or 1.5G";
  if (*point == '.' && !read_fraction (point + 1, unit, &fraction))
    return "is no whole number of bytes";
  if (!read_whole (text, &whole) || whole > (MOST - fraction) / unit)
    return "is too large";
  *bytes = whole * unit + fraction;
  return NULL;
}

const char *
kh_size_parse_rate (const char *text, guint64 *rate)
{
  const char *mistake;
  guint64 bytes = 0;

  if (g_str_equal (text, "none"))
    {
      *rate = 0;
      return NULL;
    }
  mistake = kh_size_parse (text, &bytes);
  if (mistake != NULL)
    return g_str_equal (mistake, "is too large")
               ? mistake
               : "is no rate in bytes a second such as 500K, 20M or 1.5G; none lifts the "
                 "limit";
  if (bytes > 0 && bytes < KH_SIZE_LEAST_RATE)
    return "is less than 1K, a thousand bytes a second; none lifts the limit";
  *rate = bytes;
  return NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/safety-text.h"

#include <glib/gi18n.h>

#define GROUPS_IN_A_ROW 3

typedef struct
{
  const char *emoji;
  const char *name;
} Picture;

/* Translators: the following 64 are the names of pictures that two people read to each
 * other over the telephone to be sure that nobody sits between them. Each must be another
 * word than all the others. */
static const Picture PICTURES[KH_SAFETY_TEXT_PICTURES] = {
  { "🐶", NC_ ("picture", "Dog") },          { "🐱", NC_ ("picture", "Cat") },
  { "🦁", NC_ ("picture", "Lion") },      { "🐎", NC_ ("picture", "Horse") },
  { "🦄", NC_ ("picture", "Unicorn") },   { "🐷", NC_ ("picture", "Pig") },
  { "🐘", NC_ ("picture", "Elephant") },     { "🐰", NC_ ("picture", "Rabbit") },
  { "🐼", NC_ ("picture", "Panda") },        { "🐓", NC_ ("picture", "Rooster") },
  { "🐧", NC_ ("picture", "Penguin") },      { "🐢", NC_ ("picture", "Turtle") },
  { "🐟", NC_ ("picture", "Fish") },         { "🐙", NC_ ("picture", "Octopus") },
  { "🦋", NC_ ("picture", "Butterfly") }, { "🌷", NC_ ("picture", "Flower") },
  { "🌳", NC_ ("picture", "Tree") },         { "🌵", NC_ ("picture", "Cactus") },
  { "🍄", NC_ ("picture", "Mushroom") },     { "🌏", NC_ ("picture", "Globe") },
  { "🌙", NC_ ("picture", "Moon") },         { "☁️", NC_ ("picture", "Cloud") },
  { "🔥", NC_ ("picture", "Fire") },         { "🍌", NC_ ("picture", "Banana") },
  { "🍎", NC_ ("picture", "Apple") },        { "🍓", NC_ ("picture", "Strawberry") },
  { "🌽", NC_ ("picture", "Corn") },         { "🍕", NC_ ("picture", "Pizza") },
  { "🎂", NC_ ("picture", "Cake") },         { "❤️", NC_ ("picture", "Heart") },
  { "😀", NC_ ("picture", "Smiley") },       { "🤖", NC_ ("picture", "Robot") },
  { "🎩", NC_ ("picture", "Hat") },          { "👓", NC_ ("picture", "Glasses") },
  { "🔧", NC_ ("picture", "Spanner") },      { "🎅", NC_ ("picture", "Santa") },
  { "👍", NC_ ("picture", "Thumbs up") },    { "☂️", NC_ ("picture", "Umbrella") },
  { "⌛", NC_ ("picture", "Hourglass") },    { "⏰", NC_ ("picture", "Clock") },
  { "🎁", NC_ ("picture", "Gift") },         { "💡", NC_ ("picture", "Light bulb") },
  { "📕", NC_ ("picture", "Book") },         { "✏️", NC_ ("picture", "Pencil") },
  { "📎", NC_ ("picture", "Paper clip") },   { "✂️", NC_ ("picture", "Scissors") },
  { "🔒", NC_ ("picture", "Lock") },         { "🔑", NC_ ("picture", "Key") },
  { "🔨", NC_ ("picture", "Hammer") },       { "☎️", NC_ ("picture", "Telephone") },
  { "🏁", NC_ ("picture", "Flag") },         { "🚂", NC_ ("picture", "Train") },
  { "🚲", NC_ ("picture", "Bicycle") },      { "✈️", NC_ ("picture", "Aeroplane") },
  { "🚀", NC_ ("picture", "Rocket") },       { "🏆", NC_ ("picture", "Trophy") },
  { "⚽", NC_ ("picture", "Ball") },         { "🎸", NC_ ("picture", "Guitar") },
  { "🎺", NC_ ("picture", "Trumpet") },      { "🔔", NC_ ("picture", "Bell") },
  { "⚓", NC_ ("picture", "Anchor") },       { "🎧", NC_ ("picture", "Headphones") },
  { "📁", NC_ ("picture", "Folder") },       { "📌", NC_ ("picture", "Pin") },
};

const char *
kh_safety_text_emoji (guint picture)
{
  return PICTURES[picture % KH_SAFETY_TEXT_PICTURES].emoji;
}

const char *
kh_safety_text_name (guint picture)
{
  return g_dpgettext2 (NULL, "picture", PICTURES[picture % KH_SAFETY_TEXT_PICTURES].name);
}

char *
kh_safety_text_rows (const char *number)
{
  g_auto (GStrv) groups = g_strsplit_set (number, " \n", -1);
  GString *rows = g_string_new (NULL);
  guint n = 0;

  for (char **group = groups; *group != NULL; group++)
    {
      if (**group == '\0')
        continue;
      if (n > 0)
        g_string_append (rows, n % GROUPS_IN_A_ROW == 0 ? "\n" : "  ");
      g_string_append (rows, *group);
      n++;
    }
  return g_string_free (rows, FALSE);
}

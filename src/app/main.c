/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/application.h"
#include "app/own-program.h"

#include <glib/gi18n.h>
#include <locale.h>

int
main (int argc, char *argv[])
{
  const char *given = g_getenv ("KNOTHOLE_LOCALEDIR");
  g_autofree char *texts = kh_own_program_texts (KH_LOCALEDIR);
  g_autoptr (KhApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, given != NULL ? given : texts);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name (_ ("Knothole"));

  application = kh_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}

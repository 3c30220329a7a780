/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/send-text.h"

#include "app/name-isolate.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

KhSendProblem
kh_send_text_check (const char *path)
{
  GStatBuf info;

  if (g_stat (path, &info) < 0)
    return KH_SEND_GONE;
  if (!S_ISREG (info.st_mode) && !S_ISDIR (info.st_mode))
    return KH_SEND_STRANGE;
  return g_access (path, R_OK) < 0 ? KH_SEND_UNREADABLE : KH_SEND_FINE;
}

static char *
problem_of_one (KhSendProblem problem, const char *name)
{
  switch (problem)
    {
    case KH_SEND_REMOTE:
      return g_strdup_printf (
          _ ("“%s” is not on this computer: copy it here first, then send it"), name);
    case KH_SEND_GONE:
      return g_strdup_printf (_ ("“%s” can't be sent: it is not there"), name);
    case KH_SEND_UNREADABLE:
      return g_strdup_printf (_ ("“%s” can't be sent: you may not read it"), name);
    case KH_SEND_STRANGE:
    case KH_SEND_FINE:
    default:
      return g_strdup_printf (_ ("“%s” can't be sent: it is neither a file nor a folder"),
                              name);
    }
}

char *
kh_send_text_problem (KhSendProblem problem, const char *name, guint n)
{
  g_autofree char *said = name != NULL ? kh_name_isolate (name) : g_strdup ("");
  g_autofree char *one = problem_of_one (problem, said);

  if (n <= 1)
    return g_steal_pointer (&one);
  /* Translators: the first is a whole sentence about the first of several files. */
  return g_strdup_printf (ngettext ("%s (and %'u more)", "%s (and %'u more)", n - 1), one,
                          n - 1);
}

const char *
kh_send_text_unread (void)
{
  return _ ("This can't be read from here: attach it with the paper clip");
}

char *
kh_send_text_hover (const char *peer)
{
  g_autofree char *name = kh_name_isolate (peer);

  return *name != '\0' ? g_strdup_printf (_ ("Send to %s"), name) : g_strdup (_ ("Send"));
}

char *
kh_send_text_taken (const char *peer, gboolean connected)
{
  g_autofree char *name = kh_name_isolate (*peer != '\0' ? peer : _ ("the other side"));

  return connected ? g_strdup_printf (_ ("Offered to %s"), name)
                   : g_strdup_printf (_ ("Kept, and offered when %s is connected"), name);
}

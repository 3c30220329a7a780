/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/transfer-look.h"

#include <string.h>

/* Beside what is known as a program by its type: what some system runs when it is opened,
 * or what tells a system to run something. */
static const char *const program_endings[] = {
  "appimage",
  "appinstaller",
  "application",
  "appref-ms",
  "appx",
  "appxbundle",
  "bat",
  "chm",
  "cmd",
  "com",
  "cpl",
  "deb",
  "desktop",
  "diagcab",
  "exe",
  "flatpak",
  "flatpakref",
  "gadget",
  "hlp",
  "hta",
  "inf",
  "jar",
  "js",
  "jse",
  "library-ms",
  "lnk",
  "msc",
  "msh",
  "msi",
  "msix",
  "msixbundle",
  "msp",
  "mst",
  "msu",
  "pif",
  "ps1",
  "ps1xml",
  "psd1",
  "psm1",
  "py",
  "pyw",
  "pyz",
  "reg",
  "rpm",
  "run",
  "scf",
  "scpt",
  "scr",
  "sct",
  "search-ms",
  "searchconnector-ms",
  "settingcontent-ms",
  "sh",
  "snap",
  "theme",
  "themepack",
  "url",
  "vb",
  "vbe",
  "vbs",
  "ws",
  "wsc",
  "wsf",
  "wsh",
  "xll",
};

static KhTransferActions
open_actions (const KhTransferView *view, KhTransferStanding standing)
{
  KhTransferActions actions = KH_TRANSFER_CANCEL;

  if (standing == KH_STANDING_ASKING)
    return KH_TRANSFER_ACCEPT | KH_TRANSFER_DECLINE | KH_TRANSFER_SAVE_TO;
  if (view->info->phase != KH_PHASE_RUNNING)
    return actions;
  actions |= view->info->paused_here ? KH_TRANSFER_RESUME : KH_TRANSFER_PAUSE;
  if (view->queued && view->connected)
    actions |= KH_TRANSFER_FIRST;
  return actions;
}

static KhTransferActions
ended_actions (const KhTransferView *view, KhTransferStanding standing)
{
  const KhTransferInfo *info = view->info;
  gboolean something = info->outgoing || info->done_files + info->there_files > 0
                       || (info->phase == KH_PHASE_DONE && info->n_files == 0);
  KhTransferActions actions = 0;

  if (standing == KH_STANDING_DECLINED)
    return 0;
  if (info->phase == KH_PHASE_FAILED && info->can_retry)
    actions |= KH_TRANSFER_RETRY;
  if (!view->has_place || !something)
    return actions;
  actions |= KH_TRANSFER_SHOW;
  if (standing == KH_STANDING_DONE && view->n_roots == 1)
    actions |= KH_TRANSFER_OPEN;
  return actions;
}

KhTransferActions
kh_transfer_look_actions (const KhTransferView *view)
{
  KhTransferStanding standing = kh_transfer_text_standing (view);
  const KhTransferInfo *info = view->info;
  KhTransferActions actions = info->phase <= KH_PHASE_RUNNING
                                  ? open_actions (view, standing)
                                  : ended_actions (view, standing);

  if (info->phase != KH_PHASE_LISTING && (info->n_files != 1 || view->folder))
    actions |= KH_TRANSFER_DETAILS;
  return actions;
}

const char *
kh_transfer_look_icon (KhTransferStanding standing)
{
  switch (standing)
    {
    case KH_STANDING_PAUSED_HERE:
    case KH_STANDING_PAUSED_THERE:
    case KH_STANDING_PAUSED_BOTH:
      return "media-playback-pause-symbolic";
    case KH_STANDING_AWAY:
    case KH_STANDING_OFFERED_AWAY:
      return "network-offline-symbolic";
    case KH_STANDING_DONE:
      return "object-select-symbolic";
    case KH_STANDING_DECLINED:
    case KH_STANDING_CANCELLED:
      return "action-unavailable-symbolic";
    case KH_STANDING_FAILED:
    case KH_STANDING_FAILED_PARTLY:
      return "dialog-warning-symbolic";
    case KH_STANDING_OFFERED:
    case KH_STANDING_QUEUED:
      return "content-loading-symbolic";
    default:
      return NULL;
    }
}

const char *
kh_transfer_look_class (KhTransferStanding standing)
{
  switch (standing)
    {
    case KH_STANDING_DONE:
      return "success";
    case KH_STANDING_FAILED:
      return "error";
    case KH_STANDING_FAILED_PARTLY:
    case KH_STANDING_STALLED:
      return "warning";
    case KH_STANDING_ASKING:
      return "accent";
    default:
      return NULL;
    }
}

static gboolean
has_program_type (const char *name)
{
  g_autofree char *type = g_content_type_guess (name, NULL, 0, NULL);

  /* A text may be called executable there; it is shown all the same. */
  return g_content_type_can_be_executable (type)
         && !g_content_type_equals (type, "text/plain");
}

gboolean
kh_transfer_look_is_program (const char *name)
{
  const char *dot = strrchr (name, '.');

  for (guint i = 0; dot != NULL && i < G_N_ELEMENTS (program_endings); i++)
    if (g_ascii_strcasecmp (dot + 1, program_endings[i]) == 0)
      return TRUE;
  return has_program_type (name);
}

/* Of a theme's icons only the symbolic ones, whatever else the type has. */
GIcon *
kh_transfer_look_file (const char *name)
{
  g_autofree char *type = g_content_type_guess (name, NULL, 0, NULL);
  g_autoptr (GIcon) icon = g_content_type_get_symbolic_icon (type);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const char *const *names
      = G_IS_THEMED_ICON (icon) ? g_themed_icon_get_names (G_THEMED_ICON (icon)) : NULL;
  g_auto (GStrv) symbolic = NULL;

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (g_str_has_suffix (names[i], "-symbolic"))
      g_strv_builder_add (builder, names[i]);
  g_strv_builder_add (builder, "text-x-generic-symbolic");
  symbolic = g_strv_builder_end (builder);
  return g_themed_icon_new_from_names (symbolic, -1);
}

GIcon *
kh_transfer_look_kind (const KhTransferView *view)
{
  if (view->n_roots > 1)
    return g_themed_icon_new ("edit-copy-symbolic");
  if (view->folder)
    return g_themed_icon_new ("folder-symbolic");
  return kh_transfer_look_file (view->info->name);
}

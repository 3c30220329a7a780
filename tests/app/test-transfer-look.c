/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/transfer-look.h"

static KhTransferInfo
make_info (KhTransferPhase phase, gboolean outgoing)
{
  return (KhTransferInfo){
    .name = (char *)"photo.jpg",
    .n_files = 1,
    .wanted_files = 1,
    .wanted_bytes = 10,
    .phase = phase,
    .outgoing = outgoing,
  };
}

static KhTransferActions
actions_of (const KhTransferInfo *info, gboolean waits, gboolean queued)
{
  KhTransferView view = { .info = info,
                          .connected = TRUE,
                          .waits = waits,
                          .queued = queued,
                          .has_place = TRUE,
                          .n_roots = 1 };

  return kh_transfer_look_actions (&view);
}

static void
test_an_offer_is_answered_where_it_waits (void)
{
  KhTransferInfo in = make_info (KH_PHASE_OFFERED, FALSE);
  KhTransferInfo out = make_info (KH_PHASE_OFFERED, TRUE);

  g_assert_cmpint (actions_of (&in, TRUE, FALSE), ==,
                   KH_TRANSFER_ACCEPT | KH_TRANSFER_DECLINE | KH_TRANSFER_SAVE_TO);
  g_assert_cmpint (actions_of (&in, FALSE, FALSE), ==, KH_TRANSFER_CANCEL);
  g_assert_cmpint (actions_of (&out, FALSE, FALSE), ==, KH_TRANSFER_CANCEL);
}

static void
test_a_pause_is_this_sides_switch (void)
{
  KhTransferInfo info = make_info (KH_PHASE_RUNNING, TRUE);

  g_assert_cmpint (actions_of (&info, FALSE, FALSE), ==,
                   KH_TRANSFER_CANCEL | KH_TRANSFER_PAUSE);
  info.paused_there = TRUE;
  g_assert_cmpint (actions_of (&info, FALSE, FALSE), ==,
                   KH_TRANSFER_CANCEL | KH_TRANSFER_PAUSE);
  info.paused_here = TRUE;
  g_assert_cmpint (actions_of (&info, FALSE, FALSE), ==,
                   KH_TRANSFER_CANCEL | KH_TRANSFER_RESUME);
}

static void
test_who_waits_can_go_first (void)
{
  KhTransferInfo info = make_info (KH_PHASE_RUNNING, TRUE);

  g_assert_true (actions_of (&info, FALSE, TRUE) & KH_TRANSFER_FIRST);
  g_assert_false (actions_of (&info, FALSE, FALSE) & KH_TRANSFER_FIRST);
}

static void
test_only_what_is_whole_opens (void)
{
  KhTransferInfo info = make_info (KH_PHASE_DONE, FALSE);

  info.done_files = 1;
  g_assert_cmpint (actions_of (&info, FALSE, FALSE), ==,
                   KH_TRANSFER_OPEN | KH_TRANSFER_SHOW);
  info.phase = KH_PHASE_FAILED;
  info.can_retry = TRUE;
  g_assert_cmpint (actions_of (&info, FALSE, FALSE), ==,
                   KH_TRANSFER_RETRY | KH_TRANSFER_SHOW);
  info.done_files = 0;
  g_assert_cmpint (actions_of (&info, FALSE, FALSE), ==, KH_TRANSFER_RETRY);
  info.phase = KH_PHASE_DECLINED;
  g_assert_cmpint (actions_of (&info, FALSE, FALSE), ==, 0);
}

static void
test_several_files_have_details (void)
{
  KhTransferInfo info = make_info (KH_PHASE_OFFERED, FALSE);

  info.n_files = 2;
  g_assert_true (actions_of (&info, TRUE, FALSE) & KH_TRANSFER_DETAILS);
  info.phase = KH_PHASE_LISTING;
  g_assert_false (actions_of (&info, TRUE, FALSE) & KH_TRANSFER_DETAILS);
}

static void
test_programs_are_not_just_opened (void)
{
  static const char *const programs[]
      = { "setup.exe",           "install.sh", "game.AppImage", "x.desktop", "script.py",
          "photo.jpg.scr",       "tool.JAR",   "a.bat",         "link.url",  "a.MSC",
          "b.settingcontent-ms", "c.pyw",      "d.sct" };
  static const char *const documents[] = { "photo.jpg",  "notes.txt",   "film.mkv",
                                           "report.pdf", "archive.zip", "no-ending" };

  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    g_assert_true (kh_transfer_look_is_program (programs[i]));
  for (guint i = 0; i < G_N_ELEMENTS (documents); i++)
    g_assert_false (kh_transfer_look_is_program (documents[i]));
}

static void
test_failures_stand_out (void)
{
  g_assert_cmpstr (kh_transfer_look_class (KH_STANDING_FAILED), ==, "error");
  g_assert_cmpstr (kh_transfer_look_class (KH_STANDING_DONE), ==, "success");
  g_assert_null (kh_transfer_look_class (KH_STANDING_MOVING));
  g_assert_null (kh_transfer_look_icon (KH_STANDING_MOVING));
  for (KhTransferStanding i = KH_STANDING_DONE; i <= KH_STANDING_FAILED_PARTLY; i++)
    g_assert_nonnull (kh_transfer_look_icon (i));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transfer-look/an-offer-is-answered-where-it-waits",
                   test_an_offer_is_answered_where_it_waits);
  g_test_add_func ("/transfer-look/a-pause-is-this-sides-switch",
                   test_a_pause_is_this_sides_switch);
  g_test_add_func ("/transfer-look/who-waits-can-go-first", test_who_waits_can_go_first);
  g_test_add_func ("/transfer-look/only-what-is-whole-opens",
                   test_only_what_is_whole_opens);
  g_test_add_func ("/transfer-look/several-files-have-details",
                   test_several_files_have_details);
  g_test_add_func ("/transfer-look/programs-are-not-just-opened",
                   test_programs_are_not_just_opened);
  g_test_add_func ("/transfer-look/failures-stand-out", test_failures_stand_out);
  return g_test_run ();
}

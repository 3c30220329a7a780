/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"
#include "cli/people.h"
#include "cli/run.h"

static void
on_ready (KhRun *run)
{
  if (kh_people_print (run) == 0)
    kh_output_note (run->output, "nobody else is online here");
  kh_report_show_peers (run->report, TRUE);
  if (!run->options->watch)
    kh_run_end (run, KH_STATUS_DONE);
}

static KhStatus
on_stopped (KhRun *run)
{
  if (run->options->watch || run->is_ready)
    return KH_STATUS_DONE;
  kh_output_warn (run->output, "ended before the list was complete");
  return KH_STATUS_SERVER;
}

KhStatus
kh_peers_run (const KhOptions *options)
{
  static const KhErrand errand = {
    .consent = KH_CONSENT_NONE,
    .ready = on_ready,
    .stopped = on_stopped,
  };

  return kh_run (options, &errand, NULL);
}

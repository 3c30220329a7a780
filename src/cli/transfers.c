/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cells.h"
#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/outcome.h"
#include "cli/progress.h"
#include "cli/questions.h"
#include "cli/text.h"

#include <stdio.h>

/* As many as a person looks through. */
#define SHOWN 50

#define PEER_CELLS 16
#define NAME_CELLS 24
#define FAR_CELLS 16
#define ANSWER_MAX 256

/* What can be done to a transfer. */
typedef struct
{
  const char *word;
  KhTransferChange change;
  const char *said; /* once it is done */
} Action;

static const Action actions[] = {
  { "pause", KH_CHANGE_PAUSE, "paused" },
  { "resume", KH_CHANGE_RESUME, "resumed" },
  { "cancel", KH_CHANGE_CANCEL, "cancelled" },
  { "retry", KH_CHANGE_RETRY, "what failed is tried again" },
  { "first", KH_CHANGE_FIRST, "is the first in the queue" },
};

typedef struct
{
  /* Borrowed */
  const KhOptions *options;
  KhOutput *output;
  KhProfile *profile;
} Transfers;

static const Action *
find_action (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (actions[i].word, word))
      return &actions[i];
  return NULL;
}

/* "to Bob" */
static char *
describe_peer (const KhTransferInfo *info)
{
  KhEvent event = { .peer = info->peer, .name = info->peer_name };
  g_autofree char *name = kh_text_name (&event);

  return g_strdup_printf ("%s %s", info->outgoing ? "to" : "from", name);
}

/* " 45% of 5.0 GB" */
static char *
describe_far (const KhTransferInfo *info)
{
  KhProgress progress = { .bytes = info->done_bytes, .total = info->wanted_bytes };
  g_autofree char *total = kh_text_size (info->wanted_bytes);

  /* Nothing is wanted yet, or it is empty. */
  if (info->wanted_bytes == 0 && info->phase != KH_PHASE_DONE)
    return g_strdup_printf ("  0%% of %s", total);
  return g_strdup_printf ("%3u%% of %s", kh_progress_percent (&progress), total);
}

static void
print (const Transfers *self, const KhTransferInfo *info)
{
  g_autofree char *peer_name = kh_outcome_peer (info->peer_name);
  g_autofree char *peer = describe_peer (info);
  g_autofree char *name = kh_text_clean (info->name);
  g_autofree char *far = describe_far (info);
  g_autofree char *peer_cells = kh_cells_pad (peer, PEER_CELLS);
  g_autofree char *name_cells = kh_cells_pad (name, NAME_CELLS);
  g_autofree char *far_cells = kh_cells_pad (far, FAR_CELLS);
  g_autofree char *id = kh_outcome_short_id (&info->item);
  g_autofree char *state = kh_outcome_state (info, peer_name);

  kh_output_result (self->output, "%s  %s  %s  %s  %s", id, peer_cells, name_cells,
                    far_cells, state);
  kh_output_take_json (self->output, kh_json_transfer (info));
}

static KhStatus
list (const Transfers *self)
{
  guint limit = self->options->all ? G_MAXINT : SHOWN + 1;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) infos = kh_profile_list_transfers (self->profile, limit, &error);
  guint n_shown;

  if (infos == NULL)
    return kh_folder_fail (self->options, self->output, error);
  n_shown = self->options->all ? infos->len : MIN (infos->len, SHOWN);
  if (infos->len == 0)
    kh_output_note (self->output, "no files have been sent or received yet");
  if (n_shown < infos->len)
    kh_output_note (self->output, "the newest %d; --all shows all", SHOWN);
  for (guint i = n_shown; i > 0; i--)
    print (self, g_ptr_array_index (infos, i - 1));
  return KH_STATUS_DONE;
}

/* The ones meant by what follows the action; NULL where one is unknown, which has been
 * said: nothing is changed then. */
static GPtrArray *
find (const Transfers *self)
{
  g_autoptr (GPtrArray) infos
      = g_ptr_array_new_with_free_func ((GDestroyNotify)kh_transfer_info_free);

  for (guint i = 1; i < self->options->n_arguments; i++)
    {
      g_autofree char *problem = NULL;
      KhTransferInfo *info = kh_profile_find_transfer (
          self->profile, self->options->arguments[i], &problem);

      if (info == NULL)
        {
          g_autofree char *message = kh_text_clean (problem);

          kh_output_error (self->output, KH_STATUS_USAGE, message);
          return NULL;
        }
      g_ptr_array_add (infos, info);
    }
  return g_steal_pointer (&infos);
}

/* A person may want what has arrived whole, or not; it is kept unless they say so. */
static gboolean
ask_whether_to_discard (const Transfers *self, const KhTransferInfo *info)
{
  g_autofree char *count = kh_text_count (info->done_files, "file", "files");
  g_autofree char *name = kh_text_clean (info->name);
  g_autofree char *question = NULL;
  char line[ANSWER_MAX];
  gboolean yes;

  if (info->outgoing || info->done_files == 0 || info->phase >= KH_PHASE_DONE
      || !kh_output_has_person (self->output))
    return FALSE;
  question = g_strdup_printf ("%s of %s arrived whole. Delete what has arrived? [y/N]",
                              count, name);
  kh_output_ask (self->output, question);
  yes = kh_questions_is_yes (fgets (line, sizeof line, stdin));
  kh_output_answered (self->output);
  return yes;
}

static KhTransferChange
choose_change (const Transfers *self, const Action *action, const KhTransferInfo *info)
{
  if (action->change == KH_CHANGE_CANCEL
      && (self->options->discard || ask_whether_to_discard (self, info)))
    return KH_CHANGE_CANCEL_DISCARD;
  return action->change;
}

/* How it stands now, for scripts. */
static void
print_changed (const Transfers *self, const KhTransferInfo *info)
{
  g_autofree char *id = kh_item_id_to_text (&info->item);
  g_autofree char *problem = NULL;
  g_autoptr (KhTransferInfo) now = kh_profile_find_transfer (self->profile, id, &problem);

  kh_output_take_json (self->output, kh_json_transfer (now != NULL ? now : info));
}

static KhStatus
change (const Transfers *self, const Action *action, const KhTransferInfo *info)
{
  KhTransferChange chosen = choose_change (self, action, info);
  g_autoptr (GError) error = NULL;
  g_autofree char *id = kh_outcome_short_id (&info->item);
  g_autofree char *name = kh_text_clean (info->name);

  if (!kh_profile_change_transfer (self->profile, info, chosen, &error))
    {
      g_autofree char *why = kh_text_clean (error->message);
      g_autofree char *message = g_strdup_printf ("%s %s: %s", id, name, why);

      kh_output_take_error (
          self->output, message,
          kh_json_transfer_error (KH_STATUS_TRANSFER, message, &info->item, 0));
      return KH_STATUS_TRANSFER;
    }
  kh_output_result (self->output, "%s %s: %s%s", id, name, action->said,
                    chosen == KH_CHANGE_CANCEL_DISCARD ? ", and what had arrived deleted"
                                                       : "");
  if (kh_output_is_json (self->output))
    print_changed (self, info);
  return KH_STATUS_DONE;
}

/* All of them, also where one can't be changed. */
static KhStatus
change_all (const Transfers *self, const Action *action)
{
  g_autoptr (GPtrArray) infos = find (self);
  KhStatus status = KH_STATUS_DONE;

  if (infos == NULL)
    return KH_STATUS_USAGE;
  for (guint i = 0; i < infos->len; i++)
    {
      KhStatus one = change (self, action, g_ptr_array_index (infos, i));

      if (status == KH_STATUS_DONE)
        status = one;
    }
  return status;
}

/* A sentence about what is wrong with the words, or NULL. */
static char *
find_mistake (const KhOptions *options, const char *word, const Action *action)
{
  g_autofree char *shown = kh_text_clean (word);
  gboolean is_list = g_str_equal (word, "list");

  if (action == NULL && !is_list)
    return g_strdup_printf (
        "there is no `transfers %s`: it is one of list, pause, resume, "
        "cancel, retry, first",
        shown);
  if (is_list && options->n_arguments > 1)
    return g_strdup ("`transfers list` shows all of them: it takes no ID");
  if (!is_list && options->n_arguments < 2)
    return g_strdup_printf ("`transfers %s` needs an ID; `knothole-cli transfers` shows "
                            "them",
                            shown);
  if (options->all && !is_list)
    return g_strdup ("--all belongs to `transfers list`");
  if (options->discard && (is_list || action->change != KH_CHANGE_CANCEL))
    return g_strdup ("--discard belongs to `transfers cancel`");
  return NULL;
}

KhStatus
kh_transfers_run (const KhOptions *options)
{
  const char *word = options->n_arguments > 0 ? options->arguments[0] : "list";
  const Action *action = find_action (word);
  g_autofree char *mistake = find_mistake (options, word, action);
  g_autoptr (KhOutput) output = kh_output_new (options->json);
  g_autoptr (KhProfile) profile = NULL;
  Transfers self = { .options = options, .output = output };

  if (mistake != NULL)
    {
      kh_output_error (output, KH_STATUS_USAGE, mistake);
      return KH_STATUS_USAGE;
    }
  profile = kh_folder_open (options, output);
  if (profile == NULL)
    return KH_STATUS_USAGE;
  self.profile = profile;
  return action != NULL ? change_all (&self, action) : list (&self);
}

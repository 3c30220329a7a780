/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * output.h - what knothole-cli prints, and where.
 *
 * Results go to standard output, everything about how it is going to standard error.
 * With JSON, standard output has nothing but JSON lines, and notes are not printed.
 * On a terminal the last line may be a status line (a progress bar): it is taken away
 * before anything else is printed and comes back with the next set_status().
 *
 * All texts must be clean (text.h). Every line is flushed. When nobody reads standard
 * output any more, is_closed() says so and further results are dropped. The same goes for
 * one that can't be written, a full disk, but that is also said, and finish() knows it.
 */
#pragma once

#include "cli/status.h"

#include <glib.h>

typedef struct _KhOutput KhOutput;

KhOutput *kh_output_new (gboolean json);
void kh_output_free (KhOutput *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (KhOutput, kh_output_free)

gboolean kh_output_is_json (const KhOutput *self);
gboolean kh_output_is_closed (const KhOutput *self);

/* Nothing goes to standard output any more, and no note to standard error. */
void kh_output_drop (KhOutput *self);

/* A person reads the notes, and can be asked. */
gboolean kh_output_has_person (const KhOutput *self);

void kh_output_result (KhOutput *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
void kh_output_note (KhOutput *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Less important than a note: grey where there are colours. */
void kh_output_detail (KhOutput *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Also with JSON. */
void kh_output_warn (KhOutput *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* And as an event with JSON. */
void kh_output_error (KhOutput *self, KhStatus status, const char *message);

/* The same with a JSON line of its own. */
void kh_output_take_error (KhOutput *self, const char *message, char *line);

/* Standard output, only with JSON. */
void kh_output_take_json (KhOutput *self, char *line);

/* A question without a line break after it. Its last line comes back after whatever is
 * printed meanwhile, until answered(). */
void kh_output_ask (KhOutput *self, const char *question);
void kh_output_answered (KhOutput *self);

/* @text in bold where standard output has colours. */
char *kh_output_bold (const KhOutput *self, const char *text);

/* Cells for a status line; 0 where there can be none. */
guint kh_output_status_width (const KhOutput *self);

/* NULL takes it away. */
void kh_output_set_status (KhOutput *self, const char *status);

/* What the process exits with: @status, or that results were lost. */
KhStatus kh_output_finish (KhStatus status);

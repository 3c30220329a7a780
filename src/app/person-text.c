/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/person-text.h"

#include "app/name-isolate.h"
#include "app/outlook-text.h"
#include "app/path-text.h"
#include "app/time-text.h"

#include <glib/gi18n.h>

/* More is shown as so many and a plus: a badge has room for three characters. */
#define UNREAD_SHOWN_MAX 99

void
kh_person_facts_read (KhPersonFacts *facts, KhPerson *person)
{
  g_autofree char *id = kh_peer_id_to_text (kh_person_get_id (person));
  const KhPathInfo *path = kh_person_get_path (person);

  *facts = (KhPersonFacts){
    .name = kh_person_get_name (person),
    .announced_name = kh_person_get_announced_name (person),
    .former_name = kh_person_get_former_name (person),
    .ambiguous = kh_person_is_ambiguous (person),
    .namesake = kh_person_get_namesake (person) != NULL,
    .online = kh_person_is_online (person),
    .contact = kh_person_is_contact (person),
    .verified = kh_person_is_verified (person),
    .blocked = kh_person_is_blocked (person),
    .muted = kh_person_is_muted (person),
    .last_seen_at_ms = kh_person_get_last_seen_at_ms (person),
    .active_at_ms = kh_person_get_active_at_ms (person),
    .unread = kh_person_get_unread (person),
    .n_queued = kh_person_get_n_queued (person),
    .state = kh_person_get_state (person),
    .nat_class = kh_person_get_nat_class (person),
    .outlook = kh_person_get_outlook (person),
  };
  if (path != NULL)
    facts->path = path->kind;
  g_strlcpy (facts->short_id, id, sizeof facts->short_id);
}

char *
kh_person_text_name (const KhPersonFacts *facts)
{
  return g_strdup (*facts->name != '\0' ? facts->name : facts->short_id);
}

char *
kh_person_text_name_of (KhPerson *person)
{
  KhPersonFacts facts;

  kh_person_facts_read (&facts, person);
  return kh_person_text_name (&facts);
}

char *
kh_person_text_initials (const char *name)
{
  /* Also as Chinese has them. */
  static const char *const BRACKETS[][2] = { { "(", ")" }, { "（", "）" } };

  for (gsize i = 0; i < G_N_ELEMENTS (BRACKETS); i++)
    {
      const char *opening = g_strrstr (name, BRACKETS[i][0]);

      if (opening != NULL && opening != name && g_str_has_suffix (name, BRACKETS[i][1]))
        return g_strchomp (g_strndup (name, (gsize)(opening - name)));
    }
  return g_strdup (name);
}

const char *
kh_person_text_id (const KhPersonFacts *facts)
{
  return (facts->ambiguous || facts->namesake) && *facts->name != '\0' ? facts->short_id
                                                                       : NULL;
}

static gboolean
same_day (GDateTime *one, GDateTime *other)
{
  return g_date_time_get_year (one) == g_date_time_get_year (other)
         && g_date_time_get_day_of_year (one) == g_date_time_get_day_of_year (other);
}

char *
kh_person_text_last_seen (gint64 at_ms, GDateTime *now)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (at_ms / 1000);
  g_autoptr (GDateTime) at = NULL;
  g_autoptr (GDateTime) yesterday = g_date_time_add_days (now, -1);

  if (at_ms <= 0 || utc == NULL)
    return g_strdup (_ ("Not seen yet"));
  at = g_date_time_to_timezone (utc, g_date_time_get_timezone (now));
  if (same_day (at, now))
    /* Translators: a format of g_date_time_format(): hours and minutes */
    return kh_time_text_format (at, _ ("Last seen today at %H:%M"));
  if (same_day (at, yesterday))
    /* Translators: a format of g_date_time_format(): hours and minutes */
    return kh_time_text_format (at, _ ("Last seen yesterday at %H:%M"));
  if (g_date_time_get_year (at) == g_date_time_get_year (now))
    /* Translators: a format of g_date_time_format(): day and month */
    return g_date_time_format (at, _ ("Last seen on %-d %B"));
  /* Translators: a format of g_date_time_format(): day, month and year */
  return g_date_time_format (at, _ ("Last seen on %-d %B %Y"));
}

/* What is being done with the person at this moment; NULL: nothing. */
static const char *
activity_words (const KhPersonFacts *facts)
{
  switch (facts->state)
    {
    case KH_PERSON_REQUEST:
      return _ ("Wants to talk to you");
    case KH_PERSON_CALLING:
      return _ ("Calling…");
    case KH_PERSON_PUNCHING:
      return _ ("Connecting…");
    case KH_PERSON_CONNECTED:
      return kh_path_text_status (facts->path);
    default:
      return NULL;
    }
}

/* What a change of name is worth: the second line. NULL: there was none. */
static char *
renamed_words (const KhPersonFacts *facts)
{
  g_autofree char *announced = NULL;
  g_autofree char *former = NULL;

  if (facts->former_name == NULL)
    return NULL;
  /* Whom one has renamed oneself is not told as a change. */
  if (facts->announced_name != NULL)
    {
      announced = kh_name_isolate (facts->announced_name);
      /* Translators: a contact that has changed its own name */
      return g_strdup_printf (_ ("Is now called %s"), announced);
    }
  former = kh_name_isolate (facts->former_name);
  return g_strdup_printf (_ ("Was called %s before"), former);
}

/* @online: the words for somebody of whom nothing else is to be said. */
static char *
status_words (const KhPersonFacts *facts, GDateTime *now, const char *online)
{
  g_autofree char *name = kh_name_isolate (facts->name);
  char *renamed;

  if (facts->blocked)
    return g_strdup (_ ("Blocked"));
  if (facts->namesake)
    /* Translators: somebody else uses the name of a contact */
    return g_strdup_printf (_ ("Not the %s you know"), name);
  if (facts->state == KH_PERSON_REQUEST)
    return g_strdup (activity_words (facts));
  if (facts->state == KH_PERSON_CALLING || facts->state == KH_PERSON_PUNCHING)
    return g_strdup (activity_words (facts));
  renamed = renamed_words (facts);
  if (renamed != NULL)
    return renamed;
  if (activity_words (facts) != NULL)
    return g_strdup (activity_words (facts));
  if (!facts->online && facts->n_queued > 0)
    return g_strdup_printf (ngettext ("%u message waits for their return",
                                      "%u messages wait for their return",
                                      facts->n_queued),
                            facts->n_queued);
  if (facts->online)
    return g_strdup (online);
  return kh_person_text_last_seen (facts->last_seen_at_ms, now);
}

/* Somebody could be called, and nothing stands in the way of it. */
static gboolean
is_callable (const KhPersonFacts *facts)
{
  return facts->online && facts->state == KH_PERSON_IDLE && !facts->blocked
         && !facts->namesake;
}

char *
kh_person_text_status (const KhPersonFacts *facts, GDateTime *now)
{
  return status_words (facts, now, _ ("Online"));
}

char *
kh_person_text_line (const KhPersonFacts *facts, GDateTime *now)
{
  return status_words (facts, now, kh_outlook_text_online (facts->outlook));
}

char *
kh_person_text_line_tooltip (const KhPersonFacts *facts)
{
  return is_callable (facts) ? kh_outlook_text_tooltip (facts->outlook, facts->nat_class)
                             : NULL;
}

char *
kh_person_text_description (const KhPersonFacts *facts, GDateTime *now)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (parts, kh_person_text_status (facts, now));
  if (is_callable (facts) && kh_outlook_text (facts->outlook) != NULL)
    g_ptr_array_add (parts, g_strdup (kh_outlook_text (facts->outlook)));
  if (facts->verified)
    g_ptr_array_add (parts, g_strdup (_ ("Verified")));
  if (facts->muted)
    g_ptr_array_add (parts, g_strdup (_ ("Muted")));
  if (kh_person_text_id (facts) != NULL)
    /* Translators: the beginning of somebody's identity */
    g_ptr_array_add (parts, g_strdup_printf (_ ("Identity %s"), facts->short_id));
  if (facts->unread > 0)
    g_ptr_array_add (parts,
                     g_strdup_printf (ngettext ("%u unread", "%u unread", facts->unread),
                                      facts->unread));
  g_ptr_array_add (parts, NULL);
  /* Translators: stands between the parts of a list that is read aloud */
  return g_strjoinv (C_ ("between parts", ", "), (char **)parts->pdata);
}

const char *
kh_person_text_path_icon (const KhPersonFacts *facts)
{
  if (facts->state != KH_PERSON_CONNECTED)
    return NULL;
  return kh_path_text_icon (facts->path);
}

char *
kh_person_text_path_tooltip (const KhPersonFacts *facts)
{
  if (facts->state != KH_PERSON_CONNECTED)
    return NULL;
  return g_strdup_printf ("%s\n%s", kh_path_text_status (facts->path),
                          kh_path_text_promise (facts->path));
}

gboolean
kh_person_text_is_relayed (const KhPersonFacts *facts)
{
  return facts->state == KH_PERSON_CONNECTED && facts->path == KH_PATH_RELAY;
}

const char *
kh_person_text_state_icon (const KhPersonFacts *facts)
{
  if (facts->blocked)
    return "action-unavailable-symbolic";
  if (facts->muted)
    return "notifications-disabled-symbolic";
  return NULL;
}

const char *
kh_person_text_state_tooltip (const KhPersonFacts *facts)
{
  if (facts->blocked)
    return _ ("Blocked");
  if (facts->muted)
    return _ ("Muted: no notifications");
  return NULL;
}

const char *
kh_person_text_presence (const KhPersonFacts *facts)
{
  if (facts->state == KH_PERSON_CONNECTED)
    return "connected";
  if (facts->state != KH_PERSON_IDLE)
    return "busy";
  return facts->online ? "online" : "offline";
}

char *
kh_person_text_unread (guint unread)
{
  if (unread == 0)
    return NULL;
  if (unread > UNREAD_SHOWN_MAX)
    /* Translators: more unread messages than the number */
    return g_strdup_printf (_ ("%d+"), UNREAD_SHOWN_MAX);
  return g_strdup_printf ("%u", unread);
}

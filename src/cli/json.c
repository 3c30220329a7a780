/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/json.h"

#include "cli/nat-words.h"
#include "cli/offer.h"
#include "cli/outcome.h"
#include "cli/text.h"

#include <json-glib/json-glib.h>

static JsonBuilder *
begin (const char *event)
{
  JsonBuilder *builder = json_builder_new_immutable ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, event);
  return builder;
}

static char *
end (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

static void
add_text (JsonBuilder *builder, const char *member, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);

  json_builder_set_member_name (builder, member);
  json_builder_add_string_value (builder, valid);
}

static void
add_number (JsonBuilder *builder, const char *member, gint64 number)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_int_value (builder, number);
}

static void
add_truth (JsonBuilder *builder, const char *member, gboolean is_true)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_boolean_value (builder, is_true);
}

/* null where it is not known. */
static void
add_tristate (JsonBuilder *builder, const char *member, KhTristate value)
{
  json_builder_set_member_name (builder, member);
  if (value == KH_TRISTATE_UNKNOWN)
    json_builder_add_null_value (builder);
  else
    json_builder_add_boolean_value (builder, value == KH_TRISTATE_YES);
}

static void
add_peer (JsonBuilder *builder, const char *member, const KhPeerId *id)
{
  g_autofree char *text = kh_peer_id_to_text (id);

  add_text (builder, member, text);
}

static void
add_item (JsonBuilder *builder, const char *member, const KhItemId *id)
{
  g_autofree char *text = kh_item_id_to_text (id);

  add_text (builder, member, text);
}

static void
add_endpoint (JsonBuilder *builder, const char *member, const KhEndpoint *endpoint)
{
  char text[KH_ENDPOINT_TEXT_MAX];

  kh_endpoint_print (endpoint, text);
  add_text (builder, member, text);
}

static char *
online (const KhEvent *event, const KhPeerId *own_id)
{
  g_autoptr (JsonBuilder) builder = begin ("online");

  add_peer (builder, "id", own_id);
  add_text (builder, "server", event->text);
  return end (builder);
}

static char *
peer (const KhEvent *event)
{
  g_autoptr (JsonBuilder) builder = begin ("peer");

  add_text (builder, "state", event->online ? "online" : "offline");
  add_peer (builder, "id", &event->peer);
  add_text (builder, "name", event->name);
  add_text (builder, "network", kh_nat_words_kind (kh_nat_class_kind (event->nat_class)));
  add_text (builder, "direct", kh_nat_words_outlook (event->outlook));
  return end (builder);
}

static char *
punch (const KhEvent *event)
{
  g_autoptr (JsonBuilder) builder = begin ("punch");
  g_autofree char *text = kh_text_step (event);

  add_number (builder, "step", event->step);
  add_text (builder, "text", text);
  add_number (builder, "ms", event->ms);
  return end (builder);
}

static char *
connected (const KhEvent *event)
{
  g_autoptr (JsonBuilder) builder = begin ("connected");

  add_peer (builder, "id", &event->peer);
  add_text (builder, "name", event->name);
  add_text (builder, "path", kh_text_path (event->path));
  add_endpoint (builder, "local", &event->own);
  add_endpoint (builder, "remote", &event->remote);
  add_number (builder, "ms", event->ms);
  return end (builder);
}

static char *
disconnected (const KhEvent *event)
{
  g_autoptr (JsonBuilder) builder = begin ("disconnected");

  add_peer (builder, "id", &event->peer);
  add_text (builder, "reason", kh_text_link_end (event->link_end));
  return end (builder);
}

static char *
message (const KhEvent *event)
{
  g_autoptr (JsonBuilder) builder = begin ("message");

  add_peer (builder, "from", &event->peer);
  add_item (builder, "id", &event->item);
  add_text (builder, "text", event->text);
  add_number (builder, "at", event->at_ms);
  return end (builder);
}

static char *
delivered (const KhEvent *event)
{
  g_autoptr (JsonBuilder) builder = begin ("delivered");

  add_item (builder, "id", &event->item);
  return end (builder);
}

static char *
offer (const KhEvent *event)
{
  g_autoptr (JsonBuilder) builder = begin ("offer");

  add_peer (builder, "from", &event->peer);
  add_item (builder, "transfer", &event->item);
  add_text (builder, "name", event->text);
  add_number (builder, "files", event->n_files);
  add_number (builder, "folders", event->n_folders);
  add_number (builder, "bytes", (gint64)event->total);
  if (event->status == KH_FRAME_STATUS_OVER_QUOTA)
    add_text (builder, "reason", KH_OFFER_QUOTA);
  return end (builder);
}

static char *
progress (const KhEvent *event)
{
  g_autoptr (JsonBuilder) builder = begin ("progress");

  add_item (builder, "transfer", &event->item);
  add_text (builder, "file", event->text);
  add_number (builder, "bytes", (gint64)event->bytes);
  add_number (builder, "total", (gint64)event->total);
  add_number (builder, "file_bytes", (gint64)event->file_bytes);
  add_number (builder, "file_total", (gint64)event->file_total);
  return end (builder);
}

static char *
file (const KhEvent *event)
{
  g_autoptr (JsonBuilder) builder = begin ("file");

  add_item (builder, "transfer", &event->item);
  add_text (builder, "path", event->text);
  add_number (builder, "bytes", (gint64)event->bytes);
  /* Of what was sent nobody says it. */
  if (!event->outgoing)
    add_truth (builder, "there", event->there);
  return end (builder);
}

static char *
file_restarted (const KhEvent *event)
{
  g_autoptr (JsonBuilder) builder = begin ("restarted");

  add_item (builder, "transfer", &event->item);
  add_text (builder, "path", event->text);
  return end (builder);
}

static char *
file_failed (const KhEvent *event)
{
  g_autoptr (JsonBuilder) builder = begin ("file-failed");

  add_item (builder, "transfer", &event->item);
  add_text (builder, "path", event->text);
  add_text (builder, "reason", kh_outcome_reason (event->status));
  return end (builder);
}

static char *
transfer (const KhEvent *event)
{
  g_autoptr (JsonBuilder) builder = begin ("transfer");

  add_item (builder, "transfer", &event->item);
  add_text (builder, "state", kh_outcome_phase (event->phase));
  add_text (builder, "paused",
            kh_outcome_paused (event->paused_here, event->paused_there));
  if (event->n_left_out > 0)
    add_number (builder, "skipped", event->n_left_out);
  return end (builder);
}

static char *
interrupted (const KhEvent *event)
{
  g_autoptr (JsonBuilder) builder = begin ("interrupted");

  add_item (builder, "transfer", &event->item);
  add_number (builder, "bytes", (gint64)event->bytes);
  add_number (builder, "total", (gint64)event->total);
  return end (builder);
}

static char *
done (const KhEvent *event)
{
  g_autoptr (JsonBuilder) builder = begin ("done");

  add_item (builder, "transfer", &event->item);
  add_number (builder, "files", event->n_files);
  add_number (builder, "bytes", (gint64)event->bytes);
  add_number (builder, "ms", event->ms);
  add_number (builder, "there", event->n_there);
  add_number (builder, "left_out", event->n_left_out);
  return end (builder);
}

static char *
pong (const KhEvent *event)
{
  char ms[G_ASCII_DTOSTR_BUF_SIZE];

  /* Json-glib prints all digits that a double has, 0.24299999999999999. */
  g_ascii_formatd (ms, sizeof ms, "%.3f", (double)event->round_trip_us / 1000);
  return g_strdup_printf ("{\"event\":\"pong\",\"ms\":%s}", ms);
}

/* Of an event about a transfer. */
static char *
transfer_event (const KhEvent *event)
{
  switch (event->kind)
    {
    case KH_EVENT_OFFER:
      return offer (event);
    case KH_EVENT_PROGRESS:
      return progress (event);
    case KH_EVENT_FILE:
      return file (event);
    case KH_EVENT_FILE_RESTARTED:
      return file_restarted (event);
    case KH_EVENT_FILE_FAILED:
      return file_failed (event);
    case KH_EVENT_TRANSFER:
      return transfer (event);
    case KH_EVENT_INTERRUPTED:
      return interrupted (event);
    case KH_EVENT_DONE:
      return done (event);
    default:
      return NULL;
    }
}

char *
kh_json_event (const KhEvent *event, const KhPeerId *own_id)
{
  switch (event->kind)
    {
    case KH_EVENT_ONLINE:
      return online (event, own_id);
    case KH_EVENT_PEER:
    case KH_EVENT_PEER_NETWORK:
      return peer (event);
    case KH_EVENT_PUNCH:
      return punch (event);
    case KH_EVENT_CONNECTED:
      return connected (event);
    case KH_EVENT_DISCONNECTED:
      return disconnected (event);
    case KH_EVENT_MESSAGE:
      return message (event);
    case KH_EVENT_DELIVERED:
      return delivered (event);
    case KH_EVENT_PONG:
      return pong (event);
    default:
      return transfer_event (event);
    }
}

char *
kh_json_transfer (const KhTransferInfo *info)
{
  g_autoptr (JsonBuilder) builder = begin ("transfer");
  g_autofree char *reason = kh_outcome_why (info);

  add_item (builder, "transfer", &info->item);
  add_text (builder, "direction", info->outgoing ? "out" : "in");
  add_peer (builder, "peer", &info->peer);
  add_text (builder, "name", info->name);
  add_text (builder, "state", kh_outcome_phase (info->phase));
  add_text (builder, "paused", kh_outcome_paused (info->paused_here, info->paused_there));
  add_number (builder, "files", info->wanted_files);
  add_number (builder, "done", info->done_files);
  add_number (builder, "there", info->there_files);
  add_number (builder, "failed", info->failed_files);
  add_number (builder, "bytes", (gint64)info->done_bytes);
  add_number (builder, "total", (gint64)info->wanted_bytes);
  add_number (builder, "left_out",
              info->n_files - MIN (info->wanted_files, info->n_files));
  if (!info->outgoing)
    add_text (builder, "folder", info->folder);
  if (reason != NULL)
    add_text (builder, "reason", reason);
  return end (builder);
}

static void
add_port_mapping (JsonBuilder *builder, KhMappedBy mapping)
{
  static const char *const words[] = {
    [KH_MAPPED_NOT] = "none",
    [KH_MAPPED_BY_UPNP] = "upnp",
    [KH_MAPPED_BY_NAT_PMP] = "nat-pmp",
    [KH_MAPPED_BY_PCP] = "pcp",
  };

  json_builder_set_member_name (builder, "port_mapping");
  if (mapping == KH_MAPPED_UNKNOWN)
    json_builder_add_null_value (builder);
  else
    json_builder_add_string_value (builder, words[mapping]);
}

char *
kh_json_network (const KhNetworkInfo *network)
{
  g_autoptr (JsonBuilder) builder = begin ("nat");

  add_text (builder, "type", kh_nat_words_type (network->type));
  add_text (builder, "mapping", kh_nat_words_behaviour (network->mapping));
  add_text (builder, "filtering", kh_nat_words_behaviour (network->filtering));
  add_text (builder, "port_allocation",
            kh_nat_words_allocation (network->port_allocation));
  add_number (builder, "step", network->step);
  add_text (builder, "unsolicited", kh_nat_words_unsolicited (network->unsolicited));
  add_endpoint (builder, "public", &network->public_seen);
  add_tristate (builder, "hairpin", network->hairpin);
  add_tristate (builder, "second_nat", network->second_nat);
  add_port_mapping (builder, network->port_mapping);
  add_number (builder, "mapped_port", network->mapped_port);
  add_tristate (builder, "reachable", network->reachable);
  add_truth (builder, "ipv6", network->ipv6 == KH_TRISTATE_YES);
  return end (builder);
}

char *
kh_json_error (KhStatus status, const char *text)
{
  g_autoptr (JsonBuilder) builder = begin ("error");

  add_number (builder, "code", status);
  add_text (builder, "message", text);
  return end (builder);
}

char *
kh_json_transfer_error (KhStatus status, const char *text, const KhItemId *item,
                        guint n_failed)
{
  g_autoptr (JsonBuilder) builder = begin ("error");

  add_number (builder, "code", status);
  add_text (builder, "message", text);
  add_item (builder, "transfer", item);
  add_number (builder, "failed", n_failed);
  return end (builder);
}

char *
kh_json_texts (const char *event, ...)
{
  g_autoptr (JsonBuilder) builder = begin (event);
  const char *member;
  va_list rest;

  va_start (rest, event);
  while ((member = va_arg (rest, const char *)) != NULL)
    add_text (builder, member, va_arg (rest, const char *));
  va_end (rest);
  return end (builder);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/json.h"

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
  add_number (builder, "files", event->n_files);
  add_number (builder, "bytes", (gint64)event->total);
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
  return end (builder);
}

static char *
file (const KhEvent *event)
{
  g_autoptr (JsonBuilder) builder = begin ("file");

  add_item (builder, "transfer", &event->item);
  add_text (builder, "path", event->text);
  add_number (builder, "bytes", (gint64)event->bytes);
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

char *
kh_json_event (const KhEvent *event, const KhPeerId *own_id)
{
  switch (event->kind)
    {
    case KH_EVENT_ONLINE:
      return online (event, own_id);
    case KH_EVENT_PEER:
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
    case KH_EVENT_OFFER:
      return offer (event);
    case KH_EVENT_PROGRESS:
      return progress (event);
    case KH_EVENT_FILE:
      return file (event);
    case KH_EVENT_DONE:
      return done (event);
    case KH_EVENT_PONG:
      return pong (event);
    default:
      return NULL;
    }
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

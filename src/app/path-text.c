/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/path-text.h"

#include <glib/gi18n.h>

const char *
kh_path_text_kind (KhPathKind kind)
{
  switch (kind)
    {
    case KH_PATH_LAN:
      return _ ("Same network");
    case KH_PATH_RELAY:
      /* Translators: a connection that goes through the server, for want of a direct one
       */
      return _ ("Through the server");
    case KH_PATH_IPV6:
    case KH_PATH_PUNCHED:
    case KH_PATH_PREDICTED:
    case KH_PATH_MAPPED:
    default:
      return _ ("Direct connection");
    }
}

const char *
kh_path_text_way (KhPathKind kind)
{
  switch (kind)
    {
    case KH_PATH_PREDICTED:
      /* Translators: by what a direct connection was made; a port that a router chose,
       * and that was found by trying many */
      return _ ("by a guessed port");
    case KH_PATH_MAPPED:
      /* Translators: by what a direct connection was made */
      return _ ("by an open port");
    case KH_PATH_RELAY:
      /* Translators: of a connection that goes through the server */
      return _ ("encrypted end to end, looks for a direct path");
    case KH_PATH_LAN:
    case KH_PATH_IPV6:
    case KH_PATH_PUNCHED:
    default:
      return NULL;
    }
}

const char *
kh_path_text_status (KhPathKind kind)
{
  switch (kind)
    {
    case KH_PATH_LAN:
      return _ ("Connected on this network");
    case KH_PATH_IPV6:
      return _ ("Connected directly over IPv6");
    case KH_PATH_PREDICTED:
      return _ ("Connected directly (guessed port)");
    case KH_PATH_MAPPED:
      return _ ("Connected directly (open port)");
    case KH_PATH_RELAY:
      return _ ("Connected through the server");
    case KH_PATH_PUNCHED:
    default:
      return _ ("Connected directly");
    }
}

const char *
kh_path_text_meaning (KhPathKind kind)
{
  switch (kind)
    {
    case KH_PATH_LAN:
      return _ ("Both computers are in one local network and talk without the internet.");
    case KH_PATH_IPV6:
      return _ (
          "Both computers have addresses of their own and talk without translation.");
    case KH_PATH_PREDICTED:
      return _ ("Both routers were opened from inside. One takes another port for every "
                "connection, and it was found by trying many.");
    case KH_PATH_MAPPED:
      return _ (
          "One of the routers keeps a port open, and the computers talk through it.");
    case KH_PATH_RELAY:
      return _ (
          "The server passes on what the computers send each other. It is encrypted "
          "end to end: the server can’t read it. Knothole goes on looking for a "
          "direct path.");
    case KH_PATH_PUNCHED:
    default:
      return _ (
          "Both routers were opened from inside, and the computers talk through them.");
    }
}

const char *
kh_path_text_promise (KhPathKind kind)
{
  return kind == KH_PATH_RELAY
             ? _ ("Everything goes through the server, which can’t read it")
             : _ ("No message or file byte goes through any server");
}

static char *
ends_text (const KhPathInfo *path)
{
  const char *cipher = kh_path_text_cipher (path->cipher);
  char own[KH_ENDPOINT_TEXT_MAX];
  char remote[KH_ENDPOINT_TEXT_MAX];

  kh_endpoint_print (&path->own, own);
  kh_endpoint_print (&path->remote, remote);
  if (path->kind == KH_PATH_RELAY)
    /* Translators: %1$s and %2$s are addresses, %3$s is the name of a cipher */
    return g_strdup_printf (_ ("From %1$s to the server at %2$s, encrypted with %3$s"),
                            own, remote, cipher);
  /* Translators: %1$s and %2$s are addresses, %3$s is the name of a cipher */
  return g_strdup_printf (_ ("From %1$s to %2$s, encrypted with %3$s"), own, remote,
                          cipher);
}

char *
kh_path_text_sentences (const KhPathInfo *path)
{
  g_autofree char *ends = ends_text (path);

  if (path->kind == KH_PATH_RELAY)
    return g_strdup_printf ("%s\n%s", kh_path_text_meaning (path->kind), ends);
  /* Translators: %1$s is a sentence on the kind of path, %2$s says from where to where it
   * goes */
  return g_strdup_printf (_ ("%1$s No message or file byte goes through any server.\n"
                             "%2$s"),
                          kh_path_text_meaning (path->kind), ends);
}

const char *
kh_path_text_family (const KhEndpoint *endpoint)
{
  if (endpoint->family == 4)
    return "IPv4";
  return endpoint->family == 6 ? "IPv6" : "";
}

char *
kh_path_text_round_trip (gint64 round_trip_us)
{
  if (round_trip_us <= 0)
    return NULL;
  if (round_trip_us < 1000)
    /* Translators: the time of a round trip, milliseconds */
    return g_strdup (_ ("less than 1 ms"));
  return g_strdup_printf (_ ("%d ms"), (int)MIN ((round_trip_us + 500) / 1000, G_MAXINT));
}

char *
kh_path_text_speed (guint64 up_rate, guint64 down_rate)
{
  g_autofree char *up = g_format_size (up_rate);
  g_autofree char *down = g_format_size (down_rate);

  if (up_rate > 0 && down_rate > 0)
    /* Translators: speeds of sending and receiving, such as "1.2 MB" */
    return g_strdup_printf (_ ("↑ %1$s/s ↓ %2$s/s"), up, down);
  if (up_rate > 0)
    return g_strdup_printf (_ ("↑ %s/s"), up);
  return down_rate > 0 ? g_strdup_printf (_ ("↓ %s/s"), down) : NULL;
}

const char *
kh_path_text_cipher (const char *cipher)
{
  if (cipher == NULL || *cipher == '\0')
    return _ ("Encrypted");
  if (g_ascii_strncasecmp (cipher, "chacha", 6) == 0)
    return "ChaCha20-Poly1305";
  return g_ascii_strncasecmp (cipher, "aes", 3) == 0 ? "AES-256-GCM" : cipher;
}

char *
kh_path_text_details (const KhPathInfo *path)
{
  g_autoptr (GStrvBuilder) parts = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;
  g_autofree char *round_trip = kh_path_text_round_trip (path->round_trip_us);
  g_autofree char *speed = kh_path_text_speed (path->up_rate, path->down_rate);
  const char *family = kh_path_text_family (&path->remote);
  const char *way = kh_path_text_way (path->kind);

  if (way != NULL)
    g_strv_builder_add (parts, way);
  /* Of a relay it is only that of the way to the server. */
  if (*family != '\0' && path->kind != KH_PATH_RELAY)
    g_strv_builder_add (parts, family);
  if (round_trip != NULL)
    g_strv_builder_add (parts, round_trip);
  if (speed != NULL)
    g_strv_builder_add (parts, speed);
  g_strv_builder_add (parts, kh_path_text_cipher (path->cipher));
  list = g_strv_builder_end (parts);
  return g_strjoinv (" · ", list);
}

const char *
kh_path_text_icon (KhPathKind kind)
{
  if (kind == KH_PATH_RELAY)
    return "kh-relay-symbolic";
  return kind == KH_PATH_LAN ? "kh-lan-symbolic" : "kh-direct-symbolic";
}

const char *
kh_path_text_class (KhPathKind kind)
{
  return kind == KH_PATH_RELAY ? "warning" : "success";
}

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
    case KH_PATH_IPV6:
    case KH_PATH_PUNCHED:
    default:
      return _ ("Direct connection");
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
    case KH_PATH_PUNCHED:
    default:
      return _ (
          "Both routers were opened from inside, and the computers talk through them.");
    }
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

  if (*family != '\0')
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
  return kind == KH_PATH_LAN ? "kh-lan-symbolic" : "kh-direct-symbolic";
}

const char *
kh_path_text_class (KhPathKind kind)
{
  return "success";
}

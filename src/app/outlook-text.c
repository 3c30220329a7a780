/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/outlook-text.h"

#include <glib/gi18n.h>

const char *
kh_outlook_text (KhOutlook outlook)
{
  switch (outlook)
    {
    case KH_OUTLOOK_LIKELY:
      return _ ("Direct connection: very likely");
    case KH_OUTLOOK_POSSIBLE:
      return _ ("Direct connection: possible");
    case KH_OUTLOOK_NEEDS_MAPPING:
      return _ ("Direct connection: only with a port mapping");
    case KH_OUTLOOK_RELAY_ONLY:
      return _ ("Direct connection: unlikely, only relayed");
    case KH_OUTLOOK_UNKNOWN:
    default:
      return NULL;
    }
}

const char *
kh_outlook_text_online (KhOutlook outlook)
{
  switch (outlook)
    {
    case KH_OUTLOOK_LIKELY:
      /* Translators: this and the next stand in a narrow list: somebody is online, and
       * what to expect of a direct connection with them */
      return _ ("Online · Direct: very likely");
    case KH_OUTLOOK_POSSIBLE:
      return _ ("Online · Direct: possible");
    case KH_OUTLOOK_NEEDS_MAPPING:
      return _ ("Online · Needs port mapping");
    case KH_OUTLOOK_RELAY_ONLY:
      return _ ("Online · Relayed only");
    case KH_OUTLOOK_UNKNOWN:
    default:
      return _ ("Online");
    }
}

char *
kh_outlook_text_sentence (KhOutlook outlook, const char *name)
{
  switch (outlook)
    {
    case KH_OUTLOOK_LIKELY:
      return g_strdup_printf (_ ("%s is online. A direct connection is very likely."),
                              name);
    case KH_OUTLOOK_POSSIBLE:
      return g_strdup_printf (_ ("%s is online. A direct connection is possible, and may "
                                 "take a few seconds."),
                              name);
    case KH_OUTLOOK_NEEDS_MAPPING:
      return g_strdup_printf (_ ("%s is online. A direct connection works only with a "
                                 "port mapping: turn on UPnP in your router."),
                              name);
    case KH_OUTLOOK_RELAY_ONLY:
      return g_strdup_printf (_ ("%s is online. A connection will most likely go through "
                                 "the server, which can’t read it."),
                              name);
    case KH_OUTLOOK_UNKNOWN:
    default:
      return g_strdup_printf (_ ("%s is online."), name);
    }
}

const char *
kh_outlook_text_network (KhNatClass nat_class)
{
  if ((nat_class & KH_NAT_CLASS_MAPPED) != 0)
    return _ ("Reachable by a port mapping");
  switch (kh_nat_class_kind (nat_class))
    {
    case KH_NAT_KIND_OPEN:
      return _ ("Open to the internet");
    case KH_NAT_KIND_FIREWALL:
      return _ ("Behind a firewall");
    case KH_NAT_KIND_FULL_CONE:
    case KH_NAT_KIND_RESTRICTED_CONE:
    case KH_NAT_KIND_FULL_OR_RESTRICTED_CONE:
      return _ ("Easy router");
    case KH_NAT_KIND_PORT_RESTRICTED_CONE:
      return _ ("Ordinary router");
    case KH_NAT_KIND_SEQUENTIAL:
    case KH_NAT_KIND_RANDOM:
    case KH_NAT_KIND_ADDRESS_DEPENDENT:
      return _ ("Difficult router");
    case KH_NAT_KIND_UNKNOWN:
    default:
      return NULL;
    }
}

char *
kh_outlook_text_tooltip (KhOutlook outlook, KhNatClass nat_class)
{
  const char *forecast = kh_outlook_text (outlook);
  const char *network = kh_outlook_text_network (nat_class);

  if (forecast == NULL || network == NULL)
    return g_strdup (forecast);
  /* Translators: %1$s is what to expect of a connection, %2$s what kind of router
   * somebody has */
  return g_strdup_printf (_ ("%1$s\nTheir network: %2$s"), forecast, network);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/interfaces.h"

#include "net/socket-name.h"

#include <glib.h>
#include <iphlpapi.h>

/* Bytes that the first question allows for; and how often it is asked again because
 * there are more, or more have come meanwhile. */
#define FIRST_LEN 16384
#define TRIES 3

#define UNWANTED                                                                         \
  (GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER            \
   | GAA_FLAG_SKIP_FRIENDLY_NAME)

/* To be freed; NULL when the system does not say. */
static IP_ADAPTER_ADDRESSES *
list_adapters (void)
{
  ULONG len = FIRST_LEN;

  for (unsigned i = 0; i < TRIES; i++)
    {
      IP_ADAPTER_ADDRESSES *all = g_malloc (len);
      ULONG result = GetAdaptersAddresses (AF_UNSPEC, UNWANTED, NULL, all, &len);

      if (result == ERROR_SUCCESS)
        return all;
      g_free (all);
      if (result != ERROR_BUFFER_OVERFLOW)
        break;
    }
  return NULL;
}

/* Return true to end the search. */
typedef bool (*AddressFunc) (const IP_ADAPTER_ADDRESSES *adapter,
                             const KhEndpoint *address, uint8_t prefix_len,
                             gpointer data);

/* Each address of an adapter that is up. False when the system does not say. */
static bool
for_each (AddressFunc function, gpointer data)
{
  g_autofree IP_ADAPTER_ADDRESSES *all = list_adapters ();

  for (const IP_ADAPTER_ADDRESSES *adapter = all; adapter != NULL;
       adapter = adapter->Next)
    for (const IP_ADAPTER_UNICAST_ADDRESS *at = adapter->FirstUnicastAddress;
         adapter->OperStatus == IfOperStatusUp && at != NULL; at = at->Next)
      {
        KhEndpoint address;

        if (kh_socket_name_get ((const void *)at->Address.lpSockaddr, &address)
            && function (adapter, &address, at->OnLinkPrefixLength, data))
          return true;
      }
  return all != NULL;
}

static bool
note_global_v6 (const IP_ADAPTER_ADDRESSES *adapter, const KhEndpoint *address,
                uint8_t prefix_len, gpointer data)
{
  bool *has = data;
  KhEndpoint endpoint = *address;

  endpoint.port = 1; /* an endpoint without one is of no kind */
  *has = endpoint.family == 6 && kh_endpoint_kind (&endpoint) == KH_ENDPOINT_GLOBAL;
  return *has;
}

bool
kh_interfaces_have_global_v6 (bool *has)
{
  *has = false;
  return for_each (note_global_v6, has);
}

typedef struct
{
  KhLanNetwork *networks;
  size_t max;
  size_t n;
} Lans;

static bool
note_lan (const IP_ADAPTER_ADDRESSES *adapter, const KhEndpoint *address,
          uint8_t prefix_len, gpointer data)
{
  Lans *lans = data;
  KhEndpoint endpoint = *address;

  endpoint.port = 0;
  if (lans->n < lans->max && endpoint.family == 4
      && adapter->IfType != IF_TYPE_SOFTWARE_LOOPBACK
      && kh_endpoint_kind (&endpoint) == KH_ENDPOINT_PRIVATE)
    lans->networks[lans->n++]
        = (KhLanNetwork){ .address = endpoint, .prefix_len = prefix_len };
  return lans->n == lans->max;
}

bool
kh_interfaces_list_lans (KhLanNetwork *networks, size_t max, size_t *n)
{
  Lans lans = { .networks = networks, .max = max };
  bool said = for_each (note_lan, &lans);

  *n = lans.n;
  return said;
}

typedef struct
{
  const KhEndpoint *wanted;
  bool found;
} Search;

static bool
note_same (const IP_ADAPTER_ADDRESSES *adapter, const KhEndpoint *address,
           uint8_t prefix_len, gpointer data)
{
  Search *search = data;

  search->found = kh_endpoint_same_address (address, search->wanted);
  return search->found;
}

/* Who can't know does not end what may stand. */
bool
kh_interfaces_have (const KhEndpoint *endpoint)
{
  Search search = { .wanted = endpoint };

  return !for_each (note_same, &search) || search.found;
}

# SPDX-License-Identifier: GPL-3.0-or-later
"""What each kind of router does, as nftables rules.

A router has two interfaces: `lan`, towards its clients, and `wan`, towards the
internet. All translation and filtering is the kernel's own, with the TCP window
check that home routers of today have too.
"""

PROFILES = {
    "open": "no NAT, no filter: the client has a public address",
    "firewall": "no NAT: a public address behind a stateful filter",
    "full-cone": "NAT; who knows the mapping may use it",
    "restricted-cone": "NAT; lets in only addresses the client has sent to",
    "port-restricted-cone": "NAT; lets in only endpoints the client has sent to",
    "symmetric": "NAT; another, random port for every connection",
    "symmetric-sequential": "NAT; another port for every connection, one up each time",
    "symmetric-address": "NAT; another port for every address talked to",
}
MODIFIERS = {
    "rst": "answers an unexpected SYN with RST instead of dropping it",
    "hairpin": "its clients reach each other by its outside address",
    "upnp": "maps ports for its clients by UPnP, NAT-PMP and PCP",
    "carrier": "behind a second NAT, its carrier's",
    "ipv6": "its clients have global IPv6 addresses too, behind a firewall",
}
WITHOUT_NAT = ("open", "firewall")
# Whose outside port is the client's own.
CONES = ("full-cone", "restricted-cone", "port-restricted-cone")

# How a client can ask for a mapping, and how one of them is cut off: the first byte of a
# datagram to the port of the other two tells them apart.
MAPPING_PROTOCOLS = {
    "upnp": "udp dport 1900 drop",
    "nat-pmp": "udp dport 5351 @th,64,8 0 drop",
    "pcp": "udp dport 5351 @th,64,8 2 drop",
}

# Ports of the symmetric NATs whose ports are not the kernel's own choice.
FIRST_PORT = 30000
N_PORTS = 4096
# Of one that keeps a port for an address: so many of which the hash chooses one, so that
# the kernel finds another where that is taken. It drops what it finds none for.
N_ALTERNATIVES = 4


class UnknownProfile(ValueError):
    pass


def parse(text):
    """'symmetric+rst' -> ('symmetric', {'rst'}). Raises UnknownProfile."""
    name, *modifiers = text.split("+")
    if name not in PROFILES:
        raise UnknownProfile(f"there is no router profile '{name}'; "
                             f"there are {', '.join(PROFILES)}")
    for modifier in modifiers:
        if modifier not in MODIFIERS:
            raise UnknownProfile(f"there is no modifier '+{modifier}'; "
                                 f"there is +{', +'.join(MODIFIERS)}")
    if "hairpin" in modifiers and name not in CONES:
        raise UnknownProfile(f"there is no '{name}' with +hairpin; only {', '.join(CONES)}")
    if "upnp" in modifiers and name in WITHOUT_NAT:
        raise UnknownProfile(f"there is no '{name}' with +upnp: it has no ports to map")
    if "carrier" in modifiers and name in WITHOUT_NAT:
        raise UnknownProfile(f"there is no '{name}' with +carrier: it has no NAT")
    return name, frozenset(modifiers)


def check_carrier(text):
    """Raises UnknownProfile when a carrier can't be so."""
    name, modifiers = parse(text)
    if name in WITHOUT_NAT or modifiers & {"carrier", "ipv6", "upnp"}:
        raise UnknownProfile(f"a carrier is a NAT by itself, not '{text}'")


def _port_map():
    return ", ".join(f"{i} : {FIRST_PORT + i}" for i in range(N_PORTS))


def _range_map(public):
    firsts = range(FIRST_PORT, FIRST_PORT + N_PORTS * N_ALTERNATIVES, N_ALTERNATIVES)
    return ", ".join(f"{i} : {public} . {first}-{first + N_ALTERNATIVES - 1}"
                     for i, first in enumerate(firsts))


def _translation(name, public):
    """The statement at the end of the source NAT rule for new connections."""
    if name == "symmetric":
        return "masquerade fully-random"
    if name == "symmetric-sequential":
        return (f"meta l4proto tcp snat to {public} : "
                f"numgen inc mod {N_PORTS} map {{ {_port_map()} }}")
    if name == "symmetric-address":
        return (f"meta l4proto tcp snat to "
                f"jhash ip saddr . tcp sport . ip daddr mod {N_PORTS} seed 0x6b6e6f74 "
                f"map {{ {_range_map(public)} }}")
    return "masquerade"


def _inbound(name):
    """Rules that let new connections from outside through to the client."""
    if name in ("open", "full-cone"):
        return ['iifname "wan" accept']
    if name == "restricted-cone":
        return ['iifname "wan" meta l4proto { tcp, udp } '
                "ip daddr . th dport . ip saddr @allowed accept"]
    return []


NO_MAPPING_RULES = "table inet upnp\ndelete table inet upnp\n"


def mapping_rules(protocols):
    """The chains that miniupnpd fills, and what keeps it from hearing anything but
    @protocols. What it lets in is marked, for the lab's own filter comes after it."""
    lines = "\n".join(f"    {line}" for protocol, line in MAPPING_PROTOCOLS.items()
                      if protocol not in protocols)
    return f"""{NO_MAPPING_RULES}table inet upnp {{
  chain forwarded {{
  }}
  chain redirected {{
  }}
  chain disguised {{
  }}
  chain forward {{
    type filter hook forward priority filter - 1;
    iifname "wan" meta mark set 1
    jump forwarded
    meta mark set 0
  }}
  chain prerouting {{
    type nat hook prerouting priority dstnat - 2;
    jump redirected
  }}
  chain postrouting {{
    type nat hook postrouting priority srcnat - 2;
    jump disguised
  }}
  chain deaf {{
    type filter hook input priority filter - 1;
{lines}
  }}
}}
"""


# For `miniupnpd -f`. A lease may be as short as a test wants it.
MINIUPNPD = """ext_ifname=wan
listening_ip=lan
ipv6_disable=yes
enable_upnp=yes
enable_natpmp=yes
secure_mode=yes
min_lifetime=1
upnp_table_name=upnp
upnp_nat_table_name=upnp
upnp_forward_chain=forwarded
upnp_nat_chain=redirected
upnp_nat_postrouting_chain=disguised
uuid=6b6e6f74-686f-4c65-8000-000000000000
allow 1024-65535 0.0.0.0/0 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
"""


def _chain(title, hook, *lines):
    return [f"  chain {title} {{", f"    type {hook};", *(f"    {line}" for line in lines),
            "  }"]


def _learning(public, modifiers):
    """Who has a port is learnt from what leaves by it. With +hairpin those inside may use
    it, too, and the source of what comes back in is the outside endpoint (RFC 5382
    REQ-8)."""
    text = ["  map inside {",
            "    type inet_service : ipv4_addr;",
            "    flags dynamic,timeout; timeout 2m; size 65535;",
            "  }"]
    text += _chain("learn", "filter hook forward priority filter - 1",
                   'iifname "lan*" oifname "wan" meta l4proto tcp '
                   "update @inside { tcp sport : ip saddr }")
    if "hairpin" in modifiers:
        text += _chain("hairpin_in", "nat hook prerouting priority dstnat - 1",
                       f'iifname "lan*" ip daddr {public} dnat to tcp dport map @inside')
        text += _chain("hairpin_out", "nat hook postrouting priority srcnat - 1",
                       'ip saddr { 192.168.0.0/16, 100.64.0.0/10 } oifname "lan*" '
                       f"ct status dnat snat to {public}")
    return text


def _destination(public, client):
    """The mapping keeps the port, so who is let in finds the client there. Without
    @client, the one that is known to have it."""
    if client is None:
        return (f'iifname "wan" ip daddr {public} meta l4proto tcp '
                "dnat to tcp dport map @inside")
    return (f'iifname "wan" ip daddr {public} meta l4proto {{ tcp, udp }} '
            f"th dport 1024-65535 dnat to {client}")


def _filters(name, modifiers, refuse):
    remember = ['iifname "lan*" meta l4proto { tcp, udp } update @allowed '
                "{ ip saddr . th sport . ip daddr }"] \
        if name == "restricted-cone" else []
    mapped = ["meta mark 1 accept"] if "upnp" in modifiers else []
    return [
        *_chain("forward", "filter hook forward priority filter; policy drop",
                "ct state invalid drop", *remember, *mapped,
                "ct state established,related accept",
                'iifname "lan*" accept', *_inbound(name), *refuse),
        *_chain("input", "filter hook input priority filter; policy drop",
                'iifname != "wan" accept',
                "ct state invalid drop",
                "ct state established,related accept",
                "icmp type echo-request accept", *refuse)]


def _filters_6(refuse):
    """A stateful firewall. Neighbours are asked for and errors told (RFC 4890)."""
    errors = "destination-unreachable, packet-too-big, time-exceeded, parameter-problem"
    return [
        *_chain("forward", "filter hook forward priority filter; policy drop",
                "ct state invalid drop",
                "ct state established,related accept",
                'iifname "lan*" accept',
                f"icmpv6 type {{ {errors}, echo-request }} accept", *refuse),
        *_chain("input", "filter hook input priority filter; policy drop",
                'iifname != "wan" accept',
                "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept",
                "ct state invalid drop",
                "ct state established,related accept",
                f"icmpv6 type {{ {errors}, echo-request }} accept", *refuse)]


def rules(profile, public, client):
    """The ruleset, as `nft -f -` reads it, of a router with the WAN address @public whose
    only client has the address @client; None where it has several."""
    name, modifiers = parse(profile)
    refuse = ['iifname "wan" meta l4proto tcp reject with tcp reset'] \
        if "rst" in modifiers else []
    is_open_cone = name in ("full-cone", "restricted-cone")
    text = [f"table {family} lab\ndelete table {family} lab" for family in ("ip", "ip6")]
    text.append("table ip lab {")
    if name == "restricted-cone":
        text.extend(["  set allowed {",
                     "    type ipv4_addr . inet_service . ipv4_addr;",
                     "    flags dynamic,timeout; timeout 2m; size 65535;",
                     "  }"])
    if "hairpin" in modifiers or (is_open_cone and client is None):
        text += _learning(public, modifiers)
    if name not in WITHOUT_NAT:
        text += _chain("source", "nat hook postrouting priority srcnat",
                       f'oifname "wan" {_translation(name, public)}',
                       'oifname "wan" masquerade')
    if is_open_cone:
        text += _chain("destination", "nat hook prerouting priority dstnat",
                       _destination(public, client))
    if name != "open":
        text += _filters(name, modifiers, refuse)
    text.append("}")
    if name != "open" and "ipv6" in modifiers:
        text += ["table ip6 lab {", *_filters_6(refuse), "}"]
    return "\n".join(text) + "\n"

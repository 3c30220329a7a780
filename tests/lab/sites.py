# SPDX-License-Identifier: GPL-3.0-or-later
"""Which addresses the routers and clients of the lab have. Nothing here does anything."""

import dataclasses

import profiles

# Prefixes that software takes for public: not private, carrier NAT, loopback,
# link-local, documentation or benchmarking. They exist only inside the lab.
PUBLIC = "11.7"
PUBLIC_6 = "2a11:7"
CARRIER = "100.64"
SERVER_ADDRESSES = (f"{PUBLIC}.1.1", f"{PUBLIC}.2.1")
SERVER_ADDRESSES_6 = (f"{PUBLIC_6}:1::1", f"{PUBLIC_6}:2::1")
# The router that the clients of any site see.
LAN_GATEWAY_6 = "fe80::1"

# Of each kind, by the number of the site; a hundred sites at most.
N_SITES_MAX = 100
FIRST_UPLINK = 10
FIRST_LAN = 130
FIRST_CARRIER_6 = 300
# Addresses of one network are used in turn when they change.
FIRST_HOST, N_HOSTS = 2, 200


@dataclasses.dataclass(frozen=True)
class Link:
    """An access link. Everything zero: a plain cable as fast as the machine."""

    delay_ms: float = 0.0  # one way
    loss_pct: float = 0.0  # each way
    rate: int = 0  # bit/s each way; 0: unlimited
    queue_bytes: int = 0  # before the rate's bottleneck; 0: 100 ms of the rate
    seed: int = 1

    def is_plain(self):
        return not (self.delay_ms or self.loss_pct or self.rate)


def mac(number, end):
    return f"02:6b:68:00:{number:02x}:{end:02x}"


class Uplink:
    """The interface `wan` of @router, and the interface @port of @upstream at its other
    end. Its network has the number @number, in 11.7 or in 100.64."""

    def __init__(self, router, upstream, port, number, prefix, first_6=FIRST_UPLINK):
        self.router = router
        self.upstream = upstream
        self.port = port
        self.number = number
        self.near = mac(number, 1)
        self.far = mac(number, 2)
        self._prefix = f"{prefix}.{FIRST_UPLINK + number}"
        self._prefix_6 = f"{PUBLIC_6}:{first_6 + number:x}"
        self._host = FIRST_HOST
        self.gateway = f"{self._prefix}.1"
        self.gateway_6 = f"{self._prefix_6}::1"
        self.address_6 = f"{self._prefix_6}::2"
        self.network_6 = f"{self._prefix_6}::/64"

    @property
    def address(self):
        return f"{self._prefix}.{self._host}"

    def take_next_address(self):
        self._host = FIRST_HOST + (self._host - FIRST_HOST + 1) % N_HOSTS


class Carrier:
    """A NAT in front of the routers of its customers."""

    def __init__(self, name, router, profile, uplink):
        self.name = name
        self.router = router
        self.profile = profile
        self.uplink = uplink


class Site:
    """One router with the clients behind it; @number sets the addresses."""

    def __init__(self, number, name, router, link):
        self.number = number
        self.name = name
        self.router = router
        self.link = link
        self.clients = []
        self.profile = None
        self.rules = None  # that its router has
        self.uplink = None
        self.carrier = None
        self.mapping_protocols = tuple(profiles.MAPPING_PROTOCOLS)  # that it hears, if any
        self.miniupnpd = None  # the process
        self._hosts = {}  # the last number of each client's address
        self._n_hosts = 0
        self._generation = 1  # of the IPv6 prefix

    def has_nat(self):
        return profiles.parse(self.profile)[0] not in profiles.WITHOUT_NAT

    def has_ipv6(self):
        return "ipv6" in profiles.parse(self.profile)[1]

    def add(self, client):
        self.clients.append(client)
        self.take_next_address(client)

    def remove(self, client):
        self.clients.remove(client)

    def take_next_address(self, client):
        """One that nobody has or had for long."""
        taken = [self._hosts.get(other) for other in self.clients]
        while True:
            host = FIRST_HOST + self._n_hosts % N_HOSTS
            self._n_hosts += 1
            if host not in taken:
                self._hosts[client] = host
                return

    def take_next_prefix_6(self):
        self._generation += 1

    def _prefix(self):
        if not self.has_nat():
            return f"{PUBLIC}.{FIRST_LAN + self.number}"
        return f"192.168.{10 + self.number}"

    def _prefix_6(self):
        return f"{PUBLIC_6}:{FIRST_LAN + self.number:x}:{self._generation:x}"

    def lan_address(self):
        return f"{self._prefix()}.1"

    def lan_address_6(self):
        return f"{self._prefix_6()}::1"

    def address(self, client):
        return f"{self._prefix()}.{self._hosts[client]}"

    def address_6(self, client):
        return f"{self._prefix_6()}::{self._hosts[client]:x}"

    def public_network(self):
        """Where its clients are while there is no NAT."""
        return f"{PUBLIC}.{FIRST_LAN + self.number}.0/24"

    def network_6(self):
        """Of all prefixes that it ever has."""
        return f"{PUBLIC_6}:{FIRST_LAN + self.number:x}::/48"

    def outermost(self):
        """The uplink whose address the internet sees."""
        return self.carrier.uplink if self.carrier else self.uplink

    def public_address(self, client):
        return self.outermost().address if self.has_nat() else self.address(client)

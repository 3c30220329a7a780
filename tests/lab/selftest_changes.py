# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the self-test about what changes while the lab runs."""

import random
import socket
import struct

import network
from checks import check, check_comes
from plain import (
    ANSWER_S, PORT_1, SERVER, SILENCE_S, Dial, Server, listen, wait_of)

CONE = "port-restricted-cone"
SERVER_6 = network.SERVER_ADDRESSES_6[0]

# Of rtnetlink: multicast groups, messages, and the flag of an interface with a cable.
GROUPS = 0x1 | 0x10 | 0x40  # RTMGRP_LINK, _IPV4_IFADDR, _IPV4_ROUTE
NEW_LINK, NEW_ADDRESS, LOST_ADDRESS, NEW_ROUTE = 16, 20, 21, 24
IFF_LOWER_UP = 1 << 16
WHAT = {NEW_ADDRESS: "an address", LOST_ADDRESS: "no address", NEW_ROUTE: "a route"}


class Connection:
    """Of a client with the server, and whether what is said in it arrives."""

    def __init__(self, net, server, client, address=SERVER):
        self.client = Dial(net, client, (address, PORT_1)).sock
        dial_seen = self.client.recv(64).decode().split()
        self.seen = (dial_seen[0], int(dial_seen[1]))
        self.server = server.kept[self.seen]

    def arrives(self, from_server, wait_s=ANSWER_S):
        """Whether one byte more arrives."""
        sender, receiver = self._ends(from_server)
        try:
            sender.send(b"x")
            receiver.settimeout(wait_s)
            return receiver.recv(1) == b"x"
        except OSError:
            return False

    def comes_late(self, from_server):
        """Whether what was said before arrives now."""
        _, receiver = self._ends(from_server)
        receiver.settimeout(ANSWER_S)
        return receiver.recv(1) == b"x"

    def _ends(self, from_server):
        return (self.server, self.client) if from_server else (self.client, self.server)


# Time


def check_short_timeouts():
    with network.Network(a=CONE) as net:
        server = Server(net)
        net.short_timeouts("a", 1)
        connection = Connection(net, server, "a")
        check("short timeouts: what is not silent is carried", [True, True],
              [connection.arrives(True), connection.arrives(False)])
        check_comes("short timeouts: the router forgets a silent connection", 0,
                    lambda: net.count_connections("a"))
        check("short timeouts: nothing comes in by it any more", False,
              connection.arrives(True, SILENCE_S))
        check("short timeouts: until something goes out", True, connection.arrives(False))


def check_frozen():
    with network.Network(a=f"{CONE}+ipv6", delay_ms=5) as net:
        server = Server(net)
        connections = [Connection(net, server, "a", address)
                       for address in (SERVER, SERVER_6)]
        with net.frozen("a"):
            for connection in connections:
                check("frozen: nothing arrives in either direction", [False, False],
                      [connection.arrives(way, SILENCE_S) for way in (True, False)])
            check("frozen: a dial is silent", "silent",
                  Dial(net, "a", (SERVER, PORT_1), wait_s=SILENCE_S).outcome)
            net.set_profile("a", f"{CONE}+ipv6")
            check("frozen: another router is, too", "silent",
                  Dial(net, "a", (SERVER, PORT_1), wait_s=SILENCE_S).outcome)
        for connection in connections:
            check("thawed: what was said meanwhile arrives", [True, True],
                  [connection.comes_late(way) for way in (False, True)])


# Addresses


def check_changed_public_address():
    with network.Network(a=CONE, b="full-cone", c="firewall", d=f"{CONE}+carrier+ipv6",
                         e=f"{CONE}+carrier+ipv6", behind_carrier={"e": "d"}) as net:
        server = Server(net)
        for client in "abcd":
            for _ in range(2):
                check_new_public_address(net, server, client)
        check("a changed address of a carrier is that of all behind it",
              net.public_address("d"), Connection(net, server, "e").seen[0])


def check_new_public_address(net, server, client):
    title = f"{net.site(client).profile}, another public address"
    addresses = [SERVER] + ([SERVER_6] if net.site(client).has_ipv6() else [])
    before = [Connection(net, server, client, address) for address in addresses]
    old = [net.public_address(client), net.address_6(client)]
    net.change_public_address(client)
    new = [net.public_address(client), net.address_6(client)]
    check(f"{title}: it is another", True, old[0] != new[0])
    check(f"{title}: as the server sees", new[:len(addresses)],
          [Connection(net, server, client, address).seen[0] for address in addresses])
    check(f"{title}: nothing comes by what was connected", [False] * len(before),
          [connection.arrives(True, SILENCE_S) for connection in before])
    port = random.randint(50000, 59999)
    with listen(net, client, port):
        check(f"{title}: the old one is nobody's", "silent",
              Dial(net, "server", (old[0], port), wait_s=SILENCE_S).outcome)
        wanted = "open" if net.site(client).profile == "full-cone" else "silent"
        check(f"{title}: an unsolicited dial to the new one: {wanted}", wanted,
              Dial(net, "server", (new[0], port), wait_s=wait_of(wanted)).outcome)


class Events:
    """What the system of a host tells about its network."""

    def __init__(self, net, host):
        self.sock = net.socket(host, socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self.sock.bind((0, GROUPS))

    def close(self):
        self.sock.close()

    def changes(self):
        """Each once where it is told again; until nothing has come for a while."""
        self.sock.settimeout(SILENCE_S)
        told = []
        while True:
            try:
                message = self.sock.recv(1 << 16)
            except TimeoutError:
                return told
            what = self._read(message)
            if what is not None and what not in told[-1:]:
                told.append(what)

    @staticmethod
    def _read(message):
        kind = struct.unpack_from("=H", message, 4)[0]
        if kind != NEW_LINK:
            return WHAT.get(kind)
        flags = struct.unpack_from("=I", message, 24)[0]
        return "a cable" if flags & IFF_LOWER_UP else "no cable"


def check_moved_client():
    with network.Network(a="full-cone", b=f"{CONE}+ipv6", c="firewall",
                         behind={"a2": "a"}) as net:
        server = Server(net)
        neighbour = Connection(net, server, "a2")
        for to in ("b", "c", "a"):
            check_move(net, server, to)
        check("who stays behind the router keeps its connection", True,
              neighbour.arrives(True))
        check("nobody is where it was", "unreachable", Dial(
            net, "b", (net.site("b").address("a"), 5000)).outcome)


def check_move(net, server, to):
    title = f"moved from {net.site('a').router.name} to router-{to}"
    before = Connection(net, server, "a")
    old = net.address("a")
    events = Events(net, "a")
    net.move_client("a", to)
    told = events.changes()
    events.close()
    after = Connection(net, server, "a")
    check(f"{title}: the client has another address", True, net.address("a") != old)
    check(f"{title}: and the public one of that router", net.public_address("a"),
          after.seen[0])
    check(f"{title}: nothing comes by what was connected", False,
          before.arrives(True, SILENCE_S))
    wanted = ["no cable", "no address", "a cable", "an address", "a route"]
    check(f"{title}: its system tells so", wanted,
          [what for what in told if what in wanted])
    dial = Dial(net, "a", (SERVER_6, PORT_1))
    check(f"{title}: it has IPv6 where that router has", net.address_6("a"),
          dial.seen()[0] if dial.outcome == "open" else None)


def check_own_address():
    with network.Network(a="full-cone", b="firewall+ipv6", behind={"b2": "b"}) as net:
        server = Server(net)
        for client in ("a", "b"):
            before = Connection(net, server, client)
            old = net.address(client)
            net.change_own_address(client)
            check(f"another own address: {client} has it", True, net.address(client) != old)
            check("another own address: the server sees what it should",
                  net.public_address(client), Connection(net, server, client).seen[0])
            check("another own address: nothing comes by what was connected", False,
                  before.arrives(True, SILENCE_S))
        with listen(net, "a", 50000):
            check("another own address: the router knows it", "open",
                  Dial(net, "server", (net.public_address("a"), 50000)).outcome)


PARTS = (check_short_timeouts, check_frozen, check_changed_public_address,
         check_moved_client, check_own_address)

# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the self-test about carriers and IPv6."""

import random
import socket
import threading
import time

import network
from checks import check
from plain import (
    ANSWER_S, PORT_1, SILENCE_S, Dial, Server, check_punch, count_datagrams, listen,
    open_socket)
from selftest_profiles import check_filtering, check_mapping

SERVER_6, SERVER_6_2 = network.SERVER_ADDRESSES_6
CONE = "port-restricted-cone"
AS_CONE = f"{CONE}+carrier"
DELAY = network.Link(delay_ms=10)


# Carriers


def check_carriers():
    """a and b behind one carrier, c behind one of its own."""
    with network.Network(links={"a": DELAY, "b": DELAY, "c": DELAY}, a=AS_CONE, b=AS_CONE,
                         c=AS_CONE, behind_carrier={"b": "a"}) as net:
        Server(net)
        check_carrier_addresses(net)
        check_carrier_filtering(net)
        check_carrier_hairpin(net)
        check("behind a carrier: the world outside is not there", "unreachable",
              Dial(net, "a", ("9.9.9.9", 53)).outcome)


def check_carrier_addresses(net):
    wans = [net.site(client).uplink.address for client in "abc"]
    check("+carrier: the routers have addresses of a carrier's inside", [True] * 3,
          [wan.startswith("100.64.") for wan in wans])
    seen = {client: Dial(net, client, (network.SERVER_ADDRESSES[0], PORT_1)).seen()[0]
            for client in "abc"}
    check("+carrier: the server sees the address of the outermost router",
          {client: net.public_address(client) for client in "abc"}, seen)
    check("+carrier: two behind one carrier are seen as one, another is not",
          [True, False], [seen["a"] == seen["b"], seen["a"] == seen["c"]])


def check_carrier_filtering(net):
    """What a client meets is the stricter of the two."""
    for home, carrier, together in (
            ("full-cone", "full-cone", "full-cone"),
            (CONE, "full-cone", CONE),
            ("full-cone", CONE, CONE),
            ("restricted-cone", "full-cone", "restricted-cone"),
            ("full-cone", "restricted-cone", "restricted-cone"),
            (CONE, "symmetric", "symmetric"),
            ("symmetric", "full-cone", "symmetric")):
        net.set_profile("a", f"{home}+carrier")
        net.set_carrier("a", carrier)
        title = f"{home} behind a carrier that is {carrier}"
        check_mapping(net, "a", title, together)
        check_filtering(net, "a", title, together, "silent")
        check_nobody_home(net, title)


def check_nobody_home(net, title):
    """A port of the carrier that is nobody's leads to nobody."""
    port = random.randint(50000, 59999)
    with listen(net, "a", port):
        check(f"{title}: an unsolicited dial: silent", "silent",
              Dial(net, "server", (net.public_address("a"), port),
                   wait_s=SILENCE_S).outcome)


def check_carrier_hairpin(net):
    for carrier, wanted in (("full-cone+hairpin", "connected"), ("full-cone", "failed"),
                            (f"{CONE}+hairpin", "connected")):
        net.set_carrier("a", carrier)
        check_punch(net, "a", "b", AS_CONE, AS_CONE, wanted,
                    f"both behind one carrier that is {carrier}")
    net.set_carrier("c", CONE)
    check_punch(net, "a", "c", AS_CONE, AS_CONE, "connected", "behind two carriers")


# IPv6


def check_ipv6():
    with network.Network(links={"a": DELAY, "b": DELAY}, a=f"{CONE}+ipv6",
                         b="firewall+rst+ipv6", c="open+ipv6", d="symmetric",
                         e=f"{CONE}+carrier+ipv6", behind={"a2": "a"}) as net:
        Server(net)
        for client in ("a", "a2", "b", "c", "e"):
            check_reaches_ipv6(net, client)
        check("without +ipv6 there is none", ("unreachable", None),
              (Dial(net, "d", (SERVER_6, PORT_1)).outcome, net.address_6("d")))
        check_ipv6_filtering(net)
        for a, b in ((f"{CONE}+ipv6", "firewall+ipv6"),
                     (f"{CONE}+rst+ipv6", "firewall+rst+ipv6")):
            check_punch_ipv6(net, a, b)
        check_path_mtu(net)
        check_ipv6_comes_and_goes(net)


def check_reaches_ipv6(net, client):
    for address in network.SERVER_ADDRESSES_6:
        dial = Dial(net, client, (address, PORT_1))
        check(f"IPv6: {client} reaches the server at {address} untranslated",
              ("open", (net.address_6(client), dial.sock.getsockname()[1])),
              (dial.outcome, dial.outcome == "open" and dial.seen()))


def check_ipv6_filtering(net):
    """Like a firewall without NAT, whatever the router does with IPv4."""
    for client, name, closed in (("a", "firewall", "silent"), ("b", "firewall", "refused"),
                                 ("c", "open", "silent"), ("e", "firewall", "silent")):
        title = f"{net.site(client).profile}, IPv6"
        check_filtering(net, client, title, name, closed, network.SERVER_ADDRESSES_6)
        port = random.randint(50000, 59999)
        wanted = "open" if name == "open" else closed
        with listen(net, client, port, family=socket.AF_INET6):
            check(f"{title}: an unsolicited dial: {wanted}", wanted,
                  Dial(net, "server", (net.address_6(client), port),
                       wait_s=SILENCE_S if wanted == "silent" else ANSWER_S).outcome)


def check_punch_ipv6(net, profile_a, profile_b):
    """Both connect until they meet."""
    net.set_profile("a", profile_a)
    net.set_profile("b", profile_b)
    ends = [("a", random.randint(20000, 29999)), ("b", random.randint(20000, 29999))]
    outcomes = {}

    def punch(own, other):
        deadline = time.monotonic() + ANSWER_S
        host, port = other
        while outcomes.get(own) != "open" and time.monotonic() < deadline:
            with open_socket(net, own[0], port=own[1], family=socket.AF_INET6) as sock:
                sock.settimeout(ANSWER_S)
                try:
                    sock.connect((net.address_6(host), port))
                    outcomes[own] = "open"
                    done.wait()
                except OSError as error:
                    outcomes[own] = str(error)

    done = threading.Barrier(2, timeout=ANSWER_S)
    threads = [threading.Thread(target=punch, args=pair, daemon=True)
               for pair in (ends, reversed(ends))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(f"{profile_a} and {profile_b}: both connect at once by IPv6", ["open"] * 2,
          [outcomes.get(end) for end in ends])


def check_path_mtu(net):
    """What is too big for a link on the way is told to the sender."""
    net.host("internet").ip("link set to-c mtu 1300")
    n_bytes = 200_000
    with listen(net, "c", 5000, family=socket.AF_INET6) as listener, \
            Dial(net, "a", (net.address_6("c"), 5000)).sock as sender, \
            listener.accept()[0] as receiver:
        sender.settimeout(None)
        threading.Thread(target=sender.sendall, args=(bytes(n_bytes),), daemon=True).start()
        receiver.settimeout(ANSWER_S)
        n_received = 0
        while n_received < n_bytes:
            n_received += len(receiver.recv(65536))
    check("IPv6: a narrow link on the way is found", n_bytes, n_received)
    net.host("internet").ip("link set to-c mtu 1500")


def check_ipv6_comes_and_goes(net):
    net.set_profile("a", CONE)
    check("IPv6 goes with the profile", ("unreachable", "open"),
          (Dial(net, "a", (SERVER_6, PORT_1)).outcome,
           Dial(net, "a", (network.SERVER_ADDRESSES[0], PORT_1)).outcome))
    net.set_profile("a", f"{CONE}+ipv6")
    check_reaches_ipv6(net, "a")


# Loss


def check_loss_of_both():
    with network.Network(loss_pct=10, a=f"{AS_CONE}+ipv6") as net:
        for address in (network.SERVER_ADDRESSES[0], SERVER_6):
            received = count_datagrams(net, 2000, address)
            check(f"10 percent loss before a carrier: {received} of 2000 datagrams arrive "
                  f"at {address}", lambda n: 1740 <= n <= 1860, received)


PARTS = (check_carriers, check_ipv6, check_loss_of_both)

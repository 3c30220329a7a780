#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""A channel that breaks is made anew by itself, but not at any price.

A relay that breaks just while a direct path is tried in its place is no end of the session.
A path that comes and goes is called for less and less often.
"""

import argparse
import os
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import clients  # noqa: E402
import network  # noqa: E402
import programs  # noqa: E402
from checks import at_once, check  # noqa: E402
from clients import CONE, CONNECT_S, MIB, TRANSFER_S  # noqa: E402

SERVERS = ", ".join(network.SERVER_ADDRESSES)
DIRECT = f"ip saddr != {{ {SERVERS} }} ip daddr != {{ {SERVERS} }}"
LINKS = network.Link(delay_ms=5, rate=8_000_000)
SITES = {f"{name}-{side}": CONE for name in ("broken", "flapping") for side in "ab"}
# The direct path is tried 1 s after the relay stood and given up 8 s later.
TRYING_S = 3
FLAPPING_S = 30
MOST_CALLS = 10  # 0, 2, 4, 8, 16 s apart; without waiting it is some hundred


def both_ways(port, verdict):
    return f"tcp dport {port} {verdict}\n  tcp sport {port} {verdict}"


def check_broken(lab):
    path = lab.random_file("broken.bin", 4 * MIB)
    listener, listener_id = lab.listen("broken-a")
    with clients.forbidden(lab, "broken-b", f"{DIRECT} drop"):
        sender = lab.cli("broken-b", "send", listener_id, path)
        first = sender.wait("connected", CONNECT_S)
        check("a relay that breaks: it is one", "relay", first["path"])
        time.sleep(TRYING_S)
        with clients.forbidden(lab, "broken-b",
                               both_ways(7471, "reject with tcp reset"), table="rst"):
            sender.wait("disconnected", CONNECT_S)
        check("a relay that breaks: another one takes its place", "relay",
              sender.wait("connected", CONNECT_S)["path"])
    check("a relay that breaks: the file arrives", 0, sender.join(TRANSFER_S))
    check("a relay that breaks: the listener ends cleanly", 0, listener.end())


def check_flapping(lab):
    path = lab.random_file("flapping.bin", 4 * MIB)
    listener, listener_id = lab.listen("flapping-a")
    with clients.forbidden(lab, "flapping-b", f"{DIRECT} meta l4proto tcp ct bytes > 2500 "
                                              "reject with tcp reset"):
        sender = lab.cli("flapping-b", "send", listener_id, path)
        for _ in range(2):
            sender.wait("disconnected", CONNECT_S)
        time.sleep(FLAPPING_S)
        n = sender.count("connected")
        check(f"a path that comes and goes: {n} connections in {FLAPPING_S} s", True,
              2 <= n <= MOST_CALLS)
    check("a path that comes and goes: the file arrives when it stays", 0,
          sender.join(TRANSFER_S))
    check("a path that comes and goes: the listener ends cleanly", 0, listener.end())


def test(net, folder):
    server = programs.Server(net, folder)
    at_once(clients.Lab(net, server, folder), check_broken, check_flapping)
    check("the server ends cleanly", 0, server.end())


def main():
    argparse.ArgumentParser(
        prog="lab sessions-test", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()

    def body():
        with programs.folder("lab-sessions-", clients.place(32 * MIB)) as folder, \
                network.Network(links={name: LINKS for name in SITES}, **SITES) as net:
            test(net, folder)

    return clients.conclude(body)


if __name__ == "__main__":
    sys.exit(main())

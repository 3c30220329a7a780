#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other ways than through two routers: inside one network, behind one carrier, by IPv6.

Both ends must name the same kind of path, and it must be the one that there is. Routers are
such that nothing but that way works directly, wherever that can be had.
"""

import argparse
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import clients  # noqa: E402
import network  # noqa: E402
import programs  # noqa: E402
from checks import at_once, check  # noqa: E402
from clients import CONNECT_S  # noqa: E402

N_CALLS = 3
SITES = {
    "lan-a": "symmetric",
    "carried-a": "port-restricted-cone+carrier", "carried-b": "restricted-cone+carrier",
    "six-a": "symmetric+ipv6", "six-b": "symmetric+ipv6+rst",
    "wall-a": "firewall+ipv6", "wall-b": "firewall+ipv6",
    "own-a": "symmetric+ipv6", "own-b": "open+ipv6",
}


def check_pair(lab, a, b, title, paths):
    """@paths: one of these, the same at both ends; no relay is allowed."""
    listener, listener_id = lab.listen(a, "--no-relay")
    for _ in range(N_CALLS):
        caller = lab.cli(b, "ping", listener_id, "--count", "1", "--no-relay")
        one = caller.wait("connected", CONNECT_S)
        other = listener.wait("connected", CONNECT_S)
        check(f"{title}: {one['path']} after {one['ms']} ms, {one['remote']}",
              lambda found: found[0] in paths and found[0] == found[1],
              (one["path"], other["path"]))
        check(f"{title}: exit status 0", 0, caller.join(CONNECT_S))
        listener.wait("disconnected", CONNECT_S)
    check(f"{title}: the listener ends cleanly", 0, listener.end())


def check_lan(lab):
    check_pair(lab, "lan-a", "lan-a2", "one private network", {"lan"})


def check_carrier(lab):
    check_pair(lab, "carried-a", "carried-b", "one carrier that hairpins", {"punched"})


def check_ipv6(lab):
    check_pair(lab, "six-a", "six-b", "IPv6 beside random routers", {"ipv6"})


def check_walls(lab):
    check_pair(lab, "wall-a", "wall-b", "IPv6 through two stateful firewalls", {"ipv6"})


def check_open(lab):
    check_pair(lab, "own-a", "own-b", "IPv6 to an open host", {"ipv6"})


def test(net, folder):
    server = programs.Server(net, folder)
    at_once(clients.Lab(net, server, folder), check_lan, check_carrier, check_ipv6,
            check_walls, check_open)
    check("the server ends cleanly", 0, server.end())


def main():
    argparse.ArgumentParser(
        prog="lab ways-test", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()

    def body():
        with programs.folder("lab-ways-") as folder, \
                network.Network(delay_ms=5, behind={"lan-a2": "lan-a"},
                                behind_carrier={"carried-b": "carried-a"},
                                carrier="full-cone+hairpin", **SITES) as net:
            test(net, folder)

    return clients.conclude(body)


if __name__ == "__main__":
    sys.exit(main())

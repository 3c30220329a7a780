#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does `knothole-cli nat` name every router of the lab rightly?

Behind each router a client asks three kinds of server: one with two addresses, one with
one address and a helper, and one with one address alone. What it must say stands in
TYPES and FACTS below. -n N asks each so often; --profiles and --servers name fewer.
"""

import argparse
import os
import queue
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import clients  # noqa: E402
import network  # noqa: E402
import programs  # noqa: E402
from checks import check  # noqa: E402

HOSTS = "abcdefghijkl"  # as many as there are usual profiles
DELAY_MS = 10
TEST_S = 90  # a server that allows so many tests a minute lets it wait
SERVERS = ("two addresses", "a helper", "one address")
# More than anybody's: the lab asks more often in a minute than people do.
LIMITS = {"dials-per-minute": 1000}

NONE, EIM = "none", "endpoint-independent"
ADM, APDM = "address-dependent", "address-and-port-dependent"

# Type, mapping, filtering and port allocation, where all can be told.
TYPES = {
    "open": ("open", NONE, EIM, "preserving"),
    "firewall": ("firewall", NONE, APDM, "preserving"),
    "full-cone": ("full-cone", EIM, EIM, "preserving"),
    "restricted-cone": ("restricted-cone", EIM, ADM, "preserving"),
    "port-restricted-cone": ("port-restricted-cone", EIM, APDM, "preserving"),
    "symmetric": ("symmetric", APDM, APDM, "random"),
    "symmetric-sequential": ("symmetric", APDM, APDM, "sequential"),
    "symmetric-address": ("symmetric", ADM, APDM, "random"),
}
# What one address can't tell is unknown; the last one it takes for a cone, as it looks.
ONE_ADDRESS = TYPES | {
    "full-cone": ("full-or-restricted-cone", "unknown", "unknown", "preserving"),
    "restricted-cone": ("full-or-restricted-cone", "unknown", "unknown", "preserving"),
    "port-restricted-cone": ("port-restricted-cone", "unknown", APDM, "preserving"),
    "symmetric-address": ("port-restricted-cone", "unknown", APDM, "random"),
}
USUAL = [*TYPES, "restricted-cone+rst", "symmetric+rst", "port-restricted-cone+hairpin",
         "full-cone+hairpin"]


def wanted(profile, servers):
    """A part of the event that `nat` prints."""
    name, *modifiers = profile.split("+")
    kind, mapping, filtering, allocation = (
        ONE_ADDRESS if servers == "one address" else TYPES)[name]
    # Where nothing is filtered the computer itself answers: this full cone passes every
    # port on to its client.
    resets = "rst" in modifiers or name in ("open", "full-cone")
    return {"type": kind, "mapping": mapping, "filtering": filtering,
            "port_allocation": allocation,
            "step": 1 if allocation == "sequential" else 0,
            "unsolicited": "reset" if resets else "drop",
            "hairpin": None if mapping == NONE else "hairpin" in modifiers,
            "ipv6": False}


def start_servers(net, folder, limits):
    """Two that have one address each, and one that has both, on other ports."""
    first, second = network.SERVER_ADDRESSES
    helper = programs.Server(net, folder, limits, name="helper", public=1, arguments=[
        "--listen", f"{second}:7470", "--assist", f"{second}:7471"])
    return {
        "two addresses": programs.Server(net, folder, limits, name="two", arguments=[
            "--listen", f"{first}:7480", "--assist", f"{first}:7481",
            "--assist", f"{second}:7481"]),
        "a helper": programs.Server(net, folder, limits, name="helped", arguments=[
            "--listen", f"{first}:7470", "--assist", f"{first}:7471",
            "--helper", helper.address]),
        "one address": programs.Server(net, folder, limits, name="one", arguments=[
            "--listen", f"{first}:7490", "--assist", f"{first}:7491"]),
    }


def ask(net, host, profile, servers, server, folder, n_times):
    """Counts those who say exactly what is wanted, and keeps what others said."""
    expected = wanted(profile, servers)
    n_good, wrong = 0, []

    for _ in range(n_times):
        client = programs.Cli(net, host, server, folder, "nat")
        said = client.wait("nat", TEST_S)
        client.join()
        got = {key: said[key] for key in expected}
        n_good += got == expected
        if got != expected:
            wrong.append({key: got[key] for key in got if got[key] != expected[key]})
        check(f"{profile}, {servers}: the public address", net.public_address(host),
              said["public"].rsplit(":", 1)[0])
    check(f"{profile}, {servers}: {n_times} of {n_times} say what it is", (n_times, []),
          (n_good, wrong))


def try_all(net, servers, chosen, folder):
    """Each host takes profile after profile, and asks one kind of server after the other
    behind it. All hosts at once: a test waits more than it works."""
    waiting = queue.SimpleQueue()
    for profile in chosen.profiles:
        waiting.put(profile)

    def work(host):
        while True:
            try:
                profile = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                net.set_profile(host, profile)
                for kind in chosen.servers:
                    ask(net, host, profile, kind, servers[kind], f"{folder}/{host}", chosen.n)
            except programs.Late as error:
                check(f"{profile} ended early", None, str(error))

    with ThreadPoolExecutor(len(net.sites)) as pool:
        list(pool.map(work, net.sites))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-n", type=int, default=1, help="times each is asked")
    parser.add_argument("--profiles", type=lambda text: text.split(","), default=USUAL)
    parser.add_argument("--servers", type=lambda text: text.split(","),
                        default=list(SERVERS), help="; ".join(SERVERS))
    parser.add_argument("--usual-limits", action="store_true",
                        help="of the servers: ten dials a minute, so that tests wait")
    chosen = parser.parse_args()

    def test():
        with programs.folder("knothole-nat-") as folder, \
                network.Network(**dict.fromkeys(HOSTS, "open"), delay_ms=DELAY_MS) as net:
            servers = start_servers(net, folder, None if chosen.usual_limits else LIMITS)
            try_all(net, servers, chosen, folder)

    return clients.conclude(test)


if __name__ == "__main__":
    sys.exit(main())

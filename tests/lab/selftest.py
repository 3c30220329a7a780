#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks with plain sockets that each part of the NAT lab is what its name says.

One line per check, then `N passed, N failed`. Exit status 0 when all passed, 77 where
this machine allows no namespaces at all.
"""

import os
import socket
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import checks  # noqa: E402
import network  # noqa: E402
import sandbox  # noqa: E402
import selftest_changes  # noqa: E402
import selftest_mapping  # noqa: E402
import selftest_networks  # noqa: E402
import selftest_profiles  # noqa: E402
from checks import check  # noqa: E402
from plain import (  # noqa: E402
    PORT_1, SERVER, Dial, Server, check_punch, count_datagrams, count_waiting, listen,
    measure)


# Links


def round_trip_ms(net, host):
    """Of a TCP connect."""
    return 1000 * Dial(net, host, (SERVER, PORT_1)).took_s


def check_delay(net):
    def between(low, high):
        return lambda ms: low <= ms <= high

    for host, title, judge in (
            ("a", "10 ms: client to server and back takes 20 ms", between(20, 23)),
            ("c", "0 ms: client to server and back takes no time", between(0, 3))):
        check(title, judge, measure(judge, lambda host=host: round_trip_ms(net, host)))


def check_links():
    link = network.Link(delay_ms=10)
    with network.Network(links={"a": link, "b": link}, a="port-restricted-cone",
                         b="port-restricted-cone", c="open",
                         behind={"c2": "c"}) as net:
        Server(net)
        check_delay(net)
        drop = "port-restricted-cone"
        for a, b in ((drop, drop), (drop + "+rst", drop + "+rst"), (drop, drop + "+rst")):
            check_punch(net, "a", "b", a, b, "connected")
        check_punch(net, "a", "b", "symmetric", drop, "failed")
        listener = listen(net, "c2", 5000)
        check("two behind one router reach each other", "open",
              Dial(net, "c", (net.address("c2"), 5000)).outcome)
        listener.close()


def check_loss():
    with network.Network(loss_pct=10, a="open") as net:
        received = count_datagrams(net, 2000)
        check(f"10 percent loss: {received} of 2000 datagrams arrive",
              lambda n: 1740 <= n <= 1860, received)


def check_rate():
    """20 Mbit/s and a queue of 100 KB, which is 40 ms when full."""
    with network.Network(rate=20_000_000, queue_bytes=100_000, a="open") as net:
        listener = listen(net, "server", 9000)

        def is_rate(mbit):
            return 15 <= mbit <= 20.5

        def is_queue(n):
            return 65 <= n <= 85

        mbit = measure(is_rate, lambda: rate_of_file(net, listener))
        check(f"20 Mbit/s: {mbit:.1f} Mbit/s of a file arrive", is_rate, mbit)
        # A burst of twice the queue, all at once: the queue and no more gets through.
        n_arrived = measure(is_queue, lambda: count_burst(net, 140, 1400))
        check(f"a queue of 100 KB: {n_arrived} of 140 packets in a burst get through",
              is_queue, n_arrived)


def rate_of_file(net, listener):
    """Mbit/s at which most of 3 MB come."""
    sender = Dial(net, "a", (SERVER, 9000)).sock
    receiver = listener.accept()[0]
    sender.settimeout(None)
    threading.Thread(target=sender.sendall, args=(bytes(3_000_000),), daemon=True).start()
    got, started = 0, None
    with sender, receiver:
        while got < 3_000_000:
            n = len(receiver.recv(65536))
            if started is None and got > 500_000:
                started, got_before = time.monotonic(), got
            got += n
        return (got - got_before) * 8 / (time.monotonic() - started) / 1e6


def count_burst(net, n_packets, size):
    receiver = net.socket("server", socket.AF_INET, socket.SOCK_DGRAM)
    sender = net.socket("a", socket.AF_INET, socket.SOCK_DGRAM)
    with sender, receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        receiver.bind((SERVER, 9001))
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        for _ in range(n_packets):
            sender.sendto(bytes(size), (SERVER, 9001))
        return count_waiting(receiver, 1)


def run(part):
    try:
        part()
    except Exception as error:  # a check that cannot run has failed
        traceback.print_exc()
        check(f"{part.__name__} runs", "no error", repr(error))


def main():
    try:
        network.find_tool("raw-punch")
        sandbox.enter()
    except sandbox.Impossible as error:
        print(f"skipped: {error}")
        return sandbox.EXIT_IMPOSSIBLE
    except network.LabError as error:
        print(f"selftest: {error}", file=sys.stderr)
        return 1
    parts = (*selftest_profiles.PARTS, check_links, check_loss, check_rate,
             *selftest_networks.PARTS, *selftest_changes.PARTS, *selftest_mapping.PARTS)
    # Each has a network of its own, and waits more than it works.
    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(run, parts))
    status = checks.summary()
    sys.stdout.flush()
    os._exit(status)  # server threads wait in accept() for ever


if __name__ == "__main__":
    sys.exit(main())

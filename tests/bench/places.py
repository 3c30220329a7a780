# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a benchmark takes place: with nothing between the two ends, or in the NAT lab.

The ends are called `send` and `recv`; in the lab there is a `server` too.
"""

import contextlib
import pathlib
import subprocess
import time

import network
import sandbox
from measuring import DEADLINE_S, Failed

# What the yardsticks listen on; forwarded to the receiver.
PORT = 7790
SSH_PORT = 7722
LISTENING = "0A"  # as /proc/net/tcp spells it


class Loopback:
    """Both ends on this machine, nothing between them."""

    name = "loopback"

    def popen(self, side, command, **kwargs):
        return subprocess.Popen(command, **kwargs)

    def read(self, side, path):
        return pathlib.Path(path).read_text()

    def receiver_address(self):
        return "127.0.0.1"


class Lab:
    """Two port-restricted cones, the receiver behind b's. Without a punch nobody gets in
    there, so two ports of that router are forwarded: the yardsticks cross both NATs too."""

    name = "lab, two port-restricted cones"

    def __init__(self, net):
        self.net = net
        ports = f"{{ {PORT}, {SSH_PORT} }}"
        net.host("router-b").nft(
            "add chain ip lab bench { type nat hook prerouting priority dstnat; }\n"
            f"add rule ip lab bench tcp dport {ports} dnat to {net.address('b')}\n"
            f"insert rule ip lab forward tcp dport {ports} accept\n")

    def popen(self, side, command, **kwargs):
        return self.net.popen({"send": "a", "recv": "b"}.get(side, side), command, **kwargs)

    def read(self, side, path):
        host = {"send": "a", "recv": "b"}[side]
        return self.net.call(host, pathlib.Path(path).read_text)

    def receiver_address(self):
        return self.net.public_address("b")


@contextlib.contextmanager
def lab(**options):
    """What follows runs inside of it, in another process."""
    sandbox.enter()
    with network.Network(a="port-restricted-cone", b="port-restricted-cone",
                         **options) as net:
        yield Lab(net)


def congestion_control(place):
    return place.read("send", "/proc/sys/net/ipv4/tcp_congestion_control").strip()


def wait_until_listening(place, port):
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        for line in place.read("recv", "/proc/thread-self/net/tcp").splitlines()[1:]:
            fields = line.split()
            if fields[1].endswith(f":{port:04X}") and fields[3] == LISTENING:
                return
        time.sleep(0.005)
    raise Failed("nobody listens")

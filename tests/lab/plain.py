# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain sockets on the hosts of a lab: who reaches whom, and as whom."""

import errno
import random
import re
import socket
import subprocess
import threading
import time

import network
from checks import check

SERVER, SERVER_2 = network.SERVER_ADDRESSES
PORT_1, PORT_2 = 7001, 7002
MUTE_PORT = 7003  # the server drops SYNs to this port, so a dial leaves only its hole
SILENCE_S = 0.4  # nothing came for so long: dropped
ANSWER_S = 30  # where one has to come, on a busy machine too
PUNCH_MS = 30000
OUTCOMES = {errno.ECONNREFUSED: "refused", errno.ENETUNREACH: "unreachable",
            errno.EHOSTUNREACH: "unreachable",
            errno.EADDRNOTAVAIL: "unreachable"}  # no address of that family at all
N_TRIES = 30  # of what a busy machine can disturb


def measure(judge, one):
    """The first good result of one (), or the last of many: what else the machine does
    comes and goes, what a part of the lab is does not."""
    for _ in range(N_TRIES):
        result = one()
        if judge(result):
            break
    return result


# Sockets


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def open_socket(net, host, address="", port=0, family=socket.AF_INET):
    sock = net.socket(host, family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind((address, port))
    return sock


def listen(net, host, port, address="", family=socket.AF_INET):
    sock = open_socket(net, host, address, port, family)
    sock.listen(64)
    return sock


class Dial:
    """A dial and what became of it: 'open', 'refused', 'silent', 'unreachable'."""

    def __init__(self, net, host, target, address="", port=0, wait_s=ANSWER_S):
        family = family_of(target[0])
        self.sock = open_socket(net, host, address, port, family)
        self.sock.settimeout(wait_s)
        started = time.monotonic()
        try:
            self.sock.connect(target)
            self.outcome = "open"
        except TimeoutError:
            self.outcome = "silent"
        except OSError as error:
            self.outcome = OUTCOMES.get(error.errno, str(error))
        self.took_s = time.monotonic() - started

    def seen(self):
        """The endpoint that the server says this comes from."""
        self.sock.settimeout(ANSWER_S)
        address, port = self.sock.recv(64).decode().split()
        return address, int(port)


def wait_of(wanted):
    return SILENCE_S if wanted == "silent" else ANSWER_S


class Server:
    """Tells each caller the endpoint it sees, and keeps the connection."""

    def __init__(self, net):
        net.host("server").nft(
            "table inet mute {\n chain input {\n type filter hook input priority filter;\n"
            f" tcp dport {MUTE_PORT} tcp flags & (syn | ack) == syn drop\n }}\n}}\n")
        self.kept = {}  # by the endpoint it came from
        endpoints = [(SERVER, PORT_1), (SERVER, PORT_2), (SERVER_2, PORT_1)]
        if net.has_ipv6:
            endpoints += [(address, PORT_1) for address in network.SERVER_ADDRESSES_6]
        for address, port in endpoints:
            listener = listen(net, "server", port, address, family_of(address))
            threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def _serve(self, listener):
        while True:
            sock, (address, port, *_) = listener.accept()
            self.kept[address, port] = sock
            sock.sendall(f"{address} {port}\n".encode())


# Datagrams


def count_waiting(receiver, silence_s):
    """Datagrams until none has come for so long."""
    receiver.settimeout(silence_s)
    n_received = 0
    try:
        while True:
            receiver.recv(2048)
            n_received += 1
    except TimeoutError:
        return n_received


def count_datagrams(net, n_sent, address=SERVER):
    """Of so many that a sends to an address of the server, how many arrive."""
    receiver = net.socket("server", family_of(address), socket.SOCK_DGRAM)
    receiver.bind((address, 9000))
    sender = net.socket("a", family_of(address), socket.SOCK_DGRAM)
    n_received = 0
    for _ in range(n_sent // 50):
        for _ in range(50):
            sender.sendto(b"x", (address, 9000))
        n_received += count_waiting(receiver, 0.02)
    return n_received + count_waiting(receiver, 2)


# Hole punching


def raw_punch(net, name, timeout_ms):
    return net.popen(name, [network.find_tool("raw-punch"),
                            str(random.randint(20000, 60000)), SERVER, str(PORT_1),
                            str(timeout_ms)],
                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def check_punch(net, a, b, profile_a, profile_b, wanted, title=None):
    """By a plain punch between the clients @a and @b, whose links have 10 ms."""
    net.set_profile(a, profile_a)
    net.set_profile(b, profile_b)
    pair = title or f"{profile_a} and {profile_b}, 10 ms"
    timeout_ms = PUNCH_MS if wanted == "connected" else 600

    def punch():
        """What either side says."""
        sides = [raw_punch(net, name, timeout_ms) for name in (a, b)]
        seen = [side.stdout.readline() for side in sides]
        for side, other in zip(sides, reversed(seen)):
            side.stdin.write(other)
            side.stdin.flush()
        return [side.communicate()[0].strip() for side in sides]

    def rtts_ms(lines):
        return [int(re.search(r"rtt (\d+)", line + " rtt 0").group(1)) / 1000
                for line in lines]

    def outcomes(lines):
        return [line.split(" ")[0].rstrip(",") for line in lines]

    def is_as_long_as_set(lines):
        return 40 <= min(rtts_ms(lines)) <= 44

    lines = measure(lambda lines: outcomes(lines) != [wanted] * 2 or wanted != "connected"
                    or is_as_long_as_set(lines), punch)
    check(f"{pair}: a plain punch: {wanted} ({lines[0]})", [wanted] * 2, outcomes(lines))
    if wanted == "connected":
        check(f"{pair}: the round trip is 40 ms", is_as_long_as_set, lines)

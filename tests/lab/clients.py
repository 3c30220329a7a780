# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients on the hosts of a lab, each with folders of its own; what they hold, and what
cuts them off from each other.

    lab = Lab(net, Server(net, folder), folder)
    listener, listener_id = lab.listen("a")
    sender = lab.cli("b", "send", listener_id, lab.random_file("file", 5 * MIB))
    with cut(lab, "b"):                    # nothing gets through the router of b
        …
    received = Received(lab, "a")          # counts from here on what comes in at a
"""

import contextlib
import json
import os
import shutil
import subprocess
import threading
import time

import network
import programs
import sandbox
from checks import check, summary

MIB = 1 << 20
CONE = "port-restricted-cone"
MEMORY_KB = 12 * 1024  # VmHWM of either end
CONNECT_S = 60
TRANSFER_S = 300  # a sanitized build on a busy machine
SAID_S = 30  # 20 s until a silent path counts as lost, and some more
HEADERS_LEN = 14 + 20 + 32  # of a packet: Ethernet, IPv4, TCP with time stamps
HEADERS_6_LEN = 14 + 40 + 32  # the same with IPv6


class Lab:
    def __init__(self, net, server, folder):
        self.net = net
        self.server = server
        self.folder = folder

    def listen(self, host, *words):
        """A `knothole-cli listen` on the host, online, and its identity."""
        os.makedirs(self.got(host), exist_ok=True)
        listener = programs.Cli(self.net, host, self.server, f"{self.folder}/{host}/{host}",
                                "listen", "--accept", "all", "--save-to", self.got(host),
                                *words)
        return listener, listener.identity()

    def cli(self, host, *command, identity=None, **kwargs):
        """With the host's own identity, or another one on the same host."""
        return programs.Cli(self.net, host, self.server,
                            f"{self.folder}/{host}/{identity or host}", *command, **kwargs)

    def caller(self, host, **kwargs):
        return programs.Caller(self.net, host, self.server, f"{self.folder}/{host}",
                               **kwargs)

    def transfers(self, host, *words, data=None):
        """`knothole-cli transfers WORDS…` with the data folder of a listener, or @data;
        its exit status and what it printed, as JSON."""
        done = subprocess.run(
            [programs.find_program("knothole-cli"), "--data-dir",
             f"{self.folder}/{host}/{data or host}", "transfers", "--json", *words],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False,
            timeout=CONNECT_S)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    def got(self, host):
        return f"{self.folder}/{host}/got"

    def sparse_file(self, name, size):
        path = f"{self.folder}/{name}"
        with open(path, "wb") as file:
            file.truncate(size)
        return path

    def random_file(self, name, size):
        path = f"{self.folder}/{name}"
        with open(path, "wb") as file:
            for _ in range(size // MIB):
                file.write(os.urandom(MIB))
        return path


def conclude(test):
    """Runs test () in a sandbox of its own; the exit status of the program."""
    try:
        network.find_tool("caller")
        sandbox.enter()
        programs.end_on_signals()
        test()
    except sandbox.Impossible as error:
        print(f"skipped: {error}")
        return sandbox.EXIT_IMPOSSIBLE
    except (network.LabError, programs.Late) as error:
        check("the test ended early", None, str(error))
    return summary()


def place(size):
    """In memory where there is room for so much, and as much again; else None."""
    shm = "/dev/shm"
    has_room = os.access(shm, os.W_OK) and shutil.disk_usage(shm).free > 2 * size
    return shm if has_room else None


def call(caller, other_id):
    caller.wait("peer", programs.START_S, anywhere=True, peer=other_id, online=1)
    caller.say(f"call {other_id}")
    return caller.wait("connected", CONNECT_S, peer=other_id)


# What is in a folder


def whole_names(folder):
    """All that has its final name, at whatever depth."""
    return sorted(os.path.relpath(os.path.join(at, name), folder)
                  for at, _, names in os.walk(folder) for name in names
                  if not is_partial(name))


def partial_names(folder):
    return sorted(os.path.relpath(os.path.join(at, name), folder)
                  for at, _, names in os.walk(folder) for name in names
                  if is_partial(name))


def is_partial(name):
    return name.startswith(".") and name.endswith(".part")


# What programs hold


class PeakMemory:
    """The most memory a program had, also when it has ended meanwhile."""

    def __init__(self, program):
        self.kb = 0
        self.is_sanitized = programs.is_sanitized(program.pid)
        self.thread = threading.Thread(target=self._watch, args=(program,), daemon=True)
        self.thread.start()

    def _watch(self, program):
        while program.process.poll() is None:
            try:
                self.kb = programs.status_of(program.pid, "VmHWM")
            except (OSError, AttributeError):
                return  # it has just ended
            time.sleep(0.02)

    def check(self, title):
        if self.is_sanitized:
            return
        check(f"{title}: at most {MEMORY_KB} kB of memory ({self.kb} kB)",
              lambda kb: 0 < kb <= MEMORY_KB, self.kb)


# What cuts clients off


@contextlib.contextmanager
def forbidden(lab, host, rule, table="cut"):
    """With a rule of nftables for all that the router of @host forwards."""
    router = lab.net.host(f"router-{host}")
    router.nft(f"table inet {table} {{\n chain cut {{\n"
               f"  type filter hook forward priority -300;\n  {rule}\n }}\n}}\n")
    try:
        yield
    finally:
        router.nft(f"delete table inet {table}\n")


def cut(lab, host):
    """Nothing gets through, neither to the peer nor to the server."""
    return forbidden(lab, host, "drop")


def resets(lab, host):
    """Whatever goes to the peer or comes from it is answered with RST; the server's
    connections stay."""
    rules = [f"{family} saddr != {{ {servers} }} {family} daddr != {{ {servers} }} "
             "meta l4proto tcp reject with tcp reset"
             for family, servers in (("ip", ", ".join(network.SERVER_ADDRESSES)),
                                     ("ip6", ", ".join(network.SERVER_ADDRESSES_6)))]
    return forbidden(lab, host, "\n".join(rules), table="resets")


class Received:
    """What comes in at a host, without the headers of packets. True also where the
    kernel hands over many packets as one: those have one set of headers. @headers_len is
    another where they come by IPv6."""

    def __init__(self, lab, host, headers_len=HEADERS_LEN):
        self._read = lambda: lab.net.call(host, _received, headers_len)
        self._before = self._read()

    def bytes(self):
        return self._read() - self._before


def _received(headers_len):
    with open("/proc/thread-self/net/dev", encoding="ascii") as file:
        line = next(line for line in file if line.strip().startswith("eth0:"))
    n_bytes, n_packets = map(int, line.split(":")[1].split()[:2])
    return n_bytes - n_packets * headers_len


def sent_of(size, piece=61440, overhead=35):
    """The bytes that a file of @size is sent as: its pieces, each in a record."""
    return size + overhead * (-(-size // piece))

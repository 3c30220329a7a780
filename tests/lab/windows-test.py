#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Windows command-line client and server, installed under Wine, and clients of Linux,
each behind a router of its own: they find each other directly, talk, and files arrive.

    tests/lab/windows-test.py BUILD     the folder of win32/package.sh

Wine hands sockets to Linux: what this shows of Knothole is its own Windows code, not how
Windows treats a socket.
"""

import argparse
import filecmp
import glob
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "win32")]

import clients  # noqa: E402
import network  # noqa: E402
import programs  # noqa: E402
import wine  # noqa: E402
from checks import check, check_comes  # noqa: E402
from clients import CONNECT_S, MIB, TRANSFER_S  # noqa: E402

FILE_LEN = 8 * MIB
CONE = "port-restricted-cone"
# Each a pair of hosts: a has Windows.
SITES = {"a": CONE, "b": "restricted-cone", "c": CONE, "d": "symmetric"}
BIN = f"C:/users/{os.environ.get('USER') or 'root'}/AppData/Local/Programs/Knothole/bin"
START_S = 120  # of a Windows program, whose Windows may have to start first
# Names of Linux that Windows has no such files for, and what becomes of everything else.
TREE = {"readme.txt": b"read me", "sub/größe.bin": b"\0" * 4096, "sub/deep/日本.txt": b"x",
        "empty.txt": b""}


class WindowsCli(programs.Program):
    """`knothole-cli.exe --json COMMAND…`, with a data folder on the disk C:."""

    def __init__(self, lab, host, prefix, *command):
        self.prefix = prefix
        super().__init__(lab.net, host, prefix.command(
            f"{BIN}/knothole-cli.exe", "--data-dir", f"C:\\data\\{host}", "--server",
            lab.server.address, "--name", f"windows-{host}", "--json", *command),
            env=prefix.env)
        self.name = f"{host} knothole-cli.exe"

    def identity(self):
        return self.wait("online", START_S)["id"]

    def end(self, timeout_s=programs.END_S):
        """As when somebody logs out."""
        self.prefix.end()
        return self.join(timeout_s)


def make_tree(lab):
    for name, content in TREE.items():
        path = f"{lab.folder}/tree/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
    os.makedirs(f"{lab.folder}/tree/nothing in here", exist_ok=True)
    return f"{lab.folder}/tree"


def is_same_tree(one, other):
    def inside(folder):
        return {os.path.relpath(os.path.join(at, name), folder)
                for at, folders, names in os.walk(folder) for name in [*folders, *names]}

    return inside(one) == inside(other) and all(
        filecmp.cmp(f"{one}/{name}", f"{other}/{name}", shallow=False) for name in TREE)


def check_linux_calls(lab, prefix):
    """Windows listens at a; b calls, talks and sends."""
    listener = WindowsCli(lab, "a", prefix, "listen", "--accept", "all", "--save-to",
                          "C:\\got")
    listener_id = listener.identity()
    file = lab.random_file("from-linux", FILE_LEN)
    tree = make_tree(lab)
    caller = lab.cli("b", "chat", listener_id, "--message", "grüße")
    found = caller.wait("connected", CONNECT_S)["path"]
    check("Linux calls Windows", "punched", found)
    check("Windows names the same path", "punched",
          listener.wait("connected", CONNECT_S)["path"])
    check("what was said arrives", "grüße", listener.wait("message", CONNECT_S)["text"])
    check("and is said to have", 0, caller.join(CONNECT_S))
    listener.say("zurück gegrüßt")
    sender = lab.cli("b", "send", listener_id, file, tree)
    check("files and a folder arrive: exit status 0", 0, sender.join(TRANSFER_S))
    got = prefix.path("C:/got")
    check("the file is the same", True,
          filecmp.cmp(file, f"{got}/from-linux", shallow=False))
    check("so is the folder", True, is_same_tree(tree, f"{got}/tree"))
    check("nothing is half there", [], clients.partial_names(got))
    check("the punch says what this system does not allow", True,
          any("listen" in event.get("text", "") for event in listener.events
              if event["event"] == "punch"))
    listener.end()


def check_windows_calls(lab, prefix):
    """Linux listens at d, behind a router that gives ports at random; Windows calls."""
    listener, listener_id = lab.listen("d")
    caller = WindowsCli(lab, "c", prefix, "chat", listener_id, "--message", "hallo")
    check("Windows calls Linux behind a symmetric router",
          lambda path: path in ("punched", "predicted"),
          caller.wait("connected", CONNECT_S)["path"])
    check("what was said arrives", "hallo", listener.wait("message", CONNECT_S)["text"])
    check("exit status 0", 0, caller.join(CONNECT_S))
    file = f"{prefix.folder}/drive_c/from-windows"
    os.link(lab.random_file("from-windows", FILE_LEN), file)
    sender = WindowsCli(lab, "c", prefix, "send", listener_id, "C:\\from-windows")
    check("a file arrives: exit status 0", 0, sender.join(TRANSFER_S))
    check("it is the same", True,
          filecmp.cmp(file, f"{lab.got('d')}/from-windows", shallow=False))
    check("somebody who is not there: exit status 4", 4,
          WindowsCli(lab, "c", prefix, "ping", "a" * 20).join(START_S))
    listener.end()


def check_two_windows(lab, one, other):
    listener = WindowsCli(lab, "a", one, "listen", "--accept", "all", "--save-to",
                          "C:\\got")
    listener_id = listener.identity()
    file = f"{other.folder}/drive_c/between"
    os.link(lab.random_file("between", FILE_LEN), file)
    sender = WindowsCli(lab, "c", other, "send", listener_id, "C:\\between")
    check("two computers with Windows connect", "punched",
          sender.wait("connected", CONNECT_S)["path"])
    check("a file arrives: exit status 0", 0, sender.join(TRANSFER_S))
    check("it is the same", True,
          filecmp.cmp(file, f"{one.path('C:/got')}/between", shallow=False))
    listener.end()


def check_goes_on(lab, prefix):
    """The receiver's Windows is switched off in the middle of a file."""
    words = ("listen", "--accept", "all", "--save-to", "C:\\got")
    listener = WindowsCli(lab, "a", prefix, *words)
    listener_id = listener.identity()
    file = lab.random_file("long", 64 * MIB)
    sender = lab.cli("b", "send", listener_id, file, "--limit-up", "4M")
    sender.wait("progress", TRANSFER_S, bytes=lambda n: n > 8 * MIB)
    prefix.end()
    listener.join()
    check("a file in the middle has no final name", False,
          os.path.exists(prefix.path("C:/got/long")))
    listener = WindowsCli(lab, "a", prefix, *words)
    listener.identity()
    check("it goes on when Windows is back: exit status 0", 0, sender.join(TRANSFER_S))
    check("it is the same", True,
          filecmp.cmp(file, prefix.path("C:/got/long"), shallow=False))
    listener.end()


def check_nat(lab, prefix):
    nat = WindowsCli(lab, "c", prefix, "nat")
    event = nat.wait("nat", CONNECT_S)
    # Wine shares no port with a listener, which the test of a router needs: what can't be
    # found out is said to be unknown, and nothing else is made up.
    check("what Windows can't find out about its router is unknown",
          ("unknown", "unknown", "unknown"),
          (event["type"], event["mapping"], event["filtering"]))
    check("its public address is the router's", lab.net.public_address("c"),
          event["public"].split(":")[0])
    check("exit status 0", 0, nat.join(CONNECT_S))


def check_server(lab, prefix):
    """A server that runs on Windows, and two clients of Linux."""
    server = programs.Program(lab.net, "server", prefix.command(
        f"{BIN}/knothole-server.exe", "--public", network.SERVER_ADDRESSES[0],
        "--listen", "0.0.0.0:7480", "--assist", "0.0.0.0:7481"),
        env=prefix.env)
    server.address = server.wait("text", START_S)["text"]
    other = clients.Lab(lab.net, server, f"{lab.folder}/other")
    listener, listener_id = other.listen("b")
    caller = other.cli("d", "ping", listener_id, "--count", "1")
    check("a server on Windows introduces two clients",
          lambda path: path in ("punched", "predicted"),
          caller.wait("connected", CONNECT_S)["path"])
    check("exit status 0", 0, caller.join(CONNECT_S))
    listener.end()
    server.kill()


def test(net, folder, setup):
    lab = clients.Lab(net, programs.Server(net, folder), folder)
    first = wine.Prefix(f"{folder}/wine-a")
    check("Knothole is installed silently", 0, first.run(setup, "/S").returncode)
    os.makedirs(first.path("C:/got"))
    first.end()
    second = wine.Prefix(f"{folder}/wine-c", like=first)
    try:
        check_nat(lab, second)
        check_linux_calls(lab, first)
        check_windows_calls(lab, second)
        check_two_windows(lab, first, second)
        check_goes_on(lab, first)
        check_server(lab, second)
    finally:
        first.end()
        second.end()
    check_comes("the server ends cleanly", 0, lab.server.end)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", metavar="BUILD")
    [setup] = glob.glob(f"{parser.parse_args().build}/knothole-*-setup.exe")

    def body():
        with programs.folder("lab-windows-") as folder, \
                network.Network(delay_ms=10, **SITES) as net:
            test(net, folder, os.path.abspath(setup))

    return clients.conclude(body)


if __name__ == "__main__":
    sys.exit(main())

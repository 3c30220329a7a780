#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where nothing direct works the server relays, says so, and gives way to a direct path.

Two routers that give every connection another port are connected through the relay at once,
unless a person or the operator forbids it. Where only the way between the two is blocked, the
relay carries a file, and when that way opens the rest of it goes over a direct path:
without a byte lost, and almost none twice.
"""

import argparse
import filecmp
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import clients  # noqa: E402
import network  # noqa: E402
import programs  # noqa: E402
from checks import at_once, check  # noqa: E402
from clients import CONE, CONNECT_S, MIB, TRANSFER_S  # noqa: E402

EXIT_NO_PATH = 5
TWICE = 4 * MIB  # bytes of a file that may be received twice
LINKS = network.Link(delay_ms=5, rate=80_000_000)
SLOWED = {"moved-a": CONE, "moved-b": CONE}
OTHERS = {"hopeless-a": "symmetric", "hopeless-b": "symmetric", "off-a": "symmetric",
          "off-b": "symmetric"}


def check_hopeless(lab):
    title = "two random routers"
    listener, listener_id = lab.listen("hopeless-a")
    chat = lab.cli("hopeless-b", "chat", listener_id, "--message", "over the relay")
    for program, end in ((chat, "the caller"), (listener, "the called")):
        check(f"{title}: {end} says that it is relayed", "relay",
              program.wait("connected", CONNECT_S)["path"])
    check(f"{title}: a message arrives", "over the relay",
          listener.wait("message", CONNECT_S)["text"])
    check(f"{title}: exit status 0", 0, chat.join(CONNECT_S))
    for flags in ["--no-relay"], []:
        whose = "the caller" if flags else "the called"
        if not flags:
            listener.end()
            listener, _ = lab.listen("hopeless-a", "--no-relay")
        refused = lab.cli("hopeless-b", "ping", listener_id, *flags)
        check(f"{title}, {whose} refuses the relay: exit status {EXIT_NO_PATH}",
              EXIT_NO_PATH, refused.join(CONNECT_S))
        error, = (e["message"] for e in refused.events if e["event"] == "error")
        check(f"{title}, {whose} refuses the relay: it is said why", True,
              "both routers give every connection another port" in error or error)
    check(f"{title}: the listener ends cleanly", 0, listener.end())


def check_switched_off(lab):
    title = "an operator who has switched the relay off"
    server = programs.Server(lab.net, lab.folder, name="off", arguments=[
        "--listen", f"{network.SERVER_ADDRESSES[0]}:7480",
        "--assist", f"{network.SERVER_ADDRESSES[0]}:7481", "--relay", "off"])
    other = clients.Lab(lab.net, server, lab.folder)
    listener, listener_id = other.listen("off-a")
    check(f"{title}: exit status {EXIT_NO_PATH}", EXIT_NO_PATH,
          other.cli("off-b", "ping", listener_id).join(CONNECT_S))
    check(f"{title}: both end cleanly", [0, 0], [listener.end(), server.end()])


def check_moved(lab, size=32 * MIB):
    title = "a way that opens"
    path = lab.random_file("moved.bin", size)
    servers = ", ".join(network.SERVER_ADDRESSES)
    listener, listener_id = lab.listen("moved-a")
    received = clients.Received(lab, "moved-a")
    with clients.forbidden(lab, "moved-b",
                           f"ip saddr != {{ {servers} }} ip daddr != {{ {servers} }} drop"):
        sender = lab.cli("moved-b", "send", listener_id, path)
        check(f"{title}: relayed at first", "relay",
              sender.wait("connected", CONNECT_S)["path"])
        listener.wait("progress", CONNECT_S, bytes=lambda n: n > 4 * MIB)
    moved = sender.wait("connected", TRANSFER_S)
    check(f"{title}: then direct", "punched", moved["path"])
    check(f"{title}: exit status 0", 0, sender.join(TRANSFER_S))
    listener.wait("done", TRANSFER_S)
    got = f"{lab.got('moved-a')}/moved.bin"
    check(f"{title}: equal at the end", True, filecmp.cmp(path, got, shallow=False))
    check(f"{title}: not all of it was relayed", True,
          listener.wait("connected", CONNECT_S, anywhere=True, path="punched") is not None)
    extra = received.bytes() - clients.sent_of(size)
    check(f"{title}: at most 4 MiB received twice ({extra} bytes more than the file)",
          lambda n: n <= TWICE, extra)
    check(f"{title}: the listener ends cleanly", 0, listener.end())


def test(net, folder):
    server = programs.Server(net, folder)
    at_once(clients.Lab(net, server, folder), check_hopeless, check_switched_off,
            check_moved)
    check("the server ends cleanly", 0, server.end())


def main():
    argparse.ArgumentParser(
        prog="lab relay-test", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()

    def body():
        with programs.folder("lab-relay-", clients.place(128 * MIB)) as folder, \
                network.Network(links={name: LINKS for name in SLOWED},
                                **(SLOWED | OTHERS)) as net:
            test(net, folder)

    return clients.conclude(body)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""A call that finds no path says why, and what to do next: each sentence for its own cause.

Every cause is made by routers and firewalls, and the sentence is the one that the caller
prints. None takes longer than it may: 10 s from the acceptance, 15 s where ports are
sprayed.
"""

import argparse
import os
import sys
import threading

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import clients  # noqa: E402
import network  # noqa: E402
import programs  # noqa: E402
from checks import at_once, check  # noqa: E402
from clients import CONE, CONNECT_S  # noqa: E402

EXIT_NO_PATH = 5
SERVERS = ", ".join(network.SERVER_ADDRESSES)
DIRECT = f"ip saddr != {{ {SERVERS} }} ip daddr != {{ {SERVERS} }}"
NAMES = ("here", "there", "silent", "refused", "route", "stranger")
SITES = {f"{name}-{side}": CONE for name in NAMES for side in "ab"} | {
    f"{name}-{side}": "symmetric" for side in "ab"
    for name in ("off", "us", "them", "spent", "busy", "holder")}
SYMMETRIC = ("both routers give every connection another port, which can't be known before, "
             "and ")


def fail(lab, name, title, said, *flags, listener_flags=()):
    """A call from NAME-b to NAME-a, which must fail with that sentence."""
    listener, listener_id = lab.listen(f"{name}-a", *listener_flags)
    caller = lab.cli(f"{name}-b", "ping", listener_id, *flags)
    check(f"{title}: exit status {EXIT_NO_PATH}", EXIT_NO_PATH, caller.join(CONNECT_S))
    errors = [event["message"] for event in caller.events if event["event"] == "error"]
    check(f"{title}: it says so", lambda texts: len(texts) == 1 and said in texts[0], errors)
    check(f"{title}: the listener ends cleanly", 0, listener.end())


def check_here(lab):
    with clients.forbidden(lab, "here-b", "tcp dport 7471 drop"):
        fail(lab, "here", "a firewall here",
             "the connections from here to the server's assist port did not arrive. A "
             "firewall here may block the server's assist port (7471 as a rule)")


def check_there(lab):
    with clients.forbidden(lab, "there-a", "tcp dport 7471 drop"):
        fail(lab, "there", "a firewall there",
             "the peer's connections to the server's assist port did not arrive. A "
             "firewall there may block the server's assist port (7471 as a rule)")


def check_silent(lab):
    with clients.forbidden(lab, "silent-b", f"{DIRECT} drop"):
        fail(lab, "silent", "a way that is blocked",
             "nothing came back from the other side's router, and the relay is not allowed "
             "here. Try once more", "--no-relay")


def check_refused(lab):
    with clients.resets(lab, "refused-b"):
        fail(lab, "refused", "a way that resets",
             "the other side's router refused every attempt, and the relay is not allowed "
             "here. Try once more", "--no-relay")


def check_route(lab):
    lab.net.host("route-b").ip(f"route add unreachable {lab.net.public_address('route-a')}")
    fail(lab, "route", "no way to that address",
         "this computer has no way to the peer's kind of address, and the relay is not "
         "allowed here. Connect this computer to a network", "--no-relay")


def check_stranger(lab):
    """Whatever comes to the router of the called ends at somebody else."""
    router = lab.net.host("router-stranger-a")
    stranger = lab.net.socket("router-stranger-a")
    stranger.bind(("", 7))
    stranger.listen(64)
    visitors = []

    def greet():
        while True:
            try:
                visitor, _ = stranger.accept()
            except OSError:
                return
            visitors.append(visitor)
            visitor.sendall(b"220 smtp.example ESMTP, which is no Knothole\r\n" * 4)

    threading.Thread(target=greet, daemon=True).start()
    router.nft("table ip stranger {\n chain in {\n"
               "  type nat hook prerouting priority dstnat - 10;\n"
               '  iifname "wan" tcp dport 1024-65535 redirect to :7\n }\n'
               " chain welcome {\n  type filter hook input priority filter - 10;\n"
               '  tcp dport 7 accept\n }\n}\n')
    router.nft('insert rule ip lab input iifname "wan" tcp dport 7 accept\n')
    # What the called sends stays inside, so that nothing of its own is expected.
    with clients.forbidden(lab, "stranger-a", f"{DIRECT} drop"):
        fail(lab, "stranger", "somebody else at the peer's address",
             "someone else answered at the peer's address, and the relay is not allowed "
             "here. Ask the other person to try from another network", "--no-relay")
    stranger.close()


def check_us(lab):
    fail(lab, "us", "two random routers, no relay here",
         f"{SYMMETRIC}the relay is not allowed here. Allow the relay, or switch on port "
         "mapping",
         "--no-relay")


def check_them(lab):
    fail(lab, "them", "two random routers, no relay there",
         f"{SYMMETRIC}the other person does not allow the relay. Ask the other person to "
         "allow",
         listener_flags=("--no-relay",))


def other_server(lab, name, port, *arguments, limits=None):
    """Another one on the same host, and a lab whose clients go there."""
    address = network.SERVER_ADDRESSES[0]
    server = programs.Server(lab.net, lab.folder, limits, name=name, arguments=[
        "--listen", f"{address}:{port}", "--assist", f"{address}:{port + 1}", *arguments])
    return server, clients.Lab(lab.net, server, lab.folder)


def check_off(lab):
    server, other = other_server(lab, "off", 7480, "--relay", "off")
    fail(other, "off", "two random routers, a server without a relay",
         f"{SYMMETRIC}the server relays nothing. Switch on port mapping")
    check("a server without a relay ends cleanly", 0, server.end())


def check_spent(lab):
    """The first call takes all that there is for a day: it breaks off."""
    server, other = other_server(lab, "spent", 7484, "--relay-volume", "2000")
    listener, listener_id = other.listen("spent-a")
    path = lab.random_file("spent.bin", clients.MIB)
    first = other.cli("spent-b", "send", listener_id, path)
    first.wait("connected", CONNECT_S)
    first.wait("disconnected", CONNECT_S)
    first.end()
    listener.end()
    fail(other, "spent", "two random routers, nothing left for the day",
         f"{SYMMETRIC}what the server relays for one of you in a day is used up. Try again "
         "tomorrow")
    check("a server whose relay is used up ends cleanly", 0, server.end())


def check_busy(lab):
    server, other = other_server(lab, "busy", 7488, limits={"relays": 1})
    listener, listener_id = other.listen("holder-a")
    holder = other.cli("holder-b", "ping", listener_id, "--count", "1000")
    check("the only relay is taken", "relay", holder.wait("connected", CONNECT_S)["path"])
    fail(other, "busy", "two random routers, a relay that is taken",
         f"{SYMMETRIC}the server relays too much right now. Try again in some minutes")
    holder.end()
    check("who held the relay ends cleanly", 0, listener.end())
    check("a server whose relay is taken ends cleanly", 0, server.end())


def test(net, folder):
    server = programs.Server(net, folder)
    at_once(clients.Lab(net, server, folder), check_here, check_there, check_silent,
            check_refused, check_route, check_stranger, check_us, check_them, check_off,
            check_spent, check_busy)
    check("the server ends cleanly", 0, server.end())


def main():
    argparse.ArgumentParser(
        prog="lab reasons-test", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()

    def body():
        with programs.folder("lab-reasons-") as folder, \
                network.Network(delay_ms=5, **SITES) as net:
            test(net, folder)

    return clients.conclude(body)


if __name__ == "__main__":
    sys.exit(main())

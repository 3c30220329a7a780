#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has not said yes gives away no address; who was blocked learns nothing."""

import os
import re
import socket
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from pair import check, check_comes, run, until, with_options  # noqa: E402

ETH_P_IP = 0x0800
ASSIST_PORT = 7471
CALL_S = 20  # a call that nobody answers ends; usually a minute


class Wiretap:
    """Sees every packet that crosses the internet: addresses, and where it goes."""

    def __init__(self, net):
        self.seen = set()
        self.tap = net.call("internet", socket.socket, socket.AF_PACKET, socket.SOCK_DGRAM,
                            socket.htons(ETH_P_IP))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            packet = self.tap.recv(2048)
            header = (packet[0] & 15) * 4
            self.seen.add((socket.inet_ntoa(packet[12:16]), socket.inet_ntoa(packet[16:20]),
                           int.from_bytes(packet[header + 2:header + 4], "big")))

    def packets(self):
        """As of now: the thread goes on to listen."""
        return list(self.seen)

    def between(self, one, other):
        """Whether anything went directly from one to the other, in either direction."""
        return any({source, target} == {one, other} for source, target, _ in self.packets())

    def from_to_port(self, source, port):
        return any((s, p) == (source, port) for s, _, p in self.packets())


def asks(alice, bob, tap, net):
    alice.open("Bob")
    bob.row("Alice")
    until(lambda: re.search("Wants to talk to you",
                            bob.app.find("list item", "Alice").description),
          what="request in the row")
    bob.open("Alice")
    check("an unknown caller shows as a request", True,
          bob.app.find(name="Alice wants to connect with you.").shown())
    check("which says what accepting gives away", True,
          bob.sees(re.compile("They learn your internet address when you accept")).shown())
    own, theirs = net.public_address("b"), net.public_address("a")
    check_comes("the wire is listened to", True, lambda: tap.from_to_port(own, 7470))
    check("nothing has gone to the caller", False, tap.between(own, theirs))
    check("nor has a port been opened for it", False, tap.from_to_port(own, ASSIST_PORT))


def declines(alice, bob, tap, net):
    bob.press("Decline")
    check("the caller sees that it was declined", True,
          alice.app.find(name="Bob declined.").shown())
    check("and what happens to what is written", True,
          alice.sees("What you write is kept until Bob accepts.").shown())
    check("still nothing has gone to the caller", (False, False), (
        tap.between(net.public_address("b"), net.public_address("a")),
        tap.from_to_port(net.public_address("b"), ASSIST_PORT)))
    check_comes("the request is gone", False, lambda: bob.app.has("push button", "Accept"))
    alice.screenshot("consent-1-declined")


def accepts(alice, bob, tap, net):
    alice.press("Try Again")
    bob.press("Accept")
    for window in alice, bob:
        window.connected()
    check_comes("who is accepted is connected", True, lambda: tap.between(
        net.public_address("b"), net.public_address("a")))
    alice.say("Thank you")
    bob.sees("Thank you")


def blocks(alice, bob):
    bob.choose("Conversation menu", re.compile("^Block"))
    bob.dialog("Block Alice?")
    bob.screenshot("consent-2-block")
    bob.press("Block")
    bob.no_dialog()
    check("blocking ends the connection", True,
          alice.app.find("push button", re.compile("^(Connect|Reconnect)$")).shown())
    check("who has blocked is told so", True,
          bob.app.find(name="You have blocked Alice.").shown())
    check_comes("and can write no more", False, lambda: bob.app.has("text", "Message"))
    bob.screenshot("consent-3-blocked")


def tries_in_vain(alice, bob):
    alice.press(re.compile("^(Connect|Reconnect)$"), count=2)  # to "Cancel", which stands there
    check("who is blocked waits like anybody else, also after a double click", True,
          alice.app.find(name="Waiting for Bob to accept").shown())
    check("and learns no more than that nobody answers", True,
          alice.app.find(name="Bob did not answer.", timeout=CALL_S + 40).shown())
    check("least of all that it is blocked", False, any(
        re.search("block", w.seen_name, re.I) for w in alice.strip().walk()))
    check("until its end the call has not shown", False,
          bob.app.has("push button", "Accept"))
    check("nor has a notification", [], [
        n["summary"] for n in bob.session.notifications(bob.name)[bob.notified:]])


def unblocks(alice, bob):
    bob.press("Unblock")
    bob.app.find("text", "Message")
    check_comes("unblocked, one can write again", False,
                lambda: bob.app.has(name="You have blocked Alice."))
    alice.press("Try Again")
    alice.connected()
    check("and be called", True, bob.connected().shown())


@with_options(limits={"call-ms": CALL_S * 1000})
def test_consent(pair):
    alice, bob = pair.alice, pair.bob
    for window in alice, bob:
        window.network_is("Ordinary router")
    tap = Wiretap(pair.net)
    asks(alice, bob, tap, pair.net)
    declines(alice, bob, tap, pair.net)
    accepts(alice, bob, tap, pair.net)
    blocks(alice, bob)
    bob.notified = len(bob.session.notifications(bob.name))
    tries_in_vain(alice, bob)
    unblocks(alice, bob)


if __name__ == "__main__":
    sys.exit(run(test_consent))

#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""The badge and the window "Your Network" say what kind of router there is, and again when
it has become another one; the list and the conversation say before a click what to expect of
a connection with somebody, from both ends the same."""

import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from pair import check, check_comes, run, until, with_options  # noqa: E402
import programs  # noqa: E402
from widgets import Gone  # noqa: E402

BADGE = "Your network: "
TEST_S = 60

# Of two routers that can't be opened for each other: what is read aloud, the line in the
# list and the sentence, where the server relays and where it does not.
NO_DIRECT_WAY = {
    "Direct connection: only with a port mapping": (
        "Online · Needs port mapping",
        "Bob is online. A direct connection works only with a port mapping: turn on UPnP in "
        "your router."),
    "Direct connection: unlikely, only relayed": (
        "Online · Relayed only",
        "Bob is online. A connection will most likely go through the server, which can’t "
        "read it."),
}


def check_badge(window, words):
    """The test begins by itself; its end is seen in the badge."""
    window.focus()
    check(f"{window.name}'s badge says: {words}", True,
          window.network_is(words, TEST_S).shown())


def facts(window):
    """What the window says, by its titles; also what one would have to scroll to."""
    try:
        rows = window.dialog("Your Network").all("list item", shown=False)
        return {row.name: row.description for row in rows}
    except Gone:
        return {}  # something new has just come


def check_facts(window, **wanted):
    for title, value in wanted.items():
        title = title.replace("_", " ")
        check_comes(f"{window.name}'s network: {title}", value,
                    lambda title=title: facts(window).get(title), TEST_S)


def check_outlook(pair, line, spoken):
    """The rows of both say this, to the eye and to a screen reader."""
    for window, other in (pair.alice, pair.bob), (pair.bob, pair.alice):
        check_comes(f"{window.name} is told of {other.name}", f"Online, {spoken}",
                    lambda w=window, o=other: w.presence(o.name), TEST_S)
        check(f"{window.name} reads of {other.name}", True, window.sees(line).shown())


def listed_at(pair, host):
    """What knothole-cli lists there: the kind of network of each, and what is said of it."""
    cli = pair.net.popen(
        host, [programs.find_program("knothole-cli"), "--json", "--name", "Carol",
               "--data-dir", f"{pair.folder}/carol", "--server", pair.server.address,
               "peers"], stdout=subprocess.PIPE, text=True)
    said, _ = cli.communicate(timeout=programs.END_S)
    events = [json.loads(line) for line in said.splitlines()]
    return {event["name"]: (event["network"], event["direct"])
            for event in events if event["event"] == "peer"}


@with_options(a="symmetric-sequential", b="restricted-cone")
def test_network(pair):
    alice, bob = pair.alice, pair.bob
    check_badge(alice, "Difficult router")
    check_badge(bob, "Easy router")
    check_outlook(pair, "Online · Direct: very likely", "Direct connection: very likely")

    alice.press(BADGE + "Difficult router")
    check_facts(alice, Kind_of_router="Symmetric", Mapping="Address- and port-dependent",
                Filtering="Address- and port-dependent",
                Choice_of_ports="One after the other, 1 apart", Hairpin="No",
                Unexpected_connections="Dropped in silence")
    alice.screenshot("network-1-symmetric", focus=False)

    bob.press(BADGE + "Easy router")
    check_facts(bob, Kind_of_router="Full or restricted cone", Mapping="Not known",
                Choice_of_ports="The same port as inside")
    check("one address is said to be too little", True, bob.dialog("Your Network").find(
        "label", "This server has only one address, which is not enough to tell.").shown())

    # The connection to the server is lost with the old router. It comes back by itself, and
    # so does the test that nobody answers.
    pair.net.set_profile("a", "port-restricted-cone+rst")
    alice.dialog("Your Network").find("push button", "Test Again").click()
    check_facts(alice, Kind_of_router="Port-restricted cone",
                Unexpected_connections="Refused at once")
    alice.screenshot("network-2-another", focus=False)
    alice.session.key("Escape")
    check_badge(alice, "Ordinary router")
    check_outlook(pair, "Online · Direct: very likely", "Direct connection: very likely")
    bob.dialog("Your Network")
    bob.session.key("Escape")
    bob.no_dialog()
    pair.meet()
    check_comes("and so it came", re.compile("^Connected directly").search,
                lambda: alice.presence("Bob"))


@with_options(a="symmetric", b="symmetric-sequential")
def test_what_to_expect(pair):
    alice, bob = pair.alice, pair.bob
    for window in alice, bob:
        check_badge(window, "Difficult router")
    spoken = until(lambda: next((spoken for spoken in NO_DIRECT_WAY
                                 if alice.presence("Bob") == f"Online, {spoken}"), None),
                   TEST_S, "Alice's list to say that there is no direct way to Bob")
    line, sentence = NO_DIRECT_WAY[spoken]
    check_outlook(pair, line, spoken)
    alice.screenshot("network-3-no-direct-way")

    # It holds nobody back.
    alice.open("Bob")
    bob.sees("Wants to talk to you")
    alice.press("Cancel")
    check("Alice's conversation has the whole sentence", True, alice.sees(sentence).shown())
    connect = alice.button("Connect")
    check("Connect can be pressed", True, connect.sensitive())
    check("and says what to expect", spoken, connect.description)
    alice.screenshot("network-4-not-connected")

    pair.net.set_profile("b", "port-restricted-cone")
    bob.press(BADGE + "Difficult router")
    bob.dialog("Your Network").find("push button", "Test Again").click()
    bob.session.key("Escape")
    check_badge(bob, "Ordinary router")
    check_outlook(pair, "Online · Direct: possible", "Direct connection: possible")
    check("Alice's conversation says so too", True, alice.sees(
        "Bob is online. A direct connection is possible, and may take a few seconds.").shown())
    alice.screenshot("network-5-possible")
    check("knothole-cli lists the same kinds, to somebody whose own is not known",
          {"Alice": ("symmetric-random", "unknown"),
           "Bob": ("port-restricted-cone", "possible")}, listed_at(pair, "b"))


if __name__ == "__main__":
    sys.exit(run(test_network, test_what_to_expect))

#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""The badge and the window "Your Network" say what kind of router there is, and again when
it has become another one."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from pair import check, check_comes, run, with_options  # noqa: E402
from widgets import Gone  # noqa: E402

BADGE = "Your network: "
TEST_S = 60


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


@with_options(a="symmetric-sequential", b="restricted-cone")
def test_network(pair):
    alice, bob = pair.alice, pair.bob
    check_badge(alice, "Difficult router")
    check_badge(bob, "Easy router")

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


if __name__ == "__main__":
    sys.exit(run(test_network))

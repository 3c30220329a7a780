#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server goes, comes back, or is another one; and a way that can't be found."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from pair import (START_S, check, check_comes, network, programs, run,  # noqa: E402
                  with_options)

LOST = re.compile("^(The connection to the server is lost|The server can’t be reached)$")
BOTH_DIFFICULT = ("Both routers take another port for every connection, which can’t be "
                  "known before.")
BACK_S = 90  # the waits between attempts to reach a server grow with how long it has been away


def test_server_lost(pair):
    alice, bob = pair.alice, pair.bob
    pair.meet()
    alice.say("Before")
    alice.marked("Before", re.compile("^Delivered"))
    pair.server.kill()
    for window in alice, bob:
        check(f"{window.name} reads that the server is gone", True,
              window.sees(LOST).shown())
        check("and that the window looks for it", True,
              window.app.find("label", re.compile("^(Connecting…|Offline)$")).shown())
    check("the connection stands", (True, True),
          (alice.connected().shown(), bob.connected().shown()))
    alice.say("Nobody in the middle")
    bob.say("Nobody needed")
    check("messages arrive without a server", True,
          bob.sees("Nobody in the middle").shown() and alice.sees("Nobody needed").shown())
    check("and are confirmed", True,
          alice.marked("Nobody in the middle", re.compile("^Delivered")).shown())
    alice.screenshot("server-1-lost")

    pair.server = programs.Server(pair.net, pair.folder)
    pair.stack.callback(pair.server.kill)
    for window in alice, bob:
        check(f"the server is back: {window.name} is online by itself", True,
              window.sees("Online", BACK_S).shown())
        check_comes("and the trouble is not shown any more", False,
                    lambda window=window: window.app.has("label", LOST))
    check("still connected", (True, True),
          (alice.connected().shown(), bob.connected().shown()))


def addresses(pair):
    """Of everybody who takes part."""
    return [network.SERVER_ADDRESSES[0], network.SERVER_ADDRESSES[1],
            *(address for host in pair.hosts for address in (
                pair.net.address(host), pair.net.public_address(host)))]


def forbid_the_relay(window):
    """On the way it is seen that not every number is a port."""
    window.focus()
    window.session.key("ctrl+comma")
    preferences = window.dialog("Preferences")
    preferences.find(name="System").click()
    switch = preferences.find("check box", "Relay where nothing direct works")
    check("a relay is allowed until somebody forbids it", True, "checked" in switch.states)
    switch.click()
    check_comes("then it is not", False, lambda: "checked" in switch.states)
    port = preferences.find("text", "Port forwarded by hand")
    for text, is_wrong in ("80", True), ("40123", False), ("0", False):
        port.fill(text)
        check_comes(f"a forwarded port {text!r} is {'wrong' if is_wrong else 'right'}",
                    is_wrong, lambda: "invalid" in port.states)
    window.session.key("Escape")
    window.no_dialog()


@with_options(a="symmetric", b="symmetric")
def test_no_way(pair):
    alice, bob = pair.alice, pair.bob
    forbid_the_relay(alice)
    alice.open("Bob")
    bob.sees("Wants to talk to you")
    bob.open("Alice")
    bob.press("Accept")
    check("the strip says why there is no connection", True, alice.app.find(
        name=BOTH_DIFFICULT, timeout=60).shown())
    check("and what may help", True, alice.sees(
        re.compile(r"^You have switched the relay off: allow it, .* \(UPnP\)")).shown())
    check_comes("with one next step", ["Details", "See Preferences"], lambda: sorted(
        w.seen_name for w in alice.strip().all("push button")))
    check("Bob sees the reason too", True, bob.app.find(
        name=BOTH_DIFFICULT, timeout=60).shown())
    alice.screenshot("server-2-no-way")

    alice.press("Details")
    report = alice.dialog("Report")
    ways = report.find("list", "Ways that were known", shown=False)
    check_comes("the report has every candidate with its address",
                lambda shown: pair.net.public_address("b") in shown,
                lambda: " ".join(w.text for w in ways.walk() if w.role == "label"))
    check_comes("and when each step came", True, lambda: report.find("list", "Steps").has(
        "label", re.compile(r"^After \d+\.\d\d s$")))
    alice.screenshot("server-3-report")
    alice.press("Copy")
    report.find("label", "Copied, addresses replaced")
    copy = alice.session.clipboard()
    check("the copy tells what happened", re.compile("Both routers take another").search, copy)
    check("but not a single address", [], [a for a in addresses(pair) if a in copy])
    check("nor who they are", [], [name for name in ("Alice", "Bob") if name in copy])
    print("\n".join("      | " + line for line in copy.splitlines()))


def test_another_key(pair):
    alice, bob = pair.alice, pair.bob
    alice.row("Bob")
    pair.server.kill()
    other = programs.Server(pair.net, f"{pair.folder}/other")
    check("there is another server at the address", True,
          other.address.rsplit("/", 1)[0] == pair.server.address.rsplit("/", 1)[0]
          and other.address != pair.server.address)
    check("a server with another key is a stop", True,
          alice.sees("The server is not the one you know", BACK_S).shown())
    check("with a clear sentence", True,
          alice.sees(re.compile("somebody sits between you")).shown())
    check("and nobody is online there", True, alice.sees("Offline").shown())
    alice.screenshot("server-4-other-key")
    bob.sees("The server is not the one you know", BACK_S)  # he dials at other times than Alice
    other.kill()
    pair.server = programs.Server(pair.net, pair.folder)
    pair.stack.callback(pair.server.kill)
    alice.press("Try Again")
    check("the right one is taken again", True, alice.sees("Online", BACK_S).shown())
    bob.press("Try Again")
    check_comes("and the other one is seen there", re.compile("^Online").search,
                lambda: alice.presence("Bob"), START_S)


if __name__ == "__main__":
    sys.exit(run(test_server_lost, test_no_way, test_another_key))

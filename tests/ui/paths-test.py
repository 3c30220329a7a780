#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever way two computers found to each other, the windows say which: in the strip, the
list and the report, the same as knothole-cli at the same places says of its own connection.

Two windows and two knothole-cli move from one pair of routers to the next. In the end one way
becomes another while the windows watch.
"""

import contextlib
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from pair import (CONE, check, check_comes, network, programs,  # noqa: E402
                  run, with_options)
import clients  # noqa: E402

# A guess may miss, or the relay be faster: then it comes by itself a little later.
PATH_S = 60

# Of each kind of path: the name of it in the strip and the words beside it, the row of the
# person, and what is used in the report and how that begins.
SAID = {
    "lan": ("Same network", "IPv4 · ", "Connected on this network", "In the same network",
            "Connected to Bob on this network in "),
    "ipv6": ("Direct connection", "IPv6 · ", "Connected directly over IPv6", "Over IPv6",
             "Connected directly to Bob in "),
    "punched": ("Direct connection", "IPv4 · ", "Connected directly", "Through both routers",
                "Connected directly to Bob in "),
    "predicted": ("Direct connection", "by a guessed port · IPv4 · ",
                  "Connected directly (guessed port)", "By guessed ports",
                  "Connected directly to Bob in "),
    "mapped": ("Direct connection", "by an open port · IPv4 · ",
               "Connected directly (open port)", "By an open port",
               "Connected directly to Bob in "),
    "relay": ("Through the server", "encrypted end to end, looks for a direct path · ",
              "Connected through the server", "Through the server",
              "Connected to Bob through the server in "),
}
PROMISE = "No message or file byte goes through any server"
RELAYED = "The server passes on what the computers send each other."
# As an address or a text would end in it.
PORT_ZERO = re.compile(r":0\b|\bport 0\b")

# The kind of path, the hosts of Alice and Bob, and what their routers become before.
PLACES = (
    ("ipv6", ("a", "b"), {}),
    ("punched", ("a", "b"), {"a": CONE, "b": CONE}),
    ("relay", ("a", "b"), {"a": "symmetric", "b": "symmetric"}),
    ("mapped", ("a", "b"), {"a": "symmetric+upnp"}),
    ("predicted", ("a", "b"), {"a": CONE}),
    ("lan", ("a", "a2"), {}),
    ("punched", ("c", "d"), {}),  # behind one carrier
)
AT_FIRST = {"a": "symmetric+ipv6", "b": "symmetric+ipv6",
            "c": f"{CONE}+carrier", "d": f"{CONE}+carrier"}


class Commands:
    """Carol and Dave, who have no window: what is true at two places."""

    def __init__(self, pair, hosts):
        one, other = hosts
        self.called = self._start(pair, other, "dave", "listen", "--accept", "all")
        self.caller = self._start(pair, one, "carol", "chat", self.called.identity())

    @staticmethod
    def _start(pair, host, name, *command):
        return programs.Cli(pair.net, host, pair.server, f"{pair.folder}/{name}", *command)

    def agree_on(self, kind):
        """Waits until both have told of that path; the last that they have told of."""
        for program in self.called, self.caller:
            program.wait("connected", PATH_S, path=kind)
        return [next(event["path"] for event in reversed(program.events)
                     if event["event"] == "connected")
                for program in (self.called, self.caller)]

    def end(self):
        return [program.end() for program in (self.caller, self.called)]


def move(pair, hosts):
    """Both windows are at other places, and have forgotten nothing."""
    for window in pair.windows():
        window.quit()
    pair.alice.host, pair.bob.host = hosts
    for window in pair.alice, pair.bob:
        window.launch()
    for window in pair.alice, pair.bob:
        window.attach()


def badge(window):
    """Name of the path in the strip and the words beside it; None: there is none."""
    buttons = [button for kind in sorted({said[0] for said in SAID.values()})
               for button in window.strip().all("push button", kind)]
    return (buttons[0].name, buttons[0].description) if buttons else None


def check_windows(pair, kind):
    name, beside, row, _, _ = SAID[kind]
    for window, other in (pair.alice, pair.bob), (pair.bob, pair.alice):
        check_comes(f"{kind}: {window.name}'s strip says so",
                    lambda said: said and said[0] == name and said[1].startswith(beside),
                    lambda window=window: badge(window), PATH_S)
        check_comes(f"{kind}: and {window.name}'s list", row,
                    lambda w=window, o=other: w.presence(o.name).split(", ")[0])


def labels(widget):
    return [label.text for label in widget.walk() if label.role == "label"]


def used_way(report):
    """Of all that was tried what was used."""
    ways = report.find("list", "Ways that were known", shown=False)
    return [row.name for row in ways.all("list item", shown=False) if "Used" in labels(row)]


def check_report(pair, kind):
    alice = pair.alice
    name, _, _, used, outcome = SAID[kind]
    alice.press(name)
    alice.sees(re.compile(f"^.*{RELAYED if kind == 'relay' else PROMISE}"))
    alice.screenshot(f"paths-{kind}")
    alice.press("Report")
    report = alice.dialog("Report")
    check_comes(f"{kind}: the report begins with it", True, lambda: report.has(
        "label", re.compile(f"^{outcome}")))
    check_comes(f"{kind}: and has it among what was tried", [used], lambda: used_way(report))
    check(f"{kind}: no port is 0", [],
          [text for text in labels(report) if PORT_ZERO.search(text)])
    alice.screenshot(f"paths-{kind}-report", focus=False)
    alice.session.key("Escape")
    alice.no_dialog()


def check_place(pair, kind, hosts, profiles):
    for window in pair.windows():
        window.quit()
    for name, profile in profiles.items():
        pair.net.set_profile(name, profile)
    move(pair, hosts)
    commands = Commands(pair, hosts)
    if kind == PLACES[0][0]:
        pair.meet()
    else:
        pair.alice.open("Bob").connected()
        pair.bob.open("Alice")
    check(f"{kind}: knothole-cli says so at both ends", [kind, kind],
          commands.agree_on(kind))
    check_windows(pair, kind)
    check_report(pair, kind)
    check(f"{kind}: knothole-cli ends well", [0, 0], commands.end())


@contextlib.contextmanager
def no_way_between(pair):
    """The two routers pass on only what goes to the server, or comes from it."""
    servers = ", ".join(network.SERVER_ADDRESSES)
    with clients.forbidden(pair, "b", f"ip saddr != {{ {servers} }} "
                                      f"ip daddr != {{ {servers} }} drop"):
        yield


@with_options(**AT_FIRST, behind={"a2": "a"}, behind_carrier={"d": "c"}, started=False)
def test_paths(pair):
    for kind, hosts, profiles in PLACES:
        check_place(pair, kind, hosts, profiles)


@with_options(a=CONE, b=CONE)
def test_relay_gives_way(pair):
    alice = pair.alice
    with no_way_between(pair):
        pair.meet()
        check_windows(pair, "relay")
        alice.say("By way of the server")
        check("a message arrives", True, pair.bob.sees("By way of the server").shown())
    check_windows(pair, "punched")
    check_report(pair, "punched")
    check("what was said is still there, once", ["By way of the server"], pair.bob.texts())
    pair.bob.say("And without it")
    check("and more comes", True, alice.sees("And without it").shown())


if __name__ == "__main__":
    sys.exit(run(test_paths, test_relay_gives_way))

# SPDX-License-Identifier: GPL-3.0-or-later
"""File cards, as a person at a window reads and uses them.

    drop(alice, path)                          # on her conversation
    card = Card(bob, "garden.png")
    card.says("wants to send you this")        # waits; what the card says of itself
    card.press("Accept")
    card.says("Received")

A card's name tells what a screen reader says of it: what it is, how much, how it stands.
"""

import os
import re
import subprocess
import sys
import time
import urllib.request

from pair import check, complaints_in, until

SAID_S = 30  # a busy machine
TRANSFER_S = 120


class Card:
    """The newest card with that title in the open conversation of a window."""

    def __init__(self, window, title, timeout_s=SAID_S):
        self.window = window
        self.title = title
        self.pattern = re.compile("^" + re.escape(title) + "[,:]")
        self.find(timeout_s)

    def __repr__(self):
        return f"{self.window.name}'s card {self.title!r}"

    def find(self, timeout_s=SAID_S):
        messages = self.window.app.find("list", "Messages", timeout=timeout_s, shown=False)
        return until(lambda: self._all(messages), timeout_s, f"{self!r}")[-1]

    def _all(self, messages):
        return [card for role in ("panel", "grouping")  # as GTK 4.8 has it, and 4.18
                for card in messages.all(role, self.pattern)]

    def state(self):
        """All of what it says; digits are kept together by ordinary spaces."""
        return self.find().seen_name.replace("\N{NO-BREAK SPACE}", " ")

    def says(self, what, timeout_s=SAID_S):
        """Waits until it says this (a text in it, or a pattern); all of what it says."""
        rx = what if hasattr(what, "search") else re.compile(re.escape(what))
        last = [""]

        def look():
            last[0] = self.state()
            return rx.search(last[0])
        until(look, timeout_s, lambda: f"{self!r} to say {rx.pattern!r}, says {last[0]!r}")
        return last[0]

    def labels(self):
        return [label.seen_name for label in self.find().all("label")]

    def has(self, button):
        return bool(self.find().all("push button", button))

    def press(self, button):
        self.window.focus()
        found = until(lambda: [b for b in self.find().all("push button", button)
                               if b.sensitive()], SAID_S, f"{button!r} of {self!r} to be of use")
        found[0].click()
        return self


def check_says(title, card, what, timeout_s=SAID_S):
    """A check that a card comes to say this."""
    try:
        said = card.says(what, timeout_s)
    except AssertionError:
        said = None
    rx = what if hasattr(what, "search") else re.compile(re.escape(what))
    return check(f"{title}: {card!r} says “{rx.pattern}”", True,
                 said is not None or card.state())


def meet(pair):
    """Alice calls Bob, and he accepts; both have their conversation open."""
    alice, bob = pair.alice, pair.bob
    alice.open("Bob")
    bob.sees("Wants to talk to you")
    bob.open("Alice")
    bob.press("Accept")
    alice.connected()
    bob.connected()
    return alice, bob


def conversation(window):
    """Its place: also of one without messages."""
    return window.app.find("list", "Messages", shown=False)


def drop(window, *paths, over=None):
    window.focus()
    return window.session.drag_file(paths, conversation(window), over=over)


def uris(*paths):
    return "".join(f"file://{urllib.request.pathname2url(path)}\r\n" for path in paths)


def paste_files(window, *paths):
    """As if a file manager had copied them."""
    window.focus()
    window.composer().click()
    paste(window, uris(*paths), "text/uri-list")


def paste(window, data, kind):
    window.session.set_clipboard(data, kind)
    window.session.key("ctrl+v")


def received(window, name=""):
    return os.path.join(window.downloads, "Knothole", name)


def has_all(one, other):
    return os.path.exists(other) and subprocess.run(
        ["diff", "-r", one, other], capture_output=True, check=False).returncode == 0


def random_file(folder, name, n_bytes):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(os.urandom(n_bytes))
    return path


def accept_always(window, card):
    """This offer, and those to come, without a question."""
    window.focus()
    card.find().find("check box").click()
    card.press("Accept")


def answers_within(window, seconds):
    """The window is alive: its tree is read, and a click comes to something. The time."""
    began = time.monotonic()
    window.app.find("text", "Message", timeout=seconds)
    return time.monotonic() - began


def said(window, words):
    return words in window.app.output()


def complaints(window):
    """What GTK, libadwaita or GLib complain about in what the program said."""
    return complaints_in(window.app.log)


def note(text):
    print(f"      {text}", flush=True)
    sys.stdout.flush()

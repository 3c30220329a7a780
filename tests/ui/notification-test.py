#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the desktop is told while nobody looks at the window, and what its buttons do."""

import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from cards import (SAID_S, TRANSFER_S, Card, has_all, meet, paste_files,  # noqa: E402
                   random_file, received)
from pair import check, check_comes, run, until  # noqa: E402

QUESTION = "<b>1 < 2 & 3 > 2</b>, is it not?"
QUIET_S = 2  # far longer than what comes together is collected


class Desktop:
    """The notifications of a person."""

    def __init__(self, window):
        self.window, self.session = window, window.session
        self.seen = 0

    def next(self, body):
        """The next one with that body, from where was looked before."""
        found = []

        def look():
            news = self.session.notifications(self.window.name)[self.seen:]
            for i, one in enumerate(news):
                if re.search(body, one["body"]):
                    self.seen += i + 1
                    found.append(one)
                    return True
            return False
        until(look, SAID_S, lambda: f"a notification {body!r}; there are "
              f"{self.session.notifications(self.window.name)[self.seen:]}")
        return found[0]

    def count(self):
        return len(self.session.notifications(self.window.name))

    def press(self, notification, label):
        action = next(name for name, text in notification["actions"].items() if text == label)
        self.session.press_notification(notification["id"], action, self.window.name)

    def withdrawn(self, notification):
        return any(event["id"] == notification["id"] for event in
                   self.session.notifications(self.window.name, "close"))


def labels(notification):
    return sorted(text for name, text in notification["actions"].items() if name != "default")


def minimize(window):
    window.focus()
    window.session.xwindow(window.app)
    window.session.xdo("windowminimize", str(window.session.last_xid))
    window.turns_to(window.pair.alice)


def hide(window):
    """Closes a window whose program stays; what reads its title all the same."""
    window.focus()
    window.session.key("ctrl+comma")
    preferences = window.dialog("Preferences")
    preferences.find(name="System").click()
    preferences.find("label", "Keep running in the background").click()
    until(lambda: "checked" in preferences.find(
        "check box", "Keep running in the background").states, SAID_S, "it to be switched on")
    window.session.key("Escape")
    window.no_dialog()
    session = window.session
    session.xwindow(window.app)
    hidden = session.dpy.create_resource_object("window", session.last_xid)
    session.key("ctrl+w")
    until(lambda: not window.app.windows(), SAID_S, f"{window.name}'s window to be closed")
    return lambda: session._prop(hidden, "_NET_WM_NAME").decode()


def check_active(title, window):
    check_comes(title, True, window.is_active, SAID_S)


def test_call(pair):
    alice, bob = pair.alice, pair.bob
    desktop = Desktop(bob)
    minimize(bob)
    alice.open("Bob")
    wish = desktop.next("^Wants to talk to you$")
    check("a call from somebody unknown: who", "Alice", wish["summary"])
    check("and what can be said to it", ["Accept", "Decline"], labels(wish))
    alice.press("Cancel")
    until(lambda: desktop.withdrawn(wish), SAID_S, "the wish to be withdrawn")
    check("who calls no more is not told of any more", True, desktop.withdrawn(wish))
    alice.open("Bob")
    desktop.press(desktop.next("^Wants to talk to you$"), "Accept")
    check("“Accept” connects", True, alice.connected().shown())
    check_comes("and there is no question any more", False,
                lambda: bob.app.has("push button", "Accept"))


def test_messages(pair):
    alice, bob = meet(pair)
    desktop = Desktop(bob)
    minimize(bob)
    alice.say(QUESTION)
    note = desktop.next(f"^{re.escape(QUESTION)}$")  # no markup of it is carried out
    check("a message: who writes", "Alice", note["summary"])
    check("and what can be done", ["Reply"], labels(note))
    check_comes("the title counts what is unread", "(1) Knothole", bob.title, SAID_S)
    desktop.press(note, "Reply")
    check_active("“Reply” brings the window to the front", bob)
    until(lambda: bob.composer().focused(), SAID_S, "the cursor in the composer")
    bob.session.type("Yes, here")
    bob.session.key("Return")
    check("with the cursor where one writes", True, alice.sees("Yes, here").shown())
    check_comes("what was read is not counted any more", "Knothole", bob.title, SAID_S)
    several(alice, bob, desktop)
    nothing_while_looking(alice, bob, desktop)


def several(alice, bob, desktop):
    """Two messages are one notification, which goes when they are read."""
    bob.turns_to(alice)
    alice.say("One")
    alice.say("Two")
    both = desktop.next("^2 new messages$")
    bob.focus()
    until(lambda: desktop.withdrawn(both), SAID_S, "the notification to be withdrawn")
    check("looking at the conversation withdraws it", True, desktop.withdrawn(both))


def nothing_while_looking(alice, bob, desktop):
    before = desktop.count()
    bob.focus()
    bob.say("I am looking")
    alice.sees("I am looking")
    alice.focus()
    bob.choose("Conversation menu", "Mute")
    bob.turns_to(alice)
    alice.say("Hello, muted one")
    until(lambda: "1 unread" in bob.presence("Alice"), SAID_S, "the row to count it")
    time.sleep(QUIET_S)
    check("of who is muted nothing is told", before, desktop.count())
    check("nor counted in the title", "Knothole", bob.title())


def test_hidden(pair):
    """With the conversation open: nobody looks at it once the window is closed."""
    alice, bob = meet(pair)
    alice.say("Before")
    bob.row_of("Before")
    bob.focus()
    until(lambda: bob.title() == "Knothole", SAID_S, "Bob to have read it")
    title = hide(bob)
    desktop = Desktop(bob)
    alice.say("Are you there?")
    note = desktop.next("^Are you there")
    check("while the window is closed it is told what comes", "Alice", note["summary"])
    check_comes("and counted as unread", "(1) Knothole", title)
    bob.session.press_notification(note["id"], "default", bob.name)
    check_active("pressing it brings the window back", bob)
    check("with what was written", True, bob.row_of("Are you there?").shown())
    check_comes("and now it is read", "Knothole", bob.title, SAID_S)


def test_offer(pair):
    alice, bob = meet(pair)
    desktop = Desktop(bob)
    path = random_file(pair.folder, "Für Bob.bin", 200_000)
    minimize(bob)
    paste_files(alice, path)
    offer = desktop.next("^Wants to send you Für Bob.bin$")
    check("an offer: who", "Alice", offer["summary"])
    check("and what can be said to it", ["Accept", "Show"], labels(offer))
    check("before it is accepted nothing comes", False, os.path.exists(
        received(bob, "Für Bob.bin")))
    desktop.press(offer, "Accept")
    until(lambda: has_all(path, received(bob, "Für Bob.bin")), TRANSFER_S, "the file")
    check("“Accept” lets it come", True, has_all(path, received(bob, "Für Bob.bin")))
    done = desktop.next("has arrived$")
    check("that it has arrived is told, too", "Für Bob.bin has arrived", done["body"])
    bob.session.press_notification(done["id"], "default", bob.name)
    check_active("pressing it shows the window", bob)
    check_comes("with the conversation", lambda said: "Received" in said,
                lambda: Card(bob, "Für Bob.bin").state())


if __name__ == "__main__":
    sys.exit(run(test_call, test_messages, test_hidden, test_offer))

#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written while the other one is away waits, arrives by itself, and stays."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from pair import START_S, check, check_comes, run, until  # noqa: E402

DELIVERED = "Delivered: saved on Bob’s computer"
WAITING = "Waiting until Bob is back"


def writes_to_nobody(alice, bob):
    check("Bob's window ends well", 0, bob.quit())
    alice.app.find(name="Bob closed the connection.")
    check("the strip says that he is gone", True, alice.sees(
        "What you write is kept and sent when Bob is back.").shown())
    until(lambda: re.match("^Last seen today", alice.presence("Bob")),
          what=lambda: f"row to say when Bob was seen, says {alice.presence('Bob')}")
    alice.say("While you were away")
    alice.say("and again")
    check("what is written waits, and says so", True, alice.sees(WAITING).shown())
    for text in "While you were away", "and again":
        check(f"'{text}' is marked so", True, alice.marked(text, WAITING).shown())
        check_comes("and read aloud so", re.compile(rf"{text}\. {WAITING}$").search,
                    lambda text=text: alice.row_of(text).name)
    check_comes("the row counts what waits",
                re.compile("^2 messages wait for their return").search,
                lambda: alice.presence("Bob"))
    alice.screenshot("offline-1-waiting")


def is_back(alice, bob):
    bob.start()
    check_comes("Bob is back: both come by themselves", "(2) Knothole", bob.title, START_S)
    for text in "While you were away", "and again":
        check(f"'{text}' is now delivered", True, alice.marked(text, DELIVERED).shown())
    alice.app.gone("label", WAITING)
    bob.open("Alice")
    check_comes("in order", ["Hello", "While you were away", "and again"], bob.texts)


def restarts(alice, bob):
    bob.say("Welcome back to me")
    alice.sees("Welcome back to me")
    before = alice.texts()
    alice.focus()
    alice.composer().click()
    alice.session.type("not yet fin")
    alice.composer().reads("not yet fin")
    check("Alice's window ends well", 0, alice.quit())
    alice.start()
    alice.open("Bob")
    check_comes("a restart keeps what was said, in order", before, alice.texts)
    check("and a draft", "not yet fin", alice.composer().reads("not yet fin").text)
    check("marks too", True, alice.marked("and again", DELIVERED).shown())
    alice.connected()
    alice.session.type("ished")
    alice.session.key("Return")
    check("a draft goes on where it was left", True, bob.sees("not yet finished").shown())


def appears_offline(alice, bob):
    alice.choose("Conversation menu", re.compile("^Disconnect"))
    alice.app.find("push button", re.compile("^(Connect|Reconnect)$"))
    alice.choose("Main menu", "Appear Offline")
    check("one can appear offline", True, alice.sees("Appearing offline").shown())
    check_comes("the others then see one leave", re.compile("^Last seen today").search,
                lambda: bob.presence("Alice"))
    alice.screenshot("offline-2-appear")
    alice.choose("Main menu", "Appear Offline")
    alice.sees("Online")
    check_comes("and come back", re.compile("^Online").search, lambda: bob.presence("Alice"))


def test_offline(pair):
    alice, bob = pair.alice, pair.bob
    pair.meet()
    alice.say("Hello")
    alice.marked("Hello", DELIVERED)
    bob.focus()
    until(lambda: bob.title() == "Knothole", what="Bob to have read it")
    writes_to_nobody(alice, bob)
    is_back(alice, bob)
    restarts(alice, bob)
    appears_offline(alice, bob)


if __name__ == "__main__":
    sys.exit(run(test_offline))

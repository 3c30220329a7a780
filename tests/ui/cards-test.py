#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""What file cards say while a file is on its way on a slow link: how far, who has paused it,
who ended it, what a restart and a failure leave, and that they are right."""

import contextlib
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from cards import (SAID_S, TRANSFER_S, Card, accept_always, check_says, has_all,  # noqa: E402
                   meet, paste_files, random_file, received)
from pair import UiError, check, check_comes, run, until, with_options  # noqa: E402

LINK = {"delay_ms": 5.0, "rate": 6_000_000}
LONG_BYTES = 60_000_000  # 80 s: what is looked at meanwhile may take a while
HALF_BYTES = 25_000_000  # more than half a minute
MOVES = re.compile(r": (Sending|Receiving), [\d.]+ [kM]B of [\d.]+ MB, [\d.]+ [kM]B/s$")
STANDS_S = 1.5
FILE = "garden recording.wav"


def bytes_of(said):
    number, unit = re.search(r", ([\d.]+) ([kM]?B|bytes) of ", said).groups()
    return float(number) * {"MB": 1e6, "kB": 1e3}.get(unit, 1)


def send(alice, bob, path, always=False):
    """Pasted, and accepted; the card at either side."""
    paste_files(alice, path)
    card = Card(bob, os.path.basename(path))
    card.says("Alice wants")
    if always:
        accept_always(bob, card)
    else:
        bob.focus()
        card.press("Accept")
    return Card(alice, os.path.basename(path)), card


def check_progress(title, card):
    first = bytes_of(card.says(MOVES, SAID_S))
    check_comes(f"{title} sees it advance", lambda n: n > first,
                lambda: bytes_of(card.says(MOVES)))
    check_comes(f"{title} sees it as a bar", lambda part: 0 < part < 1,
                lambda: card.find().find("progress bar", "Progress").value)
    left = re.compile(r"^(Sending|Receiving), (about \d+ (seconds|minutes?)|a few seconds) left$")
    check_comes(f"{title} sees how long it will take", True,
                lambda: bool(card.find().all("label", left)))


def check_stands(title, card):
    """Nothing comes any more once what was under way has come."""
    counted = [bytes_of(card.state())]

    def stands():
        counted.append(bytes_of(card.state()))
        return counted[-1] == counted[-2]
    with contextlib.suppress(UiError):
        until(stands, SAID_S, step=STANDS_S)
    check(title, *counted[-2:])


@with_options(**LINK)
def test_pause_and_cancel(pair):
    alice, bob = meet(pair)
    path = random_file(pair.folder, FILE, LONG_BYTES)
    one, other = send(alice, bob, path)
    check_progress("the sender", one)
    check_progress("the receiver", other)
    bob.screenshot("cards-1-progress")
    one.press("Pause")
    check_says("paused by the sender", one, "Paused by you,")
    check_says("paused by the sender", other, "Paused by Alice,")
    check_stands("while it is paused nothing comes", other)
    other.press("Pause")
    check_says("paused by both", one, "Paused by you and by Bob,")
    check_says("paused by both", other, "Paused by you and by Alice,")
    one.press("Resume")
    check_says("resumed by one of them", one, "Paused by Bob,")
    check_comes("who has not paused can't resume", False, lambda: one.has("Resume"))
    other.press("Resume")
    check_says("resumed by both", one, MOVES)
    check_says("resumed by both", other, MOVES)
    other.press("Cancel")
    check_says("cancelled by the receiver", other, "You cancelled it")
    check_says("cancelled by the receiver", one, "Cancelled by Bob")
    check_comes("what was cancelled is not there", [], lambda: os.listdir(received(bob))
                if os.path.exists(received(bob)) else [])


def asks_to_quit(alice, one):
    """Ctrl+Q while files run."""
    alice.focus()
    alice.session.key("ctrl+q")
    alice.dialog("Files Are Still Under Way")
    alice.session.key("Escape")
    alice.no_dialog()
    check_says("who is asked before quitting may stay", one, MOVES)
    alice.session.key("ctrl+q")
    alice.dialog("Files Are Still Under Way")
    process = alice.app.proc
    alice.app.find("push button", "Quit").click()
    check("who quits all the same, quits", 0, process.wait(SAID_S))


@with_options(**LINK)
def test_restarts(pair):
    """In the middle of it one window is quit, the other one is killed."""
    alice, bob = meet(pair)
    path = random_file(pair.folder, FILE, HALF_BYTES)
    one, other = send(alice, bob, path, always=True)
    other.says(MOVES)
    asks_to_quit(alice, one)
    check_says("the sender is away", other, "Alice is not connected,")
    there = bytes_of(other.says("Alice is not connected,"))
    bob.kill()
    bob.start()
    bob.open("Alice")
    card = Card(bob, FILE)
    check_says("killed and started again", card, "Alice is not connected,")
    check("what had come is still counted", lambda n: n >= there * 0.8, bytes_of(card.state()))
    alice.start()
    check_says("both are there again: it goes on by itself", card,
               re.compile("Receiving|Received"), TRANSFER_S)
    until(lambda: has_all(path, received(bob, FILE)), TRANSFER_S, "the whole file")
    check("and it arrives byte for byte", True, has_all(path, received(bob, FILE)))
    check_says("in the end", card, "Received")
    alice.open("Bob")
    check_says("in the end", Card(alice, FILE), ": Sent")


@with_options(**LINK)
def test_retry(pair):
    """Its source is gone when it is wanted, and comes back."""
    alice, bob = meet(pair)
    path = random_file(pair.folder, "letter.odt", 300_000)
    paste_files(alice, path)
    other = Card(bob, "letter.odt")
    other.says("Alice wants")
    os.rename(path, path + " elsewhere")
    bob.focus()
    other.press("Accept")
    one = Card(alice, "letter.odt")
    check_says("without its source", one, "The file is not there any more")
    check_says("without its source", other, "The file is not there any more at Alice")
    check("nothing has come", [], [name for name in os.listdir(received(bob))
                                   if not name.startswith(".")]
          if os.path.exists(received(bob)) else [])
    alice.screenshot("cards-2-failure")
    os.rename(path + " elsewhere", path)
    one.press("Retry")
    check_says("tried again", one, ": Sent")
    check_says("tried again", other, "Received")
    check("then it is there byte for byte", True, has_all(path, received(bob, "letter.odt")))


if __name__ == "__main__":
    sys.exit(run(test_pause_and_cancel, test_restarts, test_retry))

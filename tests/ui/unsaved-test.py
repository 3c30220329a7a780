#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can't be saved is not lost: it says so, and is sent again when it can be."""

import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from pair import check, check_comes, run  # noqa: E402

DELIVERED = "Delivered: saved on Bob’s computer"
FAILED = "Not sent: it could not be saved on this computer"
FAIL_S = 60  # the store waits for others before it gives up


def test_unsaved(pair):
    alice, bob = pair.alice, pair.bob
    pair.meet()
    alice.say("Hello")
    alice.marked("Hello", DELIVERED)

    other = sqlite3.connect(os.path.join(alice.data_dir, "knothole.db"), isolation_level=None,
                            timeout=FAIL_S)
    other.execute("BEGIN IMMEDIATE")
    alice.say("Do not lose this")
    alice.say("Nor this")
    for text in "Do not lose this", "Nor this":
        check(f"'{text}' is marked as not sent", True,
              alice.marked(text, FAILED, FAIL_S).shown())
        check_comes("and read aloud so", re.compile(rf"{text}\. Not sent$").search,
                    lambda text=text: alice.row_of(text).name)
    alice.screenshot("unsaved-1-failed")
    other.execute("ROLLBACK")
    other.close()

    alice.row_of("Do not lose this").find("push button", "Send Again").click()
    check("one is sent again", True, alice.marked("Do not lose this", DELIVERED).shown())
    bob.sees("Do not lose this")
    alice.row_of("Nor this").find("label", "Nor this").click(3)
    alice.app.find("menu item", "Discard Message").click()
    alice.app.gone("label", "Nor this")
    check_comes("the other one is discarded", ["Hello", "Do not lose this"], alice.texts)
    alice.screenshot("unsaved-2-one-again")


if __name__ == "__main__":
    sys.exit(run(test_unsaved))

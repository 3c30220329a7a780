#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""A long conversation opens like a short one, and older messages come as one scrolls."""

import contextlib
import os
import re
import sqlite3
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from cost import cpu_ns, private_kib  # noqa: E402
from pair import check, run, until, with_options  # noqa: E402

SHORT, LONG = 100, 100_000  # messages
PAGE = 100  # of a timeline
# Times the short one: both are 1.0 as long as nothing is done, or kept, for every message.
# Ten bytes of each would be 1.04, one of its texts 1.2; reading them all takes seconds.
CPU_MOST = 1.5
MEMORY_MOST = 1.15
SCROLLED_MOST = 1.4  # 1.15: more rows, and what they were made with
CALM_S = 0.5
CALM_NS = 10_000_000  # less than that is no work, but a clock and a cursor
WHEEL_CLICKS, WHEEL_MS = 60, 16
SCROLL_S = 60
UP = 4  # of the wheel's buttons
TRIES = 3  # as whatever else runs on the machine costs this program time, too


def befriend(store, number, name, n_messages):
    """A contact that is not online, and a conversation that was read."""
    now_ms = int(time.time() * 1000)
    peer = bytes([number]) * 32
    with store:
        store.execute("INSERT INTO contacts (id, petname, petname_folded, announced_name,"
                      " announced_name_folded, added_at_ms) VALUES (?, ?, ?, ?, ?, ?)",
                      (peer, name, name.lower(), name, name.lower(), now_ms))
        store.execute(
            "WITH RECURSIVE numbers (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers"
            "  WHERE i + 1 < :n)"
            " INSERT INTO messages (peer, direction, id, state, keep, sent_at_ms,"
            "   stored_at_ms, text)"
            " SELECT :peer, i % 3 != 0, CAST (printf ('%016d', i) AS BLOB), 1, 1,"
            "   :end - :n + i, :end - :n + i, :name || ' ' || i || ': the cherries are ripe'"
            " FROM numbers", {"n": n_messages, "peer": peer, "end": now_ms, "name": name})
        store.execute("UPDATE conversations SET read_seq = (SELECT max (seq) FROM timeline)"
                      " WHERE peer = ?", (peer,))


def calm(pid):
    """Waits until it does nothing; what it has used by then."""
    used = [cpu_ns(pid)]

    def look():
        time.sleep(CALM_S)
        used.append(cpu_ns(pid))
        return used[-1] - used[-2] < CALM_NS
    until(look, 60, "the program to be done")
    return used[-1]


def opens(window, name, n_messages):
    """CPU and memory of it. Nothing is asked over the accessibility bus meanwhile: an answer
    costs more than what is measured."""
    pid = window.app.proc.pid
    window.focus()
    x, y = window.row(name).settle().point()
    window.session.move(x, y)
    before = calm(pid)
    window.session.hands.click()
    used_ms = (calm(pid) - before) / 1e6
    kib = private_kib(pid)
    check(f"a conversation of {n_messages} messages shows its newest", True,
          window.sees(f"{name} {n_messages - 1}: the cherries are ripe").shown())
    print(f"      {n_messages} messages: {used_ms:.0f} ms of CPU, {kib / 1024:.1f} MiB private",
          flush=True)
    return used_ms, kib


def oldest(window, name):
    """The number of the first message there is in the list, of those that have a row."""
    rows = window.app.find("list", "Messages").all("label", re.compile(f"^{name} \\d+: "),
                                                   shown=False)
    return min(int(re.search(r" (\d+):", row.seen_name)[1]) for row in rows)


def scrolls_up(window, name):
    """As far as two pages that were not there."""
    before = oldest(window, name)
    wanted = before - 2 * PAGE

    def turn():
        window.app.find("list", "Messages").hover()
        window.session.hands.wheel(UP, WHEEL_CLICKS, WHEEL_MS)
        return oldest(window, name) < wanted
    until(turn, SCROLL_S, lambda: f"message {wanted}, comes to {oldest(window, name)}")
    check("scrolling up comes to older ones", lambda number: number < wanted,
          oldest(window, name))


@with_options(started=False)
def test_long_conversation(pair):
    alice = pair.alice
    with contextlib.closing(sqlite3.connect(f"{alice.data_dir}/knothole.db")) as store:
        store.execute("PRAGMA synchronous = OFF")
        befriend(store, 1, "Long", LONG)
        befriend(store, 2, "Short", SHORT)
        befriend(store, 3, "First", SHORT)  # what is loaded once, is loaded with it
    alice.settings = {"gtk_cursor_blink": 0}  # which would be work on a slow machine
    for tries in range(TRIES):
        if tries > 0:
            alice.quit()
        alice.start()
        opens(alice, "First", SHORT)
        short_ms, short_kib = opens(alice, "Short", SHORT)
        long_ms, long_kib = opens(alice, "Long", LONG)
        if long_ms <= CPU_MOST * short_ms and long_kib <= MEMORY_MOST * short_kib:
            break
    check(f"{LONG} messages take no more CPU than {SHORT}, which took {short_ms:.0f} ms", True,
          long_ms <= CPU_MOST * short_ms or long_ms)
    check(f"nor more memory than {short_kib} KiB", True,
          long_kib <= MEMORY_MOST * short_kib or long_kib)
    scrolls_up(alice, "Long")
    kib = private_kib(alice.app.proc.pid)
    check("nor do older ones", True, kib <= SCROLLED_MOST * short_kib or kib)


if __name__ == "__main__":
    sys.exit(run(test_long_conversation))

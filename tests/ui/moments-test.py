#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad moments: while a file is on its way and somebody writes, a window is closed, the server
dies, the other side dies, the disk is full. Each time the windows answer, and all that was
said to be delivered is on the other one's disk."""

import contextlib
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from cards import (SAID_S, TRANSFER_S, Card, accept_always, check_says, complaints,  # noqa: E402
                   has_all, meet, paste, paste_files, random_file, received)
from pair import UiError, check, check_comes, run, sandbox, until, with_options  # noqa: E402
import programs  # noqa: E402

LINK = {"delay_ms": 5.0, "rate": 8_000_000}
MIB = 1 << 20
FILE_BYTES = 20 * MIB  # 21 s, in which something happens to it
SMALL_DISK = 40 * MIB  # 16 stay free, the file fits, but not with something else beside it
DATA_DISK = 8 * MIB
FILE = "long film.mkv"
ANSWER_S = 5  # after which a desktop says that a window does not respond
BACK_S = 120  # the waits between attempts grow with how long the server has been away
COPIES = 100  # of a store, until one is made that nothing was written into
DRAFT = "this is not sent yet"
INCOMING = 0


# What both have


def copy_store(data_dir, folder):
    """Both files as they were at one time: while they are copied one after the other, what is
    in one of them may have gone to the other."""
    paths = [f"{data_dir}/knothole.db", f"{data_dir}/knothole.db-wal"]

    def written():
        return [(stat.st_size, stat.st_mtime_ns) for stat in map(os.stat, there)]
    for _ in range(COPIES):
        there = [path for path in paths if os.path.exists(path)]
        with contextlib.suppress(FileNotFoundError):  # the last one who closes it ends the log
            before = written()
            for path in there:
                shutil.copy(path, folder)
            if before == written() and there == [p for p in paths if os.path.exists(p)]:
                return
        time.sleep(0.01)
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(f"{folder}/{os.path.basename(path)}")
    raise UiError(f"the store in {data_dir} is written into all the time")


def words_on_disk(window):
    """The texts that have come to a person and are in the store, in order: of a copy, as
    another computer would find it after a power cut."""
    with tempfile.TemporaryDirectory() as folder:
        copy_store(window.data_dir, folder)
        path = f"{folder}/knothole.db"
        with contextlib.closing(sqlite3.connect(path)) as store:
            return [text for text, in store.execute(
                "SELECT text FROM messages WHERE direction = ? ORDER BY seq", (INCOMING,))]


def said_delivered(window):
    """Texts of one's own that the window shows as delivered."""
    rows = window.app.find("list", "Messages").all("list item", re.compile("^You, "))
    found = [re.match(r"^You, \d\d:\d\d: (.*)\. Delivered$", row.seen_name) for row in rows]
    return {match.group(1) for match in found if match}


def write(window, words):
    """Without looking whether anything else is there: as fast as it is typed."""
    window.session.type(words)
    window.session.key("Return")


def check_answers(title, window):
    """Its tree can be read, a click puts the cursor somewhere, a key is seen: within 5 s each,
    after the window is in front."""
    window.focus()
    began = time.monotonic()
    box = window.app.find("text", "Message", timeout=3 * ANSWER_S)
    read_s = time.monotonic() - began
    search = window.app.find("entry", "Search people").settle()
    x, y = search.point()
    began = time.monotonic()
    window.session.move(x, y)
    window.session.hands.click()
    until(search.focused, 3 * ANSWER_S, "the click to come to something", step=0.02)
    click_s = time.monotonic() - began
    x, y = box.settle().point()
    window.session.move(x, y)
    window.session.hands.click()
    until(box.focused, 3 * ANSWER_S, "the cursor in the composer", step=0.02)
    check(f"{title}: {window.name}'s window answers ({read_s:.1f} s, {click_s:.2f} s)", True,
          read_s < ANSWER_S and click_s < ANSWER_S or (read_s, click_s))


def first_delivered(window):
    """Waits until something is; what is by then."""
    return until(lambda: said_delivered(window), SAID_S, "a message to be delivered")


def check_kept(title, delivered, window):
    there = words_on_disk(window)
    check(f"{title}: some were said to be delivered", True, bool(delivered))
    check(f"{title}: all {len(delivered)} that were said to be delivered are on "
          f"{window.name}'s disk", set(), delivered - set(there))
    check(f"{title}: each once", len(there), len(set(there)))


def check_all_come(title, window, words):
    def look():
        return set(words) <= set(words_on_disk(window))
    with contextlib.suppress(UiError):
        until(look, SAID_S, "all messages", step=0.3)
    check(f"{title}: in the end all arrive, in order", words,
          [text for text in words_on_disk(window) if text in words])


def check_quiet(title, *windows):
    for window in windows:
        check(f"{title}: {window.name}'s program has nothing to complain about", [],
              complaints(window))


def film(pair, n_bytes=FILE_BYTES):
    """On its way from Alice to Bob, and both have looked at it; its path."""
    alice, bob = pair.alice, pair.bob
    path = random_file(pair.folder, FILE, n_bytes)
    paste_files(alice, path)
    card = Card(bob, FILE)
    card.says("Alice wants")
    accept_always(bob, card)
    card.says(re.compile("Receiving, .*B/s"))
    alice.focus()
    alice.composer().click()
    return path


def check_film(title, path, window):
    with contextlib.suppress(UiError):
        until(lambda: has_all(path, received(window, FILE)), TRANSFER_S, "the film", step=0.3)
    check(f"{title}: the film arrives byte for byte", True,
          has_all(path, received(window, FILE)))


# The moments


@with_options(**LINK)
def test_closing_the_window(pair):
    alice, bob = meet(pair)
    path = film(pair)
    words = [f"closing {n}" for n in range(4)]
    for text in words:
        write(alice, text)
    alice.session.type(DRAFT)
    process = alice.app.proc
    alice.app.find("push button", "Close").click()
    alice.dialog("Files Are Still Under Way")
    delivered = first_delivered(alice)
    alice.app.find("push button", "Quit").click()
    check("closing: it ends, and well", 0, process.wait(SAID_S))
    check_answers("closing", bob)
    check_kept("closing", delivered, bob)
    check_quiet("closing", alice, bob)
    process = bob.app.proc
    bob.focus()
    bob.session.key("ctrl+w")  # its file is still under way, too
    bob.dialog("Files Are Still Under Way")
    bob.app.find("push button", "Quit").click()
    check("closing: so does the other one", 0, process.wait(SAID_S))
    for window in bob, alice:
        window.start()
    alice.open("Bob")
    check_comes("closing: what was typed is still there", DRAFT, lambda: alice.composer().text)
    check_all_come("closing", bob, words)
    check_film("closing", path, bob)


@with_options(**LINK)
def test_server_dies(pair):
    alice, bob = meet(pair)
    path = film(pair)
    words = [f"server {n}" for n in range(6)]
    for text in words[:3]:
        write(alice, text)
    pair.server.kill()
    for text in words[3:]:
        write(alice, text)
    alice.session.type(DRAFT)
    until(lambda: alice.app.has("label", re.compile("^(Connecting…|Offline)$")), SAID_S,
          "the header to say it")
    check("server: the header says that it is away", True, True)
    for window in bob, alice:
        check_answers("server", window)
    check_comes("server: what was typed is still there", DRAFT, lambda: alice.composer().text)
    check("server: the connection stays", True, alice.connected().shown())
    check_all_come("server", bob, words)
    check_kept("server", first_delivered(alice), bob)
    check_film("server", path, bob)
    pair.server = programs.Server(pair.net, pair.folder)
    alice.app.find("label", "Online", timeout=BACK_S)
    check("server: when it is back, all is as before", True, True)
    check_quiet("server", alice, bob)


@with_options(**LINK)
def test_peer_dies(pair):
    alice, bob = meet(pair)
    path = film(pair)
    words = [f"peer {n}" for n in range(8)]
    for text in words[:4]:
        write(alice, text)
    first_delivered(alice)
    bob.kill()
    for text in words[4:]:
        write(alice, text)
    alice.session.type(DRAFT)
    check_kept("peer", said_delivered(alice), bob)
    check_answers("peer", alice)
    check_says("peer", Card(alice, FILE), "Bob is not connected", 2 * SAID_S)
    check_kept("peer, seen to be away", said_delivered(alice), bob)
    bob.start()
    check_all_come("peer", bob, words)
    check_film("peer", path, bob)
    check_comes("peer: what was typed is still there", DRAFT, lambda: alice.composer().text)
    check_quiet("peer", alice, bob)


@contextlib.contextmanager
def small_disk(path, size, mode=0o755):
    os.makedirs(path, exist_ok=True)
    sandbox.mount_memory(path, size)
    os.chmod(path, mode)
    try:
        yield path
    finally:
        sandbox.unmount(path)


def fill(folder):
    with contextlib.suppress(OSError), open(f"{folder}/ballast", "wb", 0) as file:
        while True:
            file.write(bytes(4096))


@with_options(**LINK)
def test_download_disk_full(pair):
    alice, bob = meet(pair)
    with small_disk(received(bob), SMALL_DISK) as disk:
        path = film(pair)
        words = [f"disk {n}" for n in range(4)]
        for text in words[:2]:
            write(alice, text)
        fill(disk)
        for text in words[2:]:
            write(alice, text)
        alice.session.type(DRAFT)
        check_says("full disk", Card(bob, FILE), "There is not enough room on your disk", TRANSFER_S)
        check_says("full disk", Card(alice, FILE), "There is not enough room on the disk of Bob")
        check_comes("full disk: half a film has no final name", ["ballast"], lambda: [
            name for name in os.listdir(disk) if not name.startswith(".")])
        for window in bob, alice:
            check_answers("full disk", window)
        check_all_come("full disk", bob, words)
        check_kept("full disk", first_delivered(alice), bob)
        check_comes("full disk: what was typed is still there", DRAFT,
                    lambda: alice.composer().text)
        os.unlink(f"{disk}/ballast")
        Card(bob, FILE).press("Retry")
        check_film("with room made", path, bob)
        check_quiet("full disk", alice, bob)
        bob.quit()


@with_options(started=False, **LINK)
def test_data_disk_full(pair):
    """What comes can't be kept any more: then it is not said to be delivered."""
    alice, bob = pair.alice, pair.bob
    kept = bob.data_dir + " kept"
    os.rename(bob.data_dir, kept)
    with small_disk(bob.data_dir, DATA_DISK, 0o700) as disk:
        shutil.copytree(kept, disk, dirs_exist_ok=True)
        os.chmod(disk, 0o700)
        for window in alice, bob:
            window.launch()
        for window in alice, bob:
            window.attach()
        meet(pair)
        path = film(pair)
        words = ["data 0", "data 1"]
        for text in words:
            write(alice, text)
        until(lambda: set(words) <= said_delivered(alice), SAID_S, "the first words")
        delivered = said_delivered(alice)
        fill(disk)
        for n in range(2, 6):
            words.append(f"data {n}" + " and so on" * 400)
            paste(alice, words[-1], "UTF8_STRING")
            alice.composer().reads(words[-1])
            alice.session.key("Return")
        alice.session.type(DRAFT)
        for window in bob, alice:
            check_answers("full data folder", window)
        time.sleep(1)
        delivered |= said_delivered(alice)
        check_kept("full data folder", delivered, bob)
        check_comes("full data folder: what was typed is still there", DRAFT,
                    lambda: alice.composer().text)
        bob.screenshot("moments-full-data")
        bob.kill()
        check_kept("full data folder, killed", delivered, bob)
        os.unlink(f"{disk}/ballast")
        bob.start()
        check_all_come("full data folder, with room made", bob, words)
        bob.open("Alice")
        with contextlib.suppress(UiError):
            Card(bob, FILE).press("Retry")
        check_film("full data folder, with room made", path, bob)
        check_quiet("full data folder", alice)
        bob.quit()


if __name__ == "__main__":
    sys.exit(run(test_closing_the_window, test_server_dies, test_peer_dies,
                 test_download_disk_full, test_data_disk_full))

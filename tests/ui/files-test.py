#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and folders from one window to another: dropped, attached, pasted, answered,
opened, dragged out."""

import os
import re
import subprocess
import sys

from gi.repository import GLib

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

from cards import (SAID_S, TRANSFER_S, Card, accept_always, check_says, conversation,  # noqa: E402
                   drop, has_all, meet, paste, paste_files, random_file, received, uris)
from pair import check, check_comes, run, until, with_options  # noqa: E402

PICTURE = "Grüße über den Zaun.png"
OPENS = "image/png"
LONG_LINES = 80_000  # about two megabytes
# So that not even root reads what nobody may.
AS_ANYBODY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search",
              "--inh-caps=-dac_override,-dac_read_search"]


def make_picture(folder):
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, PICTURE)
    subprocess.run(["convert", "-size", "640x400", "plasma:tan-sienna", path], check=True)
    return path


def make_tree(folder):
    """A folder with files in folders, and an empty one."""
    tree = f"{folder}/Herbarium"
    for place in ("oak/old", "birch", "nothing in here"):
        os.makedirs(f"{tree}/{place}")
    for place, n_bytes in (("oak/old/bark.txt", 1000), ("birch/leaf 1.txt", 2000),
                           ("notes.txt", 3000)):
        random_file(tree, place, n_bytes)
    return tree


def folders_of(tree):
    return sorted(os.path.relpath(path, tree) for path, _, _ in os.walk(tree))


def lines_in(log):
    """Those that are whole: another program may just be writing one."""
    with open(log, encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if line.endswith("\n")]


class Opener:
    """The program that opens pictures for a person: it only notes what it was given."""

    def __init__(self, window):
        self.log = f"{window.folder}/opened"
        programs = f"{window.folder}/share/applications"
        os.makedirs(programs)
        os.makedirs(f"{window.folder}/config", exist_ok=True)
        with open(f"{window.folder}/opener", "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nprintf "%s\\n" "$@" >>"{self.log}"\n')
        os.chmod(file.name, 0o755)
        with open(f"{programs}/opener.desktop", "w", encoding="utf-8") as file:
            file.write("[Desktop Entry]\nType=Application\nName=Opener\n"
                       f"Exec={window.folder}/opener %f\nMimeType={OPENS};\n")
        with open(f"{window.folder}/config/mimeapps.list", "w", encoding="utf-8") as file:
            file.write(f"[Default Applications]\n{OPENS}=opener.desktop\n")

    def opened(self):
        return lines_in(self.log) if os.path.exists(self.log) else []


class FileManager:
    def __init__(self, window):
        self.process = window.session._spawn(
            "filemanager", ["/usr/bin/python3", f"{HERE}/filemanager.py"],
            env=window.environment())
        until(lambda: self.shown() == ["ready"], SAID_S, "the file manager")

    def shown(self):
        return lines_in(self.process.log)


def came(title, source, target):
    try:
        until(lambda: has_all(source, target), TRANSFER_S, target)
    except AssertionError:
        pass
    check(f"{title} is there byte for byte", True, has_all(source, target))


def names_in(folder):
    return sorted(os.listdir(folder)) if os.path.exists(folder) else []


def test_a_picture(pair):
    alice, bob = pair.alice, pair.bob
    opener = Opener(bob)
    bob.launch()
    alice.launch()
    bob.attach()
    alice.attach()
    manager = FileManager(bob)
    meet(pair)
    path = make_picture(f"{pair.folder}/Meine Bilder")
    drop(alice, path, over=lambda: check_comes(
        "the overlay says to whom", ["Send to Bob"], lambda: [
            label.seen_name for label in alice.app.all("label", re.compile("^Send to"),
                                                       shown=False)]))
    card = Card(bob, PICTURE)
    said = card.says("Alice wants to send you this")
    size = GLib.format_size(os.path.getsize(path)).replace("\N{NO-BREAK SPACE}", " ")
    check("the offer names it with its size", f"{PICTURE}, {size}: Alice wants to send you this",
          said)
    check("before it is accepted nothing comes", [], names_in(received(bob)))
    check("before it is accepted there is nothing to open", False, card.has("Open"))
    check_says("the offer", Card(alice, PICTURE), "Waiting for Bob to accept")
    card.press("Accept")
    check_says("accepted", card, "Received")
    check_says("accepted", Card(alice, PICTURE), "Sent")
    came("the picture", path, received(bob, PICTURE))
    for window in alice, bob:
        check_comes(f"{window.name} sees a thumbnail", lambda height: height > 60,
                    lambda window=window: Card(window, PICTURE).find().find(
                        "push button", "Open the picture").rect()[3])
    card.press("Open")
    until(opener.opened, SAID_S, "the picture to be opened")
    check("“Open” opens the file", [received(bob, PICTURE)], opener.opened())
    card.press("Show in folder")
    until(lambda: len(manager.shown()) > 1, SAID_S, "the folder to be shown")
    check("“Show in folder” names the file", ["ready", "ShowItems " + uris(
        received(bob, PICTURE)).strip()], manager.shown())
    drag_out(pair, card)


def drag_out(pair, card):
    session = pair.session
    target = session.launch(["/usr/bin/python3", f"{HERE}/droptarget.py"])
    place = target.find("label", "Drop here")
    session.place(place, 1400, 730)
    pair.bob.focus()
    session.drag(card.find().find("label", PICTURE), place, over=lambda: until(
        lambda: "over" in lines_in(target.log), SAID_S, "it to be over the other program"))
    check_comes("dragged out of its card, another program gets the file",
                [f"dropped {received(pair.bob, PICTURE)}"],
                lambda: [line for line in lines_in(target.log) if line != "over"], SAID_S)
    target.quit()


test_a_picture.options = {"started": False}


def test_a_folder(pair):
    alice, bob = meet(pair)
    tree = make_tree(pair.folder)
    drop(alice, tree)
    card = Card(bob, "Herbarium (folder)")
    check("the offer of a folder has its totals",
          "Herbarium (folder), 3 files, 6.0 kB: Alice wants to send you this",
          card.says("Alice wants"))
    card.press("Show All")
    dialog = bob.dialog("Files")
    inside = {"notes.txt", "bark.txt", "leaf 1.txt", "nothing in here", "oak", "old", "birch"}
    check_comes("the tree is listed with what is empty, before it is accepted", set(),
                lambda: inside - names_listed(dialog))
    bob.session.key("Escape")
    until(lambda: len(bob.app.windows()) == 1, SAID_S, "the tree to be closed")
    card.press("Decline")
    check_says("declined", card, "You declined it")
    check_says("declined", Card(alice, "Herbarium (folder)"), "Declined by Bob")
    check("what is declined does not come", [], names_in(received(bob)))
    drop_on_person(pair, tree)


def names_listed(dialog):
    return {label.seen_name for label in dialog.find("list", "Files and folders").all("label")}


def drop_on_person(pair, tree):
    """And Bob keeps it somewhere else."""
    alice, bob = pair.alice, pair.bob
    alice.focus()
    alice.session.drag_file([tree], alice.row("Bob"))
    check("dropped on a person, a toast tells that it is offered", "Offered to Bob",
          alice.sees("Offered to Bob").seen_name)
    other = f"{pair.folder}/somewhere else"
    os.makedirs(other)
    card = Card(bob, "Herbarium (folder)")
    card.says("Alice wants")
    card.press("Save to…")
    bob.session.choose_file(other, "Save To", bob.app)
    check_says("saved elsewhere", card, "Received")
    came("the folder, where Bob wanted it", tree, f"{other}/Herbarium")
    check("empty folders come, too", folders_of(tree), folders_of(f"{other}/Herbarium"))
    check("nothing is where it would be otherwise", [], names_in(received(bob)))


def test_other_ways(pair):
    """Chosen and pasted; one that can't be read; and no more questions."""
    command = pair.alice.command
    pair.alice.command = lambda *arguments: AS_ANYBODY + command(*arguments)
    for window in pair.alice, pair.bob:
        window.launch()
    for window in pair.alice, pair.bob:
        window.attach()
    alice, bob = meet(pair)
    first = random_file(pair.folder, "chosen one.bin", 50_000)
    alice.choose("Attach", "Files…")
    alice.session.choose_file(first, "Send Files", alice.app)
    card = Card(bob, "chosen one.bin")
    card.says("Alice wants")
    accept_always(bob, card)
    check_says("chosen", card, "Received")
    came("a chosen file", first, received(bob, "chosen one.bin"))
    tree = make_tree(pair.folder)
    alice.choose("Attach", "Folder…")
    alice.session.choose_file(tree, "Send Folder", alice.app)
    check_says("the second needs no question", Card(bob, "Herbarium (folder)"), "Received")
    came("a chosen folder", tree, received(bob, "Herbarium"))
    check_paste(pair)
    check_long_paste(pair)
    unreadable(pair)


test_other_ways.options = {"started": False}


def check_paste(pair):
    alice, bob = pair.alice, pair.bob
    copied = random_file(pair.folder, "kopiert & eingefügt.bin", 70_000)
    paste_files(alice, copied)
    check_says("pasted", Card(bob, "kopiert & eingefügt.bin"), "Received")
    came("a pasted file", copied, received(bob, "kopiert & eingefügt.bin"))
    alice.focus()
    alice.composer().click()
    with open(make_picture(pair.folder), "rb") as file:
        paste(alice, file.read(), "image/png")
    alice.dialog("Send This Picture?")
    check("a pasted picture is asked about first", [], pictures(bob))
    alice.session.key("Return")
    until(lambda: pictures(bob), TRANSFER_S, "the pasted picture")
    same = subprocess.run(["compare", "-metric", "AE", file.name, received(bob, pictures(bob)[0]),
                           "null:"], capture_output=True, text=True, check=False)
    check("a pasted picture arrives, point for point", "0", same.stderr)


def check_long_paste(pair):
    """Of more than a message may have, on top of something written."""
    alice, bob = pair.alice, pair.bob
    text = "".join(f"line {i} of a long log\n" for i in range(LONG_LINES))
    alice.focus()
    alice.composer().click()
    alice.session.type("see this")
    paste(alice, text, "UTF8_STRING")
    dialog = alice.dialog("This Is Too Long for a Message")
    check_comes("what is too long does not come into the composer", "see this",
                lambda: alice.composer().text)
    dialog.find("push button", "Cancel").click()
    alice.no_dialog()
    check_comes("who cancels has the composer as it was", "see this",
                lambda: alice.composer().text)
    check("and has sent nothing", [], texts(bob))
    alice.composer().click()
    alice.session.key("ctrl+v")
    alice.dialog("This Is Too Long for a Message")
    alice.session.key("Return")
    alice.no_dialog()
    until(lambda: texts(bob), TRANSFER_S, "the text as a file")
    with open(received(bob, texts(bob)[0]), encoding="utf-8", newline="") as file:
        check("sent as a file, it arrives as it was", True, file.read() == text)
    check_comes("and the composer is still as it was", "see this",
                lambda: alice.composer().text)


def texts(window):
    return [name for name in names_in(received(window)) if name.endswith(".txt")]


def pictures(window):
    return [name for name in names_in(received(window)) if re.match(r"Picture .*\.png$", name)]


def unreadable(pair):
    alice = pair.alice
    path = random_file(pair.folder, "secret.bin", 1000)
    os.chmod(path, 0)
    drop(alice, path)
    check("an unreadable file says so", "“secret.bin” can't be sent: you may not read it",
          alice.sees(re.compile("secret")).seen_name)
    check("and there is no card of it", False,
          conversation(alice).has("panel", re.compile("^secret")))
    os.chmod(path, 0o600)


@with_options(delay_ms=5.0, rate=5_000_000)
def test_order(pair):
    """One after the other, and one that is wanted first. The first takes half a minute, in which
    the others are sent."""
    alice, bob = meet(pair)
    paths = [random_file(pair.folder, f"{name}.bin", n_bytes) for name, n_bytes in
             (("one", 20_000_000), ("two", 3_000_000), ("three", 1_000_000))]
    paste_files(alice, paths[0])
    card = Card(bob, "one.bin")
    card.says("Alice wants")
    accept_always(bob, card)
    card.says(re.compile("Receiving|Received"))
    for path in paths[1:]:
        paste_files(alice, path)
    three = Card(alice, "three.bin")
    check_says("while another one is sent", three, "Waiting for other files to finish")
    check_says("while another one is sent", Card(alice, "two.bin"),
               "Waiting for other files to finish")
    three.press("Send first")
    targets = {name: received(bob, f"{name}.bin") for name in ("one", "two", "three")}
    until(lambda: all(map(os.path.exists, targets.values())), TRANSFER_S, "all three")
    # It is given its name at the end: that, and not when it was changed, is this time.
    arrived = sorted(targets, key=lambda name: os.stat(targets[name]).st_ctime_ns)
    check("what is wanted first arrives before what was there before it", True,
          arrived.index("three") < arrived.index("two") or arrived)
    for path in paths:
        came(os.path.basename(path), path, received(bob, os.path.basename(path)))


if __name__ == "__main__":
    sys.exit(run(test_a_picture, test_a_folder, test_other_ways, test_order))

#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed Flatpak in its sandbox: what it sees, how files get in and out, and all that
it asks the desktop for. Run by ./dev flatpak, which builds and installs it.

GTK 4.18 tells wrong places of small widgets, so what is no larger is done through AT-SPI."""

import json
import os
import re
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from cards import SAID_S, TRANSFER_S, Card, check_says, has_all  # noqa: E402
from cards import random_file  # noqa: E402
from pair import check, check_comes, network, programs, sandbox, until  # noqa: E402
from checks import summary  # noqa: E402
from sandboxed import ID, Sandbox, lines_of  # noqa: E402

PERMISSIONS = {"shared=network;ipc;", "sockets=x11;wayland;fallback-x11;", "devices=dri;"}
ELSEWHERE = "192.0.2.7"  # nobody is there
OFFERED_S = 60


def inside(box, script):
    """What a shell in the sandbox prints; not a shell of the window's, but with the same
    permissions."""
    return box.alice.output_of("sh", "-c", script).strip()


def start(box):
    box.alice.start()
    box.alice.open("Bob")


def test_what_is_in_it(box):
    listed = subprocess.run(["flatpak", "info", "--user", "--show-permissions", ID],
                            env=box.session.env, check=True, capture_output=True, text=True)
    check("it has these permissions and no other", PERMISSIONS, set(
        re.findall(r"^\S+=.*$", listed.stdout, re.M)))
    version = box.alice.output_of("knothole-cli", "--version").split()[-1]
    check("the server is in it", f"knothole-server {version}", box.alice.output_of(
        "knothole-server", "--version").strip())
    check("so is the command-line client", re.compile(r"^\S{52,}\n$").match, box.alice.output_of(
        "knothole-cli", "id"))
    secret = random_file(box.folder, "secret.bin", 1000)
    with open(f"{box.alice.folder}/diary.txt", "w", encoding="ascii") as file:
        file.write("mine\n")
    check("no file of this machine is seen inside", "", inside(
        box, f"cat '{secret}' ~/diary.txt 2>/dev/null; ls -A ~ | grep -v '^\\.var$'"))
    diary = f"{box.alice.folder}/diary.txt"
    before = [open(path, "rb").read() for path in (secret, diary)]
    inside(box, f"echo gone >'{secret}'; echo gone >'{diary}'; rm -f '{secret}' '{diary}'")
    check("and none is written", before,
          [open(path, "rb").read() for path in (secret, diary)])


def test_sending(box):
    start(box)
    alice = box.alice
    alice.connected()
    sent = f"{box.folder}/bob's files"
    check_comes("without a message, it is said how folders go", True, lambda: alice.app.has(
        "label", re.compile("A folder goes by its button beside the message")))
    one = random_file(f"{box.folder}/outside", "chosen one.bin", 3_000_000)
    alice.focus()
    alice.session.key("ctrl+o")
    box.choose(one, "Send Files")
    check_says("a chosen file", Card(alice, "chosen one.bin"), "Sent", TRANSFER_S)
    check("it arrives byte for byte", True, has_all(one, f"{sent}/chosen one.bin"))
    random_file(f"{box.folder}/outside", "not chosen.bin", 1000)
    check("what lies beside it is not seen inside", "", inside(
        box, f"cat '{box.folder}/outside/not chosen.bin' 2>/dev/null; "
        "find /run/user/*/doc -name 'not chosen.bin' 2>/dev/null"))
    tree = f"{box.folder}/outside/Herbarium"
    for place in "oak/old/bark.txt", "birch/leaf 1.txt", "notes.txt":
        random_file(os.path.dirname(f"{tree}/{place}"), os.path.basename(place), 20_000)
    alice.press("Send Folder")
    box.choose(tree, "Send Folder")
    check_says("a chosen folder", Card(alice, "Herbarium (folder)"), "Sent", TRANSFER_S)
    check("all of it arrives", True, has_all(tree, f"{sent}/Herbarium"))
    dropped = random_file(f"{box.folder}/outside", "dropped one.bin", 500_000)
    alice.focus()
    alice.session.drag_file([dropped], alice.conversation())
    check_says("a dropped file", Card(alice, "dropped one.bin"), "Sent", TRANSFER_S)
    check("it arrives, too", True, has_all(dropped, f"{sent}/dropped one.bin"))
    alice.screenshot("flatpak-1-sent")


def test_a_dropped_folder(box):
    """The portal of Debian 12 hands over none; one that does is fine as well."""
    alice = box.alice
    tree = f"{box.folder}/outside/Dropped"
    random_file(tree, "in it.bin", 10_000)
    alice.focus()
    alice.session.drag_file([tree], alice.conversation())
    refused = re.compile("^This can't be read from here: attach it with the paper clip$")

    def outcome():
        if alice.app.has("label", refused):
            return "it is said what to do instead"
        sent = alice.app.has("grouping", re.compile(r"^Dropped \(folder\)"))
        return "it is sent" if sent else None
    print(f"      a folder that is dropped: {until(outcome, SAID_S, 'an outcome')}")
    check("a dropped folder comes to something", True, outcome() is not None)


def bob_does(box, *command):
    """One thing; what he did before has ended, as his folder is in use once at a time."""
    if box.bob.process.poll() is None and "listen" in box.bob.process.args:
        box.alice_id = next(e["id"] for e in box.bob.events if e["event"] == "connected")
        box.bob.end()
    else:
        box.bob.join()
    box.bob = programs.Cli(box.net, "b", box.server, box.bob.folder, *command[:1], box.alice_id,
                           *command[1:])


def offer(box, name, n_bytes=200_000):
    path = random_file(f"{box.folder}/outside", name, n_bytes)
    bob_does(box, "send", path)
    return path


def test_receiving(box):
    alice = box.alice
    target = f"{box.folder}/Chosen Folder"
    os.makedirs(target)
    first = offer(box, "first.bin")
    Card(alice, "first.bin", OFFERED_S).press("Accept")
    box.choose(target, "Choose the Download Folder")
    check_says("the first file, once a folder is chosen", Card(alice, "first.bin"), "Received",
               TRANSFER_S)
    check("it is in that folder, byte for byte", True, has_all(first, f"{target}/first.bin"))
    second = offer(box, "second.bin")
    Card(alice, "second.bin", OFFERED_S).press("Accept")
    check_says("the second, without a question", Card(alice, "second.bin"), "Received",
               TRANSFER_S)
    check("it is there, too", True, has_all(second, f"{target}/second.bin"))
    check("and nothing else is", ["first.bin", "second.bin"], sorted(os.listdir(target)))
    Card(alice, "first.bin").find().find("push button", "Show in folder").do()
    check_comes("the file manager shows it where it is outside", True, lambda: any(
        line.startswith("ShowItems ") and line.endswith("/Chosen%20Folder/first.bin")
        for line in lines_of(box.files)))
    alice.focus()
    alice.session.key("ctrl+comma")
    preferences = alice.dialog("Preferences")
    preferences.find("page tab", "Files").do()
    check_comes("the folder is called by its name alone", (True, False), lambda: (
        preferences.has("label", "Chosen Folder"),
        preferences.has("label", re.compile("/run/"))))
    alice.no_dialog()


def test_a_new_start(box):
    """What was handed over before the program ended is still its own."""
    alice = box.alice
    target = f"{box.folder}/Chosen Folder"
    check("it ends in order", 0, alice.quit())
    start(box)
    third = offer(box, "third.bin")
    Card(alice, "third.bin", OFFERED_S).press("Accept")
    check_says("after a new start the folder is known", Card(alice, "third.bin"), "Received",
               TRANSFER_S)
    check("and written", True, has_all(third, f"{target}/third.bin"))
    os.rename(target, f"{target} of before")
    offer(box, "fourth.bin")
    Card(alice, "fourth.bin", OFFERED_S).press("Accept")
    other = f"{box.folder}/Another"
    os.makedirs(other)
    box.choose(other, "Choose the Download Folder")
    check_says("where it is gone, it is asked for again", Card(alice, "fourth.bin"),
               "Received", TRANSFER_S)
    check("and the file is in the new one", ["fourth.bin"], os.listdir(other))


def test_notification(box):
    alice, session = box.alice, box.session
    alice.focus()
    session.xwindow(alice.app)
    session.xdo("windowminimize", str(session.last_xid))
    until(lambda: not alice.is_active(), SAID_S, "the window not to be in front")
    bob_does(box, "chat", "--message", "Are you there?")
    told = until(lambda: [n for n in session.notifications() if n["body"] == "Are you there?"],
                 SAID_S, lambda: f"a notification; there are {session.notifications()}")[-1]
    check("the desktop is told who wrote", "Bob", told["summary"])
    session.press_notification(told["id"])
    check_comes("a click on it brings the window to the front", True, alice.is_active, SAID_S)
    check("at what was written", True, alice.sees("Are you there?").shown())


def test_a_link(box):
    """As a browser opens one: by what is exported for its scheme."""
    alice = box.alice
    known = subprocess.run(["gio", "mime", "x-scheme-handler/knothole"],
                           env=alice.environment(), capture_output=True, text=True, check=False)
    check("the desktop knows who opens links", True, f"{ID}.desktop" in known.stdout)
    link = re.sub("//[^:/]+", f"//{ELSEWHERE}", box.server.address)
    opening = box.net.popen("a", ["gio", "open", link], env=alice.environment(),
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    check("a link is handed over", 0, opening.wait(SAID_S))
    dialog = alice.dialog("Move to This Server?")
    check("to the window that is there", True, dialog.has("label", re.compile(ELSEWHERE)))
    alice.screenshot("flatpak-2-link", focus=False)
    alice.no_dialog()


def system_page(box):
    box.alice.focus()
    box.alice.session.key("ctrl+comma")
    preferences = box.alice.dialog("Preferences")
    preferences.find("page tab", "System").do()
    return preferences


def started(box):
    return [json.loads(line) for line in lines_of(box.background)[1:]]


def permit(box, answer):
    """What a person has told the desktop before."""
    subprocess.run(["flatpak", "permission-set", "background", "background", ID, answer],
                   env=box.session.env, check=True)


def test_background(box):
    alice = box.alice
    preferences = system_page(box)
    name = "Start in the background"
    switch = preferences.find("check box", name, shown=False)

    def is_on():
        return "checked" in switch.states
    permit(box, "no")
    switch.do()
    check("what the desktop forbids is said", True, preferences.find(
        "label", "The desktop does not allow it: see its settings of apps",
        shown=False) is not None)
    check_comes("and the switch is off again", False, is_on)
    permit(box, "yes")
    switch.do()
    check_comes("what is allowed is started with the session, in its sandbox", True, lambda: [
        (one["app"], one["on"]) for one in started(box)][-1:] == [(ID, True)])
    command = started(box)[-1]["command"]
    check("without a window", True, command[:2] == ["flatpak", "run"]
          and "--command=knothole" in command and "--background" in command or command)
    check_comes("the switch is on", True, is_on)
    switch.do()
    check_comes("and off: it is not started any more", False, lambda: started(box)[-1]["on"])
    alice.no_dialog()


def test_hosting(box):
    """A meeting point inside, and somebody there from outside."""
    alice = box.alice
    alice.focus()
    alice.session.key("ctrl+comma")
    preferences = alice.dialog("Preferences")
    preferences.find("check box", "Host a meeting point on this computer", shown=False).do()
    check("the server runs in the sandbox", True, preferences.find(
        "label", re.compile(r"^It is open\. You use another server"), timeout=SAID_S,
        shown=False) is not None)
    preferences.find("push button", "Use It", shown=False).do()
    check("and the window uses it", True, preferences.find(
        "label", re.compile(r"^It is open, and you use it"), timeout=SAID_S,
        shown=False) is not None)
    alice.no_dialog()
    alice.session.key("ctrl+i")
    invite = alice.dialog("Invite a Friend")
    invite.find("push button", "Copy").do()
    link = alice.session.clipboard(lambda text: text.startswith("knothole:"))
    alice.no_dialog()
    carol = programs.Program(box.net, "a", [
        programs.find_program("knothole-cli"), "--data-dir", f"{box.folder}/Carol", "--json",
        "--server", link, "--name", "Carol", "listen"])
    carol.wait("online", SAID_S)
    check("who has the link meets the window there", True, alice.row("Carol").shown())
    check("it ends in order", 0, alice.quit())
    check_comes("and takes the meeting point along", False, lambda: "--until-eof" in
                subprocess.run(["ps", "-e", "-o", "args"], capture_output=True, text=True,
                               check=True).stdout)


TESTS = (test_what_is_in_it, test_sending, test_a_dropped_folder, test_receiving,
         test_a_new_start, test_notification, test_a_link, test_background, test_hosting)


def main():
    programs.end_on_signals()
    sandbox.enter()
    wanted = sys.argv[1:]
    with Sandbox() as box:
        for test in TESTS:
            if wanted and test.__name__ not in wanted:
                continue
            began = time.monotonic()
            try:
                test(box)
            except Exception:  # whatever it is, the others go on
                traceback.print_exc(file=sys.stdout)
                box.look("failed-flatpak-" + test.__name__)
                check(f"{test.__name__} came to its end", True, False)
            print(f"      {test.__name__}: {time.monotonic() - began:.1f} s", flush=True)
        if box.alice.app:
            check("the program has no complaints", [], box.complaints())
    return summary()


if __name__ == "__main__":
    sys.exit(main())

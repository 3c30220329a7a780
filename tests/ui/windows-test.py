#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window of the Windows program, installed under Wine, and clients of Linux, each behind
a router of its own: a first run, people, a conversation, and a file each way.

    tests/ui/windows-test.py BUILD     the folder of win32/package.sh

What arrives is judged by what the other side says, and by files on the disks.
"""

import argparse
import filecmp
import glob
import os
import re
import sys
import traceback
import types

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "lab"), os.path.join(HERE, "..", "..", "win32")]

import clients  # noqa: E402
import network  # noqa: E402
import programs  # noqa: E402
import wine  # noqa: E402
from checks import check, check_comes  # noqa: E402
from clients import CONE, CONNECT_S, MIB, TRANSFER_S  # noqa: E402
from pair import SCREENSHOTS  # noqa: E402
from session import Session  # noqa: E402
from widgets import until  # noqa: E402
from windows import BIN, BLUE, END_S, HOME, WindowsWindow, running  # noqa: E402

SITES = {"a": CONE, "b": "restricted-cone"}  # a has Windows
SCREEN = 1280, 900
NAME = "Winnie"
FILE_LEN = 3 * MIB
SCHEME = r"HKCU\Software\Classes\knothole"
PROGRAMS = {"knothole.exe", "knothole-cli.exe", "knothole-server.exe"}

# Parts of the window: left, top, width, height.
NAME_ROW = 280, 260, 440, 40
FIRST_ROW = 65, 110, 220, 40
SECOND_ROW = 65, 164, 220, 40
OFFER_BUTTONS = 310, 580, 680, 60
LAST_MESSAGE = 310, 575, 680, 65
CONTINUE = 300, 560, 400, 130
NETWORK = 90, 12, 140, 32
# Places in it.
FIRST_PERSON = 150, 130
ATTACH = 328, 672
COMPOSER = 600, 672
HOST_HERE = 500, 568
COPY_LINK = 693, 417
# In the menu of the paper clip, from its corner.
FILES = 105, 46


def check_first_run(lab, window, bob):
    """A name is suggested, selected, and has the keyboard."""
    window.start()
    window.wait_drawn(NAME_ROW)
    window.screenshot("1-welcome")
    window.session.type(f"{NAME}\n")
    window.session.type(f"{lab.server.address}\n")
    came = bob.wait("peer", CONNECT_S, name=NAME, state="online")
    check("after the first run others see it", True, bool(came["id"]))
    window.wait_drawn(FIRST_ROW)
    check("it shows who is online", True, len(window.colours(FIRST_ROW)) > 2)
    check("and nobody else", 1, len(window.colours(SECOND_ROW)))
    window.screenshot("2-people")
    return came["id"]


def check_talk(window, bob):
    window.click(*FIRST_PERSON)
    check("a click connects, through both routers", "punched",
          bob.wait("connected", CONNECT_S, name=NAME)["path"])
    window.session.type("Hello from a window\n")
    check("what is typed arrives", "Hello from a window",
          bob.wait("message", CONNECT_S)["text"])
    window.wait_drawn(LAST_MESSAGE)
    bob.say("Grüße zurück")
    check("the answer arrives", True, bool(bob.wait("delivered", CONNECT_S)["id"]))
    window.screenshot("3-conversation")


def check_takes_file(lab, window, bob, own_id):
    """Bob's program listens or sends, one at a time."""
    check("the listener ends", 0, bob.end())
    file = lab.random_file("from linux.bin", FILE_LEN)
    sender = lab.cli("b", "send", own_id, file)
    sender.wait("transfer", CONNECT_S, state="offered")
    button = window.wait_blue(OFFER_BUTTONS)
    window.screenshot("4-offer")
    got = window.prefix.path(f"{HOME}/Downloads/Knothole")
    check("nothing is taken unasked", [], clients.whole_names(got))
    window.click(*button)
    check("accepted by a click, a file comes: exit status 0", 0, sender.join(TRANSFER_S))
    check("it is in Downloads, byte for byte", True,
          filecmp.cmp(file, f"{got}/from linux.bin", shallow=False))
    check("nothing is half there", [], clients.partial_names(got))
    window.screenshot("5-received")


def check_sends_file(lab, window):
    bob, _ = lab.listen("b")
    window.click(*COMPOSER)
    window.session.type("Here it comes\n")
    check("a message calls who is back", "Here it comes",
          bob.wait("message", CONNECT_S)["text"])
    folder = window.prefix.path("C:/out")
    os.makedirs(folder)
    os.link(lab.random_file("from windows.bin", FILE_LEN), f"{folder}/from windows.bin")
    window.choose(window.open_popup(lambda: window.click(*ATTACH)), *FILES)
    until(lambda: window.title() == "Send Files", END_S, "the dialog for files")
    window.screenshot("6-dialog")
    window.session.type("C:\\out\\from windows.bin\n")
    bob.wait("done", TRANSFER_S)
    check("a file that was chosen arrives, byte for byte", True, filecmp.cmp(
        f"{folder}/from windows.bin", f"{lab.got('b')}/from windows.bin", shallow=False))
    window.activate()
    window.screenshot("7-sent")
    return bob


def check_link(lab, window):
    """By the command that the installer has left for the scheme: Wine's own shell finds no
    command among the classes of one user."""
    carol = lab.cli("b", "listen", "--accept", "all", identity="carol")
    address = lab.server.address.replace(":7470", "")
    link = f"{address}#peer={carol.identity()}"
    command = window.prefix.value(SCHEME + r"\shell\open\command", None)
    words = [word.replace("%1", link) for word in re.findall(r'"([^"]*)"', command)]
    check("a link is handed over: exit status 0", 0, window.run(*words))
    check("the window that runs connects to who sent it", "punched",
          carol.wait("connected", CONNECT_S, name=NAME)["path"])
    window.wait_drawn(SECOND_ROW)
    check("by no second program", ["knothole.exe"], running(PROGRAMS))
    window.screenshot("8-link")
    return carol


def check_end(window, *others):
    check("it ends by the keyboard: exit status 0", 0, window.quit())
    for other in others:
        check("others see it go", True,
              bool(other.wait("peer", CONNECT_S, name=NAME, state="offline")))
        check("they end, too", 0, other.end())
    check("nothing of it runs", [], running(PROGRAMS))
    check("it complained of nothing", [], window.complaints())


def check_store(lab, window):
    """What is kept, as the other program reads it."""
    cli = programs.Program(lab.net, "a", window.prefix.command(
        f"{BIN}/knothole-cli.exe", "--data-dir", f"{HOME}/AppData/Local/knothole", "--json",
        "transfers"), env=window.prefix.env)
    check("its store can be read: exit status 0", 0, cli.join(CONNECT_S))
    check("both files are in it, as done", {("in", "from linux.bin", "done"),
                                            ("out", "from windows.bin", "done")},
          {(event["direction"], event["name"], event["state"]) for event in cli.events
           if event["event"] == "transfer"})


def check_hosts(lab, window):
    """A meeting point on this computer: a server that runs as long as the window."""
    window.start()
    window.wait_drawn(NAME_ROW)
    window.click(*HOST_HERE)
    button = window.wait_blue(CONTINUE)
    check("a server runs", ["knothole-server.exe", "knothole.exe"], running(PROGRAMS))
    window.screenshot("9-meeting-point")
    window.click(*COPY_LINK)
    link = window.session.clipboard(lambda text: text.startswith("knothole:"))
    check("its link can be copied", True, link.startswith(
        f"knothole://{lab.net.address('a')}/"))
    there = clients.Lab(lab.net, types.SimpleNamespace(address=link.partition("#")[0]),
                        f"{lab.folder}/there")
    guest, _ = there.listen("a")
    check("a client of Linux comes there", 0, guest.end())
    window.click(*button)
    window.wait_gone(BLUE, CONTINUE)
    window.wait_drawn(NETWORK)
    check("the window ends: exit status 0", 0, window.quit())
    check_comes("the server ends with it", [], lambda: running(PROGRAMS))
    check("it complained of nothing", [], window.complaints())


def test(lab, session, prefix):
    window = WindowsWindow(lab, session, prefix, "a")
    bob, _ = lab.listen("b")
    own_id = check_first_run(lab, window, bob)
    check_talk(window, bob)
    check_takes_file(lab, window, bob, own_id)
    bob = check_sends_file(lab, window)
    carol = check_link(lab, window)
    check_end(window, bob, carol)
    check_store(lab, window)
    check_hosts(lab, WindowsWindow(lab, session, prefix, "a", "C:\\host"))


def run(setup):
    with programs.folder("ui-windows-") as folder, \
            network.Network(delay_ms=10, **SITES) as net, \
            Session(wm="metacity", size=SCREEN) as session:
        lab = clients.Lab(net, programs.Server(net, folder), folder)
        prefix = wine.Prefix(f"{folder}/wine")
        check("Knothole is installed silently", 0, prefix.run(setup, "/S").returncode)
        prefix.end()  # what runs next is at home where the window will be
        try:
            test(lab, session, prefix)
        except Exception:
            traceback.print_exc(file=sys.stdout)
            check("the test came to its end", True, False)
            os.makedirs(SCREENSHOTS, exist_ok=True)
            session.screenshot(f"{SCREENSHOTS}/failed-windows.png")
        finally:
            prefix.end()
        check_comes("the server ends cleanly", 0, lab.server.end)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", metavar="BUILD")
    [setup] = glob.glob(f"{parser.parse_args().build}/knothole-*-setup.exe")
    return clients.conclude(lambda: run(os.path.abspath(setup)))


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything without a pointer: from the first run to the end."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import cards  # noqa: E402
from looks import NAMED, read_page  # noqa: E402
from pair import (SCREEN, START_S, UiError, check, check_comes, run, until,  # noqa: E402
                  with_options)

MOST_KEYS = 40  # to get somewhere
KEY_S = 20
CORNER = SCREEN[0] - 1, SCREEN[1] - 1  # where the pointer rests
# Buttons for which the window manager has keys.
OF_WINDOWS = {"Minimize", "Maximize", "Restore", "Close"}
REGIONS = ["People", "Connection", "Messages", "Message"]


def window_of(window):
    """The window of a program that has the keyboard."""
    return next((w for w in window.app.windows() if "active" in w.states), window.app)


def focus(window):
    return window_of(window).focus_path()


def go_to(window, name, key="Tab"):
    """Presses a key until the keyboard is there."""
    matches = name.search if hasattr(name, "search") else lambda text: text == name
    way = []
    for _ in range(MOST_KEYS):
        path = focus(window)
        if any(matches(text) for text in path[:3]):
            return
        way.append(path[:1])
        window.session.key(key)
    raise UiError(f"{key} does not lead to {name}; it went by {way}")


def comes_to(window, title, name):
    """A check that the keyboard comes there."""
    matches = name.search if hasattr(name, "search") else lambda text: text == name
    try:
        until(lambda: any(matches(text) for text in focus(window)[:3]), KEY_S)
    except UiError:
        return check(title, name, focus(window)[:3])
    return check(title, True, True)


def controls(toplevel):
    """Names of what Tab should lead to. That the keyboard is in a row that is written in,
    libadwaita 1.2 does not tell."""
    page = read_page(toplevel)
    return {part.name for part in page.is_seen(
        [p for p in page.parts if p.role in NAMED - {"list", "text"} and min(p.rect[2:]) > 0
         and {"focusable", "sensitive"} <= p.states])} - OF_WINDOWS


def check_tab(window, title, toplevel):
    """Tab leads to everything that can be seen of a page, and again: it goes around."""
    for again in "", " again":
        left = controls(toplevel)
        for _ in range(MOST_KEYS):
            if not left:
                break
            left -= set(focus(window)[:3])
            window.session.key("Tab")
        if left:  # what is not there any more needs no way to it
            left &= controls(toplevel)
        check(f"Tab leads to all of {title}{again}", set(), left)


def joins(window):
    """The first run. GTK 4.8 does not tell that the keyboard is in a row that is written
    in: what is typed does."""
    window.app.find("label", "Welcome to Knothole", timeout=START_S)
    window.focus()
    window.session.key("ctrl+a")
    window.session.type(window.name)
    check(f"{window.name}: the keyboard is where the name is asked", window.name,
          window.app.find("text", "Your name").reads(window.name).text)
    window.session.key("Return")
    window.paste(window.pair.server.address)
    check("Enter goes on to the address", window.pair.server.address, window.app.find(
        "text", "Address or invite link").reads(window.pair.server.address).text)
    window.session.key("Return")
    window.sees("Online", START_S)


def finds_bob(alice):
    alice.row("Bob")
    alice.focus()
    alice.session.key("ctrl+k")
    until(lambda: "Search people" in focus(alice), KEY_S, "search for people")
    alice.session.type("bo\n")  # without a pause
    check("a search and Enter call somebody", True,
          alice.app.find(name="Waiting for Bob to accept").shown())
    check("and the keyboard is where one writes", True, until(
        lambda: "Message" in focus(alice), KEY_S, lambda: f"composer, not {focus(alice)}"))


def accepts_alice(bob):
    bob.row("Alice")
    bob.focus()
    bob.session.key("ctrl+k", "Down")
    check("Down leads from the search to the list", True, until(
        lambda: "Alice" in focus(bob), KEY_S, lambda: f"row of Alice, not {focus(bob)}"))
    bob.session.key("Return")
    bob.app.find("push button", "Accept")
    go_to(bob, "Accept", "shift+F6")
    bob.session.key("Return")
    bob.connected()


def talk(alice, bob):
    alice.connected()
    alice.focus()
    alice.session.type("Without a mouse\n")
    bob.sees("Without a mouse")
    bob.focus()
    go_to(bob, "Message", "F6")
    bob.session.type("Nor here\n")
    check("both write without a pointer", True, alice.sees("Nor here").shown())


def replies(alice, bob):
    """To a message that has the keyboard, by its menu and by its key."""
    for key in "Menu", "ctrl+r":
        alice.focus()
        go_to(alice, "Message", "F6")
        go_to(alice, re.compile("Nor here"), "shift+F6")
        alice.session.key(key)
        if key == "Menu":
            alice.app.find("menu item", "Reply")
            go_to(alice, "Reply", "Down")
            alice.session.key("Return")
        comes_to(alice, f"{key} begins a reply", "Message")
        until(lambda: alice.composer().text == "> Nor here\n", KEY_S,
              lambda: f"the quote, not {alice.composer().text!r}")
        if key == "Menu":
            alice.session.key("ctrl+a", "BackSpace")
    alice.session.type("It is quiet\n")
    check("what is quoted comes with the reply", True,
          bob.sees("> Nor here\nIt is quiet").shown())


def region_of(window):
    """Where the keyboard is, or what that is instead."""
    path = focus(window)
    return next((region for region in REGIONS if region in path), path[:3])


def regions(alice):
    alice.focus()
    go_to(alice, "Message", "F6")
    for key, order in (("F6", REGIONS), ("shift+F6", REGIONS[-2::-1] + REGIONS[-1:])):
        for region in order:
            alice.session.key(key)
            check_comes(f"{key} goes through the regions", region, lambda: region_of(alice))
    alice.session.key("Escape")
    check("Escape leads out of the composer", True, until(
        lambda: "Message" not in focus(alice), KEY_S, "cursor to leave"))
    reads_log(alice)


def reads_log(alice):
    """A message says aloud who wrote it and what."""
    comes_to(alice, "to the newest message", re.compile("Nor here"))
    alice.session.key("Up")
    comes_to(alice, "Up leads to the message before", re.compile("Without a mouse"))
    alice.session.key("Down")
    comes_to(alice, "Down leads back", re.compile("Nor here"))
    alice.session.key("Home", "End")
    comes_to(alice, "End leads to the newest", re.compile("Nor here"))
    alice.session.key("Menu")
    alice.app.find("menu item", "Copy Message")
    alice.session.key("Escape")
    alice.app.gone("menu item", "Copy Message")
    comes_to(alice, "after its menu a message has the keyboard again", re.compile("Nor here"))
    alice.session.key("x")
    comes_to(alice, "what is typed in the log is written", "Message")
    alice.composer().reads("x")
    alice.session.key("BackSpace")


def menus(alice):
    alice.session.key("F10")
    check("F10 opens the main menu", True, alice.app.find("menu item", "Preferences").shown())
    alice.screenshot("keyboard-1-menu")
    alice.session.key("Escape")
    alice.app.gone("menu item", "Preferences")
    alice.session.key("ctrl+k", "Down")
    until(lambda: "Bob" in focus(alice), KEY_S, "row of Bob")
    alice.session.key("shift+F10")
    check("a row has its menu", True, alice.app.find("menu item", re.compile("^Verify")).shown())
    alice.session.key("Escape")
    alice.app.gone("menu item", re.compile("^Verify"))
    check("and has the keyboard again after it", True, until(
        lambda: "Bob" in focus(alice), KEY_S, lambda: f"row of Bob, not {focus(alice)}"))


def verify(window, other):
    """Opens the dialog; the digits in it."""
    window.focus()
    go_to(window, "Message", "F6")
    go_to(window, "Conversation menu", "shift+Tab")
    window.session.key("Return")
    window.app.find("menu item", re.compile("^Verify"))
    go_to(window, re.compile("^Verify"), "Down")
    window.session.key("Return")
    dialog = window.dialog("Verify")
    window.session.key("Return")  # alone it answers nothing
    dialog.find("label", f"Is it really {other.name}?")
    return until(lambda: digits_in(dialog), what="digits to compare")


def digits_in(dialog):
    """Of labels with nothing else in them."""
    return re.sub(r"\D", "", " ".join(w.seen_name for w in dialog.walk() if w.role == "label"
                                      and re.match(r"^[\d\s]+$", w.seen_name)))


def verified(alice, bob):
    one, two = verify(alice, bob), verify(bob, alice)
    check("both see the same sixty digits", (60, one), (len(one), two))
    bob.screenshot("keyboard-2-verify")
    for window, other in (bob, alice), (alice, bob):
        window.focus()
        check_tab(window, "the verification", window_of(window))
        go_to(window, "They are the same")
        window.session.key("Return")
        window.no_dialog()
        window.sees(f"You have verified {other.name}")
        check_comes(f"{window.name} sees the mark", re.compile("Verified").search,
                    lambda window=window, other=other: window.presence(other.name))


def windows(alice):
    alice.focus()
    for key, title in (("ctrl+comma", "Preferences"), ("ctrl+question", "Shortcuts"),
                       ("ctrl+i", "Invite a Friend")):
        alice.session.key(key)
        dialog = until(lambda title=title: [w for w in alice.dialogs() if title in w.name
                                            or w.name == ""], KEY_S, title)[0]
        check(f"{key}: {title}", True, dialog.shown())
        alice.screenshot(f"keyboard-3-{title.split()[0].lower()}")
        if title != "Shortcuts":
            check_tab(alice, title, dialog)
        alice.session.key("Escape")
        alice.no_dialog()
    go_to(alice, re.compile("^Your network"))
    alice.session.key("Return")
    check_tab(alice, "one's own network", alice.dialog("Your Network"))
    alice.session.key("Escape")
    alice.no_dialog()
    alice.session.key("ctrl+f")
    alice.app.find("entry", "Search messages")
    alice.session.type("mouse")
    check("ctrl+f searches", True, alice.app.find(name="1 of 1").shown())
    alice.session.key("Escape")
    alice.app.gone("entry", "Search messages")


def reads_report(alice):
    alice.focus()
    go_to(alice, "Direct connection", "F6")
    alice.session.key("Return")
    alice.button("Hang Up")
    go_to(alice, "Hang Up")
    go_to(alice, "Report", "shift+Tab")
    alice.session.key("Return")
    check_tab(alice, "the report", alice.dialog("Report"))
    alice.session.key("Escape")
    alice.no_dialog()
    go_to(alice, "Direct connection", "shift+Tab")
    alice.session.key("Return")


def declines_a_folder(alice, bob):
    tree = f"{alice.folder}/Herbarium"
    for name in "oak.txt", "birch.txt":
        cards.random_file(tree, name, 1000)
    alice.focus()
    alice.session.key("ctrl+shift+o")
    alice.session.choose_file(tree, "Send Folder", alice.app)
    card = cards.Card(bob, "Herbarium (folder)")
    card.says("Alice wants to send you this")
    bob.focus()
    bob.session.key("End")
    comes_to(bob, "the newest card has the keyboard", re.compile("Herbarium"))
    go_to(bob, "Show All")
    bob.session.key("Return")
    dialog = bob.dialog("Files")
    comes_to(bob, "an offer begins with what is in it", "Files and folders")
    check_tab(bob, "an offer", dialog)
    bob.session.key("Escape")
    bob.no_dialog()
    go_to(bob, "Decline")
    bob.session.key("Return")
    card.says("You declined it")
    check("a folder is looked at and declined", False,
          os.path.exists(cards.received(bob, "Herbarium")))


def sends_a_file(alice, bob):
    path = cards.random_file(alice.folder, "by keyboard.bin", 20_000)
    alice.focus()
    go_to(alice, "Message", "F6")
    alice.session.key("ctrl+o")
    alice.session.choose_file(path, "Send Files", alice.app)
    card = cards.Card(bob, "by keyboard.bin")
    card.says("Alice wants to send you this")
    bob.focus()
    go_to(bob, "Messages", "F6")
    bob.session.key("End")
    comes_to(bob, "a card in the log has the keyboard", re.compile("by keyboard"))
    go_to(bob, "Accept")
    bob.session.key("Return")
    card.says("Received")
    check_comes("a file is sent and accepted", True, lambda: cards.has_all(
        path, cards.received(bob, "by keyboard.bin")))


def closes(window, key):
    process = window.app.proc
    window.focus()
    window.session.key(key)
    check(f"{key} closes the window, and the program ends well", 0, process.wait(START_S))


@with_options(prepared=False)
def test_keyboard(pair):
    alice, bob = pair.alice, pair.bob
    pair.session.move(*CORNER)
    joins(alice)
    joins(bob)
    finds_bob(alice)
    accepts_alice(bob)
    talk(alice, bob)
    replies(alice, bob)
    regions(alice)
    menus(alice)
    verified(alice, bob)
    windows(alice)
    reads_report(alice)
    sends_a_file(alice, bob)
    declines_a_folder(alice, bob)
    closes(alice, "ctrl+w")
    closes(bob, "ctrl+q")
    pointer = pair.session.dpy.screen().root.query_pointer()
    check("the pointer was not used", CORNER, (pointer.root_x, pointer.root_y))


if __name__ == "__main__":
    sys.exit(run(test_keyboard))

#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people get to know each other and talk: from the click to the second call."""

import contextlib
import os
import random
import re
import string
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from pair import check, check_comes, run, until, with_options  # noqa: E402

LINK = "https://example.org/fence?post=3"
FOREIGN = "Grüße, 你好, مرحبا 🎉"
DELIVERED = re.compile("^Delivered: saved on (Alice|Bob)’s computer$")
LONG_BYTES = 20_000


def browser(window):
    """A program that opens links, and the file in which it writes them down."""
    folder, opened = f"{window.folder}/share/applications", f"{window.folder}/opened"
    os.makedirs(folder)
    os.makedirs(f"{window.folder}/config", exist_ok=True)
    with open(f"{folder}/browser.desktop", "w", encoding="utf-8") as file:
        file.write("[Desktop Entry]\nType=Application\nName=Browser\n"
                   f"Exec={window.folder}/browser %u\nMimeType=x-scheme-handler/https;\n")
    with open(f"{window.folder}/browser", "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\necho "$1" >> "{opened}"\n')
    os.chmod(f"{window.folder}/browser", 0o755)
    with open(f"{window.folder}/config/mimeapps.list", "w", encoding="utf-8") as file:
        file.write("[Default Applications]\nx-scheme-handler/https=browser.desktop\n")
    return opened


@contextlib.contextmanager
def no_way(net):
    """Meanwhile the routers find no way to each other, but to the server. It is looked for for
    ten seconds, which is longer than the fraction of one in which it is found otherwise."""
    routes = [(net.site(one).router, f"blackhole {net.public_address(other)}/32")
              for one, other in (("a", "b"), ("b", "a"))]
    for router, route in routes:
        router.ip(f"route add {route}")
    try:
        yield
    finally:
        for router, route in routes:
            router.ip(f"route del {route}")


def meets(alice, bob):
    """Alice clicks on Bob, who is asked and accepts."""
    alice.open("Bob")
    check("the strip says that Bob is asked", True,
          alice.app.find(name="Waiting for Bob to accept").shown())
    check("and shows the way to him", True, alice.app.find(
        "image", re.compile("^Picture: your computer and that of Bob")).shown())
    bob.sees("Wants to talk to you")
    bob.open("Alice")
    bob.app.find(name="Alice wants to connect with you.")
    bob.screenshot("chat-1-request")
    with no_way(alice.pair.net):
        bob.press("Accept", count=2)
        check("the steps are seen while it connects", True,
              alice.app.find("list", "Steps of connecting").shown())
    for window in alice, bob:
        wanted = re.compile(r"^IPv4 · \d+ ms · (AES-256-GCM|ChaCha20-Poly1305)$")
        check_comes(f"{window.name} sees path, family and round trip", wanted.search,
                    lambda window=window: window.connected().description)


def looks_at_badge(alice):
    alice.app.gone("list", "Steps of connecting")  # a success is seen for a moment
    alice.focus()
    alice.connected().click()
    steps = alice.app.find("list", "Steps of connecting")
    steps.find("list item", re.compile("^Step 8")).settle()
    check_comes("all eight steps are done", 8, lambda: len(steps.all(
        "list item", re.compile("^Step [1-8], done: "))))
    check("it says that nothing goes through a server", True, alice.sees(re.compile(
        "No message or file byte goes through any server")).shown())
    alice.screenshot("chat-2-connected")
    alice.connected().click()
    alice.app.gone("list", "Steps of connecting")


def talks(alice, bob):
    alice.say("Hello Bob")
    bob.sees("Hello Bob")
    bob.say("Hello Alice")
    alice.sees("Hello Alice")
    check("what the other one's disk has is marked so", True,
          alice.marked("Hello Bob", DELIVERED).shown())
    check_comes("a screen reader hears it too",
                re.compile(r"^You, \d\d:\d\d: Hello Bob. Delivered$").search,
                lambda: alice.row_of("Hello Bob").name)
    check_comes("and who has written", re.compile(r"^Bob, \d\d:\d\d: Hello Alice$").search,
                lambda: alice.row_of("Hello Alice").name)
    alice.focus()
    alice.composer().click()
    alice.session.type("A line")
    alice.session.key("shift+Return")
    alice.session.type("and another")
    check_comes("Shift+Enter breaks the line", "A line\nand another",
                lambda: alice.composer().text)
    alice.session.key("Return")
    check("both lines arrive", True, bob.sees("A line\nand another").shown())
    check_comes("and the field is empty again", "", lambda: alice.composer().text)
    alice.paste(FOREIGN)
    alice.composer().reads(FOREIGN)
    alice.session.key("Return")
    check("so do other scripts and emoji", True, bob.sees(FOREIGN).shown())


def opens_link(alice, bob, opened):
    bob.say(LINK)
    alice.sees(LINK)
    alice.focus()
    alice.sees(LINK).click()

    def written():
        """What the browser was given: it makes the file before it writes the line."""
        if not os.path.exists(opened):
            return ""
        with open(opened, encoding="utf-8") as file:
            return file.read()

    until(lambda: written().endswith("\n"), what="link to be opened")
    check("a link opens", LINK, written().strip())


def counts_unread(alice, bob):
    bob.focus()
    until(lambda: bob.title() == "Knothole", what="title to count nothing")
    bob.turns_to(alice)
    alice.say("One")
    alice.say("Two")
    check_comes("the title counts what is unread", "(2) Knothole", bob.title)
    row = bob.app.find("list item", "Alice")
    check_comes("so does the row", re.compile(", 2 unread$").search, lambda: row.description)
    check("as a number that can be seen", True, row.find("label", "2").shown())
    bob.screenshot("chat-3-unread", focus=False)
    bob.focus()
    until(lambda: bob.title() == "Knothole", what="looking at it to end that")
    check_comes("who looks has read it", False, lambda: "unread" in row.description)


def sends_long(alice, bob):
    """So much that the server would show it."""
    letters = random.Random(7)
    text = "".join(letters.choice(string.ascii_lowercase + " ") for _ in range(LONG_BYTES))
    text = "begin" + text.strip() + "end"
    alice.focus()
    alice.composer().click()
    alice.paste(text)
    alice.composer().reads(text)
    alice.session.key("Return")
    bob.focus()
    bob.press("Show All")
    bob.app.find("label", text, shown=False)
    check("a long message arrives whole, and is folded until one asks", True, True)


def searches(alice):
    check_comes("what was said first is out of sight", False,
                lambda: alice.app.has("label", "Hello Bob"))
    alice.focus()
    alice.session.key("ctrl+f")
    alice.app.find("entry", "Search messages").reads("")
    alice.session.type("hello b")
    check("a search finds it", True, alice.app.find(name="1 of 1").shown())
    check("and goes there", True, alice.sees("Hello Bob").shown())
    alice.screenshot("chat-4-search")
    alice.session.key("ctrl+a")
    alice.session.type("nowhere")
    check("what is not there is not found", True, alice.app.find(name="Not found").shown())
    alice.session.key("Escape")
    alice.app.gone("entry", "Search messages")


def deletes(alice, bob):
    """Her side of the conversation, while both are connected: they go on."""
    alice.choose("Conversation menu", re.compile("^Delete Conversation"))
    alice.dialog("Delete the Conversation With Bob?")
    alice.press("Delete")
    alice.no_dialog()
    alice.app.gone("list", "Messages")
    check("what is deleted is gone", False, alice.app.has("list", "Messages"))
    bob.say("After all that")
    check("what is written afterwards arrives", True, alice.sees("After all that").shown())
    alice.say("And back")
    check("in both directions", True, bob.sees("And back").shown())
    check("and is confirmed", True, alice.marked("And back", DELIVERED).shown())
    check_comes("and nothing else comes back", ["After all that", "And back"], alice.texts)


def calls_again(alice, bob):
    """After both have been closed."""
    for window in alice, bob:
        check(f"{window.name}'s window ends well", 0, window.quit())
    bob.start()
    alice.start()
    alice.open("Bob")
    alice.connected()
    check("the second call asks nothing", False, bob.app.has("push button", "Accept"))
    check_comes("and Bob sees the connection", re.compile("^Connected directly").search,
                lambda: bob.presence("Alice"))


@with_options(delay_ms=40, started=False)
def test_chat(pair):
    alice, bob = pair.alice, pair.bob
    opened = browser(alice)
    for window in alice, bob:
        window.launch()
    for window in alice, bob:
        window.attach()
    meets(alice, bob)
    looks_at_badge(alice)
    talks(alice, bob)
    opens_link(alice, bob, opened)
    alice.screenshot("chat-3-conversation")
    counts_unread(alice, bob)
    sends_long(alice, bob)
    searches(alice)
    deletes(alice, bob)
    calls_again(alice, bob)
    for window in alice, bob:
        window.quit()
    pair.server.end()
    check("the server has carried less than one long message",
          lambda carried: carried < LONG_BYTES, pair.server.carried())


if __name__ == "__main__":
    sys.exit(run(test_chat))

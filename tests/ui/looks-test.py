#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page as everyone sees it: light, dark, with high contrast, from right to left, with
large text, 360 pixels wide, in Chinese. Leaves screenshots to be judged by eye, and checks
what can be checked without."""

import contextlib
import gettext
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from Xlib import X  # noqa: E402

import cards  # noqa: E402
from looks import Page, Part, read_page  # noqa: E402
from pair import (BUILD, CONNECT_S, PLACES, SCREEN, SCREENSHOTS, START_S, UiError,  # noqa: E402
                  Window, check, check_comes, run, until, with_options)

WIDE = 1000, 700
NARROW = 360, 640
PAGE_S = 20
RIGHT_S = 5
STILL_S = 0.1  # between two pictures of a page that is still: some frames
LARGE_DPI = 144  # 150 % of what is usual
SAID = (("Alice", "Good morning! The cherries are ripe 🍒"),
        ("Bob", "Already? Then I will come over with a ladder. Is Saturday all right, "
                "or do you have the whole family there?"),
        ("Alice", "Saturday is fine."),
        ("Alice", "The recipe is at https://en.wikipedia.org/wiki/Cherry_soup"),
        ("Bob", "👍"))


# libadwaita 1.2 has no name for the search of the preferences, nor for the list of a group
# without a title.
NAMELESS = {"preferences": "push button 'GtkImage'", "first-run": "list 'GtkListBox'"}


class Look:
    def __init__(self, name, size=WIDE, dpi=None, language=None, **env):
        self.name, self.size, self.dpi, self.env = name, size, dpi, env
        self.language = gettext.translation(
            "knothole", os.path.join(BUILD, "po"), [language]) if language else None

    def says(self, text):
        return self.language.gettext(text) if self.language else text

    def pattern(self, text):
        """Of a text with something to fill in."""
        return re.compile("^" + re.escape(self.says(text)).replace("%s", ".*") + "$")


def looks(locales):
    return (Look("light"),
            Look("dark", ADW_DEBUG_COLOR_SCHEME="prefer-dark"),
            Look("high-contrast", ADW_DEBUG_HIGH_CONTRAST="1"),
            Look("right-to-left", LOCPATH=locales, LANG="he_IL.UTF-8",
                 KNOTHOLE_LOCALEDIR=locales),
            Look("large-text", dpi=LARGE_DPI),
            Look("chinese", language="zh_CN", LOCPATH=locales, LANG="zh_CN.UTF-8"),
            Look("narrow", size=NARROW))


def begin_to_make_locales(folder):
    """In a folder, by programs that go on; they have to end before the folder is used."""
    path = f"{folder}/locales"
    os.makedirs(f"{path}/he/LC_MESSAGES")
    making = [subprocess.Popen(["localedef", "-i", name, "-f", "UTF-8", f"{path}/{name}.UTF-8"],
                               stderr=subprocess.DEVNULL) for name in ("he_IL", "zh_CN")]
    # GLib translates nothing, and GTK stays as it is for English, where the program has no
    # translation: one without any text will do.
    subprocess.run(["msgfmt", "-o", f"{path}/he/LC_MESSAGES/knothole.mo", "-"], check=True,
                   text=True, input='msgid ""\nmsgstr ""\n'
                   '"Content-Type: text/plain; charset=UTF-8\\n"\n')
    return path, making


# What there is to see


def make_files(folder):
    os.makedirs(folder)
    picture = f"{folder}/Cherries.jpg"
    subprocess.run(["convert", "-size", "960x540", "-seed", "7", "plasma:firebrick-darkgreen",
                    "-blur", "0x3", picture], check=True)
    for i, name in enumerate(("Soup/Cherry soup.odt", "Soup/Pictures/pot.jpg",
                              "Soup/Pictures/bowl.jpg", "Soup/Shopping list.txt")):
        cards.random_file(os.path.dirname(f"{folder}/{name}"), os.path.basename(name),
                          3_000 << 3 * i)
    return picture, cards.random_file(folder, "Ladder manual.pdf", 240_000), f"{folder}/Soup"


def live_a_while(pair):
    """A conversation with all that is in conversations; the last offer is open."""
    alice, bob = cards.meet(pair)
    for name, text in SAID:
        one, other = (alice, bob) if name == "Alice" else (bob, alice)
        one.focus()
        one.composer().click()
        one.paste(text).composer().reads(text)
        one.session.key("Return")
        other.row_of(text)
    picture, manual, folder = make_files(f"{pair.folder}/files")
    for sender, receiver, path in (alice, bob, manual), (bob, alice, picture):
        cards.paste_files(sender, path)
        card = cards.Card(receiver, os.path.basename(path))
        card.says("wants to send you this")
        card.press("Accept")
        card.says("Received")
    cards.paste_files(bob, folder)
    cards.Card(alice, "Soup (folder)").says("wants to send you this")


# One window


class Visit:
    """A window in one look."""

    def __init__(self, window, look):
        self.window, self.look, self.session = window, look, window.session
        self.app = None

    def launch(self):
        self.window.settings = {"gtk_enable_animations": 0, "gtk_cursor_blink": 0}
        self.window.launch(**self.look.env)

    def attach(self):
        self.window.attach()
        self.window.place(*self.window.at, *self.look.size)
        self.app = self.window.app
        if self.look is not None and self.look.size == NARROW:
            until(lambda: self.width(self.app) == NARROW[0], PAGE_S, "narrow window")
        return self

    def width(self, toplevel):
        _, _, width, _, (left, right, _, _) = self.session.xwindow(toplevel)
        return width - left - right

    def activate(self, action):
        """An action of the program or the window, as a menu or key would."""
        scope, name = action.split(".")
        self.session.xwindow(self.app)
        window = self.session.dpy.create_resource_object("window", self.session.last_xid)
        bus, path = (self.session._prop(window, prop).decode() for prop in (
            "_GTK_UNIQUE_BUS_NAME",
            "_GTK_APPLICATION_OBJECT_PATH" if scope == "app" else "_GTK_WINDOW_OBJECT_PATH"))
        subprocess.run(["gdbus", "call", "--session", "-d", bus, "-o", path, "-m",
                        "org.gtk.Actions.Activate", name, "[]", "{}"],
                       env=self.window.environment(), check=True, stdout=subprocess.DEVNULL)

    def find(self, role, text, timeout_s=PAGE_S):
        return self.app.find(role, text if hasattr(text, "search") else self.look.says(text),
                             timeout=timeout_s)

    def press(self, text):
        self.find("push button", text).do()

    def dialog(self, inside=None):
        """The one that has opened, with this label in it."""
        dialog = until(self.window.dialogs, PAGE_S, "a dialog to open")[-1]
        if inside:
            dialog.find("label", inside, timeout=PAGE_S)
        until(lambda: self.session.focus(dialog) or True, PAGE_S, "the dialog to be active")
        if self.look.size == NARROW:
            self.session.resize(dialog, *NARROW)
        return dialog

    def close(self):
        while self.window.dialogs():
            n = len(self.window.dialogs())
            self.session.key("Escape")
            until(lambda: len(self.window.dialogs()) < n, PAGE_S, "Escape to close a dialog")

    def look_at(self, name, toplevel=None):
        """Takes its picture and checks what can be checked."""
        toplevel = toplevel or self.app.windows()[0]
        self.session.focus(toplevel)
        title = f"{self.look.name}, {name}"
        self.picture(f"{name}-{self.look.name}", toplevel)
        check_comes(f"{title}: nothing else is in its picture", ([], True),
                    lambda: (self.session.above(toplevel), "active" in toplevel.states))
        page = self.page(name, toplevel)
        check(f"{title}: all of it is inside its window", [], page.beyond())
        check(f"{title}: nothing is squeezed to nothing", [], page.squeezed())
        check(f"{title}: what takes the keyboard has a name", [], self.nameless(name, page))
        if self.look.size == NARROW:
            check_comes(f"{title}: fits into {NARROW[0]} pixels", NARROW[0],
                        lambda: self.width(toplevel))

    @staticmethod
    def nameless(name, page):
        return [part for part in page.nameless()
                if not part.startswith(NAMELESS.get(name, "-"))]

    def page(self, name, toplevel):
        """As it is once nothing is wrong with it, or in the end."""
        pages = []

        def look():
            page = read_page(toplevel)
            pages.append(page)
            return not (page.beyond() or page.squeezed() or self.nameless(name, page))
        with contextlib.suppress(UiError):
            until(look, RIGHT_S)
        return pages[-1]

    def picture(self, name, toplevel):
        """Once it stands still, and without a tooltip."""
        self.session.move(SCREEN[0] - 1, SCREEN[1] - 1)
        def still():
            before = self.points(toplevel)
            time.sleep(STILL_S)
            return self.points(toplevel) == before
        until(still, PAGE_S, f"{toplevel!r} to stand still")
        self.session.screenshot(os.path.join(SCREENSHOTS, "looks", name + ".png"), toplevel)

    def points(self, toplevel):
        """As far as it is on the screen."""
        x, y, width, height, _ = self.session.xwindow(toplevel)
        left, top = max(x, 0), max(y, 0)
        right, bottom = (min(end, size) for end, size in zip((x + width, y + height), SCREEN))
        return self.session.dpy.screen().root.get_image(
            left, top, right - left, bottom - top, X.ZPixmap, 0xffffffff).data

    def quit(self):
        complaints = cards.complaints(self.window)
        check(f"{self.look.name}, {self.window.name}: GTK has nothing to complain about", [],
              complaints)
        check(f"{self.look.name}, {self.window.name}: ends well", 0, self.window.quit())


# Pages


def visit_people(visit):
    """What one gets to from a window with a conversation."""
    visit.find("label", "Bob")
    visit.look_at("people")
    if visit.look.name == "right-to-left":
        check("from right to left the people are at the right", True,
              visit.find("label", "Bob").rect()[0] > visit.window.at[0] + WIDE[0] / 2)
    visit.activate("win.next-person")
    visit.find("text", "Message")
    visit.activate("win.connect")
    visit.find("push button", re.compile("|".join(
        visit.look.says(text) for text in ("Direct connection", "Same network"))), CONNECT_S)
    visit.look_at("conversation")
    visit.session.key("Escape", "Home")  # out of the composer, to what was said first
    visit.find("label", re.compile("^Good morning"))
    visit.look_at("messages")
    visit.session.key("End")
    visit.press("Show All")
    visit.look_at("offer", visit.dialog("Shopping list.txt"))
    visit.close()
    visit.activate("win.verify-person")
    visit.look_at("verify", visit.dialog())
    visit.close()
    visit.activate("win.reports")
    dialog = visit.dialog()
    dialog.find("list item", timeout=PAGE_S).click()
    until(lambda: len(visit.window.dialogs()) == 2, PAGE_S, "the report to open")
    visit.look_at("report", visit.dialog())
    visit.close()
    visit.activate("app.preferences")
    visit.look_at("preferences", visit.dialog())
    visit.close()


def visit_network(visit):
    visit.press(visit.look.pattern("Your network: %s"))
    visit.look_at("network", visit.dialog())
    visit.close()


def visit_first_run(visit, address):
    """And then nobody is there."""
    visit.find("label", "Welcome to Knothole")
    visit.look_at("first-run")
    visit.find("text", "Your name").set_text("Carol")
    visit.find("text", "Address or invite link").set_text(f"{address}#room={visit.look.name}")
    button = visit.find("push button", "Join")
    until(button.sensitive, PAGE_S, "Join to be of use")
    button.do()
    visit.find("label", "Whoever comes into the room shows up here.", START_S)
    visit.look_at("alone")
    visit_network(visit)


def see(pair, look):
    session = pair.session
    if look.dpi:
        set_dpi(session, look.dpi)
    alice = Visit(pair.alice, look)
    carol = Visit(Window(pair, "Carol", pair.hosts[0], f"{pair.folder}/carol-{look.name}"), look)
    carol.window.at = PLACES[1]
    for visit in alice, carol:
        visit.launch()
    for visit in alice, carol:  # side by side before either is looked at
        visit.attach()
    visit_people(alice)
    alice.quit()
    visit_first_run(carol, pair.server.address)
    carol.quit()
    if look.dpi:
        set_dpi(session, 96)


def set_dpi(session, dpi):
    subprocess.run(["xrdb", "-merge"], input=f"Xft.dpi: {dpi}\n", text=True, check=True,
                   env=session.env)


@with_options()
def test_looks(pair):
    os.makedirs(os.path.join(SCREENSHOTS, "looks"), exist_ok=True)
    locales, making = begin_to_make_locales(pair.folder)
    live_a_while(pair)
    pair.alice.quit()
    for process in making:
        if process.wait(START_S) != 0:
            raise UiError("localedef has made no locale")
    wanted = os.environ.get("LOOKS", "").split()
    for look in looks(locales):
        if not wanted or look.name in wanted:
            began = time.monotonic()
            see(pair, look)
            cards.note(f"{look.name}: {time.monotonic() - began:.1f} s")


def check_rules():
    """The rules find what breaks them."""
    focusable = frozenset({"focusable"})
    for title, rule, bad, good in (
            ("too wide", Page.beyond, Part("label", "a", (300, 0, 70, 20)),
             Part("label", "a", (300, 0, 60, 20))),
            ("cut at the start", Page.beyond, Part("label", "a", (-2, 0, 70, 20)),
             Part("label", "a", (0, 0, 70, 20))),
            ("below the window", Page.beyond, Part("label", "a", (0, 630, 70, 20)),
             Part("label", "a", (0, 630, 70, 20), scrolled=True)),
            ("a label without room", Page.squeezed, Part("label", "abc", (0, 0, 5, 20)),
             Part("label", "abc", (0, 0, 20, 20))),
            ("a button without room", Page.squeezed, Part("push button", "", (0, 0, 10, 30)),
             Part("push button", "", (0, 0, 30, 30))),
            ("named by its type", Page.nameless,
             Part("push button", "GtkButton", (0, 0, 30, 30), focusable),
             Part("push button", "Send", (0, 0, 30, 30), focusable)),
            ("no name", Page.nameless, Part("push button", "", (0, 0, 30, 30), focusable),
             Part("push button", "Send", (0, 0, 30, 30), focusable))):
        check(f"a rule finds what is {title}", [str(bad)], rule(Page(NARROW, [bad])))
        check(f"and nothing else than what is {title}", [], rule(Page(NARROW, [good])))


if __name__ == "__main__":
    check_rules()
    sys.exit(run(test_looks))

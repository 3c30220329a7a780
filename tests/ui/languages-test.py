#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every page in every language, 1,000 and 360 pixels wide: nothing is cut off.

The window goes through its pages by itself (tests/app/tour.c), measures from inside what does
not fit, and leaves a picture of each in screenshots/languages, to be judged by eye. Names,
messages and the like may end in dots; what Knothole says may not.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import cards  # noqa: E402
import fence  # noqa: E402
import programs  # noqa: E402
from pair import (BUILD, SCREENSHOTS, START_S, UiError, check, complaints_in,  # noqa: E402
                  run, with_options)
from session import write_settings  # noqa: E402

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
TOUR = os.path.join(BUILD, "tests", "app", "tour")
TOUR_S = 300  # a busy machine, a build with the sanitizers
# The usual place of a language that has no place in its name.
PLACES = {"de": "de_DE", "en": "en_GB", "es": "es_ES", "fr": "fr_FR", "he": "he_IL",
          "ja": "ja_JP", "ru": "ru_RU"}
WIDTHS = 1000, 360
PAGES = {"people", "conversation", "offer", "reports", "report", "verify", "rename", "block",
         "forget", "delete", "invite", "backup", "restore", "keys", "about", "preferences-1",
         "preferences-2", "preferences-3", "preferences-4", "network"}

SAID = (("bob", "Good morning! The cherries are ripe 🍒"),
        ("alice", "Already? Then I will come over with a ladder. Is Saturday all right, or do "
                  "you have the whole family there?"),
        ("bob", "Saturday is fine."))
PICTURE, MANUAL, FOLDER = "Cherries.jpg", "Ladder manual.pdf", "Soup"
# What may end in dots where there is no room: it is not Knothole's. Nothing that a sentence of
# Knothole could begin with: the whole text is looked at.
DATA = re.compile("|".join((
    "Alice", "Bob", re.escape(PICTURE), re.escape(MANUAL), FOLDER, r"knothole:\S+", r"/\S+",
    r"[a-z2-7]{40,}",  # an identity
    *(re.escape(text) for _, text in SAID))))
ISOLATES = re.compile("[\u2066-\u2069]")


class Language:
    """@code: as in po/LINGUAS; "en" is what the sources say, "he" the same from right to left,
    as there is no translation into Hebrew."""

    def __init__(self, code):
        self.code = code
        self.locale = code if "_" in code else PLACES[code]
        self.translated = code not in ("en", "he")


def all_languages():
    with open(os.path.join(TOP, "po", "LINGUAS"), encoding="utf-8") as file:
        codes = " ".join(line for line in file if not line.startswith("#")).split()
    return [Language(code) for code in ("en", *codes, "he")]


def begin_to_make_locales(folder, languages):
    """Programs that go on; they have to end before the folder is used."""
    os.makedirs(folder)
    return [subprocess.Popen(["localedef", "-i", language.locale, "-f", "UTF-8",
                              f"{folder}/{language.locale}.UTF-8"], stderr=subprocess.DEVNULL)
            for language in languages]


def make_empty_translation(folder):
    """GTK stays from left to right where the program has no translation at all."""
    os.makedirs(f"{folder}/he/LC_MESSAGES")
    subprocess.run(["msgfmt", "-o", f"{folder}/he/LC_MESSAGES/knothole.mo", "-"], check=True,
                   text=True, input='msgid ""\nmsgstr ""\n'
                   '"Content-Type: text/plain; charset=UTF-8\\n"\n')
    return folder


# What there is to see


class Person:
    """At a terminal, with the data folder of a window."""

    def __init__(self, pair, window):
        self.pair, self.window, self.id = pair, window, None

    def start(self, *words):
        return programs.Program(self.pair.net, self.window.host, [
            programs.find_program("knothole-cli"), "--data-dir", self.window.data_dir,
            "--json", *words])

    def listen(self):
        program = self.start("listen", "--accept", "all", "--save-to", self.window.downloads)
        self.id = program.wait("online", START_S)["id"]
        return program

    def do(self, *words):
        program = self.start(*words)
        if program.join() != 0:
            raise UiError(f"knothole-cli {words[0]}: {program.describe()}")


def live_a_while(pair):
    """A conversation with messages and files; Bob, who is returned, has one more to offer to
    her who is returned."""
    alice, bob = Person(pair, pair.alice), Person(pair, pair.bob)
    files = f"{pair.folder}/files"
    for name, n_bytes in (MANUAL, 240_000), (f"{FOLDER}/Cherry soup.odt", 30_000), (
            f"{FOLDER}/Shopping list.txt", 400):
        path = f"{files}/{name}"
        cards.random_file(os.path.dirname(path), os.path.basename(path), n_bytes)
    fence.draw(f"{files}/{PICTURE}")
    listening = alice.listen()
    bob.do("chat", alice.id, "--message", SAID[0][1])
    bob.do("send", alice.id, f"{files}/{PICTURE}")
    listening.end()
    listening = bob.listen()
    alice.do("chat", bob.id, "--message", SAID[1][1])
    alice.do("send", bob.id, f"{files}/{MANUAL}")
    listening.end()
    listening = alice.listen()
    bob.do("chat", alice.id, "--message", SAID[2][1])
    listening.end()
    return alice, bob


def begin_to_offer(pair, alice, bob):
    """Once she is online; it goes on until it is taken, also when she leaves and comes back."""
    watching = bob.start("peers", "--watch")
    watching.wait("peer", START_S, state="online", id=alice.id)
    watching.end()
    sending = bob.start("send", alice.id, f"{pair.folder}/files/{FOLDER}")
    sending.wait("connected", START_S)
    return sending


# The tour


class Tour:
    def __init__(self, pair, window, kind, language, locales, **env):
        self.window, self.kind, self.language = window, kind, language
        self.folder = os.path.join(SCREENSHOTS, "languages", language.code)
        self.pages, self.found = set(), []
        os.makedirs(self.folder, exist_ok=True)
        write_settings(f"{window.folder}/config", gtk_enable_animations=0, gtk_cursor_blink=0,
                       gtk_decoration_layout=":close")  # as GNOME's
        self.app = window.session.launch(
            [TOUR, "--data-dir", window.data_dir], bus=window.name, attach=False,
            popen=lambda command, **kwargs: pair.net.popen(window.host, command, **kwargs),
            env=window.home() | {
                "TOUR": kind, "TOUR_FOLDER": self.folder, "LOCPATH": locales,
                "LANG": f"{language.locale}.UTF-8",
                "KNOTHOLE_LOCALEDIR": os.path.join(BUILD, "po") if language.translated
                else locales} | env)

    def finish(self):
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.app.proc.wait(TOUR_S)
        for line in self.app.output().splitlines():
            if line.startswith("{"):
                thing = json.loads(line)
                if "how" in thing:
                    self.found.append(thing)
                else:
                    self.pages.add((thing["page"], thing["width"]))
        return self

    def complaints(self):
        return sorted({f"{thing['page']}, {thing['width']} pixels: {thing['how']}: "
                       f"{thing['what']!r}" for thing in self.found if not is_allowed(thing)})

    def judge(self, pages):
        code = self.language.code
        if self.language.translated:
            check(f"{code}: its translation is built", True, os.path.exists(
                os.path.join(BUILD, "po", code, "LC_MESSAGES", "knothole.mo")))
        check(f"{code}, {self.kind}: comes to the end of it", 0, self.app.quit())
        check(f"{code}, {self.kind}: has seen all pages",
              {(page, width) for page in pages for width in WIDTHS}, self.pages)
        check(f"{code}, {self.kind}: nothing is cut off", [], self.complaints())
        check(f"{code}, {self.kind}: GTK has nothing to complain about", [],
              complaints_in(self.app.log))


def is_allowed(thing):
    """Or a list of keys where there is room for no keyboard: GTK lays that out."""
    return (thing["how"] in ("ellipsized", "broken")
            and DATA.fullmatch(ISOLATES.sub("", thing["what"])) is not None
            or (thing["page"], thing["width"], thing["how"]) == ("keys", 360, "too wide"))


@with_options(started=False)
def test_languages(pair):
    languages = all_languages()
    wanted = os.environ.get("LANGUAGES", "").split()
    if wanted:
        languages = [language for language in languages if language.code in wanted]
    locales = f"{pair.folder}/locales"
    making = begin_to_make_locales(locales, languages)
    make_empty_translation(locales)
    alice, bob = live_a_while(pair)
    offering = None
    for process in making:
        if process.wait(START_S) != 0:
            raise UiError("localedef has made no locale")
    for language in languages:
        began = time.monotonic()
        newcomer = type(pair.alice)(pair, "Carol", pair.hosts[0],
                                    f"{pair.folder}/carol-{language.code}")
        tours = (Tour(pair, pair.alice, "people", language, locales),
                 Tour(pair, newcomer, "first-run", language, locales))
        offering = offering or begin_to_offer(pair, alice, bob)
        tours[0].finish().judge(PAGES)
        tours[1].finish().judge({"first-run"})
        cards.note(f"{language.code}: {time.monotonic() - began:.1f} s")
    if offering is not None:
        offering.kill()


if __name__ == "__main__":
    sys.exit(run(test_languages))

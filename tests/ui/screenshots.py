#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the pictures in data/screenshots, which the README and the description for catalogues
of software show. Look at them before they are committed."""

import importlib
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from pair import START_S, UiError, check, run, with_options  # noqa: E402

languages = importlib.import_module("languages-test")
TARGET = os.path.join(languages.TOP, "data", "screenshots")
GAP = 40  # pixels between two windows
SHADOW = "40x14+0+8"


def draw(name, *arguments):
    path = os.path.join(TARGET, name + ".png")
    subprocess.run(["convert", *arguments, "-strip", path], check=True)


def draw_over(name, window, dialog):
    draw(name, window, "(", dialog, "(", "+clone", "-background", "black", "-shadow", SHADOW, ")",
         "+swap", "-background", "none", "-layers", "merge", "+repage", ")",
         "-gravity", "center", "-composite")


def take_tour(pair, english, locales, **env):
    return languages.Tour(pair, pair.alice, "screenshots", english, locales, **env)


def finish(tour):
    tour.finish()
    check("comes to the end of the tour", 0, tour.app.quit())
    return lambda page, width=1000: os.path.join(tour.folder, f"{page}-{width}.png")


@with_options(started=False)
def make_screenshots(pair):
    english = languages.Language("en")
    locales = f"{pair.folder}/locales"
    for process in languages.begin_to_make_locales(locales, [english]):
        if process.wait(START_S) != 0:
            raise UiError("localedef has made no locale")
    alice, bob = languages.live_a_while(pair)
    tour = take_tour(pair, english, locales)
    offering = languages.begin_to_offer(pair, alice, bob)
    light = finish(tour)
    draw("conversation", light("talk"))
    draw("connected", light("conversation"))
    draw_over("verify", light("talk"), light("verify"))
    draw_over("offer", light("talk"), light("offer"))
    dark = finish(take_tour(pair, english, locales, ADW_DEBUG_COLOR_SCHEME="prefer-dark"))
    draw("dark", "-background", "none", dark("people", 360), "-gravity", "east", "-splice",
         f"{GAP}x0", dark("conversation", 360), "+append")
    offering.kill()


if __name__ == "__main__":
    sys.exit(run(make_screenshots))

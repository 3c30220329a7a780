#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two friends, each at a window behind a router of their own, and a server between.

With a display the two windows are yours. Without one they open on a virtual screen, and
the program works them as people would: click, talk, drop a file, drop a folder. It says
what it sees, and leaves screenshots in the build folder. Exit status 0 when all of it
worked.
"""

import argparse
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)

import fence  # noqa: E402
import pair as ui  # noqa: E402
import network  # noqa: E402
import programs  # noqa: E402
import sandbox  # noqa: E402
from widgets import until  # noqa: E402

FILE_BYTES = 40_000_000
N_LEAVES = 120
LINK = {"delay_ms": 10.0, "rate": 50_000_000}
ARRIVE_S = 60


class Transcript:
    def __init__(self):
        self.began = time.monotonic()

    def __call__(self, who, what):
        print(f"{time.monotonic() - self.began:6.1f} s  {who:>6} │ {what}", flush=True)


def has_display():
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


# For people


def open_windows(folder):
    """Both on this display, until both are closed."""
    with network.Network(a=ui.CONE, b=ui.CONE, **LINK) as net:
        server = programs.Server(net, folder)
        windows = []
        for name, host in ("Alice", "a"), ("Bob", "b"):
            data = f"{folder}/{name}"
            net.run(host, [programs.find_program("knothole-cli"), "--data-dir", data,
                           "--server", server.address, "--name", name, "peers"],
                    check=True, stdout=subprocess.DEVNULL)
            windows.append(net.popen(
                host, [os.path.join(ui.BUILD, "src", "app", "knothole"), "--data-dir", data],
                env=os.environ | {"KNOTHOLE_LOCALEDIR": os.path.join(ui.BUILD, "po")}))
        print("Two windows: Alice and Bob, each behind a router that lets in only whom its own\n"
              "side has called; 40 ms and 50 Mbit/s between them. Click the other one in one\n"
              "of the windows, write something, drop a file on it. Close both to end this.")
        for window in windows:
            window.wait()
        server.kill()


# By itself


def make_files(folder):
    """A photograph of sorts, a large file, and a folder with many leaves."""
    picture = f"{folder}/Über den Zaun.jpg"
    fence.draw(picture)
    recording = f"{folder}/Garden recording.wav"
    with open(recording, "wb") as file:
        file.write(os.urandom(FILE_BYTES))
    tree = f"{folder}/Herbarium"
    for i in range(N_LEAVES):
        os.makedirs(f"{tree}/{'oak' if i % 2 else 'birch'}/{i % 7}", exist_ok=True)
        with open(f"{tree}/{'oak' if i % 2 else 'birch'}/{i % 7}/leaf {i}.txt", "w",
                  encoding="utf-8") as file:
            file.write(f"leaf number {i}\n" * 40)
    return picture, recording, tree


def arrived(window, path):
    """The same is in the other one's folder for received files."""
    target = os.path.join(window.downloads, "Knothole", os.path.basename(path))
    return os.path.exists(target) and subprocess.run(
        ["diff", "-r", path, target], capture_output=True, check=False).returncode == 0


def meet(say, alice, bob):
    alice.row("Bob")
    bob.row("Alice")
    say("both", "are online and see each other")
    alice.screenshot("1-people")
    alice.open("Bob")
    say("Alice", "clicks on Bob: the picture shows the punch")
    bob.focus()
    bob.open("Alice")
    bob.app.find("push button", "Accept").click()
    say("Bob", "is asked whether he knows her, and accepts")
    label = alice.connected()
    say("Alice", f"sees: {label.name}")
    bob.connected()
    alice.screenshot("2-connected")


def talk(say, alice, bob):
    for one, other, text in (
            (alice, bob, "Hello Bob! Can you see me through the fence?"),
            (bob, alice, "I can. There is a hole in it."),
            (alice, bob, "Then nobody has to stand between us.")):
        one.say(text)
        other.sees(text)
        say(one.name, text)
    alice.app.find(name=re.compile("^Delivered"))
    say("Alice", "sees that her words are on Bob's disk")


def drop(say, one, other, path, what, screenshot):
    one.focus()
    one.session.drag_file([path], one.app.find("list", "Messages"))
    say(one.name, f"drops {what}: {os.path.basename(path)}")
    other.focus()
    other.app.find("push button", "Accept", timeout=ui.START_S).click()
    say(other.name, "looks at what it is, and accepts")
    time.sleep(1)
    other.screenshot(screenshot)
    until(lambda: arrived(other, path), ARRIVE_S, f"{what} at {other.name}'s")
    say(other.name, "has all of it, byte for byte")


def drive(say, folder):
    files = f"{folder}/files"
    os.makedirs(files)
    picture, recording, tree = make_files(files)
    with ui.Pair(**LINK) as pair:
        alice, bob = pair.alice, pair.bob
        say("server", "listens; Alice and Bob sit behind port-restricted routers")
        meet(say, alice, bob)
        talk(say, alice, bob)
        drop(say, alice, bob, picture, "a picture", "3-picture")
        drop(say, alice, bob, recording, "a large file", "4-large-file")
        drop(say, bob, alice, tree, f"a folder with {N_LEAVES} files", "5-folder")
        bob.screenshot("6-bob")
        alice.screenshot("7-alice")
        for window in alice, bob:
            if window.quit() != 0:
                raise ui.UiError(f"{window.name}'s window did not end well")
        pair.server.end()
        say("server", f"carried {pair.server.carried():,} bytes in all, and none of a "
                      "message or a file")


def main():
    parser = argparse.ArgumentParser(prog="demo", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--virtual", action="store_true",
                        help="on a virtual screen, even where there is a display")
    options = parser.parse_args()
    programs.end_on_signals()
    try:
        sandbox.enter()
        if has_display() and not options.virtual:
            with programs.folder("knothole-demo-") as folder:
                open_windows(folder)
            return 0
        with programs.folder("knothole-demo-") as folder:
            say = Transcript()
            drive(say, folder)
            say("demo", f"screenshots are in {ui.SCREENSHOTS}")
        return 0
    except sandbox.Impossible as reason:
        print(f"demo: {reason}", file=sys.stderr)
        return sandbox.EXIT_IMPOSSIBLE
    except (ui.UiError, programs.Late, network.LabError,
            subprocess.SubprocessError) as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

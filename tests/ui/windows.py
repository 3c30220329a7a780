# SPDX-License-Identifier: GPL-3.0-or-later
"""A window of the Windows program, under Wine, worked with pointer and keyboard.

    window = WindowsWindow(lab, session, prefix, "a")
    window.start()
    window.wait_drawn(PEOPLE)
    window.click(150, 130)                   # from the corner of the window
    window.session.type("Hello\\n")
    window.quit()

Wine tells no assistive technology what is in a window: places are known, of a window that
has the size of a first start, and what has come there is seen in its pixels.
"""

import os
import subprocess

from checks import WAIT_S
from pair import SCREENSHOTS
from programs import _started
from widgets import UiError, until
from Xlib import X

TITLE = "Knothole"
SIZE = 1000, 700  # of a first start
START_S = 120  # its Windows has to start first
END_S = 60
STILL_S = 0.7  # longer than between two drawings of what moves
BLUE = 0x3584e4  # of the button that is suggested
WHITE = 0xffffff  # of a menu, where the pointer is not
BESIDE = -72, -10, 8, 20  # left of the words of that item
HOME = f"C:/users/{os.environ.get('USER') or 'root'}"
BIN = f"{HOME}/AppData/Local/Programs/Knothole/bin"
# Of its log: what Wine lacks, fonts by their family, keyboard layouts as files, and the
# properties of screens.
OF_WINE = "pango_font_description_get_family", "Gdk-WARNING"
COMPLAINTS = "CRITICAL **", "WARNING **", "ERROR **", "Unimplemented function"


class WindowsWindow:
    """knothole.exe of a host of the lab, with a data folder on the disk C:, or the usual
    one."""

    def __init__(self, lab, session, prefix, host, data_dir=None):
        self.lab, self.session, self.prefix, self.host = lab, session, prefix, host
        self.words = ["--data-dir", data_dir] if data_dir else []
        self.log = f"{prefix.folder}/window.log"
        self.env = prefix.env | {"DISPLAY": session.env["DISPLAY"]}
        self.process = None
        self.main = None  # its window, of the screen

    # Programs

    def start(self):
        with open(self.log, "ab") as log:
            self.process = self.lab.net.popen(
                self.host, self.prefix.command(f"{BIN}/knothole.exe", *self.words),
                env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        _started.append(self.process)
        until(lambda: self.title() == TITLE, START_S, "the window to come up")
        self.main = self.active()

    def run(self, *command):
        """Another program of the same Windows; its exit status."""
        return self.lab.net.run(self.host, self.prefix.command(*command), env=self.env,
                                check=False, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                timeout=START_S).returncode

    def quit(self):
        """By the keyboard, which opens the menu, where quitting is last; its exit status."""
        self.open_popup(lambda: self.session.key("F10"))
        self.session.key("Up", "Return")
        return self.process.wait(END_S)

    def complaints(self):
        """What it has said that is no fault of Wine's."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return [line.strip() for line in file
                    if any(mark in line for mark in COMPLAINTS)
                    and not any(mark in line for mark in OF_WINE)]

    # What is on the screen

    def active(self):
        """The window that has the keyboard."""
        window = self.session.pings.active()
        if window is None:
            raise UiError("no window is active")
        return window

    def title(self):
        name = self.active().get_full_property(
            self.session.dpy.intern_atom("_NET_WM_NAME"), X.AnyPropertyType)
        return name.value.decode() if name else None

    def corner(self, window=None):
        """Of a window, the main one if it is not said which, on the screen."""
        place = (window or self.main).translate_coords(self.session.dpy.screen().root, 0, 0)
        return -place.x, -place.y

    def activate(self):
        """Makes the main window the active one, as a click on its title does: when a dialog
        has closed, Wine leaves that to the window manager, which may choose none."""
        self.session.xdo("windowactivate", str(self.main.id))
        until(lambda: self.active().id == self.main.id, WAIT_S, "the window to be active")

    def pixels(self, box):
        """(x, y, colour) of a part of the window: left, top, width, height."""
        left, top, width, height = box
        x0, y0 = self.corner()
        image = self.session.dpy.screen().root.get_image(
            x0 + left, y0 + top, width, height, X.ZPixmap, 0xffffff)
        for i in range(0, len(image.data), 4):
            yield (left + i // 4 % width, top + i // 4 // width,
                   int.from_bytes(image.data[i:i + 3], "little"))

    def colours(self, box):
        return {colour for _, _, colour in self.pixels(box)}

    def wait_drawn(self, box):
        """Until there is more to see than a plane: a text, a picture."""
        until(lambda: len(self.colours(box)) > 2, WAIT_S, f"something to be drawn in {box}")

    def wait_blue(self, box):
        """Until a suggested button is seen there, at rest; its middle."""
        seen = [None]

        def look():
            found = [(x, y) for x, y, colour in self.pixels(box) if colour == BLUE]
            before, seen[0] = seen[0], tuple((min(axis), max(axis)) for axis in zip(*found))
            return seen[0] if seen[0] == before else None
        place = until(look, WAIT_S, f"a button in {box}", step=0.2)
        return tuple((first + last) // 2 for first, last in place)

    def wait_gone(self, colour, box):
        until(lambda: colour not in self.colours(box), WAIT_S, f"{box} to change")

    def open_popup(self, do):
        """Does what opens one; its place."""
        before = self.session.popups()
        do()
        popups = until(lambda: [p for p in self.session.popups() if p not in before],
                       WAIT_S, "a popup")
        return max(popups, key=lambda popup: popup[2] * popup[3])

    def _wait_still(self):
        last = [None]

        def look():
            before, last[0] = last[0], self.session.dpy.screen().root.get_image(
                0, 0, *self.session.size, X.ZPixmap, 0xffffff).data
            return last[0] == before
        until(look, WAIT_S, "the screen to be at rest", step=STILL_S)

    def screenshot(self, name):
        """Of the window that is active, once nothing in it moves; the file."""
        os.makedirs(SCREENSHOTS, exist_ok=True)
        path = f"{SCREENSHOTS}/windows-{name}.png"
        window = self.active()
        x, y = self.corner(window)
        geometry = window.get_geometry()
        self._wait_still()
        subprocess.run(["import", "-display", self.env["DISPLAY"], "-window", "root", "-crop",
                        f"{geometry.width}x{geometry.height}+{x}+{y}", "+repage", path],
                       check=True, env=self.session.env)
        return path

    # What a person does

    def choose(self, popup, x, y):
        """Clicks an item of a menu, at a place in it, once it shows that it is meant."""
        left, top, _, _ = popup
        left, top = left + x, top + y
        x0, y0 = self.corner()
        beside = left - x0 + BESIDE[0], top - y0 + BESIDE[1], *BESIDE[2:]
        until(lambda: WHITE in self.colours(beside), WAIT_S, "the menu to be drawn")
        self.session.move(left, top)
        until(lambda: WHITE not in self.colours(beside), WAIT_S, "an item to be chosen")
        self.session.click()

    def click(self, x, y):
        x0, y0 = self.corner()
        self.session.move(x0 + x, y0 + y)
        self.session.click()


def running(names):
    """Which of these programs of Windows run, under whatever Wine here."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                program = file.read().split(b"\0")[0].decode(errors="replace")
        except OSError:
            continue  # it has just ended
        name = program.replace("\\", "/").rpartition("/")[2]
        if name in names:
            found.append(name)
    return sorted(found)

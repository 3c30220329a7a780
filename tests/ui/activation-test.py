#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window is started by its name on the session bus, as the desktop file says it can be."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from session import Session  # noqa: E402 pylint: disable=wrong-import-position
from widgets import until  # noqa: E402 pylint: disable=wrong-import-position

BUILD = Path(os.environ.get("KNOTHOLE_BUILD", "build")).resolve()
PROGRAM = BUILD / "src/app/knothole"
NAME = "io.github.knothole.Knothole"
PATH = "/" + NAME.replace(".", "/")
ADDRESS = "knothole://meet.example.org:7470"
START_S = 60  # a busy machine
# A service that nobody wants anything of stays for ten seconds.
LEAVES_S = 60


class Activation(unittest.TestCase):
    def setUp(self):
        data = Path(tempfile.mkdtemp(prefix="knothole-activation-"))
        self.addCleanup(shutil.rmtree, data)
        self.desktop = data / f"applications/{NAME}.desktop"
        service = data / f"dbus-1/services/{NAME}.service"
        for path, source in ((self.desktop, BUILD / f"data/{NAME}.desktop"),
                             (service, BUILD / f"data/dbus/{NAME}.service")):
            text, n = re.subn(r"(?m)^(Exec=)\S*knothole\b", rf"\g<1>{PROGRAM}",
                              source.read_text(encoding="utf-8"))
            self.assertEqual(n, 1)
            path.parent.mkdir(parents=True)
            path.write_text(text, encoding="utf-8")
        self.session = Session(wm="metacity", env={
            "XDG_DATA_DIRS": f"{data}:/usr/local/share:/usr/share"})
        self.addCleanup(self.session.stop)
        self.session.start()

    def run_in_session(self, *words):
        done = subprocess.run(words, env=self.session.env, capture_output=True, text=True,
                              timeout=START_S, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def call(self, name, path, method, *arguments):
        return self.run_in_session("gdbus", "call", "--session", "-d", name, "-o", path, "-m",
                                   method, *arguments)

    def bus(self, method, *arguments):
        return self.call("org.freedesktop.DBus", "/org/freedesktop/DBus",
                         f"org.freedesktop.DBus.{method}", *arguments)

    def is_running(self):
        return "true" in self.bus("NameHasOwner", NAME)

    def window(self):
        app = self.session.other("knothole", START_S)
        app.find("label", "Welcome to Knothole", timeout=START_S)
        return app

    def test_a_link_of_the_desktop_starts_it(self):
        self.assertIn(NAME, self.bus("ListActivatableNames"))
        self.assertFalse(self.is_running())
        self.run_in_session("update-desktop-database", str(self.desktop.parent))
        self.run_in_session("gio", "open", ADDRESS)
        app = self.window()
        field = app.find("text", "Address or invite link", timeout=START_S)
        until(lambda: field.text == ADDRESS, START_S, "the link in the field")
        pid = self.bus("GetConnectionUnixProcessID", NAME)
        words = Path(f"/proc/{re.search(r'uint32 ([0-9]+)', pid)[1]}/cmdline").read_bytes()
        self.assertEqual(words.split(b"\0")[1], b"--gapplication-service")

        # The command line finds the one that runs.
        self.run_in_session(str(PROGRAM), ADDRESS + "/")
        until(lambda: field.text == ADDRESS + "/", START_S, "the other link")
        self.assertEqual(self.bus("GetConnectionUnixProcessID", NAME), pid)

    def test_activate_shows_the_window_and_its_actions_are_there(self):
        self.call(NAME, PATH, "org.freedesktop.Application.Activate", "{}")
        self.window()
        self.call(NAME, PATH, "org.freedesktop.Application.ActivateAction", "quit", "[]", "{}")
        until(lambda: not self.is_running(), START_S, "the end")

    def test_started_for_nothing_it_leaves(self):
        self.bus("StartServiceByName", NAME, "0")
        self.assertTrue(self.is_running())
        until(lambda: not self.is_running(), LEAVES_S, "a service without use to leave")


if __name__ == "__main__":
    unittest.main(verbosity=2)

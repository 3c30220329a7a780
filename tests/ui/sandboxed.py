# SPDX-License-Identifier: GPL-3.0-or-later
"""Alice's window in the sandbox of the Flatpak, on a host of the lab, and the desktop around
it: its portals, file manager and notifications. Bob is knothole-cli, outside.

    with Sandbox() as box:
        box.alice.start()
        box.alice.open("Bob")

The document portal shows files below /run/user/UID/doc, inside and outside: one such
session at a time on a machine, which a lock sees to.
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess

import network
import programs
from pair import CONNECT_S, SCREENSHOTS, SCREEN, Window, complaints_in, until
from session import HERE, Session
from widgets import WAIT_S, UiError

ID = "io.github.knothole.Knothole"
CACHE = os.environ.get("KNOTHOLE_FLATPAK_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME", "/var/tmp"), "knothole-flatpak")
USER = f"{CACHE}/user"
RUNTIME_DIR = f"/run/user/{os.getuid()}"
PORTALS = "/usr/share/xdg-desktop-portal/portals"
QUIT_S = 30
# A message dialog of libadwaita 1.7 tries narrower widths than its buttons need.
ACCEPTED = re.compile(r"Gtk-WARNING \*\*: .*Trying to measure GtkLabel 0x\w+ for width of \d+, "
                      r"but it needs at least \d+$")


class Sandboxed(Window):
    """A window whose program sees nothing of this machine but what it is handed."""

    def run(self, command=None):
        """What starts a program of the Flatpak."""
        chosen = [f"--command={command}"] if command else []
        return ["flatpak", "run", "--user", *chosen, ID]

    def command(self, *arguments):
        return [*self.run(), *arguments]

    def home(self):
        return {"HOME": self.folder}

    def environment(self):
        return self.session.environment("main") | self.home()

    def popen(self, command, *arguments, **kwargs):
        """Another program of the Flatpak."""
        return self.pair.net.popen(self.host, [*self.run(command), *arguments],
                                   env=self.environment(), text=True, **kwargs)

    def output_of(self, command, *arguments, status=None):
        """All that it says; @status is what it has to end with."""
        process = self.popen(command, *arguments, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
        output = process.communicate(timeout=programs.START_S)[0]
        if status is not None and process.returncode != status:
            raise UiError(f"{command} ended with {process.returncode}: {output}")
        return output

    @property
    def data_dir(self):
        """The same path inside and outside."""
        return f"{self.folder}/.var/app/{ID}/data/knothole"

    def prepare(self, server):
        self.output_of("knothole-cli", "--data-dir", self.data_dir, "--server", server,
                       "--name", self.name, "peers", status=0)

    def launch(self, *arguments, **env):
        self.app = self.session.launch(
            self.command(*arguments), env=self.home() | env, attach=False, name="knothole",
            popen=lambda command, **kwargs: self.pair.net.popen(self.host, command, **kwargs))
        return self

    def connected(self, timeout_s=CONNECT_S):
        """The badge: GTK 4.18 calls it by another role."""
        return self.app.find("toggle button", re.compile(
            "^(Direct connection|Same network|Through the server)$"), timeout=timeout_s)

    def no_dialog(self, timeout_s=WAIT_S):
        """Closes what is open, as often as that takes: a toast may be the first to go."""
        def closed():
            if self.dialogs():
                self.session.key("Escape")
            return not self.dialogs()
        until(closed, timeout_s, "dialogs to close", step=0.5)
        return self.focus()

    def conversation(self):
        """Where files are dropped."""
        return self.app.find("log")

    def quit(self, timeout_s=QUIT_S):
        """As a person does: a signal would reach flatpak, and not the program."""
        self.focus()
        self.session.key("ctrl+q")
        status = self.app.proc.wait(timeout_s)
        self.app = None
        return status


class Sandbox:
    def __enter__(self):
        self.stack = contextlib.ExitStack()
        try:
            self._build()
        except BaseException:
            self.stack.close()
            raise
        return self

    def _build(self):
        lock = self.stack.enter_context(open(f"{CACHE}/lock", "w", encoding="ascii"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        self.folder = f"{CACHE}/test"
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.stack.callback(programs.kill_all)
        self.net = self.stack.enter_context(network.Network(
            a="port-restricted-cone", b="port-restricted-cone"))
        self.server = programs.Server(self.net, self.folder)
        self._make_portals()
        self.session = self.stack.enter_context(Session(
            wm="metacity", size=SCREEN, portal=True, runtime_dir=RUNTIME_DIR,
            env={"FLATPAK_USER_DIR": USER, "XDG_DESKTOP_PORTAL_DIR": f"{self.folder}/portals",
                 "XDG_DATA_DIRS": f"{USER}/exports/share:/usr/local/share:/usr/share"}))
        self.files = self._spawn("filemanager")
        self.background = self._spawn("backgroundd")
        self.alice = Sandboxed(self, "Alice", "a", f"{self.folder}/alice")
        self.alice.at = 10, 10
        self.alice.prepare(self.server.address)
        self.bob = programs.Cli(
            self.net, "b", self.server, f"{self.folder}/Bob", "listen", "--accept", "all",
            "--save-to", self._make("bob's files"))
        self.bob.identity()

    def _make(self, name):
        os.makedirs(f"{self.folder}/{name}")
        return f"{self.folder}/{name}"

    def _make_portals(self):
        """Those of this machine, and one that it has not."""
        portals = self._make("portals")
        shutil.copy(f"{PORTALS}/gtk.portal", portals)
        with open(f"{portals}/test.portal", "w", encoding="ascii") as file:
            file.write("[portal]\nDBusName=org.freedesktop.impl.portal.desktop.test\n"
                       "Interfaces=org.freedesktop.impl.portal.Background;\nUseIn=gnome\n")

    def _spawn(self, name):
        process = self.session._spawn(name, ["/usr/bin/python3", f"{HERE}/{name}.py"])
        until(lambda: lines_of(process) == ["ready"], WAIT_S, name)
        return process

    def __exit__(self, *error):
        self.stack.close()

    def dialog_of_desktop(self):
        """The program whose windows are the portals'."""
        return self.session.other("xdg-desktop-portal-gtk")

    def choose(self, path, title):
        """Answers a chooser, which is the desktop's, and of GTK 3: where its widgets are is
        not known, what they say is."""
        desktop, session = self.dialog_of_desktop(), self.session

        def open_now():
            return [window for window in desktop.windows() if window.name == title]
        dialog = until(open_now, WAIT_S, f"chooser {title!r}")[0]
        session.focus(dialog)

        def entry():
            found = dialog.all("text", pred=lambda w: w.text.startswith("/"), shown=False)
            if not found:
                session.key("slash")
            return found
        text = until(entry, WAIT_S, "the entry for a path", step=0.5)[0]
        session.key("ctrl+a")
        session.type(path)

        def typed():
            """Without what a completion adds, once it does."""
            if text.text.rstrip("/") != path:
                session.key("Delete")
            return text.text.rstrip("/") == path
        until(typed, WAIT_S, lambda: f"{path} to be typed, is {text.text}", step=0.3)

        def closed():
            """The first Return may only go into a folder."""
            if open_now():
                session.key("Return")
            return not open_now()
        until(closed, WAIT_S, f"{title!r} to close", step=1)

    def complaints(self):
        return [line for line in complaints_in(self.alice.app.log) if not ACCEPTED.search(line)]

    def look(self, name):
        os.makedirs(SCREENSHOTS, exist_ok=True)
        with contextlib.suppress(Exception):
            self.session.screenshot(os.path.join(SCREENSHOTS, name + ".png"))
        with open(os.path.join(SCREENSHOTS, name + ".txt"), "w", encoding="utf-8") as file:
            if self.alice.app:
                print(f"--- Alice ---\n{self.alice.app.output()[-2000:]}", flush=True)
                with contextlib.suppress(Exception):
                    self.alice.app.dump(file)
        print(f"      screen and widgets: {file.name.removesuffix('.txt')}.png, .txt")


def lines_of(process):
    """What one has said, in whole lines."""
    with open(process.log, encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if line.endswith("\n")]


__all__ = ["CACHE", "ID", "Sandbox", "lines_of"]

# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people at two windows, each behind a router, and a server between them.

    with Pair() as pair:                          # both port-restricted cones
        alice, bob = pair.alice, pair.bob
        alice.open("Bob")
        alice.say("Hello")
        bob.app.wait("label", "Hello")

A window runs on a host of the lab (network.py) and shows on one screen (session.py). Its
profile is made ahead by knothole-cli, which keeps the same kind of folder, unless the first
run is what is tested.
"""

import contextlib
import os
import re
import subprocess
import sys
import time
import traceback

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "lab")]

import network  # noqa: E402
import programs  # noqa: E402
import sandbox  # noqa: E402
from checks import check, summary  # noqa: E402
from session import Session, write_settings  # noqa: E402
from widgets import WAIT_S, UiError, until  # noqa: E402

# Two windows of 1000 x 700 side by side.
SCREEN = (2060, 900)
PLACES = (10, 10), (1040, 10)

MAIN_TITLE = re.compile(r"^(\(\d+\) )?Knothole$")
CONE = "port-restricted-cone"
START_S = 60  # a busy machine
CONNECT_S = 40
BUILD = os.environ.get("KNOTHOLE_BUILD", os.path.join(HERE, "..", "..", "build"))
# What GTK, libadwaita, GLib and the sanitizers write about what a program does wrong.
COMPLAINT = re.compile(r"(CRITICAL|WARNING|ERROR) \*\*|AddressSanitizer|LeakSanitizer|"
                       r"runtime error")
# Of a part of GTK 4.8's own, such as the contents of a popover, which it may draw once more
# while it closes: an application neither has a hand in it nor is anything seen of it.
ACCEPTED = re.compile(r"Gtk-WARNING \*\*: .*Trying to snapshot GtkGizmo 0x\w+ without a "
                      r"current allocation$")
# Where screenshots are left: to be looked at after the tests.
SCREENSHOTS = os.path.join(BUILD, "screenshots")


def complaints_in(log):
    """Lines of what a program has said."""
    with open(log, errors="replace", encoding="utf-8") as file:
        return [line.strip() for line in file
                if COMPLAINT.search(line) and not ACCEPTED.search(line.strip())]


def check_comes(title, wanted, read, timeout_s=WAIT_S):
    """A check of what comes to be: read () is asked until it is what is wanted, which is a
    value, or a function that judges. What it is in the end is checked."""
    judge = wanted if callable(wanted) else lambda got: wanted == got
    last = [None]

    def look():
        last[0] = read()
        return judge(last[0])
    with contextlib.suppress(UiError):
        until(look, timeout_s)
    return check(title, wanted, last[0])


def made(process):
    if process.wait(START_S) != 0:
        raise UiError("knothole-cli has made no profile")


class Window:
    """One person's window."""

    def __init__(self, pair, name, host, folder, **env):
        self.pair, self.name, self.host, self.folder = pair, name, host, folder
        self.env = env
        self.settings = {}  # of GTK, besides what all have
        self.app = None
        self.at = None  # its place on the screen
        self.downloads = f"{folder}/downloads"
        os.makedirs(self.downloads, exist_ok=True)

    @property
    def session(self):
        return self.pair.session

    @property
    def data_dir(self):
        return f"{self.folder}/data"

    def prepare(self, server):
        """Makes a profile that knows name and server, as after a first run."""
        made(self.begin_to_prepare(server))

    def begin_to_prepare(self, server):
        return self.pair.net.popen(
            self.host, [programs.find_program("knothole-cli"), "--data-dir", self.data_dir,
                        "--server", server, "--name", self.name, "peers"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def command(self, *arguments):
        return [os.path.join(BUILD, "src", "app", "knothole"), "--data-dir", self.data_dir,
                *arguments]

    def home(self):
        """Its folders, as parts of an environment."""
        return {"HOME": self.folder, "XDG_DOWNLOAD_DIR": self.downloads,
                "XDG_CONFIG_HOME": f"{self.folder}/config",
                "XDG_DATA_HOME": f"{self.folder}/share",
                "XDG_CACHE_HOME": f"{self.folder}/cache",
                "KNOTHOLE_LOCALEDIR": os.path.join(BUILD, "po"),
                "KNOTHOLE_SERVER": programs.find_program("knothole-server")}

    def environment(self):
        """Of another program of this person's."""
        return self.session.environment(self.name) | self.home() | self.env

    def launch(self, *arguments, **env):
        """Starts the program; attach() waits for its window."""
        write_settings(f"{self.folder}/config", **self.settings)
        with open(f"{self.folder}/config/user-dirs.dirs", "w", encoding="utf-8") as file:
            file.write(f'XDG_DOWNLOAD_DIR="{self.downloads}"\n')
        self.app = self.session.launch(
            self.command(*arguments), bus=self.name, env=self.home() | self.env | env,
            attach=False,
            popen=lambda command, **kwargs: self.pair.net.popen(self.host, command, **kwargs))
        return self

    def attach(self):
        self.app.attach(START_S)
        until(lambda: self.session.xwindow(self.app), START_S, f"{self.name}'s window")
        if self.at is not None:
            self.session.place(self.app, *self.at)
        return self

    def start(self, *arguments, **env):
        """Opens the window, where it was before."""
        return self.launch(*arguments, **env).attach()

    def quit(self, timeout_s=30):
        """Ends it in order; its exit status."""
        status = self.app.quit(timeout_s)
        self.app = None
        return status

    def kill(self):
        self.app.proc.kill()
        self.app.proc.wait()
        self.app = None

    # What a person does

    def focus(self):
        self.session.focus(self.app)
        return self

    def place(self, x, y, width=None, height=None):
        """Where the window is on the screen."""
        self.at = x, y
        self.session.place(self.app, x, y)
        if width:
            self.session.resize(self.app, width, height)
        return self

    def open(self, name):
        """Clicks somebody in the list of people."""
        self.focus()
        self.row(name).click()
        return self

    def row(self, name):
        """The row of somebody in the list of people."""
        people = self.app.find(name="People", timeout=START_S)
        return people.find("label", name, timeout=START_S)

    def button(self, name, timeout_s=WAIT_S):
        return self.app.find("push button", name, timeout=timeout_s)

    def press(self, name, timeout_s=WAIT_S, count=1):
        """Clicks a button, as often."""
        self.focus()
        button = self.button(name, timeout_s)
        until(button.sensitive, timeout_s, f"button {name!r} to be of use")
        button.click(count=count)
        return self

    def choose(self, menu, item):
        """Opens the menu of a button and clicks an item of it."""
        self.press(menu)
        self.app.find("menu item", item).click()
        return self

    def dialogs(self):
        """Windows of the program besides the main one."""
        return [w for w in self.app.windows() if not MAIN_TITLE.match(w.name)]

    def dialog(self, title, timeout_s=WAIT_S):
        """The one with this title, or heading, ready for the keyboard."""
        dialog = until(lambda: [w for w in self.dialogs()
                                if w.name == title or w.has("label", title)],
                       timeout_s, lambda: f"dialog {title!r}; there are {self.dialogs()}")[0]
        until(lambda: self.session.focus(dialog) or True, timeout_s, f"{title!r} to be active")
        return dialog

    def no_dialog(self, timeout_s=WAIT_S):
        until(lambda: not self.dialogs(), timeout_s, "dialogs to close")
        return self.focus()

    def paste(self, text):
        self.session.set_clipboard(text)
        self.session.key("ctrl+v")
        return self

    def composer(self):
        return self.app.find("text", "Message")

    def say(self, text):
        self.focus()
        box = self.composer()
        box.click()
        self.session.type(text)
        self.session.key("Return")
        return self

    def sees(self, text, timeout_s=WAIT_S):
        """A label with exactly this text, or that matches a pattern."""
        return self.app.find("label", text, timeout=timeout_s)

    def row_of(self, text, timeout_s=WAIT_S):
        """The row of a message; what it says aloud has the mark in it."""
        messages = self.app.find("list", "Messages", timeout=timeout_s)
        return messages.find("list item", timeout=timeout_s, pred=lambda row: row.has(
            "label", text))

    def marked(self, text, mark, timeout_s=WAIT_S):
        """Waits until the mark of a message of one's own says this. Its row is looked for each
        time, as it may become that of another message."""
        return until(lambda: [image for image in self.row_of(text).all("image", mark)],
                     timeout_s, lambda: f"{text!r} to be marked {mark!r}")[0]

    def texts(self):
        """What the messages of the open conversation say, in order, as far as they can be
        seen."""
        rows = self.app.find("list", "Messages").all("list item")
        return [re.sub(r"^.*?, \d\d:\d\d: (.*?)(\. (Sent|Not sent|Delivered|Waiting.*))?$",
                       r"\1", row.seen_name, flags=re.S) for row in rows]

    def presence(self, name):
        """What the row of somebody says about them."""
        return self.row(name) and self.app.find("list item", name).description

    def is_active(self):
        """Is in front, as the program sees it."""
        return any("active" in w.states for w in self.app.windows())

    def turns_to(self, other):
        """The other one's window is in front: this program knows that nobody looks."""
        other.focus()
        until(lambda: not self.is_active(), WAIT_S, f"{self.name}'s window not to be in front")

    def title(self):
        return next(w.name for w in self.app.windows() if MAIN_TITLE.match(w.name))

    def strip(self):
        """What there is to read about the connection."""
        return self.app.find(name="Connection")

    def network_is(self, words, timeout_s=CONNECT_S):
        """Waits until the window has found out what its router is: it dials nobody for that
        any more."""
        return self.app.find("push button", f"Your network: {words}", timeout=timeout_s)

    def connected(self, timeout_s=CONNECT_S):
        """The badge; its description tells of the path."""
        return self.app.find("push button", re.compile(
            "^(Direct connection|Same network|Through the server)$"), timeout=timeout_s)

    def screenshot(self, name, focus=True):
        os.makedirs(SCREENSHOTS, exist_ok=True)
        if focus:
            self.focus()
        time.sleep(0.3)
        return self.session.screenshot(os.path.join(SCREENSHOTS, name + ".png"), self.app)


class Pair:
    def __init__(self, a=CONE, b=CONE, prepared=True, started=True, session=None,
                 hosts=("a", "b"), limits=None, **network_options):
        self.profiles = {"a": a, "b": b}
        self.hosts = hosts  # of Alice and of Bob
        self.prepared, self.started = prepared, started
        self.limits = limits  # of the server
        self.network_options = network_options
        self.session_options = session or {}
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        try:
            self._build()
        except BaseException:
            self.stack.close()
            raise
        return self

    def _build(self):
        self.folder = self.stack.enter_context(programs.folder("knothole-ui-"))
        self.net = self.stack.enter_context(
            network.Network(**self.profiles, **self.network_options))
        self.server = programs.Server(self.net, self.folder, self.limits)
        self.stack.callback(self.server.kill)
        self.session = self.stack.enter_context(
            Session(wm="metacity", **{"size": SCREEN} | self.session_options))
        self.alice = Window(self, "Alice", self.hosts[0], f"{self.folder}/alice")
        self.bob = Window(self, "Bob", self.hosts[1], f"{self.folder}/bob")
        self.alice.at, self.bob.at = PLACES
        both = self.alice, self.bob
        if self.prepared:
            for making in [w.begin_to_prepare(self.server.address) for w in both]:
                made(making)
        if self.started:
            for window in both:
                window.launch()
            for window in both:
                window.attach()

    def __exit__(self, *error):
        self.stack.close()

    def meet(self):
        """Alice calls Bob, who accepts: both are contacts, and connected."""
        self.alice.open("Bob")
        self.bob.sees("Wants to talk to you")
        self.bob.open("Alice")
        self.bob.press("Accept")
        for window in self.alice, self.bob:
            window.connected()

    def windows(self):
        return [w for w in (self.alice, self.bob) if w.app and w.app.proc.poll() is None]

    def check_complaints(self):
        """GTK and GLib say on standard error what a program does wrong."""
        for log in self.session.logs():
            complaints = complaints_in(log)
            if complaints:
                check(f"{os.path.basename(log)} has no complaints", [], complaints)

    def look(self, name):
        """What there is to find out why a test failed: a screenshot of the whole screen,
        the widgets of every window, and what the programs have said."""
        os.makedirs(SCREENSHOTS, exist_ok=True)
        with contextlib.suppress(Exception):
            self.session.screenshot(os.path.join(SCREENSHOTS, name + ".png"))
        with open(os.path.join(SCREENSHOTS, name + ".txt"), "w", encoding="utf-8") as file:
            for window in self.windows():
                print(f"--- {window.name} ---\n{window.app.output()[-2000:]}", flush=True)
                print(f"--- {window.name} ---", file=file)
                with contextlib.suppress(Exception):
                    window.app.dump(file)
        print(f"      screen and widgets: {file.name.removesuffix('.txt')}.png, .txt")


def run(*tests, **options):
    """Runs each test (pair); the exit status."""
    programs.end_on_signals()
    try:
        sandbox.enter()
    except sandbox.Impossible as reason:
        print(f"skipped: {reason}")
        return sandbox.EXIT_IMPOSSIBLE
    wanted = sys.argv[1:]
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        started = time.monotonic()
        try:
            with Pair(**getattr(test, "options", options)) as pair:
                try:
                    test(pair)
                    pair.check_complaints()
                except Exception:
                    pair.look("failed-" + test.__name__)
                    raise
        except Exception:  # whatever it is, the others go on
            traceback.print_exc(file=sys.stdout)
            check(f"{test.__name__} came to its end", True, False)
        print(f"      {test.__name__}: {time.monotonic() - started:.1f} s", flush=True)
    return summary()


def with_options(**options):
    """For a test that wants another pair."""
    def decorate(test):
        test.options = options
        return test
    return decorate


__all__ = ["CONE", "Pair", "Window", "check", "check_comes", "run", "until", "with_options",
           "UiError", "SCREENSHOTS", "BUILD"]

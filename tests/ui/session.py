# SPDX-License-Identifier: GPL-3.0-or-later
"""A screen of its own with everything a desktop program needs, and its hands.

    with Session() as s:                    # Xvfb, D-Bus, at-spi, window manager
        app = s.launch([program, "--data-dir", folder])
        app.find("text", "Message").click()
        s.type("Hello")
        s.key("Return")
        s.drag_file("/tmp/a file.txt", app.find("list", "Messages"))
        s.screenshot("out.png", app)
        print(s.notifications())

Widgets are found through AT-SPI (widgets.py, accessible.py) and operated through XTEST
(hands.py).
"""

import contextlib
import ctypes
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings

from Xlib import X, display

from accessible import ACCESSIBLE, Accessibility
from hands import Hands
from pings import Pings
from widgets import WAIT_S, App, UiError, Widget, until

HERE = os.path.dirname(os.path.abspath(__file__))
warnings.filterwarnings("ignore", category=DeprecationWarning)

# Between copying in one program and pasting in another GTK asks what there is: it hears of it,
# asks, and gets an answer, for which each program has to be heard from as often.
COPIED_S = 0.5
COPIED_ROUNDS = 3
START_S = 30  # a program of the desktop
RESIZED_S = 2  # some windows can't be as small as they are asked to be
DRAGS = 3  # as XDND gives up a drop that comes before the answer to the last motion
RETURN_S = 3  # a file chooser goes into a folder, or closes

# What GNOME has, so that screenshots look as its windows do.
SETTINGS = {"gtk-font-name": "Cantarell 11"}


def write_settings(config_home, **more):
    """What GTK programs with this folder of settings begin with; "_" stands for "-"."""
    os.makedirs(f"{config_home}/gtk-4.0", exist_ok=True)
    settings = SETTINGS | {key.replace("_", "-"): value for key, value in more.items()}
    with open(f"{config_home}/gtk-4.0/settings.ini", "w", encoding="utf-8") as file:
        print("[Settings]", *(f"{key}={value}" for key, value in settings.items()),
              sep="\n", file=file)


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)      # PR_SET_PDEATHSIG


def listens(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
    return True


class Session:
    """One screen, one or more D-Bus session buses, one accessibility bus."""

    def __init__(self, size=(1280, 1000), wm="openbox", env=None, portal=False, runtime_dir=None):
        """portal=True: leave the portals on (xdg-desktop-portal, document
        portal and -gtk backend start by D-Bus activation) - for a Flatpak, with
        runtime_dir="/run/user/UID", since the document portal hands out paths
        below it that must be the same inside the sandbox."""
        self.size, self.wm, self.extra, self.portal = size, wm, env or {}, portal
        self.runtime_dir = runtime_dir
        self.procs, self.buses = [], {}

    # -- start and stop
    def __enter__(self):
        return self.start()

    def __exit__(self, *a):
        self.stop()

    def start(self):
        self.dir = tempfile.mkdtemp(prefix="knothole-ui-")
        for d in ("home", "run", "config", "data", "cache", "log"):
            os.mkdir(f"{self.dir}/{d}", 0o700)
        write_settings(f"{self.dir}/config")
        e = {k: v for k, v in os.environ.items()
             if not re.match(r"(DBUS|XDG|WAYLAND|DISPLAY|AT_SPI|GTK|GDK|LC_|LANG)", k)}
        self.run = self.runtime_dir or f"{self.dir}/run"
        if self.runtime_dir:
            os.makedirs(self.run, 0o700, exist_ok=True)
        e.update(HOME=f"{self.dir}/home", XDG_RUNTIME_DIR=self.run,
                 XDG_CONFIG_HOME=f"{self.dir}/config", XDG_DATA_HOME=f"{self.dir}/data",
                 XDG_CACHE_HOME=f"{self.dir}/cache", LANG="C.UTF-8", GDK_BACKEND="x11",
                 GSETTINGS_BACKEND="memory", GTK_A11Y="atspi", GIO_USE_VFS="local",
                 XDG_CURRENT_DESKTOP="GNOME", LIBGL_ALWAYS_SOFTWARE="1", GSK_RENDERER="cairo")
        if self.portal:
            e["GDK_DEBUG"] = "portals"          # outside a sandbox, GTK 4.8's way to ask for them
        else:
            e["ADW_DISABLE_PORTAL"] = "1"
        e.update(self.extra)
        self.env = e
        r, w = os.pipe()
        self._spawn("xvfb", ["Xvfb", "-displayfd", str(w), "-screen", "0", "%dx%dx24" % self.size,
                             "-nolisten", "tcp", "-noreset", "-dpi", "96"], pass_fds=(w,))
        os.close(w)
        with os.fdopen(r) as f:
            e["DISPLAY"] = ":" + f.readline().strip()
        e["DBUS_SESSION_BUS_ADDRESS"] = self.bus("main")
        # one accessibility bus for everything: ask for it once, hand it to all
        out = subprocess.run(["gdbus", "call", "--session", "-d", "org.a11y.Bus", "-o", "/org/a11y/bus",
                              "-m", "org.a11y.Bus.GetAddress"], env=e, capture_output=True, text=True, check=True)
        e["AT_SPI_BUS_ADDRESS"] = re.search(r"'(.*)'", out.stdout).group(1)
        if self.wm:
            cmd = {"openbox": ["openbox", "--sm-disable"], "metacity": ["metacity", "--sm-disable"],
                   "mutter": ["mutter", "--x11", "--sm-disable"]}[self.wm]
            self._spawn("wm", cmd)
        self.bus_reader = Accessibility(e["AT_SPI_BUS_ADDRESS"])
        self.dpy = display.Display(e["DISPLAY"])
        self.hands = Hands(self.dpy)
        self.pings = Pings(self.dpy)
        if self.wm:
            until(self._wm_ready, START_S, "window manager")
        self._notifyd("main")
        return self

    def _wm_ready(self):
        return self.dpy.screen().root.get_full_property(
            self.dpy.intern_atom("_NET_SUPPORTING_WM_CHECK"), 0)

    def _spawn(self, name, cmd, env=None, popen=None, **kw):
        log = f"{self.dir}/log/{name}.log"
        with open(log, "ab") as f:
            p = (popen or subprocess.Popen)(
                cmd, stdin=subprocess.DEVNULL, stdout=f, stderr=f, env=env or self.env,
                start_new_session=True, preexec_fn=die_with_parent, **kw)
        p.log = log
        self.procs.append(p)
        return p

    def bus(self, name):
        """Address of the named private session bus, started when new.  A path
        socket: an abstract one could not be reached from another netns."""
        if name not in self.buses:
            sock = f"{self.dir}/bus-{name}"
            self._spawn(f"dbus-{name}", ["dbus-daemon", "--session", "--nofork", "--nopidfile",
                                         f"--address=unix:path={sock}"])
            until(lambda: listens(sock), START_S, "dbus-daemon")
            self.buses[name] = f"unix:path={sock}"
        return self.buses[name]

    def environment(self, name):
        """Of programs on the named session bus."""
        return dict(self.env, DBUS_SESSION_BUS_ADDRESS=self.bus(name))

    def _notifyd(self, bus):
        f = f"{self.dir}/log/notifications-{bus}.jsonl"
        self._spawn(f"notifyd-{bus}", ["/usr/bin/python3", f"{HERE}/notifyd.py", f], env=self.environment(bus))
        until(lambda: "ready" in open(f).read(), START_S, "notification daemon")

    def stop(self):
        for p in reversed(self.procs):
            if p.poll() is None:
                try:
                    os.killpg(p.pid, signal.SIGTERM)
                except ProcessLookupError:
                    pass
        for p in self.procs:
            try:
                p.wait(3)
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGKILL)
                p.wait()
        if self.portal and os.path.ismount(f"{self.run}/doc"):
            subprocess.run(["umount", "-l", f"{self.run}/doc"], check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    # -- programs
    def launch(self, cmd, bus="main", popen=None, env=None, name=None, attach=True):
        """Starts a GTK program. bus: its session bus (two instances of a unique
        GApplication need two). popen: what to start it with instead of
        subprocess.Popen, say on a host of the lab. name: its AT-SPI application name
        where its pid is not ours."""
        if bus not in self.buses:
            self.bus(bus)
            self._notifyd(bus)
        e = self.environment(bus)
        e.update(env or {})
        p = self._spawn(f"app{len(self.procs)}", list(cmd), env=e, popen=popen)
        app = App(self, p, p.log, self._named(name) if name
                  else lambda node: self.bus_reader.process(node) == p.pid)
        app.scale = int(e.get("GDK_SCALE", 1))
        return app.attach() if attach else app

    def logs(self):
        """What the programs have said, in files."""
        return sorted(glob.glob(f"{self.dir}/log/app*.log"))

    # -- screen
    def _prop(self, w, name):
        p = w.get_full_property(self.dpy.intern_atom(name), 0)
        return p.value if p else None

    def xwindow(self, top):
        """x, y, w, h and shadow of the X window with the toplevel's title, which may just
        be changing."""
        return until(lambda: self._xwindow(top), WAIT_S, lambda: f"the X window of {top!r}")

    def _xwindow(self, top):
        top = top.toplevel()
        want, pid, best = top.name, top.app.proc.pid, None

        def walk(w, depth=0):
            nonlocal best
            for c in w.query_tree().children:
                try:
                    t = self._prop(c, "_NET_WM_NAME")
                    a = c.get_attributes()
                    # A tooltip has the title of its window.
                    if t is not None and t.decode("utf-8", "replace") == want \
                            and a.map_state == X.IsViewable and not a.override_redirect:
                        q = self._prop(c, "_NET_WM_PID")
                        if best is None or (q and q[0] == pid):
                            best = c
                    if depth < 3:
                        walk(c, depth + 1)
                except Exception:
                    continue
        walk(self.dpy.screen().root)
        if best is None:
            raise UiError(f"no X window titled {want!r}")
        g = best.get_geometry()
        o = best.translate_coords(self.dpy.screen().root, 0, 0)
        fe = self._prop(best, "_GTK_FRAME_EXTENTS")
        self.last_xid = best.id
        return -o.x, -o.y, g.width, g.height, tuple(fe) if fe else (0, 0, 0, 0)

    def above(self, top):
        """Titles of the windows that hide something of the toplevel's."""
        x, y, w, h, (left, right, up, down) = self.xwindow(top)
        own = x + left, y + up, x + w - right, y + h - down
        stacked = list(self._prop(self.dpy.screen().root, "_NET_CLIENT_LIST_STACKING"))
        found = []
        for xid in stacked[stacked.index(self.last_xid) + 1:]:
            window = self.dpy.create_resource_object("window", xid)
            g, o = window.get_geometry(), window.translate_coords(self.dpy.screen().root, 0, 0)
            a, b, c, d = self._prop(window, "_GTK_FRAME_EXTENTS") or (0, 0, 0, 0)
            other = -o.x + a, -o.y + c, -o.x + g.width - b, -o.y + g.height - d
            if (max(own[0], other[0]) < min(own[2], other[2])
                    and max(own[1], other[1]) < min(own[3], other[3])
                    and window.get_attributes().map_state == X.IsViewable):
                found.append((self._prop(window, "_NET_WM_NAME") or b"").decode())
        return found

    def popups(self):
        """x, y, w, h of the mapped popup windows, the newest first."""
        root, out = self.dpy.screen().root, []
        for c in root.query_tree().children:
            try:
                a, g = c.get_attributes(), c.get_geometry()
                if a.override_redirect and a.map_state == X.IsViewable and g.width > 1:
                    o = c.translate_coords(root, 0, 0)
                    out.insert(0, (-o.x, -o.y, g.width, g.height))
            except Exception:
                continue
        return out

    def screenshot(self, path, window=None):
        cmd = ["import", "-display", self.env["DISPLAY"], "-window", "root"]
        if window is not None:
            x, y, w, h, (l, r, t, b) = self.xwindow(window)
            cmd += ["-crop", f"{w - l - r}x{h - t - b}+{x + l}+{y + t}", "+repage"]
        subprocess.run(cmd + [path], check=True, env=self.env)
        return path

    # -- hands
    def xdo(self, *args):
        subprocess.run(["xdotool", *args], env=self.env, check=True)

    def move(self, x, y):
        self.hands.move(x, y)

    @contextlib.contextmanager
    def _taken(self):
        """What is pressed meanwhile has been taken by the program whose window was active."""
        window = self.pings.active()
        yield
        self.pings.wait(window)

    def click(self, button=1, count=1):
        with self._taken():
            self.hands.click(button, count)

    def key(self, *keys):
        with self._taken():
            self.hands.key(*keys)

    def type(self, text):
        """Types with key events. What the US keyboard lacks is pasted from the clipboard:
        another keyboard for each such character would keep GTK busy for seconds."""
        if self.hands.can_type(text):
            with self._taken():
                self.hands.type(text)
        else:
            self.set_clipboard(text)
            self.key("ctrl+v")

    def place(self, widget, x, y):
        """Move a widget's window, so that it (not its shadow, but a frame that the window
        manager drew) begins there. One that has not placed it yet would do so afterwards:
        until it stays."""
        def there():
            wx, wy, _, _, (left, _, top, _) = self.xwindow(widget)
            drawn = self._prop(self.dpy.create_resource_object("window", self.last_xid),
                               "_NET_FRAME_EXTENTS") or (0, 0, 0, 0)
            at = wx + left - drawn[0], wy + top - drawn[2]
            if at != (x, y):
                self.xdo("windowmove", str(self.last_xid), str(x - left), str(y - top))
                time.sleep(0.1)
            return at == (x, y)
        until(there, WAIT_S, f"window to move to {x}, {y}")

    def resize(self, widget, width, height):
        """Asks for a size of a widget's window, shadow not counted."""
        _, _, _, _, (left, right, top, bottom) = self.xwindow(widget.toplevel())
        self.xdo("windowsize", str(self.last_xid), str(width + left + right),
                 str(height + top + bottom))

        def has_it():
            _, _, w, h, (left, right, top, bottom) = self.xwindow(widget.toplevel())
            return (w - left - right, h - top - bottom) == (width, height)
        time.sleep(0.3)
        with contextlib.suppress(UiError):
            until(has_it, RESIZED_S)

    def focus(self, widget, timeout=WAIT_S):
        """Make the widget's window the active one and wait until it is. Of a program: any
        window of it, as a dialog keeps the others from becoming active."""
        top = widget.toplevel()
        self.xwindow(top)
        xid = self.last_xid
        pid = widget.app.proc.pid if widget is widget.app else None
        if not self.wm:
            return self.xdo("windowfocus", str(xid))

        def active():
            p = self._prop(self.dpy.screen().root, "_NET_ACTIVE_WINDOW")
            if pid is None or not p or not p[0] or p[0] == xid:
                return p and p[0] == xid
            return (self._prop(self.dpy.create_resource_object("window", p[0]),
                               "_NET_WM_PID") or [None])[0] == pid

        def activate():
            """Again, as a window manager ignores what it takes for older than a click."""
            if active():
                return True
            self.xdo("windowactivate", str(xid))
            time.sleep(0.2)
            return active()
        until(activate, timeout, lambda: f"{top!r} to become active", step=0.3)

    def choose_file(self, path, title, app):
        """Answer an open GTK file chooser (in the program, or the portal's:
        then app=s.other("xdg-desktop-portal-gtk")) by typing an absolute path."""
        def open_now():
            return [w for w in app.windows() if w.name == title]
        dlg = until(open_now, WAIT_S, f"chooser {title!r}")[0]
        self.focus(dlg)
        dlg.settle()
        entry = self._location(dlg)
        self.key("ctrl+a")
        self.type(os.fspath(path))
        time.sleep(0.4)

        def typed():
            """Without the selected rest that inline completion adds, when it comes to it; a
            folder's name is completed with a "/"."""
            if entry.text.rstrip("/") != os.fspath(path).rstrip("/"):
                self.key("Delete")
            return entry.text.rstrip("/") == os.fspath(path).rstrip("/")
        until(typed, WAIT_S, lambda: f"path {path} to be typed, is {entry.text}")
        for _ in range(3):      # choosing a folder: the first Return may only go into it
            if open_now():
                self.key("Return")
            with contextlib.suppress(UiError):
                until(lambda: not open_now(), RETURN_S)
                return
        until(lambda: not open_now(), WAIT_S, f"{title!r} to close")

    def _location(self, chooser):
        """The entry for a path, which a "/" opens that comes to the list of files; it has
        to have the keyboard for that."""
        def opened():
            found = chooser.all("text", pred=lambda w: "editable" in w.states
                                and w.text.startswith("/"))
            if not found:
                self.key("slash")
            return found
        return until(opened, WAIT_S, "the entry for a path", step=0.5)[0]

    def other(self, name, timeout=START_S):
        """A program on the accessibility bus that launch() did not start."""
        p = App(self, self.procs[0], self.procs[0].log, self._named(name))
        return p.attach(timeout)

    def _named(self, name):
        return lambda node: self.bus_reader.ask_one(node.property(ACCESSIBLE, "Name")) == name

    def drag(self, src, dst, steps=12, hold=0.06, settle=1.0, drop=True, over=None):
        """A real drag from widget/point src to widget/point dst; over() is called while it
        is held there."""
        x0, y0 = src.settle().point() if isinstance(src, Widget) else src
        x1, y1 = dst.settle().point() if isinstance(dst, Widget) else dst
        self.move(x0, y0)
        time.sleep(0.1)
        before = self.popups()
        self.hands.press()
        try:
            for i in range(1, steps + 1):
                self.move(x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps)
                time.sleep(hold)
            with contextlib.suppress(UiError):      # what is dragged has a window
                until(lambda: self.popups() != before, WAIT_S)
            for d in (1, 0, 1, 0):          # a hand is never quite still: XDND needs
                self.move(x1 + d, y1)       # a motion on the target before the drop
                time.sleep(settle / 4)
            if over:
                over()
                time.sleep(settle / 4)
            if not drop:                    # let go over nothing: a cancelled drag
                self.move(self.size[0] - 1, self.size[1] - 1)
                time.sleep(settle)
        finally:
            self.hands.release()
        time.sleep(0.2)

    def drag_file(self, paths, dst, at=None, keep=False, over=None):
        """Drag file(s) from another program's window (like a file manager)
        onto dst.  Returns what the source saw."""
        paths = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
        helper = os.environ.get("KNOTHOLE_DRAG_SOURCE")
        cmd = [helper] if helper else ["/usr/bin/python3", f"{HERE}/dragsource.py"]
        src = self.launch(cmd + [os.fspath(p) for p in paths])
        try:
            label = src.find("label", "Drag me")
            x, y, w, h, (l, r, t, b) = self.xwindow(dst.toplevel())
            self.place(label, *(at or (min(x + w + 10, self.size[0] - 260), max(y + t, 0))))
            for _ in range(DRAGS):
                before = len(src.output())
                self.drag(label, dst, over=over)
                until(lambda: re.search(r"drag-(end|cancel)", src.output()[before:]), WAIT_S,
                      "end of the drag")
                if "drag-cancel" not in src.output()[before:]:
                    break
            return src.output()
        finally:
            if not keep:
                src.proc.terminate()  # no wait: what a drop shows may not stay for long

    # -- notifications
    def notifications(self, bus="main", event="notify"):
        with open(f"{self.dir}/log/notifications-{bus}.jsonl") as f:
            # The last line may just be written.
            told = [json.loads(line) for line in f if line.endswith("\n")]
        return [d for d in told if event is None or d["event"] == event]

    def press_notification(self, nid, action="default", bus="main"):
        subprocess.run(["gdbus", "call", "--session", "-d", "org.freedesktop.Notifications",
                        "-o", "/org/freedesktop/Notifications", "-m", "io.github.knothole.Test.Invoke",
                        str(nid), action], env=self.environment(bus), check=True, stdout=subprocess.DEVNULL)

    # -- clipboard
    def clipboard(self, wanted=bool):
        """What is in it, once that is @wanted: a program says first that it has copied."""
        text = [""]

        def look():
            text[0] = subprocess.run(
                ["xclip", "-selection", "clipboard", "-o"], env=self.env, capture_output=True,
                text=True, timeout=WAIT_S).stdout
            return wanted(text[0])
        with contextlib.suppress(UiError):
            until(look, WAIT_S)
        return text[0]

    def set_clipboard(self, data, kind="UTF8_STRING"):
        """@data: text, or bytes, of the type that another program would say it has."""
        data = data.encode() if isinstance(data, str) else data
        subprocess.run(["xclip", "-selection", "clipboard", "-t", kind, "-i"], env=self.env,
                       input=data, timeout=WAIT_S, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        for _ in range(COPIED_ROUNDS):
            time.sleep(COPIED_S / COPIED_ROUNDS)
            self.bus_reader.go_around()

# SPDX-License-Identifier: GPL-3.0-or-later
"""Widgets of a running GTK 4 program: found through AT-SPI by role and accessible name,
operated with real pointer and key events.

    app.find("text", "Name").fill("Alice")
    app.find("push button", "Connect").click()
    print(app.find("label", re.compile("^Direct")).text)

Traps of GTK 4.8 that this knows: it has no screen coordinates (rect() adds the X window's
place, its shadow and its border), children of popovers tell a wrong place, what is on a page
that is not shown says that it is (visible() asks what is seen at that point), names double.
"""

import subprocess
import sys
import time

from accessible import (ACCESSIBLE, ACTION, COMPONENT, EDITABLE_TEXT, NOTHING, ROOT,
                        STATES, TEXT, VALUE, WINDOW_COORDINATES, Gone, Node)

WAIT_S = 20  # for what is nearly always there at once: a busy machine
STILL = 3  # readings in which a widget is in the same place: a frame may take one of them
N_SIMILAR = 25  # widgets that an error names
N_SHOWN = 60  # characters of each


class UiError(AssertionError):
    pass


class Ended(UiError):
    """The program is not running any more; waiting is of no use."""


def until(fn, timeout=WAIT_S, what="condition", step=0.05):
    """fn() until truthy; its exceptions count as not yet."""
    end = time.monotonic() + timeout
    last = None
    while True:
        try:
            v = fn()
            if v:
                return v
        except (Ended, NameError, TypeError, AttributeError):
            raise
        except Exception as e:  # a widget may vanish between two questions
            last = e
        if time.monotonic() > end:
            raise UiError(f"timed out after {timeout:g}s: {what() if callable(what) else what}"
                          + (f" ({last!r})" if last else ""))
        time.sleep(step)


def clean(name):
    """GTK 4.8 says '_Add Add' for a mnemonic button and 'Code Code' for a
    labelled one given a label twice: fold both to the visible text."""
    s = name.replace("_", "")
    h = len(s) // 2
    if len(s) % 2 and s[h] == " " and s[:h] == s[h + 1:]:
        return s[:h]
    return name


N_INSIDE = 3  # probes
NOWHERE = -1 << 30  # where GTK 3 says that something is which has no place


def probes(x, y, width, height):
    """Where a widget may be seen: its middle may be an icon's, which has no name, its
    corners are round, and a button tells the place of what is in it."""
    middle = y + height // 2
    return ((x + width // 2, middle), (x + width // 5, y + height // 5),
            (x + width * 4 // 5, y + height * 4 // 5), (x - 2, middle), (x + width + 1, middle))


def visible(widgets):
    """Those of them that can be seen: GTK 4.8 has no state that would tell."""
    if not widgets:
        return []
    session = widgets[0].s
    rects = session.bus_reader.ask(
        [w.node.question(COMPONENT, "GetExtents", "(u)", WINDOW_COORDINATES) for w in widgets])
    found = [(w, rect) for w, rect in zip(widgets, rects)
             if rect and rect[2] > 0 and rect[3] > 0 and rect[0] > NOWHERE]
    points = [[(w.toplevel().node, x, y) for x, y in probes(*rect)] for w, rect in found]
    seen = iter(session.bus_reader.at_points([point for some in points for point in some]))
    popups = session.popups()
    return [w for (w, _), some in zip(found, points)
            if w.is_seen_as([next(seen) for _ in some], popups)]


class Widget:
    """role and seen_name are what the walk saw that found it; all else is asked anew."""

    def __init__(self, app, node, parent=None, role="", name=""):
        self.app, self.node, self.parent, self.s = app, node, parent, app.s
        self.role, self.seen_name = role, clean(name)

    def ask(self, interface, method, *arguments):
        return self.s.bus_reader.ask_one(self.node.question(interface, method, *arguments))

    def get(self, interface, name):
        return self.s.bus_reader.ask_one(self.node.property(interface, name))

    # -- reading
    @property
    def name(self):
        return clean(self.get(ACCESSIBLE, "Name"))

    @property
    def description(self):
        return self.get(ACCESSIBLE, "Description")

    @property
    def states(self):
        low, high = self.ask(ACCESSIBLE, "GetState")
        bits = low | high << 32
        return {state for i, state in enumerate(STATES) if bits >> i & 1}

    @property
    def interfaces(self):
        return self.ask(ACCESSIBLE, "GetInterfaces")

    @property
    def text(self):
        """The text of an entry, text view, spin button or label."""
        if TEXT not in self.interfaces:
            return self.name
        # GTK 4.8: end = -1 reads as '' on labels and entries, so count first
        return self.ask(TEXT, "GetText", "(ii)", 0, self.get(TEXT, "CharacterCount"))

    @property
    def value(self):
        return self.get(VALUE, "CurrentValue")

    @property
    def actions(self):
        if ACTION not in self.interfaces:
            return []
        return [self.ask(ACTION, "GetName", "(i)", i)
                for i in range(self.get(ACTION, "NActions"))]

    def focused(self):
        """Has the keyboard."""
        return "focused" in self.states

    def sensitive(self):
        return "sensitive" in self.states

    def levels(self):
        """What is in it, level by level, itself first."""
        level = [self]
        while level:
            answers = self.s.bus_reader.read_level([w.node for w in level])
            below = []
            here = []
            for widget, answer in zip(level, answers):
                if answer is None:
                    continue
                widget.role, widget.seen_name = answer[0], clean(answer[1])
                widget.below = [Widget(self.app, node, widget) for node in answer[2]]
                below += widget.below
                here.append(widget)
            yield here
            level = below

    def walk(self):
        """All that is in it, itself first, in the order of the document."""
        known = {id(w) for level in self.levels() for w in level}

        def down(widget):
            if id(widget) in known:
                yield widget
                for child in widget.below:
                    yield from down(child)
        yield from list(down(self))

    @property
    def children(self):
        levels = self.levels()
        next(levels)
        return next(levels, [])

    def toplevel(self):
        w = self
        while w.parent is not None and w.parent is not w.app:
            w = w.parent
        return w if w is not self.app else until(self.windows, what="a window")[0]

    def _extents(self):
        rect = self.ask(COMPONENT, "GetExtents", "(u)", WINDOW_COORDINATES)
        return tuple(n * self.app.scale for n in rect)      # logical pixels, with GDK_SCALE

    def rect(self):
        """x, y, w, h on the screen.  GTK 4 gives coordinates relative to the
        toplevel's content only (SCREEN is not supported), so add the X window's
        place, the shadow (_GTK_FRAME_EXTENTS) and the CSS border."""
        top = self.toplevel()
        if self.app is self:
            return top.rect()
        pop = self.popover()
        x, y, w, h = self._extents()
        if pop:     # GTK 4.8 reports popover children without the popup's real
            px, py, pw, ph = pop._extents()         # place: use its X window's
            for ox, oy, ow, oh in self.s.popups():
                if 0 <= ow - pw < 16 and 0 <= oh - ph < 16:
                    return ox + (ow - pw) + x - px, oy + (oh - ph) + y - py, w, h
        wx, wy, ww, wh, (fl, fr, ft, fb) = self.s.xwindow(top)
        tx, ty, tw, th = top._extents()
        bx = (ww - fl - fr - tw) // 2
        by = (wh - ft - fb - th) // 2
        return wx + fl + bx + x - tx, wy + ft + by + y - ty, w, h

    def popover(self):
        """The popover this widget is in, or None.  GTK 4.8 names the popover's
        content; later versions do not, so there the size of a mapped popup
        window tells."""
        ups = self.s.popups()
        w = self
        while ups and w is not None and w is not self.app and w.role not in ("frame", "dialog"):
            if w.seen_name == "GtkPopoverContent":
                return w.parent
            try:
                _, _, width, height = w._extents()
                if any(0 <= ow - width < 8 and 0 <= oh - height < 8 for _, _, ow, oh in ups):
                    return w
            except Gone:
                pass
            w = w.parent
        return None

    def up(self):
        """Itself, and what it is in."""
        w = self
        while w is not None and w is not self.app:
            yield w
            w = w.parent

    def shown(self, timeout=WAIT_S):
        """Can be seen, where not another window is over it: now, or soon, as what was found
        may just be moving."""
        try:
            return bool(until(lambda: visible([self]), timeout))
        except UiError:
            return False

    def is_seen_as(self, nodes, popups):
        """@nodes are seen where it is: it, or something in it. What can't be used is no
        target, and what is in a popover is in a window of its own."""
        if self is self.toplevel():
            return True
        content = next((w for w in self.up() if w.seen_name == "GtkPopoverContent"), None)
        try:
            if content is not None:
                _, _, width, height = content.parent._extents()
                return any(0 <= ow - width < 16 and 0 <= oh - height < 16
                           for _, _, ow, oh in popups)
            return (any(node and self.holds(node) for node in nodes)
                    or not any(nodes[:N_INSIDE]) and self.is_inside()  # nameless drawings
                    or not self.sensitive() and any(w.node in nodes for w in self.up()))
        except Gone:
            return False

    def is_inside(self):
        """What it is in has room for it: a revealer that is closed has none."""
        rects = self.s.bus_reader.ask([w.node.question(
            COMPONENT, "GetExtents", "(u)", WINDOW_COORDINATES) for w in self.up()])
        if rects[0] is None:
            return False  # it has just gone
        x, y, w, h = rects[0]
        return all(rect and rect[0] <= x + w // 2 < rect[0] + rect[2]
                   and rect[1] <= y + h // 2 < rect[1] + rect[3] for rect in rects)

    def holds(self, node):
        while node.path not in (ROOT, NOTHING):
            if node == self.node:
                return True
            node = Node(*self.s.bus_reader.ask_one(node.property(ACCESSIBLE, "Parent")))
        return False

    # -- searching
    def all(self, role=None, name=None, shown=True, pred=None):
        rx = name if hasattr(name, "search") else None
        out = [w for w in self.walk()
               if (role is None or w.role == role)
               and (name is None or (rx.search(w.seen_name) if rx else w.seen_name == name))]
        if shown:
            out = visible(out)
        return [w for w in out if pred is None or self._judge(pred, w)]

    @staticmethod
    def _judge(pred, widget):
        try:
            return pred(widget)
        except Gone:
            return False

    def has(self, role=None, name=None, pred=None):
        """Whether there is one now."""
        self.app.check_running()
        return bool(self.all(role, name, pred=pred))

    def find(self, role=None, name=None, timeout=WAIT_S, shown=True, pred=None, nth=0):
        """The nth match (document order), waiting up to timeout."""
        got = []

        def look():
            self.app.check_running()
            got[:] = self.all(role, name, shown, pred)
            return len(got) > nth
        until(look, timeout, lambda: self._missing(role, name, pred))
        return got[nth]

    wait = find

    def _missing(self, role, name, pred):
        """What was looked for, and what of its kind there is instead."""
        there = [w.seen_name[:N_SHOWN] for w in self.all(role) if w.seen_name] if role else []
        text = f"widget role={role!r} name={getattr(name, 'pattern', name)!r}"
        if pred is not None:
            text += " with a condition"
        if there:
            text += f"; there are {there[:N_SIMILAR]}{' and more' * (len(there) > N_SIMILAR)}"
        return text

    def focus_path(self):
        """What has the keyboard, and what that is in: names, the innermost first."""
        ways = self.s.bus_reader.focused(self.node)
        names = self.s.bus_reader.ask([node.property(ACCESSIBLE, "Name")
                                       for node in (ways[-1] if ways else ())])
        return [clean(name) for name in reversed(names) if name is not None]

    def gone(self, role=None, name=None, timeout=WAIT_S, pred=None):
        until(lambda: not self.has(role, name, pred), timeout,
              f"no more role={role!r} name={getattr(name, 'pattern', name)!r}")

    # -- operating, as a person
    def point(self):
        x, y, w, h = self.rect()
        return x + w // 2, y + h // 2

    def settle(self, timeout=WAIT_S):
        """Wait until the widget stays in one place (animations, relayout)."""
        last = []

        def still():
            last.append(self.rect())
            return len(last) >= STILL and len(set(last[-STILL:])) == 1
        until(still, timeout, f"{self!r} to stand still", step=0.08)
        return self

    def hover(self):
        self.settle()
        self.s.move(*self.point())
        return self

    def click(self, button=1, count=1):
        self.hover()
        before = self.s.popups() if self.popover() else None
        self.s.click(button, count)
        if before:      # GTK loses a click that comes while a popover closes
            end = time.monotonic() + 3
            while self.s.popups() == before and time.monotonic() < end:
                time.sleep(0.05)
            time.sleep(0.3)
        return self

    def fill(self, text):
        """Click into a text field, replace what it holds by typing."""
        self.click()
        self.s.key("ctrl+a")
        self.s.type(text)
        return self.reads(text)

    def reads(self, text, timeout=WAIT_S):
        """Waits until it has this text."""
        until(lambda: self.text == text, timeout,
              lambda: f"{self!r} to read {text!r}, reads {self.text!r}")
        return self

    # -- operating through AT-SPI
    def do(self, action=0):
        acts = self.actions
        if not acts:
            raise UiError(f"{self!r} has no AT-SPI action: use click()")
        i = acts.index(action) if isinstance(action, str) else action
        if not self.ask(ACTION, "DoAction", "(i)", i):
            raise UiError(f"{self!r}: action {acts[i]} failed")
        return self

    def set_text(self, text):
        self.ask(EDITABLE_TEXT, "SetTextContents", "(s)", text)
        return self

    def dump(self, file=None):
        """The tree, a line for each widget."""
        depths = {id(self.parent): -1}
        for w in self.walk():
            depth = depths[id(w)] = depths[id(w.parent)] + 1
            print("  " * depth + w.describe(), file=file or sys.stdout)

    def describe(self):
        try:
            text = self.text
            shown = "" if self is self.app or visible([self]) else " HIDDEN"
            states = self.states - {"enabled", "sensitive", "visible", "focusable", "showing"}
            off = "" if self.sensitive() else " insensitive"
            return (f"{self.role} {self.seen_name!r}"
                    + (f" text={text!r}" if text != self.seen_name else "")
                    + (f" ({self.description})" if self.description else "")
                    + (f" {sorted(states)}" if states else "") + off + shown)
        except Gone:
            return f"{self.role} {self.seen_name!r} <gone>"

    def __repr__(self):
        return f"<{self.role} {self.seen_name!r}>"


class App(Widget):
    def __init__(self, s, proc, log, match):
        self.s = s
        super().__init__(self, None)
        self.proc, self.log = proc, log
        self._match = match
        self.scale = 1

    def attach(self, timeout=3 * WAIT_S):
        def look():
            self.check_running()
            for node in self.s.bus_reader.programs():
                if self._match(node):
                    self.node = node
                    return bool(self.children)
            return False
        until(look, timeout, "application on the accessibility bus")
        return self

    def check_running(self):
        if self.proc.poll() is not None:
            raise Ended(f"program ended with {self.proc.returncode}: {self.output()[-2000:]}")

    def output(self):
        with open(self.log, errors="replace") as f:
            return f.read()

    def windows(self):
        return self.children

    def quit(self, timeout=5):
        if self.proc.poll() is None:
            self.proc.terminate()
            try:
                self.proc.wait(timeout)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait()
        return self.proc.returncode

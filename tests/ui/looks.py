# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be checked of how a page looks without eyes: that it is inside its window, that
nothing is squeezed to nothing, and that whatever takes the keyboard has a name.

    page = read_page(dialog)
    print(page.beyond(), page.squeezed(), page.nameless())

Each rule names what breaks it, and nothing else. Pixels are logical ones.
"""

import dataclasses
import re

from accessible import ACCESSIBLE, COMPONENT, STATES, WINDOW_COORDINATES
from widgets import visible

# A header bar covers the edge of its window.
EDGE = 1
# Less of a line of text, or of a button, is nothing to read or to hit.
LEAST_TEXT = 8
LEAST_BUTTON = 20
# What says what it is by a name of its own; rows of lists are named by what is in them.
NAMED = {"push button", "toggle button", "check box", "radio button", "entry", "text",
         "password text", "combo box", "spin button", "slider", "list"}
PRESSED = {"push button", "toggle button"}
# Inside of these what is too high scrolls.
SCROLLING = {"scroll pane", "list", "tree", "viewport"}


def is_nameless(name):
    """Where there is no name, GTK 4.8 gives that of the widget's type."""
    return re.fullmatch(r"\s*|(Gtk|Adw|Kh)[A-Z]\w*", name) is not None


@dataclasses.dataclass
class Part:
    role: str
    name: str
    rect: tuple
    states: frozenset = frozenset()
    scrolled: bool = False
    widget: object = None

    def __str__(self):
        return f"{self.role} {self.name!r} at {self.rect}"


class Page:
    """@size: of the window. @is_seen (parts): those of them that a person can see, where
    it is asked only about what breaks a rule."""

    def __init__(self, size, parts, is_seen=list):
        self.size, self.parts, self.is_seen = size, parts, is_seen

    def _those(self, breaks):
        return [str(part) for part in self.is_seen([p for p in self.parts if breaks(p)])]

    def beyond(self):
        """What is partly outside of the window; downwards only what does not scroll."""
        width, height = self.size

        def breaks(part):
            x, y, w, h = part.rect
            return (w > 0 and h > 0
                    and (x < -EDGE or x + w > width + EDGE
                         or not part.scrolled and (y < -EDGE or y + h > height + EDGE)))
        return self._those(breaks)

    def squeezed(self):
        """Texts and buttons that are there and have no room."""
        def breaks(part):
            _, _, w, h = part.rect
            if w <= 0 or h <= 0:  # not on the page that is shown
                return False
            if part.role == "label":
                return len(part.name.strip()) > 1 and min(w, h) < LEAST_TEXT
            return part.role in PRESSED and min(w, h) < LEAST_BUTTON
        return self._those(breaks)

    def nameless(self):
        """What takes the keyboard and does not say what it is."""
        return self._those(lambda part: part.role in NAMED and "focusable" in part.states
                           and is_nameless(part.name) and min(part.rect[2:]) > 0)


def read_page(toplevel):
    """As it is now."""
    widgets, scrolled = [], {}
    for level in toplevel.levels():
        for widget in level:
            parent = widget.parent
            scrolled[id(widget)] = (scrolled.get(id(parent), False)
                                    or getattr(parent, "role", "") in SCROLLING)
            widgets.append(widget)
    answers = toplevel.s.bus_reader.ask(
        [question for w in widgets for question in (
            w.node.question(COMPONENT, "GetExtents", "(u)", WINDOW_COORDINATES),
            w.node.question(ACCESSIBLE, "GetState"))])
    parts = []
    for i, widget in enumerate(widgets):
        rect, bits = answers[2 * i:2 * i + 2]
        if rect and bits:
            parts.append(Part(widget.role, widget.seen_name, tuple(rect), states_of(bits),
                              scrolled[id(widget)], widget))
    x, y, width, height = parts[0].rect

    def is_seen(found):
        seen = {id(widget) for widget in visible([part.widget for part in found])}
        return [part for part in found if id(part.widget) in seen]

    for part in parts:
        part.rect = (part.rect[0] - x, part.rect[1] - y, *part.rect[2:])
    return Page((width, height), parts, is_seen)


def states_of(bits):
    number = bits[0] | bits[1] << 32
    return frozenset(state for i, state in enumerate(STATES) if number >> i & 1)
